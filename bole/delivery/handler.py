"""What an intake calls for an entry, and which entries a handler is called for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from bole.store.database import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One function that hears entries, inside the intake's transaction.

    Attributes:
        name: unique within the consumer, e.g. the method's name. Kept in the database for `since="start"`.
        types: wire names ("training.assessment_failed.v1"); None: every entry, stubs included.
        call: `call(fact, work)`; with `types=None` it receives the Envelope instead of a fact.
        since: "now": rides on the consumer's cursor. "start": is first shown everything from position 1,
            on a cursor of its own until it has caught up.
    """

    name: str
    types: frozenset[str] | None
    call: Callable[[Any, Work], None]
    since: Literal["now", "start"] = "now"

    def hears(self, source: str) -> bool:
        """Whether any entry of this source can be for this handler."""
        return self.types is None or any(wire.split(".", 1)[0] == source for wire in self.types)
