"""The limits of the embedded suite, measured on a suite of its own: `python -m bench.spine [--json]`.

Ready, idle load, a roster of 6,000 rows, and 6,000 results until all that follows is visible in dossiers.
Results are entered before the clock starts; the last figure runs from the first confirmation to the last
hop, as a client sees it. Figures depend on the machine; the limits are for two cores.
"""

from __future__ import annotations

import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from bole.client import Client, read_accounts
from bole.testing.suite import Suite, embedded_suite
from demo.people import Official, officials
from demo.workbooks import write_roster

ROWS = 6_000
IDLE_SECONDS = 20
FAILS_EVERY = 20  # one in so many fails, as a bad year may have
CYCLES = "/api/v1/supervision/cycles"
ROSTER = "/api/v1/selection/roster/imports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing measured, and what it must not exceed."""

    what: str
    value: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        return self.value <= self.limit


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--rows", default=ROWS, show_default=True, help="People, and results.")
def main(as_json: bool, rows: int) -> None:
    """Measure the embedded suite. Exit code 1 when a limit was not kept."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="bole-bench-") as name:
        folder = Path(name)
        figures.append(ready(folder / "ready"))
        with embedded_suite(folder / "suite", log_level="warning") as suite:
            figures += idle(suite)
            people = county(rows)
            figures.append(roster(suite, people, folder / "roster.xlsx"))
            figures += assessment(suite, people)
    if as_json:
        click.echo(json.dumps({"machine": machine(), "figures": [asdict(one) for one in figures]}, indent=2))
    else:
        click.echo(f"{machine()['cores']} cores, Python {machine()['python']}, {rows} rows")
        for one in figures:
            verdict = "" if one.kept else "   NOT KEPT"
            click.echo(f"{one.what:<58} {one.value:>9.2f} {one.unit:<4} limit {one.limit:g}{verdict}")
    if not all(one.kept for one in figures):
        raise SystemExit(1)


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}


def ready(folder: Path) -> Figure:
    """From the command to /readyz, with databases and accounts already made."""
    with embedded_suite(folder, log_level="warning"):
        pass
    began = time.perf_counter()
    with embedded_suite(folder, log_level="warning"):
        took = time.perf_counter() - began
    return Figure(what="ready (second start)", value=took, limit=5, unit="s")


def idle(suite: Suite) -> list[Figure]:
    """What it takes while nobody asks anything."""
    time.sleep(3)  # the first start's own work is done
    before = cpu_seconds(suite)
    time.sleep(IDLE_SECONDS)
    share = (cpu_seconds(suite) - before) / IDLE_SECONDS * 100
    return [
        Figure(what="idle: processor", value=share, limit=2, unit="%"),
        Figure(what="idle: memory", value=memory_mb(suite), limit=300, unit="MB"),
    ]


def county(rows: int) -> list[Official]:
    """The demo county, over and over, with numbers of their own."""
    known = officials()
    again = ((place, known[place % len(known)]) for place in range(rows))
    return [replace(one, number=f"{place + 1:06}", unit=f"{one.unit}{place // 600}") for place, one in again]


def roster(suite: Suite, people: list[Official], file: Path) -> Figure:
    """The import of a workbook, from the request to the finished job."""
    write_roster(people, file)
    officer = by(suite, "selection.officer.1")
    job: dict[str, Any] = {}
    took = timed(lambda: job.update(officer.send_file(ROSTER, file)))
    assert job["counts"]["new"] == len(people), job["counts"]
    caught_up = timed(lambda: officer.get_at_least(job["position"], "/api/v1/people", within_seconds=300))
    click.echo(f"(the read model had them {caught_up:.1f} s later)", err=True)
    return Figure(what=f"roster of {len(people)} rows imported", value=took, limit=10, unit="s")


def assessment(suite: Suite, people: list[Official]) -> list[Figure]:
    """Results entered, then confirmed, until the last consequence is visible."""
    enters, confirms = by(suite, "supervision.officer.1"), by(suite, "supervision.officer.2")
    chance = random.Random(1)  # noqa: S311 - a plausible spread needs no secrecy
    year = time.localtime().tm_year - 1
    cycle = enters.post(CYCLES, {"year": year})["id"]
    head = (
        by(suite, "selection.officer.1").send("GET", "/api/v1/people", params={"limit": 1}).headers["As-Of"]
    )
    position = next(part for part in head.replace('"', "").split(",") if part.strip().startswith("selection"))
    enters.get_at_least(position.strip(), f"{CYCLES}/{cycle}", within_seconds=300)
    rows = [result(one, place, chance) for place, one in enumerate(people)]
    job: dict[str, Any] = {}
    entered = timed(lambda: job.update(enters.post_rows(f"{CYCLES}/{cycle}/results", rows)))
    assert job["counts"]["error"] == 0, job["errors"][:3]
    failed = -(-len(people) // FAILS_EVERY)

    def until_visible() -> None:
        while confirms.post(f"{CYCLES}/{cycle}/confirmations", {"all": True})["remaining"]:
            pass
        auditor = by(suite, "auditor")
        while not all(followed(auditor, len(people), failed)):
            time.sleep(0.25)

    visible = timed(until_visible)
    return [
        Figure(what=f"{len(people)} results entered", value=entered, limit=60, unit="s"),
        Figure(
            what=f"confirmed, and {failed} failures followed everywhere", value=visible, limit=60, unit="s"
        ),
        Figure(what="both together", value=entered + visible, limit=60, unit="s"),
    ]


def result(one: Official, place: int, chance: random.Random) -> dict[str, Any]:
    """Item scores of one person as a row."""
    middle = 55 if place % FAILS_EVERY == 0 else chance.randint(78, 88)
    items = ("virtue", "ability", "diligence", "achievement", "integrity")
    return {"number": one.number, **{item: middle + chance.randint(-2, 2) for item in items}}


def followed(auditor: Client, results: int, failed: int) -> list[bool]:
    """Whether the units show as many results, bars, trainings and talks as there are to be."""
    states: dict[str, int] = {}
    for unit in auditor.pages("/api/v1/units", limit=200):
        counted = auditor.get(f"/api/v1/units/{unit['unit_id']}")["states"]
        for service, lists in counted.items():
            for name, by_state in lists.items():
                states[f"{service}.{name}"] = states.get(f"{service}.{name}", 0) + sum(by_state.values())
    return [
        states.get("supervision.results", 0) >= results,
        states.get("selection.bars", 0) >= 2 * failed,  # the assessment, and the training that is open
        states.get("training.remedials", 0) >= failed,
        states.get("care.talks", 0) >= failed,
    ]


def by(suite: Suite, account: str) -> Client:
    return Client(suite.base_url, account, read_accounts(suite.accounts_file)[account], within_seconds=120)


def timed(do: Callable[[], Any]) -> float:
    """Seconds."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def cpu_seconds(suite: Suite) -> float:
    """Processor time of the suite so far."""
    fields = Path(f"/proc/{suite.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(suite: Suite) -> float:
    """Resident memory of the suite."""
    for line in Path(f"/proc/{suite.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")


if __name__ == "__main__":
    main()
