"""A role whose database or broker is away at the start waits, says so, and can be stopped meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bole.testing.suite import free_port

PATIENCE_SECONDS = 60
NOBODY = "127.0.0.1:1"


@contextmanager
def running(role: str, folder: Path, **environment: str) -> Iterator[tuple[str, Path]]:
    """A role alone; gives where its health is, and its log. Must end well when told to."""
    port = str(free_port())
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BOLE_")}
    mine = {"BOLE_AMQP_URL": f"amqp://{NOBODY}", "BOLE_VAR": str(folder / "var")}
    mine |= {"BOLE_PORT" if role == "door" else "BOLE_HEALTH_PORT": port}
    log = folder / "role.log"
    command = [sys.executable, "-m", "bole.cli.main"]
    subprocess.run([*command, "migrate", "--var", str(folder / "var")], env=plain, cwd=folder, check=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "run", role], env=plain | mine | environment, stderr=output, start_new_session=True
        )
    try:
        yield f"http://127.0.0.1:{port}", log
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def asked(url: str) -> httpx.Response:
    """The answer, as soon as somebody listens."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return httpx.get(url, timeout=5)
        except httpx.TransportError:
            assert time.monotonic() < until, f"nobody listens at {url}"


def missing(url: str, what: str) -> dict[str, Any]:
    """What /readyz misses, once it misses `what`."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = asked(f"{url}/readyz")
        found: dict[str, Any] = answer.json()["missing"]
        if what in found:
            assert answer.status_code == 503
            return found
        assert time.monotonic() < until, f"{what} is not missed, but {found}"


@pytest.mark.parametrize("role", ["training", "door"])
def test_a_role_waits_for_its_database(role: str, tmp_path: Path) -> None:
    owner = "gateway" if role == "door" else role
    away = {f"BOLE_{owner.upper()}_DATABASE_URL": f"postgresql+psycopg://bole@{NOBODY}/bole"}
    with running(role, tmp_path, **away) as (url, log):
        assert "away" in missing(url, f"database of {owner}")[f"database of {owner}"]
        assert asked(f"{url}/livez").json() == {"alive": True}
        assert asked(f"{url}/metrics").status_code == 200
        if role == "door":
            assert asked(f"{url}/api/v1/people").status_code == 503
        assert log.read_text("utf-8").count("database not reached") == 1


def test_a_role_waits_for_the_broker(tmp_path: Path) -> None:
    there = {"BOLE_TRAINING_DATABASE_URL": f"sqlite:///{tmp_path}/var/training.sqlite"}
    with running("training", tmp_path, **there) as (url, log):
        assert missing(url, "calls of training") == {"calls of training": "The broker is not reached yet."}
        assert log.read_text("utf-8").count('"event": "broker not reached", "service": "training"') <= 1
