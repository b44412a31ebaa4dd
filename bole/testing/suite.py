"""A whole suite as processes of its own, for tests that see it as its users do: over HTTP.

    with embedded_suite(tmp_path) as suite:
        suite.client("training.officer").get("/api/v1/worklist")
        suite.move_clock(days=11)

    with deployed_suite(tmp_path, amqp_url=..., database_urls={"training": ..., "gateway": ...}) as suite:
        ...

The clock of all its processes is moved by one file. Accounts are those of a first start: two officers of
every service and one of each other role.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

READY_WITHIN_SECONDS = 120  # cold and on two busy cores; a warm start takes 3 to 15 s
STOP_WITHIN_SECONDS = 40
LOOK_SECONDS = 0.1


class NotReady(Exception):
    """The suite ended or did not get ready; shows the end of its log."""


@dataclass
class Suite:
    """One running suite.

    Attributes:
        base_url: of the door.
        folder: its data folder.
        process: the suite, or the supervisor of its roles.
        log_file: what it wrote to standard output and standard error.
    """

    base_url: str
    folder: Path
    process: subprocess.Popen[bytes]
    log_file: Path
    clock_file: Path
    environment: dict[str, str]

    @property
    def accounts_file(self) -> Path:
        """The accounts of the first start, as JSON; readable by the owner only."""
        return self.folder / "accounts.txt"

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """`{"account", "password", "roles"}` of every account made at the first start."""
        found: list[dict[str, Any]] = json.loads(self.accounts_file.read_text("utf-8"))["accounts"]
        return found

    def client(self, role: str, *, number: int = 1) -> httpx.Client:
        """A client signed in as the account of a role; officers have a second one under `number=2`."""
        holders = [one for one in self.accounts if role in one["roles"]]
        account = holders[number - 1]
        client = httpx.Client(base_url=self.base_url, timeout=30)
        signed_in = client.post(
            "/api/v1/tokens", json={"account": account["account"], "password": account["password"]}
        )
        signed_in.raise_for_status()
        client.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
        return client

    def move_clock(self, *, days: float = 0, seconds: float = 0) -> None:
        """Move the clock of all its processes on. Tokens expire with it: take a new client afterwards."""
        moved = float(self.clock_file.read_text("ascii") or 0) + days * 86_400 + seconds
        beside = self.clock_file.with_suffix(".new")
        beside.write_text(str(moved), "ascii")
        beside.replace(self.clock_file)

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start another `bole` process with the settings of this suite (one more role, a command)."""
        with self.log_file.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "bole.cli.main", *arguments],
                env={name: value for name, value in self.environment.items() if name != "BOLE_HEALTH_PORT"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, holds: Callable[[], Any], *, seconds: float = 30) -> Any:
        """The first true value that `holds` gives. Raises NotReady when none comes in time."""
        until = time.monotonic() + seconds
        while True:
            if value := holds():
                return value
            if time.monotonic() > until:
                raise NotReady(f"It did not come true within {seconds} s.\n{self.log_end()}")
            time.sleep(LOOK_SECONDS)

    def log_end(self, lines: int = 40) -> str:
        """The last lines of the log."""
        text = self.log_file.read_text("utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self) -> int:
        """Stop it as Ctrl-C would; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


@contextmanager
def embedded_suite(folder: Path, *, demo: bool = False, **settings: str) -> Iterator[Suite]:
    """A suite in one process on a free port, its data under `folder`; ready when the block begins.

    Args:
        demo: load the demo county at the first start.
        settings: by name in the environment, without `BOLE_`: `log_level="debug"`.
    """
    with _running(folder, ["up", *(["--demo"] if demo else [])], settings) as suite:
        yield suite


@contextmanager
def deployed_suite(
    folder: Path, *, amqp_url: str, database_urls: Mapping[str, str], **settings: str
) -> Iterator[Suite]:
    """A suite of one process per role; needs a database for every service and for `gateway`."""
    urls = {f"{owner}_database_url": url for owner, url in database_urls.items()}
    settings = {**settings, **urls, "amqp_url": amqp_url, "health_port": str(_free_ports(len(urls) + 1))}
    with _running(folder, ["up", "--deployed"], settings) as suite:
        suite.wait_until(lambda: "Bole is ready" in suite.log_file.read_text("utf-8"), seconds=60)
        yield suite


@contextmanager
def _running(folder: Path, arguments: list[str], settings: Mapping[str, str]) -> Iterator[Suite]:
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    clock_file = folder / "clock"
    if not clock_file.exists():
        clock_file.write_text("0", "ascii")
    var = folder / "var"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOLE_")}
    environment |= {
        "BOLE_ENVIRONMENT": "test",
        "BOLE_CLOCK_FILE": str(clock_file),
        "BOLE_VAR": str(var),
        "BOLE_PORT": str(port),
    }
    environment |= {f"BOLE_{name.upper()}": value for name, value in settings.items()}
    log_file = folder / "suite.log"
    with log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "bole.cli.main", *arguments],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its Ctrl-C is ours to send
        )
    suite = Suite(f"http://127.0.0.1:{port}", var, process, log_file, clock_file, environment)
    try:
        _wait_until_ready(suite)
        yield suite
    finally:
        suite.stop()


def _wait_until_ready(suite: Suite) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        if suite.process.poll() is not None:
            raise NotReady(f"It ended with exit code {suite.process.returncode}.\n{suite.log_end()}")
        if ready(suite.base_url):
            return
        if time.monotonic() > until:
            raise NotReady(f"It was not ready within {READY_WITHIN_SECONDS} s.\n{suite.log_end()}")
        time.sleep(LOOK_SECONDS)


def ready(base_url: str) -> bool:
    """Whether /readyz of a process says so."""
    try:
        return httpx.get(f"{base_url}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _free_ports(count: int) -> int:
    """The first of `count` ports in a row that nobody listens on now."""
    while True:
        first = free_port()
        try:
            for port in range(first, first + count):
                with socket.socket() as trial:
                    trial.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            continue
        return first


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
