"""What selection asks a policy pack."""

from __future__ import annotations

from bole.policy.questions import Question

PROBATION_YEARS = Question(
    name="selection.probation_years",
    kind="years",
    unit="years",
    set_by="nation",
    means="How long a leading post that is not elected is held on probation after a promotion (SEL-16).",
)
FAILED_ASSESSMENT_BAR_ENDS = Question(
    name="selection.failed_assessment_bar_ends",
    kind="date_rule",
    unit="rule",
    set_by="nation",
    means="When a failed yearly assessment stops barring a person from being an inspection object (SEL-10). "
    "Known rules: next_grade_confirmed.",
)
BARRING_MEASURES = Question(
    name="selection.barring_measures",
    kind="table",
    unit="kinds of measure",
    set_by="nation",
    means="Which measures bar a person from being an inspection object while they have effect (SEL-10): "
    "a list of admonition, demotion, exchange, adjustment, dismissal.",
)
STANDBY_BARS = Question(
    name="selection.standby_bars",
    kind="yes_no",
    unit="yes or no",
    set_by="county",
    means="Whether standby bars from being an inspection object until its training is passed.",
)
OPEN_REMEDIAL_BARS = Question(
    name="selection.open_remedial_bars",
    kind="yes_no",
    unit="yes or no",
    set_by="county",
    means="Whether remedial training that is not yet passed bars a person from being an inspection object.",
)
