"""Measures: proposed after a failure, heard, decided by another, served, ended, undone; and return visits."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from bole import errors
from contracts.selection.events import Appointed
from contracts.supervision import calls
from contracts.supervision.events import (
    MeasureEnded,
    MeasureInEffect,
    MeasureWithdrawn,
    ReturnVisitDue,
    SupervisionWorkClosed,
    SupervisionWorkOpened,
)
from contracts.training.events import RemedialFailed, RemedialPassed, RemedialWithdrawn
from services.supervision.domain.advance import NotHeard
from tests.services.alone import account
from tests.services.neighbours import OTHER_UNIT, a_person, an_appointment
from tests.services.supervision.county import (
    AUDITOR,
    HEAD,
    LEADER,
    LI,
    OFFICIAL,
    UNIT,
    WANG,
    Supervision,
    scores,
)

REMEDIAL = UUID("01900000-0000-7000-8000-0000000000e1")


def passed(**stated) -> RemedialPassed:
    return RemedialPassed(
        **{
            "remedial_id": REMEDIAL,
            "person_id": LEADER,
            "kind": "standby",
            "passed_on": date(2026, 3, 10),
            "frees_on": date(2026, 3, 10),
            "source": "Notice (fictional)",
        }
        | stated
    )


def failed_again(**stated) -> RemedialFailed:
    return RemedialFailed(
        **{
            "remedial_id": REMEDIAL,
            "person_id": OFFICIAL,
            "kind": "remedial",
            "failed_on": date(2026, 3, 10),
            "source": "Notice (fictional)",
        }
        | stated
    )


@pytest.mark.parametrize(
    ("points", "number", "kinds"),
    [
        (62, "0012", {"admonition", "standby"}),  # a leader, basic
        (40, "0012", {"demotion", "standby"}),
        (62, "0034", {"admonition", "exchange"}),  # a general official
        (40, "0034", {"demotion", "exchange"}),
        (80, "0012", set()),
    ],
)
def test_a_confirmed_failure_has_measures_proposed(supervision: Supervision, points, number, kinds):
    supervision.failed(points, number=number)

    assert set(supervision.measures()) == kinds
    assert {measure["state"] for measure in supervision.measures().values()} <= {"proposed"}


def test_each_proposed_measure_names_its_article(supervision: Supervision):
    supervision.failed(40)

    measures = supervision.measures()
    assert measures["demotion"]["source"] == "中华人民共和国公务员法 (2018-12-29), art. 50"
    assert measures["standby"]["source"].endswith("section 3, standby training")


def test_two_incompetent_years_in_a_row_lead_to_dismissal(supervision: Supervision):
    supervision.failed(40, year=2024)
    supervision.failed(40, year=2025)

    kinds = [(measure["kind"]) for measure in supervision.call(calls.LIST_MEASURES, AUDITOR)["items"]]
    assert sorted(kinds) == ["demotion", "dismissal", "standby"]


def test_the_earlier_year_confirmed_later_makes_it_two_in_a_row_as_well(supervision: Supervision):
    supervision.failed(40, year=2025)
    supervision.failed(40, year=2024)

    states = {
        (measure["kind"], measure["state"])
        for measure in supervision.call(calls.LIST_MEASURES, AUDITOR)["items"]
    }
    assert ("dismissal", "proposed") in states
    assert {("demotion", "withdrawn"), ("standby", "withdrawn")} <= states


def test_a_corrected_earlier_year_takes_dismissal_back(supervision: Supervision):
    first = supervision.failed(40, year=2024)
    supervision.failed(40, year=2025)

    supervision.correct(first, "competent")

    measures = supervision.call(calls.LIST_MEASURES, AUDITOR)["items"]
    standing = {measure["kind"] for measure in measures if measure["state"] == "proposed"}
    assert standing == {"demotion", "standby"}  # of 2025 alone
    assert next(one for one in measures if one["kind"] == "dismissal")["state"] == "withdrawn"


def test_a_proposed_measure_leaves_as_a_stub_and_names_nobody_on_the_worklist(supervision: Supervision):
    supervision.failed(62)

    proposed = [entry for entry in supervision.entries() if entry.is_stub]
    lines = [line for line in supervision.said(SupervisionWorkOpened) if line.kind == "hear_measure"]
    assert len(proposed) == len(lines) == 2
    assert all(line.person_id is None for line in lines)
    assert supervision.said(MeasureInEffect) == []


def test_nobody_is_decided_on_unheard(supervision: Supervision):
    supervision.failed(62)

    with pytest.raises(NotHeard):
        supervision.decide(supervision.measures()["standby"])


def test_who_confirmed_the_result_does_not_decide_on_its_measure(supervision: Supervision):
    supervision.failed(62)
    standby = supervision.measures()["standby"]
    supervision.hear(standby)

    with pytest.raises(errors.SamePerson):
        supervision.decide(standby, by=WANG)
    line = [line for line in supervision.said(SupervisionWorkOpened) if line.kind == "decide_measure"][-1]
    assert line.not_by == ("wang",)
    assert supervision.decide(standby, by=HEAD)["state"] == "imposed"


def test_a_measure_is_in_effect_from_its_service_and_not_before(supervision: Supervision):
    supervision.failed(62)
    standby = supervision.measures()["standby"]
    supervision.hear(standby)
    supervision.decide(standby)
    assert supervision.said(MeasureInEffect) == []

    supervision.on(date(2026, 3, 12))
    supervision.serve(standby)

    (told,) = supervision.said(MeasureInEffect)
    assert (told.kind, told.decided_on, told.in_effect_on) == (
        "standby",
        date(2026, 3, 10),
        date(2026, 3, 12),
    )
    assert (told.effect_until, told.review_until) == (None, date(2026, 4, 11))  # 12 March and 30 days
    assert (told.person_id, told.unit_id) == (LEADER, UNIT)


def test_a_measure_is_not_served_before_it_is_decided(supervision: Supervision):
    supervision.failed(62)
    standby = supervision.measures()["standby"]
    supervision.hear(standby)

    with pytest.raises(errors.Conflict):
        supervision.serve(standby)


def test_a_dropped_measure_is_not_proposed_again(supervision: Supervision):
    result = supervision.failed(62)
    standby = supervision.measures()["standby"]
    supervision.hear(standby)
    supervision.decide(standby, decision="drop", reason="ill that year")

    supervision.correct(result, "incompetent")

    measures = supervision.measures()
    assert measures["standby"]["state"] == "dropped"
    assert (measures["admonition"]["state"], measures["demotion"]["state"]) == ("withdrawn", "proposed")


@pytest.mark.parametrize("heard_on", ["2026-03-09", "2026-03-11"])
def test_a_hearing_lies_between_the_proposal_and_today(supervision: Supervision, heard_on):
    supervision.failed(62)

    with pytest.raises(errors.Invalid):
        supervision.hear(supervision.measures()["standby"], heard_on=heard_on)


def test_an_admonition_ends_by_itself_when_its_six_months_are_over(supervision: Supervision):
    supervision.failed(62)
    told = supervision.bring_into_effect("admonition")
    assert told["effect_until"] == "2026-09-10"  # six months, SUP-05

    supervision.on(date(2026, 9, 10))
    assert supervision.said(MeasureEnded) == []
    supervision.on(date(2026, 9, 11))

    (ended,) = supervision.said(MeasureEnded)
    assert (ended.kind, ended.ended_on, ended.ended_because) == ("admonition", date(2026, 9, 10), "served")


def test_a_correction_withdraws_what_was_proposed_and_ends_what_runs(supervision: Supervision):
    result = supervision.failed(62)
    supervision.bring_into_effect("admonition")

    supervision.correct(result, "competent")

    measures = supervision.measures()
    (ended,) = supervision.said(MeasureEnded)
    assert (measures["standby"]["state"], measures["admonition"]["state"]) == ("withdrawn", "ended")
    assert (ended.kind, ended.ended_because) == ("admonition", "reversed")
    supervision.on(date(2026, 10, 1))
    assert len(supervision.said(MeasureEnded)) == 1


def test_a_correction_to_a_failure_has_measures_proposed(supervision: Supervision):
    result = supervision.failed(80)

    supervision.correct(result, "basic")

    assert set(supervision.measures()) == {"admonition", "standby"}


def test_whoever_was_admonished_is_not_excellent_that_year(supervision: Supervision):
    supervision.failed(62, year=2025)
    supervision.bring_into_effect("admonition")
    supervision.on(date(2027, 12, 20))
    for year in (2026, 2027):
        supervision.enter(supervision.open_cycle(year), scores(95))

    by_year = {}
    for cycle in supervision.call(calls.LIST_CYCLES, AUDITOR)["items"]:
        for result in supervision.results(cycle["id"]):
            by_year[result["year"]] = (result["grade"], result["source"])
    assert by_year[2026][0] == "competent"
    assert "art. 29" in by_year[2026][1]
    assert by_year[2027][0] == "excellent"


def test_passed_standby_training_ends_the_standby(supervision: Supervision):
    supervision.failed(62)
    supervision.bring_into_effect("standby")

    supervision.hears(passed(kind="remedial"))
    assert supervision.said(MeasureEnded) == []
    supervision.hears(passed())

    (ended,) = supervision.said(MeasureEnded)
    assert (ended.kind, ended.ended_because) == ("standby", "served")


def test_a_training_failed_again_has_an_adjustment_proposed_while_it_stands(
    supervision: Supervision,
):
    supervision.hears(failed_again())

    assert supervision.measures()["adjustment"]["person_id"] == str(OFFICIAL)
    supervision.hears(
        RemedialWithdrawn(
            remedial_id=REMEDIAL, person_id=OFFICIAL, kind="remedial", withdrawn_on=date(2026, 3, 20)
        )
    )
    assert supervision.measures()["adjustment"]["state"] == "withdrawn"


def test_a_training_of_somebody_unknown_waits_for_the_roster(supervision: Supervision):
    stranger = UUID("01900000-0000-7000-8000-0000000000ff")

    with pytest.raises(errors.NotYet) as waits:
        supervision.hears(failed_again(person_id=stranger))
    assert waits.value.subject == str(stranger)


def test_a_promotion_makes_a_return_visit_due(supervision: Supervision):
    supervision.hears(an_appointment())

    (visit,) = supervision.said(ReturnVisitDue)
    (line,) = supervision.said(SupervisionWorkOpened)
    assert (visit.not_before, visit.due_on) == (date(2026, 6, 10), date(2026, 9, 10))  # 3 to 6 months
    assert visit.mark == "V-local"
    assert (line.kind, line.due_on, line.overdue) == ("return_visit", date(2026, 9, 10), False)
    supervision.on(date(2026, 9, 11))
    assert supervision.said(SupervisionWorkOpened)[-1].overdue


@pytest.mark.parametrize("kind", ["exchange", "adjustment"])
def test_other_changes_of_post_make_none(supervision: Supervision, kind):
    supervision.hears(an_appointment(kind=kind))

    assert supervision.said(ReturnVisitDue) == []


def test_what_waits_goes_along_when_a_person_moves(supervision: Supervision):
    result = supervision.failed(62)
    measure = supervision.measures()["standby"]
    here = account("zhao", "supervision.officer", units=frozenset({UNIT}))
    there = account("qian", "supervision.officer", units=frozenset({OTHER_UNIT}))

    supervision.hears(a_person(person_id=LEADER, number="0012", unit_id=OTHER_UNIT, is_leader=True))

    assert [one["id"] for one in supervision.results(result["cycle_id"], by=here)] == []
    assert [one["id"] for one in supervision.results(result["cycle_id"], by=there)] == [result["id"]]
    assert supervision.detail(result, by=there)["grade"] == "basic"
    with pytest.raises(errors.NotFound):
        supervision.detail(result, by=here)
    assert "standby" not in supervision.measures(by=here)
    supervision.call(calls.READ_MEASURE, there, path={"measure_id": measure["id"]})
    lines = {
        line.unit_id for line in supervision.said(SupervisionWorkOpened)[-2:] if line.kind == "hear_measure"
    }
    assert lines == {OTHER_UNIT}


def test_whoever_left_stays_with_the_last_unit(supervision: Supervision):
    supervision.failed(62)
    here = account("zhao", "supervision.officer", units=frozenset({UNIT}))
    said = len(supervision.said(SupervisionWorkOpened))

    supervision.hears(a_person(person_id=LEADER, number="0012", unit_id=None))

    assert "standby" in supervision.measures(by=here)
    assert len(supervision.said(SupervisionWorkOpened)) == said


def left(**stated) -> Appointed:
    return an_appointment(kind="leaving", unit_id=None, unit="", **stated)


def test_a_leaving_withdraws_what_was_only_proposed(supervision: Supervision):
    supervision.failed(62)
    standby = supervision.measures()["standby"]

    supervision.hears(left(person_id=OFFICIAL))
    assert supervision.measures()["standby"]["state"] == "proposed"
    supervision.hears(left())

    assert {one["state"] for one in supervision.measures().values()} == {"withdrawn"}
    closed = {str(line.work_id) for line in supervision.said(SupervisionWorkClosed)}
    assert standby["id"] in closed
    withdrawn = [entry for entry in supervision.entries() if entry.is_stub]
    assert len(withdrawn) == 4  # two proposed, two withdrawn: none of it leaves the service
    assert supervision.said(MeasureWithdrawn) == []


def test_a_leaving_leaves_what_people_acted_on(supervision: Supervision):
    supervision.failed(62)
    supervision.bring_into_effect("admonition")
    supervision.hear(supervision.measures()["standby"])

    supervision.hears(left())

    states = {kind: one["state"] for kind, one in supervision.measures().items()}
    assert states == {"admonition": "in_effect", "standby": "heard"}
    assert supervision.said(MeasureEnded) == []


def test_what_a_leaving_withdrew_is_not_proposed_again(supervision: Supervision):
    supervision.failed(40, year=2025)
    supervision.hears(left())
    supervision.hears(a_person(person_id=LEADER, number="0012", unit_id=None))

    cycle = supervision.open_cycle(2024)
    supervision.enter(cycle, scores(40, unit="教育局"))
    supervision.confirm(cycle)

    assert {one["state"] for one in supervision.measures().values()} == {"withdrawn"}


@pytest.mark.parametrize("blank", ["", "   ", "\n\t"])
def test_a_hearing_says_something(supervision: Supervision, blank: str):
    supervision.failed(62)
    standby = supervision.measures()["standby"]

    for stated in ({"statement": blank}, {"present": [blank]}):
        with pytest.raises(errors.Invalid):
            supervision.hear(standby, **stated)
    supervision.hear(standby)
    with pytest.raises(errors.Invalid):
        supervision.decide(standby, reason=blank)


def test_nobody_hears_decides_or_serves_a_measure_in_the_own_case(supervision: Supervision):
    supervision.failed(62)
    standby = supervision.measures()["standby"]
    path, own = {"measure_id": standby["id"]}, account("sun", "department.head", own=LEADER)
    day = str(supervision.clock.today())
    hearing = {"heard_on": day, "statement": "a word", "present": ["two people"]}

    with pytest.raises(errors.SamePerson, match="own case"):
        supervision.call(calls.HEAR_MEASURE, own, path=path, body=hearing)
    supervision.hear(standby)
    with pytest.raises(errors.SamePerson, match="own case"):
        supervision.decide(standby, by=own)
    supervision.decide(standby)
    with pytest.raises(errors.SamePerson, match="own case"):
        supervision.call(calls.SERVE_MEASURE, own, path=path, body=supervision.notice())
    assert supervision.call(calls.READ_MEASURE, LI, path=path)["state"] == "imposed"
