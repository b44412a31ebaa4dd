"""What bars a person from being an inspection object, and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bole.policy.sources import rule
from services.selection.domain.law import PROGRAMME, SELECTION_REGULATIONS


@dataclass(frozen=True, slots=True)
class YearResult:
    """What the assessment of one year came to. `graded` False: no grade was fixed that year (ASM-09)."""

    year: int
    graded: bool
    failed: bool


@rule(SELECTION_REGULATIONS.art("24"))
def barring_year(results: Iterable[YearResult]) -> int | None:
    """The year whose failed assessment bars now; None when none does.

    The bar belongs to the last graded year and ends when the next grade is confirmed, whichever of the two
    was confirmed first. A year without a grade neither bars nor frees.

    >>> barring_year([YearResult(2025, True, True), YearResult(2026, True, False)]) is None
    True
    >>> barring_year([YearResult(2025, True, True), YearResult(2026, False, False)])
    2025
    """
    last = max((result for result in results if result.graded), key=lambda result: result.year, default=None)
    return last.year if last is not None and last.failed else None


@rule(SELECTION_REGULATIONS.art("24"))
def ground_of_measure(
    kind: str, *, barring: Collection[str], standby_bars: bool
) -> Literal["standby", "measure"] | None:
    """The ground a measure in effect is; None when it bars nothing.

    Args:
        kind: of the measure.
        barring: the kinds whose effect bars, as the text in force lists them.
        standby_bars: whether the county's programme asks for standby training to be passed first.
    """
    if kind == "standby":
        return "standby" if standby_bars else None
    return "measure" if kind in barring else None


def last_day_of(first_free_day: date) -> date:
    """The day whose end frees, as deadlines are kept: a due date is due at the following midnight."""
    return first_free_day - timedelta(days=1)


def first_day_after(last_day: date) -> date:
    """The day on which something no longer has effect."""
    return last_day + timedelta(days=1)


@rule(PROGRAMME.art("section 3"))
def frees_now(frees_on: date, *, today: date) -> bool:
    """Whether passed training frees already. It frees to compete, it does not reinstate."""
    return frees_on <= today
