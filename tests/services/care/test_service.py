"""Talks from their occasion to their record, and what of them is told to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bole import errors
from bole.events import encode
from contracts.care import questions as ask
from contracts.care.calls import GET_TALK, LIST_TALKS, OPEN_TALK, RECORD_TALK
from contracts.care.events import (
    CareWorkClosed,
    CareWorkOpened,
    TalkDue,
    TalkHeld,
    TalkOverdue,
    TalkVoided,
)
from services.care.service import CareService
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
    ask.TRIGGER_OF_FAILED_ASSESSMENT: "early_signs",
    ask.TRIGGER_OF_MEASURE: "handled",
    ask.TALK_AFTER_POST_CHANGE: 30,
    ask.TALK_AFTER_EARLY_SIGNS: 15,
    ask.TALK_BEFORE_LEAVING: 1,
    ask.TALK_AFTER_MEASURE: 10,
    ask.TALK_AFTER_HARDSHIP: 7,
}
LI = account("li", "care.officer")
HEAD = account("head", "department.head")
AUDITOR = account("qian", "auditor")
SECRET = "what was confided"


@pytest.fixture
def care(tmp_path: Path) -> Iterator[Alone]:
    with alone(CareService, ANSWERS, tmp_path) as it:
        it.hears(a_person())
        yield it


def the_only(care: Alone) -> str:
    """Id of the one talk there is."""
    (line,) = care.call(LIST_TALKS, LI)["items"]
    return str(line["talk_id"])


def record(care: Alone, talk: str, **stated: Any) -> Any:
    body = {
        "held_on": str(care.clock.today()),
        "held_by": "the head of the section",
        "content": SECRET,
    } | stated
    return care.call(RECORD_TALK, LI, path={"talk_id": talk}, body=body)


def open_by_hand(care: Alone, **stated: Any) -> Any:
    body = {
        "person_id": str(PERSON),
        "trigger": "hardship",
        "noticed_on": "2026-03-09",
        "reason": "a long illness in the family",
    } | stated
    return care.call(OPEN_TALK, LI, body=body)


def worklist(care: Alone) -> dict[UUID, CareWorkOpened]:
    """What stands on the worklist now."""
    standing: dict[UUID, CareWorkOpened] = {}
    for fact in care.said():
        if isinstance(fact, CareWorkOpened):
            standing[fact.work_id] = fact
        elif isinstance(fact, CareWorkClosed):
            standing.pop(fact.work_id, None)
    return standing


# The occasions


def test_a_failed_assessment_is_an_early_sign(care: Alone) -> None:
    cause = care.hears(a_result(confirmed_on=date(2026, 3, 10)))

    (owed,) = care.said(TalkDue)
    assert (owed.trigger, owed.due_on, owed.cause) == ("early_signs", date(2026, 3, 25), cause)
    assert owed.mark == "V-local"
    assert "care.trigger_of_failed_assessment" in owed.source
    assert "care.talk_after_early_signs" in owed.source
    (work,) = worklist(care).values()
    assert (work.kind, work.due_on, work.overdue) == ("record_talk", date(2026, 3, 25), False)
    assert set(work.roles) == {"care.officer", "department.head"}


def test_the_pack_says_which_occasion_a_failed_assessment_is(tmp_path: Path) -> None:
    with alone(CareService, ANSWERS | {ask.TRIGGER_OF_FAILED_ASSESSMENT: "handled"}, tmp_path) as care:
        care.hears(a_person())
        care.hears(a_result())

        (owed,) = care.said(TalkDue)
        assert (owed.trigger, owed.due_on) == ("handled", date(2026, 3, 20))


def test_a_passed_assessment_is_none(care: Alone) -> None:
    care.hears(a_result(grade="competent", failed=False))

    assert care.said() == []


@pytest.mark.parametrize("kind", ["standby", "admonition", "demotion", "exchange"])
def test_whoever_was_handled_is_talked_to_whatever_the_measure(care: Alone, kind: str) -> None:
    care.hears(a_measure(kind=kind, in_effect_on=date(2026, 3, 1)))

    (owed,) = care.said(TalkDue)
    assert (owed.trigger, owed.due_on) == ("handled", date(2026, 3, 11))


@pytest.mark.parametrize("kind", ["promotion", "exchange", "adjustment"])
def test_a_change_of_post_is_talked_about_after_it_took_effect(care: Alone, kind: str) -> None:
    care.hears(an_appointment(kind=kind, effective_on=date(2026, 3, 10)))

    (owed,) = care.said(TalkDue)
    assert (owed.trigger, owed.due_on) == ("post_change", date(2026, 4, 9))
    assert "section 4" in owed.source


def test_whoever_leaves_is_talked_to_before_the_last_day_by_the_officers_of_the_unit_left(
    care: Alone,
) -> None:
    care.hears(an_appointment(kind="leaving", unit_id=None, effective_on=date(2026, 4, 30)))
    care.hears(a_person(unit_id=None))

    (owed,) = care.said(TalkDue)
    assert (owed.trigger, owed.due_on, owed.unit_id) == ("leaving", date(2026, 4, 29), UNIT)
    of_the_unit = account("sun", "care.officer", units=frozenset({UNIT}))
    assert len(care.call(LIST_TALKS, of_the_unit)["items"]) == 1


def test_a_fact_that_comes_before_its_person_waits_for_them(care: Alone) -> None:
    for fact in (
        a_measure(person_id=OTHER),
        a_result(person_id=OTHER),
        an_appointment(person_id=OTHER),
    ):
        with pytest.raises(errors.NotYet) as waits:
            care.hears(fact)
        assert waits.value.subject == str(OTHER)
    assert care.said() == []


def test_what_waited_for_its_person_is_done_once_they_came(care: Alone) -> None:
    early = care.announced(a_measure(person_id=OTHER))
    with pytest.raises(errors.NotYet):
        care.handles(early)
    care.hears(a_person(person_id=OTHER, number="0013"))
    care.handles(early)

    assert [owed.person_id for owed in care.said(TalkDue)] == [OTHER]


# By hand


def test_a_hardship_is_noticed_by_people_and_its_reason_stays_here(care: Alone) -> None:
    answer = open_by_hand(care, reason=SECRET)

    assert (answer["state"], answer["due_on"], answer["reason"]) == ("due", "2026-03-16", SECRET)
    assert answer["opened_by"] == "li"
    (owed,) = care.said(TalkDue)
    assert (owed.trigger, owed.cause) == ("hardship", None)
    assert all(SECRET.encode() not in encode(fact) for fact in care.said())


@pytest.mark.parametrize(
    ("stated", "at"),
    [
        ({"trigger": "post_change"}, "body.trigger"),
        ({"noticed_on": "2026-03-11"}, "body.noticed_on"),
        ({"reason": " \n "}, "body.reason"),
    ],
)
def test_by_hand_not_everything_goes(care: Alone, stated: dict[str, Any], at: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        open_by_hand(care, **stated)
    assert [place["at"] for place in refused.value.details["errors"]] == [at]


def test_nobody_opens_a_talk_with_somebody_unknown_or_out_of_scope(care: Alone) -> None:
    with pytest.raises(errors.NotFound):
        open_by_hand(care, person_id=str(OTHER))
    stranger = account("sun", "care.officer", units=frozenset({OTHER_UNIT}))
    body = {
        "person_id": str(PERSON),
        "trigger": "hardship",
        "noticed_on": "2026-03-09",
        "reason": "an illness",
    }
    with pytest.raises(errors.NotFound):
        care.call(OPEN_TALK, stranger, body=body)


# Held


def test_a_talk_that_was_held_is_told_and_what_was_said_is_not(care: Alone) -> None:
    care.hears(a_result())
    talk = the_only(care)
    care.on(date(2026, 3, 12))

    answer = record(care, talk, follow_up="look in again in May")
    assert (answer["state"], answer["held_on"], answer["content"]) == ("held", "2026-03-12", SECRET)
    (held,) = care.said(TalkHeld)
    assert (str(held.talk_id), held.held_on) == (talk, date(2026, 3, 12))
    assert worklist(care) == {}
    journal = b"".join(encode(fact) for fact in care.said())
    assert SECRET.encode() not in journal
    assert b"look in again" not in journal
    assert b"head of the section" not in journal


def test_a_talk_is_held_once(care: Alone) -> None:
    care.hears(a_result())
    talk = the_only(care)
    record(care, talk)

    with pytest.raises(errors.Conflict):
        record(care, talk, content="another story")
    assert care.call(GET_TALK, LI, path={"talk_id": talk})["content"] == SECRET


@pytest.mark.parametrize("held_on", ["2026-03-09", "2026-03-13"])
def test_it_was_held_neither_before_its_occasion_nor_in_the_future(care: Alone, held_on: str) -> None:
    care.hears(a_result(confirmed_on=date(2026, 3, 10)))
    care.on(date(2026, 3, 12))

    with pytest.raises(errors.Invalid) as refused:
        record(care, the_only(care), held_on=held_on)
    assert refused.value.details["errors"][0]["at"] == "body.held_on"
    assert care.said(TalkHeld) == []


def test_an_appointment_may_be_talked_about_before_it_takes_effect(care: Alone) -> None:
    care.hears(an_appointment(decided_on=date(2026, 3, 5), effective_on=date(2026, 4, 1)))

    assert record(care, the_only(care), held_on="2026-03-06")["state"] == "held"


# Overdue


def test_past_its_date_a_talk_is_overdue_by_itself_and_says_so_on_the_worklist(care: Alone) -> None:
    care.hears(a_result(confirmed_on=date(2026, 3, 10)))
    care.on(date(2026, 3, 25))
    assert care.said(TalkOverdue) == [], "due at the midnight after"

    care.on(date(2026, 3, 26))
    (overdue,) = care.said(TalkOverdue)
    assert overdue.due_on == date(2026, 3, 25)
    (work,) = worklist(care).values()
    assert work.overdue
    care.on(date(2026, 3, 27))
    assert len(care.said(TalkOverdue)) == 1


def test_an_overdue_talk_can_still_be_held(care: Alone) -> None:
    care.hears(a_result())
    care.on(date(2026, 4, 1))

    assert record(care, the_only(care))["state"] == "held"
    assert worklist(care) == {}


def test_a_talk_held_in_time_never_becomes_overdue(care: Alone) -> None:
    care.hears(a_result())
    record(care, the_only(care))
    care.on(date(2026, 4, 1))

    assert care.said(TalkOverdue) == []


# Reversed


def test_a_grade_that_fell_voids_its_talk(care: Alone) -> None:
    care.hears(a_result())
    care.hears(a_correction())

    (void,) = care.said(TalkVoided)
    assert str(void.talk_id) == the_only(care)
    assert worklist(care) == {}
    with pytest.raises(errors.Conflict):
        record(care, the_only(care))
    care.on(date(2026, 4, 1))
    assert care.said(TalkOverdue) == []


def test_an_overdue_talk_is_voided_too(care: Alone) -> None:
    care.hears(a_result())
    care.on(date(2026, 4, 1))
    care.hears(a_correction(corrected_on=date(2026, 4, 1)))

    assert len(care.said(TalkVoided)) == 1
    assert worklist(care) == {}


def test_a_talk_that_was_held_stays_held(care: Alone) -> None:
    care.hears(a_result())
    talk = the_only(care)
    record(care, talk)
    care.hears(a_correction())

    assert care.said(TalkVoided) == []
    assert care.call(GET_TALK, LI, path={"talk_id": talk})["state"] == "held"


def test_a_reversed_measure_voids_its_own_talk_and_no_other(care: Alone) -> None:
    care.hears(a_result())
    care.hears(a_measure())
    care.hears(an_end())

    states = {line["trigger"]: line["state"] for line in care.call(LIST_TALKS, LI)["items"]}
    assert states == {"early_signs": "due", "handled": "void"}


def test_a_served_measure_is_still_talked_about(care: Alone) -> None:
    care.hears(a_measure())
    care.hears(an_end(ended_because="served"))

    assert care.said(TalkVoided) == []


def test_a_grade_that_is_failed_only_now_is_an_occasion_now(care: Alone) -> None:
    care.hears(a_result(grade="competent", failed=False))
    care.hears(
        a_correction(
            grade="basic", failed=True, was_grade="competent", was_failed=False, corrected_on=date(2026, 4, 1)
        )
    )

    (owed,) = care.said(TalkDue)
    assert owed.due_on == date(2026, 4, 16)


# Who sees what


@pytest.mark.parametrize("reader", [LI, HEAD])
def test_the_care_chain_reads_what_was_said(care: Alone, reader: Any) -> None:
    talk = open_by_hand(care)["talk_id"]
    record(care, talk)

    detail = care.call(GET_TALK, reader, path={"talk_id": talk})
    assert detail["content"] == SECRET
    assert detail["reason"] == "a long illness in the family"
    assert detail["held_by"] == "the head of the section"


@pytest.mark.parametrize("reader", [AUDITOR, account("wang", "official", own=PERSON)])
def test_others_see_that_it_was_held_and_nothing_of_what_was_said(care: Alone, reader: Any) -> None:
    talk = open_by_hand(care)["talk_id"]
    record(care, talk)

    detail = care.call(GET_TALK, reader, path={"talk_id": talk})
    assert (detail["state"], detail["held_on"]) == ("held", "2026-03-10")
    hidden = ("opened_by", "reason", "held_by", "content", "follow_up")
    assert {detail[field] for field in hidden} == {None}


def test_an_official_sees_the_own_talks_only(care: Alone) -> None:
    care.hears(a_person(person_id=OTHER, number="0013"))
    care.hears(a_result())
    other = account("chen", "official", own=OTHER)

    assert care.call(LIST_TALKS, other)["items"] == []
    with pytest.raises(errors.NotFound):
        care.call(GET_TALK, other, path={"talk_id": the_only(care)})


@pytest.mark.parametrize("role", ["operator", "training.officer", "supervision.officer"])
def test_roles_outside_care_have_no_business_here(care: Alone, role: str) -> None:
    with pytest.raises(errors.Forbidden):
        care.call(LIST_TALKS, account("somebody", role))


def test_the_auditor_records_nothing(care: Alone) -> None:
    care.hears(a_result())

    with pytest.raises(errors.Forbidden):
        care.call(RECORD_TALK, AUDITOR, path={"talk_id": the_only(care)}, body={})


def test_an_officer_of_other_units_finds_nothing(care: Alone) -> None:
    care.hears(a_result())
    stranger = account("sun", "care.officer", units=frozenset({OTHER_UNIT}))

    assert care.call(LIST_TALKS, stranger)["items"] == []
    with pytest.raises(errors.NotFound):
        care.call(GET_TALK, stranger, path={"talk_id": the_only(care)})


def test_pages_follow_one_another_and_are_narrowed_by_person_and_state(care: Alone) -> None:
    for _ in range(3):
        open_by_hand(care)
    first = care.call(LIST_TALKS, LI, query={"limit": "2", "state": "due", "person_id": str(PERSON)})
    second = care.call(LIST_TALKS, LI, query={"limit": "2", "cursor": first["next"]})

    assert len({line["talk_id"] for line in first["items"] + second["items"]}) == 3
    assert second["next"] is None
    assert care.call(LIST_TALKS, LI, query={"state": "held"})["items"] == []


def test_on_postgresql_it_goes_the_same_way(tmp_path: Path, new_database: Callable[..., str]) -> None:
    with alone(CareService, ANSWERS, tmp_path, url=new_database()) as care:
        care.hears(a_person())
        care.hears(a_result())
        care.hears(a_measure())
        care.on(date(2026, 3, 26))
        assert {overdue.due_on for overdue in care.said(TalkOverdue)} == {
            date(2026, 3, 11),
            date(2026, 3, 25),
        }
        record(care, str(care.said(TalkOverdue)[0].talk_id))
        care.hears(a_correction())

        of_the_unit = account("sun", "care.officer", units=frozenset({UNIT}))
        lines = care.call(LIST_TALKS, of_the_unit)["items"]
        assert {line["trigger"]: line["state"] for line in lines} == {
            "handled": "held",
            "early_signs": "void",
        }
