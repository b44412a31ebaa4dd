"""What the calls of care take and give. An unknown field is a typo, so it is refused."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

TRIGGERS = ("post_change", "early_signs", "leaving", "handled", "hardship")
STATES = ("due", "overdue", "held", "void")


def _said(longest: int) -> fields.String:
    """A text that says something."""
    not_blank = validate.Regexp(r"\s*\S", error="Must not be blank.")
    return fields.String(required=True, validate=[validate.Length(1, longest), not_blank])


class TalkAsk(Schema):
    """Which talks to list."""

    class Meta:
        unknown = RAISE

    person_id = fields.UUID()
    state = fields.String(validate=validate.OneOf(STATES))


class OpeningReport(Schema):
    """Why somebody is to be talked to, where no other service can know it."""

    class Meta:
        unknown = RAISE

    person_id = fields.UUID(required=True)
    trigger = fields.String(required=True, validate=validate.OneOf(("early_signs", "hardship")))
    noticed_on = fields.Date(required=True)  # the day the sign or the hardship became known
    reason = _said(4000)  # stays in care


class TalkReport(Schema):
    """A talk as whoever held it reports it."""

    class Meta:
        unknown = RAISE

    held_on = fields.Date(required=True)
    held_by = _said(200)  # who talked with the person
    content = _said(20_000)  # stays in care
    follow_up = fields.String(load_default="", validate=validate.Length(max=4000))  # stays in care


class TalkLine(Schema):
    """One talk as a list shows it."""

    talk_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True, allow_none=True)
    trigger = fields.String(required=True, validate=validate.OneOf(TRIGGERS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    since_on = fields.Date(required=True)  # the day the occasion arose
    due_on = fields.Date(required=True)
    held_on = fields.Date(required=True, allow_none=True)


class TalkDetail(TalkLine):
    """One talk. The last five fields are null for readers outside the care chain."""

    cause = fields.UUID(required=True, allow_none=True)  # id of the event it follows from; null: by hand
    source = fields.String(required=True)
    mark = fields.String(required=True)
    voided_on = fields.Date(required=True, allow_none=True)
    opened_by = fields.String(required=True, allow_none=True)  # account, when opened by hand
    reason = fields.String(required=True, allow_none=True)
    held_by = fields.String(required=True, allow_none=True)
    content = fields.String(required=True, allow_none=True)
    follow_up = fields.String(required=True, allow_none=True)
