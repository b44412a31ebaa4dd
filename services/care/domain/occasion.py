"""Recognise an occasion for a talk in what happened to a person."""

from __future__ import annotations

from bole.policy.sources import rule
from contracts.care.events import TalkTrigger
from contracts.selection.events import AppointmentKind
from services.care.domain.law import FIVE_TALKS


@rule(FIVE_TALKS)
def occasion_of_appointment(kind: AppointmentKind) -> TalkTrigger:
    """First of the five: promoted, exchanged or adjusted. Third: leaving the post."""
    return "leaving" if kind == "leaving" else "post_change"
