"""How long the delivery waits for what. One object, so that a test can make all of it quick at once."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Waiting times in seconds; sizes in events."""

    batch: int = 200  # events in one transaction; 5,000-7,000 events/s on two cores [V-local]
    linger_s: float = 0.05  # a batch that is not full waits no longer than this
    hold_s: float = 0.25  # a gap may close by itself for so long before it is pulled
    watermark_s: float = 5.0  # between two watermarks of the relay
    silence_s: float = 15.0  # nothing heard of a source: ask for its head
    recheck_s: float = 30.0  # a subscriber declares its queue and binding again
    poll_s: float = 5.0  # slow poll behind every wake-up
    standby_s: float = 2.0  # a relay in waiting asks for the lock again
    heartbeat_s: float = 5.0  # AMQP heartbeat; a dead peer is noticed within two
    pause_min_s: float = 1.0  # first pause after a failure of a server
    pause_max_s: float = 30.0
    lease_s: float = 10.0  # a parked event that one process takes again is left alone by the others
    ahead_max: int = 10_000  # events kept in the table `bole_ahead` per source stream

    def pause_s(self, failures: int) -> float:
        """The pause after so many failures in a row: doubling, capped, with jitter to spread the return."""
        full = min(self.pause_max_s, self.pause_min_s * 2.0 ** min(failures - 1, 16))
        return full * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


PACE = Pace()
