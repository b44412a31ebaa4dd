"""What a row of a roster makes of what is known about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.selection.domain.identify import plain_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """All that the roster says of one person. `unit_id` None: has left."""

    number: str  # 工作证号
    name: str
    sex: str | None = None
    born_on: date | None = None
    work_since: date | None = None
    party_since: date | None = None
    unit_id: UUID | None = None
    post: str = ""
    is_leader: bool = False
    rank: str = ""
    appointed_on: date | None = None
    level_since: date | None = None
    education: str = ""
    identity: str = ""


FROM_A_ROW = (
    "sex", "born_on", "work_since", "party_since", "post", "is_leader", "rank", "appointed_on", "level_since",
    "education", "identity",
)  # fmt: skip


def merge(known: Particulars | None, row: Mapping[str, Any], *, unit_id: UUID) -> Particulars:
    """The particulars after a row: what the row says replaces, what it leaves out stays.

    Args:
        known: what was known, None for a new person.
        row: fields of a roster row; `number` and `name` always, others only where the file says something.
        unit_id: of the unit the row names.

    A blank cell says nothing: a half-filled list must not wipe out what another brought.
    """
    said = {field: row[field] for field in FROM_A_ROW if field in row}
    name = plain_name(row["name"])
    if known is None:
        return Particulars(number=row["number"], name=name, unit_id=unit_id, **said)
    return replace(known, name=name, unit_id=unit_id, **said)
