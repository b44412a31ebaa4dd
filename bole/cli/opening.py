"""Opening the databases of a suite from the command line, without starting it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from bole.config import CannotStart, read_settings
from bole.run import building
from bole.run.installation import contract_packages, import_contracts
from bole.store.database import Database

var_option = click.option(
    "--var",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder of the embedded suite. Default: BOLE_VAR, else ./var.",
)


@contextmanager
def databases(var: Path | None, names: Sequence[str] = ()) -> Iterator[list[Database]]:
    """The databases of these services, or of all and the gateway.

    Raises:
        click.BadParameter: there is no such service.
        CannotStart: there is no suite in the data folder.
    """
    settings = read_settings(var=var)
    owners = building.owners()
    unknown = sorted(set(names) - set(owners))
    if unknown:
        raise click.BadParameter(f"There is no service {unknown[0]!r}. Known are: {', '.join(owners)}.")
    import_contracts(contract_packages())
    clock = building.make_clock(settings)
    opened = []
    for owner in names or owners:
        url = settings.database_url(owner)
        file = url.removeprefix("sqlite:///")
        if file != url and not Path(file).exists():
            raise CannotStart(
                f"There is no {file}. Start a suite with 'bole up', or name its data folder with --var."
            )
        opened.append(building.open_database(settings, owner, clock))
    try:
        yield opened
    finally:
        for database in opened:
            database.dispose()
