"""Every query of training has a name here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from bole import errors
from bole.identifiers import new_id
from bole.principal import Principal
from bole.store.model import ServiceStore
from contracts.training.events import RemedialKind
from services.training.domain.plan import Plan
from services.training.models import OPEN, Completion, Person, Remedial


class TrainingStore(ServiceStore):
    """People, trainings and the reports on them."""

    # people

    def known(self, person_id: UUID) -> Person:
        """A person of the roster. Raises NotYet when selection's word of them has not come yet."""
        person = self.session.get(Person, person_id)
        if person is None:
            raise errors.NotYet(person_id)
        return person

    def keep_person(self, person_id: UUID, unit_id: UUID | None) -> date | None:
        """Take over what selection says of a person; gives their last day, once a leaving was decided."""
        leaving_on: date | None = self.put(
            Person, id=person_id, county=self.county, unit_id=unit_id
        ).leaving_on
        return leaving_on

    # trainings

    def assign(
        self,
        kind: RemedialKind,
        person_id: UUID,
        plan: Plan,
        *,
        unit_id: UUID | None,
        origin_id: UUID,
        cause: UUID,
        assigned_on: date,
        terms: list[dict[str, Any]],
    ) -> Remedial:
        """Keep a new training. The first of `terms` is the one that sets the date."""
        remedial = Remedial(
            id=new_id(),
            county=self.county,
            person_id=person_id,
            unit_id=unit_id,
            kind=kind,
            state="assigned",
            origin_id=origin_id,
            cause=cause,
            assigned_on=assigned_on,
            due_on=plan.due_on,
            class_until=plan.class_until,
            hours=plan.hours,
            pass_mark=plan.pass_mark,
            terms=terms,
            source=terms[0]["source"],
            mark=terms[0]["mark"],
        )
        self.session.add(remedial)
        self.session.flush()
        return remedial

    def standing_after(self, origin_id: UUID) -> Sequence[Remedial]:
        """Trainings that follow one result, measure or appointment: unfinished, or failed for good."""
        return self.session.scalars(
            select(Remedial).where(Remedial.origin_id == origin_id, Remedial.state.in_((*OPEN, "failed")))
        ).all()

    def open_of(self, person_id: UUID) -> Sequence[Remedial]:
        """Unfinished trainings of one person."""
        return self.session.scalars(
            select(Remedial).where(Remedial.person_id == person_id, Remedial.state.in_(OPEN))
        ).all()

    def remedial(self, remedial_id: UUID) -> Remedial | None:
        """One training, whoever asks."""
        return self.session.get(Remedial, remedial_id)

    def visible(self, remedial_id: UUID, by: Principal) -> Remedial:
        """One training within the caller's scope. Raises NotFound."""
        found = self.session.scalar(_within(by).where(Remedial.id == remedial_id))
        if found is None:
            raise errors.NotFound("There is no such training.")
        return found

    def to_change(self, remedial_id: UUID, by: Principal) -> Remedial:
        """One training within the caller's scope, its person locked until the commit. Raises NotFound."""
        self.begin(self.visible(remedial_id, by).person_id)
        return self.visible(remedial_id, by)  # as it is now that nobody else can change it

    def remedials(
        self,
        by: Principal,
        *,
        person_id: UUID | None,
        state: str | None,
        kind: str | None,
        cursor: str | None,
        limit: int,
    ) -> tuple[list[Remedial], str | None]:
        """A page of the trainings within the caller's scope, in order of assignment."""
        wanted = _within(by)
        if person_id is not None:
            wanted = wanted.where(Remedial.person_id == person_id)
        if state is not None:
            wanted = wanted.where(Remedial.state == state)
        if kind is not None:
            wanted = wanted.where(Remedial.kind == kind)
        return self.page(wanted, Remedial.id, cursor, limit)

    # reports

    def completions(self, remedial_id: UUID) -> Sequence[Completion]:
        """What was reported of one training, oldest first."""
        return self.session.scalars(
            select(Completion).where(Completion.remedial_id == remedial_id).order_by(Completion.number)
        ).all()

    def proposed(self, remedial_id: UUID) -> Completion | None:
        """The report that waits for another officer."""
        return self.session.scalar(
            select(Completion).where(Completion.remedial_id == remedial_id, Completion.state == "proposed")
        )

    def waiting(self, remedials: Sequence[Remedial]) -> set[UUID]:
        """Which of these trainings have a report that waits for another officer."""
        ids = [remedial.id for remedial in remedials]
        return set(
            self.session.scalars(
                select(Completion.remedial_id).where(
                    Completion.remedial_id.in_(ids), Completion.state == "proposed"
                )
            )
        )

    def report(
        self,
        remedial: Remedial,
        *,
        hours_attended: int,
        exam_score: int | None,
        completed_on: date,
        note: str,
        pass_mark: int | None,
        source: str,
        passed: bool,
    ) -> Completion:
        """Keep a report with the verdict it proposes."""
        completion = Completion(
            id=new_id(),
            county=self.county,
            remedial_id=remedial.id,
            number=len(self.completions(remedial.id)) + 1,
            hours_attended=hours_attended,
            exam_score=exam_score,
            completed_on=completed_on,
            note=note,
            pass_mark=pass_mark,
            source=source,
            passed=passed,
            state="proposed",
            entered_by=self.actor,
            entered_on=self.today,
            reason="",
        )
        self.session.add(completion)
        self.session.flush()
        return completion


def _within(by: Principal) -> Select[Remedial]:
    """Trainings that the caller may know of: an official their own, an officer those of the units."""
    every = select(Remedial).join(Person, Person.id == Remedial.person_id)
    if by.roles == {"official"}:
        return every.where(Remedial.person_id == by.person_id)
    if by.units is None:
        return every
    return every.where(func.coalesce(Person.unit_id, Remedial.unit_id).in_(by.units))
