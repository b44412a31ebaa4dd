"""Rows as the calls and events of selection give them."""

from __future__ import annotations

from typing import Any

from contracts.selection.events import Appointed, PersonRecorded
from services.selection.models import Appointment, Bar, Candidacy, Person, Unit


def recorded(person: Person, unit: Unit | None) -> PersonRecorded:
    """The whole state of a person, as others mirror it."""
    return PersonRecorded(
        person_id=person.id,
        number=person.number,
        name=person.name,
        sex=person.sex,  # type: ignore[arg-type]  # checked by the table
        born_on=person.born_on,
        work_since=person.work_since,
        party_since=person.party_since,
        unit_id=person.unit_id,
        unit=unit.name if unit is not None else "",
        post=person.post,
        is_leader=person.is_leader,
        rank=person.rank,
        appointed_on=person.appointed_on,
        level_since=person.level_since,
        education=person.education,
        identity=person.identity,
    )


def appointed(appointment: Appointment) -> Appointed:
    """What others hear of an appointment."""
    return Appointed(
        appointment_id=appointment.id,
        person_id=appointment.person_id,
        kind=appointment.kind,
        unit_id=appointment.unit_id,
        unit=appointment.unit,
        post=appointment.post,
        from_unit_id=appointment.from_unit_id,
        from_unit=appointment.from_unit,
        from_post=appointment.from_post,
        is_leader=appointment.is_leader,
        decided_on=appointment.decided_on,
        effective_on=appointment.effective_on,
        document=appointment.document,
        probation_until=appointment.probation_until,
        source=appointment.source,
    )


def appointment_view(appointment: Appointment) -> dict[str, Any]:
    """An `AppointmentView`."""
    fields = (
        "person_id", "kind", "unit_id", "unit", "post", "from_unit_id", "from_unit", "from_post",
        "decided_on",
        "effective_on", "document", "state", "probation", "probation_until", "source", "mark",
    )  # fmt: skip
    return {"appointment_id": appointment.id} | {field: getattr(appointment, field) for field in fields}


def candidacy_view(candidacy: Candidacy) -> dict[str, Any]:
    """A `CandidacyView`."""
    fields = ("person_id", "unit_id", "post", "state", "changed_on")
    return {"candidacy_id": candidacy.id} | {field: getattr(candidacy, field) for field in fields}


def bar_view(bar: Bar) -> dict[str, Any]:
    """A `BarView`."""
    fields = (
        "ground", "state", "opened_on", "ends", "source", "mark", "cause", "lifted_on", "lifted_because",
    )  # fmt: skip
    return {"bar_id": bar.id} | {field: getattr(bar, field) for field in fields}


def unit_view(unit: Unit) -> dict[str, Any]:
    """A `UnitView`."""
    return {"unit_id": unit.id, "name": unit.name, "code": unit.code}
