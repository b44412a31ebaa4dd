"""`bole verify`: whether every journal still says what it said when it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bole.cli.opening import databases, var_option
from bole.journal.verify import Broken, verify


@click.command("verify")
@click.argument("services", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@var_option
def command(services: tuple[str, ...], as_json: bool, var: Path | None) -> None:
    """Walk the hash chain of every journal, or of those named, and say the first bad position.

    Exit code 1 when a journal was changed. A cut tail shows only against a head noted earlier, so the
    heads are printed: keep them where nobody who can write the database can reach.

    \b
    Examples:
      $ bole verify
      $ bole verify supervision training --json
    """
    found: list[dict[str, Any]] = []
    with databases(var, services) as opened:
        for database in opened:
            outcome = verify(database)
            one: dict[str, Any] = {"service": database.service, "ok": not isinstance(outcome, Broken)}
            if isinstance(outcome, Broken):
                one |= {"position": outcome.position, "what": outcome.what, "says": outcome.says}
            else:
                one |= {
                    "entries": outcome.entries,
                    "redacted": outcome.redacted,
                    "journal": str(outcome.head.journal),
                    "head": outcome.head.hash.hex(),
                }
            found.append(one)
            if not as_json:
                click.echo(_line(one))
    if as_json:
        click.echo(json.dumps(found, indent=2))
    if not all(one["ok"] for one in found):
        raise click.exceptions.Exit(1)


def _line(one: dict[str, Any]) -> str:
    if one["ok"]:
        return f"{one['service']:<12} ok   {one['entries']:>8} entries   head {one['head']}"
    return f"{one['service']:<12} BAD  position {one['position']}: {one['says']}"
