"""Probation of one year for leading posts that are not elected (2014 regulations, article 42)."""

from __future__ import annotations

from datetime import date

import pytest

from services.selection.domain.appoint import changes_on, is_on_probation, probation_until


@pytest.mark.parametrize(
    ("begins", "years", "last_day"),
    [
        (date(2026, 3, 1), 1, date(2027, 2, 28)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2027, 3, 1), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
    ],
)
def test_a_probation_ends_on_the_day_before_its_anniversary(begins: date, years: int, last_day: date) -> None:
    assert probation_until(begins, years=years) == last_day


@pytest.mark.parametrize(
    ("kind", "is_leader", "elected", "on_probation"),
    [
        ("promotion", True, False, True),
        ("promotion", True, True, False),
        ("promotion", False, False, False),
        ("exchange", True, False, False),
        ("adjustment", True, False, False),
        ("leaving", True, False, False),
    ],
)
def test_only_a_promotion_to_a_leading_post_that_is_not_elected_is_on_probation(
    kind: str, is_leader: bool, elected: bool, on_probation: bool
) -> None:
    assert is_on_probation(kind, is_leader=is_leader, elected=elected) is on_probation


def test_whoever_leaves_holds_the_post_on_the_last_day() -> None:
    assert changes_on("leaving", date(2026, 12, 31)) == date(2027, 1, 1)
    assert changes_on("promotion", date(2026, 12, 31)) == date(2026, 12, 31)
