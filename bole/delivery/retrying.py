"""Takes parked events again: when due, when a subject they wait for was touched, when a person says so."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update

from bole.crashpoints import crashpoint
from bole.delivery import cursors, parked
from bole.delivery.cursors import MAIN, Line
from bole.delivery.failure import CRASHED, Failure, describe, judge
from bole.delivery.intake import Intake
from bole.delivery.tables import parked as table
from bole.journal.envelope import Envelope, read_message
from bole.log import get_log

if TYPE_CHECKING:
    from bole.store.database import Work

log = get_log(__name__)

DUE_AT_ONCE = 100
"""Events taken between two looks at what is due."""
REST_S = 0.1
"""At most ten looks a second, however often it is woken."""


class _Due(NamedTuple):
    line: Line
    position: int
    event: Envelope
    awaits: str | None
    wakes: int


class ParkedRetry:
    """Retries heads: `retry_at` came, the awaited subject was touched, or a person released them."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.retried = 0  # events that went through, since this process started
        self.failures = 0  # in a row, of this loop itself
        self.last_error: str | None = None
        self._open: Counter[tuple[Line, int]] = (
            Counter()
        )  # begun here without a report: our database went away
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._ended.set()
        intake.on_parked(self._woken.set)
        intake.database.on_commit(self._woken.set)  # an operator's decision is journalled here

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        self._ended.clear()
        try:
            while not self._stopping.is_set():
                self._woken.wait(self._until_next())
                if self._stopping.wait(REST_S):
                    break
                self._woken.clear()
                try:
                    while self.retry_due() and not self._stopping.is_set():
                        pass
                    self.failures = 0
                except Exception as error:
                    self.failures += 1
                    self.last_error = describe(error)
                    log.warning("retry paused", consumer=self.intake.consumer, error=self.last_error)
                    self._stopping.wait(self.intake.pace.pause_s(self.failures))
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Finish the event at hand; returns when run() has ended."""
        self._stopping.set()
        self._woken.set()
        self._ended.wait(30)

    def retry_due(self) -> int:
        """Take what is due now; how many were taken, successfully or not."""
        database, consumer = self.intake.database, self.intake.consumer
        with database.reading() as session:
            rows = session.execute(
                select(table.c.source, table.c.stream, table.c.position, table.c.handler)
                .where(table.c.consumer == consumer, table.c.retry_at <= database.clock.now())
                .order_by(table.c.retry_at, table.c.source, table.c.position)
                .limit(DUE_AT_ONCE)
            ).all()
        for row in rows:
            if self._stopping.is_set():
                break
            self._retry(Line(consumer, row.source, row.stream, row.handler), row.position)
        return len(rows)

    def _until_next(self) -> float:
        """Seconds until the next retry is due, at most the slow poll."""
        database = self.intake.database
        try:
            with database.reading() as session:
                due = session.scalar(
                    select(table.c.retry_at)
                    .where(table.c.consumer == self.intake.consumer, table.c.retry_at.is_not(None))
                    .order_by(table.c.retry_at)
                    .limit(1)
                )
        except Exception:
            return self.intake.pace.poll_s
        if due is None:
            return self.intake.pace.poll_s
        left: timedelta = due - database.clock.now()
        return min(max(left.total_seconds(), 0.0), self.intake.pace.poll_s)

    def _retry(self, line: Line, position: int) -> None:
        due = self._begin(line, position)
        if due is None:
            return
        for last in (False, True):
            try:
                done = self._take(due)
            except Exception as error:
                self.intake.taker.raise_if_away(error)
                failure = judge(error)
                if failure.state == "transient" and not last:
                    continue
                self._note(due, failure)
                return
            crashpoint("redrive.after_commit")
            del self._open[line, position]
            self.retried += done
            return

    def _begin(self, line: Line, position: int) -> _Due | None:
        """Count the try before it runs, so that an event that kills the process is found here too."""

        def count(work: Work) -> _Due | None:
            row = work.session.execute(
                select(table).where(line.own(table), table.c.position == position).with_for_update()
            ).one_or_none()
            if row is None or row.retry_at is None or row.retry_at > work.now:
                return None
            if row.started - self._open[line, position] >= parked.TRIES:
                parked.note_failure(work.session, line, position, CRASHED, wakes=row.wakes, now=work.now)
                return None
            work.session.execute(
                update(table)
                .where(line.own(table), table.c.position == position)
                .values(
                    started=row.started + 1, retry_at=work.now + timedelta(seconds=self.intake.pace.lease_s)
                )
            )
            event = read_message(bytes(row.body))
            if not isinstance(event, Envelope):
                return None
            return _Due(line, position, event, row.awaits, row.wakes)

        due = self.intake.taker.transact(count)
        if due is not None:
            self._open[line, position] += 1
        return due

    def _take(self, due: _Due) -> bool:
        """The event again, in one transaction. False: it was gone, or is not first in all its lines."""
        line, position, event = due.line, due.position, due.event
        subjects = set(event.subjects) | ({due.awaits} if due.awaits else set())
        woke: list[bool] = []

        def do(work: Work) -> bool:
            session = work.session
            at = cursors.read(session, Line(line.consumer, line.source, line.stream))
            here = select(table.c.position).where(line.own(table), table.c.position == position)
            if at is None or session.execute(here.with_for_update()).one_or_none() is None:
                return False
            first = parked.waiting(session, line, event.subjects)
            if any(first.get(subject, position) < position for subject in event.subjects):
                parked.step_back(session, line, position)
                return False
            crashpoint("redrive.before_handler")
            handlers = [
                handler
                for handler in self.intake.taker.handlers_for(event)
                if (handler.name == line.handler if line.handler != MAIN else at.covers(handler, position))
            ]
            self.intake.taker.handle(work, event, handlers)
            crashpoint("redrive.after_handler")
            parked.release(session, line, position, event.subjects, work.now)
            woke.append(parked.awake(session, line.consumer, event.subjects, work.now))
            return True

        done = self.intake.taker.transact(do, subjects)
        if done:
            self._woken.set()  # what waited behind it
            log.info("parked event done", source=line.source, position=position, cause=str(event.id))
        return done

    def _note(self, due: _Due, failure: Failure) -> None:
        def write(work: Work) -> None:
            parked.note_failure(work.session, due.line, due.position, failure, wakes=due.wakes, now=work.now)

        self.intake.taker.transact(write)
        del self._open[due.line, due.position]
        log.info(
            "parked event failed again",
            source=due.line.source,
            position=due.position,
            cause=str(due.event.id),
            state=failure.state,
            error=failure.error,
        )
