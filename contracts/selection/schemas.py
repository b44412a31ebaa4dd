"""What selection's calls take and give. An unknown field is a typo, so it is refused."""

from __future__ import annotations

import re
from typing import Any, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from contracts.selection.events import AppointmentKind, BarGround

SEXES = {"男": "male", "女": "female"}
CANDIDACY_STATES = ("nominated", "inspection", "held", "withdrawn")
NOT_BLANK = re.compile(r"\s*\S")  # matched from the start
NO_BLANKS = re.compile(r"^\S+(?![\s\S])")  # read alike by Python and by JSON Schema
DATE_HINT = "is not a date; write 2019-02-05, 2019-02, 2019.02.05 or 2019年2月"


class Strict(Schema):
    class Meta:
        unknown = RAISE


class Sex(fields.Field[str]):
    """`male` or `female`; a roster writes 男 or 女."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        sex = SEXES.get(value, value) if isinstance(value, str) else None
        if sex not in ("male", "female"):
            raise ValidationError("must be 男 (male) or 女 (female)")
        return sex


def _text(longest: int, *, required: bool = False, **metadata: Any) -> fields.String:
    rules = [validate.Length(1 if required else 0, longest)]
    not_blank = [validate.Regexp(NOT_BLANK, error="must not be blank")] if required else []
    return fields.String(required=required, validate=[*rules, *not_blank], metadata=metadata)


def _day(*, required: bool = False, **metadata: Any) -> fields.Date:
    return fields.Date(required=required, error_messages={"invalid": DATE_HINT}, metadata=metadata)


class RosterRow(Strict):
    """One person as a roster lists them. A field that is left out leaves what is known as it is."""

    number = fields.String(
        required=True,
        validate=[validate.Length(1, 32), validate.Regexp(NO_BLANKS, error="must not hold blanks")],
        metadata={"description": "工作证号: text, with its leading zeros"},
    )
    name = _text(64, required=True)
    sex = Sex(metadata={"type": "string", "enum": ["male", "female"]})
    born_on = _day(description="the first of the month when only the month is known")
    work_since = _day(description="参加工作时间")
    party_since = _day(description="入党时间")
    unit = _text(128, required=True, description="name of the unit; a new name makes a new unit")
    post = _text(256)
    is_leader = fields.Boolean(metadata={"description": "是否领导职务"})
    rank = _text(64, description="职级")
    appointed_on = _day(description="任职日期")
    level_since = _day(description="始任日期: at the same level since")
    education = _text(64)
    identity = _text(64, description="身份类别")


class ImportAsked(Strict):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "check everything, change nothing"})


class AppointmentEntry(Strict):
    """A decided change of post. A unit is named by its id or its name; leaving takes neither."""

    kind = fields.String(required=True, validate=validate.OneOf(get_args(AppointmentKind)))
    person_id = fields.UUID(required=True)
    unit_id = fields.UUID()
    unit = _text(128)
    post = _text(256)
    is_leader = fields.Boolean(metadata={"description": "是否领导职务; as before when left out"})
    elected = fields.Boolean(
        load_default=False, metadata={"description": "the post is filled by election: no probation"}
    )
    rank = _text(64, description="职级; as before when left out")
    decided_on = fields.Date(required=True)
    effective_on = fields.Date(
        required=True, metadata={"description": "first day; for leaving, the last day"}
    )
    document = _text(128, required=True, description="number of the decision")

    @validates_schema
    def _the_parts_fit(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["kind"] == "leaving":
            refused = {
                name: ["is not said of somebody who leaves"]
                for name in ("unit", "unit_id", "post", "is_leader", "rank")
                if name in data
            }
            if refused:
                raise ValidationError(refused)
            return
        if "unit" in data and "unit_id" in data:
            raise ValidationError({"unit": ["name the unit or give its unit_id, not both"]})
        if data["kind"] == "exchange" and "unit" not in data and "unit_id" not in data:
            raise ValidationError({"unit": ["an exchange needs the new unit"]})
        if not data.get("post"):
            raise ValidationError({"post": ["the new post is needed"]})
        if data["decided_on"] > data["effective_on"]:
            raise ValidationError({"effective_on": ["lies before the decision"]})
        if data["effective_on"].year > data["decided_on"].year + 1:
            raise ValidationError({"effective_on": ["lies more than a year after the decision; a typo?"]})


class AppointmentView(Schema):
    """A registered appointment. `state`: scheduled until the day it takes effect."""

    appointment_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    unit_id = fields.UUID(allow_none=True, required=True)
    unit = fields.String(required=True)
    post = fields.String(required=True)
    from_unit_id = fields.UUID(allow_none=True, required=True)
    from_unit = fields.String(required=True)
    from_post = fields.String(required=True)
    decided_on = fields.Date(required=True)
    effective_on = fields.Date(required=True)
    document = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("scheduled", "in_effect")))
    probation = fields.String(
        allow_none=True,
        required=True,
        validate=validate.OneOf(("running", "ended", "confirmed", "not_confirmed", "moot")),
        metadata={"description": "null: none is served; moot: another appointment came before its end"},
    )
    probation_until = fields.Date(allow_none=True, required=True)
    source = fields.String(required=True, metadata={"description": "where the probation comes from"})
    mark = fields.String(required=True)


class ProbationDecision(Strict):
    """How a probation ended, as decided. Whoever recorded the appointment does not record this."""

    outcome = fields.String(required=True, validate=validate.OneOf(("confirmed", "not_confirmed")))
    decided_on = fields.Date(required=True)
    reason = _text(1000, description="needed when the person is not confirmed")

    @validates_schema
    def _refusal_has_a_reason(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["outcome"] == "not_confirmed" and not data.get("reason", "").strip():
            raise ValidationError({"reason": ["is needed when the person is not confirmed"]})


class Nomination(Strict):
    person_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True, metadata={"description": "where the post is"})
    post = _text(256, required=True)


class CandidaciesAsked(Strict):
    person_id = fields.UUID()
    state = fields.String(validate=validate.OneOf(CANDIDACY_STATES))


class CandidacyView(Schema):
    candidacy_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True)
    post = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(CANDIDACY_STATES))
    changed_on = fields.Date(required=True)


class BarView(Schema):
    """One ground, open or fallen."""

    bar_id = fields.UUID(required=True)
    ground = fields.String(required=True, validate=validate.OneOf(get_args(BarGround)))
    state = fields.String(required=True, validate=validate.OneOf(("open", "lifted")))
    opened_on = fields.Date(required=True)
    ends = fields.String(required=True, metadata={"description": "what ends this ground"})
    source = fields.String(required=True)
    mark = fields.String(required=True)
    cause = fields.UUID(required=True, metadata={"description": "the event it follows from"})
    lifted_on = fields.Date(allow_none=True, required=True)
    lifted_because = fields.String(allow_none=True, required=True)


class BarsOfPerson(Schema):
    """`free`: no ground stands. Lifted grounds stay readable."""

    person_id = fields.UUID(required=True)
    free = fields.Boolean(required=True)
    bars = fields.List(fields.Nested(BarView), required=True)


class UnitView(Schema):
    unit_id = fields.UUID(required=True)
    name = fields.String(required=True)
    code = fields.String(allow_none=True, required=True)
