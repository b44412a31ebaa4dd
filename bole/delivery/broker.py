"""A connection to RabbitMQ that no partition can hold for ever. Blocking, in threads real or green."""

from __future__ import annotations

import contextlib
from typing import Any

from kombu.connection import Connection

STUCK_S = 10.0
"""A read or write that makes no progress for so long fails; a read with a timeout of its own keeps that."""


class Broker:
    """One connection with one channel; not to be shared between threads, but for `beat`."""

    def __init__(self, amqp_url: str, heartbeat_s: float) -> None:
        self._connection: Any = Connection(
            amqp_url, heartbeat=max(1, round(heartbeat_s)), connect_timeout=STUCK_S
        )
        self._connection.connect()
        self._amqp: Any = self._connection.connection
        # The kernel's own timeouts (SO_RCVTIMEO) mean nothing to a green socket; this one works in both.
        self._amqp.transport.sock.settimeout(STUCK_S)
        self.channel: Any = self._connection.channel()

    def wait(self, timeout_s: float) -> bool:
        """Let the broker's frames in; False when nothing came in time. Raises when the connection broke."""
        try:
            self._amqp.drain_events(timeout=timeout_s)
        except TimeoutError:
            return False
        return True

    def check(self) -> None:
        """Send a heartbeat if one is due; raises when the peer has been silent for two of them."""
        self._amqp.heartbeat_tick(rate=2)

    def beat(self) -> None:
        """Send a heartbeat from another thread, while this one is busy in a transaction; never raises.

        py-amqp writes each frame under a lock of its own, so a heartbeat cannot cut another frame.
        """
        with contextlib.suppress(Exception):
            self._amqp.send_heartbeat()

    def close(self) -> None:
        """Close channel and connection, not cancelling first, which would break the order; never raises."""
        for close in (self.channel.close, self._connection.close):
            with contextlib.suppress(Exception):
                close()

    def drop(self) -> None:
        """Let go of the socket without a word, of a connection that is broken anyway; never raises."""
        with contextlib.suppress(Exception):
            self._connection.collect(socket_timeout=0.1)
