"""The tables of selection."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bole.store.model import ServiceBase
from contracts.selection.events import AppointmentKind, BarGround
from services.selection.domain.hold import CandidacyState
from services.selection.domain.merge import Particulars

PARTICULARS = tuple(Particulars.__dataclass_fields__)


class Base(ServiceBase):
    """The tables of selection."""


class Unit(Base):
    """A unit of the county, as the rosters name it."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("county", "key", name="one_unit_per_name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # version 7: in order of arrival
    county: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(128))
    key: Mapped[str] = mapped_column(String(256))  # the name without what spellings differ in
    code: Mapped[str | None] = mapped_column(String(64))


class Person(Base):
    """One person of the roster and the post held now."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("county", "number", name="one_person_per_number"),
        CheckConstraint("sex IN ('male', 'female')", name="sex"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(32))  # 工作证号, text with its leading zeros
    name: Mapped[str] = mapped_column(String(64))
    sex: Mapped[str | None] = mapped_column(String(8))
    born_on: Mapped[date | None]
    work_since: Mapped[date | None]
    party_since: Mapped[date | None]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)  # None: has left
    post: Mapped[str] = mapped_column(String(256))
    is_leader: Mapped[bool]
    rank: Mapped[str] = mapped_column(String(64))
    appointed_on: Mapped[date | None]
    level_since: Mapped[date | None]
    education: Mapped[str] = mapped_column(String(64))
    identity: Mapped[str] = mapped_column(String(64))
    extra: Mapped[dict[str, str]]  # columns of the last roster that selection does not know, by head

    @property
    def particulars(self) -> Particulars:
        """The row as the rules see it."""
        return Particulars(**{field: getattr(self, field) for field in PARTICULARS})

    def take(self, particulars: Particulars) -> None:
        """Write what the rules made of it."""
        for field in PARTICULARS:
            setattr(self, field, getattr(particulars, field))


class Appointment(Base):
    """A decided change of post, from its registration to the end of its probation."""

    __tablename__ = "appointment"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "document", name="one_row_per_decision"),
        CheckConstraint("kind IN ('promotion', 'exchange', 'adjustment', 'leaving')", name="kind"),
        CheckConstraint("state IN ('scheduled', 'in_effect')", name="state"),
        CheckConstraint(
            "probation IN ('running', 'ended', 'confirmed', 'not_confirmed', 'moot')", name="probation"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[AppointmentKind] = mapped_column(String(16))
    unit_id: Mapped[UUID | None]  # None when leaving
    unit: Mapped[str] = mapped_column(String(128))
    post: Mapped[str] = mapped_column(String(256))  # when leaving, the post left
    is_leader: Mapped[bool]
    rank: Mapped[str] = mapped_column(String(64))
    from_unit_id: Mapped[UUID | None]
    from_unit: Mapped[str] = mapped_column(String(128))
    from_post: Mapped[str] = mapped_column(String(256))
    decided_on: Mapped[date]
    effective_on: Mapped[date]  # when leaving, the last day
    document: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16))
    probation: Mapped[str | None] = mapped_column(String(16))  # None: none is served
    probation_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(400))  # of the probation; empty without one
    mark: Mapped[str] = mapped_column(String(8))
    entered_by: Mapped[str] = mapped_column(String(128))
    decided_by: Mapped[str | None] = mapped_column(String(128))  # who recorded how the probation ended
    probation_decided_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(1000))


class AssessmentYear(Base):
    """What supervision confirmed of one person and year, as far as bars need it."""

    __tablename__ = "assessment_year"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    county: Mapped[str] = mapped_column(String(64))
    result_id: Mapped[UUID]
    graded: Mapped[bool]
    failed: Mapped[bool]


class StandbyTraining(Base):
    """Which standby training belongs to which measure, and from which day it frees once it is passed."""

    __tablename__ = "standby_training"

    remedial_id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(index=True)
    cause: Mapped[UUID] = mapped_column(index=True)  # the event that put the measure into effect
    frees_on: Mapped[date | None]  # None: not passed


class Bar(Base):
    """One ground on which a person may not be an inspection object. Lifted, it stays readable."""

    __tablename__ = "bar"
    __table_args__ = (
        CheckConstraint(
            "ground IN ('failed_assessment', 'open_remedial', 'standby', 'measure')", name="ground"
        ),
        CheckConstraint("state IN ('open', 'lifted')", name="state"),
        CheckConstraint("lifted_because IN ('ended', 'reversed')", name="lifted_because"),
        Index(
            "one_open_bar_per_ground",
            "person_id",
            "ground",
            "key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # version 7: in order of opening
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(index=True)
    ground: Mapped[BarGround] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(36))  # the year, the training or the measure it stands for
    state: Mapped[str] = mapped_column(String(16))
    opened_on: Mapped[date]
    ends: Mapped[str] = mapped_column(String(200))  # what ends it, in words
    source: Mapped[str] = mapped_column(String(400))
    mark: Mapped[str] = mapped_column(String(8))
    cause: Mapped[UUID]  # id of the event it follows from
    lifted_on: Mapped[date | None]
    lifted_because: Mapped[str | None] = mapped_column(String(16))
    lifted_by: Mapped[UUID | None]  # id of the event that lifted it; None: its day came


class Candidacy(Base):
    """A person put forward for a post."""

    __tablename__ = "candidacy"
    __table_args__ = (
        CheckConstraint("state IN ('nominated', 'inspection', 'held', 'withdrawn')", name="state"),
        Index(
            "one_standing_candidacy_per_post",
            "person_id",
            "unit_id",
            "post",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # version 7: in order of nomination
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))  # where the post is
    post: Mapped[str] = mapped_column(String(256))
    state: Mapped[CandidacyState] = mapped_column(String(16))
    changed_on: Mapped[date]
    nominated_by: Mapped[str] = mapped_column(String(128))
