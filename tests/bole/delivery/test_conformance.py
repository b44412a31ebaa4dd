"""What the delivery promises, shown by both ways: the pull alone, and the broker with the pull behind it."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bole.delivery import parked, parking
from bole.delivery.handler import Handler
from bole.errors import Conflict, Invalid, NotYet, Transient, Unavailable
from bole.store.database import Work
from tests.bole.delivery.world import (
    ALPHA,
    EFFECT,
    Answered,
    Hummed,
    Introduced,
    Met,
    Noted,
    Whispered,
    World,
    eventually,
    notes,
)


class Broken(Exception):
    """What a handler with a mistake in it raises."""


def failing_on(*numbers: int, error: type[Exception] = Broken) -> Any:
    def handle(fact: Any, work: Work) -> None:
        if getattr(fact, "n", None) in numbers:
            raise error("a mistake")

    return handle


def test_every_entry_takes_effect_once_and_in_order(world: World) -> None:
    world.start()
    for burst in range(5):
        world.announce(world.alpha, *notes(range(burst * 50, burst * 50 + 50), person=f"p{burst % 2}"))
    eventually(world.taken)

    assert world.effects() == list(range(1, 251))
    assert world.effects_on("p0") == sorted(world.effects_on("p0"))


def test_what_was_announced_before_the_start_is_taken_too(world: World) -> None:
    world.announce(world.alpha, *notes(range(450)))
    world.start()
    eventually(world.taken)

    assert world.effects() == list(range(1, 451))


def test_what_comes_again_changes_nothing(world: World) -> None:
    world.start()
    world.announce(world.alpha, *notes(range(20)))
    eventually(world.taken)

    applied = world.intake.apply("alpha", 0, world.entries(world.alpha))

    assert (applied.applied, applied.duplicates) == (0, 20)
    assert world.effects() == list(range(1, 21))


def test_private_entries_and_those_nobody_handles_only_move_the_cursor(world: World) -> None:
    world.start()
    world.announce(world.alpha, Whispered(person="p"), Hummed(person="p"), Noted(person="p", n=1))
    world.announce(world.alpha, Whispered(person="p"))
    eventually(world.taken)

    assert world.effects() == [3]
    assert world.intake.cursor("alpha") == 4


def test_what_a_handler_announces_follows_from_what_it_heard(world: World) -> None:
    def answer(fact: Any, work: Work) -> None:
        work.announce(Answered(person=fact.person, n=fact.n))

    world.handle = answer
    world.start()
    world.announce(world.alpha, *notes(range(3)))
    eventually(world.taken)

    heard = [entry.id for entry in world.entries(world.alpha)]
    assert [(entry.cause, entry.actor) for entry in world.entries(world.beta)] == [
        (id, "beta") for id in heard
    ]


def test_poison_stops_its_subject_and_nobody_else(world: World) -> None:
    world.handle = failing_on(13)
    world.start()
    facts = [Noted(person=f"p{n % 10}", n=n) for n in range(40)]
    world.announce(world.alpha, *facts)
    eventually(world.taken)

    assert world.effects_on("p3") == [3]  # 13 failed, 23 and 33 wait behind it
    assert world.states() == [(14, "failed"), (24, "behind"), (34, "behind")]
    assert len(world.effects()) == 37
    (failed, *_) = parking.parked(world.beta)
    assert (failed.error, failed.message, failed.subjects) == ("Broken", "", ("p3",))


def test_a_person_releases_what_is_parked_and_it_goes_in_order(world: World) -> None:
    world.handle = failing_on(1)
    world.start()
    world.announce(world.alpha, *notes(range(1, 6)))
    eventually(world.taken)
    assert world.effects() == []

    world.handle = failing_on()
    assert parking.retry(world.beta, by="operator", subject="p") == 1
    eventually(lambda: not world.states())

    assert world.effects_on("p") == [1, 2, 3, 4, 5]
    (decision,) = world.entries(world.beta)
    assert decision.payload is None  # private: it never leaves the journal but as a stub


def test_releasing_what_still_fails_parks_it_again_at_the_head(world: World) -> None:
    world.handle = failing_on(1)
    world.start()
    world.announce(world.alpha, *notes(range(1, 3)))
    eventually(world.taken)

    parking.retry(world.beta, by="operator", everything=True)
    eventually(lambda: [one.tries for one in parking.parked(world.beta)] == [2, 0])

    assert world.states() == [(1, "failed"), (2, "behind")]


def test_skipping_needs_a_reason_and_happens_once(world: World) -> None:
    world.handle = failing_on(1)
    world.start()
    world.announce(world.alpha, *notes(range(1, 4)))
    eventually(world.taken)
    (failed, *_) = parking.parked(world.beta)

    with pytest.raises(Invalid):
        parking.skip(world.beta, failed.event, reason=" ", by="operator")
    assert parking.skip(world.beta, failed.event, reason="entered twice", by="operator") == 1
    assert parking.skip(world.beta, failed.event, reason="entered twice", by="operator") == 0
    eventually(lambda: not world.states())

    assert world.effects_on("p") == [2, 3]
    assert len(world.entries(world.beta)) == 1


def test_retrying_twice_is_journalled_once(world: World) -> None:
    world.handle = failing_on(1)
    world.announce(world.alpha, *notes([1]))
    world.intake.pull("alpha", 0)

    assert parking.retry(world.beta, by="operator", everything=True) == 1
    assert parking.retry(world.beta, by="operator", everything=True) == 0
    assert len(world.entries(world.beta)) == 1


def test_failures_of_one_kind_form_a_group_and_are_released_together(world: World) -> None:
    world.handle = failing_on(1, 2)
    world.start()
    world.announce(world.alpha, Noted(person="a", n=1), Noted(person="b", n=2), Noted(person="b", n=3))
    eventually(world.taken)

    (group,) = parking.grouped(world.beta)
    assert (group.error, len(group.events), group.behind) == ("Broken", 2, 1)

    world.handle = failing_on()
    assert parking.retry(world.beta, by="operator", fingerprint=group.fingerprint) == 2
    eventually(lambda: not world.states())
    assert world.effects_on("b") == [2, 3]


def test_an_event_about_two_people_waits_for_both(world: World) -> None:
    world.handle = failing_on(1, 2)
    world.start()
    world.announce(
        world.alpha,
        Noted(person="a", n=1),
        Noted(person="b", n=2),
        Met(person="a", other="b", n=3),
        Noted(person="b", n=4),
        Noted(person="c", n=5),
    )
    eventually(world.taken)
    assert world.states() == [(1, "failed"), (2, "failed"), (3, "behind"), (4, "behind")]

    world.handle = failing_on(2)
    parking.retry(world.beta, by="operator", subject="a")
    eventually(lambda: 1 in world.effects())
    eventually(lambda: all(one.retry_at is None for one in parking.parked(world.beta)))
    assert world.states() == [(2, "failed"), (3, "behind"), (4, "behind")]

    world.handle = failing_on()
    parking.retry(world.beta, by="operator", subject="b")
    eventually(lambda: not world.states())
    assert world.effects_on("b") == [2, 3, 4]
    assert world.effects_on("a") == [1, 3]


def known_first(fact: Any, work: Work) -> None:
    """A handler that needs to know a person before it can note something about them."""
    if isinstance(fact, Noted):
        known = sa.select(EFFECT.c.id).where(EFFECT.c.source == "gamma", EFFECT.c.subjects == fact.person)
        if work.session.execute(known).first() is None:
            raise NotYet(fact.person)


def test_what_came_too_early_is_done_once_the_other_source_has_spoken(world: World) -> None:
    world.handle = known_first
    world.start()
    world.announce(world.alpha, Noted(person="new", n=1), Noted(person="new", n=2))
    eventually(lambda: world.states() == [(1, "not_yet"), (2, "behind")])

    world.announce(world.gamma, Introduced(person="new"))
    eventually(lambda: not world.states())

    assert world.effects_on("new") == [0, 1, 2]


def test_a_failure_that_passes_is_retried_at_once_without_parking(world: World) -> None:
    times: list[int] = []

    def once(fact: Any, work: Work) -> None:
        times.append(fact.n)
        if len(times) < 3:  # in the batch, and alone; the immediate retry succeeds
            raise Transient("the neighbour did not answer")

    world.handle = once
    world.announce(world.alpha, *notes([7]))
    world.start()
    eventually(world.taken)

    assert world.effects_on("p") == [7]
    assert world.states() == []


def test_a_failure_that_passes_later_is_retried_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parked.RETRY_FIRST_S, "transient", 0.05)
    answers = threading.Event()

    def until_it_answers(fact: Any, work: Work) -> None:
        if fact.n == 7 and not answers.is_set():
            raise Transient("the neighbour does not answer")

    world.handle = until_it_answers
    world.start()
    world.announce(world.alpha, *notes([7, 8]), *notes([9], person="q"))
    eventually(lambda: world.effects_on("q") == [9])
    eventually(lambda: any(one.tries > 1 for one in parking.parked(world.beta)))

    answers.set()
    eventually(lambda: not world.states())
    assert world.effects_on("p") == [7, 8]


def rewind(world: World, *, keep: int = 0) -> None:
    """What a restore does to alpha: a new journal id, and all beyond `keep` gone."""
    alpha = world.alpha
    with alpha.engine.connect().execution_options(bole_writing=True) as connection, connection.begin():
        connection.execute(sa.text("DELETE FROM bole_entry WHERE position > :keep"), {"keep": keep})
        head = connection.execute(
            sa.text("SELECT hash FROM bole_entry WHERE position = :keep"), {"keep": keep}
        )
        connection.execute(
            sa.text("UPDATE bole_head SET position = :keep, hash = :hash"),
            {"keep": keep, "hash": head.scalar() or bytes(32)},
        )
        if keep == 0:
            new_id = sa.text("UPDATE bole_journal SET id = :id").bindparams(sa.bindparam("id", type_=sa.Uuid))
            connection.execute(new_id, {"id": uuid4()})
        connection.execute(
            sa.text("UPDATE bole_relay SET position = :keep WHERE position > :keep"), {"keep": keep}
        )
    alpha._journal_id = None


@pytest.mark.parametrize("keep", [0, 3])
def test_a_source_that_was_rewound_stops_alone_until_a_person_decides(world: World, keep: int) -> None:
    world.start()
    world.announce(world.alpha, *notes(range(1, 11)))
    eventually(world.taken)

    world.stop()
    rewind(world, keep=keep)
    world.announce(world.alpha, *notes(range(100, 105)))
    world.new_intake()
    world.start()
    eventually(lambda: world.intake.sources_halted == {"alpha": "source_rewound"})
    world.announce(world.gamma, Introduced(person="p"))
    eventually(lambda: world.taken(world.gamma))
    assert world.effects() == list(range(1, 11))  # positions 1 to 5 are no duplicates, yet not taken

    parking.resume_source(world.beta, world.wire, "alpha", after=keep, reason="restored", by="operator")
    eventually(world.taken)
    assert world.effects_on("p")[:10] == list(range(1, 11))
    assert world.effects_on("p")[-5:] == [100, 101, 102, 103, 104]
    with pytest.raises(Conflict):
        parking.resume_source(world.beta, world.wire, "alpha", after=keep, reason="again", by="operator")


def test_a_handler_added_later_is_shown_everything_and_then_rides_along(world: World) -> None:
    world.start()
    world.announce(world.alpha, *notes(range(450)))
    eventually(world.taken)
    world.stop()

    late = Handler(name="late", types=ALPHA, call=world.writer("late"), since="start")
    world.new_intake(late)
    world.start()
    world.announce(world.alpha, *notes(range(450, 460)))
    eventually(lambda: len(world.effects(handler="late")) == 460)
    world.announce(world.alpha, *notes(range(460, 470)))
    eventually(lambda: len(world.effects(handler="late")) == 470)

    assert world.effects(handler="late") == list(range(1, 471))
    assert world.effects() == list(range(1, 471))


def test_a_handler_that_hears_everything_gets_envelopes_stubs_included(world: World) -> None:
    heard: list[tuple[str, int, bool]] = []

    def project(envelope: Any, work: Work) -> None:
        heard.append((envelope.source, envelope.position, envelope.is_stub))

    world.new_intake(Handler(name="project", types=None, call=project))
    world.start()
    world.announce(world.alpha, Whispered(person="p"), Hummed(person="p"))
    eventually(world.taken)

    assert heard == [("alpha", 1, True), ("alpha", 2, False)]


def test_stopping_finishes_the_batch_and_nothing_is_done_twice(world: World) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(fact: Any, work: Work) -> None:
        if fact.n == 2:
            begun.set()
            go_on.wait(30)

    world.handle = slow
    world.start()
    world.announce(world.alpha, *notes(range(5)))
    assert begun.wait(30)
    stopping = threading.Thread(target=world.stop)
    stopping.start()
    go_on.set()
    stopping.join(30)
    assert not stopping.is_alive()

    world.new_intake()
    world.start()
    world.announce(world.alpha, *notes(range(5, 8)))
    eventually(world.taken)
    assert world.effects() == list(range(1, 9))
    assert len(world.calls) == 8


def test_when_its_own_database_is_away_the_intake_pauses_and_burns_no_try(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = threading.Event()
    transact, reading = world.beta.transact, world.beta.reading

    def guarded(call: Any) -> Any:
        def maybe(*args: Any, **kwargs: Any) -> Any:
            if away.is_set():
                raise Unavailable("beta's database is away")
            return call(*args, **kwargs)

        return maybe

    monkeypatch.setattr(world.beta, "transact", guarded(transact))
    monkeypatch.setattr(world.beta, "reading", guarded(reading))
    failures: list[int] = []

    def goes_away(fact: Any, work: Work) -> None:
        if not failures:
            failures.append(fact.n)
            away.set()
            raise Unavailable("beta's database is away")

    world.handle = goes_away
    world.start()
    world.announce(world.alpha, *notes(range(5)))
    eventually(lambda: world.feed.failing.get("alpha", 0) >= 3)
    away.clear()
    eventually(world.taken)

    assert world.effects() == [1, 2, 3, 4, 5]
    assert world.states() == []


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours runs after it."""


def test_an_event_that_kills_the_process_is_set_aside_after_three_tries(world: World) -> None:
    def deadly(fact: Any, work: Work) -> None:
        if fact.n == 3:
            raise Killed

    world.handle = deadly
    world.announce(world.alpha, *(Noted(person=f"p{n}", n=n) for n in range(6)))
    deaths = 0
    while world.intake.cursor("alpha") < 6:
        try:
            world.intake.pull("alpha", 0)
        except Killed:
            deaths += 1
            world.new_intake()  # the next process

    assert deaths == 3
    assert world.effects() == [1, 2, 3, 5, 6]
    assert world.states() == [(4, "crashed")]
