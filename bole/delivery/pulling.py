"""The embedded way: journals are read straight, woken by their commits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bole.delivery.failure import describe
from bole.delivery.intake import Intake
from bole.delivery.topology import STREAMS
from bole.log import get_log

if TYPE_CHECKING:
    from bole.store.database import Database

log = get_log(__name__)


@dataclass(slots=True)
class _Turn:
    """One source stream in the round."""

    source: str
    stream: int
    woken: bool = True  # at the start each source is asked
    polled_at: float = 0.0  # monotonic seconds
    checked_at: float | None = None  # whether it still keeps what we took
    not_before: float = 0.0  # after a failure
    failures: int = 0


class PullFeed:
    """Feeds an intake from all its sources; woken by commits of `wakes`, with a slow poll behind."""

    def __init__(self, intake: Intake, wakes: Iterable[Database] = ()) -> None:
        self.intake = intake
        self.pace = intake.pace
        self._turns = [_Turn(source, stream) for source in intake.sources for stream in STREAMS]
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._ended.set()
        for database in wakes:
            database.on_commit(partial(self.wake, database.service))

    @property
    def failing(self) -> dict[str, int]:
        """Sources that could not be taken from, with the failures in a row."""
        return {turn.source: turn.failures for turn in self._turns if turn.failures}

    def wake(self, source: str) -> None:
        """This source has something new."""
        for turn in self._turns:
            if turn.source == source:
                turn.woken = True
        self._woken.set()

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        self._ended.clear()
        try:
            while not self._stopping.is_set():
                self._woken.clear()
                again = [turn for turn in self._turns if self._take_turn(turn)]
                if not again and not self._stopping.is_set():
                    self._woken.wait(self._rest())
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Finish the batch at hand; returns when run() has ended."""
        self._stopping.set()
        self._woken.set()
        self._ended.wait(30)

    def _rest(self) -> float:
        """Seconds until the next poll or the end of a pause."""
        now = time.monotonic()
        waits = [turn.not_before - now for turn in self._turns if turn.not_before > now]
        return min([self.pace.poll_s, *waits])

    def _take_turn(self, turn: _Turn) -> bool:
        """One batch of one source. True: it has more."""
        now = time.monotonic()
        if self._stopping.is_set() or turn.not_before > now:
            return False
        polled = now - turn.polled_at >= self.pace.poll_s
        if not (turn.woken or polled):
            return False
        turn.woken, turn.polled_at = False, now
        source, stream = turn.source, turn.stream
        try:
            if turn.checked_at is None or now - turn.checked_at >= self.pace.silence_s:
                self.intake.check(source, stream)
                turn.checked_at = now
            taken = self.intake.pull(source, stream)
            more = taken is not None and taken.halted is None and taken.more
            more = self.intake.catch_up(source, stream) or more
            turn.failures = 0
        except Exception as error:
            turn.failures += 1
            pause_s = self.pace.pause_s(turn.failures)
            turn.not_before = now + pause_s
            turn.woken = True
            self.intake.note_error(source, stream, error)
            log.warning("source paused", source=source, pause_s=round(pause_s, 1), error=describe(error))
            return False
        turn.woken = turn.woken or more
        return more
