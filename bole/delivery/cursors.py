"""How far a consumer has taken each source: what makes a duplicate harmless for ever, in constant space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Select, and_, delete, exists, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from bole.delivery.handler import Handler
from bole.delivery.tables import ahead, attempt, cursor, parked

if TYPE_CHECKING:
    from sqlalchemy import Table

GENESIS = bytes(32)
"""What stands for the hash before position 1."""

MAIN = ""
"""The handler name of the consumer's own cursor."""


@dataclass(frozen=True, slots=True)
class Line:
    """One source stream as one consumer takes it; with `handler`, as a late handler catches up on it."""

    consumer: str
    source: str
    stream: int
    handler: str = MAIN

    def rows(self, table: Table) -> ColumnElement[bool]:
        """This line's rows in a table, of every handler."""
        return and_(
            table.c.consumer == self.consumer, table.c.source == self.source, table.c.stream == self.stream
        )

    def own(self, table: Table) -> ColumnElement[bool]:
        """This line's rows in a table that are of this handler."""
        return and_(self.rows(table), table.c.handler == self.handler)

    @property
    def key(self) -> dict[str, str | int]:
        return {"consumer": self.consumer, "source": self.source, "stream": self.stream}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry taken. `joined_at`: at which position each late handler joined, None: not yet."""

    position: int
    journal: UUID | None
    hash: bytes
    halted: str | None
    joined_at: dict[str, int | None]
    has_parked: bool = False  # on this line
    has_ahead: bool = False
    has_awaiting: bool = False  # anything of this consumer, whatever the source, awaits a subject

    def covers(self, handler: Handler, position: int) -> bool:
        """Whether the consumer's own cursor brings the entry at `position` to this handler."""
        if handler.since == "now":
            return True
        joined = self.joined_at.get(handler.name)
        return joined is not None and joined < position


def _cursor_rows(line: Line) -> Select[tuple[object, ...]]:
    return select(
        cursor,
        exists().where(line.rows(parked)).label("has_parked"),
        exists().where(line.rows(ahead)).label("has_ahead"),
        exists()
        .where(parked.c.consumer == line.consumer, parked.c.awaits.is_not(None))
        .label("has_awaiting"),
    ).where(line.rows(cursor))


def read(session: Session, line: Line, *, lock: bool = False) -> Cursor | None:
    """The cursor of a line, locked until commit when asked (SQLite: the file's lock is held already)."""
    query = _cursor_rows(line)
    if lock:
        query = query.order_by(cursor.c.handler).with_for_update(of=cursor)
    rows = {row.handler: row for row in session.execute(query)}
    own = rows.get(line.handler)
    if own is None:
        return None
    return Cursor(
        position=own.position,
        journal=own.journal,
        hash=bytes(own.hash),
        halted=rows[MAIN].halted,
        joined_at={name: row.position if row.joined else None for name, row in rows.items() if name != MAIN},
        has_parked=own.has_parked,
        has_ahead=own.has_ahead,
        has_awaiting=own.has_awaiting,
    )


def open_line(session: Session, line: Line, late: Sequence[Handler]) -> None:
    """Make the rows that are missing. A late handler joins at once when nothing was taken yet."""
    rows = {row.handler: row.position for row in session.execute(select(cursor).where(line.rows(cursor)))}
    missing = [name for name in (MAIN, *(handler.name for handler in late)) if name not in rows]
    for name in missing:
        session.execute(
            insert(cursor).values(
                **line.key,
                handler=name,
                position=0,
                journal=None,
                hash=GENESIS,
                joined=name == MAIN or rows.get(MAIN, 0) == 0,
            )
        )


def move(session: Session, line: Line, at: Cursor, *, position: int, journal: UUID, hash: bytes) -> None:
    """Advance a line and forget its attempt and what was kept ahead of the gap that closed."""
    session.execute(
        update(cursor).where(line.own(cursor)).values(position=position, journal=journal, hash=hash)
    )
    if at.has_ahead and line.handler == MAIN:
        session.execute(delete(ahead).where(line.rows(ahead), ahead.c.position <= position))


def join(session: Session, line: Line) -> bool:
    """Let a late handler ride on the main cursor when it stands where that stands. Locks both."""
    rows = {
        row.handler: row
        for row in session.execute(
            select(cursor)
            .where(line.rows(cursor), cursor.c.handler.in_([MAIN, line.handler]))
            .order_by(cursor.c.handler)
            .with_for_update()
        )
    }
    if rows[line.handler].position != rows[MAIN].position:
        return False
    session.execute(update(cursor).where(line.own(cursor)).values(joined=True))
    return True


def halt(session: Session, line: Line, reason: str, now: datetime) -> None:
    """Stop a source at this consumer until a person decides."""
    session.execute(
        update(cursor).where(line.rows(cursor), cursor.c.handler == MAIN).values(halted=reason, halted_at=now)
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A batch that was begun: positions `first` to `last`, for the `tries`th time."""

    first: int
    last: int
    tries: int


def begun(session: Session, line: Line) -> Attempt | None:
    """The attempt that is recorded, be it ours or that of a process that died in it."""
    row = session.execute(select(attempt).where(line.own(attempt))).one_or_none()
    return None if row is None else Attempt(row.first, row.last, row.tries)


def begin_attempt(session: Session, line: Line, wanted: Attempt) -> None:
    session.execute(delete(attempt).where(line.own(attempt)))
    session.execute(
        insert(attempt).values(
            **line.key, handler=line.handler, first=wanted.first, last=wanted.last, tries=wanted.tries
        )
    )


def end_attempt(session: Session, line: Line) -> None:
    session.execute(delete(attempt).where(line.own(attempt)))
