"""The database goes away, is busy or full, or breaks off: never half an effect, and a clear word."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bole.clock import Clock
from bole.errors import OutOfTime, Unavailable
from bole.store import database as databases
from bole.store.database import TRIES, Database, Work, lock_key
from bole.store.engine import file_lock
from bole.store.migrate import migrate
from tests.bole.toys import Noted, entries, together
from tests.servers import PostgresServer


def note(work: Work) -> None:
    work.announce(Noted(person_id=uuid4()))


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A server that the tests below may stop."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def on_postgres(own_postgres: PostgresServer) -> Iterator[Database]:
    opened = Database(own_postgres.new_database(), service="toy", county="guxian", clock=Clock())
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/toy.sqlite", service="toy", county="guxian", clock=Clock())
    migrate(opened)
    yield opened
    opened.dispose()


def hang_up(database: Database, work: Work) -> None:
    """End the transaction's connection from outside."""
    pid = work.session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    with database.engine.connect() as other:
        other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_while_the_server_is_away_calls_say_so_and_afterwards_all_goes_on(
    on_postgres: Database, own_postgres: PostgresServer
) -> None:
    on_postgres.transact(note, actor="a")
    own_postgres.stop()
    try:
        with pytest.raises(Unavailable, match="away"):
            on_postgres.transact(note, actor="a")
        with pytest.raises(Unavailable, match="away"), on_postgres.reading() as session:
            session.execute(sa.text("SELECT 1"))
        with pytest.raises(Unavailable, match="away"):
            migrate(on_postgres)
    finally:
        own_postgres.start()
    assert on_postgres.transact(note, actor="a").position == 2


def test_a_connection_lost_before_the_commit_leaves_nothing(on_postgres: Database) -> None:
    def story(work: Work) -> None:
        note(work)
        hang_up(on_postgres, work)
        work.session.execute(sa.text("SELECT 1"))

    with pytest.raises(Unavailable):
        on_postgres.transact(story, actor="a")
    assert entries(on_postgres) == []


def test_a_connection_lost_during_the_commit_leaves_the_outcome_unknown(on_postgres: Database) -> None:
    def story(work: Work) -> None:
        note(work)
        work.after_numbering(lambda _: hang_up(on_postgres, work))

    with pytest.raises(OutOfTime, match="same key"):
        on_postgres.transact(story, actor="a")
    assert on_postgres.transact(note, actor="a").position == 1


def test_a_deadlock_over_rows_is_repeated(on_postgres: Database) -> None:
    with on_postgres.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE pair (id int PRIMARY KEY, number int)")
        connection.exec_driver_sql("INSERT INTO pair VALUES (0, 0), (1, 0)")
    tries: list[int] = []
    both_hold_one = threading.Barrier(2)

    def add(writer: int) -> None:
        def story(work: Work) -> None:
            tries.append(writer)
            first = tries.count(writer) == 1
            for id in (writer, 1 - writer):
                work.session.execute(
                    sa.text("UPDATE pair SET number = number + 1 WHERE id = :id"), {"id": id}
                )
                if first and id == writer:
                    both_hold_one.wait()
            note(work)

        on_postgres.transact(story, actor="a")

    assert together(2, add) == [None, None]
    assert len(tries) == 3
    with on_postgres.reading() as session:
        assert list(session.scalars(sa.text("SELECT number FROM pair"))) == [2, 2]
    assert len(entries(on_postgres)) == 2


def test_a_subject_that_comes_up_late_and_is_taken_is_locked_first_the_next_time(
    on_postgres: Database,
) -> None:
    early, late = sorted((uuid4() for _ in range(2)), key=lock_key, reverse=True)
    tries: list[int] = []

    def story(work: Work) -> None:
        tries.append(1)
        work.begin(early)
        work.begin(late)

    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(1) as pool, on_postgres.engine.connect() as other:
        other.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": lock_key(late)})
        done = pool.submit(on_postgres.transact, story, actor="a")
        while not done.done() and not other.execute(waiting).scalar_one():
            continue
        other.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": lock_key(late)})
        assert done.result().position is None
    assert len(tries) == 2


@pytest.mark.parametrize(("failures", "outcome"), [(TRIES - 1, "done"), (TRIES, "unavailable")])
def test_a_serialization_failure_is_repeated_a_few_times(
    on_postgres: Database, failures: int, outcome: str
) -> None:
    left = [failures]

    def story(work: Work) -> str:
        note(work)
        if left[0]:
            left[0] -= 1
            work.session.execute(
                sa.text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$")
            )
        return "done"

    if outcome == "done":
        assert on_postgres.transact(story, actor="a").value == "done"
        assert len(entries(on_postgres)) == 1
    else:
        with pytest.raises(Unavailable, match="broke the transaction off"):
            on_postgres.transact(story, actor="a")
        assert entries(on_postgres) == []


def test_a_server_that_may_lose_a_commit_is_refused(on_postgres: Database) -> None:
    name = on_postgres.engine.url.database
    with on_postgres.engine.begin() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    on_postgres.dispose()
    with pytest.raises(RuntimeError, match="synchronous_commit"):
        on_postgres.check()


def test_the_clock_follows_the_server(on_postgres: Database) -> None:
    assert abs(on_postgres.follow_clock()) < 2


def test_another_process_that_writes_to_the_file_is_waited_for(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(str(on_sqlite.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            other.execute("COMMIT")

    monkeypatch.setattr(databases.time, "sleep", pause)
    assert on_sqlite.transact(note, actor="a").position == 1
    assert len(pauses) >= 3
    other.close()


def test_another_process_that_never_lets_go_of_the_file_is_named(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(str(on_sqlite.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(databases, "BUSY_S", 0.0)
    with pytest.raises(Unavailable, match="busy"):
        on_sqlite.transact(note, actor="a")
    assert entries(on_sqlite) == []  # reading waits for nobody
    other.close()


def test_databases_of_one_file_share_its_lock(on_sqlite: Database, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/nested/../toy.sqlite"
    (tmp_path / "nested").mkdir()
    same = Database(url, service="toy", county="guxian", clock=Clock())
    elsewhere = Database(f"sqlite:///{tmp_path}/b.sqlite", service="toy", county="guxian", clock=Clock())
    assert file_lock(same.engine) is file_lock(on_sqlite.engine)
    assert file_lock(elsewhere.engine) is not file_lock(on_sqlite.engine)

    def write(number: int) -> None:
        for _ in range(10):
            (same, on_sqlite)[number % 2].transact(note, actor="a")

    assert together(4, write) == [None] * 4
    assert len(entries(on_sqlite)) == 40


def test_a_full_disk_refuses_the_change_and_leaves_nothing(on_sqlite: Database) -> None:
    def fill(work: Work) -> None:
        pages = work.session.execute(sa.text("PRAGMA page_count")).scalar_one()
        work.session.execute(sa.text(f"PRAGMA max_page_count = {pages + 2}"))
        for _ in range(50):
            work.announce(Noted(person_id=uuid4(), text="x" * 4000))

    with pytest.raises(Unavailable, match="full"):
        on_sqlite.transact(fill, actor="a")
    assert entries(on_sqlite) == []


def test_a_file_that_cannot_be_opened_is_named_with_a_hint(tmp_path: Path) -> None:
    nowhere = Database(
        f"sqlite:///{tmp_path}/no/such/folder/toy.sqlite", service="toy", county="guxian", clock=Clock()
    )
    for use in (lambda: nowhere.transact(note, actor="a"), nowhere.check, lambda: migrate(nowhere)):
        with pytest.raises(Unavailable, match="folder"):
            use()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_what_cannot_keep_the_guarantees_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"SQLite|supported"):
        Database(url, service="toy", county="guxian", clock=Clock())


def test_a_mistake_in_a_statement_is_not_called_an_outage(on_sqlite: Database, on_postgres: Database) -> None:
    calls: list[Callable[[Work], Any]] = [
        lambda work: work.session.execute(sa.text("SELECT nonsense FROM nowhere")),
        lambda work: work.session.execute(
            sa.text("INSERT INTO bole_head (stream, position, hash) SELECT stream, 0, hash FROM bole_head")
        ),
    ]
    for database in (on_sqlite, on_postgres):
        for call in calls:
            with pytest.raises(sa.exc.DatabaseError):
                database.transact(call, actor="a")
