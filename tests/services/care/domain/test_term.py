"""By when a talk is held, and when it can have been."""

from __future__ import annotations

from datetime import date

import pytest

from services.care.domain.cite import because
from services.care.domain.term import check_held_on, due_before, due_within


def test_a_term_counts_calendar_days_after_the_day_itself() -> None:
    assert due_within(date(2026, 2, 20), days=15) == date(2026, 3, 7)


def test_whoever_leaves_is_talked_to_before_the_last_day_even_if_a_pack_says_no_day() -> None:
    assert due_before(date(2026, 7, 31), days=1) == date(2026, 7, 30)
    assert due_before(date(2026, 7, 31), days=0) == date(2026, 7, 30)
    assert due_before(date(2026, 7, 31), days=10) == date(2026, 7, 21)


def test_a_talk_can_have_been_held_from_the_day_of_its_occasion_until_today() -> None:
    check_held_on(date(2026, 3, 1), since_on=date(2026, 3, 1), today=date(2026, 3, 5))
    check_held_on(date(2026, 3, 5), since_on=date(2026, 3, 1), today=date(2026, 3, 5))


@pytest.mark.parametrize("held_on", [date(2026, 2, 28), date(2026, 3, 6)])
def test_before_its_occasion_or_in_the_future_it_cannot(held_on: date) -> None:
    with pytest.raises(ValueError, match=r"future|arose"):
        check_held_on(held_on, since_on=date(2026, 3, 1), today=date(2026, 3, 5))


def test_what_rests_on_two_sources_is_no_surer_than_the_weaker_one() -> None:
    assert because(("Programme", "V"), ("County rule", "V-local")).mark == "V-local"
    assert because(("Reading of a pack", "K"), ("Law", "V")).mark == "K"
    assert because(("Copy", "V2"), ("Older text", "V-old")).mark == "V-old"


def test_one_source_is_cited_once() -> None:
    assert because(("Programme", "V"), ("Programme", "V")).source == "Programme"
