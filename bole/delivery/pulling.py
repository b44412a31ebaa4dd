"""The embedded way: journals are read straight, woken by their commits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bole.delivery.intake import Intake

if TYPE_CHECKING:
    from bole.store.database import Database


class PullFeed:
    """Feeds an intake from all its sources; woken by commits of `wakes`, with a slow poll behind."""

    def __init__(self, intake: Intake, wakes: Iterable[Database] = ()) -> None:
        self.intake = intake

    def run(self) -> None:
        """Block until stop(). Nothing escapes."""
        raise NotImplementedError

    def stop(self) -> None:
        """Finish the batch at hand; returns when run() has ended."""
        raise NotImplementedError
