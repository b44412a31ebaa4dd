"""Open and lift grounds, and move the candidacies that stand or fall with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from bole import errors
from bole.identifiers import new_id
from contracts.selection.events import BarGround, BarLifted, BarOpened, CandidacyChanged
from services.selection.domain.bar import frees_now, last_day_of
from services.selection.domain.hold import CandidacyState, hold
from services.selection.models import Bar, Candidacy
from services.selection.store import SelectionStore

BAR_ENDS = "bar_ends"  # deadline


class Barred(errors.Conflict):
    """Grounds stand against inspection, and so against promotion; `bars` lists them with source and end."""

    code = "barred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A ground that is to stand, with what ends it and where it comes from."""

    person_id: UUID
    ground: BarGround
    key: UUID | int  # the year, the training or the measure it stands for
    opened_on: date
    ends: str
    source: str
    mark: str


def expect_free(person_id: UUID, selection: SelectionStore) -> None:
    """Raises Barred while any ground stands."""
    if standing := selection.open_bars(person_id):
        raise Barred(
            f"{len(standing)} ground(s) bar the person from being an inspection object; see `bars`.",
            bars=[_ground_shown(bar) for bar in standing],
        )


def stand(ground: Ground, selection: SelectionStore) -> Bar:
    """Open a ground because of the event at hand; candidacies under inspection are held."""
    cause = selection.cause
    if cause is None:
        raise TypeError("a ground follows from an event")
    bar = Bar(
        id=new_id(),
        county=selection.county,
        person_id=ground.person_id,
        ground=ground.ground,
        key=str(ground.key),
        state="open",
        opened_on=ground.opened_on,
        ends=ground.ends,
        source=ground.source,
        mark=ground.mark,
        cause=cause.id,
    )
    selection.keep(bar)
    selection.announce(
        BarOpened(
            bar_id=bar.id,
            person_id=bar.person_id,
            ground=bar.ground,
            opened_on=bar.opened_on,
            ends=bar.ends,
            source=bar.source,
            mark=bar.mark,
        )
    )
    _move_candidacies(bar.person_id, barred=True, selection=selection)
    return bar


def lift_from(bar: Bar, first_free_day: date, selection: SelectionStore) -> None:
    """Lift a ground from a day on: now, or when that day comes."""
    if frees_now(first_free_day, today=selection.today):
        lift(bar, first_free_day, "ended", selection)
    else:
        selection.due(BAR_ENDS, subject=bar.person_id, on=last_day_of(first_free_day), ref=bar.id)


def lift(bar: Bar, day: date, because: Literal["ended", "reversed"], selection: SelectionStore) -> None:
    """A ground falls. The last one to fall frees the person, and what was held may go on."""
    bar.state = "lifted"
    bar.lifted_on = day
    bar.lifted_because = because
    bar.lifted_by = selection.cause.id if selection.cause is not None else None
    selection.session.flush()
    selection.call_off(BAR_ENDS, bar.id)
    free = not selection.open_bars(bar.person_id)
    selection.announce(
        BarLifted(bar_id=bar.id, person_id=bar.person_id, lifted_on=day, lifted_because=because, free=free)
    )
    if free:
        _move_candidacies(bar.person_id, barred=False, selection=selection)


def move(candidacy: Candidacy, state: CandidacyState, selection: SelectionStore) -> None:
    """A candidacy changes its state, which is announced."""
    candidacy.state = state
    candidacy.changed_on = selection.today
    announce_candidacy(candidacy, selection)


def announce_candidacy(candidacy: Candidacy, selection: SelectionStore) -> None:
    """Where a candidacy stands now."""
    selection.announce(
        CandidacyChanged(
            candidacy_id=candidacy.id,
            person_id=candidacy.person_id,
            unit_id=candidacy.unit_id,
            post=candidacy.post,
            state=candidacy.state,
            changed_on=candidacy.changed_on,
        )
    )


def _move_candidacies(person_id: UUID, *, barred: bool, selection: SelectionStore) -> None:
    for candidacy in selection.standing_candidacies(person_id):
        state = hold(candidacy.state, barred=barred)
        if state != candidacy.state:
            move(candidacy, state, selection)


def _ground_shown(bar: Bar) -> dict[str, str]:
    return {
        "bar_id": str(bar.id),
        "ground": bar.ground,
        "opened_on": bar.opened_on.isoformat(),
        "ends": bar.ends,
        "source": bar.source,
        "mark": bar.mark,
    }
