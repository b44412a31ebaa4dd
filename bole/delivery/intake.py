"""The intake: a contiguous batch of entries becomes effects, once, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bole.delivery.handler import Handler
from bole.delivery.pace import PACE, Pace

if TYPE_CHECKING:
    from bole.delivery.reader import Reader
    from bole.journal.envelope import Envelope
    from bole.store.database import Database


@dataclass(slots=True, kw_only=True)
class LineState:
    """What is known about one (source, stream) at its consumer; counts since this process started."""

    source: str
    stream: int
    position: int = 0  # the cursor
    head: int = 0  # the highest position heard of; head - position is the lag in entries
    applied: int = 0  # entries the cursor moved over
    duplicates: int = 0
    parked: int = 0
    gaps: int = 0  # gaps that were pulled
    quarantined: int = 0
    halted: str | None = None  # "source_rewound", "source_untrusted"
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch: the cursor now, how far it moved, what was parked on the way."""

    position: int
    applied: int = 0
    duplicates: int = 0
    parked: int = 0
    halted: str | None = None


class Intake:
    """Applies entries of other journals to one consumer's database; knows nothing of how they came."""

    def __init__(
        self,
        consumer: str,
        database: Database,
        handlers: Sequence[Handler],
        reader: Reader,
        sources: Collection[str],
        pace: Pace = PACE,
    ) -> None:
        self.consumer = consumer
        self.database = database
        self.handlers = tuple(handlers)
        self.reader = reader
        self.sources = tuple(sorted(sources))
        self.pace = pace
        self.lines: dict[tuple[str, int], LineState] = {}

    @property
    def sources_halted(self) -> dict[str, str]:
        """Halted sources with the reason, e.g. {"training": "source_rewound"}."""
        raise NotImplementedError

    def cursor(self, source: str, stream: int = 0) -> int:
        """The position up to which everything was taken (handled, parked or moved over)."""
        raise NotImplementedError

    def apply(self, source: str, stream: int, envelopes: Sequence[Envelope]) -> Applied:
        raise NotImplementedError
