"""What reading's calls take and give."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate


class NoteEntry(Schema):
    class Meta:
        unknown = RAISE

    person_id = fields.UUID(required=True)
    title = fields.String(required=True, validate=validate.Length(1, 128))
    letters = fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))


class NoteView(NoteEntry):
    note_id = fields.UUID(required=True)
    enough = fields.Boolean(required=True)
