"""The department as the journeys see it: people at work, speaking HTTP and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bole.client import Answered, Client
from bole.testing.suite import Suite

Item = dict[str, Any]

WELL = {"virtue": 88, "ability": 84, "diligence": 86, "achievement": 85, "integrity": 90}  # 称职
BADLY = {"virtue": 66, "ability": 64, "diligence": 70, "achievement": 62, "integrity": 72}  # 66.8: 基本称职
VERY_BADLY = {"virtue": 55, "ability": 52, "diligence": 50, "achievement": 48, "integrity": 60}  # 不称职
EXCELLENTLY = {"virtue": 96, "ability": 95, "diligence": 94, "achievement": 97, "integrity": 98}  # 优秀
SUPERVISION = "/api/v1/supervision"


class Office:
    """Clients by account, and the steps that many journeys begin with."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._passwords = {one["account"]: one["password"] for one in suite.accounts}
        self._clients: dict[str, Client] = {}
        self._numbers = itertools.count(1)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def by(self, account: str) -> Client:
        """Somebody at work: "care.officer.2", "head", "auditor"."""
        if account not in self._clients:
            self._clients[account] = Client(self.suite.base_url, account, self._passwords[account])
        return self._clients[account]

    def arrives(self, account: str, password: str) -> Client:
        """Somebody with an account made later."""
        self._passwords[account] = password
        return self.by(account)

    @property
    def today(self) -> date:
        """The day in the county as the suite's clock has it."""
        moved = timedelta(seconds=float(self.suite.clock_file.read_text() or 0))
        return (datetime.now(ZoneInfo("Asia/Shanghai")) + moved).date()

    # Steps

    def employ(self, *, unit: str = "", **row: Any) -> str:
        """A new person on the roster, known everywhere; gives the id."""
        number = f"{next(self._numbers):06}"
        unit = unit or f"第{number}科"
        person = {"number": number, "name": "某甲", "unit": unit, "post": "科员", "is_leader": False} | row
        job = self.by("selection.officer.1").post_rows("/api/v1/selection/roster/imports", [person])
        assert job["counts"]["new"] == 1, job
        found = self.by("auditor").get_at_least(job["position"], "/api/v1/people", q=number)
        self.by("auditor").get_at_least(job["position"], f"{SUPERVISION}/cycles")
        return str(found["items"][0]["person_id"])

    def cycle(self, year: int | None = None) -> str:
        """The open cycle of a year; last year's unless told."""
        year = year or self.today.year - 1
        for one in self.by("auditor").pages(f"{SUPERVISION}/cycles"):
            if one["year"] == year:
                assert one["state"] == "open"
                return str(one["id"])
        return str(self.by("supervision.officer.1").post(f"{SUPERVISION}/cycles", {"year": year})["id"])

    def enter(self, person_id: str, scores: Item, *, year: int | None = None) -> Item:
        """A result as the first officer enters it; still a proposal."""
        cycle = self.cycle(year)
        enters = self.by("supervision.officer.1")
        job = enters.post_rows(f"{SUPERVISION}/cycles/{cycle}/results", [{"person_id": person_id, **scores}])
        assert job["counts"]["error"] == 0, job["errors"]
        return next(
            one
            for one in enters.pages(f"{SUPERVISION}/cycles/{cycle}/results")
            if one["person_id"] == person_id
        )

    def confirm(self, result: Item, *, account: str = "supervision.officer.2", **changed: Any) -> Item:
        """Another officer confirms it."""
        chosen = {"results": [{"result_id": result["id"], **changed}]}
        return self.by(account).post(f"{SUPERVISION}/cycles/{result['cycle_id']}/confirmations", chosen)

    def assess(self, person_id: str, scores: Item, *, year: int | None = None) -> Item:
        """A result entered by one officer and confirmed by another."""
        result = self.enter(person_id, scores, year=year)
        self.confirm(result)
        return result

    def measure(self, person_id: str, kind: str) -> Item:
        """A measure of one kind on a person, as supervision sees it."""
        return next(
            one
            for one in self.by("auditor").pages(f"{SUPERVISION}/measures", person_id=person_id)
            if one["kind"] == kind
        )

    def impose(self, person_id: str, kind: str) -> Item:
        """A proposed measure heard, decided by the head and served today."""
        path = f"{SUPERVISION}/measures/{self.measure(person_id, kind)['id']}"
        day = str(self.today)
        self.by("supervision.officer.1").post(
            f"{path}/hearing", {"heard_on": day, "statement": "申辩", "present": ["监督科"]}
        )
        self.by("head").post(f"{path}/decision", {"decision": "impose", "reason": "属实", "decided_on": day})
        return self.by("supervision.officer.1").post(f"{path}/notice", self.notice())

    def notice(self) -> Item:
        """Told in person today, and signed for."""
        return {"served_on": str(self.today), "manner": "in_person", "signed": True}

    def complete(self, remedial: Item, *, score: int = 80, hours: int | None = None) -> Item:
        """A training reported by one officer and confirmed by another."""
        path = f"/api/v1/training/remedials/{remedial['remedial_id']}"
        report: Item = {
            "hours_attended": remedial["hours"] if hours is None else hours,
            "completed_on": str(self.today),
        }
        if remedial["pass_mark"] is not None:
            report["exam_score"] = score
        self.by("training.officer.1").post(f"{path}/completion", report)
        return self.by("training.officer.2").post(f"{path}/confirmation", {"decision": "confirm"})

    def correct(self, result: Item, grade: str = "competent") -> Item:
        """A correction proposed by one officer and upheld by another."""
        proposed = self.by("supervision.officer.1").post(
            f"{SUPERVISION}/results/{result['id']}/corrections",
            {"correction": "objection", "grade": grade, "reason": "申诉成立"},
        )
        return self.by("supervision.officer.2").post(
            f"{SUPERVISION}/corrections/{proposed['id']}/confirmation",
            {"decision": "uphold", "reason": "申诉成立"},
        )

    # Looks

    def dossier(self, person_id: str) -> Item:
        return self.by("auditor").get(f"/api/v1/people/{person_id}")

    def items(self, person_id: str, service: str, name: str, **wanted: Any) -> list[Item]:
        """Items of a dossier's part whose fields are as wanted, as they are now."""
        part = self.dossier(person_id)["parts"].get(service, {})
        return [one for one in part.get(name, []) if all(one.get(key) == wanted[key] for key in wanted)]

    def sees(self, person_id: str, service: str, name: str, **wanted: Any) -> Item:
        """The first such item, once it is visible."""
        found: list[Item] = self.suite.wait_until(lambda: self.items(person_id, service, name, **wanted))
        return found[0]

    def bars(self, person_id: str) -> Item:
        """What bars a person from being an inspection object, as selection has it."""
        return self.by("selection.officer.1").get(f"/api/v1/selection/people/{person_id}/bars")

    def timeline(self, person_id: str) -> list[Item]:
        return list(self.by("auditor").pages(f"/api/v1/people/{person_id}/timeline"))

    def worklist(self, account: str) -> Iterator[Item]:
        return self.by(account).pages("/api/v1/worklist")

    def waits(self, holds: Callable[[], Any]) -> Any:
        """The first true value of something that is still under way."""
        return self.suite.wait_until(holds)


@contextmanager
def refused(status: int, code: str) -> Iterator[Item]:
    """The request inside is answered with this status and code; gives the whole problem."""
    problem: Item = {}
    with pytest.raises(Answered) as raised:
        yield problem
    problem |= raised.value.problem
    assert (raised.value.status, raised.value.code) == (status, code), raised.value.problem
