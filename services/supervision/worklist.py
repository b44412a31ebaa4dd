"""What stands on the worklist for supervision. Nobody is named while nothing is decided about them."""

from __future__ import annotations

from contracts.supervision.events import SupervisionWorkClosed, SupervisionWorkOpened
from services.supervision.models import Correction, Cycle, Measure, ReturnVisit
from services.supervision.store import SupervisionStore

OFFICERS = ("supervision.officer", "department.head")
STEPS = {
    "proposed": ("hear_measure", "听取陈述申辩：拟采取的措施", "Hear the person on a proposed measure"),
    "heard": ("decide_measure", "决定措施", "Decide on a measure"),
    "imposed": ("serve_measure", "送达措施决定", "Serve a decided measure"),
}


def put_cycle(cycle: Cycle, supervision: SupervisionStore) -> None:
    """How many results of a cycle wait for confirmation and for notice; nothing is said twice."""
    supervision.begin(cycle.id)
    entered_by = supervision.waiting_for_confirmation(cycle.id)
    waiting = sum(entered_by.values())
    if waiting != cycle.confirm_count:
        cycle.confirm_count = waiting
        if waiting:
            supervision.announce(
                SupervisionWorkOpened(
                    work_id=cycle.confirm_work,
                    kind="confirm_results",
                    zh=f"{cycle.year} 年度考核：{waiting} 项结果待确定",
                    en=f"Assessment of {cycle.year}: {waiting} results wait for confirmation",
                    roles=OFFICERS,
                    not_by=tuple(entered_by) if len(entered_by) == 1 else (),
                    link=f"/api/v1/supervision/cycles/{cycle.id}/results?state=proposed",
                    count=waiting,
                )
            )
        else:
            supervision.announce(SupervisionWorkClosed(work_id=cycle.confirm_work))
    untold = supervision.waiting_for_notice(cycle.id)
    if untold != cycle.notice_count:
        cycle.notice_count = untold
        if untold:
            supervision.announce(
                SupervisionWorkOpened(
                    work_id=cycle.notice_work,
                    kind="serve_notice",
                    zh=f"{cycle.year} 年度考核：{untold} 人待书面通知",
                    en=f"Assessment of {cycle.year}: {untold} people wait to be told in writing",
                    roles=OFFICERS,
                    link=f"/api/v1/supervision/cycles/{cycle.id}/results",
                    count=untold,
                )
            )
        else:
            supervision.announce(SupervisionWorkClosed(work_id=cycle.notice_work))


def put_measure(measure: Measure, supervision: SupervisionStore) -> None:
    """The next step of a measure, or nothing any more."""
    if measure.state not in STEPS:
        supervision.announce(SupervisionWorkClosed(work_id=measure.id))
        return
    kind, zh, en = STEPS[measure.state]
    supervision.announce(
        SupervisionWorkOpened(
            work_id=measure.id,
            kind=kind,
            zh=zh,
            en=en,
            roles=OFFICERS,
            not_by=(measure.proposed_by,) if kind == "decide_measure" else (),
            link=f"/api/v1/supervision/measures/{measure.id}",
            unit_id=measure.unit_id,
        )
    )


def put_correction(correction: Correction, supervision: SupervisionStore) -> None:
    """A correction for a second officer, or decided."""
    if correction.state != "proposed":
        supervision.announce(SupervisionWorkClosed(work_id=correction.id))
        return
    supervision.announce(
        SupervisionWorkOpened(
            work_id=correction.id,
            kind="confirm_correction",
            zh="决定考核结果更正",
            en="Decide on the correction of a result",
            roles=OFFICERS,
            not_by=(correction.proposed_by,),
            link=f"/api/v1/supervision/corrections/{correction.id}",
            unit_id=correction.unit_id,
        )
    )


def put_undecided(waiting: Measure | Correction, supervision: SupervisionStore) -> None:
    """The same line again, for the officers of another unit."""
    if isinstance(waiting, Measure):
        put_measure(waiting, supervision)
    else:
        put_correction(waiting, supervision)


def put_visit(visit: ReturnVisit, supervision: SupervisionStore, *, overdue: bool = False) -> None:
    """A return visit to a promoted person, or nothing any more: it was paid or called off."""
    if visit.state != "due":
        supervision.announce(SupervisionWorkClosed(work_id=visit.id))
        return
    supervision.announce(
        SupervisionWorkOpened(
            work_id=visit.id,
            kind="return_visit",
            zh="回访新提拔干部",
            en="Pay a return visit to somebody newly promoted",
            roles=OFFICERS,
            due_on=visit.due_on,
            overdue=overdue,
            link=f"/api/v1/supervision/return-visits/{visit.id}",
            person_id=visit.person_id,
            unit_id=visit.unit_id,
        )
    )
