"""What stands on the worklist for selection: probations whose end is to be decided."""

from __future__ import annotations

from contracts.selection.events import SelectionWorkClosed, SelectionWorkOpened
from services.selection.models import Appointment
from services.selection.store import SelectionStore

OFFICERS = ("selection.officer", "department.head")


def put_probation(appointment: Appointment, selection: SelectionStore) -> None:
    """A probation is over: another officer than the one who recorded the appointment decides."""
    selection.announce(
        SelectionWorkOpened(
            work_id=appointment.id,
            kind="decide_probation",
            zh="试用期届满，登记考核决定",
            en="the probation is over: record how it was decided",
            roles=OFFICERS,
            not_by=(appointment.entered_by,),
            due_on=appointment.probation_until,
            link=f"/api/v1/selection/appointments/{appointment.id}",
            person_id=appointment.person_id,
            unit_id=appointment.unit_id,
        )
    )


def take_off(appointment: Appointment, selection: SelectionStore) -> None:
    """It was decided, or there is nothing left to decide."""
    selection.announce(SelectionWorkClosed(work_id=appointment.id))
