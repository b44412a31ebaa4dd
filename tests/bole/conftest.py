"""Databases for the tests of the kit: a test that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bole.store.database import Database
    from bole.testing.clock import StoppedClock


@pytest.fixture
def clock() -> StoppedClock:
    """Stands at ten in the morning of 2026-08-03 in the county."""
    from bole.testing.clock import StoppedClock

    return StoppedClock()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the kit's tables, for tests to copy."""
    from bole.store.migrate import migrate

    path = tmp_path_factory.mktemp("migrated") / "toy.sqlite"
    _once(f"sqlite:///{path}", migrate)
    return path


@pytest.fixture(scope="session")
def migrated_database(new_database: Callable[..., str]) -> str:
    """URL of a PostgreSQL database with the kit's tables, which every test leaves empty."""
    from bole.store.migrate import migrate

    url = new_database("migrated")
    _once(url, migrate)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database with the kit's tables."""
    if request.param == "sqlite":
        path = tmp_path / "toy.sqlite"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
    else:
        url: str = request.getfixturevalue("migrated_database")
        yield url
        _empty(url)


@pytest.fixture
def database(database_url: str, clock: StoppedClock) -> Iterator[Database]:
    """The database of service `toy` in county `guxian`."""
    from bole.store.database import Database

    opened = Database(database_url, service="toy", county="guxian", clock=clock)
    yield opened
    opened.dispose()


def _empty(url: str) -> None:
    """Take everything out that a test put in. Ten times quicker than a database for each test."""
    import sqlalchemy as sa

    kept = {"bole_journal", "bole_version"}
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    tables = set(sa.inspect(engine).get_table_names())
    of_the_kit = {table for table in tables if table.startswith("bole_")}
    with engine.begin() as connection:
        if tables - of_the_kit:
            connection.exec_driver_sql(f"DROP TABLE {', '.join(tables - of_the_kit)} CASCADE")
        connection.exec_driver_sql(f"TRUNCATE {', '.join(of_the_kit - kept)}")
        head = sa.text("INSERT INTO bole_head (stream, position, hash) VALUES (0, 0, :zeros)")
        connection.execute(head, {"zeros": bytes(32)})
        connection.exec_driver_sql("UPDATE bole_journal SET id = gen_random_uuid()")


def _once(url: str, migrate: Callable[[Database], None]) -> None:
    from bole.clock import Clock
    from bole.store.database import Database

    opened = Database(url, service="toy", county="guxian", clock=Clock())
    migrate(opened)
    opened.dispose()
