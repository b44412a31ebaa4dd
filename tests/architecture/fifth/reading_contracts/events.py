"""What reading announces."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bole.events import Shown, event


@event(
    "reading.note_handed_in",
    version=1,
    subjects=("person_id",),
    zh="提交读书笔记",
    en="reading note handed in",
    shown=Shown(kind="person", document="person_id", items="notes", key="note_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class NoteHandedIn:
    """Somebody read a book and wrote about it."""

    note_id: UUID
    person_id: UUID
    title: str
    letters: int  # length of the note
