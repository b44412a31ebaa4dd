"""Every query of selection has a name here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, select

from bole import errors
from bole.identifiers import new_id
from bole.principal import Principal
from bole.store.model import ServiceStore
from contracts.selection.events import BarGround, UnitRecorded
from services.selection.domain.bar import YearResult
from services.selection.domain.identify import unit_key
from services.selection.domain.merge import Particulars
from services.selection.models import (
    Appointment,
    AssessmentYear,
    Bar,
    Base,
    Candidacy,
    Person,
    StandbyTraining,
    Unit,
)

PERSON = Base.metadata.tables["person"]
PERSON_COLUMNS = [column.name for column in PERSON.columns]
YEAR = Base.metadata.tables["assessment_year"].c

# Asked for every row of a roster and for every confirmed result, so built once.
PERSON_NUMBERED = select(PERSON.c.id).where(
    PERSON.c.county == bindparam("county"), PERSON.c.number == bindparam("number")
)
YEARS = select(YEAR.year, YEAR.graded, YEAR.failed).where(YEAR.person_id == bindparam("person_id"))
OPEN_BARS = select(Bar).where(Bar.person_id == bindparam("person_id"), Bar.state == "open").order_by(Bar.id)


class SelectionStore(ServiceStore):
    """The roster, appointments, bars and candidacies."""

    # units

    def units(self, by: Principal, *, cursor: str | None, limit: int) -> tuple[list[Unit], str | None]:
        """A page of the units within the caller's scope, in order of arrival."""
        query = select(Unit).where(Unit.county == self.county)
        if by.units is not None:
            query = query.where(Unit.id.in_(by.units))
        return self.page(query, Unit.id, cursor, limit)

    def unit(self, unit_id: UUID) -> Unit | None:
        """A unit by its id."""
        return self.session.get(Unit, unit_id)

    def unit_named(self, name: str) -> Unit | None:
        """A unit by its name, in any spelling."""
        return self.session.scalar(select(Unit).where(Unit.county == self.county, Unit.key == unit_key(name)))

    def unit_of_roster(self, name: str) -> Unit | None:
        """The same while rows of a roster are taken: from memory."""
        unit = self.roster.get(unit_key(name))
        return unit if unit is not None and unit in self.session else None  # its savepoint may have fallen

    def keep_unit(self, unit_id: UUID, name: str) -> Unit:
        """A new unit, which is announced."""
        unit = Unit(id=unit_id, county=self.county, name=" ".join(name.split()), key=unit_key(name))
        self.session.add(unit)
        self.session.flush()  # before anybody who belongs to it
        self.roster[unit.key] = unit
        self.announce(UnitRecorded(unit_id=unit.id, name=unit.name))
        return unit

    # people

    @property
    def roster(self) -> dict[str, Unit]:
        """Units by key, read once a transaction. No other one takes rows of a roster until the commit."""
        roster: dict[str, Unit] | None = self.session.info.get("roster")
        if roster is None:
            self.begin("selection.roster")
            units = self.session.scalars(select(Unit).where(Unit.county == self.county))
            roster = self.session.info["roster"] = {unit.key: unit for unit in units}
        return roster

    def person_numbered(self, number: str) -> Person | None:
        """A person by 工作证号, whom no other roster can bring until the commit."""
        self.begin("selection.roster")
        numbered = {"county": self.county, "number": number}
        person_id = self.session.connection().execute(PERSON_NUMBERED, numbered).scalar_one_or_none()
        return None if person_id is None else self.session.get(Person, person_id)

    def keep_person(self, particulars: Particulars, extra: dict[str, str]) -> Person:
        """A new person of the roster. The row is written at once, at a third of what a flush would cost."""
        person = Person(id=new_id(), county=self.county, extra=extra)
        person.take(particulars)
        said = {column: getattr(person, column) for column in PERSON_COLUMNS}
        self.session.connection().execute(insert(PERSON), said)
        return person

    def person(self, person_id: UUID, by: Principal) -> Person:
        """A person within the caller's scope. Raises NotFound."""
        person = self.session.get(Person, person_id)
        if person is None or not by.may_see(person.id, person.unit_id):
            raise errors.NotFound("There is no such person.")
        return person

    def person_to_change(self, person_id: UUID, by: Principal) -> Person:
        """A person within the caller's scope, locked until the commit. Raises NotFound."""
        self.begin(person_id)
        return self.person(person_id, by)

    # appointments

    def appointment(self, appointment_id: UUID) -> Appointment | None:
        """One appointment, whoever asks."""
        return self.session.get(Appointment, appointment_id)

    def visible_appointment(self, appointment_id: UUID, by: Principal) -> Appointment:
        """One appointment of a person within the caller's scope. Raises NotFound."""
        appointment = self.appointment(appointment_id)
        if appointment is None:
            raise errors.NotFound("There is no such appointment.")
        self.person(appointment.person_id, by)
        return appointment

    def appointment_to_change(self, appointment_id: UUID, by: Principal) -> Appointment:
        """The same, its person locked until the commit."""
        self.begin(self.visible_appointment(appointment_id, by).person_id)
        return self.visible_appointment(appointment_id, by)

    def is_recorded(self, person_id: UUID, kind: str, document: str) -> bool:
        """Whether this decision was registered before."""
        found = select(Appointment.id).where(
            Appointment.person_id == person_id, Appointment.kind == kind, Appointment.document == document
        )
        return self.session.scalar(found) is not None

    def probations_of(self, person_id: UUID) -> Sequence[Appointment]:
        """Appointments whose probation runs or waits to be decided."""
        return self.session.scalars(
            select(Appointment).where(
                Appointment.person_id == person_id, Appointment.probation.in_(("running", "ended"))
            )
        ).all()

    # assessments, as supervision confirmed them

    def keep_year(self, person_id: UUID, result_id: UUID, year: YearResult) -> None:
        """What one year came to; a later word replaces it."""
        self.put(
            AssessmentYear,
            person_id=person_id,
            year=year.year,
            county=self.county,
            result_id=result_id,
            graded=year.graded,
            failed=year.failed,
        )

    def years(self, person_id: UUID) -> list[YearResult]:
        """What every assessed year came to."""
        rows = self.session.connection().execute(YEARS, {"person_id": person_id})
        return [YearResult(row.year, row.graded, row.failed) for row in rows]

    # standby trainings, as training announced them

    def keep_standby_training(self, remedial_id: UUID, person_id: UUID, cause: UUID) -> StandbyTraining:
        """Which measure a standby training belongs to."""
        training = StandbyTraining(
            remedial_id=remedial_id, county=self.county, person_id=person_id, cause=cause, frees_on=None
        )
        self.session.add(training)
        self.session.flush()
        return training

    def standby_training(self, remedial_id: UUID) -> StandbyTraining | None:
        """A standby training by its id."""
        return self.session.get(StandbyTraining, remedial_id)

    def standby_freed_on(self, cause: UUID) -> date | None:
        """From which day the training after one measure frees; None while it is not passed."""
        return self.session.scalar(
            select(StandbyTraining.frees_on).where(
                StandbyTraining.cause == cause, StandbyTraining.frees_on.is_not(None)
            )
        )

    # bars

    def bar(self, bar_id: UUID) -> Bar | None:
        """A bar by its id."""
        return self.session.get(Bar, bar_id)

    def bars(self, person_id: UUID) -> Sequence[Bar]:
        """All grounds there ever were, in order of opening."""
        return self.session.scalars(select(Bar).where(Bar.person_id == person_id).order_by(Bar.id)).all()

    def open_bars(self, person_id: UUID, ground: BarGround | None = None) -> Sequence[Bar]:
        """The grounds that stand."""
        standing = self.session.scalars(OPEN_BARS, {"person_id": person_id})
        return [bar for bar in standing if ground in (None, bar.ground)]

    def open_bar(self, person_id: UUID, ground: BarGround, key: object) -> Bar | None:
        """The standing ground for one year, training or measure."""
        return self.session.scalar(
            select(Bar).where(
                Bar.person_id == person_id, Bar.ground == ground, Bar.key == str(key), Bar.state == "open"
            )
        )

    def open_bar_caused_by(self, person_id: UUID, cause: UUID) -> Bar | None:
        """The standing ground that follows from one event."""
        return self.session.scalar(
            select(Bar).where(Bar.person_id == person_id, Bar.cause == cause, Bar.state == "open")
        )

    def keep(self, row: Appointment | Bar | Candidacy) -> None:
        """A new row, seen by the queries after it."""
        self.session.add(row)
        self.session.flush()

    # candidacies

    def candidacies(
        self, by: Principal, *, person_id: UUID | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[Candidacy], str | None]:
        """A page of the candidacies of people within the caller's scope, in order of nomination."""
        query = _candidacies_within(by)
        if person_id is not None:
            query = query.where(Candidacy.person_id == person_id)
        if state is not None:
            query = query.where(Candidacy.state == state)
        return self.page(query, Candidacy.id, cursor, limit)

    def standing_candidacies(self, person_id: UUID) -> Sequence[Candidacy]:
        """What a person is put forward for."""
        return self.session.scalars(
            select(Candidacy)
            .where(Candidacy.person_id == person_id, Candidacy.state != "withdrawn")
            .order_by(Candidacy.id)
        ).all()

    def candidacy_to_change(self, candidacy_id: UUID, by: Principal) -> Candidacy:
        """A candidacy of a person within the caller's scope, the person locked. Raises NotFound."""
        found = select(Candidacy.person_id).where(Candidacy.id == candidacy_id)
        person_id = self.session.scalar(found)
        if person_id is None:
            raise errors.NotFound("There is no such candidacy.")
        self.begin(person_id)
        candidacy = self.session.scalar(_candidacies_within(by).where(Candidacy.id == candidacy_id))
        if candidacy is None:
            raise errors.NotFound("There is no such candidacy.")
        return candidacy


def _candidacies_within(by: Principal) -> Select[Candidacy]:
    query = select(Candidacy)
    if by.units is not None:
        query = query.join(Person, Person.id == Candidacy.person_id).where(Person.unit_id.in_(by.units))
    return query
