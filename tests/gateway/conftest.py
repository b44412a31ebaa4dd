"""The world that tests of the gateway live in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from gateway.door import accounts
from tests.gateway.house import House
from tests.gateway.world import World


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with migrated databases, to be copied."""
    folder = tmp_path_factory.mktemp("templates")
    World(folder).close()
    return folder


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed at the lowest cost: the work is not what these tests look at."""
    monkeypatch.setattr(accounts, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def world(tmp_path: Path, templates: Path) -> Iterator[World]:
    world = World(tmp_path, templates=templates)
    yield world
    world.close()


@pytest.fixture
def house(world: World) -> House:
    return House(world)
