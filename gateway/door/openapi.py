"""/openapi.json: OpenAPI 3.1, written from the declarations that the door routes by."""

from __future__ import annotations

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from bole.calls import Call
from gateway.door.catalogue import ANYONE, GATEWAY, SIGNED_IN, Catalogue
from gateway.door.limits import (
    FILE_TYPES,
    LONGEST_KEY,
    LONGEST_WAIT_SECONDS,
    MOST_PER_PAGE,
    PAGE,
    WITHIN_MS,
)

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
AS_OF = {
    "As-Of": {"schema": {"type": "string"}, "description": "How far each service's journal has been read."}
}
KEY = {"Idempotency-Key": {"schema": {"type": "string"}, "description": "The key sent, or the one made."}}
RESPONSES = {
    400: "The body is not JSON, or the request could not be read.",
    401: "No token, an expired one, or one that was not issued here.",
    403: "The caller lacks the permission that `permission` names, or entered what is to be decided.",
    404: "There is no such thing, or the caller may not know that there is.",
    405: "The address exists, but not with this method.",
    409: "The state of things does not allow it, or the key was used with another body.",
    413: "The body is larger than the limit.",
    415: "The content type is not one that this call takes.",
    422: "Malformed or out of range; `errors` lists the places.",
    429: "Too many wrong passwords; wait for `Retry-After` seconds.",
    500: "Something broke on our side.",
    503: "A service or its database is away; repeat after `Retry-After` seconds.",
    504: "The outcome is unknown; repeat with the same Idempotency-Key.",
}


def write_openapi(catalogue: Catalogue, *, version: str) -> dict[str, Any]:
    """The description of every call. Deterministic: two doors of one version answer the same bytes."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Bole",
        version=version,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={
            "summary": "Training, selection, supervision and care of a county's officials.",
            "description": (
                "Each service owns its data; the gateway shows the whole. Every POST accepts an "
                "`Idempotency-Key` and answers with the `position` it made; every GET accepts "
                "`at_least=<position>` to read one's own writes. Errors are problem+json (RFC 9457)."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        servers=[{"url": "/"}],
        security=[{"token": []}],
        tags=[{"name": service} for service in (GATEWAY, *catalogue.services)],
    )
    converter = plugin.converter
    assert converter is not None
    converter.add_attribute_function(_decimals_as_text)  # type: ignore[no-untyped-call]
    spec.components.security_scheme(
        "token",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWS",
            "description": "From POST /api/v1/tokens; valid for 15 minutes.",
        },
    )
    for name, (place, parameter) in _parameters_of_many(catalogue).items():
        spec.components.parameter(name, place, parameter)
    spec.components.schema("Problem", _PROBLEM_SCHEMA)
    for status, says in RESPONSES.items():
        spec.components.response(f"problem_{status}", _problem_response(status, says))
    for call in catalogue.calls:
        spec.path(
            path=call.path,
            operations={call.method.lower(): _operation(call, converter)},
            parameters=[_path_parameter(name) for name in call.parameters],
        )
    document = spec.to_dict()
    roles = document["components"]["schemas"]["gateway.NewAccount"]["properties"]["roles"]
    roles["items"]["enum"] = list(catalogue.roles)
    return document


def _parameters_of_many(catalogue: Catalogue) -> dict[str, tuple[str, dict[str, Any]]]:
    """Parameters that many calls share: name, place, description."""
    services = "|".join((GATEWAY, *catalogue.services))
    position = {"type": "string", "pattern": f"^({services}):[0-9]{{1,18}}$"}
    return {
        "limit": (
            "query",
            {"schema": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PAGE}},
        ),
        "cursor": (
            "query",
            {"description": "`next` of the page before.", "schema": {"type": "string", "maxLength": 512}},
        ),
        "at_least": (
            "query",
            {
                "description": (
                    "Positions that the answer must know of, `supervision:123`; repeatable. Waits up to 2 s "
                    "for them, then answers 202 with what there is."
                ),
                "schema": {"type": "array", "items": position},
                "style": "form",
                "explode": True,
            },
        ),
        "Idempotency-Key": (
            "header",
            {
                "description": "The same key and body again: the same answer, done once. Made when absent.",
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": LONGEST_KEY,
                    "pattern": "^[!-~]+$",
                },
            },
        ),
        "Prefer": (
            "header",
            {
                "description": (
                    f"`wait=3`: seconds within which the service must answer, 1 to {LONGEST_WAIT_SECONDS}; "
                    f"{WITHIN_MS // 1000} unless told (RFC 7240). Any other preference is ignored."
                ),
                "schema": {"type": "string"},
            },
        ),
    }


def _operation(call: Call, converter: OpenAPIConverter) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.name,
        "tags": [call.service],
        "summary": _headline(call),
        "description": f"{call.zh}。 Permission `{call.name}`: {_who(call)}.",
        "parameters": _parameters(call, converter),
        "responses": _answers(call, converter),
    }
    if ANYONE in call.may:
        operation["security"] = []
    if call.method == "POST" and (body := _body(call)) is not None:
        operation["requestBody"] = body
    return operation


def _headline(call: Call) -> str:
    """What the call does, as a title: contracts write it as a sentence or as a phrase."""
    return call.en[:1].upper() + call.en[1:].rstrip(".")


def _who(call: Call) -> str:
    words = {
        SIGNED_IN: "whoever is signed in",
        ANYONE: "no token needed",
        "*.officer": "officers of any service",
    }
    return ", ".join(words.get(role, role) for role in sorted(call.may))


def _parameters(call: Call, converter: OpenAPIConverter) -> list[dict[str, Any] | str]:
    """Parameters of one call; a text is the name of one that many share."""
    parameters: list[dict[str, Any] | str] = []
    if call.asks is not None:
        parameters += [_loose(one) for one in converter.schema2parameters(call.asks(), location="query")]
    if call.paged:
        parameters += ["limit", "cursor"]
    parameters.append("at_least" if call.method == "GET" else "Idempotency-Key")
    if call.service != GATEWAY:
        parameters.append("Prefer")
    if call.sheet is not None and (call.asks is None or "dry_run" not in call.asks().fields):
        parameters.append(
            {
                "name": "dry_run",
                "in": "query",
                "description": "Judge every row and change nothing.",
                "schema": {"type": "boolean", "default": False},
            }
        )
    if call.name == "gateway.read_person":
        parameters.append({"name": "If-None-Match", "in": "header", "schema": {"type": "string"}})
    if call.name == "gateway.read_stream":
        parameters.append(
            {
                "name": "Last-Event-ID",
                "in": "header",
                "description": (
                    "The `id` of the last event received; what followed it is sent first. When it lies "
                    "beyond what is known here, the stream begins now, with an event `reset`."
                ),
                "schema": {"type": "string", "maxLength": 1024},
            }
        )
    return parameters


def _loose(parameter: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent or has a value; it is never null."""
    kind = parameter.get("schema", {}).get("type")
    if isinstance(kind, list) and "null" in kind:
        left = [one for one in kind if one != "null"]
        parameter["schema"]["type"] = left[0] if len(left) == 1 else left
    if parameter.get("schema", {}).get("default", ...) is None:
        del parameter["schema"]["default"]
    return parameter


def _body(call: Call) -> dict[str, Any] | None:
    if call.takes is None:
        return None
    if call.sheet is None:
        return {"required": True, "content": {"application/json": {"schema": call.takes}}}
    file = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
    heads = ", ".join(
        column.heads[0] + (" (required)" if column.required else "") for column in call.sheet.columns
    )
    content: dict[str, Any] = {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["rows"],
                "additionalProperties": False,
                "properties": {"rows": {"type": "array", "minItems": 1, "items": call.takes}},
            }
        },
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": file["schema"]},
            }
        },
    }
    content.update(dict.fromkeys(FILE_TYPES, file))
    return {"required": True, "description": f"Rows, or a file with the columns {heads}.", "content": content}


def _answers(call: Call, converter: OpenAPIConverter) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if call.name == "gateway.read_stream":
        answers["200"] = {
            "description": (
                "Events `change` until either side closes. A comment is sent when nothing happens. An event "
                "`reset` comes first when `Last-Event-ID` was of no use: read anew what is shown."
            ),
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "x-event": converter.resolve_nested_schema(call.gives),  # type: ignore[no-untyped-call]
                }
            },
        }
    else:
        what: Any = call.gives
        if call.method == "POST" and "position" not in call.gives._declared_fields:
            what = _with_position(call.gives)
        if call.paged:
            what = {
                "type": "object",
                "required": ["items", "next"],
                "properties": {
                    "items": {"type": "array", "items": call.gives},
                    "next": {"type": ["string", "null"], "description": "Cursor of the next page."},
                },
            }
        done = {"description": _headline(call), "content": {"application/json": {"schema": what}}}
        answers[str(call.status)] = {**done, "headers": _headers(call)}
        if call.method == "GET":
            answers["202"] = {**done, "description": "The position of `at_least` was not reached within 2 s."}
        if call.sheet is not None:
            answers["202"] = {
                **done,
                "description": "Still running; `Location` is where to follow it.",
                "headers": {"Location": {"schema": {"type": "string"}}, **_headers(call)},
            }
    if call.name == "gateway.read_person":
        answers["304"] = {"description": "Nothing changed since the ETag that was sent."}
    for status in _problems(call):
        answers[str(status)] = {"$ref": f"#/components/responses/problem_{status}"}
    return answers


@cache
def _with_position(gives: type[Schema]) -> type[Schema]:
    """What a command answers: its own fields, and the position that the kit adds."""
    says = "Position of its last event: `supervision:123`; null when it announced nothing."
    position = fields.String(required=True, allow_none=True, metadata={"description": says})
    return type(f"{gives.__name__}Done", (gives,), {"__module__": gives.__module__, "position": position})


def _problems(call: Call) -> list[int]:
    statuses = {400, 405, 422, 500, 503}
    if ANYONE not in call.may:
        statuses |= {401, 403}
    if call.name == "gateway.issue_token":
        statuses |= {401, 429}
    if call.parameters or call.method == "POST":
        statuses.add(404)
    if call.method == "POST":
        statuses |= {409, 413, 415}
    if call.service != GATEWAY:
        statuses |= {404, 504}
    return sorted(statuses)


def _headers(call: Call) -> dict[str, Any]:
    if call.method == "POST":
        return KEY
    if call.name == "gateway.read_person":
        return {
            "ETag": {"schema": {"type": "string"}},
            **AS_OF,
        }
    if call.service == GATEWAY and call.name != "gateway.read_me":
        return AS_OF
    return {}


def _path_parameter(name: str) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": "string"}
    if name.endswith("_id"):
        kind["format"] = "uuid"
    return {"name": name, "in": "path", "required": True, "schema": kind}


def _problem_response(status: int, says: str) -> dict[str, Any]:
    response: dict[str, Any] = {"description": says, "content": PROBLEM}
    if status in (429, 503):
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return response


def _schema_name(schema: Schema | type[Schema]) -> str:
    """`training.RemedialPlan`: the service is part of it, since two services may use one word."""
    cls = schema if isinstance(schema, type) else type(schema)
    module = cls.__module__.split(".")
    owner = module[-2] if len(module) > 1 else module[0]
    return f"{owner}.{cls.__name__}"


def _decimals_as_text(_: OpenAPIConverter, field: fields.Field[Any], **__: Any) -> dict[str, Any]:
    """apispec documents `Decimal(as_string=True)` as a number."""
    if isinstance(field, fields.Decimal) and field.as_string:
        return {"type": ["string", "null"] if field.allow_none else "string"}
    return {}


_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is the contract; wording may improve.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"at": {"type": "string"}, "says": {"type": "string"}},
            },
        },
        "permission": {"type": "string"},
        "retry_after": {"type": "integer"},
    },
}
