"""Return visits to people newly promoted: due after a promotion, paid once, closed for good."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bole import errors
from contracts.supervision import calls
from contracts.supervision.events import (
    ReturnVisitCalledOff,
    ReturnVisitDue,
    ReturnVisitHeld,
    SupervisionWorkClosed,
)
from tests.services.alone import account
from tests.services.neighbours import OTHER_UNIT, PERSON, UNIT, an_appointment
from tests.services.supervision.county import AUDITOR, HEAD, LI, Supervision


def a_report(**stated: Any) -> dict[str, Any]:
    """Paid on 2026-07-01, with two of the five steps."""
    return {
        "visited_on": "2026-07-01",
        "steps": ["opinions", "interviews"],
        "findings": "settled in; the old unit agrees",
    } | stated


@pytest.fixture
def visit(supervision: Supervision) -> dict[str, Any]:
    """Due after a promotion that took effect on 2026-03-10; it is the 2nd of July."""
    supervision.hears(an_appointment())
    supervision.on(date(2026, 7, 2))
    (listed,) = supervision.call(calls.LIST_RETURN_VISITS, LI)["items"]
    found: dict[str, Any] = listed
    return found


def record(supervision: Supervision, visit: dict[str, Any], by: Any = LI, **stated: Any) -> Any:
    path = {"visit_id": visit["id"]}
    return supervision.call(calls.RECORD_RETURN_VISIT, by, path=path, body=a_report(**stated))


def test_a_visit_that_was_paid_is_told_without_what_was_found_and_its_line_closes(
    supervision: Supervision, visit: dict[str, Any]
):
    recorded = record(supervision, visit)

    assert (recorded["state"], recorded["visited_on"]) == ("held", "2026-07-01")
    (held,) = supervision.said(ReturnVisitHeld)
    assert held.steps == ("opinions", "interviews")
    assert not any("settled in" in str(fact) for fact in supervision.said())
    (closed,) = supervision.said(SupervisionWorkClosed)
    assert str(closed.work_id) == visit["id"]


def test_it_is_never_overdue_once_it_was_paid(supervision: Supervision, visit: dict[str, Any]):
    record(supervision, visit)
    said = len(supervision.said())

    supervision.on(date(2026, 9, 11))

    assert len(supervision.said()) == said


def test_a_visit_paid_late_closes_its_overdue_line(supervision: Supervision, visit: dict[str, Any]):
    supervision.on(date(2026, 9, 20))

    record(supervision, visit, visited_on="2026-09-19")

    assert len(supervision.said(SupervisionWorkClosed)) == 1


def test_it_is_recorded_once(supervision: Supervision, visit: dict[str, Any]):
    record(supervision, visit)

    with pytest.raises(errors.Conflict):
        record(supervision, visit, by=HEAD)
    assert len(supervision.said(ReturnVisitHeld)) == 1


@pytest.mark.parametrize("day", ["2026-07-03", "2026-03-09"])
def test_it_lies_neither_in_the_future_nor_before_the_new_post(
    supervision: Supervision, visit: dict[str, Any], day: str
):
    with pytest.raises(errors.Invalid) as wrong:
        record(supervision, visit, visited_on=day)

    assert wrong.value.details["errors"][0]["at"] == "body.visited_on"


def test_nobody_visits_before_the_new_post_began(supervision: Supervision):
    supervision.hears(an_appointment(effective_on=date(2026, 4, 1)))
    (visit,) = supervision.call(calls.LIST_RETURN_VISITS, LI)["items"]

    with pytest.raises(errors.Invalid, match="from 2026-04-01 on, and today is 2026-03-10"):
        record(supervision, visit, visited_on="2026-03-10")


@pytest.mark.parametrize("steps", [[], ["opinions", "opinions"], ["a coffee"]])
def test_steps_are_some_of_the_five_each_named_once(
    supervision: Supervision, visit: dict[str, Any], steps: list[str]
):
    with pytest.raises(errors.Invalid) as wrong:
        record(supervision, visit, steps=steps)

    assert wrong.value.details["errors"][0]["at"].startswith("body.steps")


def test_an_officer_of_other_units_does_not_learn_of_it(supervision: Supervision, visit: dict[str, Any]):
    elsewhere = account("zhao", "supervision.officer", units=frozenset({OTHER_UNIT}))

    assert supervision.call(calls.LIST_RETURN_VISITS, elsewhere)["items"] == []
    with pytest.raises(errors.NotFound):
        supervision.call(calls.READ_RETURN_VISIT, elsewhere, path={"visit_id": visit["id"]})
    with pytest.raises(errors.NotFound):
        record(supervision, visit, by=elsewhere)


def test_visits_are_found_by_person_and_by_state(supervision: Supervision, visit: dict[str, Any]):
    def listed(**asked: Any) -> int:
        return len(supervision.call(calls.LIST_RETURN_VISITS, AUDITOR, query=asked)["items"])

    assert (listed(person_id=str(PERSON)), listed(person_id=str(UNIT))) == (1, 0)
    record(supervision, visit)
    assert (listed(state="due"), listed(state="held")) == (0, 1)
    detail = supervision.call(calls.READ_RETURN_VISIT, AUDITOR, path={"visit_id": visit["id"]})
    assert detail["findings"] == "settled in; the old unit agrees"


def test_a_visit_keeps_both_of_its_days(supervision: Supervision, visit: dict[str, Any]):
    (due,) = supervision.said(ReturnVisitDue)

    assert visit["effective_on"] == "2026-03-10"
    assert (visit["not_before"], visit["due_on"]) == (str(due.not_before), str(due.due_on))


def test_a_visit_to_somebody_who_leaves_is_called_off(supervision: Supervision, visit: dict[str, Any]):
    leaving = an_appointment(appointment_id=UNIT, kind="leaving", unit_id=None, unit="")
    supervision.hears(leaving)

    (called_off,) = supervision.said(ReturnVisitCalledOff)
    assert (str(called_off.visit_id), called_off.called_off_on) == (visit["id"], date(2026, 7, 2))
    (closed,) = supervision.said(SupervisionWorkClosed)
    assert str(closed.work_id) == visit["id"]
    with pytest.raises(errors.Conflict, match="called off already"):
        record(supervision, visit)
    said = len(supervision.said())
    supervision.on(date(2026, 9, 11))
    assert len(supervision.said()) == said


def test_a_visit_that_was_paid_stays_when_the_person_leaves(supervision: Supervision, visit: dict[str, Any]):
    record(supervision, visit)

    supervision.hears(an_appointment(appointment_id=UNIT, kind="leaving", unit_id=None, unit=""))

    assert supervision.said(ReturnVisitCalledOff) == []
    assert supervision.call(calls.LIST_RETURN_VISITS, LI)["items"][0]["state"] == "held"


def test_what_was_found_is_not_blank(supervision: Supervision, visit: dict[str, Any]):
    with pytest.raises(errors.Invalid) as wrong:
        record(supervision, visit, findings="  ")

    assert wrong.value.details["errors"][0]["at"] == "body.findings"
