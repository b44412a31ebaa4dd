"""The journal: outbox, audit trail and replay log at once. Positions are 1, 2, 3, ... without holes.

Entries are made by `Work.announce` alone; `append` numbers them as the last step of their transaction.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bole import events
from bole.identifiers import new_id
from bole.journal import chain
from bole.journal.envelope import (
    DEPTH_LIMIT,
    MESSAGE_LIMIT_BYTES,
    NEVER,
    STUB,
    Envelope,
    Watermark,
    stub_id,
    too_deep,
)
from bole.store.tables import ENTRY, HEAD, JOURNAL

if TYPE_CHECKING:
    from bole.store.database import Database, Work

STREAM = 0  # every entry's, today; a journal may be split into streams later
PAYLOAD_LIMIT_BYTES = MESSAGE_LIMIT_BYTES - 16 * 1024  # leaves room for the header
SUBJECTS_LIMIT_BYTES = 8 * 1024

_APPEND = sa.text(
    "SELECT bole_append(:stream, :county, CAST(:ids AS uuid[]), CAST(:types AS text[]),"
    " CAST(:times AS timestamptz[]), CAST(:subjects AS text[]), CAST(:actors AS text[]),"
    " CAST(:causes AS uuid[]), CAST(:payloads AS bytea[]), CAST(:salts AS bytea[]),"
    " CAST(:header_digests AS bytea[]), CAST(:payload_digests AS bytea[]), CAST(:privates AS boolean[]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An entry that has no position yet."""

    id: UUID
    type: str
    time: datetime
    subjects: str
    actor: str
    cause: UUID | None
    payload: bytes
    salt: bytes
    header_digest: bytes
    payload_digest: bytes
    private: bool


def pending(
    fact: object, *, service: str, county: str, time: datetime, actor: str, cause: UUID | None
) -> Pending:
    """Make the entry of one fact.

    Raises:
        KeyError: no contract declares the fact's class.
        ValueError: another service announces such facts, or it is too large or too deep for a message.
    """
    kind = events.event_type(type(fact))
    if kind.source not in (service, "bole"):
        raise ValueError(f"{kind.name} is for {kind.source} to announce, not for {service}")
    subjects = events.subjects_of(fact)
    payload = events.encode(fact)
    joined = ",".join(subjects)
    if not subjects or joined.count(",") != len(subjects) - 1 or len(joined) > SUBJECTS_LIMIT_BYTES:
        raise ValueError(f"{kind.name}: subjects are one or more short words without commas")
    if len(payload) > PAYLOAD_LIMIT_BYTES:
        raise ValueError(f"{kind.name} has {len(payload)} bytes; {PAYLOAD_LIMIT_BYTES} fit into a message")
    if too_deep(b"[" + payload):
        raise ValueError(f"{kind.name} nests deeper than {DEPTH_LIMIT - 1} levels")
    id = new_id()
    salt = os.urandom(16)
    header = chain.header_digest(
        id=id,
        type=kind.wire,
        source=service,
        time=time,
        county=county,
        subjects=subjects,
        actor=actor,
        cause=cause,
        private=kind.private,
    )
    return Pending(
        id=id,
        type=kind.wire,
        time=time,
        subjects=joined,
        actor=actor,
        cause=cause,
        payload=payload,
        salt=salt,
        header_digest=header,
        payload_digest=chain.payload_digest(salt, payload),
        private=kind.private,
    )


def append(connection: sa.Connection, entries: Sequence[Pending], county: str) -> int:
    """Number, chain and insert entries in one step; returns the last position.

    The counter row stays locked until the transaction ends: nothing else may follow but its commit.
    """
    if connection.dialect.name == "postgresql":
        given: dict[str, Any] = {
            "stream": STREAM,
            "county": county,
            "ids": [entry.id for entry in entries],
            "types": [entry.type for entry in entries],
            "times": [entry.time for entry in entries],
            "subjects": [entry.subjects for entry in entries],
            "actors": [entry.actor for entry in entries],
            "causes": [entry.cause for entry in entries],
            "payloads": [entry.payload for entry in entries],
            "salts": [entry.salt for entry in entries],
            "header_digests": [entry.header_digest for entry in entries],
            "payload_digests": [entry.payload_digest for entry in entries],
            "privates": [entry.private for entry in entries],
        }
        return int(connection.execute(_APPEND, given).scalar_one())
    journal: UUID = connection.execute(sa.select(JOURNAL.c.id)).scalar_one()
    last: Any = connection.execute(
        sa.select(HEAD.c.position, HEAD.c.hash).where(HEAD.c.stream == STREAM)
    ).one()
    position: int = last.position
    last_hash: bytes = last.hash
    rows = []
    for entry in entries:
        position += 1
        last_hash = chain.link(
            journal, STREAM, position, last_hash, entry.header_digest, entry.payload_digest
        )
        rows.append(
            {
                "stream": STREAM,
                "position": position,
                "id": entry.id,
                "type": entry.type,
                "time": entry.time,
                "county": county,
                "subjects": entry.subjects,
                "actor": entry.actor,
                "cause": entry.cause,
                "payload": entry.payload,
                "salt": entry.salt,
                "header_digest": entry.header_digest,
                "payload_digest": entry.payload_digest,
                "hash": last_hash,
                "private": entry.private,
            }
        )
    connection.execute(sa.insert(ENTRY), rows)
    connection.execute(
        sa.update(HEAD).where(HEAD.c.stream == STREAM).values(position=position, hash=last_hash)
    )
    return position


def read(
    session: Session, database: Database, *, after: int, limit: int, stream: int = STREAM
) -> list[Envelope]:
    """Up to `limit` entries beyond position `after`, in order. Private and redacted ones are stubs."""
    rows = session.execute(
        sa.select(ENTRY)
        .where(ENTRY.c.stream == stream, ENTRY.c.position >= after)  # the one before for its hash
        .order_by(ENTRY.c.position)
        .limit(limit + (after > 0))
    ).all()
    prev_hash = chain.GENESIS
    if after > 0:
        if not rows:
            return []
        prev_hash, rows = rows[0].hash, rows[1:]
    envelopes = []
    for row in rows:
        envelopes.append(_envelope(row, prev_hash, database))
        prev_hash = row.hash
    return envelopes


def head(session: Session, database: Database, stream: int = STREAM) -> Watermark:
    """The journal's last position and hash."""
    last: Any = session.execute(sa.select(HEAD.c.position, HEAD.c.hash).where(HEAD.c.stream == stream)).one()
    return Watermark(
        source=database.service,
        journal=database.journal_id,
        stream=stream,
        position=last.position,
        hash=last.hash,
    )


def redact(work: Work, position: int, stream: int = STREAM) -> None:
    """Delete what an entry says. Place and digests stay, so that the chain holds; it travels as a stub.

    Raises:
        LookupError: there is no such position.
    """
    redacted = work.session.execute(
        sa.update(ENTRY)
        .where(ENTRY.c.stream == stream, ENTRY.c.position == position)
        .values(payload=None, salt=None)
        .returning(ENTRY.c.position)
    ).all()
    if not redacted:
        raise LookupError(f"the journal has no position {position}")


def _envelope(row: Any, prev_hash: bytes, database: Database) -> Envelope:
    stub = row.private or row.payload is None
    journal = database.journal_id
    return Envelope(
        id=stub_id(journal, row.stream, row.position) if stub else row.id,
        source=database.service,
        type=STUB if stub else row.type,
        time=NEVER if stub else row.time,
        county="" if stub else row.county,
        subjects=() if stub else tuple(row.subjects.split(",")),
        actor="" if stub else row.actor,
        cause=None if stub else row.cause,
        journal=journal,
        stream=row.stream,
        position=row.position,
        prev_hash=prev_hash,
        header_digest=row.header_digest,
        payload_digest=row.payload_digest,
        hash=row.hash,
        salt=None if stub else row.salt,
        payload=None if stub else row.payload,
    )
