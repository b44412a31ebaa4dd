"""The deployed way: deliveries of RabbitMQ, with the pull behind them."""

from __future__ import annotations

from bole.delivery.intake import Intake


class BrokerFeed:
    """Feeds an intake from its queues, one thread and connection per source stream."""

    def __init__(self, intake: Intake, amqp_url: str) -> None:
        self.intake = intake
        self.amqp_url = amqp_url

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        raise NotImplementedError

    def stop(self) -> None:
        """Finish batches, commit, ack, close; returns when run() has ended."""
        raise NotImplementedError
