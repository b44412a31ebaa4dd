"""The database of one service, and the only way to write to it: `Database.transact`.

    done = database.transact(lambda work: keep_and_announce(work), actor="li.ming", subjects=[person_id])
    done.position     # of the last entry made, None when none was

One transaction holds the change of state and the entries that tell of it. In this order: subjects are
locked, `do` runs, everything is flushed, the pending entries are numbered in one step, commit.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from bole import errors
from bole.clock import Clock
from bole.journal import journal
from bole.journal.envelope import Envelope
from bole.log import get_log
from bole.store.engine import SEALED, WRITING, file_lock, make_engine
from bole.store.failures import LockedElsewhere, meaning
from bole.store.tables import ENTRY, JOURNAL

T = TypeVar("T")
_SECOND = timedelta(seconds=1)

TRIES = 5  # of a transaction that the database broke off for the sake of another one
BUSY_S = 10.0  # how long another process may keep a SQLite file from us
WORK = "bole_work"  # in Session.info

log = get_log(__name__)

_WRITING: Any = {WRITING: True}
_LOCKS = sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
_LOCKS_AT_ONCE = sa.text(
    "SELECT bool_and(pg_try_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key"
)


def lock_key(name: object) -> int:
    """The advisory lock of a name: the first 8 bytes of its SHA-256, signed. The same in every process."""
    return int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a transaction gave, and the position of the last entry it made (None: it made none)."""

    value: T
    position: int | None


class Database:
    """One service's database, shared by all threads of a process.

    Args:
        url: `sqlite:////folder/training.sqlite` or `postgresql+psycopg://...`.
        service: whose it is, and the source of its events.
        county: code of the county, kept with every entry.
        clock: what time it is.
    """

    def __init__(self, url: str, *, service: str, county: str, clock: Clock) -> None:
        self.service = service
        self.county = county
        self.clock = clock
        self.engine = make_engine(url, service)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._wakes: list[Callable[[], None]] = []
        self._journal_id: UUID | None = None
        self._writers: set[int] = set()  # threads that are inside transact()

    @property
    def journal_id(self) -> UUID:
        """Which journal this is. Raises errors.Unavailable, and RuntimeError before the first migration."""
        if self._journal_id is None:
            with self.reading() as session:
                self._journal_id = session.execute(sa.select(JOURNAL.c.id)).scalar_one_or_none()
            if self._journal_id is None:
                raise RuntimeError(f"The database of {self.service} is empty. Run 'bole migrate'.")
        return self._journal_id

    def transact(
        self,
        do: Callable[[Work], T],
        *,
        actor: str,
        cause: UUID | None = None,
        subjects: Iterable[object] = (),
    ) -> Done[T]:
        """Run `do` in one write transaction with the entries it announces.

        It is run again when the database breaks it off (deadlock, serialization), so it changes nothing
        but through its `work`. Whatever it raises rolls everything back and comes out.

        Args:
            do: the change. It neither commits nor rolls back, and calls nobody over a network.
            actor: who does it: an account, or the service itself.
            cause: id of the event it follows from.
            subjects: locked before anything is read; see `Work.begin`.

        Raises:
            errors.Unavailable: the database is away or full. Nothing was done.
            errors.OutOfTime: it went away during the commit. Nobody knows; repeat with the same key.
        """
        me = threading.get_ident()
        if me in self._writers:
            raise RuntimeError("transact() was called inside transact(): one transaction holds it all")
        locked = {str(subject) for subject in subjects}
        tries = 0
        give_up_at = time.monotonic() + BUSY_S
        while True:
            knew = len(locked)
            tries += 1
            self._writers.add(me)
            try:
                with file_lock(self.engine) if self.is_sqlite else nullcontext():
                    done = self._try(do, actor, cause, locked)
                break
            except SQLAlchemyError as problem:
                what = meaning(problem)
                if what is None:
                    raise
                if len(locked) > knew:
                    tries = 0  # it learned which subjects it needs, and begins with them
                repeat = what == "repeat" and tries < TRIES
                if not repeat and not (what == "busy" and time.monotonic() < give_up_at):
                    raise self.unavailable(problem) from problem
            finally:
                self._writers.discard(me)
            time.sleep(random.uniform(0.005, 0.03) * min(tries, TRIES))  # noqa: S311 - spreads, guards nothing
        if done.position is not None:
            self._wake()
        if self.is_sqlite:
            time.sleep(0)  # let others have the file: a green thread gives way only when asked
        return done

    def _try(self, do: Callable[[Work], T], actor: str, cause: UUID | None, locked: set[str]) -> Done[T]:
        with _WritingSession(self.engine, expire_on_commit=False, close_resets_only=False) as session:
            work = Work(self, session, actor, cause, locked)
            connection = session.connection(execution_options=_WRITING)
            work.begin(*locked)
            value = do(work)
            position = work._number()
            connection.info[SEALED] = True  # until the connection is back in the pool
            try:
                session.commit()
            except DBAPIError as problem:
                if not self.is_sqlite and meaning(problem) == "away":
                    raise errors.OutOfTime(
                        f"The database of {self.service} went away during a commit. Whether it was "
                        f"done is unknown: repeat with the same key."
                    ) from problem
                raise
        return Done(value, position)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, from one snapshot. It waits for no writer, and no writer for it.

        Raises:
            errors.Unavailable: the database is away.
        """
        options: dict[str, Any] = {}
        if not self.is_sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with _ReadingSession(self.engine, autoflush=False, close_resets_only=False) as session:
                session.connection(execution_options=options)
                yield session
        except SQLAlchemyError as problem:
            if meaning(problem):
                raise self.unavailable(problem) from problem
            raise

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Have `wake` called after each commit of this process that made entries. It must not block."""
        self._wakes.append(wake)

    def check(self) -> None:
        """Whether the database keeps what it confirms, and is the one of this service in this county.

        Raises:
            RuntimeError: with what to do about it.
            errors.Unavailable: it is away.
        """
        with self.reading() as session:
            if self.is_sqlite:
                mode: str = session.execute(sa.text("PRAGMA journal_mode")).scalar_one()
                level: Any = session.execute(sa.text("PRAGMA synchronous")).scalar_one()
                if (mode, level) != ("wal", 2):
                    raise RuntimeError(
                        f"SQLite runs with journal_mode={mode}, synchronous={level}, not wal, 2 (FULL). "
                        f"Is {self.engine.url.database} on a network drive?"
                    )
            else:
                level = session.execute(sa.text("SHOW synchronous_commit")).scalar_one()
                if level not in ("on", "remote_apply"):
                    raise RuntimeError(
                        f"PostgreSQL runs with synchronous_commit={level}, which loses commits. Set it to on."
                    )
            owner = session.execute(sa.select(JOURNAL.c.service)).scalar_one_or_none()
            county = session.execute(
                sa.select(ENTRY.c.county).order_by(ENTRY.c.stream, ENTRY.c.position.desc()).limit(1)
            ).scalar_one_or_none()
        if owner != self.service:
            raise RuntimeError(
                f"This database is {owner}'s, not {self.service}'s. Check the setting of its URL."
                if owner
                else f"The database of {self.service} is empty. Run 'bole migrate'."
            )
        if county not in (None, self.county):
            raise RuntimeError(
                f"The database of {self.service} is of the county {county!r}, not {self.county!r}. "
                "Check BOLE_COUNTY and the setting of its URL."
            )

    def follow_clock(self) -> float:
        """Have the clock follow the database's; returns by how many seconds this machine's was behind it."""
        if self.is_sqlite:
            return 0.0  # it has no other clock than this machine's
        with self.reading() as session:
            session.connection()
            asked = time.monotonic()
            moment: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
            half_s = (time.monotonic() - asked) / 2
        return self.clock.follow(moment + half_s * _SECOND)

    def dispose(self) -> None:
        """Close its connections."""
        self.engine.dispose()

    def _wake(self) -> None:
        for wake in self._wakes:
            try:
                wake()
            except Exception:
                log.error("wake-up after a commit failed", service=self.service, exc_info=True)

    def unavailable(self, problem: SQLAlchemyError) -> errors.Unavailable:
        """What to raise for a failure that has a meaning (bole.store.failures): in words, with a hint."""
        what = meaning(problem)
        if what == "full":
            said = f"The disk of {self.service}'s database is full. Make room; nothing was changed."
        elif what == "busy":
            said = f"Another process has kept {self.service}'s database busy for {BUSY_S:.0f} s."
        elif what == "repeat":
            said = (
                f"{self.service}'s database broke the transaction off {TRIES} times for the sake of others."
            )
        elif self.is_sqlite:
            said = f"{self.service}'s database file cannot be opened: is its folder there, and writable?"
        else:
            said = f"{self.service}'s database is away."
        return errors.Unavailable(said, service=self.service)


class Work:
    """One write transaction as the code inside it sees it.

    Attributes:
        session: for reading and writing rows.
        actor: who does it.
        now, today: one moment for the whole transaction.
        envelope: the entry being handled, set by an intake while a handler runs.
    """

    def __init__(
        self, database: Database, session: Session, actor: str, cause: UUID | None, locked: set[str]
    ) -> None:
        self.database = database
        self.session = session
        self.actor = actor
        self.now: datetime = database.clock.now()
        self.today: date = database.clock.day_of(self.now)
        self.envelope: Envelope | None = None
        self._cause = cause
        self._locked = locked  # outlives this try: a repeated transaction begins with all it came to need
        self._transaction: SessionTransaction = session.get_transaction() or session.begin()
        self._held: set[int] = set()  # keys of the locks; PostgreSQL only
        self._pending: list[journal.Pending] = []
        # What was pending (how many) and held when a savepoint began.
        self._marks: dict[SessionTransaction, tuple[int, set[int]]] = {}
        self._after: list[Callable[[int | None], None]] = []
        self._numbered = False  # nothing may be announced any more
        self._complete = False  # the commit may come
        session.info[WORK] = self

    @property
    def cause(self) -> UUID | None:
        """Id of the event that new entries follow from."""
        return self._cause if self.envelope is None else self.envelope.id

    def begin(self, *subjects: object) -> None:
        """Lock subjects (people, units, ...) until the transaction ends, so that their entries come in order.

        Call it before the first read of what it protects. Later calls add to it: what was read before is
        then read again, for it may have changed while we waited.
        """
        names = {str(subject) for subject in subjects}
        self._locked |= names
        keys = sorted({lock_key(name) for name in names} - self._held)
        if not keys or self.database.is_sqlite:
            return  # of SQLite the whole file is locked since the beginning
        self.session.flush()
        # Whoever waits holds only locks that sort before what it waits for, so nobody waits in a circle.
        # Out of that order nobody waits: the transaction starts again and takes them all in order.
        if self._held and keys[0] < max(self._held):
            if not self.session.execute(_LOCKS_AT_ONCE, {"keys": keys}).scalar_one():
                raise LockedElsewhere
        else:
            self.session.execute(_LOCKS, {"keys": keys})
        self._held |= set(keys)
        self.session.expire_all()

    def announce(self, fact: object) -> UUID:
        """Make an event of a fact; it becomes an entry of the journal when the transaction commits.

        Returns:
            The event's id, for consequences to keep as their cause.

        Raises:
            KeyError, ValueError: see `bole.journal.journal.pending`.
        """
        if self._numbered:
            raise RuntimeError("The transaction's entries are numbered: nothing may be announced after that.")
        entry = journal.pending(
            fact,
            service=self.database.service,
            county=self.database.county,
            time=self.now,
            actor=self.actor,
            cause=self.cause,
        )
        self._pending.append(entry)
        return entry.id

    def savepoint(self) -> AbstractContextManager[Any]:
        """What fails inside the block is undone alone, with the entries announced there."""
        return self.session.begin_nested()

    def after_numbering(self, write: Callable[[int | None], None]) -> None:
        """For the kit: call `write(last position or None)` between numbering and commit."""
        self._after.append(write)

    def _number(self) -> int | None:
        if self.session.get_transaction() is not self._transaction:
            raise RuntimeError(
                "The transaction was ended from within: only transact() commits or rolls back."
            )
        self.session.flush()
        self._numbered = True
        position = None
        if self._pending:
            position = journal.append(self.session.connection(), self._pending, self.database.county)
        for write in self._after:
            write(position)
        self._complete = True
        return position


class _WritingSession(Session):
    """The session of a transact(): keeps its Work's pending entries in step with savepoints."""


class _ReadingSession(Session):
    """The session of a reading()."""


def _savepoint_began(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        work: Work = session.info[WORK]
        work._marks[transaction] = (len(work._pending), set(work._held))


def _savepoint_released(session: Session) -> None:
    released = session.get_nested_transaction()
    if released is not None:
        work: Work = session.info[WORK]
        del work._marks[released]


def _savepoint_ended(session: Session, transaction: SessionTransaction) -> None:
    # Not after_rollback: after a flush that failed, SQLAlchemy ends the savepoint without it.
    work: Work | None = session.info.get(WORK)
    if work is not None and transaction in work._marks:
        pending, work._held = work._marks.pop(transaction)  # its locks are gone too
        del work._pending[pending:]


def _refuse_commit(session: Session) -> None:
    # SQLAlchemy says before_commit for every released savepoint too.
    if not session.in_nested_transaction() and not session.info[WORK]._complete:
        raise RuntimeError("Only transact() commits: a commit in between would leave its entries behind.")


def _refuse_flush(*_: object) -> None:
    raise RuntimeError("This session only reads; write within Database.transact().")


event.listen(_WritingSession, "after_transaction_create", _savepoint_began)
event.listen(_WritingSession, "after_commit", _savepoint_released)
event.listen(_WritingSession, "after_transaction_end", _savepoint_ended)
event.listen(_WritingSession, "before_commit", _refuse_commit)
event.listen(_ReadingSession, "before_flush", _refuse_flush)
