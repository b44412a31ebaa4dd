"""How entries become effects: in batches, each one transaction.

    lock all subjects -> cursor row -> handlers -> cursor moves -> commit

When one event fails, the batch is rolled back, what came before it is taken again, then it alone, then
the rest; a failure in an event taken alone parks it under its subjects. A batch is recorded as begun
before it runs, so that an event that kills the process is found: from then on events are taken one by
one, and the one with three tries is parked as crashed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from bole.crashpoints import crashpoint
from bole.delivery import cursors, parked
from bole.delivery.cursors import GENESIS, Attempt, Cursor
from bole.delivery.failure import CRASHED, Failure, judge
from bole.delivery.handler import Handler
from bole.delivery.line import OpenLine
from bole.errors import OutOfTime, Unavailable
from bole.journal.envelope import Envelope
from bole.log import get_log

if TYPE_CHECKING:
    from bole.store.database import Database, Work

log = get_log(__name__)
T = TypeVar("T")

EVENTS_PER_YIELD = 10
"""On SQLite a batch gives other green threads a turn so often; else they stand still for its whole length."""


class OtherJournal(Exception):
    """An entry does not continue the chain at the cursor."""


@dataclass(slots=True)
class _Progress:
    """What one run of the transaction saw; the transaction may be repeated."""

    at: int | None = None  # index of the event whose handler is running
    position: int = 0
    journal: UUID | None = None
    chain: bytes = GENESIS
    applied: int = 0
    duplicates: int = 0
    parked: int = 0
    woke: bool = False


class Taker:
    """Takes entries of one consumer, line by line. Its caller holds the line's lock."""

    def __init__(self, consumer: str, database: Database, handlers: Sequence[Handler]) -> None:
        names = [handler.name for handler in handlers]
        if len(set(names)) != len(names):
            raise ValueError(f"{consumer}: two handlers have the same name, of {sorted(names)}")
        self.consumer = consumer
        self.database = database
        self.handlers = tuple(handlers)
        self.wakes: list[Callable[[], None]] = []  # called when something was parked or became due

    def take(self, opened: OpenLine, events: list[Envelope]) -> None:
        """Take a batch; first, one by one, what a process that died had begun."""
        found = self._begin(opened, events, tries=1)
        if found is None:
            self._take_batch(opened, events)
            return
        log.warning(
            "batch of a dead process found", source=opened.line.source, first=found.first, last=found.last
        )
        while events and events[0].position <= found.last:
            event = events.pop(0)
            within = event.position >= found.first
            if within and found.first == found.last and found.tries >= parked.TRIES:
                self._commit(opened, [event], CRASHED)
            else:
                self._begin(opened, [event], tries=found.tries + 1 if within else 1, ours=True)
                self._alone(opened, event)
        self._take_batch(opened, events)

    def _begin(
        self, opened: OpenLine, events: Sequence[Envelope], *, tries: int, ours: bool = False
    ) -> Attempt | None:
        """Record that these events are being taken; or give back, untouched, what a dead process left."""
        if not any(self._heard(opened, event) for event in events):
            return None
        wanted = Attempt(events[0].position, events[-1].position, tries)
        known = opened.attempt
        if (
            known is not None
            and known.first <= wanted.first
            and wanted.last <= known.last
            and tries <= known.tries
        ):
            return None

        def write(work: Work) -> Attempt | None:
            if not self.database.is_sqlite:
                # The record must survive this process, not the server: spare the wait for its disk.
                work.session.execute(text("SET LOCAL synchronous_commit = off"))
            left = cursors.begun(work.session, opened.line)
            if left is not None and left != known and not ours:
                return left
            cursors.begin_attempt(work.session, opened.line, wanted)
            return None

        left = self.transact(write)
        if left is None:
            opened.attempt = wanted
        return left

    def _take_batch(self, opened: OpenLine, events: Sequence[Envelope]) -> None:
        """As one batch; one that fails is then taken alone, between what precedes and what follows it."""
        while events:
            self._begin(opened, events, tries=1, ours=True)
            progress = _Progress()
            try:
                self._commit(opened, events, progress=progress)
                return
            except Exception as error:
                self.raise_if_away(error)
                log.info(
                    "batch rolled back",
                    source=opened.line.source,
                    events=len(events),
                    error=type(error).__name__,
                )
            if progress.at is None:  # it failed while writing: any of them may be at fault
                for event in events:
                    self._alone(opened, event)
                return
            if progress.at > 0:
                self._take_batch(opened, events[: progress.at])
            self._alone(opened, events[progress.at])
            events = events[progress.at + 1 :]

    def _alone(self, opened: OpenLine, event: Envelope) -> None:
        """One event: a transient failure gets one immediate retry; what fails then is parked."""
        for last in (False, True):
            self._begin(opened, [event], tries=1, ours=True)
            try:
                self._commit(opened, [event])
                return
            except Exception as error:
                self.raise_if_away(error)
                failure = judge(error)
                opened.state.last_error = f"{failure.error} at {failure.place}"
                if failure.state == "transient" and not last:
                    continue
                self._commit(opened, [event], failure)
                line = opened.line
                log.warning(
                    "event parked",
                    source=line.source,
                    position=event.position,
                    cause=str(event.id),
                    state=failure.state,
                    error=failure.error,
                    place=failure.place,
                    fingerprint=failure.fingerprint,
                )
                return

    def _commit(
        self,
        opened: OpenLine,
        events: Sequence[Envelope],
        failure: Failure | None = None,
        progress: _Progress | None = None,
    ) -> None:
        """One transaction over these events; with `failure`, their only one is parked instead of handled."""
        line = opened.line
        seen = progress or _Progress()
        heard = {event.position for event in events if self._heard(opened, event)}
        subjects = {subject for event in events if event.position in heard for subject in event.subjects}
        if failure is not None and failure.awaits is not None:
            subjects.add(failure.awaits)

        def do(work: Work) -> None:
            crashpoint("intake.before_cursor")
            at = cursors.read(work.session, line, lock=True)
            if at is None:
                raise Unavailable(
                    f"the cursor of {line.consumer} for {line.source} is gone; run 'bole migrate'"
                )
            crashpoint("intake.after_cursor")
            self._walk(work, opened, at, events, heard, failure, seen)
            crashpoint("intake.before_commit")

        self.transact(do, subjects=subjects)
        crashpoint("intake.after_commit")
        if heard:
            opened.attempt = None
        state = opened.state
        state.position = seen.position
        opened.journal, opened.chain = seen.journal, seen.chain
        state.head = max(state.head, seen.position)
        state.applied += seen.applied
        state.duplicates += seen.duplicates
        state.parked += seen.parked
        state.moved_at = time.monotonic()
        if seen.parked or seen.woke:
            for wake in self.wakes:
                wake()

    def _walk(
        self,
        work: Work,
        opened: OpenLine,
        at: Cursor,
        events: Sequence[Envelope],
        heard: set[int],
        failure: Failure | None,
        seen: _Progress,
    ) -> None:
        """Inside the transaction: handlers in order, then the cursor. Its outcome is in `seen`."""
        session, line = work.session, opened.line
        seen.at, seen.applied, seen.duplicates, seen.parked, seen.woke = None, 0, 0, 0, False
        position, journal, chain = at.position, at.journal, at.hash
        waiting: dict[str, int] = {}  # subject -> position of the first that waits under it
        if at.has_parked and heard:
            subjects = {subject for event in events if event.position in heard for subject in event.subjects}
            waiting = parked.waiting(session, line, subjects)
        touched: set[str] = set()
        for index, event in enumerate(events):
            if event.position <= position:
                seen.duplicates += 1
                continue
            if event.position > position + 1:
                break
            if event.prev_hash != chain or (journal is not None and event.journal != journal):
                raise OtherJournal
            if event.position in heard:
                if failure is not None or any(
                    waiting.get(subject, event.position) < event.position for subject in event.subjects
                ):
                    parked.park(session, line, event, failure, work.now)
                    waiting.update(
                        {
                            subject: min(waiting.get(subject, event.position), event.position)
                            for subject in event.subjects
                        }
                    )
                    seen.parked += 1
                else:
                    seen.at = index
                    self.handle(work, event, self._for(opened, at, event))
                    touched.update(event.subjects)
                    if self.database.is_sqlite and index % EVENTS_PER_YIELD == EVENTS_PER_YIELD - 1:
                        time.sleep(0)
            position, journal, chain = event.position, event.journal, event.hash
            seen.applied += 1
        seen.at = None
        seen.position, seen.journal, seen.chain = position, journal, chain
        if journal is not None and position > at.position:
            cursors.move(session, line, at, position=position, journal=journal, hash=chain)
        if heard:
            cursors.end_attempt(session, line)
        if at.has_awaiting and touched:
            seen.woke = parked.awake(session, line.consumer, touched, work.now)

    def handle(self, work: Work, event: Envelope, handlers: Sequence[Handler]) -> None:
        """Run handlers for one event inside a transaction; whatever they announce follows from it."""
        work.envelope = event
        try:
            fact = None if all(handler.types is None for handler in handlers) else event.fact
            for handler in handlers:
                handler.call(event if handler.types is None else fact, work)
                crashpoint("intake.after_handler")
        finally:
            work.envelope = None

    def handlers_for(self, event: Envelope) -> list[Handler]:
        """All handlers that hear this entry; a stub is heard only by those that take envelopes."""
        return [
            handler
            for handler in self.handlers
            if handler.types is None or (event.payload is not None and event.type in handler.types)
        ]

    def _heard(self, opened: OpenLine, event: Envelope) -> bool:
        if opened.late is None:
            return bool(self.handlers_for(event))
        return opened.late in self.handlers_for(event)

    def _for(self, opened: OpenLine, at: Cursor, event: Envelope) -> list[Handler]:
        if opened.late is not None:
            return [opened.late]
        return [handler for handler in self.handlers_for(event) if at.covers(handler, event.position)]

    def raise_if_away(self, error: Exception) -> None:
        """Raise again what no event is to blame for: a broken chain, or our own database being away."""
        if isinstance(error, (OtherJournal, OutOfTime)):
            raise error
        if isinstance(error, (Unavailable, OperationalError, InterfaceError)):
            try:
                with self.database.reading() as session:
                    session.execute(text("SELECT 1"))
            except Exception as away:
                raise Unavailable(f"the database of {self.consumer} is away") from away

    def transact(self, do: Callable[[Work], T], subjects: Iterable[str] = ()) -> T:
        """One write transaction of the consumer's own database, as the consumer."""
        return self.database.transact(do, actor=self.consumer, subjects=subjects).value
