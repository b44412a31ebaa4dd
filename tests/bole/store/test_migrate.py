"""From an empty database to the newest version, all or nothing, whoever else starts at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bole.store.database import Database
from bole.store.migrate import at_head, migrate
from bole.store.tables import KIT
from bole.testing.clock import StoppedClock
from tests.bole.toys import Noted, together

FIRST = '''"""Talks."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001_talks", None


def upgrade():
    op.create_table("room", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "talk",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("room_id", sa.Integer, sa.ForeignKey("room.id", name="fk_talk_room", ondelete="CASCADE")),
    )
    op.execute("INSERT INTO room (id) VALUES (1)")
    op.execute("INSERT INTO talk (id, room_id) VALUES (7, 1)")
'''
SECOND = '''"""Rooms have a name. On SQLite the table is copied; its talks stay."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002_names", "0001_talks"


def upgrade():
    with op.batch_alter_table("room", recreate="auto") as room:
        room.add_column(sa.Column("name", sa.String(20), nullable=False, server_default="?"))
        room.create_check_constraint("ck_room_named", "name <> ''")
'''
BROKEN = '''"""Fails half way."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003_broken", "0002_names"


def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO nowhere VALUES (1)")
'''


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, clock: StoppedClock) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/a folder, with: 100% odd name.sqlite"
    else:
        new_database: Callable[[], str] = request.getfixturevalue("new_database")
        url = new_database()
    opened = Database(url, service="toy", county="guxian", clock=clock)
    yield opened
    opened.dispose()


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """The package folder of a service, with its first migration."""
    folder = tmp_path / "a service: 100%" / "talks"
    (folder / "migrations" / "versions").mkdir(parents=True)
    write(folder, "0001_talks.py", FIRST)
    return folder


def write(service: Path, name: str, text: str) -> None:
    (service / "migrations" / "versions" / name).write_text(text)


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names())


def test_an_empty_database_gets_the_tables_of_the_kit_and_a_journal_of_its_own(empty: Database) -> None:
    assert not at_head(empty)
    with pytest.raises(sa.exc.DatabaseError):
        empty.check()
    migrate(empty)
    assert at_head(empty)
    empty.check()
    first = empty.journal_id
    migrate(empty)
    assert empty.journal_id == first
    assert {"bole_entry", "bole_head", "bole_journal", "bole_version"} <= tables(empty)


def test_the_migrations_make_the_tables_that_the_code_speaks_of(empty: Database) -> None:
    migrate(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in KIT.tables}
        )
        assert compare_metadata(context, KIT) == []


def test_a_service_brings_its_own_tables(empty: Database, service: Path) -> None:
    migrate(empty, service)
    assert {"talk", "room", "service_version"} <= tables(empty)
    assert at_head(empty, service)

    write(service, "0002_names.py", SECOND)
    assert not at_head(empty, service)
    migrate(empty, service)
    assert at_head(empty, service)
    with empty.reading() as session:
        assert session.execute(sa.text("SELECT id, room_id FROM talk")).all() == [(7, 1)]
        assert session.execute(sa.text("SELECT id, name FROM room")).all() == [(1, "?")]


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Database, service: Path) -> None:
    migrate(empty, service)
    write(service, "0002_names.py", SECOND)
    write(service, "0003_broken.py", BROKEN)
    with pytest.raises(sa.exc.DatabaseError):
        migrate(empty, service)
    assert "half" not in tables(empty)
    assert "name" not in {column["name"] for column in sa.inspect(empty.engine).get_columns("room")}


def test_foreign_keys_hold_again_after_a_migration(empty: Database, service: Path) -> None:
    migrate(empty, service)
    with pytest.raises(sa.exc.IntegrityError):
        empty.transact(
            lambda work: work.session.execute(sa.text("INSERT INTO talk VALUES (8, 99)")), actor="a"
        )


def test_four_processes_may_start_at_once(empty: Database, service: Path) -> None:
    databases = [
        Database(empty.engine.url.render_as_string(False), service="toy", county="guxian", clock=empty.clock)
        for _ in range(4)
    ]
    assert together(4, lambda number: migrate(databases[number], service)) == [None] * 4
    assert len({database.journal_id for database in databases}) == 1
    for database in databases:
        database.dispose()


def test_a_newer_database_is_left_alone_with_a_hint(empty: Database, service: Path) -> None:
    write(service, "0002_names.py", SECOND)
    migrate(empty, service)
    (service / "migrations" / "versions" / "0002_names.py").unlink()
    assert not at_head(empty, service)
    with pytest.raises(RuntimeError, match="newer version"):
        migrate(empty, service)


def test_a_folder_without_migrations_is_a_mistake(empty: Database, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="migrations/versions"):
        migrate(empty, tmp_path)


def test_the_database_of_another_service_is_refused(empty: Database) -> None:
    migrate(empty)
    other = Database(
        empty.engine.url.render_as_string(False), service="other", county="guxian", clock=empty.clock
    )
    with pytest.raises(RuntimeError, match="toy's, not other's"):
        other.check()
    other.dispose()


def test_a_database_of_another_county_is_refused(empty: Database) -> None:
    migrate(empty)
    elsewhere = Database(
        empty.engine.url.render_as_string(False), service="toy", county="linxian", clock=empty.clock
    )
    elsewhere.check()  # nothing was said in it yet
    empty.transact(lambda work: work.announce(Noted(person_id=uuid4())), actor="li.ming")
    empty.check()
    with pytest.raises(RuntimeError, match="of the county 'guxian', not 'linxian'"):
        elsewhere.check()
    elsewhere.dispose()
