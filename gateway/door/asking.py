"""Reading a request: who asks, for what, with which key and how much patience. Refuses what is malformed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from flask import Request
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge

from bole.calls import Call
from bole.errors import Invalid, NotFound, Refused, TooLarge, Unauthenticated
from bole.identifiers import new_id
from bole.principal import Principal
from gateway.door.limits import JSON_BYTES, LONGEST_KEY, LONGEST_WAIT_SECONDS, MOST_PER_PAGE, PAGE, WITHIN_MS

KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
POSITION = re.compile(r"([a-z][a-z0-9_]*):([0-9]{1,18})")
WAIT = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,4})\b")
LARGEST_NUMBER = 2**63 - 1


class NotReadable(Refused):
    """The body is not the JSON that it says it is."""

    code = "not_json"
    status = 400


class WrongContentType(Refused):
    """The body is of a kind that this call does not take."""

    code = "wrong_content_type"
    status = 415


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, read and validated. `path`, `query` and `body` are JSON values as they came."""

    call: Call
    by: Principal | None
    path: dict[str, str]
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    within_ms: int = WITHIN_MS
    at_least: dict[str, int] = field(default_factory=dict)  # service: position

    @property
    def caller(self) -> Principal:
        """The caller of a call that needs one."""
        if self.by is None:
            raise Unauthenticated("Send the header 'Authorization: Bearer <token>'; see POST /api/v1/tokens.")
        return self.by


def bearer(request: Request) -> str | None:
    """The token that was sent, or None."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def read_key(request: Request) -> str:
    """The Idempotency-Key, made when the client sends none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return str(new_id())
    if not KEY.fullmatch(key):
        raise _invalid("header.Idempotency-Key", f"1 to {LONGEST_KEY} printable ASCII characters, no blank.")
    return key


def read_patience(request: Request) -> int:
    """Milliseconds within which the caller wants an answer (`Prefer: wait=seconds`, RFC 7240)."""
    wanted = WAIT.search(request.headers.get("Prefer", ""))
    if wanted is None:
        return WITHIN_MS
    return min(max(int(wanted[1]), 1), LONGEST_WAIT_SECONDS) * 1000


def read_path(path: dict[str, str]) -> dict[str, str]:
    """The parameters of the path; those ending in `_id` are UUIDs, written in the usual form.

    Raises:
        NotFound: a path that cannot name anything names nothing.
    """
    read = {}
    for name, value in path.items():
        if name.endswith("_id"):
            try:
                value = str(UUID(value))
            except ValueError:
                raise NotFound("There is nothing under this address.") from None
        read[name] = value
    _refuse_unstorable(read, "path")
    return read


def read_query(call: Call, request: Request) -> tuple[dict[str, Any], dict[str, int]]:
    """Query parameters as the call's schema takes them, and `at_least`, which every GET takes."""
    given = {name: request.args.getlist(name) for name in request.args}
    at_least = _positions(given.pop("at_least", [])) if call.method == "GET" else {}
    paging: dict[str, Any] = {}
    if call.paged:
        paging = {"limit": _limit(given.pop("limit", [])), "cursor": _one("cursor", given.pop("cursor", []))}
    schema = call.asks() if call.asks is not None else Schema()
    query = {
        name: values if isinstance(schema.fields.get(name), fields.List) else _one(name, values)
        for name, values in given.items()
    }
    if call.sheet is not None and "dry_run" not in schema.fields:
        schema = Schema.from_dict({"dry_run": fields.Boolean()})()
    _refuse_unstorable(query, "query")
    _load(schema, query, "query")
    return {**query, **paging}, at_least


def read_json(call: Call, request: Request) -> dict[str, Any]:
    """The JSON body, validated by the schema of the call and otherwise left as it came."""
    data = read_bytes(request, JSON_BYTES)
    if call.takes is None and not data:
        return {}
    body = parse_json(request, data)
    _load(call.takes() if call.takes is not None else Schema(), body, "body")
    return body


def parse_json(request: Request, data: bytes) -> dict[str, Any]:
    """One JSON object, without what no database can store."""
    if request.mimetype != "application/json":
        raise WrongContentType(
            "Send the body as 'Content-Type: application/json'.", takes=["application/json"]
        )
    try:
        body = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise NotReadable(f"The body is not JSON: {problem}.") from None
    if not isinstance(body, dict):
        raise _invalid("body", "Must be a JSON object.")
    try:
        _refuse_unstorable(body, "body")
    except RecursionError:
        raise _invalid("body", "Nested too deeply.") from None
    return body


def read_bytes(request: Request, limit: int) -> bytes:
    """The whole body. Refused by its length before any of it is read, or as soon as it passes the limit."""
    request.max_content_length = limit + 1  # Werkzeug cuts a body without a length there, and says nothing
    if request.content_length is not None and request.content_length > limit:
        raise too_large(limit)
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_large(limit) from None
    if len(data) > limit:
        raise too_large(limit)
    return data


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit // 1024} KiB.", limit_bytes=limit)


def _load(schema: Schema, given: dict[str, Any], place: str) -> None:
    try:
        schema.load(given)
    except ValidationError as refused:
        places = _places(refused.messages, place)
        raise Invalid(f"The {place} is not as this call takes it; see `errors`.", errors=places) from None


def _places(messages: Any, at: str) -> list[dict[str, str]]:
    """marshmallow's nested messages as a flat list, a hundred at most."""
    if isinstance(messages, dict):
        found = []
        for name, inner in messages.items():
            found += _places(inner, at if name == "_schema" else f"{at}.{name}")
            if len(found) >= 100:
                break
        return found[:100]
    says = messages if isinstance(messages, list) else [messages]
    return [{"at": at, "says": str(one)} for one in says]


def _positions(values: list[str]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for one in (part.strip() for value in values for part in value.split(",")):
        found = POSITION.fullmatch(one)
        if found is None:
            raise _invalid("query.at_least", "Positions look like 'supervision:123'.")
        wanted[found[1]] = max(wanted.get(found[1], 0), int(found[2]))
    return wanted


def _limit(values: list[str]) -> int:
    given = _one("limit", values)
    if given is None:
        return PAGE
    if not re.fullmatch(r"[0-9]{1,6}", given) or not 1 <= int(given) <= MOST_PER_PAGE:
        raise _invalid("query.limit", f"A whole number from 1 to {MOST_PER_PAGE}.")
    return int(given)


def _one(name: str, values: list[str]) -> str | None:
    if len(values) > 1:
        raise _invalid(f"query.{name}", "Given more than once.")
    return values[0] if values else None


def _refuse_unstorable(value: Any, at: str) -> None:
    """Text with a NUL and numbers beyond 64 bits pass every schema and fail in the database."""
    if isinstance(value, str):
        if "\x00" in value:
            raise _invalid(at, "Contains a NUL character.")
    elif isinstance(value, int):
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise _invalid(at, "A number beyond 64 bits.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _refuse_unstorable(name, at)
            _refuse_unstorable(inner, f"{at}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_unstorable(inner, f"{at}.{number}")


def _invalid(at: str, says: str) -> Invalid:
    return Invalid(f"{at}: {says}", errors=[{"at": at, "says": says}])
