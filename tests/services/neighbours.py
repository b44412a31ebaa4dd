"""Facts of selection and supervision as training and care hear them; a test states what matters to it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from contracts.selection.events import Appointed, PersonRecorded
from contracts.supervision.events import MeasureEnded, MeasureInEffect, ResultConfirmed, ResultCorrected

PERSON = UUID("01900000-0000-7000-8000-000000000001")
OTHER = UUID("01900000-0000-7000-8000-000000000002")
UNIT = UUID("01900000-0000-7000-8000-0000000000a1")
OTHER_UNIT = UUID("01900000-0000-7000-8000-0000000000a2")
RESULT = UUID("01900000-0000-7000-8000-0000000000b1")
MEASURE = UUID("01900000-0000-7000-8000-0000000000c1")
APPOINTMENT = UUID("01900000-0000-7000-8000-0000000000d1")


def a_person(**stated: Any) -> PersonRecorded:
    """In the roster, in UNIT."""
    return PersonRecorded(**{"person_id": PERSON, "number": "0012", "name": "甲", "unit_id": UNIT} | stated)


def a_result(**stated: Any) -> ResultConfirmed:
    """A failed result, confirmed on 2026-03-10."""
    return ResultConfirmed(
        **{
            "result_id": RESULT,
            "person_id": PERSON,
            "unit_id": UNIT,
            "year": 2025,
            "grade": "basic",
            "failed": True,
            "leader_class": None,
            "is_leader": False,
            "not_graded": None,
            "post": "科员",
            "confirmed_on": date(2026, 3, 10),
            "rule": "fictional",
            "source": "Notice (fictional)",
            "mark": "V-local",
        }
        | stated
    )


def a_correction(**stated: Any) -> ResultCorrected:
    """The failed result turned out to be competent, on 2026-03-20."""
    return ResultCorrected(
        **{
            "result_id": RESULT,
            "person_id": PERSON,
            "unit_id": UNIT,
            "year": 2025,
            "grade": "competent",
            "failed": False,
            "was_grade": "basic",
            "was_failed": True,
            "leader_class": None,
            "is_leader": False,
            "post": "科员",
            "corrected_on": date(2026, 3, 20),
            "correction": "objection",
            "source": "Notice (fictional)",
            "mark": "V-local",
            "reverses": RESULT,
        }
        | stated
    )


def a_measure(**stated: Any) -> MeasureInEffect:
    """Standby, decided on 2026-02-25 and in effect from 2026-03-01."""
    return MeasureInEffect(
        **{
            "measure_id": MEASURE,
            "person_id": PERSON,
            "unit_id": UNIT,
            "kind": "standby",
            "result_id": RESULT,
            "decided_on": date(2026, 2, 25),
            "in_effect_on": date(2026, 3, 1),
            "effect_until": None,
            "review_until": date(2026, 3, 31),
            "source": "Notice (fictional)",
            "mark": "V-local",
        }
        | stated
    )


def an_end(**stated: Any) -> MeasureEnded:
    """The standby is reversed."""
    return MeasureEnded(
        **{
            "measure_id": MEASURE,
            "person_id": PERSON,
            "kind": "standby",
            "ended_on": date(2026, 3, 20),
            "ended_because": "reversed",
        }
        | stated
    )


def an_appointment(**stated: Any) -> Appointed:
    """A promotion within UNIT, decided on 2026-03-05 and in effect from 2026-03-10."""
    return Appointed(
        **{
            "appointment_id": APPOINTMENT,
            "person_id": PERSON,
            "kind": "promotion",
            "unit_id": UNIT,
            "unit": "办公室",
            "post": "主任",
            "from_unit_id": UNIT,
            "from_unit": "办公室",
            "from_post": "副主任",
            "is_leader": True,
            "decided_on": date(2026, 3, 5),
            "effective_on": date(2026, 3, 10),
            "document": "2026-7",
        }
        | stated
    )
