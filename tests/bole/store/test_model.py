"""Tables of services, and the types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from bole.store.database import Database, Work
from bole.store.model import ServiceBase, ServiceStore
from tests.bole.toys import Noted, entries


class Base(ServiceBase):
    """The tables of one service."""


class OtherBase(ServiceBase):
    """The tables of another."""


class Person(Base):
    __tablename__ = "person"
    __table_args__ = (
        sa.UniqueConstraint("number", name="one_row_per_number"),
        sa.CheckConstraint("points >= 0", name="points_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20))
    points: Mapped[Decimal]
    seen_at: Mapped[datetime | None]
    born_on: Mapped[date | None]
    tags: Mapped[list[str]]
    more: Mapped[dict[str, Any] | None]


class OthersPerson(OtherBase):
    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)


def a_person(**given: Any) -> Person:
    values = {"id": uuid4(), "number": "007", "points": Decimal("89.5"), "tags": ["a"]} | given
    return Person(**values)


@pytest.fixture
def with_tables(database: Database) -> Database:
    Base.metadata.create_all(database.engine)
    return database


def kept(database: Database, person: Person) -> Person:
    """Write it, and read it back."""
    id = person.id
    database.transact(lambda work: work.session.add(person), actor="a")
    with database.reading() as session:
        return session.execute(sa.select(Person).where(Person.id == id)).scalar_one()


def test_two_services_may_have_tables_of_one_name() -> None:
    assert Person.metadata is not OthersPerson.metadata
    assert set(OthersPerson.__table__.columns.keys()) == {"id"}


def test_every_constraint_has_a_name(with_tables: Database) -> None:
    table = Person.__table__
    assert isinstance(table, sa.Table)
    assert {str(constraint.name) for constraint in table.constraints} == {
        "pk_person",
        "uq_person_one_row_per_number",
        "ck_person_points_not_negative",
    }


def test_moments_come_back_in_utc_and_naive_ones_are_refused(with_tables: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    person = kept(with_tables, a_person(seen_at=datetime(2026, 8, 3, 1, 2, 3, 456789, tzinfo=shanghai)))
    assert person.seen_at == datetime(2026, 8, 2, 17, 2, 3, 456789, tzinfo=UTC)
    assert person.seen_at.utcoffset() == timedelta(0)
    with pytest.raises(sa.exc.StatementError, match="no time zone"):
        kept(with_tables, a_person(number="2", seen_at=datetime(2026, 8, 3)))  # noqa: DTZ001


@pytest.mark.parametrize("number", ["0", "89.5", "100", "0.0001", "1234567890.1234"])
def test_numbers_are_exact(with_tables: Database, number: str) -> None:
    person = kept(with_tables, a_person(points=Decimal(number)))
    assert str(person.points) == number
    with with_tables.reading() as session:
        assert session.scalars(sa.select(Person).where(Person.points >= Decimal(number))).one()
        assert session.scalars(sa.select(Person).where(Person.points > Decimal(number))).all() == []


def test_a_number_that_would_be_rounded_is_refused(with_tables: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="decimal places"):
        kept(with_tables, a_person(points=Decimal("0.00001")))


def test_lists_and_dictionaries_come_back(with_tables: Database) -> None:
    person = kept(with_tables, a_person(tags=["甲", "乙"], more={"on": date(2026, 8, 3), "n": 1.5}))
    assert person.tags == ["甲", "乙"]
    assert person.more == {"on": "2026-08-03", "n": 1.5}
    without = kept(with_tables, a_person(number="2"))
    assert without.more is None
    with with_tables.reading() as session:
        assert session.scalars(sa.select(Person.number).where(Person.more.is_(None))).all() == ["2"]


def test_a_store_writes_within_its_transaction_and_only_reads_without(database: Database) -> None:
    person_id = uuid4()

    def story(work: Work) -> None:
        store = ServiceStore(work, work.session, database)
        assert (store.county, store.actor, store.cause) == ("guxian", "li.ming", None)
        assert (store.now, store.today) == (database.clock.now(), date(2026, 8, 3))
        store.begin(person_id)
        store.due("talk", subject=person_id, on=date(2026, 9, 1), ref=person_id)
        store.call_off("talk", person_id)
        store.announce(Noted(person_id=person_id))

    database.transact(story, actor="li.ming")
    assert len(entries(database)) == 1

    with database.reading() as session:
        store = ServiceStore(None, session, database)
        assert store.today == date(2026, 8, 3)
        for write in (
            lambda: store.announce(Noted(person_id=person_id)),
            lambda: store.begin(person_id),
            lambda: store.due("talk", subject=person_id, on=date(2026, 9, 1), ref=person_id),
        ):
            with pytest.raises(RuntimeError, match="only reads"):
                write()
