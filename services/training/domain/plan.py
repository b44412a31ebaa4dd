"""Plan a training when it is assigned: by when, how many hours, and with which exam."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from bole.policy.sources import rule
from services.training.domain.law import ASSESSMENT_RULES, CIVIL_SERVANTS_LAW, XIAGUAN_STANDBY


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a training asks of the person."""

    due_on: date  # last day on which it is in time
    hours: int  # 学时
    pass_mark: int | None  # points, 0-100; None: no exam
    class_until: date | None = None  # standby: last day of the class, before the grassroots


def months_after(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day of a shorter month.

    >>> months_after(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@rule(ASSESSMENT_RULES.art("21"))
def plan_remedial(confirmed_on: date, *, months: int, hours: int, pass_mark: int) -> Plan:
    """Training beside the post after a failed assessment: a fixed time to improve, from its confirmation."""
    return Plan(due_on=months_after(confirmed_on, months), hours=hours, pass_mark=pass_mark)


@rule(XIAGUAN_STANDBY.art("standby training: class, grassroots, exam"))
def plan_standby(
    in_effect_on: date, *, class_months: int, grassroots_months: int, hours: int, pass_mark: int
) -> Plan:
    """Training of a leader who left the post for the time: first a class, then practice in the grassroots."""
    return Plan(
        due_on=months_after(in_effect_on, class_months + grassroots_months),
        hours=hours,
        pass_mark=pass_mark,
        class_until=months_after(in_effect_on, class_months),
    )


@rule(CIVIL_SERVANTS_LAW.art("67"))
def plan_appointment(effective_on: date, *, years: int, hours: int) -> Plan:
    """Training for a new post, counted from the day it was taken. It has no exam."""
    return Plan(due_on=months_after(effective_on, 12 * years), hours=hours, pass_mark=None)
