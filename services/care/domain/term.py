"""Set the term of a talk: by which day it is to be held, and on which days it can have been."""

from __future__ import annotations

from datetime import date, timedelta

from bole.policy.sources import rule
from services.care.domain.law import FIVE_TALKS


@rule(FIVE_TALKS)
def due_within(day: date, *, days: int) -> date:
    """The last day for a talk that follows what happened on `day`, counted in calendar days."""
    return day + timedelta(days=days)


@rule(FIVE_TALKS)
def due_before(last_day: date, *, days: int) -> date:
    """The last day for a talk with somebody who leaves: before the last day, if only by one.

    >>> due_before(date(2026, 7, 31), days=0)
    datetime.date(2026, 7, 30)
    """
    return last_day - timedelta(days=max(days, 1))


@rule(FIVE_TALKS)
def check_held_on(held_on: date, *, since_on: date, today: date) -> None:
    """A talk is held after its occasion arose and is recorded afterwards.

    Raises:
        ValueError: in the future, or before the occasion.
    """
    if held_on > today:
        raise ValueError(f"a talk that was held cannot lie in the future, got {held_on}")
    if held_on < since_on:
        raise ValueError(f"the occasion arose on {since_on}, so the talk cannot have been held on {held_on}")
