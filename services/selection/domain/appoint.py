"""What a decided appointment does: from which day the post changes, and how long probation lasts."""

from __future__ import annotations

from datetime import date, timedelta

from bole.policy.sources import rule
from services.selection.domain.law import SELECTION_REGULATIONS_2014


def changes_on(kind: str, effective_on: date) -> date:
    """The first day on which the person's post is another one.

    Args:
        kind: promotion, exchange, adjustment or leaving.
        effective_on: first day in the new post; of somebody who leaves, the last day in the old one.

    >>> changes_on("leaving", date(2026, 12, 31))
    datetime.date(2027, 1, 1)
    """
    return effective_on + timedelta(days=1) if kind == "leaving" else effective_on


@rule(SELECTION_REGULATIONS_2014.art("42"))
def is_on_probation(kind: str, *, is_leader: bool, elected: bool) -> bool:
    """Whether a post is first held on probation: after a promotion, to a leading post that is not elected."""
    return kind == "promotion" and is_leader and not elected


@rule(SELECTION_REGULATIONS_2014.art("42"))
def probation_until(effective_on: date, *, years: int) -> date:
    """The last day of a probation.

    Args:
        effective_on: day of the trial appointment.
        years: how long the text in force asks for, 1 or more.

    >>> probation_until(date(2026, 3, 1), years=1), probation_until(date(2024, 2, 29), years=1)
    (datetime.date(2027, 2, 28), datetime.date(2025, 2, 28))
    """
    try:
        anniversary = effective_on.replace(year=effective_on.year + years)
    except ValueError:  # 29 February
        anniversary = date(effective_on.year + years, 3, 1)
    return anniversary - timedelta(days=1)
