"""The waiting lines: what keeps failing waits under its subjects, and later events of those wait behind it.

Order is by position within (consumer, source, stream, subject). An event with several subjects is at
the head only when it is first in all of them. Whoever reads or writes here holds the locks of the
event's subjects.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from bole.delivery.cursors import Line
from bole.delivery.failure import Failure, State
from bole.delivery.tables import parked, parked_subject

if TYPE_CHECKING:
    from bole.journal.envelope import Envelope

RETRY_FIRST_S: dict[State, int] = {"transient": 5, "not_yet": 60}
"""The first pause by kind; NotYet is mostly woken by a touch, the slow retry is its safety."""
RETRY_LAST_S = 900
TRIES = 3
"""After so many deaths of the process in one event, it is set aside as crashed."""


def pause(state: State, tries: int) -> timedelta | None:
    """How long to wait after the `tries`th failure: doubling, capped, with jitter. None: for a person."""
    first = RETRY_FIRST_S.get(state)
    if first is None:
        return None
    full = min(RETRY_LAST_S, first * 2.0 ** min(tries - 1, 16))
    return timedelta(seconds=full * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing


def park(session: Session, line: Line, envelope: Envelope, failure: Failure | None, now: datetime) -> None:
    """Set an event aside; `failure=None`: it did nothing wrong, it waits behind another.

    One that awaits a subject is tried once more at once: what it awaits may have come while it failed.
    """
    state: State = "behind" if failure is None else failure.state
    wait = timedelta(0) if state == "not_yet" else pause(state, 1)
    session.execute(
        insert(parked).values(
            **line.key,
            position=envelope.position,
            handler=line.handler,
            event_id=envelope.id,
            type=envelope.type,
            body=envelope.encode(),
            state=state,
            awaits=failure.awaits if failure else None,
            retry_at=None if wait is None else now + wait,
            tries=1 if failure else 0,
            started=0,
            wakes=0,
            error=failure.error if failure else None,
            message=failure.message if failure else None,
            place=failure.place if failure else None,
            fingerprint=failure.fingerprint if failure else None,
            parked_at=now,
        )
    )
    rows = [
        {**line.key, "handler": line.handler, "position": envelope.position, "subject": subject}
        for subject in envelope.subjects  # a stub has none: nothing waits behind it
    ]
    if rows:
        session.execute(insert(parked_subject), rows)


def waiting(session: Session, line: Line, subjects: Collection[str]) -> dict[str, int]:
    """Of these subjects those under which something waits, with the position of the first of it."""
    found: dict[str, int] = {}
    names = sorted(subjects)
    for start in range(0, len(names), 500):
        rows: Iterable[Any] = session.execute(
            select(parked_subject.c.subject, func.min(parked_subject.c.position))
            .where(line.rows(parked_subject), parked_subject.c.subject.in_(names[start : start + 500]))
            .group_by(parked_subject.c.subject)
        )
        found.update({str(subject): int(first) for subject, first in rows})
    return found


def awake(session: Session, consumer: str, touched: Iterable[str], now: datetime) -> bool:
    """Let what awaits one of these subjects be tried now. True when anything did."""
    names = sorted(set(touched))
    woken = 0
    for start in range(0, len(names), 500):
        result: Any = session.execute(
            update(parked)
            .where(parked.c.consumer == consumer, parked.c.awaits.in_(names[start : start + 500]))
            .values(retry_at=now, wakes=parked.c.wakes + 1)
        )
        woken += result.rowcount
    return woken > 0


def release(session: Session, line: Line, position: int, subjects: Iterable[str], now: datetime) -> None:
    """Take an event out of its lines, and let those that are now first be tried."""
    gone = and_(line.own(parked), parked.c.position == position)
    session.execute(delete(parked).where(gone))
    session.execute(
        delete(parked_subject).where(line.own(parked_subject), parked_subject.c.position == position)
    )
    for subject in subjects:
        first = session.execute(
            select(parked_subject.c.position, parked_subject.c.handler)
            .where(line.rows(parked_subject), parked_subject.c.subject == subject)
            .order_by(parked_subject.c.position, parked_subject.c.handler)
            .limit(1)
        ).one_or_none()
        if first is not None:
            session.execute(
                update(parked)
                .where(
                    line.rows(parked),
                    parked.c.position == first.position,
                    parked.c.handler == first.handler,
                    parked.c.state == "behind",
                )
                .values(retry_at=now)
            )


def step_back(session: Session, line: Line, position: int) -> None:
    """It is not first in all its lines after all: it waits until it is."""
    session.execute(
        update(parked)
        .where(line.own(parked), parked.c.position == position)
        .values(state="behind", retry_at=None, awaits=None, started=0)
    )


def note_failure(
    session: Session, line: Line, position: int, failure: Failure, *, wakes: int, now: datetime
) -> None:
    """Keep how a retry failed. A touch that came meanwhile (`wakes` moved on) keeps it due at once."""
    row = session.execute(
        select(parked.c.tries, parked.c.wakes).where(line.own(parked), parked.c.position == position)
    ).one_or_none()
    if row is None:
        return
    wait = pause(failure.state, row.tries + 1)
    retry_at = None if wait is None else now + wait
    if failure.state == "not_yet" and row.wakes != wakes:
        retry_at = now
    session.execute(
        update(parked)
        .where(line.own(parked), parked.c.position == position)
        .values(
            state=failure.state,
            awaits=failure.awaits,
            retry_at=retry_at,
            tries=row.tries + 1,
            started=0,
            error=failure.error,
            message=failure.message,
            place=failure.place,
            fingerprint=failure.fingerprint,
        )
    )
