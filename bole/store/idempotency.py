"""A command that is repeated with its key is done once and answered twice.

The row is the first statement of the command's transaction, so a repetition that runs at the same time
waits there. A refusal rolls it back with everything else: the command is judged again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bole.errors import Conflict
from bole.store.database import Database, Work
from bole.store.tables import ANSWER

KEPT_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What makes one command the same as another: who asks what, under which key, with which body."""

    account: str
    call: str
    key: str
    digest: bytes  # SHA-256 of the path, query and body


class KeyReused(Conflict):
    """The same Idempotency-Key came with another body. HTTP 409."""

    code = "idempotency"


def once(work: Work, asking: Asking, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do it, or give the answer of when it was done. Call it before anything else in the transaction.

    Args:
        do: the command; gives the JSON-able answer. `position` ("training:123", the last entry it
            made, None when it made none) is put into that answer when the entries are numbered.

    Raises:
        KeyReused: the key belongs to another body.
    """
    asked = {"account": asking.account, "call": asking.call, "key": asking.key}
    this_one = (
        (ANSWER.c.account == asking.account) & (ANSWER.c.call == asking.call) & (ANSWER.c.key == asking.key)
    )
    insert = sqlite.insert if work.database.is_sqlite else postgresql.insert
    ours = work.session.execute(
        insert(ANSWER)
        .values(**asked, digest=asking.digest, created_at=work.now)
        .on_conflict_do_nothing()
        .returning(ANSWER.c.key)
    ).first()
    if ours is None:
        row = work.session.execute(sa.select(ANSWER.c.digest, ANSWER.c.answer).where(this_one)).one()
        if row.digest != asking.digest:
            raise KeyReused(
                "This Idempotency-Key was used with another body. Use a new key for a new request."
            )
        answered: dict[str, Any] = row.answer
        return answered
    answer = do()

    def keep(position: int | None) -> None:
        answer["position"] = None if position is None else f"{work.database.service}:{position}"
        work.session.connection().execute(sa.update(ANSWER).where(this_one).values(answer=answer))

    work.after_numbering(keep)
    return answer


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
