"""What may be asked of reading."""

from __future__ import annotations

from bole.calls import Call
from reading_contracts.schemas import NoteEntry, NoteView

HAND_IN = Call(
    name="reading.hand_in",
    http="POST /api/v1/reading/notes",
    may=frozenset({"reading.officer"}),
    takes=NoteEntry,
    gives=NoteView,
    status=201,
    zh="提交读书笔记",
    en="hand in a reading note",
)
