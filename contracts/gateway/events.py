"""What the gateway keeps in its own journal. Nothing of it travels but as a stub."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bole.events import event


@event(
    "gateway.account_created",
    version=1,
    subjects=("account_id",),
    zh="账号已建立",
    en="account created",
    private=True,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated:
    """An account exists from now on. Its password appears nowhere."""

    account_id: UUID
    account: str
    roles: tuple[str, ...]
    units: tuple[UUID, ...] | None
    person_id: UUID | None
