"""Supervision alone under the packs that are shipped, with a small county to assess."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from bole.events import event_type
from bole.jobs import Job, RowDone, add_rows, get_job, open_job, run_next, start_job
from bole.journal import journal
from bole.journal.envelope import Envelope
from bole.policy.policies import installed_policies
from bole.principal import Principal
from bole.run.reading import read_request, read_row
from bole.store.database import Work
from contracts.selection.events import UnitRecorded
from contracts.supervision import calls
from services.supervision.service import SupervisionService
from tests.services.alone import Alone, account
from tests.services.neighbours import OTHER, OTHER_UNIT, PERSON, UNIT, a_person

LI = account("li", "supervision.officer")
WANG = account("wang", "supervision.officer")
HEAD = account("head", "department.head")
AUDITOR = account("qian", "auditor")
LEADER, OFFICIAL = PERSON, OTHER  # 0012 leads UNIT, 0034 works in OTHER_UNIT


def scores(points: float, **stated: Any) -> dict[str, Any]:
    """A row with these points for each of the five items."""
    items = ("virtue", "ability", "diligence", "achievement", "integrity")
    return dict.fromkeys(items, points) | {"number": "0012"} | stated


class Supervision(Alone):
    """Two units, a leader (0012) and a general official (0034), and the rules of the shipped packs."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        super().__init__(SupervisionService, {}, folder, url)
        self._service.policy = installed_policies()
        for unit_id, name in ((UNIT, "教育局"), (OTHER_UNIT, "水务局")):
            self.hears(UnitRecorded(unit_id=unit_id, name=name))
        self.hears(a_person(person_id=LEADER, number="0012", is_leader=True, post="局长"))
        self.hears(a_person(person_id=OFFICIAL, number="0034", unit_id=OTHER_UNIT, post="科员"))

    def open_cycle(self, year: int = 2025, **stated: Any) -> str:
        """Open the assessment of a year; gives its id."""
        answer = self.call(calls.OPEN_CYCLE, LI, body={"year": year} | stated)
        return str(answer["id"])

    def enter(
        self, cycle: str, *entered: dict[str, Any], by: Principal = LI, dry_run: bool = False
    ) -> dict[str, Any]:
        """Enter results as the job of an import does; gives the finished job."""
        call = calls.RECORD_RESULTS
        path, query = {"cycle_id": cycle}, {"dry_run": dry_run}
        request = read_request(call, by, {"path": path, "query": query})

        def opened(work: Work) -> UUID:
            self._service.takes_results(request, self._store(work, work.session))
            return open_job(
                work,
                call=call.name,
                path=path,
                query=query,
                by=by,
                dry_run=dry_run,
                total=len(entered),
                digest=b"",
            )

        def taken(row: dict[str, Any], work: Work, job: Job) -> RowDone:
            job = replace(job, path=request.path, query=request.query)
            done: RowDone = self._service.record_results(
                read_row(call, row), self._store(work, work.session), job
            )
            return done

        job_id = self.database.transact(opened, actor=by.account).value
        numbered = [{"n": n, "values": values} for n, values in enumerate(entered, start=2)]
        self.database.transact(lambda work: add_rows(work, job_id, numbered), actor=by.account)
        self.database.transact(lambda work: start_job(work, job_id), actor=by.account)
        while run_next(self.database, taken):
            pass
        self.on(self.clock.today())
        with self.database.reading() as session:
            return get_job(session, self.database, job_id)

    def confirm(self, cycle: str, by: Principal = WANG, **stated: Any) -> Any:
        """Confirm what others entered, all of it unless told otherwise."""
        return self.call(calls.CONFIRM_RESULTS, by, path={"cycle_id": cycle}, body=stated or {"all": True})

    def results(self, cycle: str, by: Principal = LI, **asked: Any) -> list[dict[str, Any]]:
        """The results of a cycle that the caller may see."""
        found: list[dict[str, Any]] = self.call(
            calls.LIST_RESULTS, by, path={"cycle_id": cycle}, query=asked
        )["items"]
        return found

    def detail(self, result: dict[str, Any], by: Principal = LI) -> Any:
        """One result with its scores and conditions."""
        return self.call(calls.READ_RESULT, by, path={"result_id": result["id"]})

    def measures(self, by: Principal = LI, **asked: Any) -> dict[str, dict[str, Any]]:
        """Measures by their kind; the latest one of each."""
        found = self.call(calls.LIST_MEASURES, by, query=asked)["items"]
        return {measure["kind"]: measure for measure in found}

    def failed(self, points: float = 62, number: str = "0012", year: int = 2025) -> dict[str, Any]:
        """A confirmed result below 75 points: basic from 60, else incompetent."""
        cycle = self.open_cycle(year)
        self.enter(cycle, scores(points, number=number))
        self.confirm(cycle)
        return self.results(cycle)[0]

    def correct(self, result: dict[str, Any], grade: str, decision: str = "uphold") -> Any:
        """Have a correction proposed by Li and decided by Wang."""
        proposed = self.call(
            calls.PROPOSE_CORRECTION,
            LI,
            path={"result_id": result["id"]},
            body={"correction": "objection", "grade": grade, "reason": "one score was copied wrongly"},
        )
        return self.call(
            calls.CONFIRM_CORRECTION,
            WANG,
            path={"correction_id": proposed["id"]},
            body={"decision": decision, "reason": "compared with the sheet"},
        )

    def said(self, kind: type | None = None) -> list[Any]:
        """What the others can read of supervision so far, of one class or all, in order: no stubs."""
        return [entry.fact for entry in self.entries() if entry.payload and _is(entry, kind)]

    def event_of(self, kind: type) -> UUID:
        """Id of the last event of a class."""
        return [entry.id for entry in self.entries() if _is(entry, kind)][-1]

    def entries(self) -> list[Envelope]:
        """The whole journal as a reader gets it."""
        with self.database.reading() as session:
            return journal.read(session, self.database, after=0, limit=1000)

    def hear(self, measure: dict[str, Any], **stated: Any) -> Any:
        """The person was heard today."""
        body = {
            "heard_on": str(self.clock.today()),
            "statement": "a word",
            "present": ["two people"],
        } | stated
        return self.call(calls.HEAR_MEASURE, LI, path={"measure_id": measure["id"]}, body=body)

    def decide(self, measure: dict[str, Any], by: Principal = HEAD, **stated: Any) -> Any:
        """The head imposes it today."""
        body = {"decision": "impose", "reason": "as heard", "decided_on": str(self.clock.today())} | stated
        return self.call(calls.DECIDE_MEASURE, by, path={"measure_id": measure["id"]}, body=body)

    def serve(self, measure: dict[str, Any], **stated: Any) -> Any:
        """It is served today and signed for."""
        return self.call(
            calls.SERVE_MEASURE, LI, path={"measure_id": measure["id"]}, body=self.notice(**stated)
        )

    def notice(self, **stated: Any) -> dict[str, Any]:
        """Served today in person and signed for."""
        return {"served_on": str(self.clock.today()), "manner": "in_person", "signed": True} | stated

    def bring_into_effect(self, kind: str) -> dict[str, Any]:
        """Hear, decide and serve the proposed measure of a kind; gives it."""
        measure = self.measures()[kind]
        self.hear(measure)
        self.decide(measure)
        in_effect: dict[str, Any] = self.serve(measure)
        return in_effect


def _is(entry: Envelope, kind: type | None) -> bool:
    return kind is None or entry.type == event_type(kind).wire
