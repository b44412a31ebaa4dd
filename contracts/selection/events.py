"""What selection announces: the roster, appointments, bars and candidacies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from bole.events import Shown, event
from bole.worklist import WorkClosed, WorkOpened

AppointmentKind = Literal["promotion", "exchange", "adjustment", "leaving"]
BarGround = Literal["failed_assessment", "open_remedial", "standby", "measure"]


@event(
    "selection.unit_recorded",
    version=1,
    subjects=("unit_id",),
    zh="单位信息登记",
    en="unit recorded",
    shown=Shown(kind="unit", document="unit_id", items="identity", key=""),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecorded:
    """A unit is new in the roster or its particulars changed."""

    unit_id: UUID
    name: str
    code: str | None = None


@event(
    "selection.person_recorded",
    version=1,
    subjects=("person_id",),
    zh="干部信息登记",
    en="person recorded",
    shown=Shown(kind="person", document="person_id", items="identity", key=""),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecorded:
    """A person is new in the roster or their particulars changed; always the whole state."""

    person_id: UUID
    number: str  # 工作证号, text with its leading zeros
    name: str
    sex: Literal["male", "female"] | None = None
    born_on: date | None = None  # the first of the month when only the month is known
    work_since: date | None = None  # 参加工作时间
    party_since: date | None = None  # 入党时间
    unit_id: UUID | None = None  # None: has left
    unit: str = ""
    post: str = ""
    is_leader: bool = False  # 是否领导职务
    rank: str = ""  # 职级
    appointed_on: date | None = None  # 任职日期
    level_since: date | None = None  # 始任日期: same level since
    education: str = ""
    identity: str = ""  # 身份类别


@event(
    "selection.appointed",
    version=1,
    subjects=("person_id",),
    zh="职务变动",
    en="appointed",
    shown=Shown(kind="person", document="person_id", items="appointments", key="appointment_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Appointed:
    """A decided appointment was registered: promotion, exchange, adjustment or leaving."""

    appointment_id: UUID
    person_id: UUID
    kind: AppointmentKind
    unit_id: UUID | None  # the new unit; None when leaving
    unit: str
    post: str  # the new post; the post left when leaving
    from_unit_id: UUID | None
    from_unit: str
    from_post: str
    is_leader: bool
    decided_on: date
    effective_on: date  # for leaving: the last day
    document: str  # number of the decision
    probation_until: date | None = None  # promotions under SEL-16
    source: str = ""  # article the probation comes from


@event(
    "selection.probation_ended",
    version=1,
    subjects=("person_id",),
    zh="试用期届满",
    en="probation at its end",
    shown=Shown(kind="person", document="person_id", items="appointments", key="appointment_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ProbationEnded:
    """The probation of an appointment reached its last day; confirmation is to be decided."""

    appointment_id: UUID
    person_id: UUID
    probation_ended_on: date


@event(
    "selection.probation_decided",
    version=1,
    subjects=("person_id",),
    zh="试用期考核决定",
    en="probation decided",
    shown=Shown(kind="person", document="person_id", items="appointments", key="appointment_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ProbationDecided:
    """The probation of an appointment was decided: confirmed in the post, or not."""

    appointment_id: UUID
    person_id: UUID
    probation: Literal["confirmed", "not_confirmed"]
    probation_decided_on: date
    probation_source: str


@event(
    "selection.bar_opened",
    version=1,
    subjects=("person_id",),
    zh="不得列为考察对象",
    en="barred from being an inspection object",
    shown=Shown(kind="person", document="person_id", items="bars", key="bar_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class BarOpened:
    """One ground bars the person from being an inspection object (SEL-10). Grounds stand side by side."""

    bar_id: UUID
    person_id: UUID
    ground: BarGround
    opened_on: date
    ends: str  # what ends this ground, e.g. "grade of 2027 confirmed"
    source: str  # title and article
    mark: str
    state: str = "open"


@event(
    "selection.bar_lifted",
    version=1,
    subjects=("person_id",),
    zh="限制解除",
    en="bar lifted",
    shown=Shown(kind="person", document="person_id", items="bars", key="bar_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class BarLifted:
    """One ground fell. `free` says whether it was the last one standing."""

    bar_id: UUID
    person_id: UUID
    lifted_on: date  # the day from which the person may compete again as far as this ground goes
    lifted_because: Literal["ended", "reversed"]
    free: bool
    state: str = "lifted"


@event(
    "selection.candidacy_changed",
    version=1,
    subjects=("person_id",),
    zh="人选状态变动",
    en="candidacy changed",
    shown=Shown(kind="person", document="person_id", items="candidacies", key="candidacy_id", withheld=True),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CandidacyChanged:
    """A candidacy was opened or moved on. `held`: a bar opened while it stood as an inspection object."""

    candidacy_id: UUID
    person_id: UUID
    unit_id: UUID
    post: str
    state: Literal["nominated", "inspection", "held", "withdrawn"]
    changed_on: date


@event("selection.work_opened", version=1, subjects=("work_id",), zh="待办", en="work to do")
@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionWorkOpened(WorkOpened):
    """Somebody in selection has something to do."""


@event("selection.work_closed", version=1, subjects=("work_id",), zh="待办已结", en="work done")
@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionWorkClosed(WorkClosed):
    """It was done, or there is no longer any need."""
