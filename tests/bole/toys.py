"""What the toy service announces, and the one table it has."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from bole.events import event
from bole.journal import journal
from bole.journal.envelope import Envelope
from bole.store.database import Database, Work
from bole.store.model import ServiceBase


@event("toy.noted", version=1, subjects=("person_id",), zh="记录", en="noted")
@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something about somebody."""

    person_id: UUID
    text: str = ""
    number: int = 0


@event("toy.whispered", version=1, subjects=("person_id",), zh="密", en="whispered", private=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class Whispered:
    """Something that does not leave the toy."""

    person_id: UUID
    text: str


class Base(ServiceBase):
    """The tables of the toy."""


class Tally(Base):
    """How often somebody was noted."""

    __tablename__ = "tally"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(sa.Integer)


def add_tables(database: Database) -> None:
    """Make the toy's table."""
    Base.metadata.create_all(database.engine)


def entries(database: Database) -> list[Envelope]:
    """The whole journal as others may read it."""
    with database.reading() as session:
        return journal.read(session, database, after=0, limit=100_000)


def numbers_of(database: Database, person_id: UUID) -> list[int]:
    """The numbers noted about somebody, in the journal's order."""
    return [entry.fact.number for entry in entries(database) if entry.subjects == (str(person_id),)]


def note_next(work: Work, person_id: UUID) -> int:
    """Note somebody under the next number: read, change, announce."""
    work.begin(person_id)
    tally = work.session.get(Tally, person_id)
    if tally is None:
        tally = Tally(person_id=person_id, number=0)
        work.session.add(tally)
    tally.number += 1
    work.announce(Noted(person_id=person_id, number=tally.number))
    return tally.number


def together(threads: int, do: Callable[[int], Any]) -> list[Any]:
    """`do(0) ... do(threads - 1)`, all let go at once; what each gave, or the exception it raised."""
    gate = threading.Barrier(threads)

    def run(number: int) -> Any:
        gate.wait()
        try:
            return do(number)
        except Exception as problem:
            return problem

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))
