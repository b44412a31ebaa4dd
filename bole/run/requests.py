"""Requests as they come out of the queue of a service, and replies as they go back.

The queue, the exchange and the shape of messages are nameko's. What differs: a body that cannot be
read is answered rather than dropped, errors travel as `{code, status, message, details}`, and nothing
that fails here ends the container.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError
from nameko.amqp.publish import get_producer
from nameko.messaging import QueueConsumer
from nameko.rpc import RpcConsumer

from bole import errors
from bole.log import get_log
from bole.rpc.client import EXCHANGE, JSON, LARGEST_BODY_BYTES, error_out, request_queue

log = get_log(__name__)

LOOK_SECONDS = 0.25  # how often a quiet connection looks whether it shall stop; stopping takes two of these
LONGEST_MS = 60_000  # for a request that does not say how long its caller waits
REPLY_RETRIES = {"max_retries": 2, "interval_start": 0, "interval_step": 0.5, "interval_max": 1}


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, read but not yet believed."""

    method: str
    kwargs: dict[str, Any]
    until: float  # time.monotonic(): its caller has gone after that

    @property
    def out_of_time(self) -> bool:
        return time.monotonic() > self.until


class RequestQueue(QueueConsumer):  # type: ignore[misc]  # nameko is untyped
    """The connection of a service; hands over messages as they are, one green thread each."""

    connected = False
    _said = False

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        for provider in self._providers:
            consumer = consumer_cls(queues=[provider.queue], on_message=partial(self.take, provider))
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return self._consumers.values()

    def consume(self, *args: Any, **kwargs: Any) -> Any:
        return super().consume(*args, safety_interval=LOOK_SECONDS, **kwargs)

    def take(self, provider: Any, message: Any) -> None:
        """Start a thread for one message."""
        self.container.spawn_managed_thread(partial(provider.take, message), identifier="request")

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        self.connected = True
        if self._said:
            log.info("broker reached again", service=self.container.service_name)
            self._said = False
        super().on_consume_ready(connection, channel, consumers, **kwargs)

    def on_consume_end(self, connection: Any, channel: Any) -> None:
        self.connected = False

    def on_connection_error(self, exc: BaseException, interval: float) -> None:
        self.connected = False
        if not self._said:  # once, not at every try
            log.warning("broker not reached", service=self.container.service_name, why=str(exc))
            self._said = True


class Requests(RpcConsumer):  # type: ignore[misc]
    """Finds who answers a request, and sends the reply."""

    queue_consumer = RequestQueue()
    queue: Any

    def setup(self) -> None:
        if self.queue is None:
            self.queue = request_queue(self.container.service_name)
            self.queue_consumer.register_provider(self)
            self._registered = True

    def take(self, message: Any) -> None:
        """Read a message and hand it to its entrypoint; whatever cannot be handed on is answered here."""
        try:
            provider, incoming = self._read(message)
            provider.take(incoming, message)
        except errors.BoleError as problem:
            self.reply(message, {"result": None, "error": error_out(problem)})
        except Exception:
            log.error("request not taken", service=self.container.service_name, exc_info=True)
            self.reply(
                message, {"result": None, "error": error_out(errors.BoleError("The request was not taken."))}
            )

    def _read(self, message: Any) -> tuple[Any, Incoming]:
        body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
        method = str(message.delivery_info["routing_key"]).rsplit(".", 1)[-1]
        if len(body) > LARGEST_BODY_BYTES:
            raise errors.TooLarge("The request is larger than 1 MiB.", limit_bytes=LARGEST_BODY_BYTES)
        try:
            kwargs = msgspec.json.decode(body)["kwargs"]
        except (msgspec.DecodeError, KeyError, TypeError, RecursionError):
            kwargs = None
        if not isinstance(kwargs, dict):
            raise errors.Invalid("The request is not JSON of the form {args, kwargs}.")
        for provider in self._providers:
            if provider.answers(method):
                break
        else:
            raise errors.Unavailable(
                f"This version of the {self.container.service_name} service does not know {method!r}.",
                retry_after=60,
            )
        within_ms = message.headers.get("bole.within_ms", LONGEST_MS)
        within_ms = min(within_ms, LONGEST_MS) if isinstance(within_ms, int) else LONGEST_MS
        return provider, Incoming(method, kwargs, time.monotonic() + within_ms / 1000)

    def reply(self, message: Any, reply: dict[str, Any]) -> None:
        """Send a reply, ack its request. One that cannot be sent is lost: its caller repeats with the key."""
        reply_to = message.properties.get("reply_to")
        try:
            if reply_to:
                with get_producer(self.container.config["AMQP_URI"], confirms=False) as producer:
                    producer.publish(
                        msgspec.json.encode(reply),
                        content_type=JSON,
                        content_encoding="utf-8",
                        exchange=EXCHANGE,
                        routing_key=reply_to,
                        correlation_id=message.properties.get("correlation_id"),
                        delivery_mode=1,
                        retry=True,
                        retry_policy=REPLY_RETRIES,
                    )
        except (OSError, AMQPError, KombuError) as problem:
            log.warning("reply not sent", service=self.container.service_name, why=str(problem))
        except Exception:
            log.error("reply not sent", service=self.container.service_name, exc_info=True)
        self.queue_consumer.ack_message(message)
