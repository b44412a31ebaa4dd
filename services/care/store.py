"""Every query of care has a name here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select

from bole import errors
from bole.identifiers import new_id
from bole.principal import Principal
from bole.store.model import ServiceStore
from contracts.care.events import TalkTrigger
from services.care.domain.cite import Because
from services.care.models import OPEN, Person, Talk, TalkRecord


class CareStore(ServiceStore):
    """People, the talks owed to them, and what was said."""

    # people

    def known(self, person_id: UUID) -> Person:
        """A person of the roster. Raises NotYet when selection's word of them has not come yet."""
        person = self.session.get(Person, person_id)
        if person is None:
            raise errors.NotYet(person_id)
        return person

    def visible_person(self, person_id: UUID, by: Principal) -> Person:
        """A person within the caller's scope. Raises NotFound."""
        person = self.session.get(Person, person_id)
        if person is None or not by.may_see(person.id, person.unit_id):
            raise errors.NotFound("There is no such person.")
        return person

    def keep_person(self, person_id: UUID, unit_id: UUID | None) -> None:
        """Take over what selection says of a person."""
        self.put(Person, id=person_id, county=self.county, unit_id=unit_id)

    # talks

    def owe(
        self,
        trigger: TalkTrigger,
        person_id: UUID,
        *,
        unit_id: UUID | None,
        since_on: date,
        due_on: date,
        because: Because,
        origin_id: UUID | None = None,
        cause: UUID | None = None,
        opened_by: str | None = None,
        reason: str | None = None,
    ) -> Talk:
        """Keep a talk that is due."""
        talk = Talk(
            id=new_id(),
            county=self.county,
            person_id=person_id,
            unit_id=unit_id,
            trigger=trigger,
            state="due",
            origin_id=origin_id,
            cause=cause,
            since_on=since_on,
            due_on=due_on,
            opened_by=opened_by,
            reason=reason,
            source=because.source,
            mark=because.mark,
        )
        self.session.add(talk)
        self.session.flush()
        return talk

    def not_yet_held(self, origin_id: UUID) -> Sequence[Talk]:
        """Talks that follow one result, measure or appointment and are still to be held."""
        return self.session.scalars(
            select(Talk).where(Talk.origin_id == origin_id, Talk.state.in_(OPEN))
        ).all()

    def talk(self, talk_id: UUID) -> Talk | None:
        """One talk, whoever asks."""
        return self.session.get(Talk, talk_id)

    def visible(self, talk_id: UUID, by: Principal) -> Talk:
        """One talk within the caller's scope. Raises NotFound."""
        found = self.session.scalar(_within(by).where(Talk.id == talk_id))
        if found is None:
            raise errors.NotFound("There is no such talk.")
        return found

    def to_change(self, talk_id: UUID, by: Principal) -> Talk:
        """One talk within the caller's scope, its person locked until the commit. Raises NotFound."""
        self.begin(self.visible(talk_id, by).person_id)
        return self.visible(talk_id, by)  # as it is now that nobody else can change it

    def talks(
        self, by: Principal, *, person_id: UUID | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[Talk], str | None]:
        """A page of the talks within the caller's scope, in the order they were opened."""
        wanted = _within(by)
        if person_id is not None:
            wanted = wanted.where(Talk.person_id == person_id)
        if state is not None:
            wanted = wanted.where(Talk.state == state)
        return self.page(wanted, Talk.id, cursor, limit)

    # what was said

    def record(self, talk: Talk, *, held_on: date, held_by: str, content: str, follow_up: str) -> TalkRecord:
        """Keep what was said, here and nowhere else."""
        talk.state = "held"
        talk.held_on = held_on
        said = TalkRecord(
            talk_id=talk.id,
            county=self.county,
            held_by=held_by,
            content=content,
            follow_up=follow_up,
            recorded_by=self.actor,
            recorded_on=self.today,
        )
        self.session.add(said)
        return said

    def said(self, talk_id: UUID) -> TalkRecord | None:
        """What was said in a talk. Ask only for the care chain."""
        return self.session.get(TalkRecord, talk_id)


def _within(by: Principal) -> Select[Talk]:
    """Talks that the caller may know of: an official their own, an officer those of the units."""
    every = select(Talk).join(Person, Person.id == Talk.person_id)
    if by.roles == {"official"}:
        return every.where(Talk.person_id == by.person_id)
    if by.units is None:
        return every
    return every.where(func.coalesce(Person.unit_id, Talk.unit_id).in_(by.units))
