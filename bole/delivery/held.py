"""Deliveries in memory: put in order, given out when contiguous, acked when done. Pure; knows no broker."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bole.journal.envelope import Envelope


class Held:
    """What was delivered on one line and is not yet acked.

    Everything up to `position` is done. Tags rise with every delivery; acking one acks all below it, so
    a tag may go only when everything below it is done too.
    """

    def __init__(self, position: int) -> None:
        self.position = position
        self._entries: dict[int, Envelope] = {}
        self._tags: deque[tuple[int, int]] = deque()  # (tag, position of its entry; 0: nothing to be done)

    def __len__(self) -> int:
        return len(self._entries)

    def take(self, tag: int, envelope: Envelope | None) -> None:
        """Note a delivery; None for one that needs no further work (a watermark, a quarantined message)."""
        if envelope is None or envelope.position <= self.position:
            self._tags.append((tag, 0))
            return
        self._entries.setdefault(envelope.position, envelope)
        self._tags.append((tag, envelope.position))

    def ready(self, limit: int) -> list[Envelope]:
        """Up to `limit` entries that continue at the position, in order."""
        run: list[Envelope] = []
        while len(run) < limit and (self.position + len(run) + 1) in self._entries:
            run.append(self._entries[self.position + len(run) + 1])
        return run

    def first(self) -> int | None:
        """The lowest position held, or None."""
        return min(self._entries, default=None)

    def last(self) -> int:
        """The highest position held; 0 when nothing is."""
        return max(self._entries, default=0)

    def move_to(self, position: int) -> None:
        """Everything up to `position` is done, whoever did it."""
        self.position = max(self.position, position)
        for done in [held for held in self._entries if held <= self.position]:
            del self._entries[done]

    def give_up(self) -> list[Envelope]:
        """Let everything go, in order: somebody else keeps it now. Their tags may be acked."""
        entries = [self._entries[position] for position in sorted(self._entries)]
        self._entries.clear()
        self._tags = deque((tag, 0) for tag, _ in self._tags)
        return entries

    def ackable(self) -> int | None:
        """The highest tag with everything up to it done; each is given once. None: nothing new."""
        highest = None
        while self._tags and self._tags[0][1] <= self.position:
            highest = self._tags.popleft()[0]
        return highest
