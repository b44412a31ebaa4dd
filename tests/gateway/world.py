"""A gateway with its read model and the journals it reads, all on SQLite files in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import gateway
from bole.delivery.handler import Handler
from bole.delivery.intake import Intake
from bole.delivery.reader import DirectReader
from bole.identifiers import new_id
from bole.principal import Principal
from bole.store.database import Database, Work
from bole.store.migrate import migrate
from bole.testing.clock import StoppedClock
from contracts.care.events import TalkDue
from contracts.selection.events import BarOpened, PersonRecorded, UnitRecorded
from contracts.supervision.events import ResultConfirmed
from contracts.training.events import RemedialAssigned
from gateway.models import Happening, OpenWork, Person, Section, Unit
from gateway.store import GatewayStore

COUNTY = "guxian"
SOURCES = ("care", "selection", "supervision", "training")
GATEWAY_FOLDER = Path(gateway.__file__).parent
READ_MODEL = (Section, Happening, Person, Unit, OpenWork)


class World:
    """Databases of four services and of the gateway; nothing moves by itself."""

    def __init__(
        self,
        folder: Path,
        sources: Sequence[str] = SOURCES,
        templates: Path | None = None,
        gateway_url: str | None = None,
    ) -> None:
        self.templates = templates
        self.gateway_url = gateway_url
        self.clock = StoppedClock(date(2026, 8, 3))
        self.folder = folder
        self.services = {name: self._open(name) for name in sources}
        self.gateway = self._open("gateway")
        self.intake = self._intake()

    def tell(self, *facts: object, by: str = "somebody") -> str:
        """A service announces facts in one transaction; the position it made, `care:3`."""
        source = type(facts[0]).__module__.split(".")[-2]

        def announce(work: Work) -> None:
            for fact in facts:
                work.announce(fact)

        done = self.services[source].transact(announce, actor=by)
        return f"{source}:{done.position}"

    def project(self, *sources: str, at_once: int = 200) -> None:
        """Bring the read model up to these journals, or to all of them."""
        for source in sources or tuple(self.services):
            self.intake.pace = self.intake.pace.__class__(batch=at_once)
            while self.intake.pull(source, 0) is not None:
                pass

    def read_model(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row that the projector wrote, ordered by key."""
        with self.gateway.reading() as session:
            return {
                model.__tablename__: [
                    tuple(row)
                    for row in session.execute(
                        sa.select(model.__table__).order_by(*model.__table__.primary_key.columns)
                    )
                ]
                for model in READ_MODEL
            }

    def forget(self, gateway_url: str | None = None) -> None:
        """Begin the read model anew, as a rebuild does; in another database if one is given."""
        self.gateway.dispose()
        self.gateway_url = gateway_url
        for file in self.folder.glob("gateway.sqlite*"):
            file.unlink()
        self.gateway = self._open("gateway")
        self.intake = self._intake()

    def close(self) -> None:
        for database in (*self.services.values(), self.gateway):
            database.dispose()

    def _open(self, name: str) -> Database:
        if name == "gateway" and self.gateway_url is not None:
            database = Database(self.gateway_url, service=name, county=COUNTY, clock=self.clock)
            migrate(database, GATEWAY_FOLDER)
            return database
        file = self.folder / f"{name}.sqlite"
        made = not file.exists() and self.templates is not None and self.templates / file.name
        if made and made.exists():  # migrations take longer than most tests
            shutil.copyfile(made, file)
            return Database(f"sqlite:///{file}", service=name, county=COUNTY, clock=self.clock)
        database = Database(f"sqlite:///{file}", service=name, county=COUNTY, clock=self.clock)
        migrate(database, GATEWAY_FOLDER if name == "gateway" else None)
        return database

    def _intake(self) -> Intake:
        def project(envelope: Any, work: Work) -> None:
            GatewayStore(work, work.session, work.database).project(envelope)

        handler = Handler(name="project", types=None, call=project)
        return Intake("projector", self.gateway, [handler], DirectReader(self.services), self.services)


def somebody(*roles: str, units: Sequence[UUID] | None = None, person_id: UUID | None = None) -> Principal:
    return Principal(
        account=roles[0],
        roles=frozenset(roles),
        units=None if units is None else frozenset(units),
        person_id=person_id,
    )


def a_unit(unit_id: UUID, name: str = "县教育局", **given: Any) -> UnitRecorded:
    return UnitRecorded(unit_id=unit_id, name=name, **given)


def a_person(person_id: UUID, name: str = "张三", **given: Any) -> PersonRecorded:
    given = {"number": "000123", "unit": "县教育局", "post": "副局长", **given}
    return PersonRecorded(person_id=person_id, name=name, **given)


def a_result(person_id: UUID, unit_id: UUID, **given: Any) -> ResultConfirmed:
    given = {
        "result_id": new_id(),
        "year": 2025,
        "grade": "incompetent",
        "failed": True,
        "leader_class": None,
        "is_leader": False,
        "not_graded": None,
        "post": "科员",
        "confirmed_on": date(2026, 2, 1),
        "rule": "score below 60",
        "source": "公务员考核规定 2020, art. 9",
        "mark": "V2",
        **given,
    }
    return ResultConfirmed(person_id=person_id, unit_id=unit_id, **given)


def a_bar(person_id: UUID, **given: Any) -> BarOpened:
    given = {
        "bar_id": new_id(),
        "ground": "failed_assessment",
        "opened_on": date(2026, 2, 1),
        "ends": "grade of 2026 confirmed",
        "source": "党政领导干部选拔任用工作条例 2019, art. 24",
        "mark": "V",
        **given,
    }
    return BarOpened(person_id=person_id, **given)


def a_remedial(person_id: UUID, **given: Any) -> RemedialAssigned:
    given = {
        "remedial_id": new_id(),
        "unit_id": None,
        "kind": "remedial",
        "assigned_on": date(2026, 2, 1),
        "due_on": date(2026, 5, 1),
        "hours": 40,
        "pass_mark": 60,
        "cause": new_id(),
        "source": "公务员培训规定 2019, art. 5",
        "mark": "V2",
        **given,
    }
    return RemedialAssigned(person_id=person_id, **given)


def a_talk(person_id: UUID, **given: Any) -> TalkDue:
    given = {
        "talk_id": new_id(),
        "unit_id": None,
        "trigger": "early_signs",
        "due_on": date(2026, 3, 1),
        "cause": new_id(),
        "source": "关怀办法, art. 3",
        "mark": "V-local",
        **given,
    }
    return TalkDue(person_id=person_id, **given)
