"""The threads of a service beside its workers: intake, retries, relay, deadlines, jobs.

Each is a nameko extension whose threads are managed by the container, catch everything (an escape
would kill the container) and end by themselves when drained: what was begun is finished and committed.
Intake, deadlines and jobs drain when nameko stops their entrypoints, which it does first; the relay
later, so that what the last workers announced still leaves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from nameko.extensions import SharedExtension

from bole import errors
from bole.delivery.consuming import BrokerFeed
from bole.delivery.handler import Handler
from bole.delivery.intake import Intake
from bole.delivery.pulling import PullFeed
from bole.delivery.reader import DirectReader, RpcReader
from bole.delivery.relay import Relay
from bole.delivery.retrying import ParkedRetry
from bole.events import event_type
from bole.jobs import Job, RowDone, run_next
from bole.log import bound, get_log
from bole.metrics import Sample
from bole.run.installation import GATEWAY_ROLES, service_points
from bole.run.reading import read_request, read_row
from bole.store.deadlines import run_due
from bole.store.idempotency import forget_old_answers

if TYPE_CHECKING:
    from bole.run.installation import Installation
    from bole.store.database import Database, Work

log = get_log(__name__)

DEADLINES_EVERY_SECONDS = 1.0
JOBS_EVERY_SECONDS = 5.0  # for what another process left; those started here begin at once
HOUSEKEEPING_SECONDS = 3600.0
PAUSE_AFTER_FAILURE_SECONDS = 2.0


class Loop(Protocol):
    """What runs in a thread: blocks until stopped, and stop() returns when it has ended."""

    def run(self) -> None: ...
    def stop(self) -> None: ...


class Threads(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Runs loops, one managed thread each, and drains them once, whoever asks first."""

    def __init__(self) -> None:
        self._loops: list[Loop] = []
        self._draining: threading.Event | None = None
        self._drained = threading.Event()

    @property
    def installation(self) -> Installation:
        installation: Installation = self.container.config["BOLE"]
        return installation

    @property
    def service_name(self) -> str:
        return str(self.container.service_name)

    @property
    def database(self) -> Database:
        return self.installation.database(self.service_name)

    def loops(self) -> Iterable[Loop]:
        """What to run. Called once, when every extension has been set up."""
        raise NotImplementedError

    def start(self) -> None:
        self._loops = list(self.loops())
        for loop in self._loops:
            self.container.spawn_managed_thread(partial(self._run, loop), identifier=type(loop).__name__)

    def _run(self, loop: Loop) -> None:
        with bound(service=self.service_name):
            try:
                loop.run()
            except Exception:
                log.error("thread failed", thread=type(loop).__name__, exc_info=True)

    def drain(self) -> None:
        """Stop all loops and wait for them; later callers wait for the first."""
        if self._draining is None:
            self._draining = self._drained
            for loop in self._loops:
                try:
                    loop.stop()
                except Exception:
                    log.error("thread not stopped", thread=type(loop).__name__, exc_info=True)
            self._drained.set()
        self._drained.wait()

    def stop(self) -> None:
        self.drain()

    def entrypoints(self, *having: str) -> list[Any]:
        """The bound entrypoints that have these attributes, by the name of their method."""
        found = [one for one in self.container.entrypoints if all(hasattr(one, name) for name in having)]
        return sorted(found, key=lambda one: str(one.method_name))


class Intaking(Threads):
    """The intake of a service, its feed and the retries of what is parked."""

    intake: Intake | None = None

    def setup(self) -> None:
        if self.intake is not None:
            return
        hearing = [one for one in self.container.entrypoints if hasattr(one, "intaking")]
        if not hearing:
            return
        handlers = [self._handler(one) for one in sorted(hearing, key=lambda one: str(one.method_name))]
        installation = self.installation
        sources = {event_type(one.event).source for one in hearing if hasattr(one, "event")}
        if any(not hasattr(one, "event") for one in hearing):
            sources |= set(service_points()) - GATEWAY_ROLES
        if not installation.settings.deployed:
            sources &= set(installation.databases)
        reader = (
            RpcReader(installation.rpc)
            if installation.settings.deployed
            else DirectReader(installation.databases)
        )
        self.intake = Intake(self.service_name, self.database, handlers, reader, sources)
        installation.metrics.watch(partial(intake_samples, self.service_name, self.intake))

    def loops(self) -> Iterable[Loop]:
        if self.intake is None:
            return
        settings = self.installation.settings
        if settings.amqp_url is not None:
            yield BrokerFeed(self.intake, settings.amqp_url)
        else:
            yield PullFeed(self.intake, [self.installation.databases[name] for name in self.intake.sources])
        yield ParkedRetry(self.intake)

    def _handler(self, entrypoint: Any) -> Handler:
        heard: type | None = getattr(entrypoint, "event", None)
        types = None if heard is None else frozenset({event_type(heard).wire})
        call = on_the_service(self.container, entrypoint.method_name)
        return Handler(
            name=entrypoint.method_name, types=types, call=call, since=getattr(entrypoint, "since", "now")
        )


def on_the_service(container: Any, method_name: str) -> Callable[..., Any]:
    """A method of the service as a function of (what, work, ...), with the store made from the work."""
    service: Any = None

    def call(what: Any, work: Work, *more: Any) -> Any:
        nonlocal service
        if service is None:
            service = container.service_outside_a_call()
        store = type(service).store.store(work, work.session, work.database)
        return getattr(service, method_name)(what, store, *more)

    return call


def intake_samples(service: str, intake: Intake) -> Iterable[Sample]:
    """Lag, parked, quarantined and halted, per source."""
    for line in intake.lines:
        labels = {"service": service, "source": line.source, "stream": str(line.stream)}
        yield Sample("bole_intake_lag_entries", "entries announced and not yet taken", labels, line.lag)
        yield Sample("bole_intake_applied", "entries taken since the start", labels, line.applied)
        yield Sample("bole_intake_parked", "events parked since the start", labels, line.parked)
        yield Sample(
            "bole_intake_quarantined", "messages not trusted since the start", labels, line.quarantined
        )
        halted = float(line.halted is not None)
        yield Sample("bole_intake_halted", "1: this source is stopped, see bole parked", labels, halted)


class Relaying(Threads):
    """The relay of a service; deployed only."""

    relay: Relay | None = None

    def setup(self) -> None:
        amqp_url = self.installation.settings.amqp_url
        if amqp_url is not None and self.relay is None:
            self.relay = Relay(self.database, amqp_url)
            self.installation.metrics.watch(partial(relay_samples, self.service_name, self.relay))

    def loops(self) -> Iterable[Loop]:
        return () if self.relay is None else (self.relay,)


def relay_samples(service: str, relay: Relay) -> Iterable[Sample]:
    """What waits to be published, and whether this relay is the active one."""
    state, labels = relay.state, {"service": service}
    waiting = max(state.head - state.position, 0)
    yield Sample(
        "bole_relay_lag_entries", "entries announced and not yet confirmed by the broker", labels, waiting
    )
    yield Sample("bole_relay_active", "1: the one active relay of its service", labels, float(state.active))
    yield Sample("bole_relay_published", "entries published since the start", labels, state.published)
    yield Sample("bole_relay_failures", "failures in a row", labels, state.failures)


class Every:
    """Does something again and again, with a pause between; a failure makes the pause longer."""

    def __init__(self, seconds: float, do: Callable[[], object], what: str) -> None:
        self.seconds = seconds
        self.do = do
        self.what = what  # for the log: "deadlines"
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._began = False
        self.wake = threading.Event()

    def run(self) -> None:
        self._began = True
        away = False
        try:
            while not self._stopping.is_set():
                pause = self.seconds
                try:
                    if self.do() is True:  # there may be more at once
                        pause = 0.0
                    away = False
                except errors.Unavailable as problem:
                    pause = PAUSE_AFTER_FAILURE_SECONDS
                    if not away:  # once, not at every try
                        log.warning("database not reached", thread=self.what, why=problem.message)
                    away = True
                except Exception:
                    pause = PAUSE_AFTER_FAILURE_SECONDS
                    log.error("thread failed, goes on", thread=self.what, exc_info=True)
                self.wake.wait(pause)
                self.wake.clear()
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Let it finish what it is doing; returns when it has ended."""
        self._stopping.set()
        self.wake.set()
        if self._began:
            self._ended.wait()


class Deadlines(Threads):
    """Looks every second for deadlines that have passed."""

    def loops(self) -> Iterable[Loop]:
        handlers = {
            one.kind: on_the_service(self.container, one.method_name) for one in self.entrypoints("kind")
        }
        handled = self.installation.metrics.deadlines.labels(self.service_name)
        yield Every(
            DEADLINES_EVERY_SECONDS, lambda: handled.inc(run_due(self.database, handlers)), "deadlines"
        )


class Jobs(Threads):
    """Takes the rows of imports, one batch after the other, job after job."""

    def __init__(self) -> None:
        super().__init__()
        self._loop: Every | None = None
        self._job: Job | None = None  # the one at hand, its path and query loaded

    def loops(self) -> Iterable[Loop]:
        self._takers = {
            one.call.name: (one, on_the_service(self.container, one.method_name))
            for one in self.entrypoints("call", "check")
        }
        self._counted = self.installation.metrics.job_rows.labels(self.service_name)
        self._loop = Every(JOBS_EVERY_SECONDS, lambda: run_next(self.database, self._take), "jobs")
        yield self._loop

    def wake(self) -> None:
        """A job was started in this process."""
        if self._loop is not None:
            self._loop.wake.set()

    def _take(self, row: dict[str, Any], work: Work, job: Job) -> RowDone:
        entrypoint, method = self._takers[job.call]
        if self._job is None or self._job.id != job.id:
            request = read_request(entrypoint.call, job.by, {"path": job.path, "query": job.query})
            self._job = replace(job, path=request.path, query=request.query)
        self._counted.inc()
        done: RowDone = method(read_row(entrypoint.call, row), work, self._job)
        return done


class Housekeeping(Threads):
    """Forgets what nobody will ask for again."""

    def loops(self) -> Iterable[Loop]:
        yield Every(HOUSEKEEPING_SECONDS, lambda: self._forget(), "housekeeping")

    def _forget(self) -> None:
        forgotten = forget_old_answers(self.database)
        if forgotten:
            log.info("old answers forgotten", answers=forgotten)
