"""Two small services and an installation around them, to see the runtime at work without the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import eventlet

from bole.clock import Clock
from bole.config import Settings
from bole.errors import Conflict, NotFound
from bole.events import event
from bole.jobs import Job, RowDone
from bole.policy.policies import Policies as InstalledPolicies
from bole.principal import Principal, Signer, Verifier, make_key_pair
from bole.rpc.client import RpcClient
from bole.run.container import Container
from bole.run.installation import Installation, Keys
from bole.run.runtime import drain
from bole.run.service import Page, Request, Service, Store, command, due, on, query, rows
from bole.store.database import Database
from bole.store.deadlines import Deadline
from bole.store.migrate import migrate
from bole.store.model import ServiceStore
from tests.green.calls import BREAK, COUNT, GREET, GREET_ALL


@event("toy.greeted", version=1, subjects=("guest_id",), zh="已问候", en="greeted")
@dataclass(frozen=True, slots=True, kw_only=True)
class Greeted:
    guest_id: UUID
    words: str


@event("echo.answered", version=1, subjects=("guest_id",), zh="已回应", en="answered")
@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    guest_id: UUID
    words: str


class ToyStore(ServiceStore):
    """Nothing of its own: what was said is in the journal."""


class ToyService(Service):
    """Greets."""

    name = "toy"
    store = Store(ToyStore)

    @command(GREET)
    def greet(self, request: Request, toy: ToyStore) -> dict[str, Any]:
        if request.body["words"] == "again":
            raise Conflict("The guest was greeted already.", guest=str(request.body["guest_id"]))
        toy.announce(Greeted(guest_id=request.body["guest_id"], words=request.body["words"]))
        if request.body.get("due_on"):
            toy.due("answer", subject=request.body["guest_id"], on=request.body["due_on"], ref=uuid4())
        return {"words": request.body["words"]}

    @command(BREAK)
    def break_down(self, request: Request, toy: ToyStore) -> dict[str, Any]:
        raise ValueError("张三 must not be seen anywhere")

    @query(COUNT)
    def count(self, request: Request, toy: ToyStore) -> Page:
        return [{"words": str(request.query["limit"])}], None

    @rows(GREET_ALL, check="somebody_is_greeted")
    def greet_all(self, row: dict[str, Any], toy: ToyStore, job: Job) -> RowDone:
        if row["words"] == "again":
            raise Conflict("The guest was greeted already.", column="words")
        toy.announce(Greeted(guest_id=row["guest_id"], words=row["words"]))
        return "new"

    def somebody_is_greeted(self, request: Request, toy: ToyStore) -> None:
        if request.query["hall"] == "empty":
            raise Conflict("There is nobody in the hall.")

    @due("answer")
    def answer_is_overdue(self, deadline: Deadline, toy: ToyStore) -> None:
        toy.announce(Greeted(guest_id=deadline.subject, words="overdue"))


class EchoService(Service):
    """Hears greetings and answers."""

    name = "echo"
    store = Store(ToyStore)

    @on(Greeted)
    def echo(self, greeting: Greeted, echo: ToyStore) -> None:
        if greeting.words == "missing":
            raise NotFound("There is nobody.")
        echo.announce(Answered(guest_id=greeting.guest_id, words=greeting.words[::-1]))


class Toys:
    """Both services running in this process, and what a test needs of them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.clock = Clock()
        make_key_pair(folder / "door.pem", folder / "door.pub.pem")
        keys = Keys(
            Verifier((folder / "door.pub.pem").read_bytes()), Signer((folder / "door.pem").read_bytes())
        )
        databases = {
            name: Database(
                f"sqlite:///{folder / name}.sqlite", service=name, county="guxian", clock=self.clock
            )
            for name in ("toy", "echo")
        }
        for database in databases.values():
            migrate(database)
        self.installation = Installation(
            role="embedded",
            settings=Settings(var=folder),
            clock=self.clock,
            policies=InstalledPolicies([]),
            databases=databases,
            keys=keys,
            rpc=RpcClient(url),
            contracts=("tests.green",),
        )
        config = {"AMQP_URI": url, "BOLE": self.installation, "max_workers": 10}
        self.containers = [Container(service, config) for service in (ToyService, EchoService)]
        for start in [eventlet.spawn(container.start) for container in self.containers]:
            start.wait()

    def call(self, method: str, payload: dict[str, Any], *, role: str = "toy.officer", **more: Any) -> Any:
        token = self.installation.sign(Principal(account="an.officer", roles=frozenset({role})))
        return self.installation.rpc.call("toy", method, payload, principal_token=token, **more)

    def greet(self, words: str = "hello", *, guest: UUID | None = None, **more: Any) -> Any:
        guest = guest or uuid4()
        body = {"guest_id": str(guest), "words": words}
        return self.call("greet", {"path": {"guest_id": str(guest)}, "body": body}, **more)

    def stop(self) -> None:
        drain(self.installation, self.containers)


@contextmanager
def toys(folder: Path, url: str = "inproc://toys") -> Iterator[Toys]:
    running = Toys(folder, url)
    try:
        yield running
    finally:
        running.stop()
