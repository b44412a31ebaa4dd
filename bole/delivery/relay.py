"""From the journal to the broker: confirmed, in order, for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bole.delivery.pace import PACE, Pace

if TYPE_CHECKING:
    from bole.store.database import Database


@dataclass(slots=True, kw_only=True)
class RelayState:
    """For health and metrics; counts since this process started."""

    active: bool = False  # holds the lock: the one relay of its service
    connected: bool = False  # to the broker
    position: int = 0  # confirmed up to here
    head: int = 0  # of the journal, as last read; head - position is what waits
    published: int = 0
    nacked: int = 0
    failures: int = 0  # in a row
    last_error: str | None = None


class Relay:
    """Publishes the entries of one journal; one of its kind is active per service. PostgreSQL only."""

    def __init__(self, database: Database, amqp_url: str, pace: Pace = PACE) -> None:
        self.database = database
        self.amqp_url = amqp_url
        self.pace = pace
        self.state = RelayState()

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        raise NotImplementedError

    def stop(self) -> None:
        """Wait for outstanding confirms (5 s at most), keep the cursor, give up the lock."""
        raise NotImplementedError
