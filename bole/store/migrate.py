"""Migrations: the kit's in every database, then the service's own. Alembic, run from here.

A service writes plain Alembic files and nothing else, no env.py:

    services/care/migrations/versions/0001_talks.py

        \"\"\"Why, Cost, Undo: what an operator asks at night.\"\"\"
        import sqlalchemy as sa
        from alembic import op

        revision, down_revision = "0001_talks", None

        def upgrade() -> None:
            op.create_table(
                "talk",
                sa.Column("id", sa.Uuid, nullable=False),
                sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),   # Mapped[datetime]
                sa.Column("points", sa.Numeric(14, 4)),                            # Mapped[Decimal]
                sa.Column("sources", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
                sa.PrimaryKeyConstraint("id", name="pk_talk"),
            )

The next file says `down_revision = "0001_talks"`. A migration imports nothing of ours: code moves,
history does not. On SQLite a column is changed with `op.batch_alter_table`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from bole.identifiers import new_id
from bole.store.database import Database, lock_key
from bole.store.engine import WRITING, file_lock
from bole.store.failures import meaning
from bole.store.tables import JOURNAL

KIT_FOLDER = Path(__file__).parent
KIT_VERSION = "bole_version"  # tables in which Alembic keeps how far it came
SERVICE_VERSION = "service_version"


def migrate(database: Database, service_folder: Path | None = None) -> None:
    """Bring a database to the newest version, all or nothing; two processes may do it at once.

    The first time, its journal gets an id.

    Args:
        service_folder: the service's package folder, which holds migrations/versions.
            None: the kit's tables only.

    Raises:
        errors.Unavailable: the database is away.
        RuntimeError: it knows a migration that we do not.
        ValueError: the folder has no migrations.
    """
    with _alone(database) as connection:
        for folder, version_table in _steps(service_folder):
            config = _config(folder)
            config.attributes.update(connection=connection, version_table=version_table)
            try:
                command.upgrade(config, "head")
            except CommandError as problem:
                raise RuntimeError(
                    f"The database of {database.service} cannot be migrated: {problem}. "
                    f"Was it made by a newer version of this program?"
                ) from problem
        if connection.execute(sa.select(JOURNAL.c.id)).scalar_one_or_none() is None:
            connection.execute(
                sa.insert(JOURNAL).values(
                    id=new_id(), service=database.service, created_at=database.clock.now()
                )
            )


def at_head(database: Database, service_folder: Path | None = None) -> bool:
    """Whether nothing is left to migrate. Raises errors.Unavailable."""
    with database.reading() as session:
        for folder, version_table in _steps(service_folder):
            context = MigrationContext.configure(session.connection(), opts={"version_table": version_table})
            if set(context.get_current_heads()) != set(
                ScriptDirectory.from_config(_config(folder)).get_heads()
            ):
                return False
    return True


def _steps(service_folder: Path | None) -> list[tuple[Path, str]]:
    steps = [(KIT_FOLDER, KIT_VERSION)]
    if service_folder is not None:
        if not (service_folder / "migrations" / "versions").is_dir():
            raise ValueError(f"{service_folder} has no folder migrations/versions")
        steps.append((service_folder, SERVICE_VERSION))
    return steps


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("path_separator", "newline")  # a folder's name may hold anything else
    config.set_main_option("script_location", _escaped(KIT_FOLDER / "migrations"))
    config.set_main_option("version_locations", _escaped(folder / "migrations" / "versions"))
    return config


def _escaped(path: Path) -> str:
    return str(path.resolve()).replace("%", "%%")


@contextmanager
def _alone(database: Database) -> Iterator[sa.Connection]:
    """A connection in a write transaction that no other migration shares."""
    try:
        with (
            file_lock(database.engine) if database.is_sqlite else nullcontext(),
            database.engine.connect().execution_options(**{WRITING: True}) as connection,
        ):
            if database.is_sqlite:
                # A table is changed by copying it; foreign keys are checked at the end instead.
                _pragma(connection, "foreign_keys=OFF")
            try:
                with connection.begin():
                    if not database.is_sqlite:
                        connection.execute(
                            sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key("bole.migrate")}
                        )
                    yield connection
                    if database.is_sqlite:
                        broken = connection.execute(sa.text("PRAGMA foreign_key_check")).first()
                        if broken is not None:
                            raise RuntimeError(f"A migration left rows in {broken[0]!r} that point nowhere.")
            finally:
                if database.is_sqlite:
                    _pragma(connection, "foreign_keys=ON")
    except SQLAlchemyError as problem:
        if meaning(problem):
            raise database.unavailable(problem) from problem
        raise


def _pragma(connection: sa.Connection, pragma: str) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA {pragma}")
