"""The tables of care."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bole.store.model import ServiceBase
from contracts.care.events import TalkTrigger

OPEN = ("due", "overdue")  # states in which a talk is still to be held


class Base(ServiceBase):
    """The tables of care."""


class Person(Base):
    """What care knows of a person: the unit, for the scope of officers."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[UUID | None] = mapped_column(index=True)  # None: has left


class Talk(Base):
    """One talk that must be held, and why. What was said is in TalkRecord."""

    __tablename__ = "talk"
    __table_args__ = (
        UniqueConstraint("cause", name="one_talk_per_event"),
        CheckConstraint(
            "trigger_kind IN ('post_change', 'early_signs', 'leaving', 'handled', 'hardship')", name="trigger"
        ),
        CheckConstraint("state IN ('due', 'overdue', 'held', 'void')", name="state"),
        CheckConstraint("(cause IS NULL) = (opened_by IS NOT NULL)", name="event_or_person_opened_it"),
        Index("ix_talk_person_id_state", "person_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # version 7: in the order they were opened
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[UUID | None]  # unit at the time
    trigger: Mapped[TalkTrigger] = mapped_column("trigger_kind", String(16))
    state: Mapped[str] = mapped_column(String(16))
    origin_id: Mapped[UUID | None] = mapped_column(index=True)  # the result, measure or appointment
    cause: Mapped[UUID | None]  # id of the event that said so; None: opened by hand
    since_on: Mapped[date]  # the day the occasion arose
    due_on: Mapped[date]  # due at the following midnight
    held_on: Mapped[date | None]
    voided_on: Mapped[date | None]
    opened_by: Mapped[str | None] = mapped_column(String(200))  # account, when opened by hand
    reason: Mapped[str | None] = mapped_column(Text)  # when opened by hand; for the care chain only
    source: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(String(16))

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class TalkRecord(Base):
    """What was said in one talk. For the care chain only; in no event, no log and no other database."""

    __tablename__ = "talk_record"

    talk_id: Mapped[UUID] = mapped_column(ForeignKey("talk.id"), primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    held_by: Mapped[str] = mapped_column(String(200))  # who talked with the person
    content: Mapped[str] = mapped_column(Text)
    follow_up: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(200))
    recorded_on: Mapped[date]
