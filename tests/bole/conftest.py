"""Databases for the tests of the kit: a test that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
def migrated_template(new_database: Callable[..., str]) -> str:
    """URL of a PostgreSQL database with the kit's tables, for tests to copy."""
    from bole.store.migrate import migrate

    url = new_database("migrated_template")
    _once(url, migrate)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database of the test's own, with the kit's tables."""
    if request.param == "sqlite":
        path = tmp_path / "toy.sqlite"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        return
    with copied(request.getfixturevalue("migrated_template")) as url:
        yield url


@pytest.fixture
def database(database_url: str, clock: StoppedClock) -> Iterator[Database]:
    """The database of service `toy` in county `guxian`."""
    from bole.store.database import Database

    opened = Database(database_url, service="toy", county="guxian", clock=clock)
    yield opened
    opened.dispose()


@contextmanager
def copied(template_url: str) -> Iterator[str]:
    """URL of a copy of a PostgreSQL database that nobody is connected to; dropped afterwards."""
    import sqlalchemy as sa

    from bole.identifiers import new_id

    template = sa.make_url(template_url)
    name = f"copy_{new_id().hex}"
    engine = sa.create_engine(template.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template.database}"')
        yield template.set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    engine.dispose()


def _once(url: str, migrate: Callable[[Database], None]) -> None:
    from bole.clock import Clock
    from bole.store.database import Database

    opened = Database(url, service="toy", county="guxian", clock=Clock())
    migrate(opened)
    opened.dispose()
