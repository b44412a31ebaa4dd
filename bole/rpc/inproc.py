"""Calls inside one process: a kombu transport `inproc://` that needs no broker.

It is kombu's virtual transport with what nameko's RPC and our client need of a broker: direct and
topic exchanges, queues, prefetch, expiration, the number of a queue's consumers. A put wakes the
consumers of that queue, and an ack its own connection, so nobody polls (kombu's `memory://` looks
once a second, and keeps the content type where nameko does not find it).

It carries calls only: no confirms, no `mandatory`, nothing survives the process. All connections of
a process to the same name (`inproc://` or `inproc://name`) share their queues. With eventlet's patched
threading it works between green threads, otherwise between real ones.

Measured (two cores, CPython 3.11, eventlet 0.41, client and nameko service in one green process):
2,400 calls/s one after the other, 3,300/s ten at a time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import Empty
from typing import Any, ClassVar

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.transport.virtual.base import queue_declare_ok_t

SCHEME = "inproc"


class _Queues:
    """What all connections to one name share."""

    by_name: ClassVar[dict[str, _Queues]] = {}

    def __init__(self) -> None:
        self.state = virtual.BrokerState()
        self.waiting: dict[str, deque[tuple[float | None, Any]]] = {}
        self.transports: set[Transport] = set()

    @classmethod
    def called(cls, name: str) -> _Queues:
        return cls.by_name.setdefault(name, cls())

    def consumers(self, queue: str) -> list[Transport]:
        return [transport for transport in list(self.transports) if queue in transport._callbacks]


class _QoS(virtual.QoS):  # type: ignore[misc]  # kombu is untyped
    restore_at_shutdown = False

    def ack(self, delivery_tag: str) -> None:
        super().ack(delivery_tag)
        self.channel.connection.woken.set()  # there is room under the prefetch limit again


class Channel(virtual.Channel):  # type: ignore[misc]
    """A channel on the queues of this process."""

    QoS = _QoS
    do_restore = False
    body_encoding = None  # bodies stay what they are; nothing leaves the process
    deadletter_queue = None  # what nobody is bound to is gone, as in RabbitMQ
    connection: Transport

    @property
    def _queues(self) -> _Queues:
        return self.connection.queues

    def prepare_message(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        message: dict[str, Any] = super().prepare_message(*args, **kwargs)
        message["properties"]["content_type"] = message["content-type"]  # where nameko looks for it
        return message

    def queue_declare(self, queue: str | None = None, passive: bool = False, **kwargs: Any) -> Any:
        declared = super().queue_declare(queue=queue, passive=passive, **kwargs)
        consumers = len(self._queues.consumers(declared.queue))
        return queue_declare_ok_t(declared.queue, declared.message_count, consumers)

    def _new_queue(self, queue: str, **kwargs: Any) -> None:
        self._queues.waiting.setdefault(queue, deque())

    def _has_queue(self, queue: str, **kwargs: Any) -> bool:
        return queue in self._queues.waiting

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        waiting = self._queues.waiting.get(queue)
        if waiting is None:
            return
        expiration_ms = message["properties"].get("expiration")
        expires = None if expiration_ms is None else time.monotonic() + int(expiration_ms) / 1000
        waiting.append((expires, message))
        for transport in self._queues.consumers(queue):
            transport.woken.set()

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        waiting = self._queues.waiting.get(queue, ())
        while waiting:
            try:
                expires, message = waiting.popleft()
            except IndexError:  # another connection was faster
                break
            if expires is None or expires > time.monotonic():
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._queues.waiting.get(queue, ()))

    def _purge(self, queue: str) -> int:
        size = self._size(queue)
        self._queues.waiting[queue] = deque()
        return size

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        self._queues.waiting.pop(queue, None)


class Transport(virtual.Transport):  # type: ignore[misc]
    """One connection to the queues of this process."""

    Channel = Channel
    driver_type = SCHEME
    driver_name = SCHEME

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.queues = _Queues.called(client.hostname or "localhost")
        self.state = self.queues.state
        self.woken = threading.Event()

    def driver_version(self) -> str:
        return "1"

    def establish_connection(self) -> Any:
        self.queues.transports.add(self)
        return super().establish_connection()

    def close_connection(self, connection: Any) -> None:
        self.queues.transports.discard(self)
        super().close_connection(connection)
        self.woken.set()

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver one message, waiting for it when there is none.

        Raises:
            TimeoutError: none came within `timeout` seconds.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            self.woken.clear()  # before looking: a put from now on sets it again
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except Empty:
                left = None if until is None else until - time.monotonic()
                if (left is not None and left <= 0) or not self.woken.wait(left):
                    raise TimeoutError from None


def register() -> None:
    """Let kombu know the scheme; harmless when done twice."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


register()
