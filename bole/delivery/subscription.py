"""One source stream from its queue to the intake: batches, gaps, silence.

A gap is held in memory for 250 ms in case it closes by itself, then pulled from the source. When the
source is away, or memory is full, what is held goes to the table `bole_ahead`, is acked, and the pull is
tried again after 1 to 30 s. Watermarks and, after 15 s of silence, the source's own head tell when the
last entries are missing. So a lost binding, a lost last event and a wiped broker all heal the same way.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from typing import Any

from bole.crashpoints import crashpoint
from bole.delivery import ahead
from bole.delivery.broker import Broker
from bole.delivery.cursors import Line
from bole.delivery.failure import describe
from bole.delivery.held import Held
from bole.delivery.intake import Intake
from bole.delivery.topology import declare_subscription
from bole.errors import Unavailable
from bole.journal.envelope import Untrusted, Watermark, read_message
from bole.log import get_log

log = get_log(__name__)

IDLE_S = 0.5
"""How long a quiet subscription waits on its socket at a time; stop() is noticed within it."""
NEXT_S = 0.005
"""A batch is closed when nothing follows for so long: waiting the whole linger would only add latency."""


class Subscription:
    """Takes one queue. Everything runs in the one thread that calls run(), but for stop() and beat()."""

    def __init__(self, intake: Intake, amqp_url: str, source: str, stream: int) -> None:
        self.intake = intake
        self.source = source
        self.stream = stream
        self.failures = 0  # in a row
        self._url = amqp_url
        self._line = Line(intake.consumer, source, stream)
        self._pace = intake.pace
        self._stopping = threading.Event()
        self._broker: Broker | None = None
        self._forget()

    def _forget(self) -> None:
        """What is known of one connection only."""
        self._deliveries: deque[Any] = deque()
        self._held = Held(0)
        self._target = 0  # a position known to exist
        self._kept = False  # whether the table `bole_ahead` holds anything of this line
        self._stalled_at: float | None = None  # since when something is missing
        self._pull_failures = 0
        self._pull_at = 0.0  # not before
        self._heard_at = 0.0
        self._suspect = True  # ask the source whether it still keeps what we took: at every connect
        self._checked_at = -math.inf
        self._check_at = 0.0  # not before
        self._declare_at = 0.0
        self._catching_up = True
        self._catch_up_at = 0.0

    @property
    def connected(self) -> bool:
        return self._broker is not None

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        while not self._stopping.is_set():
            try:
                self._serve()
                self.failures = 0
            except Exception as error:
                self.failures += 1
                pause_s = self._pace.pause_s(self.failures)
                self.intake.note_error(self.source, self.stream, error)
                log.warning(
                    "subscription paused",
                    consumer=self.intake.consumer,
                    source=self.source,
                    pause_s=round(pause_s, 1),
                    error=describe(error),
                )
                self._stopping.wait(pause_s)

    def stop(self) -> None:
        """End after the batch at hand; run() then returns."""
        self._stopping.set()

    def beat(self) -> None:
        """Keep the connection alive from another thread."""
        broker = self._broker
        if broker is not None:
            broker.beat()

    def _serve(self) -> None:
        """From connecting to stop, halt or failure. A paused or halted line holds no channel."""
        self.intake.cursor(self.source, self.stream)
        state = self.intake.state(self.source, self.stream)
        if state.halted:
            self._stopping.wait(self._pace.poll_s)
            return
        broker = Broker(self._url, self._pace.heartbeat_s)
        try:
            self.open(broker)
            self._broker = broker
            while not self._stopping.is_set() and not state.halted:
                self.step(broker)
                self.failures = 0
        except Exception:
            broker.drop()
            raise
        finally:
            self._broker = None
        broker.close()

    def open(self, broker: Broker) -> None:
        """Begin anew on a connection: own queue and binding declared, nothing held, the cursor as it is."""
        self._forget()
        position = self.intake.cursor(self.source, self.stream)
        self._held = Held(position)
        self._kept = ahead.first(self.intake.database, self._line, position) is not None
        queue = declare_subscription(broker.channel, self.intake.consumer, self.source, self.stream)
        broker.channel.basic_qos(0, 2 * self._pace.batch, False)
        broker.channel.basic_consume(queue, callback=self._deliveries.append)
        self._declare_at = time.monotonic() + self._pace.recheck_s

    def step(self, broker: Broker) -> None:
        """One round: take what is there, apply and ack, heal, tend."""
        self._gather(broker)
        broker.check()  # after reading: a heartbeat that waited in the socket counts
        self._apply(broker)
        self._heal(broker)
        self._tend(broker)

    # Taking

    def _gather(self, broker: Broker) -> None:
        """Take what the broker has: up to one batch, lingering only while more is coming."""
        if broker.wait(self._patience()):
            until = time.monotonic() + self._pace.linger_s
            while len(self._deliveries) < self._pace.batch and time.monotonic() < until:
                if not broker.wait(NEXT_S):
                    break
        while self._deliveries:
            self._read(self._deliveries.popleft())

    def _patience(self) -> float:
        if self._held.ready(1) or self._catching_up:
            return NEXT_S
        if self._stalled_at is not None:
            return min(IDLE_S, self._pace.hold_s / 2)
        return IDLE_S

    def _read(self, delivery: Any) -> None:
        """One message: an entry to hold, a watermark to heed, or something for the quarantine."""
        self._heard_at = time.monotonic()
        tag, body = delivery.delivery_tag, delivery.body
        body = body.encode() if isinstance(body, str) else bytes(body)
        try:
            message = read_message(body)
            if message.source != self.source or message.stream != self.stream:
                raise Untrusted(
                    "not_of_this_source", f"in the queue of {self.source}, but of {message.source}"
                )
        except Untrusted as error:
            headers = {**delivery.properties, "redelivered": delivery.delivery_info.get("redelivered")}
            self.intake.quarantine(self.source, self.stream, body, headers, error.reason)
            self._held.take(tag, None)
            return
        foreign = self.intake.is_foreign(self.source, self.stream, message)
        if foreign or isinstance(message, Watermark):
            self._held.take(tag, None)
            if foreign or message.position < self._held.position:
                self._suspect = True
            else:
                self._target = max(self._target, message.position)
            return
        if message.position <= self._held.position:
            self.intake.state(self.source, self.stream).duplicates += 1
        self._held.take(tag, message)

    def _apply(self, broker: Broker) -> None:
        """Take what continues at the cursor, from memory and from `bole_ahead`, then ack at once."""
        while not self._stopping.is_set():
            run = self._held.ready(self._pace.batch)
            if not run and self._kept:
                position = self._held.position
                run = ahead.run(self.intake.database, self._line, position, self._pace.batch)
                self._kept = bool(run) or ahead.first(self.intake.database, self._line, position) is not None
            if not run:
                break
            applied = self.intake.apply(self.source, self.stream, run)
            if applied.halted:
                return
            if applied.stale:
                self._held.give_up()
                ahead.clear(self.intake.database, self._line)
                self._kept = False
                break
            if applied.position < run[0].position:
                raise Unavailable(f"the cursor of {self.source} stands elsewhere than a moment ago")
            self._moved_to(applied.position)
            self._ack(broker)
        self._ack(broker)

    def _ack(self, broker: Broker) -> None:
        tag = self._held.ackable()
        if tag is not None:
            broker.channel.basic_ack(tag, multiple=True)
            crashpoint("intake.after_ack")

    def _moved_to(self, position: int) -> None:
        if position > self._held.position:
            self._held.move_to(position)
            self._stalled_at = None

    # Healing

    def _heal(self, broker: Broker) -> None:
        """When something is missing: wait a moment, then pull it; while that fails, let memory go."""
        if self._target <= self._held.position and not len(self._held) and not self._kept:
            self._stalled_at = None
            return
        now = time.monotonic()
        if self._stalled_at is None:
            self._stalled_at = now
        if self._pull_at > now or len(self._held) >= 2 * self._pace.batch:
            self._set_aside(broker)
        if now - self._stalled_at < self._pace.hold_s or self._pull_at > now:
            return
        position = self.intake.cursor(self.source, self.stream)
        if position > self._held.position:  # another process of this consumer takes it
            self._moved_to(position)
            return
        try:
            self._pull()
            self._pull_failures = 0
        except Exception as error:
            self.intake.taker.raise_if_away(error)
            self._pull_failures += 1
            longest = min(self._pace.pause_max_s, self._pace.pause_min_s * 2.0**self._pull_failures)
            self._pull_at = now + random.uniform(self._pace.pause_min_s, longest)  # noqa: S311 - spreads load
            self.intake.note_error(self.source, self.stream, error)
            log.warning("gap not healed", source=self.source, position=position, error=describe(error))
            self._set_aside(broker)

    def _pull(self) -> None:
        """Ask the source for all up to what is held. Outside any transaction; one at a time per source."""
        begun_at = self._held.position
        kept = ahead.first(self.intake.database, self._line, begun_at) if self._kept else None
        beyond = [position for position in (self._held.first(), kept) if position is not None]
        until = min(beyond) - 1 if beyond else None
        while not self._stopping.is_set():
            taken = self.intake.pull(self.source, self.stream, until=until)
            if taken is None or taken.halted or taken.position <= self._held.position:
                break
            self._moved_to(taken.position)
        state = self.intake.state(self.source, self.stream)
        if self._held.position > begun_at:
            state.gaps += 1
            log.info("gap healed", source=self.source, after=begun_at, position=self._held.position)
        elif not state.halted:
            # The source itself knows nothing of what we were told: believe the source.
            head = self.intake.check(self.source, self.stream)
            self._target = head.position
            if self._held.last() > head.position:
                self._held.give_up()
            if kept is not None and kept > head.position:
                ahead.clear(self.intake.database, self._line)
                self._kept = False

    def _set_aside(self, broker: Broker) -> None:
        """Keep what is held in the database, as far as there is room, so that the broker may go on."""
        if not len(self._held):
            return
        self._target = max(self._target, self._held.last())
        entries = self._held.give_up()
        kept = ahead.keep(self.intake.database, self._line, entries, self._pace.ahead_max)
        self._kept = self._kept or kept > 0
        self._ack(broker)

    # Tending

    def _tend(self, broker: Broker) -> None:
        """Topology, the source's head, handlers that catch up."""
        now = time.monotonic()
        if now >= self._declare_at:
            declare_subscription(broker.channel, self.intake.consumer, self.source, self.stream)
            self._declare_at = now + self._pace.recheck_s
        silent = now - max(self._heard_at, self._checked_at) >= self._pace.silence_s
        suspect = self._suspect and now - self._checked_at >= self._pace.watermark_s
        if (silent or suspect) and now >= self._check_at:
            self._check(now)
        if self._catching_up and now >= self._catch_up_at:
            try:
                self._catching_up = self.intake.catch_up(self.source, self.stream)
            except Exception as error:
                self.intake.taker.raise_if_away(error)
                self._catch_up_at = now + self._pace.pause_max_s
                self.intake.note_error(self.source, self.stream, error)

    def _check(self, now: float) -> None:
        """Ask the source where it stands: is our last entry still there, is anything missing here?"""
        try:
            head = self.intake.check(self.source, self.stream)
            self._moved_to(self.intake.state(self.source, self.stream).position)
            self._target = max(self._target, head.position)
            self._suspect, self._checked_at = False, now
        except Exception as error:
            self.intake.taker.raise_if_away(error)
            wait = random.uniform(self._pace.pause_min_s, self._pace.silence_s)  # noqa: S311 - spreads load
            self._check_at = now + wait
            self.intake.note_error(self.source, self.stream, error)
