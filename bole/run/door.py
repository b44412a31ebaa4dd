"""The deployed door: a process of real threads under granian. Neither nameko nor eventlet is imported here.

granian keeps the sockets and answers from a pool of Python threads; the application is made in its worker
process. While the gateway's database is away the door answers /livez, /readyz and /metrics, and 503 to
everything else.

Measured (two cores, CPython 3.11, hello world over one keep-alive connection, http.client): 6,100 requests/s;
a stream's events arrive one by one; SIGTERM lets begun requests finish.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from bole import errors
from bole.config import CannotStart, Settings, read_settings
from bole.log import configure, get_log
from bole.metrics import Metrics
from bole.run import building, health
from bole.run.installation import GATEWAY, Installation, door_point, load

log = get_log(__name__)

CLOCK_SECONDS = 60.0  # how often the clock is compared with the database's
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        CannotStart: with what to do about it.
    """
    building.read_policies(settings)
    building.read_keys(settings, signing=True, make=False)
    database = building.open_database(settings, GATEWAY, building.make_clock(settings))
    try:
        building.check_database(database)
    except errors.Unavailable:
        log.debug("database not reached, the worker will wait for it")
    database.dispose()
    _try_port(settings)
    server = Granian(
        "bole.run.door:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=1,
        blocking_threads=settings.door_threads,
        workers_kill_timeout=settings.drain_seconds,
        websockets=False,
        log_enabled=False,
    )
    server.serve()


def _try_port(settings: Settings) -> None:
    """granian ends with a traceback where one line would do."""
    import socket

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as problem:
            raise CannotStart(
                f"Cannot listen on {settings.host}:{settings.port} ({problem.strerror}). "
                "Choose another with BOLE_HOST and BOLE_PORT."
            ) from problem


class Door:
    """The WSGI application from the first moment on; the real one once its database answers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.checks: dict[str, Callable[[], str | None]] = {"door": lambda: "It is starting."}
        self.application: Application | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.application is not None:
            return self.application(environ, start_response)
        if environ.get("PATH_INFO") in health.PATHS:
            return health.health_app(self)(environ, start_response)
        body = json.dumps({"type": "about:blank", "title": "Not ready", "status": 503, "code": "unavailable"})
        headers = [("Content-Type", "application/problem+json"), ("Retry-After", "5")]
        start_response("503 Service Unavailable", headers)
        return [body.encode()]

    def start(self) -> None:
        """Wait for the database, then put the real application in place. Nothing escapes; see the log."""
        try:
            installation = self._install()
        except errors.BoleError as problem:
            log.error("door not started", why=problem.message)
            os._exit(2)  # granian ends with its worker, and whoever supervises starts both again
        except Exception:
            log.error("door not started", exc_info=True)
            os._exit(2)
        log.info("door started")
        while not installation.stopping.wait(CLOCK_SECONDS):
            try:
                installation.database("door").follow_clock()
            except errors.Unavailable:
                log.debug("clock not compared")

    def _install(self) -> Installation:
        settings = self.settings
        policies = building.read_policies(settings)
        keys = building.read_keys(settings, signing=True, make=False)
        clock = building.make_clock(settings)
        database = building.open_database(settings, GATEWAY, clock)
        building.wait_for(database, self)
        database.follow_clock()
        installation = building.build(settings, "door", {GATEWAY: database}, keys, clock, policies)
        installation.metrics, installation.checks = self.metrics, self.checks
        installation.rpc.start()
        installation.checks["broker"] = lambda: (
            None if installation.rpc.connected else "The message broker is not reached."
        )
        self.application = load(door_point())(installation)
        del self.checks["door"]
        return installation


def application() -> Application:
    """What granian calls in its worker."""
    settings = read_settings()
    configure("door", settings.log_level)
    door = Door(settings)
    threading.Thread(target=door.start, name="door start", daemon=True).start()
    return door
