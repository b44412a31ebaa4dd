"""What any service says when somebody has something to do, so that one worklist holds it all.

A service subclasses both in its `contracts/<service>/events.py` and declares them as
`<service>.work_opened` and `<service>.work_closed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOpened:
    """One thing to do. Sent again under the same `work_id`, it replaces what was said before."""

    work_id: UUID
    kind: str  # "record_talk"
    zh: str  # what to do, for the person who does it
    en: str
    roles: tuple[str, ...]  # who may do it
    not_by: tuple[str, ...] = ()  # accounts that may not: who entered does not decide
    due_on: date | None = None
    overdue: bool = False
    link: str = ""  # path of the resource: /api/v1/care/talks/...
    person_id: UUID | None = None  # None while nothing adverse is decided
    unit_id: UUID | None = None  # for the scope of officers
    count: int = 1  # how many of them stand behind this one line


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkClosed:
    """It was done, or there is no longer any need."""

    work_id: UUID
