"""What a failure of the database means: repeat, wait, or say that it is away.

SQLSTATE codes: PostgreSQL 15 documentation, appendix A [K].
"""

from __future__ import annotations

import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Meaning = Literal["repeat", "busy", "full", "away"]

_REPEAT = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_FULL = {"53100"}  # disk_full
# cannot_connect_now, admin_shutdown, crash_shutdown, idle_session_timeout and its kin,
# read_only_sql_transaction (we reached a standby), and classes 08 (connection) and 53 (resources).
_AWAY = {"57P03", "57P01", "57P02", "57P05", "25P03", "25006"}


class LockedElsewhere(SQLAlchemyError):
    """A subject came up late and somebody else has it: start again, with all subjects from the beginning."""


def meaning(problem: BaseException) -> Meaning | None:
    """What to do about it; None for a mistake in a statement or in the data, which is not for us to mend."""
    if isinstance(problem, LockedElsewhere):
        return "repeat"
    if isinstance(problem, PoolTimeout):
        return "away"
    if not isinstance(problem, DBAPIError):
        return None
    if isinstance(problem.orig, sqlite3.Error):
        return _of_sqlite(getattr(problem.orig, "sqlite_errorcode", None))
    state = getattr(problem.orig, "sqlstate", None)
    if state in _REPEAT:
        return "repeat"
    if state in _FULL:
        return "full"
    if state in _AWAY or (state or "")[:2] in ("08", "53") or problem.connection_invalidated:
        return "away"
    if state is None and isinstance(problem, (OperationalError, InterfaceError)):
        return "away"  # libpq could not connect, or lost the connection
    return None


def _of_sqlite(code: int | None) -> Meaning | None:
    primary = None if code is None else code & 0xFF  # extended codes keep the primary one in the low byte
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "busy"
    if primary == sqlite3.SQLITE_FULL:
        return "full"
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
        return "away"
    return None
