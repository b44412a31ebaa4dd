"""Whatever is sent to any address of `/openapi.json`: no server error, and no answer it does not document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bole.client import Client, read_accounts
from bole.testing.suite import Suite, embedded_suite

EXAMPLES = 15  # for each call; some forty calls
ENDLESS = "/api/v1/stream"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with embedded_suite(tmp_path_factory.mktemp("openapi"), demo=True) as suite:
        yield suite


@pytest.fixture(scope="module")
def head(running: Suite) -> Client:
    """Who may do most."""
    return Client(running.base_url, "head", read_accounts(running.accounts_file)["head"])


@pytest.fixture
def documented(running: Suite) -> schemathesis.openapi.OpenAPISchema:
    found = schemathesis.openapi.from_url(f"{running.base_url}/openapi.json", wait_for_schema=10)
    return found.exclude(path=ENDLESS)


schema = schemathesis.pytest.from_fixture("documented")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_a_documented_one(case: schemathesis.Case, head: Client):
    head.get("/api/v1/me")  # signs in again when the token has ended
    answer = case.call(headers=head.bearer, base_url=head.base_url)

    case.validate_response(
        answer,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


def test_the_document_is_valid(head: Client):
    document = head.get("/openapi.json")

    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_documentation_page_needs_nothing_from_elsewhere(head: Client):
    page = head.send("GET", "/docs").text

    assert "http://" not in page.replace(head.base_url, "")
    assert "https://" not in page
