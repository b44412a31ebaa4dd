"""One transaction's worth of the read model: entries are collected, then written in a handful of statements.

Row by row the projector would cost more than all four services together; so the sections that a batch
touches are read at once, changed in memory and written at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bole.events import EventType, event_types
from bole.journal.envelope import Envelope
from bole.worklist import WorkClosed, WorkOpened
from gateway.models import Base, Happening, OpenWork, Person, Section, Unit
from gateway.projector import projection
from gateway.projector.spelling import sorting_key, spellings

AT_ONCE = 200  # keys in one query
Key = tuple[str, UUID, str]  # kind, document, source
Row = dict[str, Any]
T = TypeVar("T")


class Batch:
    """Entries taken in one transaction, in the order in which they came."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._taken: list[tuple[Envelope, EventType, Any]] = []

    def take(self, envelope: Envelope) -> None:
        """Keep an entry for `write`. Stubs and events that no installed contract knows only move the cursor.

        Raises:
            msgspec.ValidationError: the payload is not what its contract says.
        """
        kind = event_types().get(envelope.type)
        if envelope.payload is not None and kind is not None:
            self._taken.append((envelope, kind, envelope.fact))

    def write(self) -> None:
        """Write what the entries say. Called once, at the end of the transaction."""
        self._write_documents([one for one in self._taken if one[1].shown is not None])
        self._write_work([one for one in self._taken if issubclass(one[1].cls, (WorkOpened, WorkClosed))])

    def _write_documents(self, taken: Sequence[tuple[Envelope, EventType, Any]]) -> None:
        happenings: list[Row] = []
        touched: dict[Key, tuple[Envelope, list[tuple[EventType, Row]]]] = {}
        for envelope, kind, fact in taken:
            shown = kind.shown
            assert shown is not None
            document = projection.document_of(shown, fact)
            if document is None:
                continue
            fields = projection.shown_fields(shown, fact)
            happenings.append(_happening(envelope, shown.kind, document, fields))
            key = (shown.kind, document, envelope.source)
            changes = touched[key][1] if key in touched else []
            changes.append((kind, fields))
            touched[key] = (envelope, changes)
        if not touched:
            return
        sections = self._sections(touched)
        identities: dict[str, dict[UUID, Row]] = {"person": {}, "unit": {}}
        rows: list[Row] = []
        for key, (last, changes) in touched.items():
            section = sections.get(key, {})
            for event, fields in changes:
                projection.upsert(section, event, fields)
                if event.shown is not None and event.shown.items == "identity":
                    identities[key[0]][key[1]] = section["identity"]
            rows.append(
                {
                    "kind": key[0],
                    "document_id": key[1],
                    "source": key[2],
                    "body": projection.canonical(section),
                    "position": last.position,
                    "time": last.time,
                }
            )
        self._upsert(Section, rows)
        self._upsert(Happening, happenings)
        self._upsert(Person, [_person(id_, told) for id_, told in identities["person"].items()])
        self._upsert(Unit, [_unit(id_, told) for id_, told in identities["unit"].items()])

    def _sections(self, keys: Iterable[Key]) -> dict[Key, projection.Section]:
        """The sections as they are, of those keys that have one."""
        found: dict[Key, projection.Section] = {}
        wanted: dict[tuple[str, str], list[UUID]] = {}
        for kind, document, source in keys:
            wanted.setdefault((kind, source), []).append(document)
        table = Section.__table__.c
        for (kind, source), documents in wanted.items():
            for some in _in_parts(documents):
                query = sa.select(table.document_id, table.body).where(
                    table.kind == kind, table.source == source, table.document_id.in_(some)
                )
                rows: list[Any] = list(self._session.execute(query))
                for document, body in rows:
                    found[kind, document, source] = msgspec.json.decode(body)
        return found

    def _write_work(self, taken: Sequence[tuple[Envelope, EventType, Any]]) -> None:
        last: dict[UUID, tuple[Envelope, Any]] = {
            fact.work_id: (envelope, fact) for envelope, _, fact in taken
        }
        closed = [work_id for work_id, (_, fact) in last.items() if isinstance(fact, WorkClosed)]
        for some in _in_parts(closed):
            self._session.execute(sa.delete(OpenWork).where(OpenWork.work_id.in_(some)))
        opened = [(envelope, fact) for envelope, fact in last.values() if isinstance(fact, WorkOpened)]
        self._upsert(OpenWork, [_work(envelope.source, fact) for envelope, fact in opened])

    def _upsert(self, model: type[Base], rows: list[Row]) -> None:
        """Insert rows, or write over those with the same key."""
        if not rows:
            return
        postgres = self._session.get_bind().dialect.name == "postgresql"
        table = model.__table__
        assert isinstance(table, sa.Table)
        insert: Any = postgresql.insert(table) if postgres else sqlite.insert(table)
        key = list(table.primary_key.columns)
        changed = {name: insert.excluded[name] for name in rows[0] if not table.c[name].primary_key}
        self._session.execute(insert.on_conflict_do_update(index_elements=key, set_=changed), rows)


def _happening(envelope: Envelope, kind: str, document: UUID, fields: Row) -> Row:
    return {
        "source": envelope.source,
        "position": envelope.position,
        "kind": kind,
        "document_id": document,
        "event_id": envelope.id,
        "type": envelope.type,
        "time": envelope.time,
        "actor": envelope.actor,
        "cause": envelope.cause,
        "fields": projection.canonical(fields),
    }


def _person(person_id: UUID, told: Row) -> Row:
    name = str(told.get("name") or "")
    unit_id = told.get("unit_id")
    return {
        "person_id": person_id,
        "number": str(told.get("number") or "")[:64],
        "name": name[:200],
        "sorting_key": sorting_key(name),
        "spelled": spellings(name),
        "unit_id": None if unit_id is None else UUID(unit_id),
        "unit": str(told.get("unit") or "")[:200],
        "post": str(told.get("post") or "")[:200],
    }


def _unit(unit_id: UUID, told: Row) -> Row:
    name = str(told.get("name") or "")
    code = told.get("code")
    return {
        "unit_id": unit_id,
        "name": name[:200],
        "code": None if code is None else str(code)[:64],
        "sorting_key": sorting_key(name),
        "spelled": spellings(name),
    }


def _work(source: str, fact: WorkOpened) -> Row:
    return {
        "work_id": fact.work_id,
        "source": source,
        "kind": fact.kind,
        "zh": fact.zh,
        "en": fact.en,
        "roles": enclosed(fact.roles),
        "not_by": enclosed(fact.not_by),
        "due_on": fact.due_on,
        "overdue": fact.overdue,
        "link": fact.link,
        "person_id": fact.person_id,
        "unit_id": fact.unit_id,
        "count": fact.count,
    }


def enclosed(words: Iterable[str]) -> str:
    """Words between commas, so that `,care.officer,` finds a whole one: `,care.officer,auditor,`."""
    return f",{','.join(words)},"


def _in_parts(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
