"""What the toy's calls take and give."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate


class Strict(Schema):
    class Meta:
        unknown = RAISE


class Stars(Strict):
    de = fields.Integer(required=True, strict=True, validate=validate.Range(0, 100))


class Praise(Strict):
    person_id = fields.UUID(required=True)
    words = fields.String(required=True, validate=validate.Length(1, 200))
    stars = fields.Nested(Stars, load_default=None)
    weight = fields.Decimal(as_string=True, load_default=None)


class Praised(Schema):
    praise_id = fields.UUID(required=True)
    position = fields.String(required=True)


class Line(Schema):
    praise_id = fields.UUID(required=True)
    words = fields.String(required=True)
    weight = fields.Decimal(as_string=True, allow_none=True)


class Asked(Strict):
    year = fields.Integer(load_default=None)
    state = fields.List(fields.String())


class ImportAsked(Strict):
    dry_run = fields.Boolean(load_default=False)
