"""Calls from threads to services: many at once over one client, each with a deadline.

One thread takes the replies from one exclusive queue, one thread publishes, and callers wait for
their own answer; no connection is ever used by two threads (sharing nameko's proxy between threads
corrupts frames and hangs). The same code runs in green processes, where threading is eventlet's.

A call whose service has no consumer is refused at once; a message expires together with the
patience of its caller. When the broker goes away, calls are refused with `Unavailable` until it is
back; those already sent wait for their reply, for the reply queue comes back under the same key, and
end as `OutOfTime` otherwise: outcome unknown, to be repeated with the same key.

The queue and exchange names are nameko's: exchange `nameko-rpc`, queue `rpc-<service>`.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import ChannelError
from kombu.messaging import Consumer, Producer

from bole import errors
from bole.log import get_log
from bole.rpc import inproc

log = get_log(__name__)

LARGEST_BODY_BYTES = 1 << 20
SECONDS_A_CHECK_HOLDS = 1.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
SECONDS_TO_CONNECT = 3.0
HEARTBEAT_SECONDS = 10
LOOK_SECONDS = 0.25  # how often a quiet connection looks whether it shall stop
EXCHANGE = Exchange("nameko-rpc", type="topic", durable=True)
JSON = "application/json"

inproc.register()


def request_queue(service: str) -> Queue:
    """The queue a service takes its calls from: nameko's name, arguments that RabbitMQ 3.10 to 4 accept."""
    return Queue(f"rpc-{service}", exchange=EXCHANGE, routing_key=f"{service}.*", durable=True)


def error_out(problem: errors.BoleError) -> dict[str, Any]:
    """An error as it travels: `{code, status, message, details}`."""
    return {
        "code": problem.code,
        "status": problem.status,
        "message": problem.message,
        "details": problem.details,
    }


def error_in(error: dict[str, Any]) -> errors.BoleError:
    """The error that travelled, as the class with its code; Refused or BoleError when nobody here has it."""
    status = int(error.get("status", 500))
    kinds = {kind.code: kind for kind in _all_kinds(errors.BoleError)}
    kind = kinds.get(error.get("code", ""), errors.Refused if 400 <= status < 500 else errors.BoleError)
    problem = kind.__new__(kind)
    Exception.__init__(problem, error.get("message", ""))
    problem.message = error.get("message", "")
    problem.details = dict(error.get("details", {}))
    problem.__dict__.update(code=error.get("code", kind.code), status=status)
    for name, value in problem.details.items():  # NotYet.subject and the like
        if not hasattr(problem, name):
            setattr(problem, name, value)
    return problem


def _all_kinds(kind: type[errors.BoleError]) -> list[type[errors.BoleError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in _all_kinds(below))]


@dataclass(slots=True)
class _Waiting:
    """One call on its way."""

    service: str
    method: str
    body: bytes
    until: float  # time.monotonic()
    id: str = field(default_factory=lambda: str(uuid4()))
    answered: threading.Event = field(default_factory=threading.Event)
    reply: dict[str, Any] | None = None
    refused: errors.BoleError | None = None

    def refuse(self, problem: errors.BoleError) -> None:
        self.refused = problem
        self.answered.set()


class RpcClient:
    """Calls services, from any number of threads. Made once per process; `close()` ends its two threads."""

    def __init__(self, amqp_url: str) -> None:
        self.amqp_url = amqp_url
        self._reply_key = str(uuid4())
        self._waiting: dict[str, _Waiting] = {}
        self._outbox: queue.Queue[_Waiting | None] = queue.Queue()
        self._listening = threading.Event()
        self._closing = threading.Event()
        self._checked: dict[str, tuple[float, int]] = {}  # service: (when, consumers)
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()

    @property
    def connected(self) -> bool:
        """Whether replies can reach us; for /readyz."""
        return self._listening.is_set()

    def start(self) -> None:
        """Start the two threads; the first call does it as well."""
        with self._starting:
            if self._threads or self._closing.is_set():
                return
            for work in (self._take_replies, self._publish):
                thread = threading.Thread(target=work, name=f"rpc {work.__name__.strip('_')}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def call(
        self,
        service: str,
        method: str,
        payload: dict[str, Any],
        *,
        principal_token: str | None = None,
        key: str | None = None,
        within_ms: int = 10_000,
    ) -> dict[str, Any]:
        """Call `service.method` and wait for its answer.

        Args:
            payload: JSON-able keyword arguments: `path`, `query` and `body` for a declared Call.
            principal_token: the signed principal, for calls that need one.
            key: idempotency key, for commands.
        Raises:
            errors.Unavailable: the broker or the service is away. Nothing was done.
            errors.OutOfTime: no answer in time. The outcome is unknown; repeat with the same key.
            errors.TooLarge: the body exceeds 1 MiB.
            errors.BoleError: whatever the service raised, as the class that carries its code.
        """
        kwargs = dict(payload)
        if principal_token is not None:
            kwargs["principal"] = principal_token
        if key is not None:
            kwargs["key"] = key
        body = msgspec.json.encode({"args": [], "kwargs": kwargs})
        if len(body) > LARGEST_BODY_BYTES:
            raise errors.TooLarge(
                f"The call to {service}.{method} is larger than 1 MiB.", limit_bytes=LARGEST_BODY_BYTES
            )
        self.start()
        until = time.monotonic() + within_ms / 1000
        if not self._listening.wait(min(SECONDS_TO_CONNECT, within_ms / 1000)):
            raise errors.Unavailable("The message broker cannot be reached. Try again shortly.")
        waiting = _Waiting(service, method, body, until)
        self._waiting[waiting.id] = waiting
        try:
            self._outbox.put(waiting)
            if not waiting.answered.wait(max(until - time.monotonic(), 0)):
                raise errors.OutOfTime(
                    f"{service}.{method} did not answer within {within_ms} ms. "
                    "The outcome is unknown: repeat with the same Idempotency-Key."
                )
        finally:
            self._waiting.pop(waiting.id, None)
        if waiting.refused is not None:
            raise waiting.refused
        assert waiting.reply is not None
        if error := waiting.reply.get("error"):
            raise error_in(error)
        result: dict[str, Any] = waiting.reply["result"]
        return result

    def close(self) -> None:
        """End both threads; calls still waiting are refused."""
        self._closing.set()
        self._outbox.put(None)
        for thread in self._threads:
            thread.join(5)
        for waiting in list(self._waiting.values()):
            waiting.refuse(errors.Unavailable("This process is stopping."))

    # The thread that takes replies.

    def _take_replies(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        said = False
        while not self._closing.is_set():
            try:
                with self._connect() as connection:
                    replies = Queue(
                        f"rpc.reply-bole-{self._reply_key}",
                        exchange=EXCHANGE,
                        routing_key=self._reply_key,
                        durable=False,
                        exclusive=True,
                        auto_delete=True,
                    )
                    with Consumer(
                        connection.default_channel, [replies], no_ack=True, on_message=self._take, accept=None
                    ):
                        if said:
                            log.info("broker reached again")
                        pause, said = FIRST_PAUSE_SECONDS, False
                        self._listening.set()
                        self._drain(connection)
            except connection_errors() as problem:
                if not said:
                    log.warning(
                        "broker not reached", retry_within_seconds=LONGEST_PAUSE_SECONDS, why=str(problem)
                    )
                    said = True
            except Exception:
                log.error("reply thread failed", exc_info=True)
            finally:
                self._listening.clear()
            self._closing.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _drain(self, connection: Connection) -> None:
        while not self._closing.is_set():
            try:
                connection.drain_events(timeout=LOOK_SECONDS)
            except TimeoutError:
                connection.heartbeat_check()

    def _take(self, message: Any) -> None:
        waiting = self._waiting.get(message.properties.get("correlation_id"))
        if waiting is None:
            return  # its caller has gone
        try:
            waiting.reply = msgspec.json.decode(message.body)
        except msgspec.DecodeError:
            waiting.refused = errors.BoleError("The service gave an answer that cannot be read.")
        waiting.answered.set()

    # The thread that publishes.

    def _publish(self) -> None:
        connection: Connection | None = None
        producer: Producer | None = None
        while not self._closing.is_set():
            try:
                waiting = self._outbox.get(timeout=HEARTBEAT_SECONDS / 4)
            except queue.Empty:
                if connection is not None and not _alive(connection):
                    connection = producer = None
                continue
            if waiting is None:
                break
            for attempt in (1, 2):  # a connection may have died while it was idle
                try:
                    if connection is None or producer is None:
                        connection = self._connect()
                        producer = Producer(connection.default_channel, auto_declare=False)
                    self._send(waiting, connection, producer)
                    break
                except connection_errors() as problem:
                    if connection is not None:
                        _close_quietly(connection)
                    connection = producer = None
                    self._checked.clear()
                    if attempt == 2:
                        log.info("call not sent", service=waiting.service, why=str(problem))
                        waiting.refuse(
                            errors.Unavailable("The message broker cannot be reached. Try again shortly.")
                        )
                except Exception:
                    log.error("call not sent", service=waiting.service, exc_info=True)
                    waiting.refuse(errors.BoleError("The call could not be sent."))
                    break
        if connection is not None:
            _close_quietly(connection)

    def _send(self, waiting: _Waiting, connection: Connection, producer: Producer) -> None:
        left = waiting.until - time.monotonic()
        if left <= 0:
            return  # its caller has given up already
        if self._consumers(waiting.service, connection) == 0:
            waiting.refuse(
                errors.Unavailable(
                    f"The {waiting.service} service is away. Try again shortly.", retry_after=2
                )
            )
            return
        producer.publish(
            waiting.body,
            content_type=JSON,
            content_encoding="utf-8",
            exchange=EXCHANGE,
            routing_key=f"{waiting.service}.{waiting.method}",
            reply_to=self._reply_key,
            correlation_id=waiting.id,
            expiration=left,
            headers={"bole.within_ms": max(int(left * 1000), 1)},
            delivery_mode=1,  # what nobody waits for any more need not survive a restart
        )

    def _consumers(self, service: str, connection: Connection) -> int:
        now = time.monotonic()
        when, consumers = self._checked.get(service, (0.0, 0))
        if self._checked.get(service) is None or now - when > SECONDS_A_CHECK_HOLDS:
            try:
                with connection.channel() as channel:
                    declared = channel.queue_declare(queue=f"rpc-{service}", passive=True)
                    consumers = declared.consumer_count
            except ChannelError:
                consumers = 0
            except connection.channel_errors:
                consumers = 0
            self._checked[service] = (now, consumers)
        return consumers

    def _connect(self) -> Connection:
        connection = Connection(
            self.amqp_url, heartbeat=HEARTBEAT_SECONDS, connect_timeout=SECONDS_TO_CONNECT
        )
        connection.connect()
        return connection


def connection_errors() -> tuple[type[BaseException], ...]:
    """What a broken or refused connection to the broker raises, whichever transport it is."""
    import amqp.exceptions
    import kombu.exceptions

    return (
        OSError,
        socket.timeout,
        amqp.exceptions.AMQPError,
        kombu.exceptions.ConnectionError,
        kombu.exceptions.OperationalError,
    )


def _alive(connection: Connection) -> bool:
    """Read what came meanwhile (heartbeats), send our own; False, and closed, when the connection broke."""
    try:
        try:
            connection.drain_events(timeout=0.001)
        except TimeoutError:
            connection.heartbeat_check()
    except connection_errors():
        _close_quietly(connection)
        return False
    return True


def _close_quietly(connection: Connection) -> None:
    try:
        connection.close()
    except connection_errors():
        log.debug("broken connection closed")
