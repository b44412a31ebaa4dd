"""Which year bars, and which measures do, as article 24 says it."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from services.selection.domain.bar import (
    YearResult,
    barring_year,
    first_day_after,
    frees_now,
    ground_of_measure,
    last_day_of,
)

PASSED, FAILED = {"graded": True, "failed": False}, {"graded": True, "failed": True}
NO_GRADE = {"graded": False, "failed": False}


@pytest.mark.parametrize(
    ("years", "barring"),
    [
        ({}, None),
        ({2025: FAILED}, 2025),
        ({2025: PASSED}, None),
        ({2025: FAILED, 2026: PASSED}, None),
        ({2025: FAILED, 2026: FAILED}, 2026),
        ({2025: PASSED, 2026: FAILED}, 2026),
        ({2025: FAILED, 2026: NO_GRADE}, 2025),
        ({2025: FAILED, 2026: NO_GRADE, 2027: PASSED}, None),
    ],
)
def test_the_last_graded_year_bars_whatever_came_in_first(
    years: dict[int, dict[str, bool]], barring: int | None
) -> None:
    results = [YearResult(year, **result) for year, result in years.items()]
    assert {barring_year(order) for order in permutations(results)} == {barring}


@pytest.mark.parametrize(
    ("kind", "standby_bars", "ground"),
    [
        ("admonition", True, "measure"),
        ("exchange", True, None),
        ("standby", True, "standby"),
        ("standby", False, None),
    ],
)
def test_a_measure_is_a_ground_when_the_text_or_the_county_says_so(
    kind: str, standby_bars: bool, ground: str | None
) -> None:
    assert ground_of_measure(kind, barring=["admonition", "demotion"], standby_bars=standby_bars) == ground


def test_training_frees_on_its_day_and_not_before() -> None:
    day = date(2026, 4, 1)
    assert frees_now(day, today=day)
    assert not frees_now(day, today=date(2026, 3, 31))
    assert last_day_of(day) == date(2026, 3, 31)
    assert first_day_after(last_day_of(day)) == day
