"""Item scores and ballots become proposed grades; expected values are worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from services.supervision.domain.judge import Ballots, Verdict, average_of, cap, judge_ballots, judge_scores

EQUAL = dict.fromkeys(("virtue", "ability", "diligence", "achievement", "integrity"), Decimal(1))
REACHES = {"excellent": Decimal(90), "competent": Decimal(75), "basic": Decimal(60)}


def scored(*points: float | str) -> Verdict:
    scores = dict(zip(EQUAL, (Decimal(str(point)) for point in points), strict=True))
    return judge_scores(scores, weights=EQUAL, reaches=REACHES)


def balloted(**ballots: int) -> Verdict:
    return judge_ballots(
        Ballots(**ballots), fit=Fraction(2, 3), unfit=Fraction(1, 3), excellent=Fraction(2, 3)
    )


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        ((90, 90, 90, 90, 90), "excellent"),  # exactly reached
        ((90, 90, 90, 90, "89.99"), "competent"),  # 449.99 / 5 = 89.998
        ((75, 75, 75, 75, 75), "competent"),
        ((75, 75, 75, 75, "74.9"), "basic"),  # 374.9 / 5 = 74.98
        ((60, 60, 60, 60, 60), "basic"),
        ((100, 100, 99, 0, 0), "incompetent"),  # 299 / 5 = 59.8
        ((0, 0, 0, 0, 0), "incompetent"),
    ],
)
def test_reaching_a_threshold_exactly_is_enough_and_missing_it_by_a_hair_is_not(points, grade):
    assert scored(*points).grade == grade


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        ("89.99", "89.998"),  # 449.99 / 5
        ("89.975", "89.995"),  # 449.975 / 5
        ("89.99999", "89.9999"),  # 449.99999 / 5 = 89.999998
    ],
)
def test_what_is_judged_below_a_threshold_is_shown_below_it(last, shown):
    verdict = scored(90, 90, 90, 90, last)

    assert (verdict.grade, f"{verdict.average}", verdict.checks[0].found) == ("competent", shown, shown)
    assert f"平均 {shown} 分" in verdict.rule
    assert f"average {shown} points" in verdict.rule


def test_the_rule_says_when_an_average_was_cut_off():
    thirds = dict(zip(("virtue", "ability", "achievement"), map(Decimal, (60, 70, 70)), strict=True))

    cut = judge_scores(thirds, weights=EQUAL, reaches=REACHES)

    assert cut.average == Decimal("66.6666")  # 200 / 3
    assert "四位小数以下舍去" in cut.rule
    assert "cut off after 4 decimals" in cut.rule
    assert "cut off" not in scored(90, 90, 90, 90, "89.975").rule


def test_weights_count_as_parts():
    scores = {"virtue": Decimal(50), "achievement": Decimal(100)}

    # (50 * 1 + 100 * 3) / 4 = 87.5
    assert average_of(scores, {"virtue": Decimal(1), "achievement": Decimal(3)}) == Fraction(175, 2)


def test_the_verdict_keeps_every_condition_up_to_the_one_that_held():
    verdict = scored(68, 68, 68, 68, 68)

    assert [(check.required, check.found, check.held) for check in verdict.checks] == [
        ("90", "68.00", False),
        ("75", "68.00", False),
        ("60", "68.00", True),
    ]
    assert verdict.by == "grade_scores"
    assert "68.00" in verdict.rule


def test_a_score_out_of_range_is_refused():
    with pytest.raises(ValueError, match="0-100 points, got 101"):
        scored(101, 60, 60, 60, 60)


@pytest.mark.parametrize(
    ("ballots", "grade", "by"),
    [
        ({"excellent": 20, "competent": 10}, "excellent", "ballots_excellent"),  # 20/30 = 2/3 exactly
        ({"excellent": 19, "competent": 11}, "competent", "ballots_fit"),
        ({"competent": 20, "basic": 10}, "competent", "ballots_fit"),  # exactly two thirds is not below
        ({"competent": 19, "basic": 11}, "basic", "ballots_fit"),
        ({"competent": 20, "incompetent": 10}, "competent", "ballots_fit"),  # a third exactly is not above
        ({"competent": 19, "incompetent": 11}, "incompetent", "ballots_unfit"),
        ({"competent": 19, "basic": 1, "abstained": 10}, "basic", "ballots_fit"),  # abstentions count
        ({"competent": 20, "basic": 10, "invalid": 900}, "competent", "ballots_fit"),  # invalid ones do not
    ],
)
def test_ballots_are_judged_by_their_shares(ballots, grade, by):
    verdict = balloted(**ballots)

    assert (verdict.grade, verdict.by) == (grade, by)


def test_a_verdict_on_ballots_never_tells_how_many_there_were():
    verdict = balloted(competent=19, incompetent=11)

    assert all(check.found is None for check in verdict.checks)
    assert not any(number in verdict.rule for number in ("19", "11", "30"))


def test_without_a_valid_ballot_there_is_nothing_to_judge():
    with pytest.raises(ValueError, match="no valid ballot"):
        balloted(invalid=3)


def test_somebody_under_a_measure_is_not_excellent_that_year():
    capped = cap(scored(95, 95, 95, 95, 95))

    assert (capped.grade, capped.by) == ("competent", "not_excellent_under")
    assert capped.checks[-1].held is False


def test_a_measure_leaves_other_grades_alone():
    verdict = scored(80, 80, 80, 80, 80)

    assert cap(verdict) is verdict
