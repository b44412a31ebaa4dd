"""Exchanges, queues and bindings: derived from the names of services, declared by whoever uses them.

    bole.<source>  --stream.<n>-->  bole.<consumer>.<source>.<n>.v1

A subscriber's queue is bound to a whole stream and receives every entry, since binding by type would make
every skipped entry look like a gap. Arguments of an existing queue cannot change (RabbitMQ answers 406
PRECONDITION_FAILED), so the queue's name carries a version.
"""

from __future__ import annotations

from typing import Any

STREAMS = (0,)
"""The streams of every journal. One today; the column is there from the first migration."""

QUEUE_VERSION = 1

QUEUE_ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-single-active-consumer": True,  # one active intake per stream, others stand by
    "x-max-length": 100_000,  # the journal has the rest
    "x-overflow": "drop-head",
    # RabbitMQ 4 drops a message after 20 deliveries unless told otherwise; the intake counts by itself.
    "x-delivery-limit": 1_000_000,
}


def exchange(source: str) -> str:
    """The exchange to which the relay of `source` publishes."""
    return f"bole.{source}"


def routing_key(stream: int) -> str:
    return f"stream.{stream}"


def queue(consumer: str, source: str, stream: int) -> str:
    """The queue in which `consumer` receives one stream of `source`."""
    return f"bole.{consumer}.{source}.{stream}.v{QUEUE_VERSION}"


def declare_exchange(channel: Any, source: str) -> None:
    """Declare the exchange of a source; idempotent. Both sides do, so that either may start first."""
    channel.exchange_declare(exchange(source), "direct", durable=True, auto_delete=False)


def declare_subscription(channel: Any, consumer: str, source: str, stream: int) -> str:
    """Declare queue and binding of one subscription; idempotent. Returns the queue's name."""
    name = queue(consumer, source, stream)
    declare_exchange(channel, source)
    channel.queue_declare(name, durable=True, auto_delete=False, arguments=QUEUE_ARGUMENTS)
    channel.queue_bind(name, exchange(source), routing_key(stream))
    return name
