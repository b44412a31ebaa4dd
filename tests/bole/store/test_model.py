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


def test_a_row_is_put_be_it_there_or_not_and_what_is_not_said_stays(with_tables: Database) -> None:
    id = uuid4()
    said = {"id": id, "number": "007", "points": Decimal("89.5"), "tags": ["a"]}

    def put(**also: Any) -> Any:
        def do(work: Work) -> Any:
            return ServiceStore(work, work.session, with_tables).put(Person, **said | also)

        return with_tables.transact(do, actor="a").value

    assert put(born_on=date(1975, 5, 1)).seen_at is None
    row = put(points=Decimal("90.25"), tags=["b"])
    assert (row.points, row.tags, row.born_on) == (Decimal("90.25"), ["b"], date(1975, 5, 1))
    with with_tables.reading() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Person)).scalar_one() == 1


def test_an_object_at_hand_sees_what_is_put_and_what_it_had_changed_is_not_lost(
    with_tables: Database,
) -> None:
    person = a_person()
    with_tables.transact(lambda work: work.session.add(person), actor="a")

    def do(work: Work) -> tuple[Decimal, str]:
        at_hand = work.session.get_one(Person, person.id)
        at_hand.number = "008"  # not flushed yet
        store = ServiceStore(work, work.session, with_tables)
        row = store.put(Person, id=person.id, number="009", points=Decimal(1), tags=[])
        assert row.number == at_hand.number
        at_hand.number = "010"
        return at_hand.points, at_hand.number

    assert with_tables.transact(do, actor="a").value == (Decimal(1), "010")
    with with_tables.reading() as session:
        assert session.execute(sa.select(Person.number, Person.points)).one() == ("010", Decimal(1))


def test_what_is_put_falls_with_its_savepoint(with_tables: Database) -> None:
    person = a_person()
    with_tables.transact(lambda work: work.session.add(person), actor="a")

    def do(work: Work) -> str:
        store = ServiceStore(work, work.session, with_tables)
        at_hand = work.session.get_one(Person, person.id)
        savepoint = work.session.begin_nested()
        store.put(Person, id=person.id, number="009", points=Decimal(1), tags=[])
        assert at_hand.number == "009"
        savepoint.rollback()
        return at_hand.number

    assert with_tables.transact(do, actor="a").value == "007"
