"""What a process needs before it serves: folder, keys, databases, packs, client."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from bole import errors
from bole.clock import Clock
from bole.config import CannotStart, Settings
from bole.log import get_log
from bole.policy.policies import Policies, installed_policies
from bole.principal import Signer, Verifier, make_key_pair
from bole.rpc.client import RpcClient
from bole.rpc.inproc import SCHEME
from bole.run.installation import (
    GATEWAY,
    Installation,
    Keys,
    contract_packages,
    import_contracts,
    service_points,
)
from bole.store.database import Database
from bole.store.migrate import at_head, migrate

if TYPE_CHECKING:
    from bole.run.health import Watched

log = get_log(__name__)

LOOK_AGAIN_SECONDS = 2.0


def prepare_folder(settings: Settings) -> None:
    """The data folder, there and writable by us.

    Raises:
        CannotStart: it is not.
    """
    try:
        settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        trial = settings.var / ".written"
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as problem:
        raise CannotStart(
            f"The data folder {settings.var} cannot be written ({problem.strerror}). "
            "Choose another with --var or BOLE_VAR."
        ) from problem


def hold_folder(settings: Settings) -> None:
    """Keep the data folder for this process; it is free again when the process ends, however it does.

    Raises:
        CannotStart: another suite runs on it.
    """
    held = os.open(settings.var / "running", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(held)
        raise CannotStart(
            f"Another suite runs on the data folder {settings.var}. Stop it, or choose another with --var or "
            "BOLE_VAR."
        ) from problem


def read_keys(settings: Settings, *, signing: bool, make: bool) -> Keys:
    """The key pair; `make` it at a first start.

    Raises:
        CannotStart: a file is missing or holds no key.
    """
    try:
        if make:
            make_key_pair(settings.private_key_file, settings.public_key_file)
        verifier = Verifier(settings.public_key_file.read_bytes())
        signer = Signer(settings.private_key_file.read_bytes()) if signing else None
    except OSError as problem:
        raise CannotStart(
            f"The key file {problem.filename} cannot be read or written ({problem.strerror}). "
            "'bole migrate' makes the pair; services need the public one, the door both."
        ) from problem
    except ValueError as problem:
        raise CannotStart(
            f"One of {settings.private_key_file}, {settings.public_key_file} holds no Ed25519 key."
        ) from problem
    return Keys(verifier, signer)


def read_policies(settings: Settings) -> Policies:
    """The packs, one of them the county's own.

    Raises:
        CannotStart: a contract or a pack is broken, or the county has none.
    """
    import_contracts(contract_packages())
    try:
        policies = installed_policies()
    except errors.BoleError as broken:
        raise CannotStart(f"The policy packs are broken: {broken.message}") from broken
    if settings.county not in policies.packs:
        raise CannotStart(
            f"No pack of the county {settings.county!r} is installed; there are "
            f"{', '.join(sorted(policies.packs))}. Install it, or set BOLE_COUNTY."
        )
    return policies


def owners() -> tuple[str, ...]:
    """Everybody who has a database: the services and the gateway."""
    return (*(name for name in service_points() if name != "projector"), GATEWAY)


def folder_of(owner: str) -> Path | None:
    """The package folder with an owner's migrations, None when it has none."""
    point = service_points().get("projector" if owner == GATEWAY else owner)
    if point is None:
        return None
    package = point.module.split(".")[0] if owner == GATEWAY else point.module.rpartition(".")[0]
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise CannotStart(f"The package {package} of {owner} cannot be found.")
    folder = Path(next(iter(found.submodule_search_locations)))
    return folder if (folder / "migrations" / "versions").is_dir() else None


def make_clock(settings: Settings) -> Clock:
    return Clock(settings.time_zone, clock_file=settings.clock_file)


def open_database(settings: Settings, owner: str, clock: Clock) -> Database:
    """The database of one owner; nothing is asked of it yet."""
    return Database(settings.database_url(owner), service=owner, county=settings.county, clock=clock)


def migrate_all(databases: Iterable[Database]) -> None:
    """Bring databases to the newest migrations, one after the other."""
    for database in databases:
        migrate(database, folder_of(database.service))
        log.debug("database migrated", service=database.service)


def check_database(database: Database) -> None:
    """Settings and migrations of a database.

    Raises:
        errors.Unavailable: it cannot be reached; ask again later.
        CannotStart: it is not at its newest migration, or not set up as a journal needs it.
    """
    if not at_head(database, folder_of(database.service)):
        raise CannotStart(f"The database of {database.service} is not migrated. Run 'bole migrate' first.")
    try:
        database.check()
    except RuntimeError as wrong:
        raise CannotStart(str(wrong)) from wrong


def wait_for(database: Database, watched: Watched) -> None:
    """Block until a database answers; says so once in the log, and in /readyz as long as it lasts.

    Raises:
        CannotStart: it answers, and is not migrated.
    """
    name = f"database of {database.service}"
    said = False
    while True:
        try:
            check_database(database)
        except errors.Unavailable as problem:
            why = problem.message
            if not said:
                log.warning("database not reached", service=database.service, why=why)
                said = True
            watched.checks[name] = lambda why=why: f"Waiting for it: {why}"  # type: ignore[misc]
            time.sleep(LOOK_AGAIN_SECONDS)
            continue
        if said:
            log.info("database reached", service=database.service)
        watched.checks[name] = lambda: database_problem(database)
        return


def database_problem(database: Database) -> str | None:
    """None when the database answers; for /readyz."""
    try:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
    except errors.BoleError as problem:
        return problem.message
    return None


def build(
    settings: Settings,
    role: str,
    databases: dict[str, Database],
    keys: Keys,
    clock: Clock,
    policies: Policies,
) -> Installation:
    """What a process holds, with the client, put together."""
    return Installation(
        role=role,
        settings=settings,
        clock=clock,
        policies=policies,
        databases=databases,
        keys=keys,
        rpc=RpcClient(settings.amqp_url or f"{SCHEME}://suite"),
        contracts=contract_packages(),
    )
