"""Days are the county's; the clock is the database's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest

from bole import clock as clocks
from bole.clock import Clock
from bole.testing.clock import StoppedClock


def test_a_day_begins_at_midnight_in_the_county() -> None:
    clock = Clock("Asia/Shanghai")
    assert clock.day_of(datetime(2026, 8, 2, 15, 59, tzinfo=UTC)) == date(2026, 8, 2)
    assert clock.day_of(datetime(2026, 8, 2, 16, 0, tzinfo=UTC)) == date(2026, 8, 3)
    assert clock.midnight_after(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


def test_a_day_may_have_another_length() -> None:
    berlin = Clock("Europe/Berlin")  # summer time began on 2026-03-29
    assert berlin.midnight_after(date(2026, 3, 29)) - berlin.midnight_after(date(2026, 3, 28)) == timedelta(
        hours=23
    )


def test_a_moment_without_a_zone_is_on_no_day() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Clock().day_of(datetime(2026, 8, 3))  # noqa: DTZ001


def test_an_unknown_zone_stops_the_start() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        Clock("Asia/Nowhere")


def test_it_follows_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(clocks.log, "warning", lambda text, **_: warned.append(text))
    clock = Clock()
    assert clock.follow(datetime.now(UTC) + timedelta(seconds=1)) == pytest.approx(1, abs=0.5)
    assert not warned
    assert clock.follow(datetime.now(UTC) - timedelta(hours=1)) == pytest.approx(-3600, abs=1)
    assert clock.now() < datetime.now(UTC) - timedelta(minutes=59)
    assert len(warned) == 1


def test_processes_that_share_a_file_are_moved_together(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    here, there = Clock(clock_file=file), Clock(clock_file=file)
    assert here.now() - datetime.now(UTC) < timedelta(seconds=1)

    file.write_text("86400\n")
    for clock in (here, there):
        assert clock.now() - datetime.now(UTC) > timedelta(hours=23)

    file.write_text("")  # somebody is writing it just now
    assert here.now() - datetime.now(UTC) > timedelta(hours=23)


def test_a_stopped_clock_moves_when_told() -> None:
    clock = StoppedClock(date(2026, 8, 3))
    assert clock.now() == clock.now() == datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
    clock.advance(hours=14)
    assert clock.today() == date(2026, 8, 4)
    clock.move_to(date(2027, 1, 1))
    assert clock.today() == date(2027, 1, 1)
    clock.follow(datetime(2020, 1, 1, tzinfo=UTC))
    assert clock.today() == date(2027, 1, 1)
