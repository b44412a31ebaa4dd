"""What training asks a county: terms, hours, pass marks, and when a passed training frees a person.

`ask` them with the day of the facts: the day a training was assigned for terms and hours, the day
of the exam for the pass mark, the day of the decision for an extension and for the day of freedom.
"""

from __future__ import annotations

from bole.policy.questions import Question

# Remedial training beside the post, after a failed assessment
REMEDIAL_TERM = Question(
    name="training.remedial_term",
    kind="months",
    unit="months from the day the result was confirmed",
    set_by="county",
    means="How long a person has for the remedial training that follows a failed assessment.",
)
REMEDIAL_HOURS = Question(
    name="training.remedial_hours",
    kind="whole",
    unit="hours of training (学时)",
    set_by="county",
    means="How many hours the remedial training after a failed assessment comprises.",
)
REMEDIAL_PASS_MARK = Question(
    name="training.remedial_pass_mark",
    kind="whole",
    unit="points, 0-100",
    set_by="county",
    means="The score that passes the exam of remedial training; reaching it exactly is a pass.",
)
REMEDIAL_EXTENSION = Question(
    name="training.remedial_extension",
    kind="months",
    unit="months",
    set_by="county",
    means="By how much a remedial training is extended, once, when it was failed for the first time.",
)
REMEDIAL_FREES_AFTER = Question(
    name="training.remedial_frees_after",
    kind="days",
    unit="calendar days from the day the pass was confirmed",
    set_by="county",
    means="After how many days a passed remedial training ends the bar it stands for; 0 is the same day.",
)

# Standby training of a leader who left the post for the time
STANDBY_CLASS_TERM = Question(
    name="training.standby_class_term",
    kind="months",
    unit="months from the day the measure took effect",
    set_by="county",
    means="How long the class part of standby training lasts, which comes first.",
)
STANDBY_GRASSROOTS_TERM = Question(
    name="training.standby_grassroots_term",
    kind="months",
    unit="months after the class part",
    set_by="county",
    means="How long the practice in the grassroots lasts that follows the class part of standby training.",
)
STANDBY_HOURS = Question(
    name="training.standby_hours",
    kind="whole",
    unit="hours of training (学时)",
    set_by="county",
    means="How many hours the class part of standby training comprises.",
)
STANDBY_PASS_MARK = Question(
    name="training.standby_pass_mark",
    kind="whole",
    unit="points, 0-100",
    set_by="county",
    means="The score that passes the exam of standby training; reaching it exactly is a pass.",
)
STANDBY_EXTENSION = Question(
    name="training.standby_extension",
    kind="months",
    unit="months",
    set_by="county",
    means="By how much standby training is extended, once, when it was failed for the first time.",
)
STANDBY_FREES_AFTER = Question(
    name="training.standby_frees_after",
    kind="days",
    unit="calendar days from the day the pass was confirmed",
    set_by="county",
    means="After how many days passed standby training frees a person to compete again, not reinstates.",
)

# Training for a new post, after a promotion
APPOINTMENT_TERM = Question(
    name="training.appointment_term",
    kind="years",
    unit="years from the day the appointment took effect",
    set_by="nation",
    means="Within what time after a promotion the training for the new post is finished.",
)
APPOINTMENT_HOURS = Question(
    name="training.appointment_hours",
    kind="whole",
    unit="hours of training (学时)",
    set_by="county",
    means="How many hours the training for a new post comprises. It has no exam.",
)
APPOINTMENT_EXTENSION = Question(
    name="training.appointment_extension",
    kind="months",
    unit="months",
    set_by="county",
    means="By how much the training for a new post is extended when it was failed for the first time; "
    "0 means that it is repeated within its term.",
)
