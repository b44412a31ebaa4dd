"""A service from a department's own distribution appears without any file here being edited."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bole.client import Answered, Client, read_accounts
from bole.identifiers import new_id
from bole.testing.suite import Suite, embedded_suite

FIFTH = Path(__file__).parent / "fifth"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite with the fifth service installed beside it, from its own distribution."""
    folder = tmp_path_factory.mktemp("fifth")
    source = shutil.copytree(FIFTH, folder / "source")  # building leaves its traces there
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", folder / "installed", source], check=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(folder / "installed"))
        with embedded_suite(folder / "suite") as running:
            yield running


def by(suite: Suite, account: str) -> Client:
    return Client(suite.base_url, account, read_accounts(suite.accounts_file)[account])


def test_its_calls_are_documented_and_its_officers_have_accounts(suite: Suite):
    officer = by(suite, "reading.officer.1")

    assert "/api/v1/reading/notes" in officer.get("/openapi.json")["paths"]
    assert "reading.note_handed_in.v1" in str(officer.get("/asyncapi.json"))
    assert "reading.hand_in" in officer.get("/api/v1/me")["permissions"]


def test_it_hears_the_others_and_what_it_says_stands_in_the_dossier(suite: Suite):
    selection, reading = by(suite, "selection.officer.1"), by(suite, "reading.officer.1")
    row = {"number": "000001", "name": "某甲", "unit": "某单位"}
    job = selection.post_rows("/api/v1/selection/roster/imports", [row])
    person = selection.get_at_least(job["position"], "/api/v1/people")["items"][0]["person_id"]
    note = {"person_id": person, "title": "某书", "letters": 800}

    made = suite.wait_until(lambda: _handed_in(reading, note))
    dossier = reading.get_at_least(made["position"], f"/api/v1/people/{person}")

    assert made["enough"]
    assert [one["title"] for one in dossier["parts"]["reading"]["notes"]] == ["某书"]


def _handed_in(reading: Client, note: dict[str, object]) -> dict[str, object] | None:
    """The answer, once the service has heard of the person."""
    try:
        return reading.post("/api/v1/reading/notes", note)
    except Answered as refused:
        if refused.status != 404:
            raise
        return None


def test_its_refusals_reach_the_client(suite: Suite):
    note = {"person_id": str(new_id()), "title": "某书", "letters": 1}

    with pytest.raises(Answered) as unknown:
        by(suite, "reading.officer.1").post("/api/v1/reading/notes", note)
    with pytest.raises(Answered) as forbidden:
        by(suite, "care.officer.1").post("/api/v1/reading/notes", note)

    assert unknown.value.status == 404
    assert forbidden.value.problem["permission"] == "reading.hand_in"
