"""`bole up`: the whole suite, in one process or as one process per role."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bole.config import CannotStart, Settings, read_settings

if TYPE_CHECKING:
    from bole.run.installation import Installation


@click.command()
@click.option("--deployed", is_flag=True, help="One process per role, on RabbitMQ and PostgreSQL.")
@click.option("--demo", is_flag=True, help="Load the demo county at the very first start.")
@click.option("--host", help="Where the door listens.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Its port; 0 takes a free one.  [default: 8080]")
@click.option("--var", type=click.Path(path_type=Path), help="Data folder.  [default: var]")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="[default: info]")
def command(
    deployed: bool, demo: bool, host: str | None, port: int | None, var: Path | None, log_level: str | None
) -> None:
    """Start the suite; Ctrl-C stops it cleanly.

    \b
    bole up                   one process, SQLite files under ./var, no broker
    bole up --port 9000       the same, on another port
    bole up --deployed        every role as a process of its own, restarted when it dies;
                              needs BOLE_AMQP_URL and BOLE_<SERVICE>_DATABASE_URL, for
                              every service and for the gateway

    Prints where to go once everything answers. Logs go to standard error.
    """
    settings = read_settings(host=host, port=port, var=var, log_level=log_level)
    if deployed:
        if not settings.deployed:
            raise CannotStart(
                "--deployed needs RabbitMQ: set BOLE_AMQP_URL (amqp://user:password@host/vhost)."
            )
        from bole.run import supervise

        supervise.supervise(settings, on_ready=lambda url: say_ready(settings, url))
        return
    if settings.deployed:
        raise CannotStart(
            "BOLE_AMQP_URL is set, but the suite in one process uses no broker. Unset it, or use --deployed."
        )
    from bole.run.green import patch

    patch()
    from bole.log import configure
    from bole.run.runtime import embedded

    configure("suite", settings.log_level)

    def load_demo(installation: Installation, base_url: str) -> None:
        for point in entry_points(group="bole.demo", name="load"):
            point.load()(base_url, installation.settings.accounts_file)

    embedded(
        settings,
        on_ready=lambda installation, base_url: say_ready(installation.settings, base_url),
        on_first_start=load_demo if demo else None,
    )


def say_ready(settings: Settings, base_url: str) -> None:
    """Tell a person where to go."""
    where = "one process per role" if settings.deployed else f"data in {settings.var}"
    click.echo(f"Bole is ready: {base_url}  (county {settings.county}, {where})")
    click.echo(f"  documentation  {base_url}/docs")
    click.echo(f"  accounts       {settings.accounts_file}")
    click.echo("Ctrl-C stops it.")
