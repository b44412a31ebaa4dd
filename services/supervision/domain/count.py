"""Count the quota of excellent in an assessed unit: numbers, never who."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Literal

from bole.policy.sources import rule
from services.supervision.domain.law import ASSESSMENT_RULES


@rule(ASSESSMENT_RULES.art("quota of 优秀"))
def count_allowed(graded: int, *, share: Fraction, rounding: Literal["half_up", "down", "up"]) -> int:
    """How many of a unit's graded people may be excellent.

    >>> count_allowed(13, share=Fraction(1, 5), rounding="half_up")
    3
    """
    exact = graded * share
    if rounding == "half_up":
        return floor(exact + Fraction(1, 2))
    return floor(exact) if rounding == "down" else ceil(exact)
