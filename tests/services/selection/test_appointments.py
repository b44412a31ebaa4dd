"""Decided changes of post, on the day they take effect, and the probation after a promotion (SEL-16)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from bole import errors
from contracts.selection.calls import (
    DECIDE_PROBATION,
    GET_APPOINTMENT,
    LIST_CANDIDACIES,
    NOMINATE,
    RECORD_APPOINTMENT,
)
from contracts.selection.events import (
    Appointed,
    PersonRecorded,
    ProbationDecided,
    ProbationEnded,
    SelectionWorkClosed,
    SelectionWorkOpened,
)
from tests.services.alone import Alone, account
from tests.services.selection.rosters import OFFICER, a_roster, take

OTHER_OFFICER = account("he", "selection.officer")


@pytest.fixture
def person(selection: Alone) -> PersonRecorded:
    """张三, deputy head of the office; the clock stands on 2026-03-10."""
    take(selection, a_roster({}, {"工作证号": "2", "姓名": "李四", "单位": "县医院"}))
    found: PersonRecorded = selection.said(PersonRecorded)[0]
    return found


def an_appointment(person: PersonRecorded, **stated: Any) -> dict[str, Any]:
    """A promotion decided and in effect on 2026-03-09."""
    entry = {
        "kind": "promotion",
        "person_id": str(person.person_id),
        "post": "主任",
        "is_leader": True,
        "decided_on": "2026-03-09",
        "effective_on": "2026-03-09",
        "document": "古组干〔2026〕7号",
    } | stated
    return {field: said for field, said in entry.items() if said is not None}


def a_leaving(person: PersonRecorded, **stated: Any) -> dict[str, Any]:
    return an_appointment(person, **{"kind": "leaving", "post": None, "is_leader": None} | stated)


def record(selection: Alone, entry: dict[str, Any]) -> Any:
    return selection.call(RECORD_APPOINTMENT, OFFICER, body=entry)


def test_a_promotion_changes_the_post_and_begins_a_year_of_probation(
    selection: Alone, person: PersonRecorded
) -> None:
    view = record(selection, an_appointment(person, rank="三级主任科员"))
    assert (view["state"], view["probation"], view["probation_until"]) == (
        "in_effect",
        "running",
        "2027-03-08",
    )
    [appointed] = selection.said(Appointed)
    assert appointed == Appointed(
        appointment_id=UUID(view["appointment_id"]),
        person_id=person.person_id,
        kind="promotion",
        unit_id=person.unit_id,
        unit="县委办公室",
        post="主任",
        from_unit_id=person.unit_id,
        from_unit="县委办公室",
        from_post="副主任",
        is_leader=True,
        decided_on=date(2026, 3, 9),
        effective_on=date(2026, 3, 9),
        document="古组干〔2026〕7号",
        probation_until=date(2027, 3, 8),
        source=view["source"],
    )
    now = selection.said(PersonRecorded)[-1]
    assert (now.post, now.rank, now.appointed_on, now.level_since) == (
        "主任",
        "三级主任科员",
        date(2026, 3, 9),
        date(2026, 3, 9),
    )
    assert now.number == "0012"


def test_an_exchange_names_the_new_unit_and_keeps_the_level(selection: Alone, person: PersonRecorded) -> None:
    record(selection, an_appointment(person, kind="exchange", unit="县 医院", post="副院长"))
    now = selection.said(PersonRecorded)[-1]
    assert (now.unit, now.post, now.level_since) == ("县医院", "副院长", date(2017, 3, 1))
    assert selection.said(Appointed)[-1].probation_until is None


def test_an_exchange_within_the_unit_leads_to_another_post(selection: Alone, person: PersonRecorded) -> None:
    record(selection, an_appointment(person, kind="exchange", unit="县委办公室", post="督查室主任"))
    assert selection.said(PersonRecorded)[-1].post == "督查室主任"


def test_an_appointment_of_the_future_changes_the_post_on_its_day(
    selection: Alone, person: PersonRecorded
) -> None:
    view = record(selection, an_appointment(person, effective_on="2026-04-01"))
    assert view["state"] == "scheduled"
    recorded = len(selection.said(PersonRecorded))
    selection.on(date(2026, 3, 31))
    assert len(selection.said(PersonRecorded)) == recorded
    selection.on(date(2026, 4, 1))
    assert selection.said(PersonRecorded)[-1].post == "主任"
    path = {"appointment_id": view["appointment_id"]}
    assert selection.call(GET_APPOINTMENT, OFFICER, path=path)["state"] == "in_effect"


def test_whoever_leaves_holds_the_post_to_the_end_of_the_last_day(
    selection: Alone, person: PersonRecorded
) -> None:
    nomination = {"person_id": str(person.person_id), "unit_id": str(person.unit_id), "post": "主任"}
    selection.call(NOMINATE, OFFICER, body=nomination)
    view = record(selection, a_leaving(person, effective_on="2026-03-31"))
    assert (view["post"], view["unit_id"], view["probation"]) == ("副主任", None, None)
    selection.on(date(2026, 3, 31))
    assert selection.said(PersonRecorded)[-1].unit_id is not None
    selection.on(date(2026, 4, 1))
    now = selection.said(PersonRecorded)[-1]
    assert (now.unit_id, now.unit, now.post, now.is_leader) == (None, "", "", False)
    [candidacy] = selection.call(LIST_CANDIDACIES, OFFICER)["items"]
    assert candidacy["state"] == "withdrawn"
    with pytest.raises(errors.Conflict):
        record(selection, an_appointment(person))


@pytest.mark.parametrize("stated", [{"elected": True}, {"is_leader": False}, {"kind": "adjustment"}])
def test_elected_and_plain_posts_know_no_probation(
    selection: Alone, person: PersonRecorded, stated: dict[str, Any]
) -> None:
    assert record(selection, an_appointment(person, **stated))["probation"] is None


def test_at_the_end_of_probation_another_officer_decides(selection: Alone, person: PersonRecorded) -> None:
    view = record(selection, an_appointment(person))
    path = {"appointment_id": view["appointment_id"]}
    decision = {"outcome": "confirmed", "decided_on": "2027-03-09"}
    with pytest.raises(errors.Conflict):  # it still runs
        selection.call(DECIDE_PROBATION, OTHER_OFFICER, path=path, body=decision)
    selection.on(date(2027, 3, 8))
    assert selection.said(ProbationEnded) == []
    selection.on(date(2027, 3, 9))
    [ended] = selection.said(ProbationEnded)
    assert ended.probation_ended_on == date(2027, 3, 8)
    [work] = selection.said(SelectionWorkOpened)
    assert (work.not_by, work.person_id) == (("wang",), person.person_id)

    with pytest.raises(errors.SamePerson):
        selection.call(DECIDE_PROBATION, OFFICER, path=path, body=decision)
    with pytest.raises(errors.Invalid):
        selection.call(
            DECIDE_PROBATION, OTHER_OFFICER, path=path, body=decision | {"outcome": "not_confirmed"}
        )
    assert (
        selection.call(DECIDE_PROBATION, OTHER_OFFICER, path=path, body=decision)["probation"] == "confirmed"
    )
    assert selection.said(ProbationDecided)[-1].probation == "confirmed"
    assert selection.said(SelectionWorkClosed)[-1].work_id == work.work_id


def test_a_later_appointment_makes_the_probation_moot(selection: Alone, person: PersonRecorded) -> None:
    first = record(selection, an_appointment(person))
    record(selection, an_appointment(person, kind="exchange", unit="县医院", post="院长", document="8号"))
    path = {"appointment_id": first["appointment_id"]}
    assert selection.call(GET_APPOINTMENT, OFFICER, path=path)["probation"] == "moot"
    selection.on(date(2027, 4, 1))
    assert selection.said(ProbationEnded) == []


def test_the_same_decision_is_recorded_once(selection: Alone, person: PersonRecorded) -> None:
    record(selection, an_appointment(person))
    with pytest.raises(errors.Conflict):
        record(selection, an_appointment(person))


@pytest.mark.parametrize(
    "stated",
    [
        {"effective_on": "2026-03-01"},  # before the decision
        {"decided_on": "2026-03-11", "effective_on": "2026-03-12"},  # decided tomorrow
        {"unit": "没有的单位"},
        {"unit_id": str(uuid4())},
        {"unit": "县医院", "unit_id": str(uuid4())},
        {"post": None},
        {"kind": "exchange"},  # where to?
        {"kind": "exchange", "unit": "县委 办公室", "post": "副主任"},  # where the person is already
        {"kind": "leaving"},  # with a new post
        {"kind": "demotion"},
        {"document": " "},
        {"surprise": 1},
    ],
)
def test_what_cannot_be_is_refused(selection: Alone, person: PersonRecorded, stated: dict[str, Any]) -> None:
    said = len(selection.said())
    with pytest.raises(errors.Invalid):
        record(selection, an_appointment(person, **stated))
    assert len(selection.said()) == said


def test_an_appointment_older_than_the_present_post_is_refused(
    selection: Alone, person: PersonRecorded
) -> None:
    with pytest.raises(errors.Conflict):
        record(selection, an_appointment(person, decided_on="2018-01-01", effective_on="2018-01-01"))


def test_people_out_of_scope_and_unknown_ones_are_not_found(selection: Alone, person: PersonRecorded) -> None:
    with pytest.raises(errors.NotFound):
        record(selection, an_appointment(person, person_id=str(uuid4())))
    elsewhere = account("he", "selection.officer", units=frozenset({uuid4()}))
    with pytest.raises(errors.NotFound):
        selection.call(RECORD_APPOINTMENT, elsewhere, body=an_appointment(person))
    view = record(selection, an_appointment(person))
    with pytest.raises(errors.NotFound):
        selection.call(GET_APPOINTMENT, elsewhere, path={"appointment_id": view["appointment_id"]})
    with pytest.raises(errors.Forbidden):
        selection.call(RECORD_APPOINTMENT, account("au", "auditor"), body=an_appointment(person))
