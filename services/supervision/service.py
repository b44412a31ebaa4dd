"""The doors of supervision: results are proposed, confirmed by somebody else, told and corrected."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from bole.errors import Conflict, Invalid, SamePerson
from bole.identifiers import new_id
from bole.jobs import Job, RowDone
from bole.run.request import Page, Request
from bole.run.service import Policies, Service, Store, command, due, on, query, rows
from bole.store.deadlines import Deadline
from contracts.selection.events import Appointed, PersonRecorded, UnitRecorded
from contracts.supervision import calls
from contracts.supervision import questions as ask
from contracts.supervision.events import (
    CorrectionProposed,
    CorrectionRejected,
    CycleClosed,
    CycleOpened,
    MeasureDecided,
    MeasureHeard,
    MeasureInEffect,
    NoticeServed,
)
from contracts.training.events import RemedialFailed, RemedialPassed, RemedialWithdrawn
from services.supervision import answers
from services.supervision.consequences import EFFECT_OVER, end, propose, reverse, settle
from services.supervision.deciding import confirm, correct, named_results
from services.supervision.domain.advance import advance
from services.supervision.domain.count import count_allowed
from services.supervision.domain.propose import has_failed
from services.supervision.domain.term import effect_until, review_until
from services.supervision.entering import enter
from services.supervision.models import Correction, Cycle
from services.supervision.standards import Standards
from services.supervision.store import DECIDED, ENTERED, SupervisionStore, Taking
from services.supervision.visiting import VISIT_OVER, call_off_visit, owe_visit, record_visit
from services.supervision.worklist import put_correction, put_cycle, put_measure, put_undecided, put_visit

AT_ONCE = 500  # results confirmed in one transaction


class SupervisionService(Service):
    """Assessments and what follows from them. What is computed is proposed; another officer decides."""

    name = "supervision"
    store = Store(SupervisionStore)
    policy = Policies()

    # Cycles

    @command(calls.OPEN_CYCLE)
    def open_cycle(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """Open the assessment of a year; there is one a year."""
        year, until = request.body["year"], request.body["results_until"]
        if year > supervision.today.year:
            raise _wrong("year", f"lies in the future; today is {supervision.today}")
        supervision.begin(f"cycle {year}")
        if supervision.cycle_of_year(year) is not None:
            raise Conflict(f"The assessment of {year} was opened already.", year=year)
        if until is not None and until < supervision.today:
            raise _wrong("results_until", f"lies in the past; today is {supervision.today}")
        cycle = supervision.add_cycle(year, until, request.by.account)
        supervision.announce(CycleOpened(cycle_id=cycle.id, year=year, opened_on=cycle.opened_on))
        return answers.cycle_view(cycle)

    @query(calls.LIST_CYCLES)
    def list_cycles(self, request: Request, supervision: SupervisionStore) -> Page:
        """All cycles, oldest first."""
        cycles, following = supervision.cycles(request.query["cursor"], request.query["limit"])
        return [answers.cycle_view(cycle) for cycle in cycles], following

    @query(calls.READ_CYCLE)
    def read_cycle(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """One cycle, and by how many each unit exceeds its quota of excellent: numbers, never who."""
        cycle = supervision.cycle(request.path["cycle_id"])
        standards = self._standards(cycle, supervision)
        share, rounding = standards.answer(ask.EXCELLENT_QUOTA), standards.answer(ask.QUOTA_ROUNDING)
        quota = []
        for used in supervision.used_quota(cycle.id, request.by):
            allowed = count_allowed(used.graded, share=share.value, rounding=rounding.value)
            over = max(used.excellent - allowed, 0)
            quota.append({**used._asdict(), "allowed": allowed, "exceeded_by": over})
        proposed, confirmed = supervision.count_states(cycle.id, request.by)
        return {
            **answers.cycle_view(cycle),
            "proposed": proposed,
            "confirmed": confirmed,
            "quota": quota,
            "quota_source": share.source,
            "quota_mark": share.mark,
        }

    @command(calls.CLOSE_CYCLE)
    def close_cycle(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """Take no more results for a year, once everything entered is confirmed."""
        supervision.begin(request.path["cycle_id"])
        cycle = supervision.cycle(request.path["cycle_id"])
        if cycle.state == "closed":
            raise Conflict(f"The assessment of {cycle.year} is closed already.")
        waiting = sum(supervision.waiting_for_confirmation(cycle.id).values())
        if waiting:
            raise Conflict(f"{waiting} results still wait for confirmation.", waiting=waiting)
        cycle.state, cycle.closed_on = "closed", supervision.today
        supervision.announce(CycleClosed(cycle_id=cycle.id, year=cycle.year, closed_on=supervision.today))
        return answers.cycle_view(cycle)

    # Results

    def takes_results(self, request: Request, supervision: SupervisionStore) -> None:
        """Whether a cycle takes results: it is open, and its last day for them is not over."""
        _check_takes_results(supervision.taking(request.path["cycle_id"]), supervision)

    @rows(calls.RECORD_RESULTS, check="takes_results")
    def record_results(self, row: dict[str, Any], supervision: SupervisionStore, job: Job) -> RowDone:
        """One result becomes a proposed grade. It stays here until another officer confirms it."""
        cycle = supervision.taking(job.path["cycle_id"])
        _check_takes_results(cycle, supervision)
        done = enter(row, cycle.id, job.by, self._standards(cycle, supervision), supervision)
        if done != "unchanged":
            supervision.note_entered(cycle.id)
        return done

    @due(ENTERED)
    def results_were_entered(self, deadline: Deadline, supervision: SupervisionStore) -> None:
        """Say once for a whole batch how many results wait for confirmation."""
        put_cycle(supervision.cycle(deadline.ref), supervision)

    @query(calls.LIST_RESULTS)
    def list_results(self, request: Request, supervision: SupervisionStore) -> Page:
        """Results of a cycle; an official gets the own one."""
        cycle = supervision.cycle(request.path["cycle_id"])
        asked = request.query
        results, following = supervision.results(
            cycle.id,
            request.by,
            state=asked["state"],
            unit_id=asked["unit_id"],
            cursor=asked["cursor"],
            limit=asked["limit"],
        )
        labels = self._standards(cycle, supervision).labels()
        return [answers.result_view(result, labels) for result in results], following

    @query(calls.READ_RESULT)
    def read_result(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """One result with the rule, the numbers and the source behind it."""
        result = supervision.result(request.path["result_id"], request.by)
        cycle = supervision.cycle(result.cycle_id)
        return answers.result_detail(result, self._standards(cycle, supervision).labels())

    @command(calls.CONFIRM_RESULTS)
    def confirm_results(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """Confirm what others entered; only now does it travel, and measures are proposed."""
        cycle = supervision.cycle(request.path["cycle_id"])
        changes: dict[UUID, dict[str, Any]] = {}
        if request.body["all"]:
            results = supervision.proposed_by_others(cycle.id, request.by, AT_ONCE)
        else:
            results = named_results(cycle.id, request.body["results"], request.by, supervision)
            changes = {item["result_id"]: item for item in request.body["results"]}
        standards = self._standards(cycle, supervision)
        for result in results:
            confirm(result, changes.get(result.id, {}), standards, supervision)
        settle([result for result in results if has_failed(result.grade)], supervision, self.policy)
        done = len(results)
        put_cycle(cycle, supervision)
        remaining, skipped = supervision.left_to(cycle.id, request.by)
        return {"confirmed": done, "remaining": remaining, "skipped": skipped}

    @command(calls.SERVE_NOTICE)
    def serve_notice(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """The person was told in writing (ASM-02); the terms of objection and appeal run from it."""
        result = supervision.locked_result(request.path["result_id"], request.by)
        if result.person_id is None or result.state not in DECIDED:
            raise Conflict("Only a person's confirmed result is served.", state=result.state)
        if result.served_on is not None:
            raise Conflict("This result was served already.", served_on=str(result.served_on))
        notice = request.body
        decided_on = result.corrected_on or result.confirmed_on or supervision.today
        served_on = _day(notice, "served_on", not_before=decided_on, today=supervision.today)
        term = self.policy.ask(ask.REVIEW_WITHIN, supervision.county, served_on)
        result.served_on = served_on
        result.review_until = review_until(served_on, days=term.value)
        result.notice = _kept(notice)
        supervision.announce(
            NoticeServed(
                result_id=result.id,
                person_id=result.person_id,
                served_on=served_on,
                manner=notice["manner"],
                review_until=result.review_until,
                source=term.source,
            )
        )
        cycle = supervision.cycle(result.cycle_id)
        put_cycle(cycle, supervision)
        return answers.result_view(result, self._standards(cycle, supervision).labels())

    # Corrections

    @command(calls.PROPOSE_CORRECTION)
    def propose_correction(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """A confirmed grade is wrong: a second officer decides whether it is replaced."""
        result = supervision.locked_result(request.path["result_id"], request.by)
        if result.person_id is None or result.state not in DECIDED:
            raise Conflict("Only a person's confirmed result is corrected.", state=result.state)
        if supervision.open_correction(result.id) is not None:
            raise Conflict("A correction of this result waits for a decision already.")
        if request.body["grade"] == result.grade:
            raise _wrong("grade", f"the result is {result.grade} already")
        correction = Correction(
            id=new_id(),
            county=supervision.county,
            result_id=result.id,
            person_id=result.person_id,
            unit_id=result.unit_id,
            correction=request.body["correction"],
            was_grade=result.grade,
            grade=request.body["grade"],
            reason=request.body["reason"],
            state="proposed",
            proposed_by=request.by.account,
            proposed_on=supervision.today,
        )
        supervision.session.add(correction)
        supervision.announce(
            CorrectionProposed(
                correction_id=correction.id,
                result_id=result.id,
                person_id=result.person_id,
                correction=request.body["correction"],
                grade=request.body["grade"],
            )
        )
        put_correction(correction, supervision)
        return answers.correction_view(correction)

    @command(calls.CONFIRM_CORRECTION)
    def confirm_correction(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """The second officer upholds or rejects it. Upheld, what followed from the old grade falls."""
        correction = supervision.locked_correction(request.path["correction_id"], request.by)
        if correction.state != "proposed":
            raise Conflict(f"This correction was {correction.state} already.", state=correction.state)
        if correction.proposed_by == request.by.account:
            raise SamePerson("You proposed this correction; another officer decides on it.")
        upheld = request.body["decision"] == "uphold"
        correction.state = "upheld" if upheld else "rejected"
        correction.decided_by = request.by.account
        correction.decided_on = supervision.today
        correction.decision_reason = request.body["reason"]
        put_correction(correction, supervision)
        if upheld:
            result = supervision.result(correction.result_id, request.by)
            cycle = supervision.cycle(result.cycle_id)
            correct(result, correction, self._standards(cycle, supervision), supervision)
            settle([result], supervision, self.policy)
            put_cycle(cycle, supervision)
        else:
            supervision.announce(
                CorrectionRejected(
                    correction_id=correction.id,
                    result_id=correction.result_id,
                    person_id=correction.person_id,
                    rejected_on=supervision.today,
                )
            )
        return answers.correction_view(correction)

    @query(calls.READ_CORRECTION)
    def read_correction(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """One correction with its reason."""
        return answers.correction_view(supervision.correction(request.path["correction_id"], request.by))

    # Measures

    @query(calls.LIST_MEASURES)
    def list_measures(self, request: Request, supervision: SupervisionStore) -> Page:
        """Measures, oldest first."""
        asked = request.query
        measures, following = supervision.measures(
            request.by,
            person_id=asked["person_id"],
            state=asked["state"],
            cursor=asked["cursor"],
            limit=asked["limit"],
        )
        return [answers.measure_view(measure) for measure in measures], following

    @query(calls.READ_MEASURE)
    def read_measure(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """One measure with its hearing and the reason of its decision."""
        return answers.measure_detail(supervision.measure(request.path["measure_id"], request.by))

    @command(calls.HEAR_MEASURE)
    def hear_measure(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """The person was told the facts and heard, before anything is decided."""
        measure = supervision.locked_measure(request.path["measure_id"], request.by)
        measure.state = advance(measure.state, "hear")
        measure.heard_on = _day(
            request.body, "heard_on", not_before=measure.proposed_on, today=supervision.today
        )
        measure.statement = request.body["statement"]
        measure.present = request.body["present"]
        supervision.announce(
            MeasureHeard(measure_id=measure.id, person_id=measure.person_id, heard_on=measure.heard_on)
        )
        put_measure(measure, supervision)
        return answers.measure_view(measure)

    @command(calls.DECIDE_MEASURE)
    def decide_measure(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """Another officer than the proposer imposes or drops it. Imposed, it still waits to be served."""
        measure = supervision.locked_measure(request.path["measure_id"], request.by)
        decision = request.body["decision"]
        measure.state = advance(measure.state, decision)
        if measure.proposed_by == request.by.account:
            raise SamePerson("You confirmed what this measure follows from; another officer decides on it.")
        measure.decided_on = _day(
            request.body,
            "decided_on",
            not_before=measure.heard_on or measure.proposed_on,
            today=supervision.today,
        )
        measure.decided_by = request.by.account
        measure.decision_reason = request.body["reason"]
        supervision.announce(
            MeasureDecided(
                measure_id=measure.id,
                person_id=measure.person_id,
                decision=decision,
                decided_on=measure.decided_on,
            )
        )
        put_measure(measure, supervision)
        return answers.measure_view(measure)

    @command(calls.SERVE_MEASURE)
    def serve_measure(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """The decision was served: only now is the measure in effect and told to the others."""
        measure = supervision.locked_measure(request.path["measure_id"], request.by)
        measure.state = advance(measure.state, "serve")
        decided_on = measure.decided_on or measure.proposed_on
        served_on = _day(request.body, "served_on", not_before=decided_on, today=supervision.today)
        term = self.policy.ask(ask.REVIEW_WITHIN, supervision.county, served_on)
        measure.notice = _kept(request.body)
        measure.in_effect_on = served_on
        measure.review_until = review_until(served_on, days=term.value)
        if measure.kind == "admonition":
            months = self.policy.ask(ask.ADMONITION_EFFECT, supervision.county, served_on)
            measure.effect_until = effect_until(served_on, months=months.value)
            supervision.due(EFFECT_OVER, subject=measure.person_id, on=measure.effect_until, ref=measure.id)
        supervision.announce(
            MeasureInEffect(
                measure_id=measure.id,
                person_id=measure.person_id,
                unit_id=measure.unit_id,
                kind=measure.kind,
                result_id=measure.result_id,
                decided_on=decided_on,
                in_effect_on=served_on,
                effect_until=measure.effect_until,
                review_until=measure.review_until,
                source=measure.source,
                mark=measure.mark,
            )
        )
        put_measure(measure, supervision)
        return answers.measure_view(measure)

    @due(EFFECT_OVER)
    def measure_served_its_time(self, deadline: Deadline, supervision: SupervisionStore) -> None:
        """The effect period of a measure is over."""
        measure = supervision.measure_due(deadline.ref)
        if measure.state == "in_effect":
            end(measure, "served", deadline.due_on, supervision)

    # Return visits

    @query(calls.LIST_RETURN_VISITS)
    def list_return_visits(self, request: Request, supervision: SupervisionStore) -> Page:
        """Return visits, oldest first."""
        asked = request.query
        visits, following = supervision.visits(
            request.by,
            person_id=asked["person_id"],
            state=asked["state"],
            cursor=asked["cursor"],
            limit=asked["limit"],
        )
        return [answers.visit_view(visit) for visit in visits], following

    @query(calls.READ_RETURN_VISIT)
    def read_return_visit(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """One return visit with what was found."""
        return answers.visit_detail(supervision.visit(request.path["visit_id"], request.by))

    @command(calls.RECORD_RETURN_VISIT)
    def record_return_visit(self, request: Request, supervision: SupervisionStore) -> dict[str, Any]:
        """The visit was paid: its line on the worklist is done. What was found stays here."""
        visit = supervision.locked_visit(request.path["visit_id"], request.by)
        if visit.state != "due":
            raise Conflict(
                f"This return visit was {visit.state.replace('_', ' ')} already.", state=visit.state
            )
        _day(request.body, "visited_on", not_before=visit.effective_on, today=supervision.today)
        record_visit(visit, request.body, supervision)
        return answers.visit_detail(visit)

    @due(VISIT_OVER)
    def visit_is_overdue(self, deadline: Deadline, supervision: SupervisionStore) -> None:
        """The visit was not paid in time: it moves to the top of the worklist."""
        visit = supervision.visit_due(deadline.ref)
        if visit.state == "due":
            put_visit(visit, supervision, overdue=True)

    # What the others tell

    @on(PersonRecorded)
    def mirror_person(self, person: PersonRecorded, supervision: SupervisionStore) -> None:
        """Keep what a result needs of a person. What is not decided goes along to another unit."""
        supervision.keep_person(
            person.person_id,
            number=person.number,
            unit_id=person.unit_id,
            post=person.post,
            is_leader=person.is_leader,
        )
        for waiting in supervision.undecided_about(person.person_id):
            if person.unit_id is not None and waiting.unit_id != person.unit_id:
                waiting.unit_id = person.unit_id
                put_undecided(waiting, supervision)

    @on(UnitRecorded)
    def mirror_unit(self, unit: UnitRecorded, supervision: SupervisionStore) -> None:
        """Keep what a unit is called."""
        supervision.keep_unit(unit.unit_id, unit.name)

    @on(Appointed)
    def visit_promoted(self, appointment: Appointed, supervision: SupervisionStore) -> None:
        """Somebody promoted is visited after some months (SUP-13, SUP-14)."""
        cause = supervision.cause
        if appointment.kind != "promotion" or appointment.unit_id is None or cause is None:
            return
        owe_visit(appointment, appointment.unit_id, cause.id, supervision, self.policy)

    @on(Appointed)
    def let_go(self, appointment: Appointed, supervision: SupervisionStore) -> None:
        """Somebody leaves: what was only proposed is withdrawn, and nobody pays the visits still due."""
        if appointment.kind != "leaving":
            return
        for measure in supervision.proposed_for(appointment.person_id):
            reverse(measure, supervision)
        for visit in supervision.visits_due_to(appointment.person_id):
            call_off_visit(visit, supervision)

    @on(RemedialFailed)
    def propose_adjustment(self, training: RemedialFailed, supervision: SupervisionStore) -> None:
        """A training failed again after its extension is put before supervision: a measure is proposed."""
        person = supervision.person(training.person_id)
        cause = supervision.cause
        if person.unit_id is None or cause is None:
            return  # has left; there is nothing to adjust
        propose(
            "after_failed_training",
            supervision=supervision,
            policies=self.policy,
            day=training.failed_on,
            person_id=person.id,
            unit_id=person.unit_id,
            cause=cause.id,
            training_id=training.remedial_id,
        )

    @on(RemedialWithdrawn)
    def drop_adjustment(self, training: RemedialWithdrawn, supervision: SupervisionStore) -> None:
        """The training fell with its cause, and with it what was proposed because it was failed."""
        for measure in supervision.measures_of_training(training.remedial_id):
            reverse(measure, supervision)

    @on(RemedialPassed)
    def end_standby(self, training: RemedialPassed, supervision: SupervisionStore) -> None:
        """Standby training was passed: the standby is over. It frees to compete; nobody is reinstated."""
        if training.kind == "standby":
            for measure in supervision.in_effect(training.person_id, "standby"):
                end(measure, "served", training.frees_on, supervision)

    def _standards(self, cycle: Cycle | Taking, supervision: SupervisionStore) -> Standards:
        return Standards(self.policy, supervision.county, cycle.year)


def _check_takes_results(cycle: Taking, supervision: SupervisionStore) -> None:
    if cycle.state == "closed":
        raise Conflict(f"The assessment of {cycle.year} is closed; it takes no more results.")
    if cycle.results_until is not None and supervision.today > cycle.results_until:
        until = str(cycle.results_until)
        raise Conflict(f"The assessment of {cycle.year} took results until {until}.", results_until=until)


def _day(body: dict[str, Any], field: str, *, not_before: date, today: date) -> date:
    """A day of the body between two others. Raises Invalid."""
    day: date = body[field]
    if not_before > today:
        raise _wrong(field, f"comes too early: that is from {not_before} on, and today is {today}")
    if not not_before <= day <= today:
        raise _wrong(field, f"must lie between {not_before} and {today}, got {day}")
    return day


def _kept(notice: dict[str, Any]) -> dict[str, Any]:
    """How something was served, as JSON."""
    return {name: notice[name] for name in ("manner", "signed", "refusal")}


def _wrong(field: str, says: str) -> Invalid:
    return Invalid(f"{field}: {says}", [{"at": f"body.{field}", "says": says}])
