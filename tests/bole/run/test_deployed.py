"""Every role as a process of its own, on RabbitMQ and PostgreSQL, with something taken away."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bole.run.building import owners
from bole.testing.suite import Suite, deployed_suite
from tests.servers import RabbitServer


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitServer]:
    with RabbitServer() as server:
        yield server


@pytest.fixture(scope="module")
def suite(
    tmp_path_factory: pytest.TempPathFactory, broker: RabbitServer, new_database: Callable[..., str]
) -> Iterator[Suite]:
    folder = tmp_path_factory.mktemp("deployed")
    urls = {owner: new_database() for owner in owners()}
    with deployed_suite(folder, amqp_url=broker.url(), database_urls=urls) as running:
        yield running


def open_cycle(suite: Suite, year: int) -> httpx.Response:
    return suite.client("supervision.officer").post("/api/v1/supervision/cycles", json={"year": year})


def processes(suite: Suite, role: str) -> list[int]:
    """The processes of a role that the supervisor started."""
    found = subprocess.run(
        ["ps", "--ppid", str(suite.process.pid), "-o", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split(None, 1) for line in found.stdout.splitlines()]
    return [int(pid) for pid, arguments in lines if arguments.endswith(f"run {role}")]


def test_a_command_over_the_door_reaches_its_service(suite: Suite) -> None:
    answer = open_cycle(suite, 2021)
    assert answer.status_code == 201
    assert answer.json()["position"].startswith("supervision:")


def test_a_role_that_is_killed_is_started_again(suite: Suite) -> None:
    (before,) = processes(suite, "supervision")
    os.kill(before, signal.SIGKILL)
    suite.wait_until(lambda: processes(suite, "supervision") not in ([], [before]))
    suite.wait_until(lambda: open_cycle(suite, 2022).status_code in (201, 409), seconds=60)


def test_two_processes_of_a_role_share_its_commands_and_one_covers_the_other(suite: Suite) -> None:
    second = suite.run("run", "supervision")
    try:
        started = f'"process": {second.pid}, "event": "role started"'
        suite.wait_until(lambda: started in suite.log_end(200))
        officer = suite.client("supervision.officer")
        key = {"Idempotency-Key": str(uuid4()), "Prefer": "wait=2"}

        def opened() -> bool:
            cycles = "/api/v1/supervision/cycles"
            return officer.post(cycles, json={"year": 2023}, headers=key).status_code == 201

        (first,) = processes(suite, "supervision")
        os.kill(first, signal.SIGKILL)
        suite.wait_until(opened, seconds=10)
    finally:
        second.terminate()
        assert second.wait(60) == 0


def test_without_the_broker_commands_are_refused_and_reads_go_on(suite: Suite, broker: RabbitServer) -> None:
    officer = suite.client("supervision.officer")
    broker.kill()
    refused = suite.wait_until(
        lambda: (
            (answer := officer.post("/api/v1/supervision/cycles", json={"year": 2024})).status_code == 503
            and answer
        )
    )
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["code"] == "unavailable"
    assert officer.get("/api/v1/people").status_code == 200
    broker.start()
    suite.wait_until(lambda: open_cycle(suite, 2024).status_code in (201, 409), seconds=60)


def test_told_to_stop_every_role_ends(suite: Suite) -> None:
    names = ("supervision", "training", "projector", "door")
    roles = [pid for name in names for pid in processes(suite, name)]
    assert len(roles) == 4
    assert suite.stop() == 0
    assert [pid for pid in roles if Path(f"/proc/{pid}").exists()] == []
