"""From the journal to the broker: confirmed, in order, for ever.

One relay is active per service: it holds an advisory lock on a connection of its own, on which it also
listens for commits of other processes. It reads entries beyond its cursor, publishes them without waiting,
and moves the cursor over the contiguous confirmed prefix. It never gives up and never skips: it waits, with
growing pauses, and says so. Publishing again what was published already is harmless: positions tell.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import amqp
from sqlalchemy import insert, select, text, update

from bole.crashpoints import crashpoint
from bole.delivery.broker import Broker
from bole.delivery.failure import describe
from bole.delivery.pace import PACE, Pace
from bole.delivery.tables import relay as table
from bole.delivery.topology import STREAMS, declare_exchange, exchange, routing_key
from bole.journal import journal
from bole.log import get_log
from bole.store.database import lock_key

if TYPE_CHECKING:
    from bole.journal.envelope import Envelope
    from bole.store.database import Database, Work

log = get_log(__name__)

WINDOW = 2000
"""Entries published and not yet confirmed. Pipelined 14,000-22,000/s, one by one 320-1,600/s [V-local]."""
PAGE = 500
CONFIRM_S = 30.0
"""The broker may withhold confirms so long (its disk is full) before the connection is made anew."""
CHANNEL = "bole_journal"
"""What the append function of the journal notifies."""


@dataclass(slots=True, kw_only=True)
class RelayState:
    """For health and metrics; counts since this process started."""

    active: bool = False  # holds the lock: the one relay of its service
    connected: bool = False  # to the broker
    position: int = 0  # confirmed up to here
    head: int = 0  # highest entry seen
    published: int = 0
    nacked: int = 0
    failures: int = 0  # in a row
    last_error: str | None = None

    @property
    def lag(self) -> int:
        """Entries that wait for a confirm."""
        return max(0, self.head - self.position)


class Relay:
    """Publishes the entries of one journal. PostgreSQL only: embedded databases are pulled from."""

    def __init__(self, database: Database, amqp_url: str, pace: Pace = PACE) -> None:
        if database.is_sqlite:
            raise ValueError(f"{database.service} runs on SQLite, which has no relay: its journal is pulled")
        self.database = database
        self.amqp_url = amqp_url
        self.pace = pace
        self.state = RelayState()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._ended.set()
        database.on_commit(self._woken.set)

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        self._ended.clear()
        try:
            while not self._stopping.is_set():
                try:
                    with self._only_one() as mine:
                        if mine:
                            self._serve()
                        else:
                            self._stopping.wait(self.pace.standby_s)
                except Exception as error:
                    self.state.failures += 1
                    self.state.last_error = describe(error)
                    pause_s = self.pace.pause_s(self.state.failures)
                    log.warning(
                        "relay paused",
                        service=self.database.service,
                        pause_s=round(pause_s, 1),
                        error=self.state.last_error,
                        waiting=self.state.lag,
                    )
                    self._stopping.wait(pause_s)
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Wait for outstanding confirms (5 s at most), keep the cursor, give up the lock."""
        self._stopping.set()
        self._woken.set()
        self._ended.wait(30)

    # One of its kind

    @contextmanager
    def _only_one(self) -> Iterator[bool]:
        """Hold the advisory lock, if nobody else does; while it is held, listen for commits elsewhere."""
        raw = self.database.engine.raw_connection()
        connection: Any = raw.driver_connection
        raw.detach()  # it ends with us: the lock and the LISTEN must not return to the pool
        try:
            connection.rollback()
            connection.autocommit = True
            key = lock_key(f"bole.relay.{self.database.service}")
            mine = bool(connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()[0])
            if not mine:
                yield False
                return
            connection.execute(f"LISTEN {CHANNEL}")
            self.state.active = True
            self._lost = False
            enough = threading.Event()
            listener = threading.Thread(
                target=self._listen, args=(connection, enough), name="relay listener", daemon=True
            )
            listener.start()
            try:
                yield True
            finally:
                self.state.active = False
                enough.set()
                listener.join()
        finally:
            with contextlib.suppress(Exception):
                connection.close()

    def _listen(self, connection: Any, enough: threading.Event) -> None:
        """Wake the relay on each NOTIFY; notice when the connection, and with it the lock, is gone."""
        asked_at = time.monotonic()
        while not enough.is_set():
            try:
                for _ in connection.notifies(timeout=0.5, stop_after=1):
                    self._woken.set()
                if time.monotonic() - asked_at >= self.pace.standby_s:
                    connection.execute("SELECT 1")
                    asked_at = time.monotonic()
            except Exception:
                self._lost = True
                self._woken.set()
                return

    # Publishing

    def _serve(self) -> None:
        """From connecting to the broker until stop or failure."""
        broker = Broker(self.amqp_url, self.pace.heartbeat_s)
        try:
            line = _Pipeline(broker, self.database.service)
            self.state.connected = True
            self.state.position = self._cursor()
            line.start_at(self.state.position)
            while not self._stopping.is_set():
                self._woken.clear()
                if self._lost:
                    raise ConnectionError("the connection that held the relay's lock is gone")
                busy = self._advance(line)
                broker.check()
                self.state.failures = 0
                if not busy:
                    self._announce_head(line)
                    self._rest(line)
            until = time.monotonic() + 5.0
            while line.outstanding and time.monotonic() < until:
                self._confirm(line, 0.1)
        except Exception:
            broker.drop()
            raise
        finally:
            self.state.connected = False
        broker.close()

    def _advance(self, line: _Pipeline) -> bool:
        """Publish a page if there is room, take confirms, move the cursor. False: nothing is left to do."""
        entries: list[Envelope] = []
        if line.outstanding <= WINDOW - PAGE:
            with self.database.reading() as session:
                entries = journal.read(session, self.database, after=line.sent, limit=PAGE)
            crashpoint("relay.after_read")
        for entry in entries:
            line.publish(entry)
        if entries:
            self.state.published += len(entries)
            self.state.head = max(self.state.head, entries[-1].position)
            crashpoint("relay.after_publish")
        full = len(entries) == PAGE
        if line.outstanding:
            self._confirm(line, 0.001 if full else 0.1)
            if line.stuck_s() > CONFIRM_S:
                raise TimeoutError(f"no confirm from the broker for {CONFIRM_S:.0f} s")
        return full or line.outstanding > 0

    def _confirm(self, line: _Pipeline, wait_s: float) -> None:
        """Take the confirms that have come, and keep how far they reach without a hole."""
        line.wait(wait_s)
        if line.nacked:
            self.state.nacked += line.nacked
            raise ConnectionError(f"the broker refused {line.nacked} entries")
        if line.confirmed > self.state.position:
            crashpoint("relay.after_confirm")
            self._keep(line.confirmed)
            self.state.position = line.confirmed
            crashpoint("relay.after_cursor")

    def _announce_head(self, line: _Pipeline) -> None:
        """A watermark when the stream falls idle, and every few seconds while it is."""
        since = time.monotonic() - line.watermark_at
        if line.quiet and since < self.pace.watermark_s:
            return
        with self.database.reading() as session:
            head = journal.head(session, self.database)
        if head.position != line.sent:
            return  # something came meanwhile; it goes first
        self.state.head = head.position
        line.publish_watermark(head.encode(), expires_s=3 * self.pace.watermark_s)

    def _rest(self, line: _Pipeline) -> None:
        """Until woken, at most until the next watermark, heartbeat or slow poll."""
        since = time.monotonic() - line.watermark_at
        left = max(0.01, self.pace.watermark_s - since)
        self._woken.wait(min(left, self.pace.heartbeat_s / 2, self.pace.poll_s))
        line.wait(0.001)  # heartbeats, and a broker that closed

    def _cursor(self) -> int:
        with self.database.reading() as session:
            position = session.scalar(select(table.c.position).where(table.c.stream == STREAMS[0]))
        if position is not None:
            return int(position)
        begin = insert(table).values(stream=STREAMS[0], position=0)
        self.database.transact(lambda work: work.session.execute(begin), actor=self.database.service)
        return 0

    def _keep(self, position: int) -> None:
        def write(work: Work) -> None:
            # Losing the last steps of this cursor means publishing again, which is harmless.
            work.session.execute(text("SET LOCAL synchronous_commit = off"))
            work.session.execute(
                update(table)
                .where(table.c.stream == STREAMS[0], table.c.position < position)
                .values(position=position)
            )

        self.database.transact(write, actor=self.database.service)


class _Pipeline:
    """Entries on their way: published in order, confirmed in any order, counted up to the first hole."""

    def __init__(self, broker: Broker, service: str) -> None:
        self._broker = broker
        self._exchange = exchange(service)
        self._tag = 0
        self._positions: dict[int, int] = {}  # unconfirmed tag -> position, in order of tags
        self._moved_at = time.monotonic()
        self.sent = 0
        self.confirmed = 0
        self.nacked = 0
        self.watermark_at = 0.0
        self.quiet = False  # the last thing published was a watermark
        declare_exchange(broker.channel, service)
        broker.channel.confirm_select()
        broker.channel.events["basic_ack"].add(self._acked)
        broker.channel.events["basic_nack"].add(self._refused)

    @property
    def outstanding(self) -> int:
        return len(self._positions)

    def start_at(self, position: int) -> None:
        self.sent = self.confirmed = position

    def stuck_s(self) -> float:
        """Seconds since a confirm came or the pipeline was empty."""
        return time.monotonic() - self._moved_at if self._positions else 0.0

    def publish(self, entry: Envelope) -> None:
        self._send(
            amqp.Message(
                entry.encode(),
                content_type="application/cloudevents+json",
                delivery_mode=2,
                message_id=str(entry.id),
                type=entry.type,
            ),
            entry.stream,
            entry.position,
        )
        self.sent = entry.position
        self.quiet = False

    def publish_watermark(self, body: bytes, expires_s: float) -> None:
        """Told in-band, behind the entries it speaks of; worthless soon after."""
        message = amqp.Message(
            body,
            content_type="application/cloudevents+json",
            delivery_mode=1,
            expiration=str(round(expires_s * 1000)),
        )
        self._send(message, STREAMS[0], self.sent)
        self.watermark_at = time.monotonic()
        self.quiet = True

    def wait(self, seconds: float) -> None:
        """Let confirms in: at least one if any comes in time, then whatever is there."""
        if self._broker.wait(seconds):
            while self._positions and self._broker.wait(0.001):
                pass

    def _send(self, message: Any, stream: int, position: int) -> None:
        if not self._positions:
            self._moved_at = time.monotonic()
        self._tag += 1
        self._positions[self._tag] = position
        self._broker.channel.basic_publish(message, self._exchange, routing_key(stream))

    def _acked(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)
        first = next(iter(self._positions.values()), None)
        self.confirmed = max(self.confirmed, self.sent if first is None else first - 1)

    def _refused(self, tag: int, multiple: bool) -> None:
        self.nacked += max(1, self._settle(tag, multiple))

    def _settle(self, tag: int, multiple: bool) -> int:
        tags = [one for one in self._positions if one <= tag] if multiple else [tag]
        for one in tags:
            self._positions.pop(one, None)
        self._moved_at = time.monotonic()
        return len(tags)
