"""What time it is, for everybody alike: the database's clock, and days in the county's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bole.log import get_log

ALARM_S = 2.0  # further from the database than this, a machine's clock is set wrong

log = get_log(__name__)


class Clock:
    """Now and today. A process has one; it follows its database's clock.

    Args:
        time_zone: where days begin and end, an IANA name.
        clock_file: tests only: a file with the seconds by which all processes that share it are moved.
            It is read each time, so that no two of them differ; a file that is not there moves nothing.

    Raises:
        KeyError: there is no such time zone (zoneinfo.ZoneInfoNotFoundError).
    """

    def __init__(self, time_zone: str = "Asia/Shanghai", *, clock_file: Path | None = None) -> None:
        self.zone = ZoneInfo(time_zone)
        self._clock_file = clock_file
        self._offset = timedelta()  # database minus this machine
        self._moved_by = timedelta()

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC) + self._offset + self._shift()

    def today(self) -> date:
        """The calendar day it is in the county."""
        return self.day_of(self.now())

    def day_of(self, moment: datetime) -> date:
        """The county's calendar day of an aware moment.

        >>> Clock().day_of(datetime(2026, 8, 2, 16, 0, tzinfo=UTC))
        datetime.date(2026, 8, 3)
        """
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone: whose day would it be?")
        return moment.astimezone(self.zone).date()

    def midnight_after(self, day: date) -> datetime:
        """When a day is over in the county, in UTC: what is due on a day is overdue from then.

        >>> Clock().midnight_after(date(2026, 8, 3))
        datetime.datetime(2026, 8, 3, 16, 0, tzinfo=datetime.timezone.utc)
        """
        following = day + timedelta(days=1)
        return datetime(following.year, following.month, following.day, tzinfo=self.zone).astimezone(UTC)

    def follow(self, database_now: datetime) -> float:
        """Take over the database's clock; returns by how many seconds this machine's was behind it."""
        self._offset = database_now - datetime.now(UTC)
        seconds = self._offset.total_seconds()
        if abs(seconds) > ALARM_S:
            log.warning("clock differed from the database's", behind_s=round(seconds, 3), alarm_s=ALARM_S)
        return seconds

    def _shift(self) -> timedelta:
        if self._clock_file is not None:
            try:
                text = self._clock_file.read_text("ascii").strip()
            except FileNotFoundError:
                text = "0"
            if text:  # empty: somebody is writing it just now
                self._moved_by = timedelta(seconds=float(text))
        return self._moved_by
