"""Takes parked events again: when their time has come, when a subject they wait for was touched, when a person says so."""

from __future__ import annotations

from bole.delivery.intake import Intake


class ParkedRetry:
    """Retries heads whose `retry_at` came or whose awaited subject was touched."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError
