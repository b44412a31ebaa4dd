"""What supervision announces: confirmed results, corrections, measures and return visits.

A proposed grade never leaves the service; the first event of a result is its confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from bole.events import Shown, event
from bole.worklist import WorkClosed, WorkOpened

Grade = Literal["excellent", "competent", "basic", "incompetent"]  # 优秀 称职 基本称职 不称职
LeaderClass = Literal["class_1", "class_2", "class_3", "class_4"]  # 一类巩固 二类提高 三类诫勉 四类调整
MeasureKind = Literal["admonition", "demotion", "standby", "exchange", "adjustment", "dismissal"]
# 诫勉, 降职, 待岗, 交流, 组织调整, 辞退
VisitStep = Literal["opinions", "interviews", "on_site", "feedback", "correction"]
# 听取原单位和现单位意见, 谈话, 实地, 反馈, 整改
_RESULT = Shown(kind="person", document="person_id", items="results", key="result_id")
_MEASURE = Shown(kind="person", document="person_id", items="measures", key="measure_id")


@event(
    "supervision.result_confirmed",
    version=1,
    subjects=("person_id",),
    zh="年度考核结果确定",
    en="assessment result confirmed",
    shown=_RESULT,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ResultConfirmed:
    """Another officer confirmed the result of one person and year.

    `grade` None: not graded, for the reason in `not_graded`.
    """

    result_id: UUID
    person_id: UUID
    unit_id: UUID  # assessed unit
    year: int
    grade: Grade | None
    failed: bool  # basic or incompetent
    leader_class: LeaderClass | None  # leaders only
    is_leader: bool
    not_graded: str | None
    post: str  # held at the time (时任职务)
    confirmed_on: date
    rule: str  # which threshold decided, in words
    source: str
    mark: str
    state: str = "confirmed"


@event(
    "supervision.result_corrected",
    version=1,
    subjects=("person_id",),
    zh="考核结果更正",
    en="assessment result corrected",
    shown=_RESULT,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCorrected:
    """An upheld objection or a found error replaced a confirmed result; what followed from it falls.

    `was_failed` and not `failed`: every consequence of the old grade is reversed everywhere.
    """

    result_id: UUID
    person_id: UUID
    unit_id: UUID
    year: int
    grade: Grade | None
    failed: bool
    was_grade: Grade | None
    was_failed: bool
    leader_class: LeaderClass | None
    is_leader: bool
    post: str
    corrected_on: date
    correction: Literal["objection", "error", "appeal"]
    source: str
    mark: str
    reverses: UUID  # id of the event it undoes
    state: str = "corrected"


@event(
    "supervision.correction_proposed",
    version=1,
    subjects=("person_id",),
    zh="拟更正考核结果",
    private=True,
    en="correction proposed",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionProposed:
    """An officer proposes to replace a confirmed result; a second officer decides."""

    correction_id: UUID
    result_id: UUID
    person_id: UUID
    correction: Literal["objection", "error", "appeal"]
    grade: Grade


@event(
    "supervision.correction_rejected",
    version=1,
    subjects=("person_id",),
    zh="更正未获支持",
    private=True,
    en="correction rejected",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRejected:
    """The second officer rejected it; the result stands."""

    correction_id: UUID
    result_id: UUID
    person_id: UUID
    rejected_on: date


@event(
    "supervision.notice_served",
    version=1,
    subjects=("person_id",),
    zh="结果书面通知本人",
    en="person told in writing",
    shown=replace(_RESULT, hide=("source",)),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeServed:
    """The person was told the result in writing (ASM-02); the terms of objection and appeal run from it."""

    result_id: UUID
    person_id: UUID
    served_on: date
    manner: Literal["in_person", "post", "left_at_home"]
    review_until: date  # APP-02, last day to ask for a review
    source: str


@event(
    "supervision.measure_proposed",
    version=1,
    subjects=("person_id",),
    zh="拟采取措施",
    private=True,
    en="measure proposed",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureProposed:
    """Supervision proposes a measure.

    Private: nothing adverse leaves before it is heard, decided and served.
    """

    measure_id: UUID
    person_id: UUID
    kind: MeasureKind
    result_id: UUID | None
    source: str


@event(
    "supervision.measure_heard",
    version=1,
    subjects=("person_id",),
    zh="听取陈述申辩",
    private=True,
    en="person heard on a proposed measure",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureHeard:
    """The person was heard. What was said stays in the service's database."""

    measure_id: UUID
    person_id: UUID
    heard_on: date


@event(
    "supervision.measure_decided",
    version=1,
    subjects=("person_id",),
    zh="措施决定",
    private=True,
    en="measure decided",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureDecided:
    """Another officer than the proposer imposed or dropped it; imposed, it still waits to be served."""

    measure_id: UUID
    person_id: UUID
    decision: Literal["impose", "drop"]
    decided_on: date


@event(
    "supervision.measure_withdrawn",
    version=1,
    subjects=("person_id",),
    zh="措施撤回",
    private=True,
    en="proposed measure withdrawn",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureWithdrawn:
    """Its cause fell before it took effect, or the person leaves and it was only proposed."""

    measure_id: UUID
    person_id: UUID
    withdrawn_on: date


@event(
    "supervision.measure_in_effect",
    version=1,
    subjects=("person_id",),
    zh="措施生效",
    en="measure in effect",
    shown=_MEASURE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureInEffect:
    """A measure was heard, decided by another officer and served; it is in effect from `in_effect_on`."""

    measure_id: UUID
    person_id: UUID
    unit_id: UUID
    kind: MeasureKind
    result_id: UUID | None
    decided_on: date
    in_effect_on: date  # the day of service
    effect_until: date | None
    review_until: date
    source: str
    mark: str
    state: str = "in_effect"


@event(
    "supervision.measure_ended",
    version=1,
    subjects=("person_id",),
    zh="措施终止",
    en="measure ended",
    shown=_MEASURE,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureEnded:
    """A measure that was in effect is over: served its time, or reversed because its cause fell."""

    measure_id: UUID
    person_id: UUID
    kind: MeasureKind
    ended_on: date
    ended_because: Literal["served", "reversed"]
    state: str = "ended"


@event("supervision.cycle_opened", version=1, subjects=("cycle_id",), zh="年度考核开启", en="cycle opened")
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleOpened:
    """The assessment of one year was opened."""

    cycle_id: UUID
    year: int
    opened_on: date


@event("supervision.cycle_closed", version=1, subjects=("cycle_id",), zh="年度考核结束", en="cycle closed")
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleClosed:
    """The assessment of one year was closed; corrections remain possible."""

    cycle_id: UUID
    year: int
    closed_on: date


@event(
    "supervision.team_result_confirmed",
    version=1,
    subjects=("unit_id",),
    zh="班子考核结果确定",
    en="team result confirmed",
    shown=Shown(kind="unit", document="unit_id", items="team_results", key="result_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TeamResultConfirmed:
    """The class of a leading team for one year was confirmed by another officer."""

    result_id: UUID
    unit_id: UUID
    year: int
    team_class: LeaderClass
    confirmed_on: date
    source: str
    mark: str


@event(
    "supervision.return_visit_due",
    version=1,
    subjects=("person_id",),
    zh="应当回访",
    en="return visit due",
    shown=Shown(kind="person", document="person_id", items="return_visits", key="visit_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnVisitDue:
    """A promoted person is to be visited (SUP-13, SUP-14)."""

    visit_id: UUID
    person_id: UUID
    unit_id: UUID
    not_before: date
    due_on: date
    source: str
    mark: str
    state: str = "due"


@event(
    "supervision.return_visit_held",
    version=1,
    subjects=("person_id",),
    zh="已回访",
    en="return visit held",
    shown=Shown(kind="person", document="person_id", items="return_visits", key="visit_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnVisitHeld:
    """A return visit was paid. What was found stays in supervision."""

    visit_id: UUID
    person_id: UUID
    visited_on: date
    steps: tuple[VisitStep, ...]  # which of the five were done (SUP-14)
    state: str = "held"


@event(
    "supervision.return_visit_called_off",
    version=1,
    subjects=("person_id",),
    zh="回访取消",
    en="return visit called off",
    shown=Shown(kind="person", document="person_id", items="return_visits", key="visit_id"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnVisitCalledOff:
    """The promoted person leaves before the visit was paid; it is owed no longer."""

    visit_id: UUID
    person_id: UUID
    called_off_on: date
    state: str = "called_off"


@event("supervision.work_opened", version=1, subjects=("work_id",), zh="待办", en="work to do")
@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionWorkOpened(WorkOpened):
    """Somebody in supervision has something to do. Names no person while nothing is decided."""


@event("supervision.work_closed", version=1, subjects=("work_id",), zh="待办已结", en="work done")
@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionWorkClosed(WorkClosed):
    """It was done, or there is no longer any need."""
