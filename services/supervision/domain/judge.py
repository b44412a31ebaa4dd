"""Judge one assessment: item scores or ballots become a proposed grade, with every condition looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from bole.policy.sources import rule
from services.supervision.domain.law import ASSESSMENT_RULES, CIVIL_SERVANTS_LAW, COUNTY_SCHEME

Grade = Literal["excellent", "competent", "basic", "incompetent"]
Threshold = Literal[
    "grade_scores", "ballots_unfit", "ballots_fit", "ballots_excellent", "not_excellent_under"
]

WORDS: Mapping[Grade, str] = {
    "excellent": "优秀",
    "competent": "称职",
    "basic": "基本称职",
    "incompetent": "不称职",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition: required, found, and whether it held. Ballots are never told: `found` is None."""

    zh: str
    en: str
    required: str
    found: str | None
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A proposed grade. `by` names the threshold that decided, whose source stands behind the grade."""

    grade: Grade
    by: Threshold
    rule: str  # which threshold decided, in words: Chinese / English
    checks: tuple[Check, ...]
    average: Decimal | None = None  # points, 0-100, as `points` gives them; None for ballots


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballots:
    """Ballots of one evaluation, each 0 or more."""

    excellent: int = 0
    competent: int = 0
    basic: int = 0
    incompetent: int = 0
    abstained: int = 0
    invalid: int = 0

    @property
    def counted(self) -> int:
        """All but the invalid ones: an abstention is a ballot that supports nothing."""
        return self.excellent + self.competent + self.basic + self.incompetent + self.abstained

    def share(self, *boxes: str) -> Fraction:
        """The share of these boxes among the counted ballots.

        Raises:
            ValueError: there is none to count.
        """
        if not self.counted:
            raise ValueError("there is no valid ballot")
        return Fraction(sum(getattr(self, box) for box in boxes), self.counted)


def average_of(scores: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> Fraction:
    """The weighted average of item scores, exact. Weights are parts; equal ones give the plain average.

    Raises:
        ValueError: a score out of 0-100 points, or weights that are all zero.
    """
    for item, score in scores.items():
        if not 0 <= score <= 100:
            raise ValueError(f"{item} must lie within 0-100 points, got {score}")
    parts = sum(Fraction(weights[item]) for item in scores)
    if not parts:
        raise ValueError("the weights must not all be zero")
    return Fraction(sum(Fraction(score) * Fraction(weights[item]) for item, score in scores.items())) / parts


def points(exact: Fraction) -> Decimal:
    """Points as a person reads them: two to four places, cut off and never rounded up.

    Grades are decided on the exact value; what is shown reaches a threshold (of up to four places) if
    and only if that does.

    >>> points(Fraction(89995, 1000))
    Decimal('89.995')
    >>> points(Fraction(200, 3))
    Decimal('66.6666')
    """
    cut = Decimal(exact.numerator * 10_000 // exact.denominator) / 10_000
    hundredths = cut.quantize(Decimal("0.01"))
    return hundredths if hundredths == cut else cut.normalize()


@rule(CIVIL_SERVANTS_LAW.art("35"))
def judge_scores(
    scores: Mapping[str, Decimal],
    *,
    weights: Mapping[str, Decimal],
    reaches: Mapping[Literal["excellent", "competent", "basic"], Decimal],
) -> Verdict:
    """Judge the five item scores (德能勤绩廉). Reaching a threshold exactly is enough.

    Args:
        scores: points by item, 0-100.
        weights: parts by item.
        reaches: average that reaches each grade, points.
    """
    average = average_of(scores, weights)
    shown = points(average)
    is_cut = Fraction(shown) != average
    zh = f"平均 {shown} 分" + ("（四位小数以下舍去）" if is_cut else "")
    en = f"average {shown} points" + (" (cut off after 4 decimals)" if is_cut else "")
    checks = []
    grade: Grade = "incompetent"
    for name in ("excellent", "competent", "basic"):
        held = average >= Fraction(reaches[name])
        checks.append(
            Check(
                zh=f"平均分达到{WORDS[name]}线",
                en=f"average reaches {name}",
                required=f"{reaches[name]}",
                found=f"{shown}",
                held=held,
            )
        )
        if held:
            grade = name
            break
    if grade == "incompetent":
        line = reaches["basic"]
        said = f"{zh}，低于 {line} 分 / {en}, below {line}"
    else:
        line = reaches[grade]
        said = f"{zh}，达到 {line} 分 / {en}, reaches {line}"
    return Verdict(grade=grade, by="grade_scores", rule=said, checks=tuple(checks), average=shown)


@rule(COUNTY_SCHEME.art("优秀 and 称职 below two thirds; 不称职 above one third"))
def judge_ballots(ballots: Ballots, *, fit: Fraction, unfit: Fraction, excellent: Fraction) -> Verdict:
    """Judge the ballots of a democratic evaluation: a proposal, never a decision by votes alone.

    Args:
        fit: excellent and competent ballots below this share: basic. Exactly this share is fit.
        unfit: incompetent ballots above this share: incompetent. Exactly this share is not above.
        excellent: excellent ballots at or above this share, and neither of the other two: excellent.
    Raises:
        ValueError: there is no valid ballot.
    """
    is_unfit = ballots.share("incompetent") > unfit
    is_fit = ballots.share("excellent", "competent") >= fit
    is_excellent = ballots.share("excellent") >= excellent
    checks = (
        Check(
            zh=f"不称职票未超过 {unfit}",
            en=f"incompetent ballots not above {unfit}",
            required=f"<= {unfit}",
            found=None,
            held=not is_unfit,
        ),
        Check(
            zh=f"优秀与称职票不低于 {fit}",
            en=f"excellent and competent ballots not below {fit}",
            required=f">= {fit}",
            found=None,
            held=is_fit,
        ),
        Check(
            zh=f"优秀票不低于 {excellent}",
            en=f"excellent ballots not below {excellent}",
            required=f">= {excellent}",
            found=None,
            held=is_excellent,
        ),
    )
    if is_unfit:
        said = f"不称职票超过 {unfit} / incompetent ballots above {unfit}"
        return Verdict(grade="incompetent", by="ballots_unfit", rule=said, checks=checks)
    if not is_fit:
        said = f"优秀与称职票低于 {fit} / excellent and competent ballots below {fit}"
        return Verdict(grade="basic", by="ballots_fit", rule=said, checks=checks)
    if is_excellent:
        said = f"优秀票不低于 {excellent} / excellent ballots not below {excellent}"
        return Verdict(grade="excellent", by="ballots_excellent", rule=said, checks=checks)
    said = f"优秀与称职票不低于 {fit} / excellent and competent ballots not below {fit}"
    return Verdict(grade="competent", by="ballots_fit", rule=said, checks=checks)


@rule(ASSESSMENT_RULES.art("29"))
def cap(verdict: Verdict) -> Verdict:
    """Keep somebody under a measure from excellent that year: the grade becomes competent."""
    if verdict.grade != "excellent":
        return verdict
    check = Check(
        zh="当年无影响评优的措施",
        en="no measure in effect that year that excludes excellent",
        required="0",
        found=">= 1",
        held=False,
    )
    return Verdict(
        grade="competent",
        by="not_excellent_under",
        rule="当年受有措施，不得评为优秀 / under a measure that year, so not excellent",
        checks=(*verdict.checks, check),
        average=verdict.average,
    )
