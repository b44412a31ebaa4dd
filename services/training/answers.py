"""Rows as the calls of training give them (contracts/training/schemas.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.training.models import Completion, Remedial


def line(remedial: Remedial, *, to_confirm: bool, today: date) -> dict[str, Any]:
    """A `RemedialLine`."""
    return {
        "remedial_id": remedial.id,
        "person_id": remedial.person_id,
        "unit_id": remedial.unit_id,
        "kind": remedial.kind,
        "state": remedial.state,
        "assigned_on": remedial.assigned_on,
        "due_on": remedial.due_on,
        "overdue": remedial.is_open and not to_confirm and remedial.due_on < today,
        "to_confirm": to_confirm,
    }


def detail(remedial: Remedial, completions: Sequence[Completion], *, today: date) -> dict[str, Any]:
    """A `RemedialDetail`."""
    to_confirm = any(completion.state == "proposed" for completion in completions)
    return line(remedial, to_confirm=to_confirm, today=today) | {
        "hours": remedial.hours,
        "pass_mark": remedial.pass_mark,
        "class_until": remedial.class_until,
        "ended_on": remedial.ended_on,
        "frees_on": remedial.frees_on,
        "cause": remedial.cause,
        "source": remedial.source,
        "mark": remedial.mark,
        "terms": remedial.terms,
        "completions": [_completion(completion) for completion in completions],
    }


def for_the_person(told: dict[str, Any]) -> dict[str, Any]:
    """The same for the person's own eyes: what is decided, and nobody's account."""
    decided = [one for one in told["completions"] if one["state"] == "confirmed"]
    nobody = {"entered_by": None, "decided_by": None}
    return told | {"completions": [one | nobody for one in decided]}


def _completion(completion: Completion) -> dict[str, Any]:
    return {
        "completion_id": completion.id,
        "hours_attended": completion.hours_attended,
        "exam_score": completion.exam_score,
        "completed_on": completion.completed_on,
        "note": completion.note,
        "pass_mark": completion.pass_mark,
        "source": completion.source,
        "proposed": "passed" if completion.passed else "failed",
        "state": completion.state,
        "entered_by": completion.entered_by,
        "entered_on": completion.entered_on,
        "decided_by": completion.decided_by,
        "decided_on": completion.decided_on,
        "reason": completion.reason,
    }
