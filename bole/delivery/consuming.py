"""The deployed way: deliveries of RabbitMQ, with the pull behind them."""

from __future__ import annotations

import threading

from bole.delivery.intake import Intake
from bole.delivery.subscription import Subscription
from bole.delivery.topology import STREAMS


class BrokerFeed:
    """Feeds an intake from its queues, one thread and one connection per source stream."""

    def __init__(self, intake: Intake, amqp_url: str) -> None:
        self.intake = intake
        self.subscriptions = [
            Subscription(intake, amqp_url, source, stream) for source in intake.sources for stream in STREAMS
        ]
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._ended.set()

    @property
    def connected(self) -> bool:
        """Whether every subscription has its connection."""
        return all(subscription.connected for subscription in self.subscriptions)

    @property
    def failing(self) -> dict[str, int]:
        """Subscriptions that cannot be served, by source, with the failures in a row."""
        return {one.source: one.failures for one in self.subscriptions if one.failures}

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        self._ended.clear()
        try:
            threads = [
                threading.Thread(target=one.run, name=f"intake {one.source}.{one.stream}", daemon=True)
                for one in self.subscriptions
            ]
            for thread in threads:
                thread.start()
            # While a subscription is busy in a long transaction, its heartbeats go on from here.
            while not self._stopping.wait(self.intake.pace.heartbeat_s / 2):
                for one in self.subscriptions:
                    one.beat()
            for one in self.subscriptions:
                one.stop()
            for thread in threads:
                thread.join()
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Finish batches, commit, ack, close; returns when run() has ended."""
        self._stopping.set()
        self._ended.wait(30)
