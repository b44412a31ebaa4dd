"""What the migrations of a service build is what its models describe, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import services
from bole.store.database import Database
from bole.store.migrate import at_head, migrate
from bole.testing.clock import StoppedClock

FOLDER = Path(services.__path__[0])
SERVICES = sorted(path.parent.name for path in FOLDER.glob("*/models.py"))


def differences(url: str, service: str) -> list[Any]:
    """What Alembic would still have to change."""
    database = Database(url, service=service, county="guxian", clock=StoppedClock())
    try:
        migrate(database, FOLDER / service)
        assert at_head(database, FOLDER / service)
        database.check()
        with database.engine.connect() as connection:
            # SQLite keeps exact numbers as whole ones, so what a column is called there says little.
            context = MigrationContext.configure(
                connection, opts={"include_name": _of_the_service, "compare_type": not database.is_sqlite}
            )
            return list(compare_metadata(context, import_module(f"services.{service}.models").Base.metadata))
    finally:
        database.dispose()


def _of_the_service(name: str | None, kind: str, _: Any) -> bool:
    return kind != "table" or not (name or "").startswith(("bole_", "service_version"))


@pytest.mark.parametrize("service", SERVICES)
def test_on_sqlite_the_migrations_build_what_the_models_say(service: str, tmp_path: Path) -> None:
    assert differences(f"sqlite:///{tmp_path / service}.sqlite", service) == []


@pytest.mark.parametrize("service", SERVICES)
def test_on_postgresql_the_migrations_build_what_the_models_say(
    service: str, new_database: Callable[..., str]
) -> None:
    assert differences(new_database(), service) == []
