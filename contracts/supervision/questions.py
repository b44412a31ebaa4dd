"""What supervision asks a county: how a grade is proposed, its quota, what follows, and the terms.

Questions about a grade are asked as of the last day of the assessed year; those about what follows
as of the day it was confirmed, decided or served.
"""

from __future__ import annotations

from typing import get_args

from bole.policy.questions import Question
from contracts.supervision.events import Grade, LeaderClass, MeasureKind
from contracts.supervision.schemas import ITEMS

GRADES: tuple[str, ...] = get_args(Grade)
CLASSES: tuple[str, ...] = get_args(LeaderClass)
MEASURES: tuple[str, ...] = get_args(MeasureKind)

# From an assessment to a proposed grade
ITEM_WEIGHTS = Question(
    name="supervision.item_weights",
    kind="table",
    unit="parts; the same number everywhere is the plain average",
    set_by="county",
    means="What each of the five items weighs: {virtue, ability, diligence, achievement, integrity}.",
    keys=ITEMS,
    each="number",
)
GRADE_SCORES = Question(
    name="supervision.grade_scores",
    kind="table",
    unit="points, 0-100",
    set_by="county",
    means="The average that reaches each grade: {excellent, competent, basic}; below the last, incompetent.",
    keys=("excellent", "competent", "basic"),
    each="number",
)
BALLOTS_FIT = Question(
    name="supervision.ballots_fit",
    kind="share",
    unit="of all ballots but the invalid ones",
    set_by="county",
    means="With excellent and competent ballots below this share, a person is proposed as basic.",
)
BALLOTS_UNFIT = Question(
    name="supervision.ballots_unfit",
    kind="share",
    unit="of all ballots but the invalid ones",
    set_by="county",
    means="With incompetent ballots above this share, a person is proposed as incompetent.",
)
BALLOTS_EXCELLENT = Question(
    name="supervision.ballots_excellent",
    kind="share",
    unit="of all ballots but the invalid ones",
    set_by="county",
    means="With excellent ballots at or above this share, a person is proposed as excellent.",
)
CLASS_LABELS = Question(
    name="supervision.class_labels",
    kind="table",
    unit="label",
    set_by="county",
    means="How the four classes of leaders and teams are called: {class_1, class_2, class_3, class_4}.",
    keys=CLASSES,
    each="text",
)
CLASS_OF_GRADE = Question(
    name="supervision.class_of_grade",
    kind="table",
    unit="class_1 to class_4",
    set_by="county",
    means="The class of a leader for each grade: {excellent, competent, basic, incompetent}.",
    keys=GRADES,
    choices=CLASSES,
)
TEAM_CLASS_SHARES = Question(
    name="supervision.team_class_shares",
    kind="table",
    unit="share of all ballots but the invalid ones",
    set_by="county",
    means="The share of the two better ballots that a team needs for {class_1, class_2, class_3}.",
    keys=("class_1", "class_2", "class_3"),
    each="share",
)
NOT_GRADED_SITUATIONS = Question(
    name="supervision.not_graded_situations",
    kind="table",
    unit="label",
    set_by="nation",
    means="Situations in which somebody gets no grade: code and what it is called.",
    each="text",
)
NOT_GRADED_SANCTIONS = Question(
    name="supervision.not_graded_sanctions",
    kind="table",
    unit="label",
    set_by="nation",
    means="Sanctions and measures under which somebody gets no grade: code and what it is called.",
    each="text",
)
NOT_EXCELLENT_UNDER = Question(
    name="supervision.not_excellent_under",
    kind="table",
    unit="kinds of measures",
    set_by="nation",
    means="Measures that keep somebody from excellent in a year in which they were in effect.",
    choices=MEASURES,
)

# The quota of excellent
EXCELLENT_QUOTA = Question(
    name="supervision.excellent_quota",
    kind="share",
    unit="of those graded in the assessed unit",
    set_by="nation",
    means="How many of a unit's graded may be excellent at most.",
)
QUOTA_ROUNDING = Question(
    name="supervision.quota_rounding",
    kind="text",
    unit="half_up, down or up",
    set_by="county",
    means="How the quota of a unit becomes a whole number of people.",
    choices=("half_up", "down", "up"),
)

# What follows a failed assessment
MEASURE_AFTER_BASIC = Question(
    name="supervision.measure_after_basic",
    kind="text",
    unit="kind of measure",
    set_by="nation",
    means="The measure proposed for somebody graded basic.",
    choices=MEASURES,
)
MEASURE_AFTER_INCOMPETENT = Question(
    name="supervision.measure_after_incompetent",
    kind="text",
    unit="kind of measure",
    set_by="nation",
    means="The measure proposed for somebody graded incompetent.",
    choices=MEASURES,
)
MEASURE_AFTER_TWO_INCOMPETENT = Question(
    name="supervision.measure_after_two_incompetent",
    kind="text",
    unit="kind of measure",
    set_by="nation",
    means="The measure proposed for somebody graded incompetent two years in a row.",
    choices=MEASURES,
)
MEASURE_FOR_FAILED_LEADER = Question(
    name="supervision.measure_for_failed_leader",
    kind="text",
    unit="kind of measure",
    set_by="county",
    means="The measure proposed besides for a leader graded basic or incompetent.",
    choices=MEASURES,
)
MEASURE_FOR_FAILED_OFFICIAL = Question(
    name="supervision.measure_for_failed_official",
    kind="text",
    unit="kind of measure",
    set_by="county",
    means="The measure proposed besides for a general official graded basic or incompetent.",
    choices=MEASURES,
)
MEASURE_AFTER_FAILED_TRAINING = Question(
    name="supervision.measure_after_failed_training",
    kind="text",
    unit="kind of measure",
    set_by="county",
    means="The measure proposed for somebody who failed a training again after its extension.",
    choices=MEASURES,
)

# Terms
ADMONITION_EFFECT = Question(
    name="supervision.admonition_effect",
    kind="months",
    unit="months from the day it was served",
    set_by="county",
    means="How long an admonition is in effect.",
)
REVIEW_WITHIN = Question(
    name="supervision.review_within",
    kind="days",
    unit="calendar days from the day of service",
    set_by="nation",
    means="Within what time a review of a result or a decision may be asked for.",
)
RETURN_VISIT_FROM = Question(
    name="supervision.return_visit_from",
    kind="months",
    unit="months from the first day in the new post",
    set_by="county",
    means="How long after a promotion the return visit may begin.",
)
RETURN_VISIT_WITHIN = Question(
    name="supervision.return_visit_within",
    kind="months",
    unit="months from the first day in the new post",
    set_by="county",
    means="How long after a promotion the return visit is done at the latest.",
)
