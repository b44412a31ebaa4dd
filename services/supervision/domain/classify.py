"""Put leaders and teams into the four classes: 一类巩固, 二类提高, 三类诫勉, 四类调整."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from bole.policy.sources import rule
from services.supervision.domain.judge import Ballots, Grade
from services.supervision.domain.law import PROGRAMME

LeaderClass = Literal["class_1", "class_2", "class_3", "class_4"]


@rule(PROGRAMME.art("section 3, four classes"))
def classify_leader(grade: Grade | None, *, class_of: Mapping[Grade, LeaderClass]) -> LeaderClass | None:
    """The class of a leader; nobody without a grade has one."""
    return None if grade is None else class_of[grade]


@rule(PROGRAMME.art("section 3, four classes"))
def classify_team(
    ballots: Ballots, *, shares: Mapping[Literal["class_1", "class_2", "class_3"], Fraction]
) -> tuple[LeaderClass, str]:
    """The class of a team by its two better ballots (优秀, 良好), and which threshold decided, in words.

    Raises:
        ValueError: there is no valid ballot.
    """
    better = ballots.share("excellent", "competent")
    for name in ("class_1", "class_2", "class_3"):
        if better >= shares[name]:
            said = f"优秀与良好票不低于 {shares[name]} / excellent and good ballots not below {shares[name]}"
            return name, said
    lowest = shares["class_3"]
    return "class_4", f"优秀与良好票低于 {lowest} / excellent and good ballots below {lowest}"
