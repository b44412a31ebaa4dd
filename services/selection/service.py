"""The doors of selection: the roster, appointments, candidacies, and the bars that facts of others open."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from bole import errors
from bole.identifiers import new_id
from bole.jobs import Job, RowDone
from bole.principal import Principal
from bole.run.service import Page, Policies, Request, Service, Store, command, due, on, query, rows
from bole.store.deadlines import Deadline
from contracts.selection import calls
from contracts.selection import questions as ask
from contracts.selection.events import ProbationDecided, ProbationEnded
from contracts.supervision.events import MeasureEnded, MeasureInEffect, ResultConfirmed, ResultCorrected
from contracts.training.events import RemedialAssigned, RemedialPassed, RemedialWithdrawn
from services.selection import appointments, bars, worklist
from services.selection.answers import (
    appointed,
    appointment_view,
    bar_view,
    candidacy_view,
    recorded,
    unit_view,
)
from services.selection.appointments import APPOINTMENT, PROBATION
from services.selection.bars import BAR_ENDS, Ground
from services.selection.domain.appoint import changes_on, is_on_probation, probation_until
from services.selection.domain.bar import (
    YearResult,
    barring_year,
    first_day_after,
    ground_of_measure,
    last_day_of,
)
from services.selection.domain.doubt import doubt
from services.selection.domain.merge import merge
from services.selection.models import Appointment, Candidacy, Person, Unit
from services.selection.store import SelectionStore

NEXT_GRADE_CONFIRMED = "next_grade_confirmed"  # what a pack calls the rule of domain/bar.py
HEADS = {column.field: column.heads[0] for column in calls.ROSTER.columns}


class SelectionService(Service):
    """Keeps the roster and who is put forward for what, and says who may not be considered, and why."""

    name = "selection"
    store = Store(SelectionStore)
    policy = Policies()

    # The roster

    @rows(calls.IMPORT_ROSTER)
    def import_roster(self, row: dict[str, Any], selection: SelectionStore, job: Job) -> RowDone:
        """Take one person as a roster lists them. What the row does not say stays as it is."""
        person = selection.person_numbered(row["number"])
        unit = selection.unit_of_roster(row["unit"])
        _check_scope(job.by, person, unit)
        unit_id = unit.id if unit is not None else new_id()
        if person is not None and _says_nothing_new(row, person, unit_id):
            return "unchanged"
        if person is not None:
            selection.begin(person.id)  # what it says is new is judged again as the person is now
        told = merge(None if person is None else person.particulars, row, unit_id=unit_id)
        if wrong := doubt(told, today=selection.today):
            raise errors.Invalid(
                "The row contradicts itself, or what is known.",
                [{"at": f"row.{HEADS[field]}", "says": reason} for field, reason in wrong],
            )
        if unit is None:
            unit = selection.keep_unit(unit_id, row["unit"])
        if person is None:
            selection.announce(recorded(selection.keep_person(told, row["extra"]), unit))
            return "new"
        person.extra = person.extra | row["extra"]
        if told != person.particulars:
            person.take(told)
            selection.announce(recorded(person, unit))
        return "updated"

    @query(calls.LIST_UNITS)
    def list_units(self, request: Request, selection: SelectionStore) -> Page:
        """A page of the units the caller may see."""
        asked = request.query
        units, following = selection.units(request.by, cursor=asked["cursor"], limit=asked["limit"])
        return [unit_view(unit) for unit in units], following

    # Appointments

    @command(calls.RECORD_APPOINTMENT)
    def record_appointment(self, request: Request, selection: SelectionStore) -> dict[str, Any]:
        """Register a decided change of post. The post itself changes on the day it takes effect.

        While any ground stands a promotion is refused, for it follows an inspection (SEL-10); a person may
        be exchanged, adjusted or leave all the same.
        """
        entry = request.body
        person = selection.person_to_change(entry["person_id"], request.by)
        appointments.check(entry, person, selection)
        if entry["kind"] == "promotion":
            bars.expect_free(person.id, selection)
        present = selection.unit(person.unit_id) if person.unit_id is not None else None
        leaving = entry["kind"] == "leaving"
        unit = None if leaving else appointments.named_unit(entry, present, selection)
        if entry["kind"] == "exchange" and unit is not None:
            appointments.check_moves(entry, unit, person)
        appointment = Appointment(
            id=new_id(),
            county=selection.county,
            person_id=person.id,
            kind=entry["kind"],
            unit_id=unit.id if unit is not None else None,
            unit=unit.name if unit is not None else "",
            post=person.post if leaving else entry["post"],
            is_leader=entry.get("is_leader", person.is_leader),
            rank=entry.get("rank", person.rank),
            from_unit_id=person.unit_id,
            from_unit=present.name if present is not None else "",
            from_post=person.post,
            decided_on=entry["decided_on"],
            effective_on=entry["effective_on"],
            document=entry["document"],
            state="scheduled",
            source="",
            mark="",
            entered_by=selection.actor,
            reason="",
        )
        if is_on_probation(appointment.kind, is_leader=appointment.is_leader, elected=entry["elected"]):
            self._put_on_probation(appointment, selection)
        selection.keep(appointment)
        selection.announce(appointed(appointment))
        first_day = changes_on(appointment.kind, appointment.effective_on)
        if first_day <= selection.today:
            appointments.take_effect(appointment, person, selection)
        else:
            last_day = last_day_of(first_day)
            selection.due(APPOINTMENT, subject=person.id, on=last_day, ref=appointment.id)
        return appointment_view(appointment)

    @query(calls.GET_APPOINTMENT)
    def get_appointment(self, request: Request, selection: SelectionStore) -> dict[str, Any]:
        """One appointment and how far its probation is."""
        return appointment_view(selection.visible_appointment(request.path["appointment_id"], request.by))

    @due(APPOINTMENT)
    def appointment_takes_effect(self, deadline: Deadline, selection: SelectionStore) -> None:
        """The day came on which the post changes."""
        appointment = selection.appointment(deadline.ref)
        person = selection.session.get(Person, deadline.subject)
        if appointment is not None and person is not None and appointment.state == "scheduled":
            appointments.take_effect(appointment, person, selection)

    @due(PROBATION)
    def probation_is_over(self, deadline: Deadline, selection: SelectionStore) -> None:
        """The last day of a probation passed; how it ended is for people to decide."""
        appointment = selection.appointment(deadline.ref)
        if appointment is None or appointment.probation != "running":
            return
        appointment.probation = "ended"
        selection.announce(
            ProbationEnded(
                appointment_id=appointment.id,
                person_id=appointment.person_id,
                probation_ended_on=deadline.due_on,
            )
        )
        worklist.put_probation(appointment, selection)

    @command(calls.DECIDE_PROBATION)
    def decide_probation(self, request: Request, selection: SelectionStore) -> dict[str, Any]:
        """Another officer records how a probation ended."""
        appointment = selection.appointment_to_change(request.path["appointment_id"], request.by)
        if appointment.probation != "ended":
            raise errors.Conflict(
                "There is no probation whose end is to be decided.", probation=appointment.probation
            )
        if request.by.account == appointment.entered_by:
            raise errors.SamePerson("Whoever recorded the appointment does not decide on its probation.")
        decision = request.body
        appointments.check_day("decided_on", decision["decided_on"], selection)
        appointment.probation = decision["outcome"]
        appointment.decided_by = selection.actor
        appointment.probation_decided_on = decision["decided_on"]
        appointment.reason = decision.get("reason", "")
        selection.announce(
            ProbationDecided(
                appointment_id=appointment.id,
                person_id=appointment.person_id,
                probation=decision["outcome"],
                probation_decided_on=decision["decided_on"],
                probation_source=appointment.source,
            )
        )
        worklist.take_off(appointment, selection)
        return appointment_view(appointment)

    # Candidacies

    @command(calls.NOMINATE)
    def nominate(self, request: Request, selection: SelectionStore) -> dict[str, Any]:
        """Put a person forward for a post. A bar does not stand against that, only against inspection."""
        entry = request.body
        person = selection.person_to_change(entry["person_id"], request.by)
        if person.unit_id is None:
            raise errors.Conflict("This person has left and cannot be nominated.")
        if selection.unit(entry["unit_id"]) is None:
            raise errors.NotFound("There is no such unit.")
        post = entry["post"].strip()
        for other in selection.standing_candidacies(person.id):
            if (other.unit_id, other.post) == (entry["unit_id"], post):
                raise errors.Conflict(
                    "This person is put forward for this post already.", candidacy_id=str(other.id)
                )
        candidacy = Candidacy(
            id=new_id(),
            county=selection.county,
            person_id=person.id,
            unit_id=entry["unit_id"],
            post=post,
            state="nominated",
            changed_on=selection.today,
            nominated_by=selection.actor,
        )
        selection.keep(candidacy)
        bars.announce_candidacy(candidacy, selection)
        return candidacy_view(candidacy)

    @command(calls.BEGIN_INSPECTION)
    def begin_inspection(self, request: Request, selection: SelectionStore) -> dict[str, Any]:
        """Make a candidate an inspection object, unless a ground stands against it (SEL-10)."""
        candidacy = selection.candidacy_to_change(request.path["candidacy_id"], request.by)
        bars.expect_free(candidacy.person_id, selection)
        if candidacy.state != "nominated":
            raise errors.Conflict(f"The candidacy is {candidacy.state}.", state=candidacy.state)
        bars.move(candidacy, "inspection", selection)
        return candidacy_view(candidacy)

    @command(calls.WITHDRAW_CANDIDACY)
    def withdraw_candidacy(self, request: Request, selection: SelectionStore) -> dict[str, Any]:
        """Put the person forward no longer."""
        candidacy = selection.candidacy_to_change(request.path["candidacy_id"], request.by)
        if candidacy.state == "withdrawn":
            raise errors.Conflict("The candidacy was withdrawn already.", state=candidacy.state)
        bars.move(candidacy, "withdrawn", selection)
        return candidacy_view(candidacy)

    @query(calls.LIST_CANDIDACIES)
    def list_candidacies(self, request: Request, selection: SelectionStore) -> Page:
        """A page of the candidacies of people the caller may see."""
        asked = request.query
        candidacies, following = selection.candidacies(
            request.by,
            person_id=asked.get("person_id"),
            state=asked.get("state"),
            cursor=asked["cursor"],
            limit=asked["limit"],
        )
        return [candidacy_view(candidacy) for candidacy in candidacies], following

    # Bars

    @query(calls.BARS_OF_PERSON)
    def bars_of_person(self, request: Request, selection: SelectionStore) -> dict[str, Any]:
        """Every ground there ever was, and whether one stands."""
        person = selection.person(request.path["person_id"], request.by)
        all_bars = selection.bars(person.id)
        return {
            "person_id": person.id,
            "free": all(bar.state == "lifted" for bar in all_bars),
            "bars": [bar_view(bar) for bar in all_bars],
        }

    @on(ResultConfirmed)
    def follow_result(self, result: ResultConfirmed, selection: SelectionStore) -> None:
        """A failed year bars until the next grade is confirmed."""
        self._follow_year(result, result.confirmed_on, selection)

    @on(ResultCorrected)
    def follow_correction(self, result: ResultCorrected, selection: SelectionStore) -> None:
        """A grade that fell takes its bar with it; a year that is failed now bars."""
        self._follow_year(result, result.corrected_on, selection)

    @on(MeasureInEffect)
    def bar_for_measure(self, measure: MeasureInEffect, selection: SelectionStore) -> None:
        """A measure bars while it has effect; standby, until its training is passed."""
        barring = self.policy.ask(ask.BARRING_MEASURES, selection.county, measure.in_effect_on)
        standby = self.policy.ask(ask.STANDBY_BARS, selection.county, measure.in_effect_on)
        ground = ground_of_measure(measure.kind, barring=barring.value, standby_bars=standby.value)
        if ground is None:
            return
        law = standby if ground == "standby" else barring
        until = measure.effect_until
        ends = f"effect until {until}" if until else "the measure ends"
        bar = bars.stand(
            Ground(
                person_id=measure.person_id,
                ground=ground,
                key=measure.measure_id,
                opened_on=measure.in_effect_on,
                ends="standby training passed" if ground == "standby" else ends,
                source=law.source,
                mark=law.mark,
            ),
            selection,
        )
        if ground == "standby":
            frees_on = selection.standby_freed_on(bar.cause)  # training may have been quicker
            if frees_on is not None:
                bars.lift_from(bar, frees_on, selection)
        elif until is not None:
            bars.lift_from(bar, first_day_after(until), selection)

    @on(MeasureEnded)
    def measure_is_over(self, measure: MeasureEnded, selection: SelectionStore) -> None:
        """Served or reversed, a measure bars no longer. A served standby bars until its training frees."""
        served = measure.ended_because == "served"
        for bar in selection.open_bars(measure.person_id):
            if bar.key == str(measure.measure_id) and not (served and bar.ground == "standby"):
                bars.lift(bar, measure.ended_on, "ended" if served else "reversed", selection)

    @on(RemedialAssigned)
    def bar_for_remedial(self, training: RemedialAssigned, selection: SelectionStore) -> None:
        """Open remedial training bars where the county says so."""
        if training.kind == "standby":
            selection.keep_standby_training(training.remedial_id, training.person_id, training.cause)
        if training.kind != "remedial":
            return
        law = self.policy.ask(ask.OPEN_REMEDIAL_BARS, selection.county, training.assigned_on)
        if law.value:
            bars.stand(
                Ground(
                    person_id=training.person_id,
                    ground="open_remedial",
                    key=training.remedial_id,
                    opened_on=training.assigned_on,
                    ends="remedial training passed",
                    source=law.source,
                    mark=law.mark,
                ),
                selection,
            )

    @on(RemedialPassed)
    def training_is_passed(self, training: RemedialPassed, selection: SelectionStore) -> None:
        """Passed training frees to compete again, from the day the county's rule gives."""
        bar = None
        if training.kind == "remedial":
            bar = selection.open_bar(training.person_id, "open_remedial", training.remedial_id)
        elif (standby := selection.standby_training(training.remedial_id)) is not None:
            standby.frees_on = training.frees_on
            bar = selection.open_bar_caused_by(training.person_id, standby.cause)
        if bar is not None:
            bars.lift_from(bar, training.frees_on, selection)

    @on(RemedialWithdrawn)
    def training_is_withdrawn(self, training: RemedialWithdrawn, selection: SelectionStore) -> None:
        """The cause of a training fell, and its ground with it."""
        bar = selection.open_bar(training.person_id, "open_remedial", training.remedial_id)
        if bar is not None:
            bars.lift(bar, training.withdrawn_on, "reversed", selection)

    @due(BAR_ENDS)
    def bar_ends(self, deadline: Deadline, selection: SelectionStore) -> None:
        """The day came from which a ground no longer stands."""
        bar = selection.bar(deadline.ref)
        if bar is not None and bar.state == "open":
            bars.lift(bar, first_day_after(deadline.due_on), "ended", selection)

    # How

    def _put_on_probation(self, appointment: Appointment, selection: SelectionStore) -> None:
        law = self.policy.ask(ask.PROBATION_YEARS, selection.county, appointment.effective_on)
        appointment.probation = "running"
        appointment.probation_until = probation_until(appointment.effective_on, years=law.value)
        appointment.source = law.source
        appointment.mark = law.mark
        selection.due(
            PROBATION, subject=appointment.person_id, on=appointment.probation_until, ref=appointment.id
        )

    def _follow_year(
        self, result: ResultConfirmed | ResultCorrected, day: date, selection: SelectionStore
    ) -> None:
        """Whatever order results come in: the last graded year bars when it was failed, no other does."""
        year = YearResult(result.year, graded=result.grade is not None, failed=result.failed)
        selection.keep_year(result.person_id, result.result_id, year)
        years = selection.years(result.person_id)
        failed = {str(one.year) for one in years if one.failed}
        barring = barring_year(years)
        standing = selection.open_bars(result.person_id, "failed_assessment")
        if barring is not None and str(barring) not in {bar.key for bar in standing}:
            self._bar_for_year(result.person_id, barring, day, selection)
        for bar in standing:  # after the new one stands: nobody is free in between
            if bar.key != str(barring):
                bars.lift(bar, day, "ended" if bar.key in failed else "reversed", selection)

    def _bar_for_year(self, person_id: UUID, year: int, day: date, selection: SelectionStore) -> None:
        law = self.policy.ask(ask.FAILED_ASSESSMENT_BAR_ENDS, selection.county, day)
        if law.value != NEXT_GRADE_CONFIRMED:
            raise errors.Refused(f"{law.pack} says {law.value!r}, and selection knows no such rule.")
        bars.stand(
            Ground(
                person_id=person_id,
                ground="failed_assessment",
                key=year,
                opened_on=day,
                ends=f"grade of {year + 1} confirmed",
                source=law.source,
                mark=law.mark,
            ),
            selection,
        )


def _says_nothing_new(row: dict[str, Any], person: Person, unit_id: UUID) -> bool:
    return (
        merge(person.particulars, row, unit_id=unit_id) == person.particulars
        and row["extra"].items() <= person.extra.items()
    )


def _check_scope(by: Principal, person: Person | None, unit: Unit | None) -> None:
    """Refuse a row about a person or unit that its sender may not see, without saying which it is."""
    if by.units is None:
        return
    outside = unit is None or unit.id not in by.units
    if outside or (person is not None and person.unit_id not in by.units):
        raise errors.NotFound("There is no such unit or person in your scope.", column=HEADS["unit"])
