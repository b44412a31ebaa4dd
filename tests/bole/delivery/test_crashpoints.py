"""A process killed at each named place loses nothing and doubles nothing. Real processes, real SIGKILL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bole.crashpoints import PLACES
from bole.delivery import parking
from bole.identifiers import new_id
from bole.store.database import Work
from bole.store.deadlines import due
from tests.bole.delivery.dying import finish
from tests.bole.delivery.world import Noted, World, in_folder

BROKERED = {"relay.after_read", "relay.after_publish", "relay.after_confirm", "relay.after_cursor"}
BROKERED |= {"intake.after_ack"}  # only the broker is acked


def prepare(world: World) -> None:
    """Five entries, the second of them parked and released again; five more to take; one day that is over."""

    def fails(fact: Any, work: Work) -> None:
        if fact.n == 2:
            raise ValueError("a mistake")

    def remember(work: Work) -> None:
        day = work.today - timedelta(days=2)
        due(work, "reminder", subject=new_id(), on=day, ref=new_id())

    world.handle = fails
    world.announce(world.alpha, *(Noted(person=f"p{n % 3}", n=n) for n in range(1, 6)))
    world.intake.pull("alpha", 0)
    assert world.states() == [(2, "failed"), (5, "behind")]
    parking.retry(world.beta, by="operator", everything=True)
    world.announce(world.alpha, *(Noted(person=f"p{n % 3}", n=n) for n in range(6, 11)))
    world.beta.transact(remember, actor="test")


def die(urls: dict[str, str], place: str) -> int:
    """Exit code of a process of this world that is to die there; negative: the signal that ended it."""
    environment = {**os.environ, "BOLE_CRASHPOINT": place}
    command = [sys.executable, "-m", "tests.bole.delivery.dying", json.dumps(urls)]
    root = Path(__file__).parents[3]
    return subprocess.run(command, env=environment, cwd=root, timeout=120, check=False).returncode


@pytest.mark.parametrize("place", PLACES)
def test_a_process_killed_there_loses_nothing_and_doubles_nothing(
    place: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    names = ("alpha", "beta", "gamma")
    if place in BROKERED:
        new_database: Callable[[], str] = request.getfixturevalue("new_database")
        urls = {name: new_database() for name in names}
        urls["amqp_url"] = request.getfixturevalue("new_vhost")()
    else:
        urls = {name: in_folder(tmp_path)(name) for name in names}
    world = World(urls.__getitem__, urls.get("amqp_url"))
    prepare(world)

    assert die(urls, place) == -signal.SIGKILL, "the place was never reached"
    world.handle = lambda fact, work: None
    world.new_intake()
    finish(world)

    assert sorted(world.effects()) == list(range(1, 11))
    for person in ("p0", "p1", "p2"):
        assert world.effects_on(person) == sorted(world.effects_on(person))
    assert world.effects("beta", "deadline") == [0]
    assert world.states() == []
    world.close()
