"""`bole up --deployed`: one process per role, restarted when it dies, stopped together.

A role that dies is started again after 1 s, then 2, 4, ... 30 s; one that lived for a minute starts
afresh. Nothing else is decided here: each role waits for its database and the broker by itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from bole.config import CannotStart, Settings
from bole.log import configure, get_log
from bole.run import building
from bole.run.installation import service_points

log = get_log(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
HEALTHY_AFTER_SECONDS = 60.0
LOOK_SECONDS = 0.2
WAIT_FOR_DATABASES_SECONDS = 3600
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass
class Role:
    """One role and its process."""

    name: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # time.monotonic()
    start_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    command: list[str] = field(default_factory=list)

    def look(self, now: float) -> None:
        """Start it when it is time; notice when it died."""
        if self.process is None:
            if now >= self.start_at:
                self.process = start(["run", self.name], self.environment)
                self.started_at = now
            return
        code = self.process.poll()
        if code is None:
            return
        if now - self.started_at >= HEALTHY_AFTER_SECONDS:
            self.pause = FIRST_PAUSE_SECONDS
        log.warning("role died", died=self.name, exit_code=code, restart_in_seconds=self.pause)
        self.process, self.start_at = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)


def supervise(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Migrate, start every role and keep it running until SIGTERM or SIGINT.

    Raises:
        CannotStart: the county has no pack, or the migration refused to run.
    """
    building.read_policies(settings)
    configure("supervisor", settings.log_level)
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.append(number))
    environment = {**os.environ, **overridden(settings)}
    migration = start(["migrate", "--wait", str(WAIT_FOR_DATABASES_SECONDS)], environment)
    while migration.poll() is None:
        if told:
            migration.terminate()
            migration.wait()
            return
        time.sleep(LOOK_SECONDS)
    if migration.returncode:
        raise CannotStart("The databases could not be migrated; the line above says why.")
    roles = [
        Role(name, _with_health_port(environment, settings, number))
        for number, name in enumerate([*service_points(), "door"])
    ]
    url = f"http://{settings.host}:{settings.port}"
    ready = False
    while not told:
        now = time.monotonic()
        for role in roles:
            role.look(now)
        if not ready and all(_answers(f"{one}/readyz") for one in [url, *_health_urls(roles, settings)]):
            ready = True
            on_ready(url)
        time.sleep(LOOK_SECONDS)
    stop(roles, settings.drain_seconds)


def overridden(settings: Settings) -> dict[str, str]:
    """Settings that the command line may have given, for the environment of the roles."""
    return {
        "BOLE_HOST": settings.host,
        "BOLE_PORT": str(settings.port),
        "BOLE_VAR": str(settings.var),
        "BOLE_LOG_LEVEL": settings.log_level,
    }


def _with_health_port(environment: dict[str, str], settings: Settings, number: int) -> dict[str, str]:
    """Each role beside the door its own port, counted up from the one that was set."""
    if not settings.health_port:
        return environment
    return {**environment, "BOLE_HEALTH_PORT": str(settings.health_port + number)}


def start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A `bole` process in a session of its own (Ctrl-C is for us), which ends when we are killed."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "bole.cli.main", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(roles: list[Role], drain_seconds: int) -> None:
    """Ask all to finish, wait, and kill what has not ended 5 s after it should have."""
    log.info("stopping")
    running = [role.process for role in roles if role.process is not None]
    for process in running:
        process.terminate()
    until = time.monotonic() + drain_seconds + 5
    for process in running:
        try:
            process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            log.warning("role killed, it did not stop", process=process.pid)
            process.kill()
            process.wait()
    log.info("stopped")


def _health_urls(roles: list[Role], settings: Settings) -> list[str]:
    """Where the roles beside the door say that they are ready; nowhere unless a port was set."""
    if not settings.health_port:
        return []
    ports = (role.environment["BOLE_HEALTH_PORT"] for role in roles if role.name != "door")
    return [f"http://{settings.host}:{port}" for port in ports]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - http, made by us
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
