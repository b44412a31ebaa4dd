"""How we speak to SQLite and to PostgreSQL."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event

WRITING = "bole_writing"  # execution option: the transaction will write
SEALED = "bole_sealed"  # in Connection.info: numbered, only the commit may follow
POOL = 10  # connections kept
POOL_OVERFLOW = 20  # and so many more in a rush
POOL_WAIT_S = 10
BUSY_MS = 100  # SQLite waits so long by itself, with the whole process standing still; we wait for the rest

POSTGRESQL_CONNECT = {
    "connect_timeout": 5,  # s
    # A peer that fell silent is given up after 10 + 3 * 5 s, data nobody confirms after 15 s.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # ms
}
# A process that stopped inside a transaction would hold the journal's counter for ever.
IDLE_IN_TRANSACTION_MS = 60_000

_file_locks: dict[str, threading.Lock] = {}


def make_engine(url: str, service: str) -> sa.Engine:
    """An engine whose transactions, types and errors are alike on both databases.

    Raises:
        ValueError: neither a file of SQLite nor PostgreSQL by psycopg.
    """
    parsed = sa.make_url(url)
    dialect = parsed.get_backend_name()
    common: dict[str, Any] = {
        "pool_size": POOL,
        "max_overflow": POOL_OVERFLOW,
        "pool_timeout": POOL_WAIT_S,
        "json_serializer": _to_json,
        "json_deserializer": msgspec.json.decode,
    }
    if dialect == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise ValueError("SQLite needs a file (sqlite:////folder/name.sqlite): its memory has no WAL.")
        engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_MS / 1000}, **common)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif dialect == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        connect_args = {**POSTGRESQL_CONNECT, "application_name": f"bole {service}"}
        engine = sa.create_engine(parsed, connect_args=connect_args, pool_pre_ping=True, **common)
        event.listen(engine, "connect", _prepare_postgresql)
    else:
        raise ValueError(f"{dialect} is not supported: use sqlite:/// or postgresql+psycopg://.")
    event.listen(engine, "before_cursor_execute", _refuse_when_sealed)
    event.listen(engine, "checkin", _unseal)
    return engine


def file_lock(engine: sa.Engine) -> threading.Lock:
    """The lock that writers of one SQLite file hold in this process.

    Made when first asked for, so that it is green where eventlet has patched the standard library;
    a second writer inside SQLite would stop every green thread at once.
    """
    path = str(Path(engine.url.database or "").resolve())
    return _file_locks.setdefault(path, threading.Lock())


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to us
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _prepare_postgresql(connection: Any, _: object) -> None:
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_MS}")
    connection.commit()


def _refuse_when_sealed(connection: sa.Connection, *_: object) -> None:
    if connection.info.get(SEALED):
        raise RuntimeError("The transaction's entries are numbered: nothing may be written after that.")


def _unseal(_: object, record: Any) -> None:
    record.info.pop(SEALED, None)


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
