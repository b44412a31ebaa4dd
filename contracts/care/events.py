"""What care announces: talks that must be held. What was said in a talk never leaves the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from bole.events import Shown, event
from bole.worklist import WorkClosed, WorkOpened

TalkTrigger = Literal["post_change", "early_signs", "leaving", "handled", "hardship"]  # the five of CAR-01
_TALK = Shown(kind="person", document="person_id", items="talks", key="talk_id")


@event("care.talk_due", version=1, subjects=("person_id",), zh="应当谈话", en="talk due", shown=_TALK)
@dataclass(frozen=True, slots=True, kw_only=True)
class TalkDue:
    """One of the five occasions arose; the talk is to be held by `due_on`."""

    talk_id: UUID
    person_id: UUID
    unit_id: UUID | None
    trigger: TalkTrigger
    due_on: date
    cause: UUID | None  # id of the event it follows from; None: opened by hand
    source: str
    mark: str
    state: str = "due"


@event("care.talk_held", version=1, subjects=("person_id",), zh="谈话已进行", en="talk held", shown=_TALK)
@dataclass(frozen=True, slots=True, kw_only=True)
class TalkHeld:
    """The talk was held. Only that: its content stays in care."""

    talk_id: UUID
    person_id: UUID
    held_on: date
    state: str = "held"


@event("care.talk_overdue", version=1, subjects=("person_id",), zh="谈话逾期", en="talk overdue", shown=_TALK)
@dataclass(frozen=True, slots=True, kw_only=True)
class TalkOverdue:
    """The term passed and the talk was not held."""

    talk_id: UUID
    person_id: UUID
    due_on: date
    state: str = "overdue"


@event("care.talk_voided", version=1, subjects=("person_id",), zh="谈话取消", en="talk void", shown=_TALK)
@dataclass(frozen=True, slots=True, kw_only=True)
class TalkVoided:
    """Its cause fell before it was held."""

    talk_id: UUID
    person_id: UUID
    voided_on: date
    state: str = "void"


@event("care.work_opened", version=1, subjects=("work_id",), zh="待办", en="work to do")
@dataclass(frozen=True, slots=True, kw_only=True)
class CareWorkOpened(WorkOpened):
    """Somebody in care has something to do."""


@event("care.work_closed", version=1, subjects=("work_id",), zh="待办已结", en="work done")
@dataclass(frozen=True, slots=True, kw_only=True)
class CareWorkClosed(WorkClosed):
    """It was done, or there is no longer any need."""
