"""The doors of reading."""

from __future__ import annotations

from typing import Any

from reading_contracts.calls import HAND_IN
from reading_contracts.events import NoteHandedIn

from bole.run.service import Request, Service, Store, command, on
from contracts.selection.events import PersonRecorded
from reading.domain.count import is_enough
from reading.store import ReadingStore


class ReadingService(Service):
    """Keeps reading notes of the people whom the roster names."""

    name = "reading"
    store = Store(ReadingStore)

    @on(PersonRecorded)
    def know_person(self, fact: PersonRecorded, reading: ReadingStore) -> None:
        reading.know(fact.person_id)

    @command(HAND_IN)
    def hand_in(self, request: Request, reading: ReadingStore) -> dict[str, Any]:
        entry = request.body
        reading.begin(entry["person_id"])
        note = reading.keep(entry["person_id"], entry["title"])
        reading.announce(
            NoteHandedIn(
                note_id=note.id, person_id=note.person_id, title=note.title, letters=entry["letters"]
            )
        )
        return {**entry, "note_id": note.id, "enough": is_enough(entry["letters"], at_least=800)}
