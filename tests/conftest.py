"""Servers for tests that need them, started once per session and only when asked for.

`tests.servers` is imported inside the fixtures: this file is loaded before `tests/green/conftest.py` has
patched the standard library, and what is imported before that stays unpatched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers import PostgresServer, RabbitServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's PostgreSQL. A test that stops or wipes a server starts one of its own."""
    from tests.servers import PostgresServer

    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def rabbit() -> Iterator[RabbitServer]:
    """The session's RabbitMQ. A test that stops or wipes a server starts one of its own."""
    from tests.servers import RabbitServer

    with RabbitServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> str:
    """URL of the session's PostgreSQL, database `postgres`; tests write into `new_database()`."""
    return postgres.url()


@pytest.fixture(scope="session")
def rabbit_url(rabbit: RabbitServer) -> str:
    """AMQP URL of the session's RabbitMQ, default virtual host; tests use `new_vhost()`."""
    return rabbit.url()


@pytest.fixture(scope="session")
def new_database(postgres: PostgresServer) -> Callable[..., str]:
    """`new_database()` or `new_database("name")` makes an empty database and gives its URL."""
    return postgres.new_database


@pytest.fixture(scope="session")
def new_vhost(rabbit: RabbitServer) -> Callable[..., str]:
    """`new_vhost()` or `new_vhost("name")` makes an empty virtual host and gives its AMQP URL."""
    return rabbit.new_vhost
