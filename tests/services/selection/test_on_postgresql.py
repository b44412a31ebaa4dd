"""The same on PostgreSQL, where subjects are locked one by one and what was read is read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contracts.selection.calls import BEGIN_INSPECTION, NOMINATE
from contracts.selection.events import CandidacyChanged, PersonRecorded, UnitRecorded
from services.selection.service import SelectionService
from tests.services.alone import alone
from tests.services.neighbours import a_result
from tests.services.selection.conftest import ANSWERS
from tests.services.selection.rosters import OFFICER, a_roster, take


def test_a_roster_is_taken_changed_and_followed_by_a_bar(
    new_database: Callable[..., str], tmp_path: Path
) -> None:
    with alone(SelectionService, ANSWERS, tmp_path, url=new_database()) as selection:
        people = [{"工作证号": f"{number:04}", "单位": f"单位{number % 3}"} for number in range(250)]
        assert take(selection, a_roster(*people), dry_run=True)["counts"]["new"] == 250
        assert selection.said() == []
        assert take(selection, a_roster(*people))["counts"]["new"] == 250
        assert len(selection.said(UnitRecorded)) == 3
        moved = [person | {"单位": "单位新"} for person in people[:20]]
        counts = take(selection, a_roster(*moved, *people[20:]))["counts"]
        assert (counts["updated"], counts["unchanged"]) == (20, 230)

        person = selection.said(PersonRecorded)[-1]
        about = {"person_id": person.person_id, "unit_id": person.unit_id}
        body = {field: str(id) for field, id in about.items()} | {"post": "主任"}
        candidacy = selection.call(NOMINATE, OFFICER, body=body)["candidacy_id"]
        selection.call(BEGIN_INSPECTION, OFFICER, path={"candidacy_id": candidacy})
        selection.hears(a_result(**about))
        assert [said.state for said in selection.said(CandidacyChanged)] == [
            "nominated",
            "inspection",
            "held",
        ]
