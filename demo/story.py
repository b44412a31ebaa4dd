"""One failed assessment, followed to its end over HTTP; then one undone, and one promotion with its chain."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from bole.client import Client, read_accounts
from bole.config import read_settings
from bole.testing.suite import Suite, deployed_suite, embedded_suite
from demo.county import CYCLES, ROSTER, person_id, promotion, today
from demo.people import Official, cast, officials
from demo.telling import Item, Missing, Telling, item
from demo.workbooks import write_results, write_roster

SUPERVISION = "/api/v1/supervision"
PLAYS_WELL = (88, 90, 86, 91, 93)  # points for 德能勤绩廉
PLAYS_BADLY = (66, 64, 70, 62, 72)  # their average, 66.8, lies between 60 and 75: 基本称职
MISTYPED = (85, 86, 6, 87, 88)  # a 6 that should have been 86


class Story:
    """The acts, in the order in which they happen. Each raises Missing when a hop cannot be seen."""

    def __init__(
        self, base_url: str, accounts_file: Path, *, move_clock: Callable[..., None] | None = None
    ) -> None:
        """`move_clock(days=...)` moves the suite's clock on; without it all happens on one day."""
        self.today = today()
        self._move_clock = move_clock
        self.tell = Telling()
        self.cast = cast(int(time.time()))
        self.ids: dict[str, str] = {}
        self.cycle: Item = {}
        self._passwords = read_accounts(accounts_file)
        self._base_url = base_url
        self._clients: dict[str, Client] = {}

    def play(self) -> None:
        """All of it."""
        try:
            self.roster()
            self.assessment()
            self.what_follows()
            self.standby()
            self.half_a_year_later()
            self.way_back()
            self.undone()
            self.second_chain()
            self.tell.end()
        finally:
            for client in self._clients.values():
                client.close()

    def by(self, account: str) -> Client:
        """Somebody at work. Who enters does not confirm, so every service has two officers."""
        if account not in self._clients:
            self._clients[account] = Client(self._base_url, account, self._passwords[account])
        return self._clients[account]

    # 1 and 2

    def roster(self) -> None:
        self.tell.act("1. The roster, from a workbook as departments pass them around")
        officer = self.by("selection.officer.1")
        with tempfile.TemporaryDirectory(prefix="bole-demo-") as folder:
            file = write_roster([*officials(), *self.cast.values()], Path(folder) / "roster.xlsx")
            job = officer.send_file(ROSTER, file)
        self._all_taken(job)
        self.tell.done("{new} new, {unchanged} unchanged, {error} errors".format(**job["counts"]))
        if job["position"] is not None:
            officer.get_at_least(job["position"], "/api/v1/people")
        self.ids = {part: person_id(officer, one) for part, one in self.cast.items()}
        self.cycle = self._open_cycle(job["position"])

    def _open_cycle(self, known: str) -> Item:
        """The cycle of last year: opened now, or still open from an earlier run."""
        year = self.today.year - 1
        cycle = item({"cycles": list(self.by("auditor").pages(CYCLES))}, "cycles", year=year, state="open")
        if cycle is None:
            cycle = self.by("supervision.officer.1").post(CYCLES, {"year": year})
        self.by("supervision.officer.1").get_at_least(known, f"{CYCLES}/{cycle['id']}")
        return cycle

    def assessment(self) -> None:
        self.tell.act(
            f"2. The assessment of {self.cycle['year']}, entered by one officer, confirmed by another"
        )
        enters, confirms = self.by("supervision.officer.1"), self.by("supervision.officer.2")
        played: list[tuple[Official, Any]] = [
            (self.cast["leader"], PLAYS_BADLY),
            (self.cast["official"], MISTYPED),
            (self.cast["promoted"], PLAYS_WELL),
            (self.cast["colleague"], PLAYS_WELL),
        ]
        with tempfile.TemporaryDirectory(prefix="bole-demo-") as folder:
            file = write_results(played, Path(folder) / "results.xlsx")
            job = enters.send_file(f"{CYCLES}/{self.cycle['id']}/results", file)
        self._all_taken(job)
        self.tell.done("{new} results entered, {error} errors".format(**job["counts"]))
        results = self._results()
        leader = results["leader"]
        self.tell.done(f"proposed for the leader: {leader['grade']}, {leader['class_label']}", leader)
        chosen = [{"result_id": one["id"]} for one in results.values()]
        done = confirms.post(f"{CYCLES}/{self.cycle['id']}/confirmations", {"results": chosen})
        self.tell.done(f"{done['confirmed']} results confirmed by another officer")

    def _results(self) -> dict[str, Item]:
        """The results of the cast, by part."""
        listed = {
            one["person_id"]: one
            for one in self.by("supervision.officer.1").pages(f"{CYCLES}/{self.cycle['id']}/results")
        }
        return {part: listed[person] for part, person in self.ids.items()}

    # 3

    def what_follows(self) -> None:
        self.tell.act("3. What follows for the leader, each in its own service")
        see = partial(self._see, "leader")
        see("result in the dossier: {grade}", "supervision", "results", state="confirmed")
        see("selection: barred, {ends}", "selection", "bars", ground="failed_assessment", state="open")
        see("training: remedial training due {due_on}", "training", "remedials", kind="remedial")
        see("care: a talk due {due_on}, trigger {trigger}", "care", "talks", state="due")
        measure = self._measure("standby")
        self.tell.seen(
            "supervision's worklist: {en}", lambda: self._work("supervision.officer.1", work_id=measure["id"])
        )
        if self._dossier_item("leader", "supervision", "measures"):
            raise Missing("nothing adverse in the dossier before it is decided")
        result = self._results()["leader"]
        told = self.by("supervision.officer.1").post(
            f"{SUPERVISION}/results/{result['id']}/notice", self._notice()
        )
        self.tell.done(f"told in writing; review may be asked for until {told['review_until']}")
        see("notice in the dossier, served {served_on}", "supervision", "results", served_on=str(self.today))

    def standby(self) -> None:
        self.tell.act("4. The measure: heard, decided by another officer, served")
        measure = self._measure("standby")
        path = f"{SUPERVISION}/measures/{measure['id']}"
        heard = {
            "heard_on": str(self.today),
            "statement": "（演示）本人陈述",
            "present": ["监督一科", "本人"],
        }
        self.by("supervision.officer.1").post(f"{path}/hearing", heard)
        self.tell.done("heard")
        decided = {"decision": "impose", "reason": "（演示）考核结果属实", "decided_on": str(self.today)}
        self.by("head").post(f"{path}/decision", decided)
        self.tell.done("decided by the head of the department")
        served = self.by("supervision.officer.1").post(f"{path}/notice", self._notice())
        self.tell.done("served; in effect", served)
        see = partial(self._see, "leader")
        see("measure in the dossier: {kind}", "supervision", "measures", kind="standby", state="in_effect")
        see("selection: a second ground, {ends}", "selection", "bars", ground="standby", state="open")
        see("training: standby training due {due_on}", "training", "remedials", kind="standby")
        see("care: a talk due {due_on}, trigger {trigger}", "care", "talks", trigger="handled")

    # 4

    def half_a_year_later(self) -> None:
        """Only where the clock is ours: a talk that nobody held becomes overdue by itself."""
        if self._move_clock is None:
            return
        days = 190  # beyond the six months of the standby training
        self._move_clock(days=days)
        self.today += timedelta(days=days)
        self.tell.done(f"the clock of the suite is moved on to {self.today}")
        see = partial(self._see, "leader")
        see("care: a talk is {state} by itself", "care", "talks", trigger="handled", state="overdue")
        self.tell.seen("at the top of care's worklist: {en}", self._overdue_on_top)

    def way_back(self) -> None:
        self.tell.act("5. The way back: trained, passed, confirmed, free to compete again")
        for kind, ground in (("remedial", "open_remedial"), ("standby", "standby")):
            training = self._see(
                "leader", f"{kind} training: {{hours}} hours", "training", "remedials", kind=kind
            )
            path = f"/api/v1/training/remedials/{training['remedial_id']}"
            report = {"hours_attended": training["hours"], "completed_on": str(self.today)}
            if training["pass_mark"] is not None:
                report["exam_score"] = 85
            reported = self.by("training.officer.1").post(f"{path}/completion", report)
            self.tell.done(f"{kind}: completion reported, proposed {reported['completions'][-1]['proposed']}")
            self.by("training.officer.2").post(f"{path}/confirmation", {"decision": "confirm"})
            self.tell.done(f"{kind}: confirmed by another officer")
            see = partial(self._see, "leader")
            see("training passed, frees on {frees_on}", "training", "remedials", kind=kind, state="passed")
            if self._dossier_item("leader", "selection", "bars", ground=ground):
                see(f"selection: ground {ground} fell", "selection", "bars", ground=ground, state="lifted")
        state = "due" if self._move_clock is None else "overdue"
        talk = self._see(
            "leader", "care: the talk is {state}", "care", "talks", trigger="early_signs", state=state
        )
        record = {"held_on": str(self.today), "held_by": "（演示）分管领导", "content": "（演示）谈话内容"}
        self.by("care.officer.1").post(f"/api/v1/care/talks/{talk['talk_id']}/record", record)
        self.tell.done("the talk is recorded; its content stays with care")
        self._see("leader", "care: talk {state}", "care", "talks", talk_id=talk["talk_id"], state="held")

    # 5

    def undone(self) -> None:
        self.tell.act("6. Undone: another result was mistyped; its correction reverses what followed")
        see = partial(self._see, "official")
        see("before: barred, {ends}", "selection", "bars", ground="failed_assessment", state="open")
        see("before: remedial training due {due_on}", "training", "remedials", state="assigned")
        talk = see("before: a talk, {state}", "care", "talks", trigger="early_signs")
        result = self._results()["official"]
        entry = {"correction": "error", "grade": "competent", "reason": "（演示）勤 86 分误录为 6 分"}
        correction = self.by("supervision.officer.1").post(
            f"{SUPERVISION}/results/{result['id']}/corrections", entry
        )
        self.tell.done("a correction is proposed")
        self.by("supervision.officer.2").post(
            f"{SUPERVISION}/corrections/{correction['id']}/confirmation",
            {"decision": "uphold", "reason": "（演示）核对原始记录属实"},
        )
        self.tell.done("and upheld by a second officer")
        see("result: {grade}, {state}", "supervision", "results", state="corrected")
        see("selection: bar {state}, {lifted_because}", "selection", "bars", lifted_because="reversed")
        see("training: {state}", "training", "remedials", state="withdrawn")
        see("care: talk {state}", "care", "talks", talk_id=talk["talk_id"], state="void")
        self.tell.seen("proposed measures: none left", self._no_measure_left)
        self.tell.seen(
            "the timeline keeps all {count} entries", lambda: self._timeline("official", at_least=8)
        )

    def _no_measure_left(self) -> Item | None:
        query = {"person_id": self.ids["official"]}
        measures = self.by("auditor").pages(f"{SUPERVISION}/measures", **query)
        return None if any(one["state"] != "withdrawn" for one in measures) else {}

    # 6

    def second_chain(self) -> None:
        self.tell.act("7. A second chain: a promotion")
        officer = self.by("selection.officer.1")
        made = officer.post(
            "/api/v1/selection/appointments", promotion(officer, self.cast["promoted"], self.today)
        )
        self.tell.done(f"promotion recorded, on probation until {made['probation_until']}", made)
        see = partial(self._see, "promoted")
        see("appointment in the dossier: {post}", "selection", "appointments", kind="promotion")
        see("care: a talk due {due_on}, trigger {trigger}", "care", "talks", trigger="post_change")
        see("training for the new post due {due_on}", "training", "remedials", kind="appointment")
        see("supervision: a return visit due {due_on}", "supervision", "return_visits", state="due")

    # How

    def _all_taken(self, job: Item) -> None:
        for error in job["errors"]:
            raise Missing("row {row} was refused, {column}: {reason}".format(**error))

    def _see(self, part: str, what: str, service: str, items: str, **wanted: Any) -> Item:
        return self.tell.seen(what, lambda: self._dossier_item(part, service, items, **wanted))

    def _dossier_item(self, part: str, service: str, items: str, **wanted: Any) -> Item | None:
        dossier = self.by("auditor").get(f"/api/v1/people/{self.ids[part]}")
        return item(dossier["parts"].get(service, {}), items, **wanted)

    def _notice(self) -> dict[str, Any]:
        """Told in person, and signed for."""
        return {"served_on": str(self.today), "manner": "in_person", "signed": True}

    def _measure(self, kind: str) -> Item:
        query = {"person_id": self.ids["leader"]}
        measures = list(self.by("auditor").pages(f"{SUPERVISION}/measures", **query))
        found = item({"measures": measures}, "measures", kind=kind)
        if found is None:
            raise Missing(f"a proposed measure: {kind}")
        return found

    def _work(self, account: str, **wanted: Any) -> Item | None:
        work = item({"work": list(self.by(account).pages("/api/v1/worklist"))}, "work", **wanted)
        return None if work is None else {"en": work["en"]}

    def _overdue_on_top(self) -> Item | None:
        work = next(iter(self.by("care.officer.1").pages("/api/v1/worklist")), None)
        return {"en": work["en"]} if work and work["overdue"] else None

    def _timeline(self, part: str, *, at_least: int) -> Item | None:
        entries = list(self.by("auditor").pages(f"/api/v1/people/{self.ids[part]}/timeline"))
        return {"count": len(entries)} if len(entries) >= at_least else None


@click.command()
@click.option("--mode", type=click.Choice(["embedded", "deployed"]), default="embedded", show_default=True)
@click.option("--base-url", help="Play against this running suite instead of starting one.")
@click.option("--accounts", type=click.Path(path_type=Path, exists=True), help="Its accounts file.")
def command(mode: str, base_url: str | None, accounts: Path | None) -> None:
    """Play one failed assessment to its end, over HTTP only, and print each hop as a client can see it.

    Starts a suite in a temporary folder on a free port, unless told where one runs. Exit code 1, with
    what was missing, when a hop did not become visible.

    \b
    Examples:
      $ bole demo
      $ bole demo --base-url http://127.0.0.1:8080 --accounts var/accounts.txt

    \b
    --mode deployed starts every role as a process of its own, on the RabbitMQ and PostgreSQL named by
    BOLE_AMQP_URL and BOLE_<SERVICE>_DATABASE_URL.
    """
    if (base_url is None) != (accounts is None):
        raise click.UsageError("--base-url and --accounts go together.")
    try:
        if base_url is not None and accounts is not None:
            Story(base_url, accounts).play()
        else:
            with (
                tempfile.TemporaryDirectory(prefix="bole-demo-") as folder,
                _suite(mode, Path(folder)) as suite,
            ):
                Story(suite.base_url, suite.accounts_file, move_clock=suite.move_clock).play()
    except Missing as missing:
        raise click.ClickException(f"Missing: {missing}") from missing


def _suite(mode: str, folder: Path) -> AbstractContextManager[Suite]:
    if mode == "embedded":
        return embedded_suite(folder)
    settings = read_settings()
    if settings.amqp_url is None:
        raise click.UsageError(
            "--mode deployed needs BOLE_AMQP_URL; 'make demo MODE=deployed' starts servers."
        )
    return deployed_suite(folder, amqp_url=settings.amqp_url, database_urls=settings.database_urls)
