"""Check a decided change of post, and carry it out on the day it takes effect."""

from __future__ import annotations

from datetime import date
from typing import Any

from bole import errors
from services.selection import bars, worklist
from services.selection.answers import recorded
from services.selection.models import Appointment, Person, Unit
from services.selection.store import SelectionStore

APPOINTMENT, PROBATION = "appointment", "probation"  # deadlines


def check(entry: dict[str, Any], person: Person, selection: SelectionStore) -> None:
    """Refuse what cannot be: a decision of the future, of somebody who left, or one that is registered."""
    if person.unit_id is None:
        raise errors.Conflict("This person has left; a new roster brings them back.")
    check_day("decided_on", entry["decided_on"], selection)
    if person.appointed_on is not None and entry["effective_on"] < person.appointed_on:
        raise errors.Conflict(
            "The person came to the present post after that day.",
            appointed_on=person.appointed_on.isoformat(),
        )
    if selection.is_recorded(person.id, entry["kind"], entry["document"]):
        raise errors.Conflict("This decision was recorded for this person already.")


def named_unit(entry: dict[str, Any], present: Unit | None, selection: SelectionStore) -> Unit:
    """The unit an entry names by id or name; without either, the present one. Raises Invalid."""
    if "unit_id" in entry:
        unit = selection.unit(entry["unit_id"])
    elif "unit" in entry:
        unit = selection.unit_named(entry["unit"])
    else:
        unit = present
    if unit is None:
        at = "body.unit_id" if "unit_id" in entry else "body.unit"
        raise errors.Invalid(
            "There is no such unit; see the list of units.", [{"at": at, "says": "no unit is known by it"}]
        )
    return unit


def check_moves(entry: dict[str, Any], unit: Unit, person: Person) -> None:
    """Refuse an exchange to the unit and the post that the person has now."""
    if unit.id == person.unit_id and entry["post"].strip() == person.post:
        raise errors.Invalid(
            "An exchange leads to another unit or post.",
            [{"at": "body.post", "says": "is the present post, and the unit is the present one too"}],
        )


def check_day(field: str, day: date, selection: SelectionStore) -> None:
    """Refuse a decision that lies in the future."""
    if day > selection.today:
        raise errors.Invalid(
            "A decision cannot lie in the future.", [{"at": f"body.{field}", "says": f"{day} has not come"}]
        )


def take_effect(appointment: Appointment, person: Person, selection: SelectionStore) -> None:
    """Change the post, unless a roster brought a later one; probation in an earlier post is moot."""
    appointment.state = "in_effect"
    if person.appointed_on is not None and person.appointed_on > appointment.effective_on:
        return
    for earlier in selection.probations_of(person.id):
        if earlier.id != appointment.id:
            if earlier.probation == "ended":
                worklist.take_off(earlier, selection)
            selection.call_off(PROBATION, earlier.id)
            earlier.probation = "moot"
    if appointment.kind == "leaving":
        person.unit_id, person.post, person.is_leader = None, "", False
        for candidacy in selection.standing_candidacies(person.id):
            bars.move(candidacy, "withdrawn", selection)
    else:
        person.unit_id = appointment.unit_id
        person.post = appointment.post
        person.is_leader = appointment.is_leader
        person.rank = appointment.rank
        person.appointed_on = appointment.effective_on
        if appointment.kind == "promotion":
            person.level_since = appointment.effective_on
    unit = selection.unit(person.unit_id) if person.unit_id is not None else None
    selection.announce(recorded(person, unit))
