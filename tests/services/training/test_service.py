"""Training from assignment to its end, as its neighbours' facts and its officers move it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bole import errors
from contracts.training import questions as ask
from contracts.training.calls import CONFIRM_COMPLETION, GET_REMEDIAL, LIST_REMEDIALS, RECORD_COMPLETION
from contracts.training.events import (
    RemedialAssigned,
    RemedialExtended,
    RemedialFailed,
    RemedialPassed,
    RemedialWithdrawn,
    TrainingWorkClosed,
    TrainingWorkOpened,
)
from services.training.service import TrainingService
from tests.services.alone import Alone, account, alone
from tests.services.neighbours import (
    OTHER,
    OTHER_UNIT,
    PERSON,
    UNIT,
    a_correction,
    a_measure,
    a_person,
    a_result,
    an_appointment,
    an_end,
)

ANSWERS = {
    ask.REMEDIAL_TERM: 3,
    ask.REMEDIAL_HOURS: 40,
    ask.REMEDIAL_PASS_MARK: 60,
    ask.REMEDIAL_EXTENSION: 1,
    ask.REMEDIAL_FREES_AFTER: 10,
    ask.STANDBY_CLASS_TERM: 3,
    ask.STANDBY_GRASSROOTS_TERM: 3,
    ask.STANDBY_HOURS: 550,
    ask.STANDBY_PASS_MARK: 70,
    ask.STANDBY_EXTENSION: 3,
    ask.STANDBY_FREES_AFTER: 0,
    ask.APPOINTMENT_TERM: 1,
    ask.APPOINTMENT_HOURS: 120,
    ask.APPOINTMENT_EXTENSION: 0,
}
LI = account("li", "training.officer")
ZHAO = account("zhao", "training.officer")


@pytest.fixture
def training(tmp_path: Path) -> Iterator[Alone]:
    with alone(TrainingService, ANSWERS, tmp_path) as it:
        yield it


def the_only(training: Alone) -> str:
    """Id of the one training there is."""
    (line,) = training.call(LIST_REMEDIALS, LI)["items"]
    return str(line["remedial_id"])


def report(training: Alone, remedial: str, **stated: Any) -> Any:
    body = {"hours_attended": 40, "exam_score": 60, "completed_on": str(training.clock.today())} | stated
    return training.call(RECORD_COMPLETION, LI, path={"remedial_id": remedial}, body=body)


def confirm(training: Alone, remedial: str, **stated: Any) -> Any:
    body = {"decision": "confirm"} | stated
    return training.call(CONFIRM_COMPLETION, ZHAO, path={"remedial_id": remedial}, body=body)


def worklist(training: Alone) -> dict[UUID, TrainingWorkOpened]:
    """What stands on the worklist now."""
    standing: dict[UUID, TrainingWorkOpened] = {}
    for fact in training.said():
        if isinstance(fact, TrainingWorkOpened):
            standing[fact.work_id] = fact
        elif isinstance(fact, TrainingWorkClosed):
            standing.pop(fact.work_id, None)
    return standing


# Assigned


def test_a_failed_assessment_is_followed_by_training_beside_the_post(training: Alone) -> None:
    training.hears(a_person())
    cause = training.hears(a_result(confirmed_on=date(2026, 3, 10)))

    (assigned,) = training.said(RemedialAssigned)
    assert (assigned.kind, assigned.assigned_on, assigned.due_on) == (
        "remedial",
        date(2026, 3, 10),
        date(2026, 6, 10),
    )
    assert (assigned.hours, assigned.pass_mark, assigned.unit_id) == (40, 60, UNIT)
    assert (assigned.cause, assigned.mark) == (cause, "V-local")
    assert "training.remedial_term" in assigned.source

    (work,) = worklist(training).values()
    assert (work.kind, work.due_on, work.overdue) == ("complete_training", date(2026, 6, 10), False)
    assert work.link == f"/api/v1/training/remedials/{assigned.remedial_id}"


def test_a_passed_assessment_is_followed_by_nothing(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result(grade="competent", failed=False))

    assert training.said() == []


def test_a_result_that_comes_before_its_person_waits_for_them(training: Alone) -> None:
    with pytest.raises(errors.NotYet) as waits:
        training.hears(a_result())

    assert waits.value.subject == str(PERSON)
    assert training.said() == []


def test_a_measure_that_comes_before_its_person_waits_for_them(training: Alone) -> None:
    with pytest.raises(errors.NotYet):
        training.hears(a_measure())


def test_standby_is_class_and_grassroots_and_then_an_exam(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_measure(in_effect_on=date(2026, 3, 1)))

    detail = training.call(GET_REMEDIAL, LI, path={"remedial_id": the_only(training)})
    assert (detail["kind"], detail["class_until"], detail["due_on"]) == (
        "standby",
        "2026-06-01",
        "2026-09-01",
    )
    assert (detail["hours"], detail["pass_mark"]) == (550, 70)
    assert [term["question"] for term in detail["terms"]] == [
        "training.standby_class_term",
        "training.standby_grassroots_term",
        "training.standby_hours",
        "training.standby_pass_mark",
    ]


def test_another_measure_is_no_matter_of_training(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_measure(kind="admonition"))

    assert training.said() == []


def test_a_promotion_is_followed_by_training_within_a_year_without_an_exam(training: Alone) -> None:
    training.hears(a_person())
    training.hears(an_appointment(effective_on=date(2026, 3, 10)))

    (assigned,) = training.said(RemedialAssigned)
    assert (assigned.kind, assigned.due_on, assigned.pass_mark) == ("appointment", date(2027, 3, 10), None)


@pytest.mark.parametrize("kind", ["exchange", "adjustment"])
def test_no_other_appointment_is_followed_by_training(training: Alone, kind: str) -> None:
    training.hears(a_person())
    training.hears(an_appointment(kind=kind))

    assert training.said() == []


def test_whoever_leaves_has_no_training_left_and_gets_none(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.hears(an_appointment(kind="leaving", unit_id=None, effective_on=date(2026, 4, 30)))
    training.hears(a_measure())

    assert len(training.said(RemedialWithdrawn)) == 1
    assert len(training.said(RemedialAssigned)) == 1
    assert worklist(training) == {}


def test_it_makes_no_difference_whether_the_leaving_or_the_result_comes_first(training: Alone) -> None:
    training.hears(a_person())
    training.hears(an_appointment(kind="leaving", unit_id=None, effective_on=date(2026, 4, 30)))
    training.hears(a_person(post="still in the roster until the last day"))
    training.hears(a_result())

    assert training.said() == []


def test_whoever_came_back_after_leaving_is_trained_again(training: Alone) -> None:
    training.hears(a_person())
    training.hears(an_appointment(kind="leaving", unit_id=None, effective_on=date(2026, 4, 30)))
    training.hears(a_person(unit_id=None))
    training.hears(a_person(unit_id=OTHER_UNIT, appointed_on=date(2026, 9, 1)))
    training.hears(a_result(result_id=OTHER, confirmed_on=date(2027, 3, 10)))

    (assigned,) = training.said(RemedialAssigned)
    assert assigned.unit_id == OTHER_UNIT


# Reversed


def test_a_grade_that_fell_takes_its_training_with_it(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.hears(a_correction())

    (withdrawn,) = training.said(RemedialWithdrawn)
    assert str(withdrawn.remedial_id) == the_only(training)
    assert worklist(training) == {}
    training.on(date(2026, 6, 11))
    assert worklist(training) == {}, "its date no longer matters"


def test_a_report_that_waited_is_void_when_the_grade_fell(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    report(training, remedial)
    training.hears(a_correction())

    assert worklist(training) == {}
    with pytest.raises(errors.Conflict):
        confirm(training, remedial)
    detail = training.call(GET_REMEDIAL, LI, path={"remedial_id": remedial})
    assert (detail["state"], detail["to_confirm"]) == ("withdrawn", False)
    assert [completion["state"] for completion in detail["completions"]] == ["void"]


def test_what_was_passed_before_the_grade_fell_stays_passed(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    report(training, the_only(training))
    confirm(training, the_only(training))
    training.hears(a_correction())

    assert training.said(RemedialWithdrawn) == []
    assert training.call(LIST_REMEDIALS, LI)["items"][0]["state"] == "passed"


def test_what_was_failed_for_good_falls_with_its_grade(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    for _ in range(2):
        report(training, the_only(training), exam_score=59)
        confirm(training, the_only(training))
    closed = len(training.said(TrainingWorkClosed))
    training.hears(a_correction())

    (withdrawn,) = training.said(RemedialWithdrawn)
    assert str(withdrawn.remedial_id) == the_only(training)
    assert len(training.said(TrainingWorkClosed)) == closed, "nothing was left to do"


def test_a_grade_corrected_from_one_failed_grade_to_another_changes_nothing(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.hears(a_correction(grade="incompetent", failed=True))

    assert len(training.said(RemedialAssigned)) == 1
    assert training.said(RemedialWithdrawn) == []


def test_a_grade_that_is_failed_only_now_is_followed_from_now(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result(grade="competent", failed=False))
    training.hears(
        a_correction(
            grade="basic", failed=True, was_grade="competent", was_failed=False, corrected_on=date(2026, 4, 1)
        )
    )

    (assigned,) = training.said(RemedialAssigned)
    assert (assigned.assigned_on, assigned.due_on) == (date(2026, 4, 1), date(2026, 7, 1))


def test_a_grade_that_fell_leaves_the_training_of_another_result_alone(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.hears(a_result(result_id=OTHER, year=2024))
    training.hears(a_correction())

    assert sorted(line["state"] for line in training.call(LIST_REMEDIALS, LI)["items"]) == [
        "assigned",
        "withdrawn",
    ]


def test_a_reversed_standby_ends_its_training_and_only_that(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.hears(a_measure())
    training.hears(an_end())

    (withdrawn,) = training.said(RemedialWithdrawn)
    assert withdrawn.kind == "standby"
    assert len(worklist(training)) == 1


def test_a_served_standby_leaves_its_training_to_its_own_end(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_measure())
    training.hears(an_end(ended_because="served"))

    assert training.said(RemedialWithdrawn) == []


# Completed


def test_a_completion_proposes_and_another_officer_passes_it(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    training.on(date(2026, 5, 4))

    answer = report(training, remedial, hours_attended=40, exam_score=60)
    assert (answer["state"], answer["to_confirm"]) == ("assigned", True)
    assert answer["completions"][0]["proposed"] == "passed"
    assert training.said(RemedialPassed) == []
    (work,) = worklist(training).values()
    assert (work.kind, work.not_by) == ("confirm_completion", ("li",))

    training.on(date(2026, 5, 6))
    answer = confirm(training, remedial)
    assert (answer["state"], answer["frees_on"]) == ("passed", "2026-05-16")
    (passed,) = training.said(RemedialPassed)
    assert (passed.passed_on, passed.frees_on) == (date(2026, 5, 6), date(2026, 5, 16))
    assert worklist(training) == {}


def test_whoever_entered_it_does_not_confirm_it(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    report(training, remedial)

    with pytest.raises(errors.SamePerson):
        training.call(CONFIRM_COMPLETION, LI, path={"remedial_id": remedial}, body={"decision": "confirm"})
    assert training.said(RemedialPassed) == []


def test_a_failure_is_extended_once_and_then_put_before_supervision(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)

    training.on(date(2026, 6, 1))
    report(training, remedial, exam_score=59)
    confirm(training, remedial)
    (extended,) = training.said(RemedialExtended)
    assert extended.due_on == date(2026, 7, 10)
    (work,) = worklist(training).values()
    assert (work.kind, work.due_on) == ("complete_training", date(2026, 7, 10))
    training.on(date(2026, 6, 11))
    assert not worklist(training)[work.work_id].overdue, "the old date no longer counts"

    training.on(date(2026, 7, 1))
    report(training, remedial, hours_attended=39)
    confirm(training, remedial)
    (failed,) = training.said(RemedialFailed)
    assert (str(failed.remedial_id), failed.failed_on) == (remedial, date(2026, 7, 1))
    assert worklist(training) == {}


def test_after_an_extension_it_can_still_be_passed(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_measure())
    remedial = the_only(training)
    training.on(date(2026, 8, 1))
    report(training, remedial, hours_attended=550, exam_score=69)
    confirm(training, remedial)
    training.on(date(2026, 10, 1))
    report(training, remedial, hours_attended=550, exam_score=70)

    answer = confirm(training, remedial)
    assert (answer["state"], answer["frees_on"]) == ("passed", "2026-10-01")


def test_sent_back_it_is_reported_again_by_anybody(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    report(training, remedial, exam_score=59)
    answer = confirm(training, remedial, decision="send_back", reason="the attendance sheet is missing")

    assert (answer["state"], answer["to_confirm"]) == ("assigned", False)
    assert answer["completions"][0]["reason"] == "the attendance sheet is missing"
    (work,) = worklist(training).values()
    assert work.kind == "complete_training"
    assert report(training, remedial)["completions"][1]["proposed"] == "passed"


def test_sending_back_needs_a_reason(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    report(training, the_only(training))

    with pytest.raises(errors.Invalid, match="not what this call takes") as refused:
        confirm(training, the_only(training), decision="send_back")
    assert refused.value.details["errors"][0]["at"] == "body.reason"


def test_the_mark_of_the_day_of_the_exam_applies_not_todays(tmp_path: Path) -> None:
    raised = {ask.REMEDIAL_PASS_MARK: {date(2019, 1, 1): 60, date(2026, 4, 1): 70}}
    with alone(TrainingService, ANSWERS | raised, tmp_path) as training:
        training.hears(a_person())
        training.hears(a_result())
        remedial = the_only(training)
        training.on(date(2026, 4, 1))

        before = report(training, remedial, completed_on="2026-03-31")["completions"][0]
        assert (before["pass_mark"], before["proposed"]) == (60, "passed")
        assert "training.remedial_pass_mark" in before["source"]
        confirm(training, remedial, decision="send_back", reason="the exam was on the first of April")
        after = report(training, remedial, completed_on="2026-04-01")["completions"][1]
        assert (after["pass_mark"], after["proposed"]) == (70, "failed")


@pytest.mark.parametrize(
    ("stated", "at"),
    [
        ({"exam_score": 101}, "body.exam_score"),
        ({"exam_score": -1}, "body.exam_score"),
        ({"exam_score": None}, "body.exam_score"),
        ({"hours_attended": -1}, "body.hours_attended"),
        ({"hours_attended": "many"}, "body.hours_attended"),
        ({"completed_on": "2026-03-11"}, "body.completed_on"),  # tomorrow
        ({"completed_on": "2026-03-09"}, "body.completed_on"),  # before it was assigned
        ({"grade": "excellent"}, "body.grade"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(training: Alone, stated: dict[str, Any], at: str) -> None:
    training.hears(a_person())
    training.hears(a_result())

    with pytest.raises(errors.Invalid) as refused:
        report(training, the_only(training), **stated)
    assert [place["at"] for place in refused.value.details["errors"]] == [at]


def test_training_without_an_exam_takes_no_score(training: Alone) -> None:
    training.hears(a_person())
    training.hears(an_appointment())
    remedial = the_only(training)

    with pytest.raises(errors.Invalid):
        report(training, remedial, hours_attended=120, exam_score=90)
    report(training, remedial, hours_attended=120, exam_score=None)
    assert confirm(training, remedial)["state"] == "passed"


def test_one_report_at_a_time_and_none_when_it_is_over(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    report(training, remedial)
    with pytest.raises(errors.Conflict):
        report(training, remedial)
    confirm(training, remedial)
    with pytest.raises(errors.Conflict):
        report(training, remedial)
    with pytest.raises(errors.Conflict):
        confirm(training, remedial)


def test_after_a_failure_an_exam_from_before_it_does_not_count(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    training.on(date(2026, 5, 4))
    report(training, remedial, exam_score=59)
    confirm(training, remedial)

    with pytest.raises(errors.Invalid):
        report(training, remedial, completed_on="2026-05-03")


# Time


def test_past_its_date_it_is_overdue_and_stays_open(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.on(date(2026, 6, 10))
    assert [work.overdue for work in worklist(training).values()] == [False], "due at the midnight after"

    training.on(date(2026, 6, 11))
    assert [work.overdue for work in worklist(training).values()] == [True]
    (line,) = training.call(LIST_REMEDIALS, LI)["items"]
    assert (line["state"], line["overdue"]) == ("assigned", True)


def test_a_report_in_time_is_not_overdue_while_it_waits_but_is_when_sent_back(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    training.on(date(2026, 6, 9))
    report(training, remedial)
    training.on(date(2026, 6, 20))
    assert [(work.kind, work.overdue) for work in worklist(training).values()] == [
        ("confirm_completion", False)
    ]

    confirm(training, remedial, decision="send_back", reason="not signed")
    assert [(work.kind, work.overdue) for work in worklist(training).values()] == [
        ("complete_training", True)
    ]


def test_sent_back_on_its_last_day_it_is_still_in_time(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.on(date(2026, 6, 10))
    report(training, the_only(training))
    confirm(training, the_only(training), decision="send_back", reason="not signed")

    assert [work.overdue for work in worklist(training).values()] == [False]


# Who sees what


def test_an_official_reads_what_was_decided_and_nobodys_account(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    own = account("wang", "official", own=PERSON)
    report(training, remedial, exam_score=59)

    assert training.call(GET_REMEDIAL, own, path={"remedial_id": remedial})["completions"] == []
    confirm(training, remedial)
    (told,) = training.call(GET_REMEDIAL, own, path={"remedial_id": remedial})["completions"]
    assert (told["exam_score"], told["entered_by"], told["decided_by"]) == (59, None, None)


def test_an_official_sees_the_own_trainings_only(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_person(person_id=OTHER, number="0013"))
    training.hears(a_result())
    training.hears(a_result(result_id=OTHER, person_id=OTHER))
    own = account("wang", "official", own=PERSON)

    lines = training.call(LIST_REMEDIALS, own)["items"]
    assert [line["person_id"] for line in lines] == [str(PERSON)]
    others = next(
        line for line in training.call(LIST_REMEDIALS, LI)["items"] if line["person_id"] == str(OTHER)
    )
    with pytest.raises(errors.NotFound):
        training.call(GET_REMEDIAL, own, path={"remedial_id": others["remedial_id"]})
    with pytest.raises(errors.Forbidden):
        training.call(
            CONFIRM_COMPLETION, own, path={"remedial_id": str(PERSON)}, body={"decision": "confirm"}
        )


def test_an_officer_of_other_units_finds_nothing(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    remedial = the_only(training)
    stranger = account("sun", "training.officer", units=frozenset({OTHER_UNIT}))

    assert training.call(LIST_REMEDIALS, stranger)["items"] == []
    with pytest.raises(errors.NotFound):
        training.call(
            RECORD_COMPLETION,
            stranger,
            path={"remedial_id": remedial},
            body={"hours_attended": 40, "exam_score": 60, "completed_on": "2026-03-10"},
        )


def test_the_auditor_reads_and_decides_nothing(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    auditor = account("qian", "auditor")

    assert len(training.call(LIST_REMEDIALS, auditor)["items"]) == 1
    with pytest.raises(errors.Forbidden):
        training.call(RECORD_COMPLETION, auditor, path={"remedial_id": the_only(training)}, body={})


def test_pages_follow_one_another_without_gap_or_overlap(training: Alone) -> None:
    training.hears(a_person())
    for number in range(5):
        training.hears(a_result(result_id=UUID(int=number + 1)))
    every = [line["remedial_id"] for line in training.call(LIST_REMEDIALS, LI)["items"]]

    first = training.call(LIST_REMEDIALS, LI, query={"limit": "2"})
    second = training.call(LIST_REMEDIALS, LI, query={"limit": "2", "cursor": first["next"]})
    third = training.call(LIST_REMEDIALS, LI, query={"limit": "2", "cursor": second["next"]})
    seen = [line["remedial_id"] for page in (first, second, third) for line in page["items"]]
    assert seen == every
    assert third["next"] is None
    with pytest.raises(errors.Invalid):
        training.call(LIST_REMEDIALS, LI, query={"cursor": "three"})


def test_the_list_is_narrowed_by_person_state_and_kind(training: Alone) -> None:
    training.hears(a_person())
    training.hears(a_result())
    training.hears(an_appointment())

    def found(**query: str) -> list[str]:
        return [line["kind"] for line in training.call(LIST_REMEDIALS, LI, query=query)["items"]]

    assert found(kind="remedial") == ["remedial"]
    assert found(person_id=str(OTHER)) == []
    assert found(state="assigned", person_id=str(PERSON)) == ["remedial", "appointment"]
    with pytest.raises(errors.Invalid):
        found(state="asleep")


def test_on_postgresql_it_goes_the_same_way(tmp_path: Path, new_database: Callable[..., str]) -> None:
    with alone(TrainingService, ANSWERS, tmp_path, url=new_database()) as training:
        training.hears(a_person())
        training.hears(a_result())
        training.hears(a_measure())
        training.on(date(2026, 6, 11))
        (overdue,) = [work for work in worklist(training).values() if work.overdue]
        remedial = str(overdue.work_id)
        report(training, remedial)
        assert confirm(training, remedial)["terms"][0]["value"] == 3
        training.hears(an_end())

        of_the_unit = account("sun", "training.officer", units=frozenset({UNIT}))
        states = {line["kind"]: line["state"] for line in training.call(LIST_REMEDIALS, of_the_unit)["items"]}
        assert states == {"remedial": "passed", "standby": "withdrawn"}
        assert worklist(training) == {}
