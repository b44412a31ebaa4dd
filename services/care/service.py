"""The doors of care: talks that must be held, from their occasion to their record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from bole import errors
from bole.policy.sources import rule_source
from bole.run.service import Page, Policies, Request, Service, Store, command, due, on, query
from bole.store.deadlines import Deadline
from contracts.care import questions as ask
from contracts.care.calls import CARE_CHAIN, GET_TALK, LIST_TALKS, OPEN_TALK, RECORD_TALK
from contracts.care.events import (
    CareWorkClosed,
    CareWorkOpened,
    TalkDue,
    TalkHeld,
    TalkOverdue,
    TalkTrigger,
    TalkVoided,
)
from contracts.selection.events import Appointed, PersonRecorded
from contracts.supervision.events import MeasureEnded, MeasureInEffect, ResultConfirmed, ResultCorrected
from services.care.answers import inside, line, outside
from services.care.domain.cite import Because, because
from services.care.domain.law import FIVE_TALKS
from services.care.domain.occasion import occasion_of_appointment
from services.care.domain.term import check_held_on, due_before, due_within
from services.care.models import Talk
from services.care.store import CareStore

OVERDUE = "talk_overdue"
AFTER = {
    "post_change": ask.TALK_AFTER_POST_CHANGE,
    "early_signs": ask.TALK_AFTER_EARLY_SIGNS,
    "handled": ask.TALK_AFTER_MEASURE,
    "hardship": ask.TALK_AFTER_HARDSHIP,
}
WORDS = {
    "post_change": ("职务变动", "change of post"),
    "early_signs": ("发现苗头", "early signs of a problem"),
    "leaving": ("离开岗位", "leaving the post"),
    "handled": ("受到处理处分", "handled or sanctioned"),
    "hardship": ("重大困难", "major hardship"),
}


class CareService(Service):
    """Owes a talk on each of the five occasions, and keeps what was said to itself."""

    name = "care"
    store = Store(CareStore)
    policy = Policies()

    # What happened elsewhere

    @on(PersonRecorded)
    def keep_person(self, fact: PersonRecorded, care: CareStore) -> None:
        """Mirror the unit, for the scope of officers."""
        care.keep_person(fact.person_id, fact.unit_id)

    @on(ResultConfirmed)
    def owe_talk_after_result(self, result: ResultConfirmed, care: CareStore) -> None:
        """A failed assessment is an occasion; which one, the pack says."""
        if result.failed:
            self._owe_after_result(result.person_id, result.result_id, result.confirmed_on, care)

    @on(ResultCorrected)
    def follow_correction(self, result: ResultCorrected, care: CareStore) -> None:
        """A grade that fell voids its talk unless it was held; a grade that is failed now is an occasion."""
        if result.was_failed and not result.failed:
            self._void(care.not_yet_held(result.result_id), care)
        elif result.failed and not result.was_failed:
            self._owe_after_result(result.person_id, result.result_id, result.corrected_on, care)

    @on(MeasureInEffect)
    def owe_talk_after_measure(self, measure: MeasureInEffect, care: CareStore) -> None:
        """Whoever was handled or sanctioned is talked to; which occasion that is, the pack says."""
        day = measure.in_effect_on
        trigger = self.policy.ask(ask.TRIGGER_OF_MEASURE, care.county, day)
        term = self.policy.ask(AFTER[trigger.value], care.county, day)
        self._owe_by_event(
            trigger.value,
            measure.person_id,
            measure.unit_id,
            measure.measure_id,
            since_on=measure.decided_on,
            due_on=due_within(day, days=term.value),
            because=because((trigger.source, trigger.mark), (term.source, term.mark)),
            care=care,
        )

    @on(MeasureEnded)
    def follow_end_of_measure(self, measure: MeasureEnded, care: CareStore) -> None:
        """A reversed measure voids its talk unless it was held."""
        if measure.ended_because == "reversed":
            self._void(care.not_yet_held(measure.measure_id), care)

    @on(Appointed)
    def owe_talk_after_appointment(self, appointment: Appointed, care: CareStore) -> None:
        """A change of post is talked about after it took effect, a leaving before the last day."""
        trigger, day = occasion_of_appointment(appointment.kind), appointment.effective_on
        if trigger == "leaving":
            term = self.policy.ask(ask.TALK_BEFORE_LEAVING, care.county, day)
            due_on = due_before(day, days=term.value)
        else:
            term = self.policy.ask(AFTER[trigger], care.county, day)
            due_on = due_within(day, days=term.value)
        occasion = rule_source(occasion_of_appointment)
        self._owe_by_event(
            trigger,
            appointment.person_id,
            appointment.unit_id or appointment.from_unit_id,
            appointment.appointment_id,
            since_on=appointment.decided_on,
            due_on=due_on,
            because=because((str(occasion), occasion.mark), (term.source, term.mark)),
            care=care,
        )

    # What officers do

    @command(OPEN_TALK)
    def open_talk(self, request: Request, care: CareStore) -> dict[str, Any]:
        """Owe a talk because of what somebody noticed. The reason stays here."""
        opening = request.body
        care.begin(opening["person_id"])
        person = care.visible_person(opening["person_id"], request.by)
        noticed_on: date = opening["noticed_on"]
        if noticed_on > care.today:
            raise _invalid("body.noticed_on", f"lies in the future; today is {care.today}")
        term = self.policy.ask(AFTER[opening["trigger"]], care.county, noticed_on)
        talk = care.owe(
            opening["trigger"],
            person.id,
            unit_id=person.unit_id,
            since_on=noticed_on,
            due_on=due_within(noticed_on, days=term.value),
            because=because((str(FIVE_TALKS), FIVE_TALKS.mark), (term.source, term.mark)),
            opened_by=care.actor,
            reason=opening["reason"],
        )
        self._announce_due(talk, care)
        return inside(talk, None)

    @command(RECORD_TALK)
    def record_talk(self, request: Request, care: CareStore) -> dict[str, Any]:
        """Keep what was said, and tell the others no more than that the talk was held."""
        talk = care.to_change(request.path["talk_id"], request.by)
        if not talk.is_open:
            raise errors.Conflict(f"This talk is {talk.state} already.", state=talk.state)
        report = request.body
        try:
            check_held_on(report["held_on"], since_on=talk.since_on, today=care.today)
        except ValueError as mistake:
            raise _invalid("body.held_on", mistake) from None
        said = care.record(
            talk,
            held_on=report["held_on"],
            held_by=report["held_by"],
            content=report["content"],
            follow_up=report["follow_up"],
        )
        care.call_off(OVERDUE, talk.id)
        care.announce(TalkHeld(talk_id=talk.id, person_id=talk.person_id, held_on=report["held_on"]))
        care.announce(CareWorkClosed(work_id=talk.id))
        return inside(talk, said)

    # What is asked

    @query(LIST_TALKS)
    def list_talks(self, request: Request, care: CareStore) -> Page:
        """A page of the talks that the caller may know of, without what was said."""
        asked = request.query
        talks, following = care.talks(
            request.by,
            person_id=asked.get("person_id"),
            state=asked.get("state"),
            cursor=asked["cursor"],
            limit=asked["limit"],
        )
        return [line(talk) for talk in talks], following

    @query(GET_TALK)
    def get_talk(self, request: Request, care: CareStore) -> dict[str, Any]:
        """One talk; what was said in it for the care chain only."""
        talk = care.visible(request.path["talk_id"], request.by)
        return inside(talk, care.said(talk.id)) if request.by.roles & CARE_CHAIN else outside(talk)

    # What time brings

    @due(OVERDUE)
    def talk_is_overdue(self, deadline: Deadline, care: CareStore) -> None:
        """The term passed and the talk was not held: it stands at the top of the worklist."""
        talk = care.talk(deadline.ref)
        if talk is None or talk.state != "due":
            return
        talk.state = "overdue"
        care.announce(TalkOverdue(talk_id=talk.id, person_id=talk.person_id, due_on=talk.due_on))
        self._put_on_worklist(talk, care)

    # How

    def _owe_after_result(self, person_id: UUID, result_id: UUID, day: date, care: CareStore) -> None:
        trigger = self.policy.ask(ask.TRIGGER_OF_FAILED_ASSESSMENT, care.county, day)
        term = self.policy.ask(AFTER[trigger.value], care.county, day)
        self._owe_by_event(
            trigger.value,
            person_id,
            care.known(person_id).unit_id,
            result_id,
            since_on=day,
            due_on=due_within(day, days=term.value),
            because=because((trigger.source, trigger.mark), (term.source, term.mark)),
            care=care,
        )

    def _owe_by_event(
        self,
        trigger: TalkTrigger,
        person_id: UUID,
        unit_id: UUID | None,
        origin_id: UUID,
        *,
        since_on: date,
        due_on: date,
        because: Because,
        care: CareStore,
    ) -> None:
        cause = care.cause
        if cause is None:
            raise TypeError("this talk follows from an event")
        talk = care.owe(
            trigger,
            care.known(person_id).id,
            unit_id=unit_id,
            since_on=since_on,
            due_on=due_on,
            because=because,
            origin_id=origin_id,
            cause=cause.id,
        )
        self._announce_due(talk, care)

    def _announce_due(self, talk: Talk, care: CareStore) -> None:
        care.announce(
            TalkDue(
                talk_id=talk.id,
                person_id=talk.person_id,
                unit_id=talk.unit_id,
                trigger=talk.trigger,
                due_on=talk.due_on,
                cause=talk.cause,
                source=talk.source,
                mark=talk.mark,
            )
        )
        care.due(OVERDUE, subject=talk.person_id, on=talk.due_on, ref=talk.id)
        self._put_on_worklist(talk, care)

    def _put_on_worklist(self, talk: Talk, care: CareStore) -> None:
        zh, en = WORDS[talk.trigger]
        care.announce(
            CareWorkOpened(
                work_id=talk.id,
                kind="record_talk",
                zh=f"谈话并登记：{zh}",
                en=f"Talk and record it: {en}",
                roles=tuple(sorted(CARE_CHAIN)),
                due_on=talk.due_on,
                overdue=talk.state == "overdue",
                link=f"/api/v1/care/talks/{talk.id}",
                person_id=talk.person_id,
                unit_id=talk.unit_id,
            )
        )

    def _void(self, talks: Iterable[Talk], care: CareStore) -> None:
        for talk in talks:
            talk.state = "void"
            talk.voided_on = care.today
            care.call_off(OVERDUE, talk.id)
            care.announce(TalkVoided(talk_id=talk.id, person_id=talk.person_id, voided_on=care.today))
            care.announce(CareWorkClosed(work_id=talk.id))


def _invalid(at: str, says: object) -> errors.Invalid:
    return errors.Invalid("The request is not what this call takes.", [{"at": at, "says": str(says)}])
