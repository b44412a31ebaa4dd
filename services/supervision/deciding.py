"""Decide on what was proposed: confirm a result or replace it, and tell the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bole.errors import Conflict, Invalid, NotFound, SamePerson
from bole.policy.sources import Citation
from bole.principal import Principal
from contracts.supervision.events import Grade, ResultConfirmed, ResultCorrected, TeamResultConfirmed
from services.supervision.domain.law import CONFIRMED, CORRECTED
from services.supervision.domain.propose import has_failed
from services.supervision.models import Correction, Result
from services.supervision.standards import Standards
from services.supervision.store import SupervisionStore, refuse_own_case


def named_results(
    cycle_id: UUID, items: Sequence[dict[str, Any]], by: Principal, supervision: SupervisionStore
) -> list[Result]:
    """The results a caller named, locked and ready to be confirmed; all of them or none.

    Raises:
        NotFound: one does not exist in this cycle or lies outside the caller's scope.
        Conflict: one was confirmed already.
        SamePerson: one was entered by the caller, or is about the caller.
        Invalid: a grade for a team, or a class for a person.
    """
    results = supervision.lock_results([item["result_id"] for item in items])
    found = {result.id: result for result in results}
    for place, item in enumerate(items):
        result = found.get(item["result_id"])
        if result is None or result.cycle_id != cycle_id or not supervision.sees(by, result):
            raise NotFound(f"There is no such result in this cycle: {item['result_id']}.")
        refuse_own_case(result.person_id, by)
        if result.state != "proposed":
            raise Conflict("This result was confirmed already.", result_id=str(result.id))
        if result.entered_by == by.account:
            raise SamePerson(
                "You entered this result; another officer confirms it.", result_id=str(result.id)
            )
        strange = "team_class" if result.kind == "person" else "grade"
        if strange in item:
            says = "a person has a grade, a team a class"
            raise Invalid(says, [{"at": f"body.results.{place}.{strange}", "says": says}])
    return results


def confirm(
    result: Result, change: dict[str, Any], standards: Standards, supervision: SupervisionStore
) -> None:
    """Confirm a proposed result, as it is or with the grade or class that `change` names, and tell it."""
    if result.kind == "person" and change.get("grade", result.grade) != result.grade:
        _regrade(result, change["grade"], standards)
        _decided(result, "审定时更改 / changed when it was confirmed", CONFIRMED)
        result.change_reason = change["reason"]
    elif result.kind == "team" and change.get("team_class", result.leader_class) != result.leader_class:
        result.leader_class = change["team_class"]
        _decided(result, "审定时更改 / changed when it was confirmed", CONFIRMED)
        result.change_reason = change["reason"]
    result.state = "confirmed"
    result.confirmed_by = supervision.actor
    result.confirmed_on = supervision.today
    result.event_id = supervision.announce(_confirmed(result, supervision))


def correct(
    result: Result, correction: Correction, standards: Standards, supervision: SupervisionStore
) -> None:
    """Replace a confirmed grade by that of an upheld correction, and tell it; it is to be served anew."""
    if result.person_id is None or result.event_id is None:
        raise TypeError("only a person's published result is corrected")
    was_grade = result.grade
    _regrade(result, correction.grade, standards)
    _decided(result, f"更正：{correction.correction} / corrected: {correction.correction}", CORRECTED)
    result.change_reason = correction.reason
    result.state = "corrected"
    result.corrected_on = supervision.today
    result.served_on = result.review_until = result.notice = None
    result.event_id = supervision.announce(
        ResultCorrected(
            result_id=result.id,
            person_id=result.person_id,
            unit_id=result.unit_id,
            year=result.year,
            grade=result.grade,
            failed=has_failed(result.grade),
            was_grade=was_grade,
            was_failed=has_failed(was_grade),
            leader_class=result.leader_class,
            is_leader=result.is_leader,
            post=result.post,
            corrected_on=supervision.today,
            correction=correction.correction,
            source=result.source,
            mark=result.mark,
            reverses=result.event_id,
        )
    )


def _regrade(result: Result, grade: Grade, standards: Standards) -> None:
    result.grade = grade
    result.not_graded = None
    result.leader_class, result.class_source = standards.class_of(grade, is_leader=result.is_leader)


def _decided(result: Result, rule: str, citation: Citation) -> None:
    """People decided, not a threshold: what stands behind the result now is their decision."""
    result.rule = rule
    result.source = str(citation)
    result.mark = citation.mark


def _confirmed(result: Result, supervision: SupervisionStore) -> ResultConfirmed | TeamResultConfirmed:
    if result.person_id is None:
        if result.leader_class is None:
            raise TypeError("a team is never without a class")
        return TeamResultConfirmed(
            result_id=result.id,
            unit_id=result.unit_id,
            year=result.year,
            team_class=result.leader_class,
            confirmed_on=supervision.today,
            source=result.source,
            mark=result.mark,
        )
    return ResultConfirmed(
        result_id=result.id,
        person_id=result.person_id,
        unit_id=result.unit_id,
        year=result.year,
        grade=result.grade,
        failed=has_failed(result.grade),
        leader_class=result.leader_class,
        is_leader=result.is_leader,
        not_graded=result.not_graded,
        post=result.post,
        confirmed_on=supervision.today,
        rule=result.rule,
        source=result.source,
        mark=result.mark,
    )
