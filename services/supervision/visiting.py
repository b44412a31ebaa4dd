"""Return visits to people newly promoted: made due, paid and recorded, or called off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bole.identifiers import new_id
from bole.policy.policies import Policies
from contracts.selection.events import Appointed
from contracts.supervision import questions as ask
from contracts.supervision.events import ReturnVisitCalledOff, ReturnVisitDue, ReturnVisitHeld
from services.supervision.domain.term import visit_between
from services.supervision.models import ReturnVisit
from services.supervision.store import SupervisionStore
from services.supervision.worklist import put_visit

VISIT_OVER = "return_visit_over"  # kind of the deadline


def owe_visit(
    appointment: Appointed, unit_id: UUID, cause: UUID, supervision: SupervisionStore, policies: Policies
) -> None:
    """A visit becomes due after a promotion, between two terms of the pack (SUP-13)."""
    begins = policies.ask(ask.RETURN_VISIT_FROM, supervision.county, appointment.effective_on)
    within = policies.ask(ask.RETURN_VISIT_WITHIN, supervision.county, appointment.effective_on)
    not_before, due_on = visit_between(
        appointment.effective_on, from_months=begins.value, within_months=within.value
    )
    visit = ReturnVisit(
        id=new_id(),
        county=supervision.county,
        appointment_id=appointment.appointment_id,
        person_id=appointment.person_id,
        unit_id=unit_id,
        effective_on=appointment.effective_on,
        not_before=not_before,
        due_on=due_on,
        cause=cause,
        source=within.source,
        mark=within.mark,
        state="due",
    )
    supervision.session.add(visit)
    supervision.announce(
        ReturnVisitDue(
            visit_id=visit.id,
            person_id=visit.person_id,
            unit_id=unit_id,
            not_before=not_before,
            due_on=due_on,
            source=visit.source,
            mark=visit.mark,
        )
    )
    supervision.due(VISIT_OVER, subject=visit.person_id, on=due_on, ref=visit.id)
    put_visit(visit, supervision)


def record_visit(visit: ReturnVisit, report: dict[str, Any], supervision: SupervisionStore) -> None:
    """Keep what was found, and tell the others that the visit was paid and which steps it had (SUP-14)."""
    visit.state = "held"
    visit.visited_on = report["visited_on"]
    visit.steps = report["steps"]
    visit.findings = report["findings"]
    visit.recorded_by = supervision.actor
    supervision.call_off(VISIT_OVER, visit.id)
    supervision.announce(
        ReturnVisitHeld(
            visit_id=visit.id,
            person_id=visit.person_id,
            visited_on=report["visited_on"],
            steps=tuple(report["steps"]),
        )
    )
    put_visit(visit, supervision)


def call_off_visit(visit: ReturnVisit, supervision: SupervisionStore) -> None:
    """Whoever was promoted leaves before the visit was paid: it is owed no longer."""
    visit.state = "called_off"
    supervision.call_off(VISIT_OVER, visit.id)
    supervision.announce(
        ReturnVisitCalledOff(visit_id=visit.id, person_id=visit.person_id, called_off_on=supervision.today)
    )
    put_visit(visit, supervision)
