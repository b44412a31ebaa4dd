"""A clock that a test moves by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bole.clock import Clock


class StoppedClock(Clock):
    """Stands still until a test moves it.

    >>> clock = StoppedClock(date(2026, 8, 3))
    >>> clock.advance(days=1)
    >>> clock.today()
    datetime.date(2026, 8, 4)
    """

    def __init__(self, day: date = date(2026, 8, 3), time_zone: str = "Asia/Shanghai") -> None:
        super().__init__(time_zone)
        self._now = datetime.now(UTC)
        self.move_to(day)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: date | datetime) -> None:
        """Go to an aware moment, or to ten in the morning of a day in the county."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(10), tzinfo=self.zone)
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
        self._now = moment.astimezone(UTC)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def follow(self, database_now: datetime) -> float:
        return 0.0  # a stopped clock follows nobody
