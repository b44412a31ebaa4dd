"""Deliveries beyond a gap that cannot be pulled yet, kept so that the broker may forget them.

Bounded: above the bound they are dropped, since the source's journal has them. Rows up to the cursor go
in the transaction that moves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from bole.delivery.cursors import Line
from bole.delivery.tables import ahead
from bole.journal.envelope import Envelope, read_message

if TYPE_CHECKING:
    from bole.store.database import Database, Work


def keep(database: Database, line: Line, envelopes: Sequence[Envelope], bound: int) -> int:
    """Keep what fits, the lowest positions first; how many were kept."""
    if not envelopes:
        return 0

    def write(work: Work) -> int:
        session = work.session
        there: set[int] = set(session.scalars(select(ahead.c.position).where(line.rows(ahead))))
        new = [envelope for envelope in envelopes if envelope.position not in there]
        rows = [
            {**line.key, "position": envelope.position, "body": envelope.encode()}
            for envelope in new[: max(0, bound - len(there))]
        ]
        if rows:
            session.execute(insert(ahead), rows)
        return len(rows)

    return database.transact(write, actor=line.consumer).value


def first(database: Database, line: Line, after: int) -> int | None:
    """The lowest position kept beyond `after`, or None."""
    with database.reading() as session:
        lowest: int | None = session.scalar(
            select(func.min(ahead.c.position)).where(line.rows(ahead), ahead.c.position > after)
        )
        return lowest


def run(database: Database, line: Line, after: int, limit: int) -> list[Envelope]:
    """Kept entries that continue at `after`, in order, without a hole."""
    with database.reading() as session:
        bodies: Sequence[bytes] = session.scalars(
            select(ahead.c.body)
            .where(line.rows(ahead), ahead.c.position > after)
            .order_by(ahead.c.position)
            .limit(limit)
        ).all()
    contiguous: list[Envelope] = []
    for body in bodies:
        message = read_message(bytes(body))
        if not isinstance(message, Envelope) or message.position != after + len(contiguous) + 1:
            break
        contiguous.append(message)
    return contiguous


def clear(database: Database, line: Line) -> None:
    """Forget everything kept: it does not continue what was taken. The journal has the true ones."""
    database.transact(
        lambda work: work.session.execute(delete(ahead).where(line.rows(ahead))), actor=line.consumer
    )
