"""The nameko extensions behind the decorators of bole.run.service."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from nameko.rpc import Rpc

from bole import errors
from bole.calls import Call
from bole.identifiers import new_id
from bole.jobs import JobSchema
from bole.log import bound, get_log
from bole.rpc.client import error_out
from bole.run.installation import calls_of
from bole.run.reading import read_request
from bole.run.request import Request
from bole.run.requests import Incoming, Requests
from bole.run.threads import Deadlines, Intaking, Jobs
from bole.store import idempotency

if TYPE_CHECKING:
    from bole.run.installation import Installation
    from bole.store.database import Database, Work

log = get_log(__name__)

Reply = dict[str, Any]


class Answering(Rpc):  # type: ignore[misc]  # nameko is untyped
    """An RPC method of ours: reads the request, answers it, and turns whatever is raised into a reply."""

    rpc_consumer = Requests()

    @property
    def installation(self) -> Installation:
        installation: Installation = self.container.config["BOLE"]
        return installation

    @property
    def database(self) -> Database:
        return self.installation.database(self.container.service_name)

    def answers(self, method: str) -> bool:
        """Whether this is the one for a request of that name."""
        return bool(method == self.method_name)

    def take(self, incoming: Incoming, message: Any) -> None:
        """Start a worker; when the container is dying, leave the request to another process."""
        try:
            self.container.spawn_worker(self, (incoming,), {}, handle_result=partial(self.reply, message))
        except ContainerBeingKilled:
            self.rpc_consumer.requeue_message(message)

    def reply(self, message: Any, worker_ctx: Any, reply: Any, problem: Any) -> tuple[Any, Any]:
        """What nameko calls once the worker has its reply."""
        if reply is None:
            self.rpc_consumer.queue_consumer.ack_message(message)  # nobody waits for it any more
        else:
            self.rpc_consumer.reply(message, reply)
        return reply, problem

    def perform(self, service: Any, incoming: Incoming) -> Reply | None:
        """The reply to one request; None when its caller has gone before it began."""
        name = f"{self.container.service_name}.{incoming.method}"
        metrics = self.installation.metrics
        began = time.perf_counter()
        with bound(call=name):
            if incoming.out_of_time:
                log.info("request dropped, its caller has gone")
                metrics.calls.labels(self.container.service_name, name, "out_of_time").inc()
                return None
            code, reply = "ok", Reply()
            try:
                reply = {"result": self.answer(service, incoming), "error": None}
            except errors.BoleError as problem:
                code, reply = problem.code, {"result": None, "error": error_out(problem)}
            except Exception:
                incident = str(new_id())
                log.error("call failed", incident=incident, exc_info=True)
                code = "internal"
                reply = {"result": None, "error": _internal(incident)}
            took = time.perf_counter() - began
            metrics.calls.labels(self.container.service_name, name, code).inc()
            metrics.call_seconds.labels(self.container.service_name).observe(took)
            log.debug("call answered", code=code, took_ms=round(took * 1000))
            return reply

    def answer(self, service: Any, incoming: Incoming) -> Any:
        raise NotImplementedError


def _internal(incident: str) -> dict[str, Any]:
    return {
        "code": "internal",
        "status": 500,
        "message": f"Something went wrong here. The log has it as incident {incident}.",
        "details": {"incident": incident},
    }


class KitCall(Answering):
    """A call of the kit itself: the method receives the keyword arguments as they came."""

    def answer(self, service: Any, incoming: Incoming) -> Any:
        try:
            return getattr(service, self.method_name)(**incoming.kwargs)
        except TypeError as problem:
            if problem.__traceback__ is not None and problem.__traceback__.tb_next is None:
                raise errors.Invalid(f"{self.method_name} does not take these arguments.") from problem
            raise


class JobQuery(KitCall):
    """`job_get`, also under the verb of every GET that the service's contract declares to give a job."""

    def answers(self, method: str) -> bool:
        return method == self.method_name or any(
            call.verb == method and call.method == "GET" and call.gives is JobSchema
            for call in calls_of(self.container.service_name, self.installation.contracts)
        )


class Declared(Answering):
    """A call declared in a contract: checks who calls and what, before the method sees it."""

    def __init__(self, call: Call, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.call = call

    def request(self, incoming: Incoming) -> Request:
        """The request, believed.

        Raises:
            errors.Unauthenticated, errors.Forbidden, errors.Invalid
        """
        principal = self.installation.keys.verifier.read(
            str(incoming.kwargs.get("principal", "")), now=self.installation.clock.now()
        )
        return read_request(self.call, principal, incoming.kwargs)


class Command(Declared):
    """A POST: one transaction holds the idempotency row, the changes, the events and the stored answer."""

    def answer(self, service: Any, incoming: Incoming) -> Any:
        request = self.request(incoming)
        key = str(incoming.kwargs.get("key") or new_id())
        parts = {part: incoming.kwargs.get(part) or {} for part in ("path", "query", "body")}
        digest = hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()
        database = self.database
        store_class = type(service).store.store
        method = getattr(service, self.method_name)

        account, call = request.by.account, self.call.name

        def do(work: Work) -> dict[str, Any]:
            stored = idempotency.recall(work, account=account, call=call, key=key, body_digest=digest)
            if stored is not None:
                return stored
            if incoming.out_of_time:  # it waited for a lock longer than its caller did
                raise errors.OutOfTime("The deadline passed before it began.")
            answer = dumped(self.call, method(request, store_class(work, work.session, database)))

            def keep(position: int | None) -> None:
                answer["position"] = None if position is None else f"{database.service}:{position}"
                idempotency.keep(work, account=account, call=call, key=key, answer=answer)

            work.after_numbering(keep)
            return answer

        return database.transact(do, actor=account).value


class Query(Declared):
    """A GET: reads from one snapshot."""

    def answer(self, service: Any, incoming: Incoming) -> Any:
        request = self.request(incoming)
        database = self.database
        with database.reading() as session:
            store = type(service).store.store(None, session, database)
            answer = getattr(service, self.method_name)(request, store)
            if self.call.paged:
                items, following = answer
                return {"items": [dumped(self.call, item) for item in items], "next": following}
            return dumped(self.call, answer)


def dumped(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as JSON types, through the schema that the contract promises."""
    plain: dict[str, Any] = msgspec.to_builtins(call.gives().dump(answer))
    return plain


class On(Entrypoint):  # type: ignore[misc]
    """One event heard. nameko stops entrypoints first, so here the intake finishes what it has begun."""

    intaking = Intaking()

    def __init__(self, event: type, *, since: Literal["now", "start"] = "now", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event = event
        self.since = since

    def stop(self) -> None:
        self.intaking.drain()


class OnEvery(Entrypoint):  # type: ignore[misc]
    """Every entry of every journal heard."""

    intaking = Intaking()

    def stop(self) -> None:
        self.intaking.drain()


class Due(Entrypoint):  # type: ignore[misc]
    """Deadlines of one kind heard."""

    deadlines = Deadlines()

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def stop(self) -> None:
        self.deadlines.drain()


class Rows(Entrypoint):  # type: ignore[misc]
    """The rows of one kind of import taken."""

    jobs = Jobs()

    def __init__(self, call: Call, *, check: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.call = call
        self.check = check

    def stop(self) -> None:
        self.jobs.drain()
