"""Walking a journal's chain from its first entry to its head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from bole.journal import chain, journal
from bole.journal.envelope import Watermark
from bole.store.database import Database
from bole.store.tables import ENTRY

PAGE = 1000  # entries in memory at a time


@dataclass(frozen=True, slots=True)
class Verified:
    """The chain holds. Whoever noted an earlier head can check that it is a part of this one."""

    entries: int
    redacted: int  # of them say nothing any more; only their digests could be checked
    head: Watermark


@dataclass(frozen=True, slots=True)
class Broken:
    """The first position that is not as it was written, and what is wrong with it."""

    position: int
    what: str  # missing, unreadable, edited_header, edited_payload, edited_digest, head_differs
    says: str


def verify(database: Database, stream: int = journal.STREAM) -> Verified | Broken:
    """Check every entry against its digests, its place and the hash before it. Memory stays bounded.

    An entry without payload and salt counts as redacted and is checked by its digests alone.

    Raises:
        errors.Unavailable: the database is away.
    """
    position, last_hash, redacted = 0, chain.GENESIS, 0
    with database.reading() as session:
        try:
            head = journal.head(session, database, stream)
        except NoResultFound:
            return Broken(0, "missing", "The head is gone: nobody can say where the journal ended.")
        try:
            for row in _rows(session, stream):
                if row.position != position + 1:
                    gap = f"After position {position} comes {row.position}."
                    return Broken(position + 1, "missing", gap)
                broken = _looked_at(row, database, last_hash)
                if broken is not None:
                    return broken
                position += 1
                redacted += row.payload is None
                last_hash = row.hash
        except (TypeError, ValueError):  # a column of SQLite takes whatever somebody writes into it
            return Broken(position + 1, "unreadable", "It holds something that was never written by us.")
    if position < head.position:
        return Broken(position + 1, "missing", f"The head is at {head.position}, entries end at {position}.")
    if (position, last_hash) != (head.position, head.hash):
        return Broken(position, "head_differs", f"The head says position {head.position} and another hash.")
    return Verified(position, redacted, head)


def _rows(session: Session, stream: int) -> Iterator[Any]:
    last, size = -(2**62), PAGE  # below whatever somebody may have written
    while True:
        wanted = sa.select(ENTRY).where(ENTRY.c.stream == stream, ENTRY.c.position > last)
        try:
            page = session.execute(wanted.order_by(ENTRY.c.position).limit(size)).all()
        except (TypeError, ValueError):
            if size == 1:
                raise
            size = 1  # one of them is not readable: up to it, one by one
            continue
        yield from page
        if len(page) < size:
            return
        last = page[-1].position


def _looked_at(row: Any, database: Database, prev_hash: bytes) -> Broken | None:
    at = row.position
    header = chain.header_digest(
        id=row.id,
        type=row.type,
        source=database.service,
        time=row.time,
        county=row.county,
        subjects=tuple(row.subjects.split(",")),
        actor=row.actor,
        cause=row.cause,
        private=row.private,
    )
    hash = chain.link(database.journal_id, row.stream, at, prev_hash, row.header_digest, row.payload_digest)
    if hash != row.hash:
        return Broken(
            at, "edited_digest", "Its hash does not follow from its digests and the entry before it."
        )
    if header != row.header_digest:
        return Broken(at, "edited_header", "Type, time, county, subjects, actor, cause or id were changed.")
    if row.payload is None and row.salt is None:
        return None
    if row.payload is None or row.salt is None:
        return Broken(at, "edited_payload", "Its payload or its salt is gone, but not both.")
    if chain.payload_digest(row.salt, row.payload) != row.payload_digest:
        return Broken(at, "edited_payload", "What it says was changed.")
    return None
