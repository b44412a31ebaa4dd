"""What cannot be parsed or trusted never reaches a handler: it is kept as it came, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select

from bole.delivery.tables import quarantine
from bole.identifiers import new_id

if TYPE_CHECKING:
    from bole.store.database import Database, Work

KEPT_BYTES = 1_048_576
"""Of a larger body only so much is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One message set aside."""

    id: UUID
    consumer: str
    source: str
    received_at: datetime
    reason: str
    headers: dict[str, str]
    body: bytes


def keep(
    database: Database, consumer: str, source: str, body: bytes, headers: Mapping[str, Any], reason: str
) -> None:
    """Set one message aside, in a transaction of its own."""

    def write(work: Work) -> None:
        work.session.execute(
            insert(quarantine).values(
                id=new_id(),
                consumer=consumer,
                source=source,
                received_at=work.now,
                reason=reason,
                headers={str(key): str(value)[:1000] for key, value in headers.items()},
                body=body[:KEPT_BYTES],
            )
        )

    database.transact(write, actor=consumer)


def quarantined(database: Database, limit: int = 100) -> list[Quarantined]:
    """What was set aside, the newest first."""
    with database.reading() as session:
        rows = session.execute(select(quarantine).order_by(quarantine.c.id.desc()).limit(limit))
        return [
            Quarantined(
                id=row.id,
                consumer=row.consumer,
                source=row.source,
                received_at=row.received_at,
                reason=row.reason,
                headers=row.headers,
                body=bytes(row.body),
            )
            for row in rows
        ]
