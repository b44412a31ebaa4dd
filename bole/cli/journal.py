"""`bole journal`: what a service wrote down, entry by entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bole.cli.opening import databases, var_option
from bole.journal import journal
from bole.journal.envelope import Envelope


@click.command("journal")
@click.argument("service")
@click.option("--after", type=click.IntRange(0), default=0, help="Begin after this position.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many."
)
@click.option("--payload", is_flag=True, help="Also what the entries say. Contains personal data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@var_option
def command(service: str, after: int, limit: int, payload: bool, as_json: bool, var: Path | None) -> None:
    """The journal of a service: who did what, when, and from which cause.

    What an entry says is left out unless asked for, since it is about people. Private and redacted
    entries show their place and nothing else.

    \b
    Examples:
      $ bole journal supervision
      $ bole journal training --after 120 --limit 10 --json
    """
    with databases(var, [service]) as [database], database.reading() as session:
        entries = journal.read(session, database, after=after, limit=limit)
    for entry in entries:
        one = _shown(entry, payload=payload)
        if as_json:
            click.echo(json.dumps(one, ensure_ascii=False))
        else:
            click.echo(
                f"{one['position']:>8}  {one['time']:<25}  {one['type']:<38}  {one['actor']:<22}"
                f"  {', '.join(one['subjects'])}"
                + (f"\n{'':>10}{json.dumps(one['payload'], ensure_ascii=False)}" if payload else "")
            )
    if not entries and not as_json:
        click.echo(f"{service} has no entry after position {after}.")


def _shown(entry: Envelope, *, payload: bool) -> dict[str, Any]:
    if entry.is_stub:
        header: dict[str, Any] = {"time": "", "actor": "", "subjects": [], "cause": None}
    else:
        header = {
            "time": entry.time.isoformat(timespec="seconds"),
            "actor": entry.actor,
            "subjects": list(entry.subjects),
            "cause": str(entry.cause) if entry.cause else None,
        }
    said = {"payload": json.loads(entry.payload) if entry.payload else None} if payload else {}
    return {
        "position": entry.position,
        "type": entry.type,
        "id": str(entry.id),
        **header,
        "hash": entry.hash.hex(),
        **said,
    }
