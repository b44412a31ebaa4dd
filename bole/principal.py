"""Who acts: an account with its roles and its scope, signed by the door, checked by every service."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller as a service sees it. `units` None means all; `person_id` is the own file of an official."""

    account: str
    roles: frozenset[str]
    units: frozenset[UUID] | None = None
    person_id: UUID | None = None

    def may_see(self, person_id: UUID, unit_id: UUID | None) -> bool:
        """Whether a person of this unit lies within the caller's scope."""
        if self.roles == {"official"}:
            return person_id == self.person_id
        return self.units is None or unit_id in self.units
