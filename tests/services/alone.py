"""One service alone, on a database of its own, with the journals of those it hears and a clock that is moved.

Nothing runs beside the test: a fact is announced in its source's journal, and the service's methods
hear it at once, each in a transaction as an intake makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

import services
from bole.calls import Call
from bole.events import event_type
from bole.journal import journal
from bole.policy.packs import Dated, Pack, Timeline
from bole.policy.policies import Policies
from bole.policy.questions import Question
from bole.policy.sources import Citation
from bole.principal import Principal
from bole.run.entrypoints import Due, On, dumped
from bole.run.reading import read_request
from bole.run.service import Service
from bole.store.database import Database, Work
from bole.store.deadlines import Deadline, run_due
from bole.store.migrate import migrate
from bole.testing.clock import StoppedClock

COUNTY = "guxian"


def account(
    name: str, *roles: str, units: frozenset[UUID] | None = None, own: UUID | None = None
) -> Principal:
    """Somebody who calls. Roles are written as in a contract: `training.officer`."""
    return Principal(account=name, roles=frozenset(roles), units=units, person_id=own)


def policies(answers: Mapping[Question, Any]) -> Policies:
    """A county's pack with these answers, each from a fictional notice.

    An answer is in force since 2019, or it is a mapping of the days from which it changed.
    """
    told = {}
    for question, said in answers.items():
        citation = Citation("Notice (fictional)", "2019", question.name, "V-local")
        by_day = said if isinstance(said, dict) else {date(2019, 1, 1): said}
        values = tuple(Dated(day, value, citation) for day, value in sorted(by_day.items()))
        told[question.name] = Timeline(values, tuple(dated.since for dated in values))
    nation = Pack(name="national", level="nation", version="1", above=None, folder=Path(), answers={})
    county = Pack(name=COUNTY, level="county", version="1", above="national", folder=Path(), answers=told)
    return Policies([nation, county])


class Alone:
    """A service with its database, and a database for each source whose facts the test announces."""

    def __init__(
        self, service: type[Service], answers: Mapping[Question, Any], folder: Path, url: str | None
    ) -> None:
        self.clock = StoppedClock(date(2026, 3, 10))
        self._folder = folder
        made: Any = service()
        self._service = made
        self._service.policy = policies(answers)  # where nameko would have injected it
        self._entrypoints = [
            (entrypoint, name)
            for name in dir(service)
            for entrypoint in getattr(getattr(service, name), ENTRYPOINT_EXTENSIONS_ATTR, ())
        ]
        self._sources: dict[str, Database] = {}
        self.database = self._open(service.name, url)
        migrate(self.database, Path(services.__path__[0]) / service.name)

    def hears(self, fact: object) -> UUID:
        """Have a fact announced by its source and handled here; returns the event's id."""
        event_id = self.announced(fact)
        self.handles(event_id)
        return event_id

    def announced(self, fact: object) -> UUID:
        """Have a fact announced by its source, not handled yet; returns the event's id."""
        source = event_type(type(fact)).source
        if source not in self._sources:
            self._sources[source] = self._open(source)
            migrate(self._sources[source])
        return self._sources[source].transact(lambda work: work.announce(fact), actor="somebody").value

    def handles(self, event_id: UUID) -> None:
        """Have an announced event handled here."""
        for source in self._sources.values():
            with source.reading() as session:
                for envelope in journal.read(session, source, after=0, limit=1000):
                    if envelope.id == event_id:
                        self._handle(envelope)

    def call(
        self,
        call: Call,
        by: Principal,
        *,
        path: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Any:
        """Ask the service as the door would; gives the answer as JSON types."""
        request = read_request(call, by, {"path": path, "query": query, "body": body})
        method = getattr(self._service, call.verb)
        if call.method == "GET":
            with self.database.reading() as session:
                answer = method(request, self._store(None, session))
                if not call.paged:
                    return dumped(call, answer)
                items, following = answer
                return {"items": [dumped(call, item) for item in items], "next": following}
        return self.database.transact(
            lambda work: dumped(call, method(request, self._store(work, work.session))), actor=by.account
        ).value

    def on(self, day: date) -> None:
        """Let time pass until ten in the morning of a day, and have what fell due on the way noticed."""
        self.clock.move_to(day)
        handlers = {
            entrypoint.kind: self._on_deadline(name)
            for entrypoint, name in self._entrypoints
            if isinstance(entrypoint, Due)
        }
        run_due(self.database, handlers)

    def said(self, kind: type | None = None) -> list[Any]:
        """What the service announced so far, of one class or all, in order."""
        with self.database.reading() as session:
            entries = journal.read(session, self.database, after=0, limit=1000)
        return [entry.fact for entry in entries if kind is None or isinstance(entry.fact, kind)]

    def close(self) -> None:
        """Close the databases."""
        for database in (self.database, *self._sources.values()):
            database.dispose()

    def _open(self, name: str, url: str | None = None) -> Database:
        url = url or f"sqlite:///{self._folder / name}.sqlite"
        return Database(url, service=name, county=COUNTY, clock=self.clock)

    def _store(self, work: Work | None, session: Any) -> Any:
        return type(self._service).store.store(work, session, self.database)

    def _handle(self, envelope: Any) -> None:
        for entrypoint, name in self._entrypoints:
            if isinstance(entrypoint, On) and isinstance(envelope.fact, entrypoint.event):
                method = getattr(self._service, name)

                def handle(work: Work, method: Callable[..., None] = method) -> None:
                    work.envelope = envelope
                    method(envelope.fact, self._store(work, work.session))

                self.database.transact(handle, actor=self.database.service, subjects=envelope.subjects)

    def _on_deadline(self, name: str) -> Callable[[Deadline, Work], None]:
        method = getattr(self._service, name)
        return lambda deadline, work: method(deadline, self._store(work, work.session))


@contextmanager
def alone(
    service: type[Service], answers: Mapping[Question, Any], folder: Path, *, url: str | None = None
) -> Iterator[Alone]:
    """A service alone, closed afterwards; its database is a SQLite file in `folder`, or the one at `url`."""
    it = Alone(service, answers, folder, url)
    try:
        yield it
    finally:
        it.close()
