"""What care asks a county: which occasion a fact of another service is, and by when the talk is held.

`ask` them with the day the occasion arose.
"""

from __future__ import annotations

from bole.policy.questions import Question

TRIGGER_OF_FAILED_ASSESSMENT = Question(
    name="care.trigger_of_failed_assessment",
    kind="text",
    unit="one of post_change, early_signs, leaving, handled, hardship",
    set_by="county",
    means="Which of the five occasions for a talk a failed assessment counts as.",
)
TRIGGER_OF_MEASURE = Question(
    name="care.trigger_of_measure",
    kind="text",
    unit="one of post_change, early_signs, leaving, handled, hardship",
    set_by="county",
    means="Which of the five occasions for a talk a measure in effect counts as.",
)
TALK_AFTER_POST_CHANGE = Question(
    name="care.talk_after_post_change",
    kind="days",
    unit="calendar days from the day the new post took effect",
    set_by="county",
    means="Within how many days a promoted, exchanged or adjusted person is talked to.",
)
TALK_AFTER_EARLY_SIGNS = Question(
    name="care.talk_after_early_signs",
    kind="days",
    unit="calendar days from the day the sign was confirmed or noticed",
    set_by="county",
    means="Within how many days a person with early signs of a problem is talked to.",
)
TALK_BEFORE_LEAVING = Question(
    name="care.talk_before_leaving",
    kind="days",
    unit="calendar days before the last day in the post, at least 1",
    set_by="county",
    means="How many days before the last day a person who leaves has been talked to.",
)
TALK_AFTER_MEASURE = Question(
    name="care.talk_after_measure",
    kind="days",
    unit="calendar days from the day the measure took effect",
    set_by="county",
    means="Within how many days a person who was handled or sanctioned is talked to.",
)
TALK_AFTER_HARDSHIP = Question(
    name="care.talk_after_hardship",
    kind="days",
    unit="calendar days from the day the hardship became known",
    set_by="county",
    means="Within how many days a person in major hardship is talked to.",
)
