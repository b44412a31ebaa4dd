"""What may be asked of the toy service."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from bole.calls import Call
from bole.jobs import JobSchema
from bole.workbook import Column, Sheet


class Greeting(Schema):
    guest_id = fields.UUID(required=True)
    words = fields.String(required=True, validate=validate.Length(1, 20))
    due_on = fields.Date()


class Given(Schema):
    words = fields.String()


GREET = Call(
    name="toy.greet",
    http="POST /api/v1/toy/guests/{guest_id}/greetings",
    may=frozenset({"toy.officer"}),
    takes=Greeting,
    gives=Given,
    zh="问候",
    en="greet",
)
BREAK = Call(
    name="toy.break_down",
    http="POST /api/v1/toy/breaks",
    may=frozenset({"toy.officer"}),
    gives=Given,
    zh="坏",
    en="break",
)
COUNT = Call(
    name="toy.count",
    http="GET /api/v1/toy/greetings",
    may=frozenset({"toy.officer", "auditor"}),
    gives=Given,
    paged=True,
    zh="数",
    en="count",
)


class Hall(Schema):
    hall = fields.String(load_default="full")


GREET_ALL = Call(
    name="toy.greet_all",
    http="POST /api/v1/toy/greetings/imports",
    may=frozenset({"toy.officer"}),
    takes=Greeting,
    asks=Hall,
    gives=JobSchema,
    sheet=Sheet(name="guests", columns=(Column(field="words", heads=("words",)),)),
    zh="全部问候",
    en="greet all",
)
GREETED_ALL = Call(
    name="toy.greeted_all",
    http="GET /api/v1/toy/greetings/imports/{job_id}",
    may=frozenset({"auditor"}),
    gives=JobSchema,
    zh="问候结果",
    en="how greeting went",
)
