"""`bole run ROLE`: one role as this process; what the command of an image is."""

from __future__ import annotations

import click

from bole.config import CannotStart, read_settings


@click.command()
@click.argument("role")
def command(role: str) -> None:
    """Run one ROLE: the door, the projector, or a service by its name.

    \b
    bole run training
    bole run door

    Needs BOLE_AMQP_URL, BOLE_<SERVICE>_DATABASE_URL of that role (BOLE_GATEWAY_DATABASE_URL for door and
    projector) and a migrated database. Several processes of a role share its work. It waits for the
    database and the broker, and says so in the log and in /readyz (BOLE_HEALTH_PORT; the door answers on
    its own port). SIGTERM: what was begun is finished first.
    """
    settings = read_settings()
    if not settings.deployed:
        raise CannotStart("A role by itself needs RabbitMQ: set BOLE_AMQP_URL, or use 'bole up'.")
    if role == "door":
        from bole.log import configure
        from bole.run.door import serve

        configure(role, settings.log_level)
        serve(settings)
        return
    from bole.run.green import patch

    patch()
    from bole.log import configure
    from bole.run.runtime import role as run_role

    configure(role, settings.log_level)
    run_role(role, settings)
