"""Recognise an occasion for a talk in what happened to a person."""

from __future__ import annotations

from typing import Literal

from bole.policy.sources import rule
from services.care.domain.law import FIVE_TALKS

Trigger = Literal["post_change", "early_signs", "leaving", "handled", "hardship"]


@rule(FIVE_TALKS)
def occasion_of_appointment(kind: Literal["promotion", "exchange", "adjustment", "leaving"]) -> Trigger:
    """First of the five: promoted, exchanged or adjusted. Third: leaving the post."""
    return "leaving" if kind == "leaving" else "post_change"
