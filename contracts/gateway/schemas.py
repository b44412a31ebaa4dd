"""What the gateway's own calls take and give. Shapes of other services' items are their contracts' matter."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

ACCOUNT = validate.Regexp(
    r"^[a-z0-9][a-z0-9._-]{1,63}(?!\n)$", error="2 to 64 of a-z 0-9 . _ - beginning with a letter or digit."
)
ROLE = validate.Regexp(
    r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?(?!\n)$", error="A role looks like 'care.officer'."
)


def _of_each(value: fields.Field[Any], *, required: bool = False) -> fields.Dict:
    """A mapping from names to `value`."""
    return fields.Dict(keys=fields.String(), values=value, required=required)


class Strict(Schema):
    """An unknown field is a typo, so it is refused."""

    class Meta:
        unknown = RAISE


class SignIn(Strict):
    """Who one is and the password that proves it."""

    account = fields.String(required=True, validate=validate.Length(1, 64))
    password = fields.String(required=True, validate=validate.Length(1, 256))


class Token(Schema):
    """A short-lived token, sent on as `Authorization: Bearer ...`."""

    token = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    account = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)


class Me(Schema):
    """The caller as every service sees it. `units` null: all units of the county."""

    account = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    units = fields.List(fields.UUID(), required=True, allow_none=True)
    person_id = fields.UUID(required=True, allow_none=True)
    permissions = fields.List(fields.String(), required=True)  # names of the calls that the caller may make


class NewAccount(Strict):
    """An account to create. An `official` needs `person_id`; officers may have one, or be kept to `units`."""

    account = fields.String(required=True, validate=ACCOUNT)
    roles = fields.List(fields.String(validate=ROLE), required=True, validate=validate.Length(1, 16))
    units = fields.List(fields.UUID(), load_default=None, allow_none=True, validate=validate.Length(1, 500))
    person_id = fields.UUID(load_default=None, allow_none=True)


class CreatedAccount(Schema):
    """The new account. Its password is told this once: null when the same request is repeated."""

    account = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    units = fields.List(fields.UUID(), required=True, allow_none=True)
    person_id = fields.UUID(required=True, allow_none=True)
    password = fields.String(required=True, allow_none=True)
    position = fields.String(required=True)  # "gateway:12"


class PeopleSearch(Strict):
    """`q` is looked for in name, full pinyin, pinyin initials, number and unit."""

    q = fields.String(load_default="", validate=validate.Length(max=64))
    unit_id = fields.UUID(load_default=None)


class PersonFound(Schema):
    """One line of the search."""

    person_id = fields.UUID(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    unit_id = fields.UUID(required=True, allow_none=True)
    unit = fields.String(required=True)
    post = fields.String(required=True)


class Touched(Schema):
    """The last entry of a source's journal that changed the part: how old what one reads may be."""

    position = fields.Integer(required=True)
    time = fields.DateTime(required=True)


class Part(Schema):
    """What one service says. Its lists (`bars`, `talks`, ...) hold the items of that service's events, each
    with its `state`, its reason and the `source` it rests on. `as_of` null: the service said nothing yet."""

    class Meta:
        unknown = "include"

    as_of = fields.Nested(Touched, required=True, allow_none=True)


class Dossier(Schema):
    """The whole of one person: who it is, and the state in each area with reason and source."""

    person_id = fields.UUID(required=True)
    identity = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    parts = fields.Dict(keys=fields.String(), values=fields.Nested(Part), required=True)


class TimelineEntry(Schema):
    """One thing that happened to the person. `actor` is null for the person's own eyes."""

    source = fields.String(required=True)
    position = fields.Integer(required=True)
    event_id = fields.UUID(required=True)
    type = fields.String(required=True)
    time = fields.DateTime(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    actor = fields.String(required=True, allow_none=True)
    cause = fields.UUID(required=True, allow_none=True)  # id of the event it follows from
    fields_ = fields.Dict(keys=fields.String(), required=True, data_key="fields")


class UnitFound(Schema):
    """One unit and how many people it has now."""

    unit_id = fields.UUID(required=True)
    name = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)
    people = fields.Integer(required=True)


class UnitSearch(Strict):
    """`q` is looked for in the unit's name, pinyin and code."""

    q = fields.String(load_default="", validate=validate.Length(max=64))


class UnitWhole(UnitFound):
    """One unit in counts, never in names, over the people it has now.

    `states`: service, list, state, count. `grades`: year, grade, count. `parts`: what services say of
    the unit itself (team results).
    """

    states = _of_each(_of_each(_of_each(fields.Integer())), required=True)
    grades = _of_each(_of_each(fields.Integer()), required=True)
    parts = fields.Dict(keys=fields.String(), values=fields.Nested(Part), required=True)


class Work(Schema):
    """One thing that the caller must do."""

    work_id = fields.UUID(required=True)
    source = fields.String(required=True)
    kind = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)
    link = fields.String(required=True)
    person_id = fields.UUID(required=True, allow_none=True)
    unit_id = fields.UUID(required=True, allow_none=True)
    count = fields.Integer(required=True)


class Change(Schema):
    """One server-sent event: something became visible in a document. Its `id` is the vector of positions."""

    source = fields.String(required=True)
    position = fields.Integer(required=True)
    type = fields.String(required=True)
    time = fields.DateTime(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["person", "unit"]))
    document_id = fields.UUID(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
