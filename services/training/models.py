"""The tables of training."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bole.store.model import ServiceBase
from contracts.training.events import RemedialKind

OPEN = ("assigned", "extended")  # states in which a training still has to be completed


class Base(ServiceBase):
    """The tables of training."""


class Person(Base):
    """What training knows of a person: the unit, for the scope of officers, and whether they left."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[UUID | None] = mapped_column(index=True)  # None: has left
    leaving_on: Mapped[date | None]  # last day, once a leaving was decided

    @property
    def has_left(self) -> bool:
        """Nobody trains for a post that was left, so nothing is assigned any more."""
        return self.unit_id is None or self.leaving_on is not None


class Remedial(Base):
    """One training assigned by name, with the terms it was assigned under."""

    __tablename__ = "remedial"
    __table_args__ = (
        UniqueConstraint("cause", name="one_training_per_event"),
        CheckConstraint("kind IN ('remedial', 'standby', 'appointment')", name="kind"),
        CheckConstraint("state IN ('assigned', 'extended', 'passed', 'failed', 'withdrawn')", name="state"),
        CheckConstraint("pass_mark BETWEEN 0 AND 100", name="pass_mark_in_points"),
        Index("ix_remedial_person_id_state", "person_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # version 7: in order of assignment
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[UUID | None]  # unit at the time
    kind: Mapped[RemedialKind] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    origin_id: Mapped[UUID] = mapped_column(index=True)  # the result, measure or appointment it follows
    cause: Mapped[UUID]  # id of the event that said so
    assigned_on: Mapped[date]
    due_on: Mapped[date]  # due at the following midnight
    class_until: Mapped[date | None]  # standby: last day of the class part
    hours: Mapped[int]  # 学时
    pass_mark: Mapped[int | None]  # points; None: no exam
    terms: Mapped[list[dict[str, Any]]]  # question, value, source and mark of each number, as applied
    source: Mapped[str] = mapped_column(Text)  # of the term
    mark: Mapped[str] = mapped_column(String(16))
    ended_on: Mapped[date | None]
    frees_on: Mapped[date | None]  # passed: the ground it stood for falls

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Completion(Base):
    """What was reported of a training. Written once; only the decision on it is added."""

    __tablename__ = "completion"
    __table_args__ = (
        UniqueConstraint("remedial_id", "number", name="one_row_per_report"),
        CheckConstraint("hours_attended >= 0", name="hours_attended"),
        CheckConstraint("exam_score BETWEEN 0 AND 100", name="score_in_points"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'sent_back', 'void')", name="state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    remedial_id: Mapped[UUID] = mapped_column(ForeignKey("remedial.id"))
    number: Mapped[int]  # 1 for the first report
    hours_attended: Mapped[int]  # 学时
    exam_score: Mapped[int | None]  # points
    completed_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text)
    pass_mark: Mapped[int | None]  # points, as in force on completed_on
    source: Mapped[str] = mapped_column(Text)  # where the pass mark, else the hours, come from
    passed: Mapped[bool]  # the verdict that was proposed
    state: Mapped[str] = mapped_column(String(16))
    entered_by: Mapped[str] = mapped_column(String(200))
    entered_on: Mapped[date]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
