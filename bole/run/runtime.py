"""Starts and drains the green processes: the whole suite embedded in one, or one role of it.

Import this module only after bole.run.green.patch(); the deployed door is in bole/run/door.py.
Stopping: no new requests, those begun are answered, batches are committed, then the process ends;
whatever is not done after `drain_seconds` is left to the journals and databases, which lose nothing.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

import eventlet
import eventlet.wsgi

from bole import errors
from bole.config import CannotStart, Settings
from bole.log import get_log, nothing_escapes
from bole.metrics import Metrics
from bole.run import building, health
from bole.run.container import Container
from bole.run.installation import Installation, door_point, load, owner_of, service_points

log = get_log(__name__)

CONNECTIONS = 200  # HTTP connections served at once by the embedded door
LOOK_SECONDS = 0.2  # a signal is acted on within that
CLOCK_SECONDS = 60  # how often the clock is compared with the database's


class Stop:
    """Told by SIGTERM or SIGINT. The second one ends the process at once."""

    def __init__(self) -> None:
        self.told = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._tell)

    def _tell(self, number: int, frame: object) -> None:
        if self.told:
            os._exit(1)
        self.told = True

    def wait(self, containers: list[Container]) -> None:
        """Block until told, or until a service died, which nothing is meant to bring about."""
        while not self.told:
            if dead := [container.service_name for container in containers if container.died]:
                log.error("service died", died=dead)
                return
            eventlet.sleep(LOOK_SECONDS)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        CannotStart: the port is taken, or the address is not ours.
    """
    try:
        listening: socket.socket = eventlet.listen(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            reuse_port=False,  # eventlet's default would let a second suite take half of our connections
        )
        return listening
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            hint = "Something else listens there. Choose another with --port or BOLE_PORT."
        else:
            hint = f"{problem.strerror}. Check --host and --port."
        raise CannotStart(f"Cannot listen on {host}:{port}. {hint}") from problem


def embedded(
    settings: Settings,
    *,
    on_ready: Callable[[Installation, str], None],
    on_first_start: Callable[[Installation, str], None] | None = None,
) -> None:
    """Run the whole suite in this process until it is told to stop.

    Args:
        on_ready: called with the installation and its base URL once everything answers.
        on_first_start: called likewise, in a thread of its own, when nothing was ever recorded.
    Raises:
        CannotStart: with what to do about it.
    """
    policies = building.read_policies(settings)  # before anything is written
    os.umask(0o077)  # databases, keys and accounts are for the owner only
    building.prepare_folder(settings)
    building.hold_folder(settings)
    door_socket = listen(settings.host, settings.port)
    host, port = door_socket.getsockname()[:2]
    base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    keys = building.read_keys(settings, signing=True, make=True)
    clock = building.make_clock(settings)
    databases = {owner: building.open_database(settings, owner, clock) for owner in building.owners()}
    building.migrate_all(databases.values())
    for database in databases.values():
        building.check_database(database)
    installation = building.build(settings, "embedded", databases, keys, clock, policies)
    for name, database in databases.items():
        installation.checks[f"database of {name}"] = lambda database=database: building.database_problem(  # type: ignore[misc]
            database
        )
    first_start = not any(_announced_anything(database) for database in databases.values())
    stop = Stop()
    containers = make_services(installation, list(service_points()))
    start_services(containers)
    door = _serve(installation, door_socket, load(door_point())(installation), settings)
    on_ready(installation, base_url)
    if on_first_start is not None and first_start:
        eventlet.spawn(_first_start, on_first_start, installation, base_url)
    stop.wait(containers)
    dead = [container for container in containers if container.died]
    drain(installation, containers, door)
    _end_badly_if_dead(dead)


def role(name: str, settings: Settings) -> None:
    """Run one service (or the projector) until it is told to stop. Waits for its database and the broker.

    Raises:
        CannotStart: with what to do about it.
    """
    points = service_points()
    if name not in points:
        raise CannotStart(f"There is no role {name!r}. Roles are: door, {', '.join(points)}.")
    if not settings.deployed:
        raise CannotStart("A role by itself needs RabbitMQ: set BOLE_AMQP_URL, or use 'bole up'.")
    policies = building.read_policies(settings)
    stop = Stop()
    early = _Waiting()
    health_server: Any = None
    if settings.health_port:
        health_socket = listen(settings.host, settings.health_port)
        health_server = eventlet.spawn(
            eventlet.wsgi.server, health_socket, health.health_app(early), log=_quiet(), log_output=False
        )
    keys = building.read_keys(settings, signing=False, make=False)
    clock = building.make_clock(settings)
    database = building.open_database(settings, owner_of(name), clock)
    if not _finished(Aside(building.wait_for, database, early), stop):
        return
    installation = building.build(settings, name, {owner_of(name): database}, keys, clock, policies)
    installation.metrics, installation.checks = early.metrics, early.checks
    containers = make_services(installation, [name])
    Aside(follow_clock, installation)
    if _finished(Aside(start_services, containers), stop):
        log.info("role started", process=os.getpid())
        stop.wait(containers)
    dead = [container for container in containers if container.died]
    drain(installation, containers, health_server)
    _end_badly_if_dead(dead)


class Aside:
    """Something done in a green thread of its own; what it raised is kept for `result()`."""

    def __init__(self, do: Callable[..., None], *arguments: Any) -> None:
        self._problem: BaseException | None = None
        self._ended = False
        eventlet.spawn(self._run, do, arguments)

    def _run(self, do: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            do(*arguments)
        except Exception as problem:
            self._problem = problem
        finally:
            self._ended = True

    @property
    def ended(self) -> bool:
        return self._ended

    def result(self) -> None:
        """Raise what it met."""
        if self._problem is not None:
            raise self._problem


def _finished(aside: Aside, stop: Stop) -> bool:
    """Wait for something; False when we were told to stop before. Raises what it met."""
    while not aside.ended:
        if stop.told:
            return False
        eventlet.sleep(LOOK_SECONDS / 4)
    aside.result()
    return True


class _Waiting:
    """What health shows of a role before its installation is complete."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.checks: dict[str, Callable[[], str | None]] = {}


def make_services(installation: Installation, names: list[str]) -> list[Container]:
    """A nameko container for each service.

    Raises:
        CannotStart: a service cannot be imported.
    """
    points = service_points()
    config = {
        "AMQP_URI": installation.rpc.amqp_url,
        "BOLE": installation,
        "HEARTBEAT": 10,
        "max_workers": installation.settings.workers,
        "serializer": "json",
    }
    containers = [Container(load(points[name]), config) for name in names]
    for container in containers:
        installation.checks[f"calls of {container.service_name}"] = _listening(container)
    return containers


def start_services(containers: list[Container]) -> None:
    """Start them; returns when they take requests, which waits for the broker."""
    starts = [Aside(container.start) for container in containers]
    while not all(start.ended for start in starts):
        eventlet.sleep(LOOK_SECONDS / 4)
    for start in starts:
        start.result()


def _end_badly_if_dead(dead: list[Container]) -> None:
    """Whoever supervises this process starts it again."""
    if dead:
        raise SystemExit(1)


def _listening(container: Container) -> Callable[[], str | None]:
    from bole.run.requests import RequestQueue

    def check() -> str | None:
        queues = [one for one in container.extensions if isinstance(one, RequestQueue)]
        return None if queues and all(one.connected for one in queues) else "The broker is not reached yet."

    return check


def drain(installation: Installation, containers: list[Container], server: Any = None) -> None:
    """Finish what was begun and let go of everything; at most `drain_seconds`."""
    log.info("stopping")
    installation.stopping.set()
    with eventlet.Timeout(installation.settings.drain_seconds, False):
        if server is not None:
            server.kill()
        stops = [eventlet.spawn(_stop, container) for container in containers]
        for stop in stops:
            stop.wait()
        with nothing_escapes(log, "client not closed"):
            installation.rpc.close()
        for database in installation.databases.values():
            with nothing_escapes(log, "database not closed"):
                database.dispose()
        log.info("stopped")
        return
    log.warning("stopped before everything was finished", waited_seconds=installation.settings.drain_seconds)


def _stop(container: Container) -> None:
    with nothing_escapes(log, "service not stopped", service=container.service_name):
        container.stop()


def follow_clock(installation: Installation) -> None:
    """Compare the clock with the database's each minute. Ends when the process stops."""
    while not installation.stopping.wait(CLOCK_SECONDS):
        for database in installation.databases.values():
            try:
                database.follow_clock()
            except errors.Unavailable:
                log.debug("clock not compared", service=database.service)


def _serve(installation: Installation, door_socket: socket.socket, app: Any, settings: Settings) -> Any:
    """The embedded door, in a green thread. Streams reach the client byte by byte."""
    pool = eventlet.GreenPool(CONNECTIONS)

    def serve() -> None:
        eventlet.wsgi.server(
            door_socket,
            app,
            log=_quiet(),
            log_output=False,
            custom_pool=pool,
            minimum_chunk_size=0,
            keepalive=75,
            socket_timeout=120,
            debug=False,
        )

    return eventlet.spawn(serve)


def _quiet() -> logging.Logger:
    return logging.getLogger("eventlet.wsgi")


def _announced_anything(database: Any) -> bool:
    from bole.journal import journal

    with database.reading() as session:
        return bool(journal.head(session, database).position)


def _first_start(
    call: Callable[[Installation, str], None], installation: Installation, base_url: str
) -> None:
    with nothing_escapes(log, "first start not finished"):
        call(installation, base_url)
