"""The tables of supervision. People and units mirror selection's roster; everything else is its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bole.store.model import ServiceBase
from contracts.supervision.events import Grade, LeaderClass, MeasureKind
from services.supervision.domain.advance import State


class Base(ServiceBase):
    """The tables of supervision."""


class Person(Base):
    """Somebody in the roster, as selection last said."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_number", "county", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(64))  # 工作证号
    unit_id: Mapped[UUID | None]  # None: has left
    post: Mapped[str] = mapped_column(String(300))
    is_leader: Mapped[bool]


class Unit(Base):
    """A unit of the roster, as selection last said."""

    __tablename__ = "unit"
    __table_args__ = (Index("ix_unit_name", "county", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(300))


class Cycle(Base):
    """The assessment of one year. The two counts are what the worklist was last told."""

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("county", "year", name="one_cycle_a_year"),
        CheckConstraint("state IN ('open', 'closed')", name="state_is_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    results_until: Mapped[date | None]  # last day on which results are taken
    opened_by: Mapped[str] = mapped_column(String(128))
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    confirm_work: Mapped[UUID]  # id of the worklist's line "results wait for confirmation"
    confirm_count: Mapped[int]
    notice_work: Mapped[UUID]  # id of the line "results wait for notice"
    notice_count: Mapped[int]


class Result(Base):
    """One person's or team's result of one year: what was entered, what it led to, what was confirmed."""

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("cycle_id", "kind", "about_id", name="one_result_a_year"),
        CheckConstraint("kind IN ('person', 'team')", name="kind_is_known"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'corrected')", name="state_is_known"),
        Index("ix_result_cycle_state", "cycle_id", "state", "kind", "served_on"),
        Index("ix_result_cycle_unit", "cycle_id", "kind", "unit_id", "grade"),
        Index("ix_result_person_year", "person_id", "year"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    cycle_id: Mapped[UUID] = mapped_column(ForeignKey("cycle.id"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    about_id: Mapped[UUID]  # the person, or the team's unit
    person_id: Mapped[UUID | None]  # None: a team
    unit_id: Mapped[UUID]  # assessed unit
    post: Mapped[str] = mapped_column(String(300))  # held at the time
    is_leader: Mapped[bool]
    ground: Mapped[str] = mapped_column(String(16))  # scores, ballots, not_graded
    scores: Mapped[dict[str, Any] | None]  # points by item
    ballots: Mapped[dict[str, Any] | None]  # never leave this table
    not_graded_entered: Mapped[str | None] = mapped_column(String(64))  # code, as entered
    not_graded: Mapped[str | None] = mapped_column(String(64))  # code; None once a grade was decided
    average: Mapped[Decimal | None]  # points, cut off after four places
    computed_grade: Mapped[Grade | None] = mapped_column(String(16))
    computed_class: Mapped[LeaderClass | None] = mapped_column(String(16))
    grade: Mapped[Grade | None] = mapped_column(String(16))
    leader_class: Mapped[LeaderClass | None] = mapped_column(String(16))
    class_source: Mapped[str | None] = mapped_column(String(300))
    rule: Mapped[str] = mapped_column(String(300))
    checks: Mapped[list[dict[str, Any]]]
    source: Mapped[str] = mapped_column(String(300))
    mark: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    entered_by: Mapped[str] = mapped_column(String(128))
    entered_on: Mapped[date]
    confirmed_by: Mapped[str | None] = mapped_column(String(128))
    confirmed_on: Mapped[date | None]
    change_reason: Mapped[str | None] = mapped_column(Text)
    corrected_on: Mapped[date | None]  # the last time
    event_id: Mapped[UUID | None]  # of the last event that told it
    served_on: Mapped[date | None]
    review_until: Mapped[date | None]
    notice: Mapped[dict[str, Any] | None]  # manner, signature or refusal


class Correction(Base):
    """A proposal to replace a confirmed grade, and what the second officer decided."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'upheld', 'rejected')", name="state_is_known"),
        Index("ix_correction_result", "result_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    result_id: Mapped[UUID] = mapped_column(ForeignKey("result.id"))
    person_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    correction: Mapped[Literal["objection", "error", "appeal"]] = mapped_column(String(16))
    was_grade: Mapped[Grade | None] = mapped_column(String(16))
    grade: Mapped[Grade] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(String(128))
    proposed_on: Mapped[date]
    decided_by: Mapped[str | None] = mapped_column(String(128))
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str | None] = mapped_column(Text)


class Measure(Base):
    """A measure from its proposal to its end, with its cause and the article behind it."""

    __tablename__ = "measure"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'heard', 'imposed', 'in_effect', 'ended', 'dropped', 'withdrawn')",
            name="state_is_known",
        ),
        Index("ix_measure_person", "person_id", "state"),
        Index("ix_measure_result", "result_id"),
        Index("ix_measure_training", "training_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    kind: Mapped[MeasureKind] = mapped_column(String(16))
    ground: Mapped[str] = mapped_column(String(32))  # after_basic, for_failed_leader, after_failed_training
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("result.id"))
    training_id: Mapped[UUID | None]  # the failed training it follows from
    cause: Mapped[UUID]  # id of the event it follows from
    source: Mapped[str] = mapped_column(String(300))
    mark: Mapped[str] = mapped_column(String(16))
    state: Mapped[State] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(String(128))
    proposed_on: Mapped[date]
    heard_on: Mapped[date | None]
    statement: Mapped[str | None] = mapped_column(Text)
    present: Mapped[list[str] | None]
    decided_by: Mapped[str | None] = mapped_column(String(128))
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str | None] = mapped_column(Text)
    notice: Mapped[dict[str, Any] | None]
    in_effect_on: Mapped[date | None]  # the day of service
    effect_until: Mapped[date | None]  # last day; None: no period of its own
    review_until: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_because: Mapped[str | None] = mapped_column(String(16))  # served, reversed


class ReturnVisit(Base):
    """A visit to a promoted person: due, then held; called off when the person leaves before."""

    __tablename__ = "return_visit"
    __table_args__ = (
        UniqueConstraint("appointment_id", name="one_visit_per_promotion"),
        CheckConstraint("state IN ('due', 'held', 'called_off')", name="state_is_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    appointment_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(index=True)
    unit_id: Mapped[UUID]
    effective_on: Mapped[date]  # first day in the new post
    not_before: Mapped[date]
    due_on: Mapped[date]
    cause: Mapped[UUID]  # id of the event it follows from
    source: Mapped[str] = mapped_column(String(300))
    mark: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))  # due, held, called_off
    visited_on: Mapped[date | None]
    steps: Mapped[list[str] | None]  # which of the five were done (SUP-14)
    findings: Mapped[str | None] = mapped_column(Text)  # never leave this service
    recorded_by: Mapped[str | None] = mapped_column(String(128))
