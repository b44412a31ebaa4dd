"""Is it alive, is it ready, what does it count: `/livez`, `/readyz` and `/metrics`.

Alive: the process answers. Ready: everything it needs answers too (its databases, the broker), so a
request sent here can be served. Each check is a function that gives None when all is well and
otherwise one sentence about what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from bole.metrics import CONTENT_TYPE, Metrics

PATHS = ("/livez", "/readyz", "/metrics")
TEXTS = {200: "200 OK", 404: "404 Not Found", 503: "503 Service Unavailable"}


class Watched(Protocol):
    """What health needs of an installation, also while it is still waiting for its databases."""

    metrics: Metrics
    checks: dict[str, Callable[[], str | None]]


def answer(path: str, watched: Watched) -> tuple[int, str, bytes]:
    """Status, content type and body for one of PATHS; 404 for any other."""
    if path == "/livez":
        return 200, "application/json", b'{"alive":true}\n'
    if path == "/readyz":
        missing = {name: problem for name, check in watched.checks.items() if (problem := _asked(check))}
        body = {"ready": not missing, "missing": missing, "checked": sorted(watched.checks)}
        return 503 if missing else 200, "application/json", json.dumps(body).encode() + b"\n"
    if path == "/metrics":
        return 200, CONTENT_TYPE, watched.metrics.exposition()
    return 404, "text/plain", b"Here are /livez, /readyz and /metrics.\n"


def _asked(check: Callable[[], str | None]) -> str | None:
    try:
        return check()
    except Exception as problem:
        return f"The check failed with {type(problem).__name__}."


def health_app(watched: Watched) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The three as a WSGI application, for roles that serve nothing else over HTTP."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        status, content_type, body = answer(environ.get("PATH_INFO", ""), watched)
        start_response(TEXTS[status], [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    return app
