"""Every query of reading."""

from __future__ import annotations

from uuid import UUID

from bole.errors import NotFound
from bole.identifiers import new_id
from bole.store.model import ServiceStore
from reading.models import Note, Reader


class ReadingStore(ServiceStore):
    """Readers and their notes."""

    def know(self, person_id: UUID) -> None:
        if self.session.get(Reader, person_id) is None:
            self.session.add(Reader(id=person_id, county=self.county))

    def keep(self, person_id: UUID, title: str) -> Note:
        """Raises NotFound when the roster never named the person."""
        if self.session.get(Reader, person_id) is None:
            raise NotFound("There is no such person.")
        note = Note(id=new_id(), county=self.county, person_id=person_id, title=title)
        self.session.add(note)
        return note
