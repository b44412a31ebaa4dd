"""What the calls of training take and give. An unknown field is a typo, so it is refused."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

KINDS = ("remedial", "standby", "appointment")  # 补训, 待岗培训, 任职培训
COMPLETION_STATES = ("proposed", "confirmed", "sent_back", "void")  # void: the training was withdrawn
STATES = ("assigned", "extended", "passed", "failed", "withdrawn")


class RemedialAsk(Schema):
    """Which trainings to list."""

    class Meta:
        unknown = RAISE

    person_id = fields.UUID()
    state = fields.String(validate=validate.OneOf(STATES))
    kind = fields.String(validate=validate.OneOf(KINDS))


class CompletionReport(Schema):
    """What was attended and achieved, as whoever ran the training reports it."""

    class Meta:
        unknown = RAISE

    hours_attended = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10_000))  # 学时
    exam_score = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, 100),
        metadata={"description": "Points, 0-100. Required when the training has a pass mark."},
    )
    completed_on = fields.Date(required=True)  # last day of the training, or the day of the exam
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class ConfirmationDecision(Schema):
    """What another officer says of the proposed verdict."""

    class Meta:
        unknown = RAISE

    decision = fields.String(required=True, validate=validate.OneOf(("confirm", "send_back")))
    reason = fields.String(load_default="", validate=validate.Length(max=2000))

    @validates_schema
    def _send_back_has_a_reason(self, data: dict[str, Any], **_: Any) -> None:
        if data["decision"] == "send_back" and not data["reason"].strip():
            raise ValidationError("Sending back needs a reason.", "reason")


class Completion(Schema):
    """One report of a completion and what became of it. Written once; only the decision is added."""

    completion_id = fields.UUID(required=True)
    hours_attended = fields.Integer(required=True)
    exam_score = fields.Integer(required=True, allow_none=True)
    completed_on = fields.Date(required=True)
    note = fields.String(required=True)
    pass_mark = fields.Integer(required=True, allow_none=True)  # points, as in force on completed_on
    source = fields.String(required=True)  # where the pass mark, else the hours, come from
    proposed = fields.String(required=True, validate=validate.OneOf(("passed", "failed")))
    state = fields.String(required=True, validate=validate.OneOf(COMPLETION_STATES))
    entered_by = fields.String(required=True, allow_none=True)  # null for the person's own eyes
    entered_on = fields.Date(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_on = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True)


class Term(Schema):
    """One number of a training, as it was applied, and where it comes from."""

    question = fields.String(required=True)  # name of the policy question: training.remedial_hours
    value = fields.Integer(required=True)
    source = fields.String(required=True)
    mark = fields.String(required=True)  # how sure we are of the source


class RemedialLine(Schema):
    """One training as a list shows it."""

    remedial_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True, allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    assigned_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    to_confirm = fields.Boolean(required=True)  # a reported completion waits for another officer


class RemedialDetail(RemedialLine):
    """One training with its terms and everything reported of it."""

    hours = fields.Integer(required=True)  # 学时 required
    pass_mark = fields.Integer(required=True, allow_none=True)  # points as assigned; None: no exam
    class_until = fields.Date(required=True, allow_none=True)  # standby: last day of the class part
    ended_on = fields.Date(required=True, allow_none=True)
    frees_on = fields.Date(required=True, allow_none=True)
    cause = fields.UUID(required=True)  # id of the event it follows from
    source = fields.String(required=True)  # of the term that sets the date
    mark = fields.String(required=True)
    terms = fields.List(fields.Nested(Term), required=True)  # every number it was assigned under
    completions = fields.List(fields.Nested(Completion), required=True)  # oldest first
