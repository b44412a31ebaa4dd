"""What every database must keep, whichever it is: one journal without holes, in order, in one transaction."""

from __future__ import annotations

import hashlib
import random
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from bole.errors import Refused
from bole.store.database import Database, Work, lock_key
from bole.store.tables import ENTRY, HEAD, JOURNAL
from tests.bole.toys import Noted, Tally, Whispered, add_tables, entries, note_next, numbers_of, together


class ChangedMindError(Refused):
    """The writer rolls back."""


def rows(database: Database) -> list[Any]:
    with database.reading() as session:
        return list(session.execute(sa.select(ENTRY).order_by(ENTRY.c.position)).all())


def note(work: Work, person_id: UUID | None = None, text: str = "") -> UUID:
    return work.announce(Noted(person_id=person_id or uuid4(), text=text))


def test_positions_have_no_holes_under_eight_writers_that_roll_back_now_and_then(database: Database) -> None:
    kept: list[UUID] = []

    def write(writer: int) -> None:
        dice = random.Random(writer)
        for _ in range(25):
            try:
                kept.extend(database.transact(lambda work: some(work, dice), actor=f"writer {writer}").value)
            except ChangedMindError:
                continue

    def some(work: Work, dice: random.Random) -> list[UUID]:
        made = [note(work) for _ in range(dice.randint(1, 3))]
        if dice.random() < 0.3:
            raise ChangedMindError("no")
        return made

    assert together(8, write) == [None] * 8

    assert [row.position for row in rows(database)] == list(range(1, len(kept) + 1))
    assert {row.id for row in rows(database)} == set(kept)


def test_the_chain_is_what_anybody_computes_with_sha_256_alone(database: Database) -> None:
    together(4, lambda writer: [database.transact(note, actor="anybody") for _ in range(5)])
    database.transact(lambda work: work.announce(Whispered(person_id=uuid4(), text="hush")), actor="anybody")

    def part(text: str | bytes) -> bytes:
        raw = text.encode() if isinstance(text, str) else text
        return len(raw).to_bytes(4, "big") + raw

    with database.reading() as session:
        journal_id = session.execute(sa.select(JOURNAL.c.id)).scalar_one()
        head: Any = session.execute(sa.select(HEAD)).one()
    last = b"\0" * 32
    for position, row in enumerate(rows(database), 1):
        header = [str(row.id), row.type, "toy", row.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "guxian"]
        header += [row.subjects, "anybody", "", "private" if row.type == "toy.whispered.v1" else "public"]
        header_digest = hashlib.sha256(b"".join(map(part, header))).digest()
        payload_digest = hashlib.sha256(row.salt + row.payload).digest()
        place = [str(journal_id), "0", str(position), last, header_digest, payload_digest]
        last = hashlib.sha256(b"".join(map(part, place))).digest()
        assert row.hash == last
    assert (head.position, head.hash) == (21, last)


def test_entries_of_one_subject_come_in_the_order_of_their_changes(database: Database) -> None:
    add_tables(database)
    person_id = uuid4()

    outcome = together(
        8,
        lambda writer: [
            database.transact(lambda work: note_next(work, person_id), actor="w") for _ in range(10)
        ],
    )

    assert not [problem for problem in outcome if isinstance(problem, Exception)]
    assert numbers_of(database, person_id) == list(range(1, 81))


def test_what_was_read_before_a_subject_was_locked_is_read_again(database: Database) -> None:
    add_tables(database)
    person_id = uuid4()
    database.transact(lambda work: note_next(work, person_id), actor="a")

    def read_first_and_lock_later(work: Work) -> int:
        tally = work.session.get_one(Tally, person_id)
        if not database.is_sqlite:  # there, nobody else could write meanwhile
            together(1, lambda _: database.transact(lambda w: note_next(w, person_id), actor="quicker"))
        return tally.number + note_next(work, person_id)

    done = database.transact(read_first_and_lock_later, actor="a")

    assert numbers_of(database, person_id) == list(range(1, 3 if database.is_sqlite else 4))
    assert done.position == (2 if database.is_sqlite else 3)


def test_a_subject_is_locked_from_begin_to_the_end_also_after_a_savepoint_fell(database: Database) -> None:
    person_id = uuid4()

    def taken_by_others() -> bool:
        with database.engine.connect() as other:
            if database.is_sqlite:
                try:
                    other.execution_options(bole_writing=True).begin()
                except sa.exc.OperationalError:
                    return False
                return True
            free = other.execute(
                sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": lock_key(person_id)}
            )
            return bool(free.scalar_one())

    def story(work: Work) -> None:
        with suppress(ChangedMindError), work.savepoint():
            work.begin(person_id)
            raise ChangedMindError("no")
        work.begin(person_id)
        assert not taken_by_others()
        work.begin(uuid4(), uuid4(), person_id)
        assert not taken_by_others()

    database.transact(story, actor="a")
    assert taken_by_others()


def test_writers_that_lock_two_subjects_crosswise_all_come_through(database: Database) -> None:
    add_tables(database)
    one, other = uuid4(), uuid4()

    def write(writer: int) -> None:
        first, second = (one, other) if writer % 2 else (other, one)
        for _ in range(5):
            database.transact(lambda work: (note_next(work, first), note_next(work, second)), actor="w")

    assert together(6, write) == [None] * 6  # the database breaks some off, and they are repeated
    assert numbers_of(database, one) == numbers_of(database, other) == list(range(1, 31))


def test_a_savepoint_that_falls_takes_only_its_own_entries_along(database: Database) -> None:
    def story(work: Work) -> None:
        note(work, text="before")
        with work.savepoint():
            note(work, text="kept")
            with suppress(ChangedMindError), work.savepoint():
                note(work, text="inner")
                with work.savepoint():
                    note(work, text="released inside what falls")
                raise ChangedMindError("no")
            note(work, text="kept too")
        with suppress(ChangedMindError), work.savepoint():
            note(work, text="second")
            raise ChangedMindError("no")
        note(work, text="after")

    done = database.transact(story, actor="a")

    assert [entry.fact.text for entry in entries(database)] == ["before", "kept", "kept too", "after"]
    assert done.position == 4


def test_a_savepoint_that_falls_takes_its_rows_along(database: Database) -> None:
    add_tables(database)
    person_id = uuid4()

    def story(work: Work) -> None:
        note_next(work, person_id)
        with suppress(ChangedMindError), work.savepoint():
            note_next(work, person_id)
            raise ChangedMindError("no")
        note_next(work, person_id)

    database.transact(story, actor="a")

    assert numbers_of(database, person_id) == [1, 2]


def test_a_savepoint_that_a_constraint_breaks_takes_its_entries_along(database: Database) -> None:
    add_tables(database)
    person_id = uuid4()

    def story(work: Work) -> None:
        note_next(work, person_id)
        with suppress(sa.exc.IntegrityError), work.savepoint():
            note(work, text="never")
            work.session.execute(sa.insert(Tally).values(person_id=person_id, number=9))
        with suppress(sa.exc.IntegrityError), work.savepoint():
            note(work, text="never")
            work.session.add(Tally(person_id=person_id, number=9))
            work.session.flush()
        note(work, text="after")

    database.transact(story, actor="a")

    assert [entry.fact.text for entry in entries(database)] == ["", "after"]


def test_a_refused_change_leaves_nothing(database: Database) -> None:
    add_tables(database)
    person_id = uuid4()

    def story(work: Work) -> None:
        note_next(work, person_id)
        raise ChangedMindError("no")

    with pytest.raises(ChangedMindError):
        database.transact(story, actor="a")

    assert entries(database) == []
    with database.reading() as session:
        assert session.get(Tally, person_id) is None


def test_rows_and_entries_of_one_transaction_appear_together(database: Database) -> None:
    add_tables(database)
    person_id = uuid4()

    def story(work: Work) -> None:
        note_next(work, person_id)
        work.session.flush()
        assert entries(database) == []
        with database.reading() as session:
            assert session.get(Tally, person_id) is None

    done = database.transact(story, actor="a")

    assert numbers_of(database, person_id) == [1]
    assert done.position == 1


def test_a_change_without_an_event_makes_no_entry_and_wakes_nobody(database: Database) -> None:
    add_tables(database)
    woken: list[str] = []
    database.on_commit(lambda: woken.append("woken"))

    done = database.transact(lambda work: work.session.add(Tally(person_id=uuid4(), number=1)), actor="a")
    assert (done.position, woken) == (None, [])

    database.transact(note, actor="a")
    assert woken == ["woken"]


def test_a_wake_up_that_fails_does_not_undo_what_was_committed(database: Database) -> None:
    def fail() -> None:
        raise OSError("nobody there")

    woken: list[str] = []
    database.on_commit(fail)
    database.on_commit(lambda: woken.append("woken"))

    assert database.transact(note, actor="a").position == 1
    assert woken == ["woken"]


def test_a_commit_from_within_is_refused_with_and_without_savepoint(database: Database) -> None:
    def straight(work: Work) -> None:
        note(work)
        work.session.commit()

    def inside(work: Work) -> None:
        note(work)
        work.session.begin_nested()
        note(work)
        work.session.commit()

    for stray in (straight, inside):
        with pytest.raises(RuntimeError, match="Only transact"):
            database.transact(stray, actor="a")
    assert entries(database) == []


def test_a_rollback_from_within_is_noticed(database: Database) -> None:
    def story(work: Work) -> None:
        note(work)
        work.session.rollback()
        note(work)

    with pytest.raises(RuntimeError, match="ended from within"):
        database.transact(story, actor="a")
    assert entries(database) == []


def test_nothing_can_be_written_once_the_entries_are_numbered(database: Database) -> None:
    add_tables(database)
    person_id = uuid4()

    def changes_an_object(work: Work) -> None:
        tally = Tally(person_id=person_id, number=1)
        work.session.add(tally)
        note(work)
        work.after_numbering(lambda _: setattr(tally, "number", 2))

    def adds_an_object(work: Work) -> None:
        note(work)
        work.after_numbering(lambda _: work.session.add(Tally(person_id=person_id, number=1)))

    def announces(work: Work) -> None:
        note(work)
        work.after_numbering(lambda _: note(work))  # type: ignore[arg-type,return-value]

    for late in (changes_an_object, adds_an_object, announces):
        with pytest.raises(RuntimeError, match="numbered"):
            database.transact(late, actor="a")
    assert entries(database) == []


def test_a_session_kept_for_later_is_of_no_use(database: Database) -> None:
    add_tables(database)
    kept = database.transact(lambda work: work.session, actor="a").value

    with pytest.raises(sa.exc.InvalidRequestError):
        kept.execute(sa.insert(Tally).values(person_id=uuid4(), number=1))


def test_a_reading_session_refuses_to_write(database: Database) -> None:
    add_tables(database)
    with database.reading() as session:
        session.add(Tally(person_id=uuid4(), number=1))
        with pytest.raises(RuntimeError, match="only reads"):
            session.flush()


def test_a_transaction_inside_a_transaction_is_refused_at_once(database: Database) -> None:
    def story(work: Work) -> None:
        database.transact(note, actor="inner")

    with pytest.raises(RuntimeError, match="inside"):
        database.transact(story, actor="outer")
    assert database.transact(note, actor="later").position == 1


def test_the_kit_may_write_what_needs_the_position(database: Database) -> None:
    seen: list[int | None] = []

    def story(work: Work) -> None:
        note(work)
        note(work)
        work.after_numbering(seen.append)

    database.transact(story, actor="a")
    database.transact(lambda work: work.after_numbering(seen.append), actor="a")

    assert seen == [2, None]


def test_an_entry_says_who_when_and_why(database: Database, clock: Any) -> None:
    cause, person_id = uuid4(), uuid4()
    clock.advance(seconds=1.234567)

    id = database.transact(lambda work: note(work, person_id, "李"), actor="li.ming", cause=cause).value

    (entry,) = entries(database)
    assert (entry.id, entry.type, entry.source, entry.county) == (id, "toy.noted.v1", "toy", "guxian")
    assert (entry.actor, entry.cause, entry.time) == ("li.ming", cause, clock.now())
    assert entry.fact == Noted(person_id=person_id, text="李")


def test_only_its_own_service_announces_an_event(database: Database) -> None:
    other = Database(str(database.engine.url), service="other", county="guxian", clock=database.clock)
    with pytest.raises(ValueError, match="for toy to announce"):
        other.transact(note, actor="a")
    other.dispose()


def test_what_does_not_fit_into_a_message_is_not_announced(database: Database) -> None:
    with pytest.raises(ValueError, match="fit into a message"):
        database.transact(lambda work: note(work, text="x" * 250_000), actor="a")
    with pytest.raises(KeyError):
        database.transact(lambda work: work.announce(object()), actor="a")


def test_a_journal_is_read_in_pages_and_private_entries_are_stubs(database: Database) -> None:
    from bole.journal import journal

    person_id = uuid4()

    def story(work: Work) -> None:
        note(work, text="1")
        work.announce(Whispered(person_id=person_id, text="secret"))
        note(work, text="3")

    database.transact(story, actor="a")

    with database.reading() as session:
        assert [entry.position for entry in journal.read(session, database, after=0, limit=2)] == [1, 2]
        stub, last = journal.read(session, database, after=1, limit=5)
        assert journal.read(session, database, after=3, limit=5) == []
        assert journal.read(session, database, after=99, limit=5) == []
        first = journal.read(session, database, after=0, limit=1)[0]
        head = journal.head(session, database)
    assert first.prev_hash == bytes(32)
    assert (stub.prev_hash, last.prev_hash) == (first.hash, stub.hash)
    assert (head.position, head.hash, head.journal) == (3, last.hash, database.journal_id)
    assert stub.is_stub
    everything_it_says = stub.encode().decode()
    assert "secret" not in everything_it_says
    assert str(person_id) not in everything_it_says
    assert "whispered" not in everything_it_says
    with pytest.raises(KeyError):
        stub.fact  # noqa: B018
