"""What stands on the worklist for training: trainings to complete, completions to confirm."""

from __future__ import annotations

from contracts.training.events import TrainingWorkClosed, TrainingWorkOpened
from services.training.models import Completion, Remedial
from services.training.store import TrainingStore

OFFICERS = ("training.officer", "department.head")
WORDS = {
    "remedial": ("补训", "remedial training"),
    "standby": ("待岗培训", "standby training"),
    "appointment": ("任职培训", "training for the new post"),
}


def put_training(remedial: Remedial, training: TrainingStore) -> None:
    """A training to be completed by its date; overdue once that has passed. Replaces what was said of it."""
    zh, en = WORDS[remedial.kind]
    training.announce(
        TrainingWorkOpened(
            work_id=remedial.id,
            kind="complete_training",
            zh=f"落实并登记{zh}",
            en=f"Carry out and record {en}",
            roles=OFFICERS,
            due_on=remedial.due_on,
            overdue=remedial.due_on < training.today,
            link=f"/api/v1/training/remedials/{remedial.id}",
            person_id=remedial.person_id,
            unit_id=remedial.unit_id,
        )
    )


def put_confirmation(completion: Completion, remedial: Remedial, training: TrainingStore) -> None:
    """A proposed verdict, for somebody other than whoever entered it; it takes the place of the training."""
    zh, en = WORDS[remedial.kind]
    training.announce(TrainingWorkClosed(work_id=remedial.id))
    training.announce(
        TrainingWorkOpened(
            work_id=completion.id,
            kind="confirm_completion",
            zh=f"确认{zh}结果",
            en=f"Confirm the result of {en}",
            roles=OFFICERS,
            not_by=(completion.entered_by,),
            due_on=remedial.due_on,
            link=f"/api/v1/training/remedials/{remedial.id}",
            person_id=remedial.person_id,
            unit_id=remedial.unit_id,
        )
    )


def take_off(done: Completion | Remedial, training: TrainingStore) -> None:
    """It was done, or there is no longer any need."""
    training.announce(TrainingWorkClosed(work_id=done.id))
