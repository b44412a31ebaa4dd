"""Count the terms of supervision: review, effect of a measure, return visit."""

from __future__ import annotations

from datetime import date, timedelta

from bole.policy.sources import rule
from bole.policy.terms import months_after
from services.supervision.domain.law import CITY_ADMONITION, CIVIL_SERVANTS_LAW, WEIXI_VISITS


@rule(CIVIL_SERVANTS_LAW.art("95"))
def review_until(served_on: date, *, days: int) -> date:
    """The last day on which a review may be asked for, counted from the day of service.

    >>> review_until(date(2026, 3, 2), days=30)
    datetime.date(2026, 4, 1)
    """
    return served_on + timedelta(days=days)


@rule(CITY_ADMONITION.art("effect on promotion"))
def effect_until(served_on: date, *, months: int) -> date:
    """The last day of a measure's effect, counted from the day of service."""
    return months_after(served_on, months)


@rule(WEIXI_VISITS.art("all newly promoted within 3 to 6 months"))
def visit_between(effective_on: date, *, from_months: int, within_months: int) -> tuple[date, date]:
    """The first and the last day of a return visit after a promotion."""
    return months_after(effective_on, from_months), months_after(effective_on, within_months)
