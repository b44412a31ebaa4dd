"""What is due on a day is handled when that day is over in the county, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from bole.store import deadlines
from bole.store.database import Database, Work
from bole.store.deadlines import Deadline, run_due
from bole.testing.clock import StoppedClock
from tests.bole.toys import Noted, entries, together

TODAY = date(2026, 8, 3)


def set_due(database: Database, on: date = TODAY, ref: UUID | None = None, kind: str = "talk") -> UUID:
    ref = ref or uuid4()
    database.transact(lambda work: deadlines.due(work, kind, subject=uuid4(), on=on, ref=ref), actor="a")
    return ref


def announce(deadline: Deadline, work: Work) -> None:
    work.announce(Noted(person_id=deadline.subject, text=f"{deadline.kind} {deadline.due_on}"))


def test_a_day_is_in_time_until_its_midnight_in_the_county(database: Database, clock: StoppedClock) -> None:
    set_due(database)
    clock.move_to(datetime(2026, 8, 3, 15, 59, 59, tzinfo=UTC))  # one second to midnight in Shanghai
    assert run_due(database, {"talk": announce}) == 0

    clock.move_to(datetime(2026, 8, 3, 16, 0, tzinfo=UTC))
    assert run_due(database, {"talk": announce}) == 1
    assert [entry.fact.text for entry in entries(database)] == ["talk 2026-08-03"]

    clock.advance(days=400)
    assert run_due(database, {"talk": announce}) == 0


def test_what_was_called_off_is_not_handled(database: Database, clock: StoppedClock) -> None:
    ref = set_due(database)
    other = set_due(database)
    database.transact(lambda work: deadlines.call_off(work, "talk", ref), actor="a")
    database.transact(lambda work: deadlines.call_off(work, "talk", uuid4()), actor="a")  # there is none
    clock.advance(days=2)

    seen: list[UUID] = []
    run_due(database, {"talk": lambda deadline, _: seen.append(deadline.ref)})
    assert seen == [other]


def test_set_again_it_moves(database: Database, clock: StoppedClock) -> None:
    ref = set_due(database)
    set_due(database, date(2026, 9, 1), ref)
    clock.move_to(date(2026, 9, 1))
    assert run_due(database, {"talk": announce}) == 0
    clock.move_to(date(2026, 9, 2))
    assert run_due(database, {"talk": announce}) == 1

    set_due(database, date(2026, 9, 10), ref)  # and it can be set once more
    clock.move_to(date(2026, 9, 11))
    assert run_due(database, {"talk": announce}) == 1


def test_of_two_who_claim_it_at_once_one_handles_it(database: Database, clock: StoppedClock) -> None:
    for _ in range(20):
        set_due(database)
    clock.advance(days=1)

    handled = together(2, lambda _: run_due(database, {"talk": announce}))

    assert sum(handled) == 20
    assert len(entries(database)) == 20


def test_one_called_off_while_it_is_claimed_is_not_handled(database: Database, clock: StoppedClock) -> None:
    first, second = set_due(database, date(2026, 8, 1)), set_due(database)
    clock.advance(days=1)
    seen: list[UUID] = []

    def call_off_the_other(deadline: Deadline, work: Work) -> None:
        seen.append(deadline.ref)
        deadlines.call_off(work, "talk", second)

    assert run_due(database, {"talk": call_off_the_other}) == 1
    assert seen == [first]


def test_a_handler_that_fails_leaves_nothing_and_is_tried_again_later(
    database: Database, clock: StoppedClock
) -> None:
    broken, sound = set_due(database, date(2026, 8, 1)), set_due(database)
    clock.advance(days=1)
    tries: list[UUID] = []

    def fail_once(deadline: Deadline, work: Work) -> None:
        announce(deadline, work)
        tries.append(deadline.ref)
        if tries == [broken]:
            raise ZeroDivisionError

    assert run_due(database, {"talk": fail_once}) == 1  # the sound one, behind the broken one
    assert tries == [broken, sound]
    assert len(entries(database)) == 1
    assert run_due(database, {"talk": fail_once}) == 0  # not at once

    clock.advance(seconds=31)
    assert run_due(database, {"talk": fail_once}) == 1
    assert tries == [broken, sound, broken]


def test_kinds_without_a_handler_wait(database: Database, clock: StoppedClock) -> None:
    set_due(database, kind="visit")
    clock.advance(days=1)
    assert run_due(database, {"talk": announce}) == 0
    assert run_due(database, {"talk": announce, "visit": announce}) == 1


@pytest.mark.parametrize("count", [100, 101])
def test_more_than_a_page_is_handled_in_one_go(database: Database, clock: StoppedClock, count: int) -> None:
    def all_of_them(work: Work) -> None:
        for _ in range(count):
            deadlines.due(work, "talk", subject=uuid4(), on=TODAY, ref=uuid4())

    database.transact(all_of_them, actor="a")
    clock.advance(days=1)
    seen: set[UUID] = set()
    assert run_due(database, {"talk": lambda deadline, _: seen.add(deadline.ref)}) == count
    assert len(seen) == count
