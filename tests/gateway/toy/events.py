"""What the toy announces."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bole.events import Shown, event


@event(
    "toy.praised",
    version=1,
    subjects=("person_id",),
    zh="受到表扬",
    en="praised",
    shown=Shown(kind="person", document="person_id", items="praises", key="praise_id", hide=("by_whom",)),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Praised:
    """Somebody was praised."""

    praise_id: UUID
    person_id: UUID
    words: str
    by_whom: str
    state: str = "fresh"
