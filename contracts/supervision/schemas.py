"""What supervision's calls take and give. An unknown field is a typo, so it is refused.

Ballots go in and never come out. `id`s are UUIDs, days are local dates of the county.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates, validates_schema

from contracts.supervision.events import Grade, LeaderClass, MeasureKind, VisitStep

KINDS = {"个人": "person", "干部": "person", "班子": "team"}
RESULT_STATES = ("proposed", "confirmed", "corrected")
MEASURE_STATES = ("proposed", "heard", "imposed", "in_effect", "ended", "dropped", "withdrawn")
VISIT_STATES = ("due", "held", "called_off")
NOT_BLANK = re.compile(r"\s*\S")  # matched from the start
ITEMS = ("virtue", "ability", "diligence", "achievement", "integrity")  # 德 能 勤 绩 廉
BALLOTS = (
    "ballots_excellent",
    "ballots_competent",
    "ballots_basic",
    "ballots_incompetent",
    "ballots_abstained",
    "ballots_invalid",
)

_GRADE = validate.OneOf(get_args(Grade))
_CLASS = validate.OneOf(get_args(LeaderClass))


class Strict(Schema):
    class Meta:
        unknown = RAISE


def _text(longest: int, *, required: bool = False, **metadata: Any) -> fields.String:
    rules = [validate.Length(1 if required else 0, longest)]
    not_blank = [validate.Regexp(NOT_BLANK, error="must not be blank")] if required else []
    return fields.String(required=required, validate=[*rules, *not_blank], metadata=metadata)


def _people(most: int) -> fields.List[str]:
    return fields.List(_text(64, required=True), required=True, validate=validate.Length(1, most))


def _score(item: str) -> fields.Float:
    return fields.Float(validate=validate.Range(0, 100), metadata={"description": f"{item}: points, 0-100"})


def _ballots(box: str) -> fields.Integer:
    what = f"{box}: number of ballots"
    return fields.Integer(strict=True, validate=validate.Range(0, 100_000), metadata={"description": what})


class Kind(fields.Field[str]):
    """`person` or `team`; a sheet writes 个人 or 班子."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        kind = KINDS.get(value, value) if isinstance(value, str) else None
        if kind not in ("person", "team"):
            raise ValidationError("must be person (个人) or team (班子)")
        return kind


class CycleEntry(Strict):
    """The assessment of one year. `results_until`: the last day on which results are taken."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2100))
    results_until = fields.Date(load_default=None, allow_none=True)


class UnitQuota(Schema):
    """How far one assessed unit used its quota of excellent (ASM-03): numbers only, never who."""

    unit_id = fields.UUID(required=True)
    unit = fields.String(required=True)
    graded = fields.Integer(required=True)
    excellent = fields.Integer(required=True)
    allowed = fields.Integer(required=True)
    exceeded_by = fields.Integer(required=True)


class CycleView(Schema):
    """One assessment cycle."""

    id = fields.UUID(required=True)
    year = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "closed"]))
    results_until = fields.Date(required=True, allow_none=True)
    opened_on = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)


class CycleDetail(CycleView):
    """One cycle with its numbers and the quota of every assessed unit within the caller's scope."""

    proposed = fields.Integer(required=True)  # results that wait for confirmation
    confirmed = fields.Integer(required=True)  # confirmed or corrected results
    quota = fields.List(fields.Nested(UnitQuota), required=True)
    quota_source = fields.String(required=True)
    quota_mark = fields.String(required=True)


class ResultsAsked(Strict):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "check everything, change nothing"})


class ResultRow(Strict):
    """One result as a section enters it: the five item scores, or ballots, or a reason for no grade.

    A person is named by `person_id` or `number`, a team's unit by `unit_id` or `unit`.
    """

    kind = Kind(load_default="person", metadata={"type": "string", "enum": ["person", "team"]})
    person_id = fields.UUID()
    number = _text(32, description="工作证号: text, with its leading zeros")
    unit_id = fields.UUID(metadata={"description": "assessed unit; the person's own when left out"})
    unit = _text(128, description="name of the assessed unit; the person's own when left out")
    post = _text(256, description="时任职务: post held at the time; the present one when left out")
    virtue = _score("德")
    ability = _score("能")
    diligence = _score("勤")
    achievement = _score("绩")
    integrity = _score("廉")
    ballots_excellent = _ballots("优秀票")
    ballots_competent = _ballots("称职票, for a team 良好票")
    ballots_basic = _ballots("基本称职票, for a team 一般票")
    ballots_incompetent = _ballots("不称职票, for a team 较差票")
    ballots_abstained = _ballots("弃权")
    ballots_invalid = _ballots("无效")
    not_graded = _text(64, description="不定等次原因: a code or the words a policy pack gives for it")

    @validates_schema
    def one_ground(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Exactly one kind of ground for a grade, and all of it."""
        scored = [item for item in ITEMS if item in row]
        balloted = [box for box in BALLOTS if box in row]
        grounds = [bool(scored), bool(balloted), bool(row.get("not_graded"))]
        if sum(grounds) != 1:
            raise ValidationError("give either the five item scores, or ballots, or the reason for no grade")
        if scored and len(scored) < len(ITEMS):
            missing = next(item for item in ITEMS if item not in row)
            raise ValidationError("all five item scores are needed", field_name=missing)
        if balloted and not sum(row[box] for box in balloted if box != "ballots_invalid"):
            raise ValidationError("there is no valid ballot", field_name="ballots_excellent")

    @validates_schema
    def about_somebody(self, row: dict[str, Any], **kwargs: Any) -> None:
        """A person or a team's unit is named, and a team is judged by ballots."""
        if row.get("kind", "person") == "person":
            if "person_id" not in row and not row.get("number"):
                raise ValidationError("a person is named by person_id or number", field_name="number")
            return
        if "unit_id" not in row and not row.get("unit"):
            raise ValidationError("a team is named by unit_id or unit", field_name="unit")
        if not any(box in row for box in BALLOTS):
            raise ValidationError("a team is judged by ballots", field_name="ballots_excellent")


class ResultsFilter(Strict):
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(RESULT_STATES))
    unit_id = fields.UUID(load_default=None, allow_none=True)


class Check(Schema):
    """One condition of a grade: what was required, what was found, and whether it held."""

    zh = fields.String(required=True)
    en = fields.String(required=True)
    required = fields.String(required=True)
    found = fields.String(required=True, allow_none=True)  # None where ballots are not the reader's to see
    held = fields.Boolean(required=True)


class ResultView(Schema):
    """One result: what is proposed or confirmed, by which rule and source. Never the ballots."""

    id = fields.UUID(required=True)
    cycle_id = fields.UUID(required=True)
    year = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["person", "team"]))
    person_id = fields.UUID(required=True, allow_none=True)
    unit_id = fields.UUID(required=True)
    post = fields.String(required=True)
    is_leader = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(RESULT_STATES))
    ground = fields.String(required=True, validate=validate.OneOf(["scores", "ballots", "not_graded"]))
    computed_grade = fields.String(required=True, allow_none=True, validate=_GRADE)
    computed_class = fields.String(required=True, allow_none=True, validate=_CLASS)
    grade = fields.String(required=True, allow_none=True, validate=_GRADE)
    leader_class = fields.String(required=True, allow_none=True, validate=_CLASS)
    class_label = fields.String(required=True, allow_none=True)  # 三类诫勉
    class_source = fields.String(required=True, allow_none=True)
    not_graded = fields.String(required=True, allow_none=True)
    rule = fields.String(required=True)  # which threshold decided, in words
    source = fields.String(required=True)
    mark = fields.String(required=True)
    entered_on = fields.Date(required=True)
    confirmed_on = fields.Date(required=True, allow_none=True)
    change_reason = fields.String(
        required=True, allow_none=True
    )  # why the confirmed differs from the computed
    served_on = fields.Date(required=True, allow_none=True)
    review_until = fields.Date(required=True, allow_none=True)


class ResultDetail(ResultView):
    """One result with its item scores and every condition that was looked at."""

    scores = fields.Dict(keys=fields.String(), values=fields.Float(), required=True, allow_none=True)
    average = fields.Float(required=True, allow_none=True)  # points, 0-100, cut off after four places
    checks = fields.List(fields.Nested(Check), required=True)


class Confirmed(Strict):
    """One result to confirm, as proposed or changed with a reason. A person has a grade, a team a class."""

    result_id = fields.UUID(required=True)
    grade = fields.String(validate=_GRADE)
    team_class = fields.String(validate=_CLASS)
    reason = _text(1000)

    @validates_schema
    def changed_with_reason(self, item: dict[str, Any], **kwargs: Any) -> None:
        if ("grade" in item or "team_class" in item) and not item.get("reason", "").strip():
            raise ValidationError("a changed grade needs a reason", field_name="reason")


class Confirmation(Strict):
    """Either `all` (the next 500 proposed results), or up to 500 named ones.

    `all` passes over what the caller entered and what is about the caller; another officer confirms those.
    """

    all = fields.Boolean(load_default=False)
    results = fields.List(fields.Nested(Confirmed), validate=validate.Length(1, 500))

    @validates_schema
    def one_form(self, body: dict[str, Any], **kwargs: Any) -> None:
        if body["all"] == ("results" in body):
            raise ValidationError("give either all: true or results")
        named = [item["result_id"] for item in body.get("results", [])]
        if len(named) != len(set(named)):
            raise ValidationError("the same result is named twice", field_name="results")


class ConfirmationDone(Schema):
    """How many were confirmed. `remaining` wait for the caller, `skipped` for another officer."""

    confirmed = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    skipped = fields.Integer(required=True)


class Refusal(Strict):
    """The person refused to sign; witnesses attest it."""

    witnesses = _people(10)
    reason = _text(1000, required=True)


class Notice(Strict):
    """How somebody was told in writing: signed for, or refused before witnesses."""

    served_on = fields.Date(required=True)
    manner = fields.String(required=True, validate=validate.OneOf(["in_person", "post", "left_at_home"]))
    signed = fields.Boolean(required=True)
    refusal = fields.Nested(Refusal, load_default=None, allow_none=True)

    @validates_schema
    def signed_or_refused(self, notice: dict[str, Any], **kwargs: Any) -> None:
        if notice.get("signed") == (notice.get("refusal") is not None):
            raise ValidationError(
                "a notice is either signed for or refused before witnesses", field_name="signed"
            )


class CorrectionEntry(Strict):
    """A grade that should replace a confirmed one."""

    correction = fields.String(required=True, validate=validate.OneOf(["objection", "error", "appeal"]))
    grade = fields.String(required=True, validate=_GRADE)
    reason = _text(2000, required=True)


class CorrectionView(Schema):
    """One correction, from its proposal to the second officer's decision."""

    id = fields.UUID(required=True)
    result_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    correction = fields.String(required=True)
    was_grade = fields.String(required=True, allow_none=True)
    grade = fields.String(required=True)
    reason = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["proposed", "upheld", "rejected"]))
    proposed_on = fields.Date(required=True)
    decided_on = fields.Date(required=True, allow_none=True)
    decision_reason = fields.String(required=True, allow_none=True)


class CorrectionDecision(Strict):
    decision = fields.String(required=True, validate=validate.OneOf(["uphold", "reject"]))
    reason = _text(2000, required=True)


class MeasuresFilter(Strict):
    person_id = fields.UUID(load_default=None, allow_none=True)
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(MEASURE_STATES))


class Hearing(Strict):
    """The person was told the facts and heard before anything was decided."""

    heard_on = fields.Date(required=True)
    statement = _text(10_000, required=True, description="what the person said")
    present = _people(20)


class MeasureDecision(Strict):
    decision = fields.String(required=True, validate=validate.OneOf(["impose", "drop"]))
    reason = _text(2000, required=True)
    decided_on = fields.Date(required=True)


class MeasureView(Schema):
    """One measure. Nothing of it leaves supervision before it is in effect."""

    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(get_args(MeasureKind)))
    state = fields.String(required=True, validate=validate.OneOf(MEASURE_STATES))
    result_id = fields.UUID(required=True, allow_none=True)
    proposed_on = fields.Date(required=True)
    heard_on = fields.Date(required=True, allow_none=True)
    decided_on = fields.Date(required=True, allow_none=True)
    in_effect_on = fields.Date(required=True, allow_none=True)
    effect_until = fields.Date(required=True, allow_none=True)
    review_until = fields.Date(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)
    ended_because = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    mark = fields.String(required=True)


class MeasureDetail(MeasureView):
    """One measure with what was said at the hearing and why it was decided so."""

    statement = fields.String(required=True, allow_none=True)
    present = fields.List(fields.String(), required=True, allow_none=True)
    decision_reason = fields.String(required=True, allow_none=True)


class VisitsFilter(Strict):
    person_id = fields.UUID(load_default=None, allow_none=True)
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(VISIT_STATES))


class VisitReport(Strict):
    """A return visit as whoever paid it reports it."""

    visited_on = fields.Date(required=True)
    steps = fields.List(
        fields.String(validate=validate.OneOf(get_args(VisitStep))),
        required=True,
        validate=validate.Length(1, len(get_args(VisitStep))),
        metadata={"description": "which of the five steps were done, each named once"},
    )
    findings = _text(10_000, required=True, description="stays in supervision")

    @validates("steps")
    def each_once(self, steps: list[str], **kwargs: Any) -> None:
        if len(steps) != len(set(steps)):
            raise ValidationError("the same step is named twice")


class VisitView(Schema):
    """One return visit to somebody newly promoted."""

    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    unit_id = fields.UUID(required=True)  # the unit of the new post
    appointment_id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(VISIT_STATES))
    effective_on = fields.Date(required=True)  # first day in the new post
    not_before = fields.Date(required=True)
    due_on = fields.Date(required=True)
    visited_on = fields.Date(required=True, allow_none=True)
    steps = fields.List(fields.String(), required=True, allow_none=True)
    source = fields.String(required=True)
    mark = fields.String(required=True)


class VisitDetail(VisitView):
    """One return visit with what was found."""

    findings = fields.String(required=True, allow_none=True)
