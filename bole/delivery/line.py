"""One source stream in this process: what is known of it, and what became of a batch."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from uuid import UUID

from bole.delivery.cursors import GENESIS, Attempt, Line
from bole.delivery.handler import Handler


@dataclass(slots=True, kw_only=True)
class LineState:
    """What is known about one (source, stream) at its consumer; counts since this process started."""

    source: str
    stream: int
    position: int = 0  # the cursor
    head: int = 0  # the highest position heard of
    applied: int = 0  # entries the cursor moved over
    duplicates: int = 0
    stale: int = 0  # entries of a journal that its source no longer keeps, dropped
    parked: int = 0
    gaps: int = 0  # gaps that were pulled
    quarantined: int = 0
    halted: str | None = None  # source_rewound, source_untrusted
    last_error: str | None = None
    moved_at: float | None = None  # monotonic seconds when the cursor last moved

    @property
    def lag(self) -> int:
        """Entries known to exist and not taken yet."""
        return max(0, self.head - self.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a batch: the cursor now, how far it moved, what was parked on the way."""

    position: int
    applied: int = 0
    duplicates: int = 0
    parked: int = 0
    stale: bool = False  # it was not of the journal that the source keeps now; nothing was taken
    more: bool = False  # of a pull: the source has more
    halted: str | None = None


@dataclass(slots=True)
class OpenLine:
    """A line in this process."""

    line: Line
    state: LineState
    late: Handler | None = None  # the handler that catches up on it; None: the consumer's own line
    journal: UUID | None = None  # at the cursor, as last seen
    chain: bytes = GENESIS  # hash at the cursor
    attempt: Attempt | None = None  # recorded by us and still there
    lock: threading.RLock = field(default_factory=threading.RLock)
