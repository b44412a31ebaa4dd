"""The commands that look into a suite's databases: journal, verify, parked, events."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from bole.cli.main import cli
from bole.clock import Clock
from bole.config import read_settings
from bole.delivery.cursors import Line
from bole.delivery.failure import CRASHED
from bole.delivery.parked import park
from bole.identifiers import new_id
from bole.journal import journal
from bole.run import building
from bole.store.database import Database
from contracts.care.events import TalkHeld
from contracts.selection.events import PersonRecorded

NAME = "欧阳无名"


def bole(*arguments: str, var: Path) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--var", str(var)])


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """A data folder with the databases of a suite that was stopped: one person recorded, one talk held."""
    folder = tmp_path / "var"
    folder.mkdir()
    for owner in building.owners():
        with_database(folder, owner).dispose()
    selection, care = with_database(folder, "selection"), with_database(folder, "care")
    person = new_id()
    recorded = PersonRecorded(person_id=person, number="000001", name=NAME)
    selection.transact(lambda work: work.announce(recorded), actor="selection.officer.1", subjects=[person])
    held = TalkHeld(talk_id=new_id(), person_id=person, held_on=date(2026, 8, 3))
    care.transact(lambda work: work.announce(held), actor="care.officer.1", subjects=[person])
    selection.dispose()
    care.dispose()
    return folder


def with_database(folder: Path, owner: str) -> Database:
    database = building.open_database(read_settings({}, var=folder), owner, Clock())
    building.migrate_all([database])
    return database


@pytest.fixture
def parked(var: Path) -> UUID:
    """An event of selection that killed care's process three times."""
    selection, care = with_database(var, "selection"), with_database(var, "care")
    with selection.reading() as session:
        (envelope,) = journal.read(session, selection, after=0, limit=1)
    care.transact(
        lambda work: park(work.session, Line("care", "selection", 0), envelope, CRASHED, work.now),
        actor="care",
        subjects=envelope.subjects,
    )
    selection.dispose()
    care.dispose()
    return envelope.id


def test_a_journal_says_who_did_what_and_names_nobody(var: Path):
    shown = bole("journal", "selection", var=var)

    assert shown.exit_code == 0
    assert "selection.person_recorded.v1" in shown.output
    assert "selection.officer.1" in shown.output
    assert NAME not in shown.output


def test_a_journal_says_everything_only_when_asked(var: Path):
    shown = bole("journal", "selection", "--payload", "--json", var=var)

    assert json.loads(shown.output)["payload"]["name"] == NAME


def test_a_journal_is_read_from_a_position_on(var: Path):
    assert "has no entry after position 1" in bole("journal", "selection", "--after", "1", var=var).output


def test_untouched_journals_verify(var: Path):
    verified = bole("verify", "--json", var=var)

    assert verified.exit_code == 0
    entries = {one["service"]: one["entries"] for one in json.loads(verified.output)}
    assert entries == {"selection": 1, "care": 1, "supervision": 0, "training": 0, "gateway": 0}


def test_an_edited_entry_is_found_and_ends_with_exit_code_1(var: Path):
    with sqlite3.connect(var / "selection.sqlite") as file:
        file.execute("UPDATE bole_entry SET actor = 'somebody.else'")
    file.close()

    verified = bole("verify", "selection", "care", var=var)

    assert verified.exit_code == 1
    assert "BAD  position 1" in verified.output
    assert "care         ok" in verified.output


def test_a_service_that_does_not_exist_is_said_with_those_that_do(var: Path):
    said = bole("verify", "kitchen", var=var)

    assert said.exit_code == 2
    assert "training" in said.output


def test_a_folder_without_a_suite_is_said_with_what_to_do(tmp_path: Path):
    said = bole("verify", var=tmp_path)

    assert said.exit_code == 2
    assert "bole up" in said.output
    assert list(tmp_path.iterdir()) == []


def test_nothing_parked_is_said(var: Path):
    assert bole("parked", "list", var=var).output == "Nothing is parked.\n"


def test_what_is_parked_is_listed_without_what_it_says(var: Path, parked: UUID):
    shown = bole("parked", "list", var=var)

    assert str(parked) in shown.output
    assert "care: 1 failed (crashed)" in shown.output
    assert "  ProcessDied\n  the process died each time it took this event\n" in shown.output
    assert NAME not in shown.output
    assert NAME not in bole("parked", "list", "--json", var=var).output


def test_what_is_parked_is_released_once_and_journalled(var: Path, parked: UUID):
    assert bole("parked", "retry", "care", "--all", var=var).output.startswith("1 released")
    assert bole("parked", "retry", "care", "--all", var=var).output.startswith("0 released")

    assert bole("verify", "care", "--json", var=var).exit_code == 0
    assert json.loads(bole("verify", "care", "--json", var=var).output)[0]["entries"] == 2


def test_one_of_the_ways_to_choose_is_needed(var: Path, parked: UUID):
    refused = bole("parked", "retry", var=var)

    assert refused.exit_code == 1
    assert "one event" in refused.output


def test_what_is_parked_is_given_up_with_a_reason(var: Path, parked: UUID):
    assert bole("parked", "skip", "care", str(parked), var=var).exit_code == 2

    assert bole("parked", "skip", "care", str(parked), "--reason", "recorded twice", var=var).exit_code == 0
    assert bole("parked", "skip", "care", str(parked), "--reason", "recorded twice", var=var).exit_code == 1
    assert bole("parked", "list", var=var).output == "Nothing is parked.\n"


def test_an_event_says_who_announces_it_and_who_listens():
    (shown,) = json.loads(
        CliRunner().invoke(cli, ["events", "supervision.result_confirmed", "--json"]).output
    )

    assert shown["announced_by"] == "supervision"
    assert {"selection", "training", "care"} <= {method.split(".")[0] for method in shown["heard_by"]}
    assert shown["fields"]["grade"] == "Grade | None"


def test_an_unknown_event_is_said():
    said = CliRunner().invoke(cli, ["events", "kitchen.dinner_served"])

    assert said.exit_code == 1
    assert "kitchen.dinner_served" in said.output
