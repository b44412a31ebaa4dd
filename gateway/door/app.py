"""The door as a WSGI application: one address for each Call of the installed contracts.

It names no service and no noun of theirs: a service that is installed appears here by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask, Response, g, redirect, request, send_from_directory
from prometheus_client import Counter
from werkzeug.wrappers import Response as AnyResponse

from bole.calls import PATH_PARAMETER, Call
from bole.errors import Invalid, Unauthenticated
from bole.log import get_log
from bole.run import health
from bole.run.installation import Installation
from gateway.door import problems
from gateway.door.accounts import Accounts
from gateway.door.answering import answer, complete
from gateway.door.asking import (
    Asked,
    bearer,
    read_json,
    read_key,
    read_path,
    read_patience,
    read_query,
)
from gateway.door.asyncapi import write_asyncapi
from gateway.door.catalogue import ANYONE, GATEWAY, Catalogue, read_catalogue, require
from gateway.door.forwarding import Forwarding
from gateway.door.jobs import Jobs
from gateway.door.limits import FILE_BYTES
from gateway.door.openapi import write_openapi
from gateway.door.own import OwnCalls
from gateway.door.reading import Reading
from gateway.door.stream import Streams
from gateway.door.tokens import Tokens

PAGES = Path(__file__).parent / "pages"
CONTENT_OF_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'"
)
STREAMS_OF_GREEN_THREADS = 64

log = get_log(__name__)


def create_app(installation: Installation) -> Flask:
    """The door of one installation. Makes the first accounts when there are none.

    Raises:
        OSError: the accounts file cannot be written.
    """
    catalogue = read_catalogue(installation.contracts)
    settings = installation.settings
    accounts = Accounts(installation.database("door"))
    accounts.first_start(catalogue.answering, settings.accounts_file)
    tokens = Tokens(settings.private_key_file.read_bytes())
    reading = Reading(installation.database("door"), catalogue)
    # A stream holds a thread where threads are real: half of them stay free for calls.
    most = max(1, settings.door_threads // 2) if settings.deployed else STREAMS_OF_GREEN_THREADS
    streams = Streams(reading, most=most, wait=installation.stopping.wait)
    own = OwnCalls(catalogue, accounts, tokens, reading, streams, installation.clock)
    forwarding = Forwarding(installation)
    jobs = Jobs(forwarding, catalogue, wait=installation.stopping.wait)

    app = Flask("gateway.door", static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = FILE_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = FILE_BYTES
    problems.register(app)
    _watch(app, installation)

    def answering(call: Call) -> Callable[..., Response]:
        def take(**path: str) -> Response:
            g.call = call.name
            asked = _ask(call, path, tokens, installation, catalogue)
            if call.service == GATEWAY:
                return own.answers[call.name](asked)
            if call.sheet is not None:
                return jobs.run(asked)
            return forwarding.forward(asked)

        return take

    for call in catalogue.calls:
        app.add_url_rule(
            PATH_PARAMETER.sub(r"<\1>", call.path),
            endpoint=call.name,
            view_func=answering(call),
            methods=[call.method],
            provide_automatic_options=False,
        )
    _describe(app, catalogue)
    _health(app, installation)
    app.wsgi_app = _bodies_that_end(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _bodies_that_end(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """eventlet's server ends a chunked body where it ends and does not say so; unsaid, Werkzeug sees none."""

    def take(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "eventlet.input" in environ:
            environ["wsgi.input_terminated"] = True
        return application(environ, start_response)

    return take


def _ask(
    call: Call, path: dict[str, str], tokens: Tokens, installation: Installation, catalogue: Catalogue
) -> Asked:
    """Read the request: who, then whether they may, then what."""
    by = None
    if call.method == "POST":
        g.key = read_key(request)
    if ANYONE not in call.may:
        token = bearer(request)
        if token is None:
            raise Unauthenticated("Send 'Authorization: Bearer <token>'; get one from POST /api/v1/tokens.")
        by = tokens.read(token, installation.clock.now())
        require(call, by)
    query, at_least = read_query(call, request)
    for source in at_least:
        if source != GATEWAY and source not in catalogue.services:
            says = f"There is no service {source!r}; known are {', '.join(catalogue.services)}."
            raise Invalid(says, errors=[{"at": "query.at_least", "says": says}])
    return Asked(
        call=call,
        by=by,
        path=read_path(path),
        query=query,
        body=read_json(call, request) if call.method == "POST" and call.sheet is None else {},
        key=g.get("key"),
        within_ms=read_patience(request),
        at_least=at_least,
    )


def _describe(app: Flask, catalogue: Catalogue) -> None:
    """The descriptions, written when first asked for, and a page that loads nothing from elsewhere."""
    release = version("bole")

    def document(write: Callable[..., dict[str, Any]]) -> Callable[[], Response]:
        written = cache(lambda: msgspec.json.encode(write(catalogue, version=release)))
        return lambda: answer(written(), headers={"Cache-Control": "no-cache"})

    def page(name: str = "index.html") -> AnyResponse:
        made = send_from_directory(PAGES, name, max_age=0)
        made.headers["Content-Security-Policy"] = CONTENT_OF_PAGES
        return made

    for rule, endpoint, view in (
        ("/openapi.json", "openapi", document(write_openapi)),
        ("/asyncapi.json", "asyncapi", document(write_asyncapi)),
        ("/docs", "docs", page),
        ("/docs/<name>", "docs_part", page),
        ("/", "root", lambda: redirect("/docs")),
    ):
        app.add_url_rule(rule, endpoint, view, methods=["GET"], provide_automatic_options=False)


def _health(app: Flask, installation: Installation) -> None:
    def watched() -> Response:
        status, content_type, body = health.answer(request.path, installation)
        return Response(body, status=status, content_type=content_type, headers={"Cache-Control": "no-store"})

    for path in health.PATHS:
        app.add_url_rule(path, path.strip("/"), watched, methods=["GET"], provide_automatic_options=False)


def _watch(app: Flask, installation: Installation) -> None:
    """One line and one count for each answer; addresses without their query, for names are searched in it."""
    answers = Counter(
        "bole_http_answers", "answers given", ["call", "status"], registry=installation.metrics.registry
    )

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        call = g.get("call") or request.endpoint or "nothing"
        answers.labels(call, str(response.status_code)).inc()
        took_ms = round((time.perf_counter() - g.began) * 1000, 1)
        say = log.debug if request.path in health.PATHS else log.info
        say("request answered", call=call, status=response.status_code, took_ms=took_ms)
        return complete(response)
