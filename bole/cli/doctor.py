"""`bole doctor`: is this machine, with these settings, fit to run the suite?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from bole import errors
from bole.config import CannotStart, Settings, read_settings

OLDEST, BEYOND = (3, 11), (3, 14)
PROVE_SECONDS = 60

# Eight sleeps of 0.5 s in the database, at once in one green process: about 0.5 s when psycopg yields,
# 4 s when it blocks the process.
COOPERATION = """
from bole.run.green import patch
patch()
import os, time, eventlet, psycopg
url = os.environ["BOLE_DOCTOR_URL"]
def sleep():
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_sleep(0.5)")
began = time.monotonic()
for thread in [eventlet.spawn(sleep) for _ in range(8)]:
    thread.wait()
print(time.monotonic() - began)
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `says` is what is there, or what is wrong and what to do."""

    check: str
    well: bool
    says: str


@click.command()
@click.option("--var", type=click.Path(path_type=Path), help="Data folder.  [default: var]")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(var: Path | None, as_json: bool) -> None:
    """Check Python, databases, broker, keys, packs and clocks, one line each.

    \b
    bole doctor
    bole doctor --json | jq '.[] | select(.well | not)'

    Changes nothing. Exits with 1 when something is wrong, and says what to do about it.
    """
    from bole.log import configure

    configure("doctor", "error")
    findings: list[Finding] = []
    for finding in examine(read_settings(var=var)):
        findings.append(finding)
        if not as_json:
            mark = click.style("ok   ", fg="green") if finding.well else click.style("WRONG", fg="red")
            click.echo(f"{mark} {finding.check}: {finding.says}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    if not all(finding.well for finding in findings):
        raise SystemExit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which one would repair things."""
    yield _python()
    mode = "one process per role" if settings.deployed else "one process"
    yield Finding("settings", True, f"county {settings.county}, {mode}, data in {settings.var}")
    yield from _checked("packs", lambda: _packs(settings))
    yield from _checked("keys", lambda: _keys(settings))
    if settings.amqp_url is not None:
        yield from _checked("broker", lambda: _broker(settings))
    yield from _databases(settings)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if not OLDEST <= sys.version_info[:2] < BEYOND:
        return Finding("python", False, f"{version}; use 3.11, 3.12 or 3.13")
    return Finding("python", True, version)


def _checked(check: str, ask: Callable[[], str]) -> Iterator[Finding]:
    try:
        yield Finding(check, True, ask())
    except errors.BoleError as problem:
        yield Finding(check, False, problem.message)
    except RuntimeError as problem:
        yield Finding(check, False, str(problem))


def _packs(settings: Settings) -> str:
    from bole.run.building import read_policies

    packs = read_policies(settings).packs
    return ", ".join(f"{name} {pack.version}" for name, pack in sorted(packs.items()))


def _keys(settings: Settings) -> str:
    from bole.run.building import read_keys

    private = settings.private_key_file
    if not private.exists() and not settings.public_key_file.exists():
        return f"none yet; the first start (or 'bole migrate') makes {private}"
    read_keys(settings, signing=private.exists(), make=False)
    if not private.exists():
        return f"{settings.public_key_file} (the private one is the door's)"
    mode = private.stat().st_mode & 0o077
    if mode:
        raise CannotStart(f"Others can read {private}. Run: chmod 600 {private}")
    return f"{private} and {settings.public_key_file}"


def _broker(settings: Settings) -> str:
    from kombu.connection import Connection

    try:
        with Connection(settings.amqp_url, connect_timeout=5) as connection:
            connection.connect()
            server = connection.connection.server_properties
    except Exception as problem:
        raise errors.Unavailable(
            f"not reached ({type(problem).__name__}: {problem}). Check BOLE_AMQP_URL and that it runs."
        ) from problem
    version = str(server.get("version", ""))
    if version and tuple(map(int, version.split(".")[:2])) < (3, 10):
        raise CannotStart(f"{server.get('product')} {version}; use 3.10 or later")
    return f"{server.get('product')} {version}"


def _databases(settings: Settings) -> Iterator[Finding]:
    from bole.run import building
    from bole.store.database import Database

    green_checked = False
    for owner in building.owners():
        check = f"database of {owner}"
        try:
            url = settings.database_url(owner)
        except CannotStart as problem:
            yield Finding(check, False, problem.message)
            continue
        if url.startswith("sqlite") and not (settings.var / f"{owner}.sqlite").exists():
            yield Finding(check, True, "none yet; the first start makes it")
            continue
        clock = building.make_clock(settings)
        database = building.open_database(settings, owner, clock)
        skew: list[float] = []

        def well(database: Database = database, skew: list[float] = skew) -> str:
            building.check_database(database)
            skew.append(database.follow_clock())
            kind = "SQLite" if database.is_sqlite else "PostgreSQL"
            return f"{kind}, at its newest migration, journal {database.journal_id}"

        yield from _checked(check, well)
        if skew and abs(skew[0]) > 2:
            says = f"differs by {skew[0]:.1f} s from the database of {owner}. Set the machine's time (NTP)."
            yield Finding("clock", False, says)
        if skew and not database.is_sqlite and not green_checked:
            green_checked = True
            yield from _checked("waiting for PostgreSQL", lambda url=url: _cooperation(url))  # type: ignore[misc]
        database.dispose()


def _cooperation(url: str) -> str:
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    proof = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", COOPERATION],
        env={**os.environ, "BOLE_DOCTOR_URL": plain},
        capture_output=True,
        text=True,
        timeout=PROVE_SECONDS,
        check=False,
    )
    if proof.returncode:
        raise errors.Unavailable(f"could not be tried: {proof.stderr.strip().splitlines()[-1]}")
    seconds = float(proof.stdout)
    if seconds > 2:
        raise CannotStart(
            f"8 queries of 0.5 s took {seconds:.1f} s: psycopg blocks green processes. "
            "Is PSYCOPG_WAIT_FUNC set to something else, or psycopg older than 3.3?"
        )
    return f"8 queries of 0.5 s at once took {seconds:.1f} s"
