"""A request read through the schemas of its call: what is malformed is refused, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields

from bole import errors
from bole.calls import Call
from bole.principal import Principal
from bole.run.request import LARGEST_PAGE, PAGE, Request
from bole.workbook import CellError, Row


class _Sheet(Schema):
    """What every call that takes a sheet may be asked besides."""

    dry_run = fields.Boolean(load_default=False)


def read_request(call: Call, principal: Principal, kwargs: dict[str, Any]) -> Request:
    """Check the permission and load path, query and body of a call through its schemas.

    Raises:
        errors.Forbidden: the caller's roles do not hold the permission, which the error names.
        errors.Invalid: with every place that is wrong.
    """
    if not principal.roles & call.may:
        raise errors.Forbidden(call.name)
    path, query, body = (dict(kwargs.get(part) or {}) for part in ("path", "query", "body"))
    problems: list[dict[str, str]] = []
    paging: dict[str, Any] = {}
    if call.paged:
        paging = {"cursor": query.pop("cursor", None), "limit": _limit(query.pop("limit", PAGE), problems)}
    loaded = Request(
        by=principal,
        path=_path(call, path, problems),
        query=_loaded(_asks(call), query, "query", problems) | paging,
        body={} if call.sheet else _loaded(call.takes, body, "body", problems),
    )
    if problems:
        raise errors.Invalid("The request is not what this call takes.", problems)
    return loaded


def _asks(call: Call) -> type[Schema] | None:
    if call.sheet is None:
        return call.asks
    if call.asks is None:
        return _Sheet
    return call.asks if "dry_run" in call.asks._declared_fields else type("Asks", (_Sheet, call.asks), {})


def _path(call: Call, path: dict[str, Any], problems: list[dict[str, str]]) -> dict[str, Any]:
    loaded: dict[str, Any] = {}
    for name in call.parameters:
        value = path.get(name)
        try:
            loaded[name] = UUID(str(value)) if name.endswith("_id") else str(value)
        except ValueError:
            # A path that cannot name anything names nothing.
            raise errors.NotFound("There is nothing under this path.") from None
    return loaded


def _limit(value: Any, problems: list[dict[str, str]]) -> int:
    try:
        limit = int(value)
    except (TypeError, ValueError):
        limit = 0
    if not 1 <= limit <= LARGEST_PAGE:
        problems.append({"at": "query.limit", "says": f"Must be a whole number from 1 to {LARGEST_PAGE}."})
    return limit


def _loaded(
    schema: type[Schema] | None, data: dict[str, Any], at: str, problems: list[dict[str, str]]
) -> dict[str, Any]:
    try:
        return dict(_instance(schema or Schema).load(data, unknown=RAISE))
    except ValidationError as problem:
        problems.extend(places(problem.messages, at))
        return {}


@cache
def _instance(schema: type[Schema]) -> Schema:
    """One for all rows and requests: making one copies its fields, which took longer than loading a row."""
    return schema()


def places(messages: Any, at: str) -> list[dict[str, str]]:
    """Marshmallow's nested messages as a flat list: `{"at": "body.scores.de", "says": "..."}`."""
    if isinstance(messages, dict):
        return [
            place
            for key, inner in messages.items()
            for place in places(inner, at if key == "_schema" else f"{at}.{key}")
        ]
    if isinstance(messages, list):
        return [place for message in messages for place in places(message, at)]
    return [{"at": at, "says": str(messages)}]


def _headed(at: str, heads: dict[str, str]) -> str:
    """`row.born_on` as whoever filled in the sheet knows it: `row.出生年月`."""
    row, _, field = at.partition(".")
    return f"{row}.{heads.get(field, field)}"


def other_faults(call: Call, row: Row, heads: Mapping[str, str]) -> list[CellError]:
    """What else is wrong with a row that came with errors: in the columns these do not name.

    `heads` says what the columns are called in the file; one that is not in it is called by our head.
    """
    assert call.sheet is not None
    problems: list[dict[str, str]] = []
    _loaded(call.takes, dict(row["values"]), "row", problems)
    ours = {column.field: column.heads[0] for column in call.sheet.columns}
    told = {error["column"] for error in row["errors"]}
    found = [(problem["at"].partition(".")[2], problem["says"]) for problem in problems]
    return [
        CellError(column=heads.get(field) or ours.get(field, field), reason=says)
        for field, says in found
        if heads.get(field, field) not in told
    ]


def read_row(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    """One row of a sheet, `{"n", "values", "extra"}`, loaded; columns nobody knows stay aside under `extra`.

    Raises:
        errors.Invalid: with every column that is wrong.
    """
    problems: list[dict[str, str]] = []
    loaded = _loaded(call.takes, dict(row["values"]), "row", problems)
    if problems:
        heads = {column.field: column.heads[0] for column in call.sheet.columns} if call.sheet else {}
        named = [problem | {"at": _headed(problem["at"], heads)} for problem in problems]
        raise errors.Invalid("The row is not what this sheet takes.", named)
    return {"extra": row.get("extra") or {}} | loaded
