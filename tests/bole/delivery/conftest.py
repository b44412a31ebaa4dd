"""One world per test, by either way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bole.delivery.world import World, in_folder

WAYS = ("pull", "broker")


@pytest.fixture(params=WAYS)
def world(request: pytest.FixtureRequest) -> World:
    """The same world by the pull alone (SQLite) and by the broker with the pull behind it (PostgreSQL)."""
    name = "pulled_world" if request.param == "pull" else "brokered_world"
    return request.getfixturevalue(name)


@pytest.fixture
def pulled_world(tmp_path: Path) -> Iterator[World]:
    made = World(in_folder(tmp_path))
    yield made
    made.close()


@pytest.fixture
def brokered_world(new_database: Callable[..., str], new_vhost: Callable[..., str]) -> Iterator[World]:
    made = World(lambda name: new_database(), new_vhost())
    yield made
    made.close()
