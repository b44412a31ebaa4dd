"""The doors of training: remedial, standby and appointment training, from assignment to its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from bole import errors
from bole.policy.policies import Answer
from bole.policy.questions import Question
from bole.policy.sources import rule_source
from bole.run.service import Page, Policies, Request, Service, Store, command, due, on, query
from bole.store.deadlines import Deadline
from contracts.selection.events import Appointed, PersonRecorded
from contracts.supervision.events import MeasureEnded, MeasureInEffect, ResultConfirmed, ResultCorrected
from contracts.training import questions as ask
from contracts.training.calls import CONFIRM_COMPLETION, GET_REMEDIAL, LIST_REMEDIALS, RECORD_COMPLETION
from contracts.training.events import (
    RemedialAssigned,
    RemedialExtended,
    RemedialFailed,
    RemedialKind,
    RemedialPassed,
    RemedialWithdrawn,
)
from services.training import worklist
from services.training.answers import detail, for_the_person, line
from services.training.domain.conclude import conclude, extended_until, frees_on
from services.training.domain.judge import judge
from services.training.domain.plan import Plan, plan_appointment, plan_remedial, plan_standby
from services.training.models import Completion, Person, Remedial
from services.training.store import TrainingStore

OVERDUE = "remedial_overdue"
PASS_MARK = {"remedial": ask.REMEDIAL_PASS_MARK, "standby": ask.STANDBY_PASS_MARK}
EXTENSION = {
    "remedial": ask.REMEDIAL_EXTENSION,
    "standby": ask.STANDBY_EXTENSION,
    "appointment": ask.APPOINTMENT_EXTENSION,
}
FREES_AFTER = {"remedial": ask.REMEDIAL_FREES_AFTER, "standby": ask.STANDBY_FREES_AFTER}


class TrainingService(Service):
    """Assigns trainings by name when another service's fact calls for one, and follows them to their end."""

    name = "training"
    store = Store(TrainingStore)
    policy = Policies()

    # What happened elsewhere

    @on(PersonRecorded)
    def keep_person(self, fact: PersonRecorded, training: TrainingStore) -> None:
        """Mirror the unit. Whoever was appointed after leaving is back; whoever is in no unit has left."""
        leaving_on = training.keep_person(fact.person_id, fact.unit_id)
        if leaving_on and fact.unit_id and fact.appointed_on and fact.appointed_on > leaving_on:
            training.known(fact.person_id).leaving_on = None
        elif leaving_on or fact.unit_id is None:
            self._withdraw(training.open_of(fact.person_id), training)

    @on(ResultConfirmed)
    def assign_remedial(self, result: ResultConfirmed, training: TrainingStore) -> None:
        """A failed assessment is followed by training beside the post."""
        if result.failed:
            self._assign_remedial(result.person_id, result.result_id, result.confirmed_on, training)

    @on(ResultCorrected)
    def follow_correction(self, result: ResultCorrected, training: TrainingStore) -> None:
        """What followed from a grade that fell falls with it; a grade that is failed now is followed."""
        if result.was_failed and not result.failed:
            self._withdraw(training.standing_after(result.result_id), training)
        elif result.failed and not result.was_failed:
            self._assign_remedial(result.person_id, result.result_id, result.corrected_on, training)

    @on(MeasureInEffect)
    def assign_standby(self, measure: MeasureInEffect, training: TrainingStore) -> None:
        """A leader on standby trains in class and in the grassroots before competing again."""
        if measure.kind != "standby":
            return
        person, day = training.known(measure.person_id), measure.in_effect_on
        asked = self._ask(
            training.county,
            day,
            ask.STANDBY_CLASS_TERM,
            ask.STANDBY_GRASSROOTS_TERM,
            ask.STANDBY_HOURS,
            ask.STANDBY_PASS_MARK,
        )
        plan = plan_standby(
            day,
            class_months=asked[ask.STANDBY_CLASS_TERM].value,
            grassroots_months=asked[ask.STANDBY_GRASSROOTS_TERM].value,
            hours=asked[ask.STANDBY_HOURS].value,
            pass_mark=asked[ask.STANDBY_PASS_MARK].value,
        )
        self._assign("standby", person, measure.unit_id, measure.measure_id, day, plan, asked, training)

    @on(MeasureEnded)
    def end_standby(self, measure: MeasureEnded, training: TrainingStore) -> None:
        """A reversed measure takes its training with it; a served one leaves it to its own end."""
        if measure.ended_because == "reversed":
            self._withdraw(training.standing_after(measure.measure_id), training)

    @on(Appointed)
    def follow_appointment(self, appointment: Appointed, training: TrainingStore) -> None:
        """A promotion is followed by training for the new post; with a leaving, what is open ends."""
        person = training.known(appointment.person_id)
        person.leaving_on = appointment.effective_on if appointment.kind == "leaving" else None
        if appointment.kind == "leaving":
            self._withdraw(training.open_of(appointment.person_id), training)
        elif appointment.kind == "promotion":
            day = appointment.effective_on
            asked = self._ask(training.county, day, ask.APPOINTMENT_TERM, ask.APPOINTMENT_HOURS)
            plan = plan_appointment(
                day, years=asked[ask.APPOINTMENT_TERM].value, hours=asked[ask.APPOINTMENT_HOURS].value
            )
            origin = appointment.appointment_id
            self._assign("appointment", person, appointment.unit_id, origin, day, plan, asked, training)

    # What officers do

    @command(RECORD_COMPLETION)
    def record_completion(self, request: Request, training: TrainingStore) -> dict[str, Any]:
        """Keep what was attended and achieved, with the verdict it proposes to another officer."""
        remedial = training.to_change(request.path["remedial_id"], request.by)
        if not remedial.is_open:
            raise errors.Conflict(f"This training is over: it is {remedial.state}.", state=remedial.state)
        if training.proposed(remedial.id) is not None:
            raise errors.Conflict("A completion is already reported and waits for another officer.")
        report = request.body
        completed_on: date = report["completed_on"]
        _check_day(completed_on, remedial, training)
        question = PASS_MARK.get(remedial.kind)
        mark = question and self.policy.ask(question, training.county, completed_on)
        pass_mark: int | None = mark.value if mark else None
        score: int | None = report.get("exam_score")
        try:
            passed = judge(report["hours_attended"], score, hours=remedial.hours, pass_mark=pass_mark)
        except ValueError as mistake:
            raise _invalid("body.exam_score", mistake) from None
        completion = training.report(
            remedial,
            hours_attended=report["hours_attended"],
            exam_score=score,
            completed_on=completed_on,
            note=report["note"],
            pass_mark=pass_mark,
            source=mark.source if mark else remedial.source,
            passed=passed,
        )
        worklist.put_confirmation(completion, remedial, training)
        return _detail(remedial, training)

    @command(CONFIRM_COMPLETION)
    def confirm_completion(self, request: Request, training: TrainingStore) -> dict[str, Any]:
        """Another officer confirms the proposed verdict, or sends it back with a reason."""
        remedial = training.to_change(request.path["remedial_id"], request.by)
        completion = training.proposed(remedial.id)
        if completion is None:
            raise errors.Conflict("No completion waits for confirmation.", state=remedial.state)
        if request.by.account == completion.entered_by:
            raise errors.SamePerson("Whoever entered a completion does not confirm it; another officer does.")
        confirmed = request.body["decision"] == "confirm"
        completion.state = "confirmed" if confirmed else "sent_back"
        completion.decided_by = training.actor
        completion.decided_on = training.today
        completion.reason = request.body["reason"]
        worklist.take_off(completion, training)
        if confirmed:
            self._conclude(remedial, completion, training)
        if remedial.is_open:
            worklist.put_training(remedial, training)
        return _detail(remedial, training)

    # What is asked

    @query(LIST_REMEDIALS)
    def list_remedials(self, request: Request, training: TrainingStore) -> Page:
        """A page of the trainings that the caller may see."""
        asked = request.query
        page, following = training.remedials(
            request.by,
            person_id=asked.get("person_id"),
            state=asked.get("state"),
            kind=asked.get("kind"),
            cursor=asked["cursor"],
            limit=asked["limit"],
        )
        waiting = training.waiting(page)
        lines = [line(remedial, to_confirm=remedial.id in waiting, today=training.today) for remedial in page]
        return lines, following

    @query(GET_REMEDIAL)
    def get_remedial(self, request: Request, training: TrainingStore) -> dict[str, Any]:
        """One training with its terms and everything reported of it."""
        remedial = training.visible(request.path["remedial_id"], request.by)
        told = _detail(remedial, training)
        return for_the_person(told) if request.by.roles == {"official"} else told

    # What time brings

    @due(OVERDUE)
    def remedial_is_overdue(self, deadline: Deadline, training: TrainingStore) -> None:
        """The term passed without a completion: it stays open and stands on the worklist as overdue."""
        remedial = training.remedial(deadline.ref)
        if remedial is not None and remedial.is_open and training.proposed(remedial.id) is None:
            worklist.put_training(remedial, training)

    # How

    def _ask(self, county: str, day: date, *questions: Question) -> dict[Question, Answer]:
        return {question: self.policy.ask(question, county, day) for question in questions}

    def _assign_remedial(self, person_id: UUID, result_id: UUID, day: date, training: TrainingStore) -> None:
        person = training.known(person_id)
        asked = self._ask(training.county, day, ask.REMEDIAL_TERM, ask.REMEDIAL_HOURS, ask.REMEDIAL_PASS_MARK)
        plan = plan_remedial(
            day,
            months=asked[ask.REMEDIAL_TERM].value,
            hours=asked[ask.REMEDIAL_HOURS].value,
            pass_mark=asked[ask.REMEDIAL_PASS_MARK].value,
        )
        self._assign("remedial", person, person.unit_id, result_id, day, plan, asked, training)

    def _assign(
        self,
        kind: RemedialKind,
        person: Person,
        unit_id: UUID | None,
        origin_id: UUID,
        day: date,
        plan: Plan,
        asked: dict[Question, Answer],
        training: TrainingStore,
    ) -> None:
        if person.has_left:
            return
        cause = training.cause
        if cause is None:
            raise TypeError("a training follows from an event")
        remedial = training.assign(
            kind,
            person.id,
            plan,
            unit_id=unit_id,
            origin_id=origin_id,
            cause=cause.id,
            assigned_on=day,
            terms=[
                {
                    "question": question.name,
                    "value": answer.value,
                    "source": answer.source,
                    "mark": answer.mark,
                }
                for question, answer in asked.items()
            ],
        )
        training.announce(
            RemedialAssigned(
                remedial_id=remedial.id,
                person_id=remedial.person_id,
                unit_id=remedial.unit_id,
                kind=kind,
                assigned_on=remedial.assigned_on,
                due_on=remedial.due_on,
                hours=remedial.hours,
                pass_mark=remedial.pass_mark,
                cause=remedial.cause,
                source=remedial.source,
                mark=remedial.mark,
            )
        )
        training.due(OVERDUE, subject=remedial.person_id, on=remedial.due_on, ref=remedial.id)
        worklist.put_training(remedial, training)

    def _withdraw(self, remedials: Iterable[Remedial], training: TrainingStore) -> None:
        for remedial in remedials:
            waiting = training.proposed(remedial.id)
            if waiting is not None:
                waiting.state = "void"
            if remedial.is_open:
                worklist.take_off(waiting or remedial, training)
            self._end(remedial, "withdrawn", training)
            training.announce(
                RemedialWithdrawn(
                    remedial_id=remedial.id,
                    person_id=remedial.person_id,
                    kind=remedial.kind,
                    withdrawn_on=training.today,
                )
            )

    def _conclude(self, remedial: Remedial, completion: Completion, training: TrainingStore) -> None:
        today, kind = training.today, remedial.kind
        conclusion = conclude(completion.passed, was_extended=remedial.state == "extended")
        if conclusion == "passed":
            frees_after = FREES_AFTER.get(kind)
            days = frees_after and self.policy.ask(frees_after, training.county, today)
            remedial.frees_on = frees_on(today, days=days.value if days else 0)
            self._end(remedial, "passed", training)
            training.announce(
                RemedialPassed(
                    remedial_id=remedial.id,
                    person_id=remedial.person_id,
                    kind=kind,
                    passed_on=today,
                    frees_on=remedial.frees_on,
                    source=days.source if days else str(rule_source(plan_appointment)),
                )
            )
        elif conclusion == "extended":
            extension = self.policy.ask(EXTENSION[kind], training.county, today)
            remedial.due_on = extended_until(remedial.due_on, decided_on=today, months=extension.value)
            remedial.state = "extended"
            training.due(OVERDUE, subject=remedial.person_id, on=remedial.due_on, ref=remedial.id)
            training.announce(
                RemedialExtended(
                    remedial_id=remedial.id,
                    person_id=remedial.person_id,
                    kind=kind,
                    extended_on=today,
                    due_on=remedial.due_on,
                    source=extension.source,
                )
            )
        else:
            self._end(remedial, "failed", training)
            training.announce(
                RemedialFailed(
                    remedial_id=remedial.id,
                    person_id=remedial.person_id,
                    kind=kind,
                    failed_on=today,
                    source=str(rule_source(conclude)),
                )
            )

    def _end(self, remedial: Remedial, state: str, training: TrainingStore) -> None:
        remedial.state = state
        remedial.ended_on = training.today
        training.call_off(OVERDUE, remedial.id)


def _check_day(completed_on: date, remedial: Remedial, training: TrainingStore) -> None:
    """A completion lies behind its assignment and what was reported before it, and not in the future."""
    earlier = [old.completed_on for old in training.completions(remedial.id) if old.state == "confirmed"]
    since = max([remedial.assigned_on, *earlier])
    if not since <= completed_on <= training.today:
        raise _invalid("body.completed_on", f"must lie between {since} and {training.today}")


def _invalid(at: str, says: object) -> errors.Invalid:
    return errors.Invalid("The request is not what this call takes.", [{"at": at, "says": str(says)}])


def _detail(remedial: Remedial, training: TrainingStore) -> dict[str, Any]:
    return detail(remedial, training.completions(remedial.id), today=training.today)
