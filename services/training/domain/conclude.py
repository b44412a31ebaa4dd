"""Conclude a training once its verdict is confirmed: it is passed, extended once, or failed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from bole.policy.sources import rule
from services.training.domain.law import PROGRAMME, XIAGUAN_STANDBY
from services.training.domain.plan import months_after

Conclusion = Literal["passed", "extended", "failed"]


@rule(XIAGUAN_STANDBY.art("standby training: failed, extended once; failed again, decided on"))
def conclude(passed: bool, *, was_extended: bool) -> Conclusion:
    """A first failure extends the term, a second one puts the case before supervision."""
    if passed:
        return "passed"
    return "failed" if was_extended else "extended"


@rule(XIAGUAN_STANDBY.art("standby training: failed, 3 months more"))
def extended_until(due_on: date, *, decided_on: date, months: int) -> date:
    """The new last day: `months` after the old one, or after the decision when the old one had passed.

    >>> extended_until(date(2026, 9, 10), decided_on=date(2026, 8, 1), months=3)
    datetime.date(2026, 12, 10)
    """
    return months_after(max(due_on, decided_on), months)


@rule(PROGRAMME.art("section 3, standby training"))
def frees_on(passed_on: date, *, days: int) -> date:
    """The day from which the person may compete again. Passing frees to compete; it does not reinstate."""
    return passed_on + timedelta(days=days)
