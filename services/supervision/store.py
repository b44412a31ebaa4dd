"""Every query of supervision, by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, case, func, not_, or_, select, true, union

from bole.errors import NotFound, NotYet, SamePerson
from bole.identifiers import new_id
from bole.principal import Principal
from bole.store.model import ServiceStore
from services.supervision.models import Base, Correction, Cycle, Measure, Person, Result, ReturnVisit, Unit

Row = TypeVar("Row", bound=Base)
DECIDED = ("confirmed", "corrected")
BEFORE_EFFECT = ("proposed", "heard", "imposed")


TAKING = "supervision_taking"  # in Session.info, for one transaction
UNDECIDED = "supervision_undecided"  # there too
ENTERED = "results_entered"  # there too; and the kind of a deadline that is due at once


class Taking(NamedTuple):
    """What a cycle says about taking results."""

    id: UUID
    year: int
    state: str
    results_until: date | None


class Roll(NamedTuple):
    """A person as the roster has them."""

    id: UUID
    unit_id: UUID | None
    post: str
    is_leader: bool


class Used(NamedTuple):
    """How many of one unit were graded, and how many of them excellent."""

    unit_id: UUID
    unit: str
    graded: int
    excellent: int


# Asked for every row of an import, so built once.
_ROLL = select(Person.id, Person.unit_id, Person.post, Person.is_leader).where(
    Person.county == bindparam("county")
)
ROLL_BY_ID = _ROLL.where(Person.id == bindparam("named"))
ROLL_BY_NUMBER = _ROLL.where(Person.number == bindparam("named"))
RESULT_ABOUT = select(Result).where(
    Result.cycle_id == bindparam("cycle_id"),
    Result.kind == bindparam("kind"),
    Result.about_id == bindparam("about_id"),
)


class SupervisionStore(ServiceStore):
    """What supervision keeps. Lookups raise NotFound also for what lies outside the caller's scope."""

    # Mirrors of the roster

    def keep_person(self, person_id: UUID, **particulars: Any) -> None:
        """Take over what selection said of a person."""
        self.put(Person, id=person_id, county=self.county, **particulars)

    def keep_unit(self, unit_id: UUID, name: str) -> None:
        """Take over what selection said of a unit."""
        self.put(Unit, id=unit_id, county=self.county, name=name)

    def person(self, person_id: UUID) -> Person:
        """A person an event speaks of. Raises NotYet while the roster's own event is still on its way."""
        person = self.session.get(Person, person_id)
        if person is None:
            raise NotYet(person_id)
        return person

    def on_roll(self, by: Principal, person_id: UUID | None, number: str | None) -> Roll | None:
        """A person in the caller's scope, by id or by number."""
        wanted, named = (ROLL_BY_ID, person_id) if person_id else (ROLL_BY_NUMBER, number)
        with self.session.no_autoflush:
            found = self.session.execute(wanted, {"named": named, "county": self.county}).first()
        if found is None or not by.may_see(found.id, found.unit_id):
            return None
        return Roll(*found)

    def undecided_about(self, person_id: UUID) -> list[Measure | Correction]:
        """Measures before their effect and corrections before their decision, of one person."""
        waiting: frozenset[UUID] | None = self.session.info.get(UNDECIDED)
        if waiting is None:  # a roster tells of thousands, and few of them wait
            about = union(
                select(Measure.person_id).where(Measure.state.in_(BEFORE_EFFECT)),
                select(Correction.person_id).where(Correction.state == "proposed"),
            )
            waiting = self.session.info[UNDECIDED] = frozenset(self.session.scalars(about))
        if person_id not in waiting:
            return []
        measures = select(Measure).where(Measure.person_id == person_id, Measure.state.in_(BEFORE_EFFECT))
        corrections = select(Correction).where(
            Correction.person_id == person_id, Correction.state == "proposed"
        )
        return [*self.session.scalars(measures), *self.session.scalars(corrections)]

    def may_see(self, by: Principal, person_id: UUID, unit_id: UUID) -> bool:
        """Whether a row about a person lies in the caller's scope; see `within`."""
        person = self.session.get(Person, person_id)
        return by.may_see(person_id, (person and person.unit_id) or unit_id)

    def units_named(self, unit_id: UUID | None, name: str | None) -> Sequence[UUID]:
        """Units by id or by name; more than one when a name is not enough."""
        named = Unit.id == unit_id if unit_id else Unit.name == name
        return self.session.scalars(select(Unit.id).where(named, Unit.county == self.county).limit(2)).all()

    # Cycles

    def cycle(self, cycle_id: UUID) -> Cycle:
        """One cycle. Raises NotFound."""
        return self._found(Cycle, cycle_id, "There is no such assessment cycle.")

    def taking(self, cycle_id: UUID) -> Taking:
        """What every row of an import asks about its cycle, read once a transaction. Raises NotFound."""
        kept: Taking | None = self.session.info.get(TAKING)
        if kept is None or kept.id != cycle_id:
            cycle = self.cycle(cycle_id)
            kept = Taking(cycle.id, cycle.year, cycle.state, cycle.results_until)
            self.session.info[TAKING] = kept
        return kept

    def note_entered(self, cycle_id: UUID) -> None:
        """Have the worklist renewed behind the rows of this savepoint, asked for once."""
        asked = (cycle_id, self.session.get_nested_transaction())  # what falls takes the asking with it
        if self.session.info.get(ENTERED) != asked:
            self.due(ENTERED, subject=cycle_id, on=self.today - timedelta(days=1), ref=cycle_id)
            self.session.info[ENTERED] = asked

    def cycle_of_year(self, year: int) -> Cycle | None:
        """The cycle of a year, if it was opened."""
        wanted = select(Cycle).where(Cycle.county == self.county, Cycle.year == year)
        return self.session.scalars(wanted).first()

    def cycles(self, cursor: str | None, limit: int) -> tuple[list[Cycle], str | None]:
        """A page of cycles, oldest first."""
        return self.page(select(Cycle).where(Cycle.county == self.county), Cycle.id, cursor, limit)

    def add_cycle(self, year: int, results_until: date | None, opened_by: str) -> Cycle:
        """Keep a new cycle."""
        cycle = Cycle(
            id=new_id(),
            county=self.county,
            year=year,
            state="open",
            results_until=results_until,
            opened_by=opened_by,
            opened_on=self.today,
            confirm_work=new_id(),
            confirm_count=0,
            notice_work=new_id(),
            notice_count=0,
        )
        self.session.add(cycle)
        return cycle

    def count_states(self, cycle_id: UUID, by: Principal) -> tuple[int, int]:
        """Proposed and decided results of a cycle within the caller's scope."""
        counted = select(Result.state, func.count()).where(
            Result.cycle_id == cycle_id, in_scope(by, Result.unit_id)
        )
        counts: dict[str, int] = {
            row[0]: row[1] for row in self.session.execute(counted.group_by(Result.state))
        }
        return counts.get("proposed", 0), sum(counts.get(state, 0) for state in DECIDED)

    def used_quota(self, cycle_id: UUID, by: Principal) -> list[Used]:
        """For each assessed unit in scope, how many people were graded and how many excellent."""
        excellent = func.sum(case((Result.grade == "excellent", 1), else_=0))
        wanted = (
            select(Result.unit_id, func.coalesce(func.max(Unit.name), ""), func.count(), excellent)
            .outerjoin(Unit, Unit.id == Result.unit_id)
            .where(
                Result.cycle_id == cycle_id,
                Result.kind == "person",
                Result.grade.is_not(None),
                in_scope(by, Result.unit_id),
            )
            .group_by(Result.unit_id)
            .order_by(Result.unit_id)
        )
        return [Used(row[0], row[1], row[2], row[3]) for row in self.session.execute(wanted)]

    def waiting_for_confirmation(self, cycle_id: UUID) -> dict[str, int]:
        """Proposed results of a cycle, counted by the account that entered them."""
        wanted = (
            select(Result.entered_by, func.count())
            .where(Result.cycle_id == cycle_id, Result.state == "proposed")
            .group_by(Result.entered_by)
            .order_by(Result.entered_by)
        )
        return {row[0]: row[1] for row in self.session.execute(wanted)}

    def left_to(self, cycle_id: UUID, by: Principal) -> tuple[int, int]:
        """Proposed results in scope: how many the caller may confirm, how many another officer must."""
        own = func.count(case((concerns(by), 1)))
        wanted = select(func.count(), own).where(
            Result.cycle_id == cycle_id, Result.state == "proposed", within(by, Result)
        )
        waiting, skipped = self.session.execute(wanted).one().tuple()
        return waiting - skipped, skipped

    def waiting_for_notice(self, cycle_id: UUID) -> int:
        """People of a cycle who were not yet told their result."""
        wanted = select(func.count()).where(
            Result.cycle_id == cycle_id,
            Result.kind == "person",
            Result.state.in_(DECIDED),
            Result.served_on.is_(None),
        )
        return self.session.execute(wanted).scalar_one()

    # Results

    def result_about(self, cycle_id: UUID, kind: str, about_id: UUID) -> Result | None:
        """The result of one person or team in a cycle."""
        for (
            one
        ) in self.session.new:  # rows of an import are written together; these are not there to be found
            if isinstance(one, Result) and (one.cycle_id, one.kind, one.about_id) == (
                cycle_id,
                kind,
                about_id,
            ):
                return one
        with self.session.no_autoflush:
            return self.session.scalars(
                RESULT_ABOUT, {"cycle_id": cycle_id, "kind": kind, "about_id": about_id}
            ).first()

    def result(self, result_id: UUID, by: Principal) -> Result:
        """One result in scope; an official sees only the own one, and only once it is decided."""
        result = self._found(Result, result_id, "There is no such result.")
        if not self.sees(by, result) or (by.roles == {"official"} and result.state not in DECIDED):
            raise NotFound("There is no such result.")
        return result

    def sees(self, by: Principal, result: Result) -> bool:
        """Whether a result lies in the caller's scope."""
        if result.person_id is None:
            return by.roles != {"official"} and (by.units is None or result.unit_id in by.units)
        return self.may_see(by, result.person_id, result.unit_id)

    def locked_result(self, result_id: UUID, by: Principal) -> Result:
        """One result in scope to decide on, its person locked until the commit. Raises SamePerson."""
        self.begin(self.result(result_id, by).about_id)
        result = self.result(result_id, by)
        refuse_own_case(result.person_id, by)
        return result

    def results(
        self,
        cycle_id: UUID,
        by: Principal,
        *,
        state: str | None,
        unit_id: UUID | None,
        cursor: str | None,
        limit: int,
    ) -> tuple[list[Result], str | None]:
        """A page of a cycle's results in scope; see `result` for officials."""
        wanted = select(Result).where(Result.cycle_id == cycle_id)
        if by.roles == {"official"}:
            wanted = wanted.where(Result.person_id == by.person_id, Result.state.in_(DECIDED))
        else:
            wanted = wanted.where(within(by, Result))
        if state is not None:
            wanted = wanted.where(Result.state == state)
        if unit_id is not None:
            wanted = wanted.where(Result.unit_id == unit_id)
        return self.page(wanted, Result.id, cursor, limit)

    def proposed_by_others(self, cycle_id: UUID, by: Principal, limit: int) -> list[Result]:
        """The next proposed results in scope that the caller may confirm, locked; see `concerns`."""
        wanted = (
            select(Result.id)
            .where(
                Result.cycle_id == cycle_id,
                Result.state == "proposed",
                not_(concerns(by)),
                within(by, Result),
            )
            .order_by(Result.id)
            .limit(limit)
        )
        locked = self.lock_results(self.session.scalars(wanted).all())
        return [result for result in locked if result.state == "proposed" and result.entered_by != by.account]

    def lock_results(self, result_ids: Collection[UUID]) -> list[Result]:
        """These results as they are once their people and units are locked; unknown ones are left out."""
        about = self.session.scalars(select(Result.about_id).where(Result.id.in_(result_ids))).all()
        self.begin(*about)
        wanted = select(Result).where(Result.id.in_(result_ids)).order_by(Result.id)
        return list(self.session.scalars(wanted))

    def decided_around(self, person_ids: Iterable[UUID], year: int) -> dict[tuple[UUID, int], Result]:
        """Decided results of these people in the year before and the year after."""
        wanted = select(Result).where(
            Result.person_id.in_(list(person_ids)),
            Result.year.in_([year - 1, year + 1]),
            Result.state.in_(DECIDED),
        )
        return {(result.about_id, result.year): result for result in self.session.scalars(wanted)}

    # Corrections

    def correction(self, correction_id: UUID, by: Principal) -> Correction:
        """One correction in scope. Raises NotFound."""
        correction = self._found(Correction, correction_id, "There is no such correction.")
        if not self.may_see(by, correction.person_id, correction.unit_id):
            raise NotFound("There is no such correction.")
        return correction

    def locked_correction(self, correction_id: UUID, by: Principal) -> Correction:
        """One correction in scope to decide on, its person locked until the commit. Raises SamePerson."""
        self.begin(self.correction(correction_id, by).person_id)
        correction = self.correction(correction_id, by)
        refuse_own_case(correction.person_id, by)
        return correction

    def open_correction(self, result_id: UUID) -> Correction | None:
        """The correction of a result that waits for a decision."""
        wanted = select(Correction).where(Correction.result_id == result_id, Correction.state == "proposed")
        return self.session.scalars(wanted).first()

    # Measures

    def measure(self, measure_id: UUID, by: Principal) -> Measure:
        """One measure in scope. Raises NotFound."""
        measure = self._found(Measure, measure_id, "There is no such measure.")
        if not self.may_see(by, measure.person_id, measure.unit_id):
            raise NotFound("There is no such measure.")
        return measure

    def locked_measure(self, measure_id: UUID, by: Principal) -> Measure:
        """One measure in scope to decide on, its person locked until the commit. Raises SamePerson."""
        self.begin(self.measure(measure_id, by).person_id)
        measure = self.measure(measure_id, by)
        refuse_own_case(measure.person_id, by)
        return measure

    def measure_due(self, measure_id: UUID) -> Measure:
        """The measure of a deadline."""
        return self._found(Measure, measure_id, "There is no such measure.")

    def measures(
        self, by: Principal, *, person_id: UUID | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[Measure], str | None]:
        """A page of measures in scope."""
        wanted = select(Measure).where(Measure.county == self.county, within(by, Measure))
        if person_id is not None:
            wanted = wanted.where(Measure.person_id == person_id)
        if state is not None:
            wanted = wanted.where(Measure.state == state)
        return self.page(wanted, Measure.id, cursor, limit)

    def measures_of_results(self, result_ids: Iterable[UUID]) -> list[Measure]:
        """Every measure that followed from these results, whatever became of it."""
        return list(self.session.scalars(select(Measure).where(Measure.result_id.in_(list(result_ids)))))

    def measures_of_training(self, training_id: UUID) -> list[Measure]:
        """Every measure that followed from a failed training."""
        return list(self.session.scalars(select(Measure).where(Measure.training_id == training_id)))

    def proposed_for(self, person_id: UUID) -> list[Measure]:
        """Measures against a person that are proposed and no more."""
        wanted = select(Measure).where(Measure.person_id == person_id, Measure.state == "proposed")
        return list(self.session.scalars(wanted))

    def in_effect(self, person_id: UUID, kind: str) -> list[Measure]:
        """Measures of one kind that are in effect."""
        wanted = select(Measure).where(
            Measure.person_id == person_id, Measure.kind == kind, Measure.state == "in_effect"
        )
        return list(self.session.scalars(wanted))

    def was_under(self, person_id: UUID, kinds: Iterable[str], year: int) -> bool:
        """Whether a measure of these kinds was in effect on some day of the year and was not reversed."""
        wanted = (
            select(Measure.id)
            .where(
                Measure.person_id == person_id,
                Measure.kind.in_(list(kinds)),
                Measure.state.in_(("in_effect", "ended")),
                Measure.in_effect_on <= date(year, 12, 31),
                or_(Measure.effect_until.is_(None), Measure.effect_until >= date(year, 1, 1)),
                or_(Measure.ended_on.is_(None), Measure.ended_on >= date(year, 1, 1)),
                or_(Measure.ended_because.is_(None), Measure.ended_because != "reversed"),
            )
            .limit(1)
        )
        return self.session.execute(wanted).first() is not None

    # Return visits

    def visit(self, visit_id: UUID, by: Principal) -> ReturnVisit:
        """One return visit in scope. Raises NotFound."""
        visit = self.visit_due(visit_id)
        if not self.may_see(by, visit.person_id, visit.unit_id):
            raise NotFound("There is no such return visit.")
        return visit

    def locked_visit(self, visit_id: UUID, by: Principal) -> ReturnVisit:
        """One return visit in scope, its person locked until the commit."""
        self.begin(self.visit(visit_id, by).person_id)
        return self.visit(visit_id, by)

    def visit_due(self, visit_id: UUID) -> ReturnVisit:
        """The visit of a deadline."""
        return self._found(ReturnVisit, visit_id, "There is no such return visit.")

    def visits(
        self, by: Principal, *, person_id: UUID | None, state: str | None, cursor: str | None, limit: int
    ) -> tuple[list[ReturnVisit], str | None]:
        """A page of return visits in scope."""
        wanted = select(ReturnVisit).where(ReturnVisit.county == self.county, within(by, ReturnVisit))
        if person_id is not None:
            wanted = wanted.where(ReturnVisit.person_id == person_id)
        if state is not None:
            wanted = wanted.where(ReturnVisit.state == state)
        return self.page(wanted, ReturnVisit.id, cursor, limit)

    def visits_due_to(self, person_id: UUID) -> list[ReturnVisit]:
        """Visits to a person that were not paid yet."""
        wanted = select(ReturnVisit).where(ReturnVisit.person_id == person_id, ReturnVisit.state == "due")
        return list(self.session.scalars(wanted))

    # How

    def _found(self, table: type[Row], row_id: UUID, otherwise: str) -> Row:
        row = self.session.get(table, row_id)
        if row is None:
            raise NotFound(otherwise)
        return row


def refuse_own_case(person_id: UUID | None, by: Principal) -> None:
    """Raises SamePerson: the caller would decide on the caller."""
    if person_id is not None and person_id == by.person_id:
        raise SamePerson("This is about you. Nobody decides in the own case; another officer does.")


def concerns(by: Principal) -> ColumnElement[bool]:
    """Results the caller entered, and the caller's own one: another officer confirms them."""
    entered = Result.entered_by == by.account
    return entered if by.person_id is None else or_(entered, Result.about_id == by.person_id)


def within(by: Principal, rows: type[Result] | type[Measure] | type[ReturnVisit]) -> ColumnElement[bool]:
    """Rows about people who are in the caller's units now, were there when they left, and about teams."""
    if by.units is None:
        return true()
    present = select(Person.unit_id).where(Person.id == rows.person_id).scalar_subquery()
    return in_scope(by, func.coalesce(present, rows.unit_id))


def in_scope(by: Principal, unit_id: Any) -> ColumnElement[bool]:
    """Rows of units the caller's scope holds."""
    return true() if by.units is None else unit_id.in_(list(by.units))
