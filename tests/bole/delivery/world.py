"""A small world: two sources, one consumer that writes down what it heard, and both ways between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bole.clock import Clock
from bole.delivery import parking
from bole.delivery.consuming import BrokerFeed
from bole.delivery.handler import Handler
from bole.delivery.intake import Intake
from bole.delivery.pace import PACE, Pace
from bole.delivery.pulling import PullFeed
from bole.delivery.reader import DirectReader
from bole.delivery.relay import Relay
from bole.delivery.retrying import ParkedRetry
from bole.errors import Unavailable
from bole.events import event
from bole.journal.envelope import Envelope, Watermark, read_message
from bole.store.database import Database, Work
from bole.store.migrate import migrate

QUICK = replace(
    PACE,
    watermark_s=0.3,
    silence_s=0.6,
    recheck_s=0.5,
    poll_s=0.3,
    standby_s=0.2,
    heartbeat_s=2.0,
    lease_s=1.0,
    pause_min_s=0.05,
    pause_max_s=0.2,
)


@event("alpha.noted", version=1, subjects=("person",), zh="记", en="noted")
@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something about one person."""

    person: str
    n: int


@event("alpha.met", version=1, subjects=("person", "other"), zh="见", en="met")
@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Something about two people."""

    person: str
    other: str
    n: int


@event("alpha.whispered", version=1, subjects=("person",), private=True, zh="密", en="whispered")
@dataclass(frozen=True, slots=True, kw_only=True)
class Whispered:
    """Something that stays at home."""

    person: str


@event("alpha.hummed", version=1, subjects=("person",), zh="哼", en="hummed")
@dataclass(frozen=True, slots=True, kw_only=True)
class Hummed:
    """Something nobody handles."""

    person: str


@event("gamma.introduced", version=1, subjects=("person",), zh="介", en="introduced")
@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """A person becomes known."""

    person: str


@event("beta.answered", version=1, subjects=("person",), zh="答", en="answered")
@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the consumer says to it."""

    person: str
    n: int


ALPHA = frozenset({"alpha.noted.v1", "alpha.met.v1"})
GAMMA = frozenset({"gamma.introduced.v1"})

EFFECT = sa.Table(
    "effect",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("handler", sa.String(32), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("subjects", sa.String(200), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
)


def eventually(true: Callable[[], object], what: str = "", within_s: float = 60.0) -> None:
    """Wait until something holds; the bound only ends a test that would never end."""
    tick = threading.Event()
    for _ in range(int(within_s / 0.02)):
        if true():
            return
        tick.wait(0.02)
    raise AssertionError(f"never came true: {what or true}")


class Wire:
    """The way by which an intake asks sources; can be cut."""

    def __init__(self, databases: dict[str, Database]) -> None:
        self.direct = DirectReader(databases)
        self.cut: set[str] = set()
        self.reads = 0

    def read(self, source: str, stream: int, after: int, limit: int) -> list[bytes]:
        self.reads += 1
        if source in self.cut:
            raise Unavailable(f"{source} is cut off")
        return self.direct.read(source, stream, after, limit)

    def head(self, source: str, stream: int) -> Watermark:
        if source in self.cut:
            raise Unavailable(f"{source} is cut off")
        return self.direct.head(source, stream)


class World:
    """Sources alpha and gamma, consumer beta. `handle` is what beta does besides writing down."""

    def __init__(
        self, urls: Callable[[str], str], amqp_url: str | None = None, *, made: bool = False
    ) -> None:
        self.amqp_url = amqp_url
        self.made = made  # the databases are there already, with their tables
        self.databases = {name: self._database(name, urls(name)) for name in ("alpha", "beta", "gamma")}
        self.alpha, self.beta, self.gamma = (self.databases[name] for name in ("alpha", "beta", "gamma"))
        if not made:
            EFFECT.create(self.beta.engine)
        self.wire = Wire(self.databases)
        self.handle: Callable[[Any, Work], None] = lambda fact, work: None
        self.calls: list[tuple[str, int]] = []  # every call of a handler, also those rolled back
        self.intake = self.new_intake()
        self._threads: list[tuple[Any, threading.Thread]] = []

    def _database(self, name: str, url: str) -> Database:
        database = Database(url, service=name, county="guxian", clock=Clock())
        if not self.made:
            migrate(database)
        return database

    def new_intake(self, *more: Handler, pace: Pace = QUICK) -> Intake:
        own = Handler(name="write_down", types=ALPHA | GAMMA, call=self.writer("write_down"))
        self.intake = Intake("beta", self.beta, [own, *more], self.wire, ["alpha", "gamma"], pace)
        return self.intake

    def writer(self, name: str) -> Callable[[Any, Work], None]:
        def write(fact: Any, work: Work) -> None:
            assert work.envelope is not None
            envelope = work.envelope
            self.calls.append((envelope.source, envelope.position))
            work.session.execute(
                sa.insert(EFFECT).values(
                    handler=name,
                    source=envelope.source,
                    position=envelope.position,
                    subjects=",".join(envelope.subjects),
                    n=getattr(fact, "n", 0),
                )
            )
            self.handle(fact, work)

        return write

    def announce(self, database: Database, *facts: object) -> int:
        """Announce facts in one transaction; the last position."""

        def do(work: Work) -> None:
            for fact in facts:
                work.announce(fact)

        position = database.transact(do, actor="test").position
        assert position is not None
        return position

    def entries(self, database: Database, after: int = 0) -> list[Envelope]:
        """All entries of a journal as others see them."""
        bodies = DirectReader(self.databases).read(database.service, 0, after, 500)
        return [message for message in map(read_message, bodies) if isinstance(message, Envelope)]

    # What was done

    def effects(self, source: str = "alpha", handler: str = "write_down") -> list[int]:
        """Positions in the order in which their effects were written."""
        with self.beta.reading() as session:
            query = sa.select(EFFECT.c.position).where(EFFECT.c.source == source, EFFECT.c.handler == handler)
            return list(session.scalars(query.order_by(EFFECT.c.id)))

    def effects_on(self, subject: str) -> list[int]:
        """The numbers `n` of the facts about one subject, in the order of their effects."""
        with self.beta.reading() as session:
            rows = session.execute(sa.select(EFFECT.c.subjects, EFFECT.c.n).order_by(EFFECT.c.id))
            return [n for subjects, n in rows if subject in subjects.split(",")]

    def states(self) -> list[tuple[int, str]]:
        return [(one.position, one.state) for one in parking.parked(self.beta)]

    # Running

    def run(self, *ones: Any) -> None:
        for one in ones:
            thread = threading.Thread(target=one.run, daemon=True)
            thread.start()
            self._threads.append((one, thread))

    def start(self) -> None:
        """Everything that carries entries, by the way of this world."""
        if self.amqp_url is None:
            self.feed: Any = PullFeed(self.intake, self.databases.values())
        else:
            self.relays = [Relay(one, self.amqp_url, QUICK) for one in (self.alpha, self.gamma)]
            self.run(*self.relays)
            self.feed = BrokerFeed(self.intake, self.amqp_url)
        self.retry = ParkedRetry(self.intake)
        self.run(self.feed, self.retry)

    def stop(self) -> None:
        for one, thread in reversed(self._threads):
            one.stop()
            thread.join(30)
            assert not thread.is_alive()
        self._threads.clear()

    def close(self) -> None:
        self.stop()
        for database in self.databases.values():
            database.dispose()

    def taken(self, database: Database | None = None) -> bool:
        """Whether beta's cursor stands at the head of a source."""
        source = database or self.alpha
        return self.intake.cursor(source.service) == self.wire.direct.head(source.service, 0).position


def in_folder(folder: Path) -> Callable[[str], str]:
    return lambda name: f"sqlite:///{folder}/{name}.sqlite"


def notes(numbers: Iterable[int], person: str = "p") -> Sequence[Noted]:
    return [Noted(person=person, n=n) for n in numbers]
