"""A service as its callers see it."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bole import errors
from bole.journal.envelope import read_message
from bole.principal import Principal
from tests.green.toy import Toys, toys

PATIENCE_SECONDS = 20


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Toys]:
    with toys(tmp_path) as running:
        yield running


def until(holds: Callable[[], Any]) -> Any:
    """The first true value; other green threads run meanwhile."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not (value := holds()):
        assert time.monotonic() < ends, "it did not come true"
        threading.Event().wait(0.02)
    return value


def journal(suite: Toys, service: str) -> list[Any]:
    answer = suite.installation.rpc.call(service, "journal_read", {"after": 0, "limit": 100})
    return [read_message(base64.b64decode(entry)) for entry in answer["entries"]]


def test_a_command_is_done_and_says_the_position_it_made(suite: Toys) -> None:
    assert suite.greet("hello") == {"words": "hello", "position": "toy:1"}
    assert suite.greet("hello") == {"words": "hello", "position": "toy:2"}


def test_a_command_repeated_with_its_key_is_done_once(suite: Toys) -> None:
    guest = uuid4()
    first = suite.greet("hello", guest=guest, key="k1")
    assert suite.greet("hello", guest=guest, key="k1") == first
    assert suite.greet("hello")["position"] == "toy:2"
    with pytest.raises(errors.Conflict):
        suite.greet("another", guest=guest, key="k1")


def test_a_refusal_reaches_the_caller_with_its_code_and_changes_nothing(suite: Toys) -> None:
    with pytest.raises(errors.Conflict) as refused:
        suite.greet("again", key="k1")
    assert refused.value.message == "The guest was greeted already."
    assert set(refused.value.details) == {"guest"}
    assert journal(suite, "toy") == []
    assert suite.greet("hello", key="k1")["position"] == "toy:1"  # a refusal is judged again


def test_a_role_without_the_permission_is_refused_by_its_name(suite: Toys) -> None:
    with pytest.raises(errors.Forbidden) as refused:
        suite.greet(role="auditor")
    assert refused.value.details == {"permission": "toy.greet"}


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_call_without_a_signed_principal_is_refused(suite: Toys, token: str | None) -> None:
    with pytest.raises(errors.Unauthenticated):
        suite.installation.rpc.call("toy", "count", {}, principal_token=token)


def test_a_principal_of_an_hour_ago_is_refused(suite: Toys) -> None:
    signer = suite.installation.keys.signer
    assert signer is not None
    officer = Principal(account="a", roles=frozenset({"toy.officer"}))
    token = signer.sign(officer, now=suite.clock.now() - timedelta(hours=1))
    with pytest.raises(errors.Unauthenticated, match="expired"):
        suite.installation.rpc.call("toy", "count", {}, principal_token=token)


def test_every_place_that_is_wrong_is_named(suite: Toys) -> None:
    guest = str(uuid4())
    with pytest.raises(errors.Invalid) as refused:
        suite.call("greet", {"path": {"guest_id": guest}, "body": {"words": "", "colour": "red"}})
    places = {place["at"] for place in refused.value.details["errors"]}
    assert places == {"body.guest_id", "body.words", "body.colour"}


def test_an_unexpected_exception_says_nothing_but_an_incident(
    suite: Toys, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(errors.BoleError) as broken:
        suite.call("break_down", {})
    assert broken.value.code == "internal"
    assert broken.value.status == 500
    assert "张三" not in broken.value.message
    assert set(broken.value.details) == {"incident"}


def test_a_query_is_paged_and_its_limit_checked(suite: Toys) -> None:
    assert suite.call("count", {})["items"] == [{"words": "50"}]
    assert suite.call("count", {"query": {"limit": "7"}}) == {"items": [{"words": "7"}], "next": None}
    with pytest.raises(errors.Invalid):
        suite.call("count", {"query": {"limit": "201"}})


def test_a_version_that_does_not_know_a_call_says_so(suite: Toys) -> None:
    with pytest.raises(errors.Unavailable, match="does not know 'dance'"):
        suite.call("dance", {})


def test_a_service_that_is_not_there_is_said_at_once(suite: Toys) -> None:
    with pytest.raises(errors.Unavailable, match="nobody"):
        suite.installation.rpc.call("nobody", "dance", {}, within_ms=60_000)


def test_what_one_service_announces_reaches_the_other_once_and_in_order(suite: Toys) -> None:
    guest = uuid4()
    for words in ("one", "two", "three"):
        suite.greet(words, guest=guest)
    assert suite.installation.rpc.call("echo", "reached", {"source": "toy", "position": 3}) == {
        "reached": True
    }
    said = [entry.fact.words for entry in journal(suite, "echo")]
    assert said == ["eno", "owt", "eerht"]


def test_an_answer_knows_its_cause(suite: Toys) -> None:
    suite.greet("hello")
    (answered,) = until(lambda: journal(suite, "echo"))
    (greeted,) = journal(suite, "toy")
    assert answered.cause == greeted.id
    assert answered.actor == "echo"


def test_a_position_from_the_future_is_not_waited_for_long(suite: Toys) -> None:
    wanted = {"source": "toy", "position": 99, "within_ms": 10}
    assert suite.installation.rpc.call("echo", "reached", wanted) == {"reached": False}


def test_a_deadline_that_has_passed_is_acted_on_once(suite: Toys) -> None:
    guest = str(uuid4())
    body = {"guest_id": guest, "words": "hello", "due_on": "2020-01-01"}
    suite.call("greet", {"path": {"guest_id": guest}, "body": body})
    until(lambda: len(journal(suite, "toy")) == 2)
    until(lambda: suite.greet("later"))  # another second may pass: it stays at one
    assert [entry.fact.words for entry in journal(suite, "toy")].count("overdue") == 1


def test_many_calls_at_once_get_their_own_answers(suite: Toys) -> None:
    answers: dict[str, str] = {}

    def ask(limit: str) -> None:
        answers[limit] = suite.call("count", {"query": {"limit": limit}})["items"][0]["words"]

    threads = [threading.Thread(target=ask, args=(str(limit),)) for limit in range(1, 101)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {str(limit): str(limit) for limit in range(1, 101)}


def test_stopping_finishes_what_was_begun(tmp_path: Path) -> None:
    positions: list[str] = []
    with toys(tmp_path) as running:
        threads = [
            threading.Thread(target=lambda: positions.append(running.greet("hello")["position"]))
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        until(lambda: positions)
        container = running.containers[0]
        container.stop()
        for thread in threads:
            thread.join()
        database = running.installation.databases["toy"]
        with database.reading() as session:
            head = session.connection().exec_driver_sql("SELECT position FROM bole_head").scalar_one()
    assert sorted(positions) == sorted(f"toy:{number}" for number in range(1, head + 1))
