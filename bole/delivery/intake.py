"""The intake of one consumer: its lines to all sources, and whether each source still is what it was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bole.delivery import cursors, quarantine
from bole.delivery.cursors import Cursor, Line
from bole.delivery.failure import describe
from bole.delivery.handler import Handler
from bole.delivery.line import Applied, LineState, OpenLine
from bole.delivery.pace import PACE, Pace
from bole.delivery.reader import reached_end
from bole.delivery.taking import OtherJournal, Taker
from bole.errors import Unavailable
from bole.journal.envelope import Envelope, Untrusted, Watermark, read_message
from bole.log import get_log

if TYPE_CHECKING:
    from bole.delivery.reader import Reader
    from bole.store.database import Database

log = get_log(__name__)

REWOUND = "source_rewound"
"""The source was restored or made anew: it no longer keeps the entry we took last."""
UNTRUSTED = "source_untrusted"
"""What the source itself gives does not prove its place in its chain."""


class Intake:
    """Applies entries of other journals to one consumer's database; knows nothing of how they came.

    Every method may raise errors.Unavailable when the consumer's own database is away: the feed pauses
    and no try is counted.
    """

    def __init__(
        self,
        consumer: str,
        database: Database,
        handlers: Sequence[Handler],
        reader: Reader,
        sources: Collection[str],
        pace: Pace = PACE,
    ) -> None:
        self.consumer = consumer
        self.database = database
        self.taker = Taker(consumer, database, handlers)
        self.reader = reader
        self.sources = tuple(sorted(sources))
        self.pace = pace
        self._opened: dict[tuple[str, int], OpenLine] = {}
        self._catching_up: dict[tuple[str, int], list[OpenLine]] = {}
        self._opening = threading.RLock()

    # What others see

    @property
    def lines(self) -> list[LineState]:
        """One state per source stream that was opened."""
        return [opened.state for opened in list(self._opened.values())]

    @property
    def sources_halted(self) -> dict[str, str]:
        """Halted sources with the reason, e.g. {"training": "source_rewound"}."""
        return {state.source: state.halted for state in self.lines if state.halted}

    def state(self, source: str, stream: int = 0) -> LineState:
        """The state of one line, read from the database when first asked."""
        return self._open(source, stream).state

    def cursor(self, source: str, stream: int = 0) -> int:
        """Up to here everything was taken (handled, parked or moved over); read from the database."""
        opened = self._open(source, stream)
        self._look(opened)
        return opened.state.position

    def on_parked(self, wake: Callable[[], None]) -> None:
        """`wake` is called whenever something was parked or became due."""
        self.taker.wakes.append(wake)

    # Taking entries

    def apply(self, source: str, stream: int, envelopes: Sequence[Envelope]) -> Applied:
        """Take entries in the order of their positions; what is known already counts as a duplicate.

        Entries beyond a gap are left alone: the answer's `position` tells how far it went.
        """
        opened = self._open(source, stream)
        with opened.lock:
            if opened.state.halted:
                self._look(opened)
            if opened.state.halted:
                return Applied(position=opened.state.position, halted=opened.state.halted)
            return self._apply(opened, envelopes)

    def pull(self, source: str, stream: int, *, until: int | None = None) -> Applied | None:
        """Take a batch of what follows the cursor at the source, up to `until`. None: there is nothing.

        Raises errors.Unavailable or errors.OutOfTime when the source is away.
        """
        opened = self._open(source, stream)
        with opened.lock:
            state = opened.state
            limit = self.pace.batch
            if until is not None:
                limit = min(limit, until - state.position)
            if limit <= 0 or state.halted:
                return None
            bodies = self.reader.read(source, stream, state.position, limit)
            envelopes = self._trusted(opened, bodies)
            if not envelopes:
                return None
            applied = self.apply(source, stream, envelopes)
            if applied.stale:  # it keeps what we took, yet what it gives does not follow from that
                self.halt(source, stream, UNTRUSTED)
                return replace(applied, halted=UNTRUSTED)
            return replace(applied, more=not reached_end(bodies, limit))

    def catch_up(self, source: str, stream: int = 0) -> bool:
        """Show one batch to each handler that was added late. True: there is more to show."""
        self._open(source, stream)
        behind = self._catching_up.get((source, stream), [])
        for opened in list(behind):
            with opened.lock:
                main = self.cursor(source, stream)
                if opened.state.position < main:
                    wanted = min(self.pace.batch, main - opened.state.position)
                    bodies = self.reader.read(source, stream, opened.state.position, wanted)
                    entries = self._trusted(opened, bodies)
                    self._apply(opened, [entry for entry in entries if entry.position <= main])
                if self._join(opened.line):
                    behind.remove(opened)
        return bool(behind)

    def _join(self, line: Line) -> bool:
        joined = self.taker.transact(lambda work: cursors.join(work.session, line))
        if joined:
            log.info("handler caught up", source=line.source, handler=line.handler)
        return joined

    def check(self, source: str, stream: int = 0) -> Watermark:
        """Ask the source's head, and whether it still keeps the entry we took last; halts it when not.

        Raises errors.Unavailable or errors.OutOfTime when the source is away.
        """
        opened = self._open(source, stream)
        cursor = self._look(opened)
        head = self.reader.head(source, stream)
        opened.state.head = max(head.position, cursor.position)
        if cursor.halted is None and not self._still_keeps(opened.line, cursor, head):
            self.halt(source, stream, REWOUND)
        return head

    def is_foreign(self, source: str, stream: int, message: Envelope | Watermark) -> bool:
        """Of another journal, or another entry in the place of our last one: no duplicate, wherever it is."""
        return self._is_foreign(self._open(source, stream), message)

    @staticmethod
    def _is_foreign(opened: OpenLine, message: Envelope | Watermark) -> bool:
        if opened.journal is None:
            return False
        same_place = message.position == opened.state.position
        return message.journal != opened.journal or (same_place and message.hash != opened.chain)

    def halt(self, source: str, stream: int, reason: str) -> None:
        """Stop this source at this consumer until an operator decides (`resume_source`)."""
        opened = self._open(source, stream)
        if opened.state.halted == reason:
            return
        line = opened.line
        self.taker.transact(lambda work: cursors.halt(work.session, line, reason, work.now))
        opened.state.halted = reason
        log.error("source halted", source=source, stream=stream, halted=reason)

    def quarantine(self, source: str, stream: int, body: bytes, headers: dict[str, object], why: str) -> None:
        """Keep a message that cannot be parsed or trusted."""
        quarantine.keep(self.database, self.consumer, source, body, headers, why)
        self._open(source, stream).state.quarantined += 1
        log.warning("message quarantined", source=source, stream=stream, why=why, size_bytes=len(body))

    def note_error(self, source: str, stream: int, error: Exception) -> None:
        """Keep what went wrong with a source, for health; never raises."""
        opened = self._opened.get((source, stream))
        if opened is not None:
            opened.state.last_error = describe(error)

    # Inside

    def _open(self, source: str, stream: int) -> OpenLine:
        key = (source, stream)
        if key in self._opened:
            return self._opened[key]
        with self._opening:
            if key in self._opened:
                return self._opened[key]
            line = Line(self.consumer, source, stream)
            late = [
                handler
                for handler in self.taker.handlers
                if handler.since == "start" and handler.hears(source)
            ]
            self.taker.transact(lambda work: cursors.open_line(work.session, line, late))
            opened = OpenLine(line, LineState(source=source, stream=stream))
            cursor = self._look(opened)
            behind = [
                OpenLine(
                    Line(self.consumer, source, stream, handler.name),
                    LineState(source=source, stream=stream),
                    handler,
                )
                for handler in late
                if cursor.joined_at[handler.name] is None
            ]
            for other in behind:
                self._look(other)
            self._catching_up[key] = behind
            self._opened[key] = opened
            return opened

    def _look(self, opened: OpenLine) -> Cursor:
        """Read the cursor again: another process of the same consumer, or an operator, may have moved it."""
        with self.database.reading() as session:
            cursor = cursors.read(session, opened.line)
        if cursor is None:
            raise Unavailable(
                f"the cursor of {self.consumer} for {opened.line.source} is gone; run 'bole migrate'"
            )
        opened.state.position = cursor.position
        opened.state.head = max(opened.state.head, cursor.position)
        opened.state.halted = cursor.halted
        opened.journal, opened.chain = cursor.journal, cursor.hash
        return cursor

    def _trusted(self, opened: OpenLine, bodies: Iterable[bytes]) -> list[Envelope]:
        """Read what the source itself gave. What cannot be trusted there cannot be had elsewhere: halt."""
        line, envelopes = opened.line, []
        for body in bodies:
            try:
                message = read_message(body)
                if not isinstance(message, Envelope) or message.source != line.source:
                    raise Untrusted("not_of_this_source", f"not an entry of {line.source}")
            except Untrusted as error:
                self.quarantine(line.source, line.stream, body, {}, error.reason)
                self.halt(line.source, line.stream, UNTRUSTED)
                break
            envelopes.append(message)
        return envelopes

    def _apply(self, opened: OpenLine, envelopes: Sequence[Envelope]) -> Applied:
        state = opened.state
        before, parked_before = state.position, state.parked
        new = [envelope for envelope in envelopes if envelope.position > before]
        duplicates = len(envelopes) - len(new)
        state.duplicates += duplicates
        if any(self._is_foreign(opened, envelope) for envelope in envelopes):
            return self._of_another_journal(opened, duplicates)
        if envelopes:
            state.head = max(state.head, envelopes[-1].position)
        try:
            self.taker.take(opened, new)
        except OtherJournal:
            return self._of_another_journal(opened, duplicates)
        return Applied(
            position=state.position,
            applied=state.position - before,
            duplicates=duplicates,
            parked=state.parked - parked_before,
        )

    def _of_another_journal(self, opened: OpenLine, duplicates: int) -> Applied:
        """The chain broke at the cursor: ask the source whether it still keeps the entry we took last."""
        line, state = opened.line, opened.state
        self.check(line.source, line.stream)
        halted = self._opened[line.source, line.stream].state.halted
        if halted is None:
            state.stale += 1
            log.warning(
                "stale entries dropped", source=line.source, stream=line.stream, position=state.position
            )
        return Applied(position=state.position, duplicates=duplicates, stale=halted is None, halted=halted)

    def _still_keeps(self, line: Line, cursor: Cursor, head: Watermark) -> bool:
        if cursor.journal is None:
            return True
        if head.journal != cursor.journal or head.position < cursor.position:
            return False
        if head.position == cursor.position:
            return head.hash == cursor.hash
        bodies = self.reader.read(line.source, line.stream, cursor.position - 1, 1)
        message = read_message(bodies[0]) if bodies else None
        return isinstance(message, Envelope) and message.hash == cursor.hash
