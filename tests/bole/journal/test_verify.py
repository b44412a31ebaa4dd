"""Whatever is changed in a journal behind our back is found, at the first place that is not as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bole.journal import journal, verify
from bole.journal.verify import Broken, Verified
from bole.store.database import Database, Work
from bole.store.migrate import migrate
from bole.store.tables import ENTRY, HEAD, JOURNAL
from bole.testing.clock import StoppedClock
from tests.bole.toys import Noted, Whispered, entries


@pytest.fixture
def filled(database: Database) -> Database:
    """Ten entries; the fourth is private."""

    def fill(work: Work) -> None:
        for number in range(1, 11):
            if number == 4:
                work.announce(Whispered(person_id=uuid4(), text="hush"))
            else:
                work.announce(Noted(person_id=uuid4(), number=number))

    database.transact(fill, actor="a", cause=uuid4())
    return database


def tamper(database: Database, statement: Any) -> None:
    with database.engine.begin() as connection:
        connection.execute(statement)


def test_an_untouched_journal_verifies(filled: Database) -> None:
    with filled.reading() as session:
        assert verify.verify(filled) == Verified(10, 0, journal.head(session, filled))


def test_an_empty_journal_verifies(database: Database) -> None:
    verified = verify.verify(database)
    assert isinstance(verified, Verified)
    assert (verified.entries, verified.head.position) == (0, 0)


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("id", uuid4(), "edited_header"),
        ("type", "toy.noticed.v1", "edited_header"),
        ("time", datetime(2020, 1, 1, tzinfo=UTC), "edited_header"),
        ("county", "elsewhere", "edited_header"),
        ("subjects", str(uuid4()), "edited_header"),
        ("actor", "b", "edited_header"),
        ("cause", uuid4(), "edited_header"),
        ("cause", None, "edited_header"),
        ("private", True, "edited_header"),
        ("payload", b'{"person_id":"00000000-0000-0000-0000-000000000000"}', "edited_payload"),
        ("payload", None, "edited_payload"),
        ("salt", b"0123456789abcdef", "edited_payload"),
        ("salt", None, "edited_payload"),
        ("header_digest", b"h" * 32, "edited_digest"),
        ("payload_digest", b"p" * 32, "edited_digest"),
        ("hash", b"c" * 32, "edited_digest"),
        ("stream", 1, "missing"),
        ("position", 77, "missing"),
        ("position", -7, "missing"),
    ],
)
def test_every_column_of_an_entry_is_guarded(filled: Database, column: str, value: Any, what: str) -> None:
    tamper(filled, sa.update(ENTRY).where(ENTRY.c.position == 6).values({column: value}))

    found = verify.verify(filled)

    assert isinstance(found, Broken)
    at = 1 if value == -7 else 6
    assert (found.position, found.what) == (at, what)


def test_a_private_entry_made_public_is_found(filled: Database) -> None:
    tamper(filled, sa.update(ENTRY).where(ENTRY.c.position == 4).values(private=False))
    found = verify.verify(filled)
    assert isinstance(found, Broken)
    assert (found.position, found.what) == (4, "edited_header")


def test_a_deleted_entry_is_found(filled: Database) -> None:
    tamper(filled, sa.delete(ENTRY).where(ENTRY.c.position == 5))
    found = verify.verify(filled)
    assert isinstance(found, Broken)
    assert (found.position, found.what) == (5, "missing")


def test_a_cut_tail_is_found(filled: Database) -> None:
    tamper(filled, sa.delete(ENTRY).where(ENTRY.c.position > 8))
    found = verify.verify(filled)
    assert isinstance(found, Broken)
    assert (found.position, found.what) == (9, "missing")


def test_two_entries_that_changed_places_are_found(filled: Database) -> None:
    for move in ((3, 100), (7, 3), (100, 7)):
        tamper(filled, sa.update(ENTRY).where(ENTRY.c.position == move[0]).values(position=move[1]))
    found = verify.verify(filled)
    assert isinstance(found, Broken)
    assert found.position == 3


@pytest.mark.parametrize("values", [{"hash": b"x" * 32}, {"position": 9}])
def test_an_edited_head_is_found(filled: Database, values: dict[str, Any]) -> None:
    tamper(filled, sa.update(HEAD).values(values))
    found = verify.verify(filled)
    assert isinstance(found, Broken)
    assert (found.position, found.what) == (10, "head_differs")


def test_a_journal_under_another_id_is_found_at_its_first_entry(filled: Database) -> None:
    tamper(filled, sa.update(JOURNAL).values(id=uuid4()))
    renamed = Database(
        filled.engine.url.render_as_string(False), service="toy", county="guxian", clock=filled.clock
    )
    found = verify.verify(renamed)
    renamed.dispose()
    assert isinstance(found, Broken)
    assert found.position == 1


def test_a_redacted_entry_keeps_its_place_and_travels_as_a_stub(filled: Database) -> None:
    before = entries(filled)[5]
    filled.transact(lambda work: journal.redact(work, 6), actor="a")

    verified = verify.verify(filled)
    assert isinstance(verified, Verified)
    assert (verified.entries, verified.redacted) == (10, 1)
    stub = entries(filled)[5]
    assert stub.is_stub
    assert stub.payload_digest == before.payload_digest
    with filled.reading() as session:
        kept = session.execute(sa.select(ENTRY.c.payload, ENTRY.c.salt).where(ENTRY.c.position == 6)).one()
    assert tuple(kept) == (None, None)

    with pytest.raises(LookupError):
        filled.transact(lambda work: journal.redact(work, 99), actor="a")


def test_the_walk_goes_page_by_page(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in (1, 3, 10):
        monkeypatch.setattr(verify, "PAGE", page)
        assert isinstance(verify.verify(filled), Verified)


@pytest.mark.parametrize("column", ["id", "time", "payload", "salt", "hash"])
def test_what_is_not_even_of_its_kind_is_found_at_its_position(tmp_path: Path, column: str) -> None:
    database = Database(
        f"sqlite:///{tmp_path}/toy.sqlite", service="toy", county="guxian", clock=StoppedClock()
    )
    migrate(database)
    for number in range(1, 6):
        note = Noted(person_id=uuid4(), number=number)
        database.transact(lambda work, note=note: work.announce(note), actor="a")

    tamper(database, sa.text(f"UPDATE bole_entry SET {column} = 'zzz' WHERE position = 3"))
    broken = verify.verify(database)
    database.dispose()

    assert isinstance(broken, Broken)
    assert broken.position == 3


def test_a_head_that_is_gone_is_said(filled: Database) -> None:
    tamper(filled, sa.delete(HEAD))

    broken = verify.verify(filled)
    assert isinstance(broken, Broken)
    assert (broken.position, broken.what) == (0, "missing")
