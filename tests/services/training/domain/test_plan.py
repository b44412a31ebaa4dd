"""How long a training lasts, with the numbers of the texts it rests on."""

from __future__ import annotations

from datetime import date

import pytest

from bole.policy.sources import rule_source
from services.training.domain.plan import months_after, plan_appointment, plan_remedial, plan_standby


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 10), 3, date(2026, 6, 10)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(
    day: date, months: int, expected: date
) -> None:
    assert months_after(day, months) == expected


def test_standby_is_three_months_of_class_and_then_three_in_the_grassroots() -> None:
    # Xiaguan district as reported on 2005-09-22: 3 months class + 3 months grassroots
    plan = plan_standby(date(2026, 3, 1), class_months=3, grassroots_months=3, hours=550, pass_mark=60)

    assert plan.class_until == date(2026, 6, 1)
    assert plan.due_on == date(2026, 9, 1)


def test_training_for_a_new_post_ends_within_a_year_of_taking_it_and_has_no_exam() -> None:
    # 公务员法 (2018-12-29), art. 67: before the appointment or within one year after it
    plan = plan_appointment(date(2026, 5, 8), years=1, hours=120)

    assert (plan.due_on, plan.pass_mark) == (date(2027, 5, 8), None)
    assert str(rule_source(plan_appointment)) == "中华人民共和国公务员法 (2018-12-29), art. 67"


def test_remedial_training_runs_from_the_day_of_confirmation() -> None:
    plan = plan_remedial(date(2026, 1, 31), months=1, hours=40, pass_mark=60)

    assert (plan.due_on, plan.hours, plan.pass_mark, plan.class_until) == (date(2026, 2, 28), 40, 60, None)
