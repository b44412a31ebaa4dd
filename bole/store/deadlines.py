"""Due dates in the database. A day is in time until it is over: due at the following midnight in the county.

One row per (kind, ref). Handling one is one transaction: lock the subject, look again, mark it done, act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from bole.crashpoints import crashpoint
from bole.errors import Unavailable
from bole.identifiers import new_id
from bole.log import get_log
from bole.store.database import Database, Work
from bole.store.tables import DEADLINE

PAGE = 100
FIRST_PAUSE_S = 30  # after a handler's first failure; doubled after each further one
LONGEST_PAUSE_S = 3600

log = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One due date as its handler sees it."""

    id: UUID
    kind: str
    subject: UUID
    ref: UUID  # what was due: the talk, the training
    due_on: date  # the last day in time, which is over
    cause: UUID | None  # id of the event that set it


Handler = Callable[[Deadline, Work], None]


def due(work: Work, kind: str, *, subject: UUID, on: date, ref: UUID) -> None:
    """Set the deadline of (kind, ref), or move it; one that was done or called off is open again."""
    values: dict[str, Any] = {
        "subject": subject,
        "due_on": on,
        "due_at": work.database.clock.midnight_after(on),
        "state": "open",
        "failures": 0,
        "cause": work.cause,
    }
    found = work.session.execute(
        sa.update(DEADLINE)
        .where(DEADLINE.c.kind == kind, DEADLINE.c.ref == ref)
        .values(values)
        .returning(DEADLINE.c.id)
    ).all()
    if not found:
        work.session.execute(sa.insert(DEADLINE).values(id=new_id(), kind=kind, ref=ref, **values))


def call_off(work: Work, kind: str, ref: UUID) -> None:
    """Close the deadline of (kind, ref) without acting, if it is open."""
    work.session.execute(
        sa.update(DEADLINE)
        .where(DEADLINE.c.kind == kind, DEADLINE.c.ref == ref, DEADLINE.c.state == "open")
        .values(state="called_off")
    )


def run_due(database: Database, handlers: Mapping[str, Handler]) -> int:
    """Handle everything that is due now and whose kind has a handler; returns how many were.

    Several processes may run it at once. A handler that fails is logged and tried again later.

    Raises:
        errors.Unavailable: the database is away.
    """
    handled = 0
    seen: tuple[datetime, UUID] | None = None
    while True:
        now = database.clock.now()
        query = (
            sa.select(DEADLINE.c.id, DEADLINE.c.subject, DEADLINE.c.due_at)
            .where(DEADLINE.c.state == "open", DEADLINE.c.due_at <= now, DEADLINE.c.kind.in_(handlers))
            .order_by(DEADLINE.c.due_at, DEADLINE.c.id)
            .limit(PAGE)
        )
        if seen is not None:
            query = query.where(
                sa.tuple_(DEADLINE.c.due_at, DEADLINE.c.id) > sa.tuple_(*map(sa.literal, seen))
            )
        with database.reading() as session:
            found: Sequence[Any] = session.execute(query).all()
        for row in found:
            seen = (row.due_at, row.id)
            handled += _run(database, handlers, row.id, row.subject)
        if len(found) < PAGE:
            return handled


def _run(database: Database, handlers: Mapping[str, Handler], id: UUID, subject: UUID) -> bool:
    def claim_and_act(work: Work) -> bool:
        row = work.session.execute(sa.select(DEADLINE).where(DEADLINE.c.id == id)).one()
        if row.state != "open" or row.due_at > work.now:
            return False  # somebody was quicker, or it was called off or moved
        work.session.execute(sa.update(DEADLINE).where(DEADLINE.c.id == id).values(state="done"))
        crashpoint("deadline.after_claim")
        deadline = Deadline(
            id=row.id, kind=row.kind, subject=row.subject, ref=row.ref, due_on=row.due_on, cause=row.cause
        )
        handlers[row.kind](deadline, work)
        crashpoint("deadline.after_handler")
        return True

    try:
        handled = database.transact(claim_and_act, actor=database.service, subjects=[subject]).value
    except Unavailable:
        raise
    except Exception:
        log.error("deadline failed", service=database.service, deadline_id=str(id), exc_info=True)
        database.transact(lambda work: _try_later(work, id), actor=database.service, subjects=[subject])
        return False
    crashpoint("deadline.after_commit")
    return handled


def _try_later(work: Work, id: UUID) -> None:
    failures: int = work.session.execute(
        sa.select(DEADLINE.c.failures).where(DEADLINE.c.id == id)
    ).scalar_one()
    pause_s = min(FIRST_PAUSE_S * 2 ** min(failures, 20), LONGEST_PAUSE_S)
    work.session.execute(
        sa.update(DEADLINE)
        .where(DEADLINE.c.id == id, DEADLINE.c.state == "open")
        .values(failures=failures + 1, due_at=work.now + timedelta(seconds=pause_s))
    )
