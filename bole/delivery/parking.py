"""For operators: what is parked, letting it be tried again, giving it up, and taking a halted source on.

Everything here is idempotent: what is no longer so is left alone, and only what changed is journalled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, select, true, update
from sqlalchemy.orm import Session

from bole.delivery import cursors
from bole.delivery.cursors import GENESIS, MAIN, Line
from bole.delivery.operations import ParkedRetried, ParkedSkipped, SourceResumed
from bole.delivery.parked import release
from bole.delivery.reader import Reader
from bole.delivery.tables import ahead as ahead_table
from bole.delivery.tables import attempt as attempt_table
from bole.delivery.tables import cursor as cursor_table
from bole.delivery.tables import parked as table
from bole.delivery.tables import parked_subject as subject_table
from bole.errors import Conflict, Invalid
from bole.journal.envelope import Envelope, read_message

if TYPE_CHECKING:
    from bole.store.database import Database, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """One parked event; never its payload."""

    event: UUID
    type: str
    consumer: str
    source: str
    stream: int
    position: int
    handler: str  # "" unless a late handler met it while catching up
    subjects: tuple[str, ...]
    state: str  # behind, not_yet, transient, failed, crashed
    awaits: str | None
    retry_at: datetime | None
    tries: int
    error: str | None
    message: str | None
    place: str | None
    fingerprint: str | None
    parked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedGroup:
    """Failures of one kind at one place, and how many events wait behind them."""

    fingerprint: str
    error: str
    message: str
    place: str
    states: tuple[str, ...]
    events: tuple[ParkedEvent, ...]
    behind: int
    since: datetime


def parked(database: Database) -> list[ParkedEvent]:
    """Everything parked in this database, in order of source and position."""
    with database.reading() as session:
        return list(_events(session, true()))


def parked_count(database: Database) -> dict[str, int]:
    """How many are parked, by state."""
    with database.reading() as session:
        rows: Iterable[Any] = session.execute(select(table.c.state, func.count()).group_by(table.c.state))
        return {str(state): int(count) for state, count in rows}


def grouped(database: Database) -> list[ParkedGroup]:
    """The failures by fingerprint, the largest group first."""
    everything = parked(database)
    waiting = [one for one in everything if one.fingerprint is None]
    failures = sorted(
        (one for one in everything if one.fingerprint), key=lambda one: (one.fingerprint or "", one.parked_at)
    )
    groups = []
    for fingerprint, members in groupby(failures, key=lambda one: one.fingerprint or ""):
        events = tuple(members)
        subjects = {(one.source, subject) for one in events for subject in one.subjects}
        behind = sum(any((one.source, subject) in subjects for subject in one.subjects) for one in waiting)
        first = events[0]
        groups.append(
            ParkedGroup(
                fingerprint=fingerprint,
                error=first.error or "",
                message=first.message or "",
                place=first.place or "",
                states=tuple(sorted({one.state for one in events})),
                events=events,
                behind=behind,
                since=first.parked_at,
            )
        )
    return sorted(groups, key=lambda group: -len(group.events))


def retry(
    database: Database,
    *,
    by: str,
    event: UUID | None = None,
    subject: str | None = None,
    fingerprint: str | None = None,
    everything: bool = False,
) -> int:
    """Let failures be tried again now: one, those of a subject, a group, or all. How many were released.

    What waits behind another is released when its turn comes, so it is never touched here. The tries
    themselves are made by the ParkedRetry of the consumer, here or in another process.

    Raises errors.Invalid unless exactly one selection is given.
    """
    chosen = _chosen(event, subject, fingerprint, everything)

    def do(work: Work) -> int:
        released = 0
        for one in list(_events(work.session, chosen, lock=True)):
            if one.state == "behind" or (one.retry_at is not None and one.retry_at <= work.now):
                continue
            work.session.execute(update(table).where(_row(one)).values(retry_at=work.now, started=0))
            work.announce(
                ParkedRetried(
                    subject=one.subjects[0] if one.subjects else str(one.event),
                    event=str(one.event),
                    type=one.type,
                    source=one.source,
                    stream=one.stream,
                    position=one.position,
                    by=by,
                )
            )
            released += 1
        return released

    return database.transact(do, actor=by).value


def skip(database: Database, event: UUID, *, reason: str, by: str) -> int:
    """Give one parked event up, with a reason; what waits behind it goes on. 0: it is no longer parked.

    Raises errors.Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid("A parked event is skipped with a reason: say why it must not take effect.")
    with database.reading() as session:
        subjects = sorted(
            {name for one in _events(session, table.c.event_id == event) for name in one.subjects}
        )

    def do(work: Work) -> int:
        skipped = 0
        for one in list(_events(work.session, table.c.event_id == event, lock=True)):
            line = Line(one.consumer, one.source, one.stream, one.handler)
            release(work.session, line, one.position, one.subjects, work.now)
            work.announce(
                ParkedSkipped(
                    subject=one.subjects[0] if one.subjects else str(one.event),
                    event=str(one.event),
                    type=one.type,
                    source=one.source,
                    stream=one.stream,
                    position=one.position,
                    error=one.error or "",
                    reason=reason,
                    by=by,
                )
            )
            skipped += 1
        return skipped

    return database.transact(do, actor=by, subjects=subjects).value


def resume_source(
    database: Database,
    reader: Reader,
    source: str,
    *,
    after: int,
    reason: str,
    by: str,
    consumer: str | None = None,
    stream: int = 0,
) -> None:
    """Take a halted source on, from its journal as it is now, beyond position `after`.

    Entries up to `after` count as taken; those beyond it come (again), also parked ones. 0 shows the
    whole journal again to every handler.

    Raises errors.Conflict when the source is not halted, errors.Invalid when its journal does not
    reach `after`, errors.Unavailable when it cannot be asked.
    """
    line = Line(consumer or database.service, source, stream)
    head = reader.head(source, stream)
    if not 0 <= after <= head.position:
        raise Invalid(f"{source} has positions 0 to {head.position}; it cannot be taken on beyond {after}.")
    chain = _hash(reader, line, after)
    with database.reading() as session:
        late = session.execute(
            select(cursor_table.c.handler, cursor_table.c.position).where(
                line.rows(cursor_table), cursor_table.c.joined.is_(False), cursor_table.c.position < after
            )
        ).all()
    late_chains = {row.handler: _hash(reader, line, row.position) for row in late}

    def do(work: Work) -> None:
        session = work.session
        at = cursors.read(session, line, lock=True)
        if at is None or at.halted is None:
            raise Conflict(f"{source} is not halted at {line.consumer}; there is nothing to decide.")
        beyond = table.c.position > after
        dropped: Any = session.execute(delete(table).where(line.rows(table), beyond))
        session.execute(
            delete(subject_table).where(line.rows(subject_table), subject_table.c.position > after)
        )
        session.execute(delete(ahead_table).where(line.rows(ahead_table)))
        session.execute(delete(attempt_table).where(line.rows(attempt_table)))
        session.execute(
            update(cursor_table)
            .where(
                line.rows(cursor_table), (cursor_table.c.handler == MAIN) | (cursor_table.c.position > after)
            )
            .values(position=after, hash=chain)
        )
        for handler, late_chain in late_chains.items():
            session.execute(
                update(cursor_table)
                .where(line.rows(cursor_table), cursor_table.c.handler == handler)
                .values(hash=late_chain)
            )
        session.execute(
            update(cursor_table)
            .where(line.rows(cursor_table))
            .values(
                journal=case((cursor_table.c.position == 0, None), else_=head.journal),
                halted=None,
                halted_at=None,
            )
        )
        work.announce(
            SourceResumed(
                source=source,
                stream=stream,
                halted=at.halted,
                old_position=at.position,
                position=after,
                journal=str(head.journal),
                dropped=dropped.rowcount,
                reason=reason,
                by=by,
            )
        )

    database.transact(do, actor=by)


def _hash(reader: Reader, line: Line, position: int) -> bytes:
    """The hash at a position of the journal as its source keeps it now."""
    if position == 0:
        return GENESIS
    for body in reader.read(line.source, line.stream, position - 1, 1):
        message = read_message(body)
        if isinstance(message, Envelope):
            return message.hash
    raise Invalid(f"{line.source} gave no entry at position {position}.")


def _chosen(
    event: UUID | None, subject: str | None, fingerprint: str | None, everything: bool
) -> ColumnElement[bool]:
    if [event is not None, subject is not None, fingerprint is not None, everything].count(True) != 1:
        raise Invalid("Say what to retry: one event, one subject, one group (fingerprint), or everything.")
    if event is not None:
        return table.c.event_id == event
    if fingerprint is not None:
        return table.c.fingerprint == fingerprint
    if subject is None:
        return true()
    same = (subject_table.c.consumer == table.c.consumer) & (subject_table.c.source == table.c.source)
    same &= (subject_table.c.stream == table.c.stream) & (subject_table.c.handler == table.c.handler)
    same &= subject_table.c.position == table.c.position
    return select(subject_table.c.subject).where(same, subject_table.c.subject == subject).exists()


def _row(one: ParkedEvent) -> ColumnElement[bool]:
    line = Line(one.consumer, one.source, one.stream, one.handler)
    return line.own(table) & (table.c.position == one.position)


def _events(session: Session, where: ColumnElement[bool], *, lock: bool = False) -> Iterator[ParkedEvent]:
    query = (
        select(*(column for column in table.c if column.name not in ("body", "started", "wakes")))
        .where(where)
        .order_by(table.c.consumer, table.c.source, table.c.stream, table.c.position, table.c.handler)
    )
    rows: Sequence[Any] = session.execute(query.with_for_update(of=table) if lock else query).all()
    if not rows:
        return
    names: dict[tuple[object, ...], list[str]] = {}
    for name in session.execute(select(subject_table)):
        key = (name.consumer, name.source, name.stream, name.position, name.handler)
        names.setdefault(key, []).append(name.subject)
    for row in rows:
        key = (row.consumer, row.source, row.stream, row.position, row.handler)
        yield ParkedEvent(
            event=row.event_id,
            type=row.type,
            consumer=row.consumer,
            source=row.source,
            stream=row.stream,
            position=row.position,
            handler=row.handler,
            subjects=tuple(names.get(key, ())),
            state=row.state,
            awaits=row.awaits,
            retry_at=row.retry_at,
            tries=row.tries,
            error=row.error,
            message=row.message,
            place=row.place,
            fingerprint=row.fingerprint,
            parked_at=row.parked_at,
        )
