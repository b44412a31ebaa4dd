"""What a service is made of: the only API its `service.py` needs from the runtime.

    class CareService(Service):
        name = "care"
        store = Store(CareStore)
        policy = Policies()

        @command(RECORD_TALK)
        def record_talk(self, request: Request, care: CareStore) -> dict[str, Any]: ...

        @query(LIST_TALKS)
        def list_talks(self, request: Request, care: CareStore) -> Page: ...

        @on(AssessmentFailed)
        def open_talk(self, failure: AssessmentFailed, care: CareStore) -> None: ...

        @due("talk")
        def talk_is_overdue(self, deadline: Deadline, care: CareStore) -> None: ...

Everything a method does through the store it is given happens in one transaction with the events it
announces; nothing is committed elsewhere. Methods never call other services.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast, overload

from nameko.extensions import DependencyProvider, register_entrypoint

from bole.calls import Call
from bole.run import entrypoints
from bole.run.kit import KitService
from bole.run.request import Page, Request

if TYPE_CHECKING:
    from bole.policy.policies import Policies as InstalledPolicies
    from bole.store.model import ServiceStore

__all__ = [
    "Page",
    "Policies",
    "Request",
    "Service",
    "Store",
    "command",
    "due",
    "on",
    "on_every",
    "query",
    "rows",
]

Method = TypeVar("Method", bound=Callable[..., Any])


class Store(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Declares which store the methods of a service receive: `store = Store(CareStore)`."""

    def __init__(self, store: type[ServiceStore]) -> None:
        self.store = store


class Policies(DependencyProvider):  # type: ignore[misc]
    """Injects the installed policy packs: `policy = Policies()`, then `self.policy.ask(...)`."""

    @overload
    def __get__(self, service: None, owner: type) -> Policies: ...
    @overload
    def __get__(self, service: object, owner: type) -> InstalledPolicies: ...
    def __get__(self, service: object | None, owner: type) -> Any:
        return self  # of the class; on an instance nameko has set the packs themselves

    def get_dependency(self, worker_ctx: object) -> InstalledPolicies:
        return cast("InstalledPolicies", self.container.config["BOLE"].policies)


class Service(KitService):
    """Base of every service. A subclass says `name` and `store`, and its methods carry the decorators below.

    It also answers the calls of the kit itself (bole/run/kit.py) and runs, each in a thread of its own,
    the relay, the intake, the retries of what is parked, the deadlines and the jobs (bole/run/threads.py).
    """

    name: ClassVar[str]
    store: ClassVar[Store]


def command(call: Call) -> Callable[[Method], Method]:
    """The method answers a POST: `def verb(self, request: Request, store) -> dict`.

    It runs inside the transaction, after the principal, the permission, the schema and the
    idempotency key were checked. The answer is dumped through `call.gives`; the kit adds `position`.
    """
    return _entrypoint(entrypoints.Command(call), call)


def query(call: Call) -> Callable[[Method], Method]:
    """The method answers a GET: `def verb(self, request: Request, store) -> dict`, or `-> Page` when paged.

    The store is read-only; the answer is dumped through `call.gives`.
    """
    return _entrypoint(entrypoints.Query(call), call)


def on(event: type, *, since: Literal["now", "start"] = "now") -> Callable[[Method], Method]:
    """The method hears an event: `def react(self, fact, store) -> None`.

    It runs inside the intake's transaction, once for each fact; `store.cause` is the envelope.
    `since="start"`: a handler that was added later is first shown everything from position 1.
    """

    def declare(method: Method) -> Method:
        register_entrypoint(method, entrypoints.On(event, since=since))
        return method

    return declare


def on_every(method: Method) -> Method:
    """The method hears every entry of every journal: `def project(self, envelope, store) -> None`."""
    register_entrypoint(method, entrypoints.OnEvery())
    return method


def due(kind: str) -> Callable[[Method], Method]:
    """The method hears that a deadline passed: `def talk_is_overdue(self, deadline, store) -> None`."""

    def declare(method: Method) -> Method:
        register_entrypoint(method, entrypoints.Due(kind))
        return method

    return declare


def rows(call: Call, *, check: str | None = None) -> Callable[[Method], Method]:
    """The method takes one row of an import: `def verb(self, row: dict, store, job: Job) -> RowDone`.

    The row was loaded through `call.takes`. Each row has a savepoint: a Refused becomes that row's
    error and leaves the others alone. `check` names a method `(self, request: Request, store) -> None`
    that may refuse the whole job when it is opened.
    """
    return _entrypoint(entrypoints.Rows(call, check=check), call)


def _entrypoint(entrypoint: Any, call: Call) -> Callable[[Method], Method]:
    def declare(method: Method) -> Method:
        if method.__name__ != call.verb:
            raise ValueError(f"{method.__qualname__} must be named {call.verb!r}: it answers {call.name!r}")
        register_entrypoint(method, entrypoint)
        return method

    return declare
