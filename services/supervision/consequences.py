"""What follows in supervision from confirmed and corrected results: measures proposed and undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from bole.identifiers import new_id
from bole.policy.policies import Policies
from bole.policy.questions import Question
from contracts.supervision import questions as ask
from contracts.supervision.events import Grade, MeasureEnded, MeasureProposed, MeasureWithdrawn
from services.supervision.domain.advance import advance
from services.supervision.domain.propose import grounds_of
from services.supervision.models import Measure, Result
from services.supervision.store import BEFORE_EFFECT, SupervisionStore
from services.supervision.worklist import put_measure

EFFECT_OVER = "measure_effect_over"  # kind of the deadline
KIND_FOR: Mapping[str, Question] = {
    "after_basic": ask.MEASURE_AFTER_BASIC,
    "after_incompetent": ask.MEASURE_AFTER_INCOMPETENT,
    "after_two_incompetent": ask.MEASURE_AFTER_TWO_INCOMPETENT,
    "for_failed_leader": ask.MEASURE_FOR_FAILED_LEADER,
    "for_failed_official": ask.MEASURE_FOR_FAILED_OFFICIAL,
    "after_failed_training": ask.MEASURE_AFTER_FAILED_TRAINING,
}


def settle(results: Sequence[Result], supervision: SupervisionStore, policies: Policies) -> None:
    """Bring measures in line with these people's results of one year, and with the year after.

    A measure whose ground no longer stands is withdrawn or ended; a ground without a measure gets one
    proposed. Doing it again changes nothing. What people dropped is not proposed again.
    """
    if not results:
        return
    year = results[0].year
    around = supervision.decided_around({result.about_id for result in results}, year)
    graded: dict[tuple[UUID, int], Grade | None] = {key: result.grade for key, result in around.items()}
    graded |= {(result.about_id, result.year): result.grade for result in results}
    later = [around[key] for result in results if (key := (result.about_id, year + 1)) in around]
    touched = [*results, *later]
    existing: dict[UUID, list[Measure]] = {}
    for measure in supervision.measures_of_results([result.id for result in touched]):
        if measure.state != "withdrawn" and measure.ended_because != "reversed" and measure.result_id:
            existing.setdefault(measure.result_id, []).append(measure)
    for result in touched:
        before = graded.get((result.about_id, result.year - 1))
        wanted = grounds_of(graded[result.about_id, result.year], before=before, is_leader=result.is_leader)
        standing = existing.get(result.id, [])
        for measure in standing:
            if measure.ground not in wanted:
                reverse(measure, supervision)
        for ground in wanted:
            if ground not in {measure.ground for measure in standing}:
                _propose_after(result, ground, supervision, policies)


def _propose_after(result: Result, ground: str, supervision: SupervisionStore, policies: Policies) -> None:
    if result.person_id is None or result.event_id is None:
        raise TypeError("measures follow from a person's published result")
    if supervision.person(result.person_id).unit_id is None:
        return  # has left; what was withdrawn then is not proposed again
    propose(
        ground,
        supervision=supervision,
        policies=policies,
        day=result.corrected_on or result.confirmed_on or supervision.today,
        person_id=result.person_id,
        unit_id=result.unit_id,
        cause=result.event_id,
        result_id=result.id,
    )


def propose(
    ground: str,
    *,
    supervision: SupervisionStore,
    policies: Policies,
    day: date,
    person_id: UUID,
    unit_id: UUID,
    cause: UUID,
    result_id: UUID | None = None,
    training_id: UUID | None = None,
) -> None:
    """Propose the measure a pack attaches to a ground. It is heard, decided and served, or it is nothing."""
    answer = policies.ask(KIND_FOR[ground], supervision.county, day)
    measure = Measure(
        id=new_id(),
        county=supervision.county,
        person_id=person_id,
        unit_id=unit_id,
        kind=answer.value,
        ground=ground,
        result_id=result_id,
        training_id=training_id,
        cause=cause,
        source=answer.source,
        mark=answer.mark,
        state="proposed",
        proposed_by=supervision.actor,
        proposed_on=supervision.today,
    )
    supervision.session.add(measure)
    supervision.announce(
        MeasureProposed(
            measure_id=measure.id,
            person_id=person_id,
            kind=answer.value,
            result_id=result_id,
            source=answer.source,
        )
    )
    put_measure(measure, supervision)


def reverse(measure: Measure, supervision: SupervisionStore) -> None:
    """Its cause fell: withdrawn before it took effect, ended after. What is over or was dropped stays so."""
    if measure.state == "in_effect":
        end(measure, "reversed", supervision.today, supervision)
    elif measure.state in BEFORE_EFFECT:
        measure.state = advance(measure.state, "withdraw")
        supervision.announce(
            MeasureWithdrawn(
                measure_id=measure.id, person_id=measure.person_id, withdrawn_on=supervision.today
            )
        )
        put_measure(measure, supervision)


def end(
    measure: Measure, because: Literal["served", "reversed"], day: date, supervision: SupervisionStore
) -> None:
    """A measure in effect is over."""
    measure.state = advance(measure.state, "end")
    measure.ended_on = day
    measure.ended_because = because
    supervision.call_off(EFFECT_OVER, measure.id)
    supervision.announce(
        MeasureEnded(
            measure_id=measure.id,
            person_id=measure.person_id,
            kind=measure.kind,
            ended_on=day,
            ended_because=because,
        )
    )
