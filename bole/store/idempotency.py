"""A command that is repeated with its key is done once and answered twice.

    stored = recall(work, account=..., call=..., key=..., body_digest=...)   # before anything else
    if stored is None:
        answer = ...                                                         # the command
        work.after_numbering(lambda position: keep(work, ..., answer=answer | {"position": position}))

The row is the first statement of the command's transaction, so a repetition that runs at the same time
waits there. A refusal rolls it back with everything else: the command is judged again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bole.errors import Conflict
from bole.store.database import Database, Work
from bole.store.tables import ANSWER

KEPT_DAYS = 30


class KeyReused(Conflict):
    """The same Idempotency-Key came with another body. HTTP 409."""

    code = "idempotency"


def recall(work: Work, *, account: str, call: str, key: str, body_digest: bytes) -> dict[str, Any] | None:
    """The stored answer of a command that was done before; None: it is ours to do, and then to `keep`.

    Args:
        body_digest: SHA-256 of everything that makes the request: path, query, body.

    Raises:
        KeyReused: the key belongs to another request of this account.
        RuntimeError: it was done and its answer was never kept, a fault of ours. It is not done again.
    """
    insert = sqlite.insert if work.database.is_sqlite else postgresql.insert
    ours = work.session.execute(
        insert(ANSWER)
        .values(account=account, call=call, key=key, digest=body_digest, created_at=work.now)
        .on_conflict_do_nothing()
        .returning(ANSWER.c.key)
    ).first()
    if ours is not None:
        return None
    row = work.session.execute(
        sa.select(ANSWER.c.digest, ANSWER.c.answer).where(_is(account, call, key))
    ).one()
    if row.digest != body_digest:
        raise KeyReused("This Idempotency-Key was used with another body. Use a new key for a new request.")
    if row.answer is None:
        raise RuntimeError(f"The {call} of a repeated key was done, and its answer was never kept.")
    answer: dict[str, Any] = row.answer
    return answer


def keep(work: Work, *, account: str, call: str, key: str, answer: dict[str, Any]) -> None:
    """Store the JSON-able answer; the last statement of the transaction, by `work.after_numbering`.

    Raises:
        RuntimeError: `recall` was not asked before.
    """
    kept = work.session.connection().execute(
        sa.update(ANSWER).where(_is(account, call, key)).values(answer=answer)
    )
    if kept.rowcount != 1:
        raise RuntimeError(f"The answer of {call} has no row to be kept in: recall() comes first.")


def forget_old_answers(database: Database) -> int:
    """Delete the answers of more than 30 days ago; returns how many."""

    def forget(work: Work) -> int:
        before = work.now - timedelta(days=KEPT_DAYS)
        return len(
            work.session.execute(
                sa.delete(ANSWER).where(ANSWER.c.created_at < before).returning(ANSWER.c.key)
            ).all()
        )

    return database.transact(forget, actor=database.service).value


def _is(account: str, call: str, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(ANSWER.c.account == account, ANSWER.c.call == call, ANSWER.c.key == key)
