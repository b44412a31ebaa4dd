"""Whatever is sent to any address of `/openapi.json`: no server error, and no answer it does not document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from bole.client import Client, read_accounts
from bole.testing.suite import Suite, embedded_suite

EXAMPLES = 15  # for each call; some forty calls
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
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
def documented(running: Suite) -> OpenApiSchema:
    found = schemathesis.openapi.from_url(f"{running.base_url}/openapi.json", wait_for_schema=10)
    return found.exclude(path=ENDLESS)


def test_every_answer_is_a_documented_one(documented: OpenApiSchema, head: Client):
    """One test over all calls, since schemathesis' own pytest plug-in does not load under pytest 9.2."""
    wrong = [
        f"{operation.method.upper()} {operation.path}: {fault}"
        for operation in (found.ok() for found in documented.get_all_operations())
        for fault in faults(operation, head)
    ]

    assert wrong == []


def faults(operation: APIOperation, head: Client) -> list[str]:
    """What was wrong with the first bad answer of one call."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def every_answer_is_documented(case: schemathesis.Case) -> None:
        head.get("/api/v1/me")  # signs in again when the token has ended
        case.query.pop("at_least", None)  # a position from the future is waited for; test_bad_input does that
        answer = case.call(headers=head.bearer, base_url=head.base_url)
        case.validate_response(answer, checks=CHECKS)

    try:
        every_answer_is_documented()
    except (AssertionError, FailureGroup, Failure) as fault:
        return [str(fault)]
    return []


def test_the_document_is_valid(head: Client):
    document = head.get("/openapi.json")

    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_documentation_page_needs_nothing_from_elsewhere(head: Client):
    page = head.send("GET", "/docs").text

    assert "http://" not in page.replace(head.base_url, "")
    assert "https://" not in page
