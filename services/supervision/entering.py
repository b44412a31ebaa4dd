"""Take one result as it was entered: find whom it is about, propose a grade, keep it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bole.errors import Invalid, Refused
from bole.identifiers import new_id
from bole.jobs import RowDone
from bole.principal import Principal
from contracts.supervision.calls import RESULTS
from services.supervision.models import Result
from services.supervision.standards import Entered, Proposal, Standards, UnknownReason
from services.supervision.store import DECIDED, Roll, SupervisionStore

HEADS = {column.field: column.heads[0] for column in RESULTS.columns}


class DecidedAlready(Refused):
    """A confirmed result changes by a correction only; one that two officers carry."""

    code = "confirmed_already"
    status = 409


def enter(
    row: dict[str, Any], cycle_id: UUID, by: Principal, standards: Standards, supervision: SupervisionStore
) -> RowDone:
    """Keep the result a row holds as a proposal.

    Raises:
        Invalid: with the column's head, when the person or unit is not found or the reason is unknown.
        DecidedAlready: another result of this person or team was confirmed.
    """
    try:
        entered = standards.read(row)
    except UnknownReason as mistake:
        raise _wrong("not_graded", str(mistake)) from None
    person = _person(row, by, supervision) if row["kind"] == "person" else None
    unit_id = _unit(row, person, by, supervision)
    about_id = unit_id if person is None else person.id
    supervision.begin(about_id)
    result = supervision.result_about(cycle_id, row["kind"], about_id)
    if result is None:
        post = row.get("post") or ("" if person is None else person.post)
        result = Result(
            id=new_id(),
            county=supervision.county,
            cycle_id=cycle_id,
            year=standards.year,
            kind=row["kind"],
            about_id=about_id,
            person_id=None if person is None else person.id,
            unit_id=_known_unit(unit_id),
            post=post,
            is_leader=person is not None and person.is_leader,
            state="proposed",
        )
        done: RowDone = "new"
    else:
        post = row.get("post") or result.post
        if _same(result, entered, post, unit_id, named="unit_id" in row or bool(row.get("unit"))):
            return "unchanged"
        if result.state in DECIDED:
            raise DecidedAlready("This result was confirmed already; propose a correction instead.")
        result.post = post
        if person is not None and ("unit_id" in row or row.get("unit")):
            result.unit_id = _known_unit(unit_id)
        done = "updated"
    if person is None:
        proposal = standards.propose_for_team(entered)
    else:
        proposal = standards.propose(
            entered,
            is_leader=result.is_leader,
            is_capped=lambda: supervision.was_under(
                about_id, standards.excluding_excellent(), standards.year
            ),
        )
    _keep(result, entered, proposal, by, supervision)
    supervision.session.add(result)
    return done


def _person(row: dict[str, Any], by: Principal, supervision: SupervisionStore) -> Roll:
    person = supervision.on_roll(by, row.get("person_id"), row.get("number"))
    if person is None:
        field = "person_id" if row.get("person_id") else "number"
        raise _wrong(field, "there is no such person in the roster")
    return person


def _unit(row: dict[str, Any], person: Roll | None, by: Principal, supervision: SupervisionStore) -> UUID:
    if "unit_id" not in row and not row.get("unit"):
        return _known_unit(None if person is None else person.unit_id)
    field = "unit_id" if "unit_id" in row else "unit"
    found = supervision.units_named(row.get("unit_id"), row.get("unit"))
    if len(found) > 1:
        raise _wrong(field, "there are several units of this name; write its unit_id")
    if not found or (by.units is not None and found[0] not in by.units):
        raise _wrong(field, "there is no such unit in the roster")
    return found[0]


def _known_unit(unit_id: UUID | None) -> UUID:
    if unit_id is None:
        raise _wrong("unit", "this person is in no unit now; write the unit that is assessed")
    return unit_id


def _same(result: Result, entered: Entered, post: str, unit_id: UUID, *, named: bool) -> bool:
    kept = Entered(
        ground=result.ground,
        scores=result.scores,
        ballots=result.ballots,
        not_graded=result.not_graded_entered,
    )
    return kept == entered and result.post == post and (not named or result.unit_id == unit_id)


def _keep(
    result: Result, entered: Entered, proposal: Proposal, by: Principal, supervision: SupervisionStore
) -> None:
    result.ground = entered.ground
    result.scores = entered.scores
    result.ballots = entered.ballots
    result.not_graded_entered = entered.not_graded
    result.not_graded = entered.not_graded
    result.average = proposal.average
    result.computed_grade = result.grade = proposal.grade
    result.computed_class = result.leader_class = proposal.leader_class
    result.class_source = proposal.class_source
    result.rule = proposal.rule
    result.checks = proposal.checks
    result.source = proposal.source
    result.mark = proposal.mark
    result.entered_by = by.account
    result.entered_on = supervision.today


def _wrong(field: str, says: str) -> Invalid:
    return Invalid(f"{field}: {says}", [{"at": HEADS[field], "says": says}])
