"""Reading the read model: search, dossiers, timelines, units, the worklist; what the caller may see of it.

Everything here goes on when every service is away.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import Session

from bole.delivery.tables import cursor
from bole.errors import Invalid, NotFound
from bole.events import EventType, Shown, event_types
from bole.principal import Principal
from bole.store.database import Database
from gateway.door.catalogue import Catalogue
from gateway.models import Happening, OpenWork, Person, Section, Unit
from gateway.projector.projection import canonical
from gateway.projector.spelling import typed

PROJECTOR = "projector"  # the consumer whose cursors say how far the read model is
LOOK_AGAIN_MS = 20
NO_DATE = date.max  # sorts after every due date

Page = tuple[list[dict[str, Any]], str | None]


def own_file_only(by: Principal) -> bool:
    """Whether the caller is an official and nothing else."""
    return by.roles == {"official"}


class Reading:
    """The read model as one door sees it."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self.database = database
        self.people_parts = catalogue.shown_in("person")
        self.unit_parts = catalogue.shown_in("unit")

    # How far it is.

    def positions(self) -> dict[str, int]:
        """Up to which position of each source the documents are."""
        with self.database.reading() as session:
            return positions(session)

    def reached(self, wanted: Mapping[str, int], within_ms: int) -> bool:
        """Wait until the documents know of these positions; False when the time was not enough."""
        until = time.monotonic() + within_ms / 1000
        while True:
            have = self.positions()
            if all(have.get(source, 0) >= position for source, position in wanted.items()):
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(LOOK_AGAIN_MS / 1000)

    # People.

    def people(self, by: Principal, *, q: str, unit_id: UUID | None, limit: int, cursor: str | None) -> Page:
        """People in the caller's scope whose name, pinyin, number or unit begins with or contains `q`."""
        query = select(Person).where(_in_scope(by))
        if unit_id is not None:
            query = query.where(Person.unit_id == unit_id)
        if q.strip():
            query = query.where(_found(q, Person.spelled, Person.name, Person.number, Person.unit))
        if cursor is not None:
            key, last = _after(cursor, str, UUID)
            query = query.where(_beyond((Person.sorting_key, key), (Person.person_id, last)))
        query = query.order_by(Person.sorting_key, Person.person_id).limit(limit + 1)
        with self.database.reading() as session:
            found = list(session.scalars(query))
        items = [
            {
                "person_id": person.person_id,
                "number": person.number,
                "name": person.name,
                "unit_id": person.unit_id,
                "unit": person.unit,
                "post": person.post,
            }
            for person in found[:limit]
        ]
        return items, _next(found, limit, lambda person: (person.sorting_key, person.person_id))

    def dossier(self, by: Principal, person_id: UUID) -> tuple[bytes, str]:
        """The whole of one person as canonical JSON, with its ETag. The same sections, the same bytes.

        Raises:
            NotFound: nobody, or nobody that the caller may know of.
        """
        with self.database.reading() as session:
            _require_person(session, by, person_id)
            sections = _sections(session, "person", [person_id])[person_id]
        if not sections:
            raise NotFound("There is no such person.")
        identity, parts = _whole(sections, self.people_parts)
        if own_file_only(by):
            for kind, shown in _withheld():
                parts[kind.source].pop(shown.items, None)
        body = canonical({"person_id": person_id, "identity": identity, "parts": parts})
        return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    def timeline(self, by: Principal, person_id: UUID, *, limit: int, cursor: str | None) -> Page:
        """What happened to one person, by (time, source, position).

        Raises:
            NotFound: nobody, or nobody that the caller may know of.
        """
        query = select(Happening).where(
            Happening.kind == "person", Happening.document_id == person_id, _told(by)
        )
        if cursor is not None:
            moment, source, position = _after(cursor, datetime, str, int)
            query = query.where(
                _beyond((Happening.time, moment), (Happening.source, source), (Happening.position, position))
            )
        query = query.order_by(Happening.time, Happening.source, Happening.position).limit(limit + 1)
        with self.database.reading() as session:
            _require_person(session, by, person_id)
            found = list(session.scalars(query))
        if not found and cursor is None:
            raise NotFound("There is no such person.")
        items = [_entry(one, with_actor=not own_file_only(by)) for one in found[:limit]]
        return items, _next(found, limit, lambda one: (one.time, one.source, one.position))

    # Units.

    def units(self, by: Principal, *, q: str, limit: int, cursor: str | None) -> Page:
        """Units in the caller's scope and how many people each has now."""
        people = select(func.count()).where(Person.unit_id == Unit.unit_id).correlate(Unit).scalar_subquery()
        query = select(Unit, people).where(_unit_in_scope(by))
        if q.strip():
            query = query.where(_found(q, Unit.spelled, Unit.name, Unit.code))
        if cursor is not None:
            key, last = _after(cursor, str, UUID)
            query = query.where(_beyond((Unit.sorting_key, key), (Unit.unit_id, last)))
        query = query.order_by(Unit.sorting_key, Unit.unit_id).limit(limit + 1)
        with self.database.reading() as session:
            found: list[Any] = list(session.execute(query))
        items = [
            {"unit_id": unit.unit_id, "name": unit.name, "code": unit.code, "people": count}
            for unit, count in found[:limit]
        ]
        return items, _next(found, limit, lambda row: (row[0].sorting_key, row[0].unit_id))

    def unit(self, by: Principal, unit_id: UUID) -> dict[str, Any]:
        """One unit in counts over the people it has now; no name of a person is in it.

        Raises:
            NotFound: no such unit, or outside the caller's scope.
        """
        with self.database.reading() as session:
            unit = session.scalar(select(Unit).where(Unit.unit_id == unit_id, _unit_in_scope(by)))
            if unit is None:
                raise NotFound("There is no such unit.")
            members = list(session.scalars(select(Person.person_id).where(Person.unit_id == unit_id)))
            sections = _sections(session, "person", members)
            own = _sections(session, "unit", [unit_id])[unit_id]
        states, grades = _counts(sections.values())
        return {
            "unit_id": unit_id,
            "name": unit.name,
            "code": unit.code,
            "people": len(members),
            "states": states,
            "grades": grades,
            "parts": _whole(own, self.unit_parts)[1],
        }

    # Work.

    def worklist(self, by: Principal, *, limit: int, cursor: str | None) -> Page:
        """What the caller must do: overdue first, then soonest; not what another person has to decide."""
        due = func.coalesce(OpenWork.due_on, NO_DATE)
        query = (
            select(OpenWork)
            .outerjoin(Person, Person.person_id == OpenWork.person_id)
            .where(
                or_(*(OpenWork.roles.contains(f",{role},", autoescape=True) for role in sorted(by.roles))),
                ~OpenWork.not_by.contains(f",{by.account},", autoescape=True),
                _work_in_scope(by),
            )
        )
        if cursor is not None:
            late, day, last = _after(cursor, bool, date, UUID)
            same = and_(OpenWork.overdue == late, _beyond((due, day), (OpenWork.work_id, last)))
            query = query.where(or_(same, ~OpenWork.overdue) if late else same)
        query = query.order_by(OpenWork.overdue.desc(), due, OpenWork.work_id).limit(limit + 1)
        with self.database.reading() as session:
            found = list(session.scalars(query))
        items = [
            {
                "work_id": work.work_id,
                "source": work.source,
                "kind": work.kind,
                "zh": work.zh,
                "en": work.en,
                "due_on": work.due_on,
                "overdue": work.overdue,
                "link": work.link,
                "person_id": work.person_id,
                "unit_id": work.unit_id,
                "count": work.count,
            }
            for work in found[:limit]
        ]
        return items, _next(found, limit, lambda work: (work.overdue, work.due_on or NO_DATE, work.work_id))

    # Changes, for the stream.

    def changes(self, by: Principal, since: Mapping[str, int], limit: int) -> list[dict[str, Any]]:
        """What became visible after these positions within the caller's scope, by (source, position).

        A source that `since` does not name is read from its beginning.
        """
        sources = self.sources
        after = or_(
            *(
                and_(Happening.source == source, Happening.position > since.get(source, 0))
                for source in sources
            )
        )
        of_person = and_(Happening.kind == "person", _in_scope(by))
        of_unit = and_(Happening.kind == "unit", _units(by, Happening.document_id))
        query = (
            select(Happening)
            .outerjoin(Person, and_(Happening.kind == "person", Person.person_id == Happening.document_id))
            .where(after, or_(of_person, of_unit), _told(by))
            .order_by(Happening.source, Happening.position)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [_change(one) for one in session.scalars(query)]

    @property
    def sources(self) -> tuple[str, ...]:
        """Services that are shown in any document."""
        return tuple(sorted({*self.people_parts, *self.unit_parts}))


def positions(session: Session) -> dict[str, int]:
    """Up to which position the projector has taken each source."""
    query = select(cursor.c.source, func.min(cursor.c.position)).where(
        cursor.c.consumer == PROJECTOR, cursor.c.handler == ""
    )
    found: list[Any] = list(session.execute(query.group_by(cursor.c.source)))
    return {row[0]: row[1] for row in found}


def _in_scope(by: Principal) -> ColumnElement[bool]:
    """The rows of `person` that the caller may see."""
    if own_file_only(by):
        return Person.person_id == by.person_id
    return true() if by.units is None else Person.unit_id.in_(by.units)


def _withheld() -> list[tuple[EventType, Shown]]:
    """The events that officials do not find in their own file."""
    return [(kind, kind.shown) for kind in event_types().values() if kind.shown and kind.shown.withheld]


def _told(by: Principal) -> ColumnElement[bool]:
    """The happenings that the caller is told of."""
    if own_file_only(by):
        return Happening.type.not_in([kind.wire for kind, _ in _withheld()])
    return true()


def _units(by: Principal, column: Any) -> ColumnElement[bool]:
    if own_file_only(by):
        return ~true()
    return true() if by.units is None else column.in_(by.units)


def _unit_in_scope(by: Principal) -> ColumnElement[bool]:
    return _units(by, Unit.unit_id)


def _work_in_scope(by: Principal) -> ColumnElement[bool]:
    if own_file_only(by):
        return OpenWork.person_id == by.person_id
    if by.units is None:
        return true()
    unit = func.coalesce(Person.unit_id, OpenWork.unit_id)
    of_nobody = and_(OpenWork.person_id.is_(None), OpenWork.unit_id.is_(None))
    return or_(unit.in_(by.units), of_nobody)


def _require_person(session: Session, by: Principal, person_id: UUID) -> None:
    unit_id = session.scalar(select(Person.unit_id).where(Person.person_id == person_id))
    if not by.may_see(person_id, unit_id):
        raise NotFound("There is no such person.")


def _found(q: str, spelled: Any, *columns: Any) -> ColumnElement[bool]:
    """One of the columns contains it, or the name may be typed so."""
    wanted = q.strip()
    ways = [column.contains(wanted, autoescape=True) for column in columns]
    if typed(wanted):
        ways.append(spelled.contains(f" {typed(wanted)}", autoescape=True))
    return or_(*ways)


def _beyond(*places: tuple[Any, Any]) -> ColumnElement[bool]:
    """Rows that come after the one with these values, in the order of these columns."""
    columns = [column for column, _ in places]
    values = [literal(value, column.type) for column, value in places]
    return tuple_(*columns) > tuple_(*values)


def _sections(session: Session, kind: str, ids: Sequence[UUID]) -> dict[UUID, list[Section]]:
    """The sections of these documents, by document, ordered by source."""
    found: dict[UUID, list[Section]] = {id_: [] for id_ in ids}
    for start in range(0, len(ids), 500):
        query = (
            select(Section)
            .where(Section.kind == kind, Section.document_id.in_(ids[start : start + 500]))
            .order_by(Section.source)
        )
        for section in session.scalars(query):
            found[section.document_id].append(section)
    return found


def _whole(
    sections: Iterable[Section], sources: Iterable[str]
) -> tuple[dict[str, Any] | None, dict[str, dict[str, Any]]]:
    """Join sections: who it is, and one part for each source that can have something to say."""
    identity: dict[str, Any] | None = None
    parts: dict[str, dict[str, Any]] = {source: {"as_of": None} for source in sources}
    for section in sections:
        content = msgspec.json.decode(section.body)
        told = content.pop("identity", None)
        if told is not None:
            identity = {**(identity or {}), **told}
        as_of = {"position": section.position, "time": section.time}
        parts[section.source] = {**content, "as_of": as_of}
    return identity, parts


def _counts(
    documents: Iterable[Iterable[Section]],
) -> tuple[dict[str, dict[str, dict[str, int]]], dict[str, dict[str, int]]]:
    """Items by (source, list, state), and by (year, grade) where they have both."""
    states: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    grades: dict[str, Counter[str]] = defaultdict(Counter)
    for sections in documents:
        for section in sections:
            for name, items in msgspec.json.decode(section.body).items():
                if not isinstance(items, list):
                    continue
                for item in items:
                    if "state" in item:
                        states[section.source][name][item["state"]] += 1
                    if "grade" in item and "year" in item:
                        grades[str(item["year"])][item["grade"] or "not_graded"] += 1
    plain = {source: {name: dict(count) for name, count in lists.items()} for source, lists in states.items()}
    return plain, {year: dict(count) for year, count in grades.items()}


def _entry(one: Happening, *, with_actor: bool) -> dict[str, Any]:
    kind = event_types().get(one.type)
    return {
        "source": one.source,
        "position": one.position,
        "event_id": one.event_id,
        "type": one.type,
        "time": one.time,
        "zh": kind.zh if kind is not None else one.type,
        "en": kind.en if kind is not None else one.type,
        "actor": one.actor if with_actor else None,
        "cause": one.cause,
        "fields": msgspec.json.decode(one.fields),
    }


def _change(one: Happening) -> dict[str, Any]:
    kind = event_types().get(one.type)
    return {
        "source": one.source,
        "position": one.position,
        "type": one.type,
        "time": one.time,
        "kind": one.kind,
        "document_id": one.document_id,
        "zh": kind.zh if kind is not None else one.type,
        "en": kind.en if kind is not None else one.type,
    }


def _next(found: Sequence[Any], limit: int, key: Any) -> str | None:
    """The cursor after the last item of this page, or None when there is no further one."""
    if len(found) <= limit:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(key(found[limit - 1]))).decode().rstrip("=")


def _after(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The key that a cursor holds.

    Raises:
        Invalid: not a cursor of this list.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values: list[Any] = msgspec.json.decode(raw, type=list[Any])
        return tuple(msgspec.convert(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        says = "Not a cursor of this list; take `next` of the page before, as it came."
        raise Invalid(says, errors=[{"at": "query.cursor", "says": says}]) from None
