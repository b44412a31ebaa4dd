"""What a newcomer finds after the first `make run`: a county at the end of an assessment year."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bole.client import Client, read_accounts
from demo.people import UNITS, Official, officials
from demo.workbooks import write_results, write_roster

ZONE = ZoneInfo("Asia/Shanghai")
ASSESSED = UNITS[:6]  # units whose results are in
CONFIRMED = UNITS[:5]  # units whose results another officer has confirmed
ROSTER = "/api/v1/selection/roster/imports"
CYCLES = "/api/v1/supervision/cycles"


def today() -> date:
    """The day in the county."""
    return datetime.now(ZONE).date()


def load(base_url: str, accounts_file: Path) -> None:
    """Fill a new suite over HTTP: the roster, last year's cycle, results, an appointment.

    Five units are confirmed (with what follows visible in the dossiers) and one waits on the worklist.

    Raises:
        bole.client.Answered, bole.client.Unreachable: the suite refused or did not answer.
    """
    passwords = read_accounts(Path(accounts_file))

    def sign_in(account: str) -> Client:
        return Client(base_url, account, passwords[account], within_seconds=60)

    people = officials()
    selection = sign_in("selection.officer.1")
    enters, confirms = sign_in("supervision.officer.1"), sign_in("supervision.officer.2")
    with tempfile.TemporaryDirectory(prefix="bole-demo-") as folder:
        roster = write_roster(people, Path(folder) / "roster.xlsx")
        recorded = selection.send_file(ROSTER, roster)["position"]
        cycle = enters.post(CYCLES, {"year": today().year - 1})
        enters.get_at_least(recorded, f"{CYCLES}/{cycle['id']}")
        assessed = [one for one in people if one.unit in ASSESSED]
        results = write_results(
            zip(assessed, scores(len(assessed)), strict=True), Path(folder) / "results.xlsx"
        )
        enters.send_file(f"{CYCLES}/{cycle['id']}/results", results)
    units = {unit["unit_id"]: unit["name"] for unit in selection.pages("/api/v1/selection/units")}
    chosen = [
        {"result_id": result["id"]}
        for result in enters.pages(f"{CYCLES}/{cycle['id']}/results", state="proposed")
        if units[result["unit_id"]] in CONFIRMED
    ]
    confirms.post(f"{CYCLES}/{cycle['id']}/confirmations", {"results": chosen})
    selection.get_at_least(recorded, "/api/v1/people")
    selection.post("/api/v1/selection/appointments", promotion(selection, people[-1], today()))
    for client in (selection, enters, confirms):
        client.close()


def scores(count: int) -> list[Sequence[float]]:
    """Item scores in a plausible spread; every twentieth person fails."""
    chance = random.Random(2010)  # noqa: S311
    middles = [
        chance.choice((64, 57)) if place % 20 == 13 else chance.randint(78, 93) for place in range(count)
    ]
    return [[min(100, middle + chance.randint(-3, 3)) for _ in range(5)] for middle in middles]


def promotion(client: Client, person: Official, day: date) -> dict[str, Any]:
    """A promotion of one person within the unit, decided and in effect on one day."""
    return {
        "kind": "promotion",
        "person_id": person_id(client, person),
        "unit": person.unit,
        "post": f"{person.unit}副职",
        "is_leader": True,
        "decided_on": str(day),
        "effective_on": str(day),
        "document": f"古组任〔{day.year}〕1号",
    }


def person_id(client: Client, person: Official) -> str:
    """The suite's identifier of a person, looked up by number. Raises LookupError."""
    for found in client.pages("/api/v1/people", q=person.number):
        if found["number"] == person.number:
            return str(found["person_id"])
    raise LookupError(f"nobody with number {person.number}")
