"""What training announces: remedial, standby and appointment training, from assignment to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from bole.events import Shown, event
from bole.worklist import WorkClosed, WorkOpened

RemedialKind = Literal["remedial", "standby", "appointment"]  # 补训, 待岗培训, 任职培训
_REMEDIAL = Shown(kind="person", document="person_id", items="remedials", key="remedial_id")
_STEP = replace(_REMEDIAL, hide=("source",))  # the item keeps the source (and its mark) it was assigned by


@event(
    "training.remedial_assigned",
    version=1,
    subjects=("person_id",),
    zh="安排培训",
    en="training assigned",
    shown=_REMEDIAL,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemedialAssigned:
    """Training was assigned by name: beside the post, on standby, or after a promotion (TRN-09)."""

    remedial_id: UUID
    person_id: UUID
    unit_id: UUID | None
    kind: RemedialKind
    assigned_on: date
    due_on: date
    hours: int  # hours of training required (学时)
    pass_mark: int | None  # points, 0-100; None: no exam
    cause: UUID  # id of the event it follows from
    source: str
    mark: str
    state: str = "assigned"


@event(
    "training.remedial_passed",
    version=1,
    subjects=("person_id",),
    zh="培训合格",
    en="training passed",
    shown=_STEP,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemedialPassed:
    """Another officer confirmed that it was passed. The ground it stood for falls on `frees_on`."""

    remedial_id: UUID
    person_id: UUID
    kind: RemedialKind
    passed_on: date
    frees_on: date
    source: str
    state: str = "passed"


@event(
    "training.remedial_extended",
    version=1,
    subjects=("person_id",),
    zh="培训延期",
    en="training extended once",
    shown=_STEP,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemedialExtended:
    """It was failed for the first time; the term is extended once."""

    remedial_id: UUID
    person_id: UUID
    kind: RemedialKind
    extended_on: date
    due_on: date
    source: str
    state: str = "extended"


@event(
    "training.remedial_failed",
    version=1,
    subjects=("person_id",),
    zh="培训不合格",
    en="training failed after its extension",
    shown=_STEP,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemedialFailed:
    """It was failed again after the extension; the case is put before supervision."""

    remedial_id: UUID
    person_id: UUID
    kind: RemedialKind
    failed_on: date
    source: str
    state: str = "failed"


@event(
    "training.remedial_withdrawn",
    version=1,
    subjects=("person_id",),
    zh="培训撤销",
    en="training withdrawn",
    shown=_REMEDIAL,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemedialWithdrawn:
    """Its cause fell."""

    remedial_id: UUID
    person_id: UUID
    kind: RemedialKind
    withdrawn_on: date
    state: str = "withdrawn"


@event("training.work_opened", version=1, subjects=("work_id",), zh="待办", en="work to do")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingWorkOpened(WorkOpened):
    """Somebody in training has something to do."""


@event("training.work_closed", version=1, subjects=("work_id",), zh="待办已结", en="work done")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingWorkClosed(WorkClosed):
    """It was done, or there is no longer any need."""
