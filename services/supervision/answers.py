"""Rows as callers see them. Ballots, accounts and notices' witnesses stay inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.supervision.models import Correction, Cycle, Measure, Result, ReturnVisit

CYCLE = ("id", "year", "state", "results_until", "opened_on", "closed_on")
RESULT = (
    "id",
    "cycle_id",
    "year",
    "kind",
    "person_id",
    "unit_id",
    "post",
    "is_leader",
    "state",
    "ground",
    "computed_grade",
    "computed_class",
    "grade",
    "leader_class",
    "class_source",
    "not_graded",
    "rule",
    "source",
    "mark",
    "entered_on",
    "confirmed_on",
    "corrected_on",
    "change_reason",
    "served_on",
    "review_until",
)
CORRECTION = (
    "id",
    "result_id",
    "person_id",
    "correction",
    "was_grade",
    "grade",
    "reason",
    "state",
    "proposed_on",
    "decided_on",
    "decision_reason",
)
MEASURE = (
    "id",
    "person_id",
    "unit_id",
    "kind",
    "state",
    "result_id",
    "proposed_on",
    "heard_on",
    "decided_on",
    "in_effect_on",
    "effect_until",
    "review_until",
    "ended_on",
    "ended_because",
    "source",
    "mark",
)
VISIT = (
    "id",
    "person_id",
    "unit_id",
    "appointment_id",
    "state",
    "effective_on",
    "not_before",
    "due_on",
    "visited_on",
    "steps",
    "source",
    "mark",
)


def _told(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def cycle_view(cycle: Cycle) -> dict[str, Any]:
    """One cycle without its numbers."""
    return _told(cycle, CYCLE)


def result_view(result: Result, labels: dict[str, str]) -> dict[str, Any]:
    """One result; `labels` are what the county calls the four classes."""
    label = labels[result.leader_class] if result.leader_class else None
    return {**_told(result, RESULT), "class_label": label}


def result_detail(result: Result, labels: dict[str, str]) -> dict[str, Any]:
    """One result with its scores and conditions. Ballots are not among them."""
    return {
        **result_view(result, labels),
        "scores": result.scores,
        "average": None if result.average is None else float(result.average),
        "checks": result.checks,
    }


def correction_view(correction: Correction) -> dict[str, Any]:
    """One correction."""
    return _told(correction, CORRECTION)


def measure_view(measure: Measure) -> dict[str, Any]:
    """One measure."""
    return _told(measure, MEASURE)


def measure_detail(measure: Measure) -> dict[str, Any]:
    """One measure with its hearing and the reason of its decision."""
    return _told(measure, (*MEASURE, "statement", "present", "decision_reason"))


def visit_view(visit: ReturnVisit) -> dict[str, Any]:
    """One return visit."""
    return _told(visit, VISIT)


def visit_detail(visit: ReturnVisit) -> dict[str, Any]:
    """One return visit with what was found."""
    return _told(visit, (*VISIT, "findings"))
