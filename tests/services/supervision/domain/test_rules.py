"""Classes, quota, grounds for measures, their steps and terms; expected values from the texts or by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from bole.errors import Conflict
from bole.policy.terms import months_after
from services.supervision.domain.advance import NotHeard, advance
from services.supervision.domain.classify import classify_leader, classify_team
from services.supervision.domain.count import count_allowed
from services.supervision.domain.judge import Ballots
from services.supervision.domain.propose import grounds_of, has_failed
from services.supervision.domain.term import review_until, visit_between

SHARES = {"class_1": Fraction(9, 10), "class_2": Fraction(7, 10), "class_3": Fraction(1, 2)}


@pytest.mark.parametrize(
    ("better", "worse", "team_class"),
    [(9, 1, "class_1"), (89, 11, "class_2"), (7, 3, "class_2"), (5, 5, "class_3"), (49, 51, "class_4")],
)
def test_a_team_is_classed_by_its_two_better_ballots(better, worse, team_class):
    found, said = classify_team(Ballots(excellent=1, competent=better - 1, incompetent=worse), shares=SHARES)

    assert found == team_class
    assert "/" in said


def test_a_leader_without_a_grade_has_no_class():
    class_of = {"excellent": "class_1", "competent": "class_2", "basic": "class_3", "incompetent": "class_4"}

    assert classify_leader("basic", class_of=class_of) == "class_3"
    assert classify_leader(None, class_of=class_of) is None


@pytest.mark.parametrize(
    ("graded", "rounding", "allowed"),
    # a fifth of 12 is 2.4, of 13 is 2.6, of 15 is 3
    [
        (12, "half_up", 2),
        (13, "half_up", 3),
        (13, "down", 2),
        (12, "up", 3),
        (15, "up", 3),
        (0, "half_up", 0),
    ],
)
def test_the_quota_is_rounded_as_the_pack_says(graded, rounding, allowed):
    assert count_allowed(graded, share=Fraction(1, 5), rounding=rounding) == allowed


def test_half_a_person_is_rounded_up():
    assert count_allowed(10, share=Fraction(1, 4), rounding="half_up") == 3


@pytest.mark.parametrize(
    ("grade", "before", "is_leader", "grounds"),
    [
        ("basic", None, True, ("after_basic", "for_failed_leader")),
        ("basic", "incompetent", False, ("after_basic", "for_failed_official")),
        ("incompetent", "basic", True, ("after_incompetent", "for_failed_leader")),
        ("incompetent", "incompetent", True, ("after_two_incompetent",)),
        ("incompetent", "incompetent", False, ("after_two_incompetent",)),
        ("competent", "incompetent", True, ()),
        (None, "incompetent", False, ()),
    ],
)
def test_a_failed_grade_gives_its_grounds_for_measures(grade, before, is_leader, grounds):
    assert grounds_of(grade, before=before, is_leader=is_leader) == grounds


def test_basic_and_incompetent_are_failures_and_no_grade_is_none():
    assert [has_failed(grade) for grade in ("excellent", "competent", "basic", "incompetent", None)] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_measure_is_heard_decided_and_served_in_this_order():
    state = advance("proposed", "hear")
    state = advance(state, "impose")

    assert advance(state, "serve") == "in_effect"


@pytest.mark.parametrize("step", ["impose", "drop"])
def test_nobody_is_decided_on_unheard(step):
    with pytest.raises(NotHeard) as refused:
        advance("proposed", step)

    assert (refused.value.code, refused.value.status) == ("not_heard", 409)


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("heard", "serve"),
        ("proposed", "serve"),
        ("in_effect", "serve"),
        ("dropped", "impose"),
        ("ended", "end"),
    ],
)
def test_a_step_out_of_order_is_a_conflict(state, step):
    with pytest.raises(Conflict):
        advance(state, step)


def test_a_review_may_be_asked_for_within_thirty_days_of_service():
    assert review_until(date(2026, 3, 2), days=30) == date(2026, 4, 1)


def test_a_return_visit_lies_between_the_third_and_the_sixth_month():
    assert visit_between(date(2026, 8, 31), from_months=3, within_months=6) == (
        date(2026, 11, 30),
        date(2027, 2, 28),
    )


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 10, 31), 0, date(2026, 10, 31)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(day, months, expected):
    assert months_after(day, months) == expected
