"""`bole migrate`: databases brought to the newest migrations, keys made."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from bole import errors
from bole.config import CannotStart, read_settings


@click.command()
@click.argument("services", nargs=-1)
@click.option("--var", type=click.Path(path_type=Path), help="Data folder.  [default: var]")
@click.option("--wait", "wait_seconds", type=int, default=0, help="Wait so many seconds for the databases.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(services: tuple[str, ...], var: Path | None, wait_seconds: int, as_json: bool) -> None:
    """Bring the databases of SERVICES (all of them, and the gateway's, unless told) to the newest migrations.

    \b
    bole migrate
    bole migrate training gateway --wait 60

    All or nothing for each database, and harmless when nothing is left to do. Also makes the key pair
    with which the door signs principals, unless it is there. The embedded suite does all this by itself.
    """
    from bole.log import configure
    from bole.run import building

    settings = read_settings(var=var)
    configure("migrate", "warning")
    owners = building.owners()
    if unknown := sorted(set(services) - set(owners)):
        raise CannotStart(f"There is no service {unknown[0]!r}. There are: {', '.join(owners)}.")
    building.prepare_folder(settings)
    building.read_keys(settings, signing=False, make=True)
    clock = building.make_clock(settings)
    until = time.monotonic() + wait_seconds
    migrated: list[str] = []
    for owner in services or owners:
        database = building.open_database(settings, owner, clock)
        while True:
            try:
                building.migrate_all([database])
                break
            except errors.Unavailable:
                if time.monotonic() >= until:
                    raise
                time.sleep(1)
        database.dispose()
        migrated.append(owner)
        if not as_json:
            click.echo(f"{owner}: at the newest migration")
    if as_json:
        click.echo(json.dumps({"migrated": migrated}))
