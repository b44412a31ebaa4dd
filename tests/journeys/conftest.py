"""A whole suite for the journeys, embedded and deployed, each started once per session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bole.run.building import owners
from bole.testing.suite import Suite, deployed_suite, embedded_suite
from tests.journeys.office import Office
from tests.servers import PostgresServer, RabbitServer


@pytest.fixture(scope="session", params=["embedded", "deployed"])
def suite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The suite in both modes; the deployed one on the session's servers."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        with embedded_suite(folder) as running:
            yield running
        return
    rabbit: RabbitServer = request.getfixturevalue("rabbit")
    postgres: PostgresServer = request.getfixturevalue("postgres")
    urls = {owner: postgres.new_database() for owner in owners()}
    with deployed_suite(folder, amqp_url=rabbit.new_vhost(), database_urls=urls) as running:
        yield running


@pytest.fixture(scope="session")
def office(suite: Suite) -> Iterator[Office]:
    """The department at work in that suite."""
    working = Office(suite)
    yield working
    working.close()
