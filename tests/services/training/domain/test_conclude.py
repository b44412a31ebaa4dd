"""What a confirmed verdict leads to."""

from __future__ import annotations

from datetime import date

import pytest

from services.training.domain.conclude import conclude, extended_until, frees_on


@pytest.mark.parametrize(
    ("passed", "was_extended", "expected"),
    [
        (True, False, "passed"),
        (True, True, "passed"),
        (False, False, "extended"),
        (False, True, "failed"),
    ],
)
def test_a_failure_extends_once_and_only_once(passed: bool, was_extended: bool, expected: str) -> None:
    assert conclude(passed, was_extended=was_extended) == expected


def test_an_early_failure_is_extended_from_the_old_date() -> None:
    # Xiaguan district as reported on 2005-09-22: failed, 3 months more
    assert extended_until(date(2026, 9, 1), decided_on=date(2026, 8, 20), months=3) == date(2026, 12, 1)


def test_a_late_failure_is_extended_from_the_decision_so_that_the_person_has_the_whole_time() -> None:
    assert extended_until(date(2026, 9, 1), decided_on=date(2026, 9, 15), months=3) == date(2026, 12, 15)


def test_an_extension_of_nothing_repeats_within_the_term() -> None:
    assert extended_until(date(2027, 5, 8), decided_on=date(2026, 12, 1), months=0) == date(2027, 5, 8)


def test_a_pass_frees_on_the_day_the_pack_says() -> None:
    assert frees_on(date(2026, 6, 10), days=0) == date(2026, 6, 10)
    assert frees_on(date(2026, 6, 10), days=30) == date(2026, 7, 10)
