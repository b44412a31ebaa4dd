"""The client that threads share, in one process and over RabbitMQ."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from kombu.connection import Connection
from kombu.messaging import Consumer, Producer

from bole import errors
from bole.rpc.client import EXCHANGE, JSON, RpcClient, error_in, error_out, request_queue
from bole.rpc.inproc import SCHEME
from tests.servers import RabbitServer

PATIENCE_SECONDS = 30


@contextmanager
def answering(
    url: str, answer: Callable[[str, dict[str, Any]], dict[str, Any] | None]
) -> Iterator[list[str]]:
    """A service `toy` that answers in a thread; gives the methods it was asked for."""
    asked: list[str] = []
    stopping, listening = threading.Event(), threading.Event()

    def take(message: Any, producer: Producer) -> None:
        method = message.delivery_info["routing_key"].split(".")[1]
        asked.append(method)
        message.ack()
        reply = answer(method, msgspec.json.decode(message.body)["kwargs"])
        if reply is not None:
            producer.publish(
                msgspec.json.encode(reply),
                content_type=JSON,
                content_encoding="utf-8",
                exchange=EXCHANGE,
                routing_key=message.properties["reply_to"],
                correlation_id=message.properties["correlation_id"],
            )

    def serve() -> None:
        # A connection of its own for replies: publishing on one that consumes delivers what waits there.
        with Connection(url) as connection, Connection(url) as replies:
            producer = Producer(replies.channel())
            queues = [request_queue("toy")]
            with Consumer(connection.channel(), queues, on_message=lambda message: take(message, producer)):
                listening.set()
                while not stopping.is_set():
                    try:
                        connection.drain_events(timeout=0.1)
                    except TimeoutError:
                        continue

    thread = threading.Thread(target=serve)
    thread.start()
    assert listening.wait(PATIENCE_SECONDS)
    try:
        yield asked
    finally:
        stopping.set()
        thread.join()


@contextmanager
def calling(url: str) -> Iterator[RpcClient]:
    client = RpcClient(url)
    try:
        yield client
    finally:
        client.close()


def echo(method: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"result": {"method": method, **kwargs}, "error": None}


@pytest.fixture(params=["one process", "RabbitMQ"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "one process":
        return f"{SCHEME}://{uuid4()}"
    new_vhost: Callable[[], str] = request.getfixturevalue("new_vhost")
    return new_vhost()


def test_a_call_gets_its_answer(url: str) -> None:
    with answering(url, echo), calling(url) as client:
        answer = client.call("toy", "greet", {"words": "你好"}, principal_token="t", key="k")
    assert answer == {"method": "greet", "words": "你好", "principal": "t", "key": "k"}


def test_threads_share_one_client_and_each_gets_its_own_answer(url: str) -> None:
    answers: dict[int, int] = {}
    with answering(url, echo), calling(url) as client:

        def ask(number: int) -> None:
            answers[number] = client.call("toy", "greet", {"number": number})["number"]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {number: number for number in range(100)}


def test_what_the_service_refused_comes_out_as_the_same_error(url: str) -> None:
    refusal = errors.SamePerson("Another person decides.", entered_by="li.ming")

    def refuse(method: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {"result": None, "error": error_out(refusal)}

    with answering(url, refuse), calling(url) as client, pytest.raises(errors.SamePerson) as refused:
        client.call("toy", "decide", {})
    assert refused.value.message == "Another person decides."
    assert refused.value.details == {"entered_by": "li.ming"}


def test_a_service_without_a_consumer_is_away_at_once(url: str) -> None:
    with calling(url) as client:
        with pytest.raises(errors.Unavailable) as refused:
            client.call("toy", "greet", {}, within_ms=600_000)
        assert refused.value.details["retry_after"] > 0
        with answering(url, echo):
            client._checked.clear()  # a check holds for a second
            assert client.call("toy", "greet", {})


def test_no_answer_in_time_leaves_the_outcome_unknown(url: str) -> None:
    with (
        answering(url, lambda method, kwargs: None) as asked,
        calling(url) as client,
        pytest.raises(errors.OutOfTime, match="same Idempotency-Key"),
    ):
        client.call("toy", "greet", {}, within_ms=300)
    assert asked == ["greet"]


def test_a_request_nobody_took_in_time_expires(url: str) -> None:
    with calling(url) as client, Connection(url) as connection:
        queue = request_queue("toy")(connection.channel())
        queue.declare()
        client._checked["toy"] = (time.monotonic() + 60, 1)  # as if somebody were there
        with pytest.raises(errors.OutOfTime):
            client.call("toy", "greet", {}, within_ms=200)
        until = time.monotonic() + PATIENCE_SECONDS
        while (left := queue.queue_declare(passive=True).message_count) and url.startswith("amqp"):
            assert time.monotonic() < until, f"{left} messages did not expire"
        assert queue.get() is None


def test_a_body_beyond_a_mebibyte_is_refused_before_it_is_sent(url: str) -> None:
    with answering(url, echo) as asked, calling(url) as client:
        with pytest.raises(errors.TooLarge) as refused:
            client.call("toy", "greet", {"words": "x" * (1 << 20)})
        assert refused.value.details == {"limit_bytes": 1 << 20}
        assert asked == []


def test_calls_are_refused_while_the_broker_is_away_and_go_on_when_it_is_back() -> None:
    with RabbitServer() as rabbit, calling(rabbit.url()) as client:
        with answering(rabbit.url(), echo):
            assert client.call("toy", "greet", {})
        rabbit.kill()
        with pytest.raises((errors.Unavailable, errors.OutOfTime)):
            client.call("toy", "greet", {}, within_ms=2_000)
        with pytest.raises(errors.Unavailable, match="broker"):
            client.call("toy", "greet", {}, within_ms=2_000)
        rabbit.start()
        with answering(rabbit.url(), echo):
            until = time.monotonic() + PATIENCE_SECONDS
            while not client.connected:
                assert time.monotonic() < until
                threading.Event().wait(0.1)
            assert client.call("toy", "greet", {})


@pytest.mark.parametrize(
    "problem",
    [
        errors.Forbidden("care.record_talk"),
        errors.Invalid("Wrong.", [{"at": "body.words", "says": "Too short."}]),
        errors.Unavailable("Away.", retry_after=9),
        errors.NotYet("p1"),
    ],
)
def test_errors_travel_whole(problem: errors.BoleError) -> None:
    arrived = error_in(msgspec.json.decode(msgspec.json.encode(error_out(problem))))
    assert type(arrived) is type(problem)
    assert error_out(arrived) == error_out(problem)
    assert str(arrived) == str(problem)


def test_an_error_that_nobody_here_knows_keeps_its_code_and_status() -> None:
    arrived = error_in({"code": "quota_full", "status": 409, "message": "Full.", "details": {}})
    assert isinstance(arrived, errors.Refused)
    assert (arrived.code, arrived.status) == ("quota_full", 409)
    assert errors.Refused.code == "refused"
