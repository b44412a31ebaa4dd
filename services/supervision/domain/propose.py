"""Say on which grounds measures are proposed after a confirmed result; people decide on them."""

from __future__ import annotations

from typing import Literal

from bole.policy.sources import rule
from services.supervision.domain.judge import Grade
from services.supervision.domain.law import CIVIL_SERVANTS_LAW, PROGRAMME

Ground = Literal[
    "after_basic", "after_incompetent", "after_two_incompetent", "for_failed_leader", "for_failed_official"
]
FAILED: frozenset[Grade] = frozenset({"basic", "incompetent"})


def has_failed(grade: Grade | None) -> bool:
    """基本称职 and 不称职 are failures; no grade is none."""
    return grade in FAILED


@rule(CIVIL_SERVANTS_LAW.art("50, 88"))
def grounds_after(grade: Grade | None, *, before: Grade | None) -> tuple[Ground, ...]:
    """What the law attaches to the grade itself; `before` is the grade of the preceding year."""
    if grade == "basic":
        return ("after_basic",)
    if grade == "incompetent":
        return ("after_two_incompetent",) if before == "incompetent" else ("after_incompetent",)
    return ()


@rule(PROGRAMME.art("section 3, standby training"))
def grounds_of(grade: Grade | None, *, before: Grade | None, is_leader: bool) -> tuple[Ground, ...]:
    """Every ground for a measure, one measure each.

    Besides what the grade brings, a failed leader leaves the post for the time and a general official
    is exchanged; who is to be dismissed is not also moved.
    """
    grounds = grounds_after(grade, before=before)
    if not grounds or "after_two_incompetent" in grounds:
        return grounds
    return (*grounds, "for_failed_leader" if is_leader else "for_failed_official")
