"""`bole parked`: events that could not be handled, and what to do about them."""

from __future__ import annotations

import dataclasses
import getpass
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from bole.cli.opening import databases, var_option
from bole.delivery import parking
from bole.delivery.parking import ParkedGroup


@click.group("parked", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Events that could not be handled: list them, let them be tried again, or give one up.

    Later events about the same subjects wait behind a parked one; everything else flows.

    \b
    Examples:
      $ bole parked
      $ bole parked retry --all
      $ bole parked skip care 0193c1a4-... --reason "recorded twice by mistake"
    """
    if context.invoked_subcommand is None:
        context.invoke(list_parked, as_json=False, var=None)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@var_option
def list_parked(as_json: bool, var: Path | None) -> None:
    """What is parked, grouped by the failure behind it.

    \b
    Example:
      $ bole parked list --json
    """
    with databases(var) as opened:
        found = [(database.service, group) for database in opened for group in parking.grouped(database)]
    if as_json:
        click.echo(json.dumps([_group(*one) for one in found], indent=2))
        return
    if not found:
        click.echo("Nothing is parked.")
    for service, group in found:
        failed = f"{len(group.events)} failed ({', '.join(group.states)}), {group.behind} wait behind"
        click.echo(f"{service}: {failed}, since {group.since:%Y-%m-%d %H:%M}")
        click.echo(f"  {group.error} at {group.place}" if group.place else f"  {group.error}")
        if group.message:
            click.echo(f"  {group.message}")
        click.echo(f"  group {group.fingerprint}")
        for one in group.events[:10]:
            click.echo(f"    {one.event}  {one.type}  {one.source}:{one.position}  tried {one.tries} times")


@command.command()
@click.argument("service", required=False)
@click.option("--event", type=click.UUID, help="Only this event.")
@click.option("--subject", help="Only events about this subject.")
@click.option("--group", "fingerprint", help="Only failures of this group, see 'bole parked list'.")
@click.option("--all", "everything", is_flag=True, help="Everything that failed.")
@var_option
def retry(
    service: str | None,
    event: UUID | None,
    subject: str | None,
    fingerprint: str | None,
    everything: bool,
    var: Path | None,
) -> None:
    """Let what failed be tried again now, in one service or in all.

    \b
    Examples:
      $ bole parked retry --all
      $ bole parked retry care --subject 0193c1a4-7b1e-7c52-9d3c-2f6f0a1f5e11
    """

    def release(database: Any) -> int:
        return parking.retry(
            database,
            by=_operator(),
            event=event,
            subject=subject,
            fingerprint=fingerprint,
            everything=everything,
        )

    click.echo(f"{_each(var, service, release)} released; a running suite tries them within seconds.")


@command.command()
@click.argument("service")
@click.argument("event", type=click.UUID)
@click.option("--reason", required=True, help="Why it must not take effect here; kept in the journal.")
@var_option
def skip(service: str, event: UUID, reason: str, var: Path | None) -> None:
    """Give one parked event up, for a reason. What waits behind it goes on.

    \b
    Example:
      $ bole parked skip care 0193c1a4-7b1e-7c52-9d3c-2f6f0a1f5e11 --reason "recorded twice by mistake"
    """
    skipped = _each(
        var, service, lambda database: parking.skip(database, event, reason=reason, by=_operator())
    )
    if not skipped:
        raise click.ClickException(f"{service} has no parked event {event}.")
    click.echo("Skipped.")


def _each(var: Path | None, service: str | None, do: Callable[[Any], int]) -> int:
    with databases(var, [service] if service else []) as opened:
        return sum(do(database) for database in opened)


def _operator() -> str:
    return f"operator:{getpass.getuser()}"


def _group(service: str, group: ParkedGroup) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(group), default=str))
    return {"service": service} | plain
