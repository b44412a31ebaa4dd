"""Answers as bytes: JSON without detours, and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response, g, request

from gateway.door.stream import write_vector

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def answer(body: bytes | Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that no cache keeps, for it is about people."""
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    made = Response(data, status=status, content_type="application/json")
    made.headers["Cache-Control"] = "no-store"
    made.headers.update(headers or {})
    return made


def as_of(positions: Mapping[str, int]) -> dict[str, str]:
    """The header that says how far each journal has been read; outside the ETag."""
    return {"As-Of": write_vector(positions)}


def complete(response: Response) -> Response:
    """Security headers, and the Idempotency-Key under which a POST may be repeated."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    if (key := g.get("key")) is not None:
        response.headers["Idempotency-Key"] = key
    if request.method == "HEAD":
        response.response = []
    return response
