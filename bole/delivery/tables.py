"""The delivery's tables, in every database of a consumer or a producer (migration 0002_delivery)."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
)

from bole.store.columns import Moment

metadata = MetaData()


def _line() -> tuple[Column[str], Column[str], Column[int]]:
    """The key of one line: who takes, from whom, which stream of it."""
    return (
        Column("consumer", String(64), primary_key=True),
        Column("source", String(64), primary_key=True),
        Column("stream", Integer, primary_key=True, autoincrement=False),
    )


cursor = Table(
    "bole_cursor",
    metadata,
    *_line(),
    Column("handler", String(128), primary_key=True),  # "": the consumer itself; else one since="start"
    Column("position", BigInteger, nullable=False),  # everything up to here was taken
    Column("journal", Uuid, nullable=True),  # null until the first entry
    Column("hash", LargeBinary, nullable=False),  # of the entry at `position`
    Column("joined", Boolean, nullable=False),  # a handler's cursor was caught up and rides on the main one
    Column("halted", String(64), nullable=True),  # why the source was stopped: source_rewound, ...
    Column("halted_at", Moment, nullable=True),
)

attempt = Table(  # written before a batch runs, deleted in its transaction: what is left killed a process
    "bole_attempt",
    metadata,
    *_line(),
    Column("handler", String(128), primary_key=True),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
)

ahead = Table(  # deliveries beyond a gap that could not be pulled yet; bounded
    "bole_ahead",
    metadata,
    *_line(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

parked = Table(
    "bole_parked",
    metadata,
    *_line(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("handler", String(128), primary_key=True),
    Column("event_id", Uuid, nullable=False, index=True),
    Column("type", String(128), nullable=False),
    Column("body", LargeBinary, nullable=False),  # the encoded envelope, to be taken again
    Column("state", String(16), nullable=False),  # behind, not_yet, transient, failed, crashed
    Column("awaits", String(200), nullable=True),  # not_yet: the subject without which it cannot be done
    Column("retry_at", Moment, nullable=True),  # null: waits for a person, or behind another
    Column("tries", Integer, nullable=False),  # failures so far
    Column("started", Integer, nullable=False),  # retries that began and did not report back
    Column(
        "wakes", Integer, nullable=False
    ),  # counts touches of `awaits`; guards a wake against a late failure
    Column("error", String(128), nullable=True),  # type of the exception
    Column("message", Text, nullable=True),  # without personal data
    Column("place", String(300), nullable=True),  # module, function and line that raised
    Column("fingerprint", String(16), nullable=True),  # groups failures of one kind
    Column("parked_at", Moment, nullable=False),
    Index("ix_bole_parked_retry_at", "consumer", "retry_at"),
    Index("ix_bole_parked_awaits", "consumer", "awaits"),
)

parked_subject = Table(  # the order of the waiting, per subject
    "bole_parked_subject",
    metadata,
    *_line(),
    Column("subject", String(200), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("handler", String(128), primary_key=True),
)

quarantine = Table(  # what cannot be parsed or trusted, as it came
    "bole_quarantine",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("consumer", String(64), nullable=False),
    Column("source", String(64), nullable=False),  # whose queue or journal it came from
    Column("received_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

relay = Table(  # how far the broker has confirmed
    "bole_relay",
    metadata,
    Column("stream", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)
