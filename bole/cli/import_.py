"""`bole import`: a workbook into a running suite, over HTTP like any other client."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from bole.calls import Call
from bole.cli.opening import var_option
from bole.client import Client, read_accounts
from bole.config import read_settings
from bole.run.installation import contract_packages

ERRORS_PRINTED = 20
PARAMETER = re.compile(r"{([a-z_]+)}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kind", required=True, help="What the file holds: roster, results.")
@click.option("--base-url", default="http://127.0.0.1:8080", show_default=True, help="Where the suite is.")
@click.option("--account", help="Who imports. Default: the first officer of the service that takes the file.")
@click.option(
    "--accounts", type=click.Path(path_type=Path), help="File with passwords. Default: in the data folder."
)
@click.option("--set", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter of the path.")
@click.option("--dry-run", is_flag=True, help="Check every row and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the finished job as JSON.")
@var_option
def command(
    file: Path,
    kind: str,
    base_url: str,
    account: str | None,
    accounts: Path | None,
    parameters: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    var: Path | None,
) -> None:
    """Import an .xlsx or .csv. Good rows go in, bad rows are listed with row, column and reason.

    The password is asked for, unless the accounts file knows it. Exit code 1 when a row was refused.

    \b
    Examples:
      $ bole import roster.xlsx --kind roster
      $ bole import roster.xlsx --kind roster --dry-run
      $ bole import results.xlsx --kind results --set cycle_id=0193c1a4-7b1e-7c52-9d3c-2f6f0a1f5e11
    """
    call = _sheets().get(kind)
    if call is None:
        raise click.BadParameter(f"There is no kind {kind!r}. Known are: {', '.join(sorted(_sheets()))}.")
    path = _path(call, parameters)
    name = account or f"{call.service}.officer.1"
    client = Client(base_url, name, _password(name, accounts or read_settings(var=var).accounts_file))
    with _progress(file.name) as on_progress:
        query = {"dry_run": "true"} if dry_run else {}
        job = client.send_file(path, file, on_progress=on_progress, **query)
    click.echo(json.dumps(job, ensure_ascii=False, indent=2) if as_json else _told(job))
    if job["state"] != "done" or job["counts"]["error"]:
        raise click.exceptions.Exit(1)


def _sheets() -> dict[str, Call]:
    """The calls that take a sheet, by the sheet's name."""
    found: dict[str, Call] = {}
    for package in contract_packages():
        for declared in vars(importlib.import_module(f"{package}.calls")).values():
            if isinstance(declared, Call) and declared.sheet is not None:
                found[declared.sheet.name] = declared
    return found


def _path(call: Call, parameters: tuple[str, ...]) -> str:
    given = dict(one.partition("=")[::2] for one in parameters)
    wrong = set(given) ^ set(call.parameters)
    if wrong:
        needed = ", ".join(f"--set {name}=..." for name in call.parameters) or "no --set"
        raise click.BadParameter(f"{call.path} needs {needed}.")
    return PARAMETER.sub(lambda found: given[found[1]], call.path)


def _password(account: str, accounts_file: Path) -> str:
    passwords = read_accounts(accounts_file) if accounts_file.exists() else {}
    if account in passwords:
        return passwords[account]
    given: str = click.prompt(f"Password of {account}", hide_input=True, err=True)
    return given


@contextmanager
def _progress(label: str) -> Iterator[Callable[[dict[str, Any]], None] | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda job: bar.update(task, completed=job["done"], total=job["total"])


def _told(job: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in job["counts"].items())
    lines = [f"{job['total']} rows: {counts}" + (" (dry run: nothing was changed)" if job["dry_run"] else "")]
    for error in job["errors"][:ERRORS_PRINTED]:
        place = f"row {error['row']}" + (f", {error['column']}" if error.get("column") else "")
        lines.append(f"  {place}: {error['reason']}")
    if len(job["errors"]) > ERRORS_PRINTED:
        lines.append(f"  ... and {len(job['errors']) - ERRORS_PRINTED} more; see --json")
    return "\n".join(lines)
