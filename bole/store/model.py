"""What a service builds its tables and its store on."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.dml import ReturningInsert

from bole.errors import Invalid
from bole.journal.envelope import Envelope
from bole.store import deadlines
from bole.store.columns import NAMING, TYPES
from bole.store.database import Database, Work


class ServiceBase(DeclarativeBase):
    """The tables of one service. Two services may each have a table `person`.

        class Base(ServiceBase):
            \"\"\"The tables of care.\"\"\"

        class Talk(Base):
            __tablename__ = "talk"
            __table_args__ = (UniqueConstraint("person_id", "cause", name="one_talk_per_cause"),)
            id: Mapped[UUID] = mapped_column(primary_key=True)
            held_at: Mapped[datetime | None]     # aware, UTC
            due_on: Mapped[date]
            points: Mapped[Decimal]              # exact, 4 places
            sources: Mapped[list[str]]           # JSON; assign a new list to change it

    A direct subclass is a base, with metadata of its own; tables are subclasses of that.
    """

    type_annotation_map = TYPES

    def __init_subclass__(cls, **kw: Any) -> None:
        if ServiceBase in cls.__bases__:
            cls.__abstract__ = True
            cls.metadata = sa.MetaData(naming_convention=NAMING)
        super().__init_subclass__(**kw)


class ServiceStore:
    """What the methods of a service receive. A service subclasses it and gives every query a name.

    Attributes:
        session: rows, read and written.
        now, today: one moment and the county's day of it, for the whole call.
    """

    def __init__(self, work: Work | None, session: Session, database: Database) -> None:
        self.session = session
        self._work = work  # None: read-only
        self._database = database
        self.now: datetime = database.clock.now() if work is None else work.now
        self.today: date = database.clock.day_of(self.now)

    @property
    def county(self) -> str:
        """Code of the county whose installation this is."""
        return self._database.county

    @property
    def actor(self) -> str:
        """Who acts: an account, or the service itself."""
        return self._writing.actor

    @property
    def cause(self) -> Envelope | None:
        """The event being handled; None in a command."""
        return None if self._work is None else self._work.envelope

    def put(self, table: type[ServiceBase], **said: Any) -> Any:
        """Write a row, be it there or not, and return it as it is now; what is not said of it stays.

        For what others announce and a service mirrors: one statement, where getting the object, changing
        it and flushing it costs three times as much. An object that is at hand is changed itself.
        """
        self.session.flush()
        key = sa.inspect(table).identity_key_from_primary_key(tuple(said[name] for name in _key(table)))
        if (at_hand := self.session.identity_map.get(key)) is not None:
            for name, value in said.items():
                setattr(at_hand, name, value)
            return at_hand
        statement = _put(table, tuple(said), self._database.is_sqlite)
        return self.session.connection().execute(statement, said).one()

    def announce(self, fact: object) -> UUID:
        """Make an event, in this transaction; returns its id. The only way there is."""
        return self._writing.announce(fact)

    def begin(self, *subjects: object) -> None:
        """Lock subjects before reading what is to be changed; see `Work.begin`."""
        self._writing.begin(*subjects)

    def page(
        self, wanted: sa.Select[Any], key: Any, cursor: str | None, limit: int
    ) -> tuple[list[Any], str | None]:
        """A page of rows in the order of their ids (`key`), and the cursor of the next page or None.

        Raises:
            Invalid: the cursor is not one that an earlier page gave.
        """
        if cursor is not None:
            try:
                wanted = wanted.where(key > UUID(cursor))
            except ValueError:
                says = "is not one that an earlier page gave"
                raise Invalid(f"The cursor {says}.", [{"at": "query.cursor", "says": says}]) from None
        ordered = wanted.order_by(key).limit(limit + 1)
        rows = list(self.session.scalars(ordered))
        return rows[:limit], str(getattr(rows[limit - 1], key.key)) if len(rows) > limit else None

    def due(self, kind: str, *, subject: UUID, on: date, ref: UUID) -> None:
        """Have the method declared with `@due(kind)` called when the day `on` is over; again moves it."""
        deadlines.due(self._writing, kind, subject=subject, on=on, ref=ref)

    def call_off(self, kind: str, ref: UUID) -> None:
        """It need not be called any more. Without such a deadline nothing happens."""
        deadlines.call_off(self._writing, kind, ref)

    @property
    def _writing(self) -> Work:
        if self._work is None:
            raise RuntimeError("A query only reads; announce and change in a command or a handler.")
        return self._work


@cache
def _key(table: type[ServiceBase]) -> tuple[str, ...]:
    return tuple(column.name for column in sa.inspect(table).primary_key)


@cache
def _put(table: type[ServiceBase], names: tuple[str, ...], is_sqlite: bool) -> ReturningInsert[Any]:
    rows: Any = table.__table__
    insert: Any = (sqlite.insert if is_sqlite else postgresql.insert)(rows)
    changed = {name: insert.excluded[name] for name in names if name not in _key(table)}
    insert = insert.values({name: sa.bindparam(name) for name in names})
    insert = insert.on_conflict_do_update(index_elements=_key(table), set_=changed)
    statement: ReturningInsert[Any] = insert.returning(*rows.columns)
    return statement
