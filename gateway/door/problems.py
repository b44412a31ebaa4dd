"""Every error as application/problem+json (RFC 9457), whoever raised it: us, a service or the framework."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from bole.errors import BoleError
from bole.identifiers import new_id
from bole.log import get_log

PROBLEM = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Request timed out",
    409: "Conflict",
    413: "Too large",
    414: "Address too long",
    415: "Unsupported media type",
    422: "Cannot be processed",
    429: "Too many attempts",
    431: "Headers too large",
    500: "Server error",
    503: "Unavailable",
    504: "Out of time",
}
CODES_OF_FRAMEWORK = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_content_type",
}
HINTS_OF_FRAMEWORK = {
    404: "There is nothing at this address; /openapi.json lists what there is.",
    405: "This address exists, but not with this method; see the Allow header.",
    413: "The body is larger than this address takes.",
}

log = get_log(__name__)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    details: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One answer of the kind. `details` become members beside the standard ones."""
    body = {
        **(details or {}),
        "type": f"urn:bole:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
    }
    answer = Response(msgspec.json.encode(body), status=status, content_type=PROBLEM)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.update(headers or {})
    return answer


def of_error(error: BoleError) -> Response:
    """The face of an error raised on purpose, here or in a service."""
    details = {name: value for name, value in error.details.items() if value not in (None, [])}
    headers = {}
    if error.status in (429, 503):
        headers["Retry-After"] = str(details.get("retry_after", 5))
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="bole"'
    if error.status == 413:
        headers["Connection"] = "close"  # nobody reads what is still coming
    return problem(error.status, error.code, error.message, details=details, headers=headers)


def register(app: Flask) -> None:
    """Answer every exception of this application with a problem."""

    @app.errorhandler(BoleError)
    def raised_on_purpose(error: BoleError) -> Response:
        if error.status >= 500:
            log.warning("call failed", code=error.code, call=g.get("call"))
        return of_error(error)

    @app.errorhandler(HTTPException)
    def of_the_framework(error: HTTPException) -> Response:
        status = error.code or 500
        code = CODES_OF_FRAMEWORK.get(status, "bad_request" if status < 500 else "internal")
        detail = HINTS_OF_FRAMEWORK.get(status, error.description or TITLES.get(status, "Error"))
        kept = ("Allow", "Location", "Retry-After")
        headers = {name: value for name, value in error.get_headers() if name in kept}
        if status == 413:
            headers["Connection"] = "close"
        return problem(status, code, detail, headers=headers)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        incident = str(new_id())
        log.error("call broke", call=g.get("call"), incident=incident, exc_info=error)
        says = f"Something went wrong here. The log has it as incident {incident}."
        return problem(500, "internal", says, details={"incident": incident})
