"""Cursor, gap and parking against a broker that loses, doubles and reorders: whatever happens, in any order.

The real subscription, intake and retries run on SQLite; only the broker is simulated, and time stands out
of the way (no waiting at all). A failing run shrinks to the shortest trace.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bole.delivery import parking
from bole.delivery.pace import PACE
from bole.delivery.retrying import ParkedRetry
from bole.delivery.subscription import Subscription
from bole.errors import NotYet
from bole.journal import journal
from bole.store.database import Work
from tests.bole.delivery.world import EFFECT, Introduced, Met, Noted, World, in_folder

AT_ONCE = replace(
    PACE,
    batch=5,
    linger_s=0.0,
    hold_s=0.0,
    silence_s=3600.0,
    watermark_s=0.0,
    pause_min_s=0.0,
    pause_max_s=0.0,
    ahead_max=8,
)
PEOPLE = st.sampled_from(["a", "b", "c"])


class SimulatedBroker:
    """One queue. What was delivered and not acked comes back, in order, when the connection ends."""

    def __init__(self) -> None:
        self.queue: list[bytes] = []
        self.unacked: dict[int, bytes] = {}
        self.tag = 0
        self.deliver: Any = None
        nothing: Any = lambda *args, **kwargs: None  # noqa: E731
        self.channel: Any = SimpleNamespace(
            exchange_declare=nothing,
            queue_declare=nothing,
            queue_bind=nothing,
            basic_qos=nothing,
            basic_consume=self._consume,
            basic_ack=self._ack,
        )

    def _consume(self, queue: str, callback: Any) -> None:
        self.deliver = callback

    def _ack(self, tag: int, multiple: bool) -> None:
        assert multiple
        assert tag in self.unacked
        self.unacked = {one: body for one, body in self.unacked.items() if one > tag}

    def wait(self, timeout_s: float) -> bool:
        if not self.queue or len(self.unacked) >= 2 * AT_ONCE.batch:
            return False
        self.tag += 1
        body = self.queue.pop(0)
        self.unacked[self.tag] = body
        delivery = SimpleNamespace(delivery_tag=self.tag, body=body, properties={}, delivery_info={})
        self.deliver(delivery)
        return True

    def check(self) -> None:
        """The simulated connection is never silent."""

    def hang_up(self) -> None:
        self.queue[:0] = [self.unacked[tag] for tag in sorted(self.unacked)]
        self.unacked.clear()


class Delivery(RuleBasedStateMachine):
    """alpha announces, beta takes; the rules are everything that may happen between them."""

    template: Path

    @initialize()
    def build(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.template.parent))
        for file in self.template.iterdir():
            shutil.copy(file, self.folder)
        self.world = World(in_folder(self.folder), made=True)
        self.broker = SimulatedBroker()
        self.sent = 0
        self.poisoned: set[int] = set()
        self.expected: dict[int, tuple[str, ...]] = {}
        self.number = 0
        self.waits_for_introduction: set[int] = set()
        self.world.handle = self.handle
        self.begin()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.settle()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    def begin(self) -> None:
        """A process of the consumer starts."""
        self.world.intake = self.world.new_intake(pace=AT_ONCE)
        self.retry = ParkedRetry(self.world.intake)
        self.subscription = Subscription(self.world.intake, "", "alpha", 0)
        self.subscription.open(self.broker)  # type: ignore[arg-type]

    def handle(self, fact: Any, work: Work) -> None:
        if getattr(fact, "n", None) in self.poisoned:
            raise ValueError("poison")
        if getattr(fact, "n", None) in self.waits_for_introduction:
            known = sa.select(EFFECT.c.id).where(EFFECT.c.source == "gamma", EFFECT.c.subjects == fact.person)
            if work.session.execute(known).first() is None:
                raise NotYet(fact.person)

    # What happens

    @rule(people=st.lists(PEOPLE, min_size=1, max_size=2, unique=True), kind=st.sampled_from("ooopy"))
    def announce(self, people: list[str], kind: str) -> None:
        self.number += 1
        n = self.number
        fact = (
            Noted(person=people[0], n=n) if len(people) == 1 else Met(person=people[0], other=people[1], n=n)
        )
        if kind == "p":
            self.poisoned.add(n)
        if kind == "y":
            self.waits_for_introduction.add(n)
        self.expected[self.world.announce(self.world.alpha, fact)] = tuple(people)

    @rule()
    def relay(self) -> None:
        for entry in self.world.entries(self.world.alpha, after=self.sent):
            self.broker.queue.append(entry.encode())
            self.sent = entry.position

    @rule()
    def watermark(self) -> None:
        with self.world.alpha.reading() as session:
            self.broker.queue.append(journal.head(session, self.world.alpha).encode())

    @rule(steps=st.integers(1, 3))
    def step(self, steps: int) -> None:
        for _ in range(steps):
            self.subscription.step(self.broker)  # type: ignore[arg-type]

    @rule(person=PEOPLE)
    def introduce(self, person: str) -> None:
        self.world.announce(self.world.gamma, Introduced(person=person))
        self.world.intake.pull("gamma", 0)

    @rule()
    def retry_what_is_due(self) -> None:
        self.retry.retry_due()

    @rule()
    def operator_retries(self) -> None:
        parking.retry(self.world.beta, by="operator", everything=True)

    @precondition(lambda self: self.poisoned)
    @rule(data=st.data())
    def mend(self, data: st.DataObject) -> None:
        self.poisoned.discard(data.draw(st.sampled_from(sorted(self.poisoned))))

    # What goes wrong

    @precondition(lambda self: self.broker.queue)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        del self.broker.queue[data.draw(st.integers(0, len(self.broker.queue) - 1))]

    @precondition(lambda self: self.broker.queue)
    @rule(data=st.data())
    def double(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.broker.queue) - 1))
        self.broker.queue.insert(data.draw(st.integers(0, index)), self.broker.queue[index])

    @precondition(lambda self: len(self.broker.queue) > 1)
    @rule(data=st.data())
    def shuffle(self, data: st.DataObject) -> None:
        self.broker.queue = data.draw(st.permutations(self.broker.queue))

    @rule()
    def wipe(self) -> None:
        self.broker.queue.clear()

    @rule()
    def relay_starts_again_from_the_beginning(self) -> None:
        self.sent = 0

    @rule()
    def connection_breaks(self) -> None:
        self.broker.hang_up()
        self.subscription.open(self.broker)  # type: ignore[arg-type]

    @rule()
    def process_dies(self) -> None:
        self.broker.hang_up()
        self.begin()

    @rule()
    def source_goes_or_comes(self) -> None:
        self.world.wire.cut ^= {"alpha"}

    # What holds at any moment

    @invariant()
    def nothing_is_doubled_and_every_subject_is_in_order(self) -> None:
        if not hasattr(self, "world"):
            return
        done = self.world.effects()
        assert len(set(done)) == len(done)
        assert set(done) <= set(self.expected)
        by_subject: dict[str, list[int]] = defaultdict(list)
        for position in done:
            for person in self.expected[position]:
                by_subject[person].append(position)
        for person, positions in by_subject.items():
            assert positions == sorted(positions), person
            everything = [position for position, people in self.expected.items() if person in people]
            assert positions == everything[: len(positions)], person  # no hole either

    @invariant()
    def everything_up_to_the_cursor_is_done_or_parked(self) -> None:
        if not hasattr(self, "world"):
            return
        cursor = self.world.intake.cursor("alpha")
        waiting = {position for position, _ in self.world.states()}
        assert {position for position in self.expected if position <= cursor} == waiting | set(
            self.world.effects()
        )

    # And in the end

    def settle(self) -> None:
        """When all faults are gone, everything takes effect."""
        self.world.wire.cut.clear()
        self.poisoned.clear()
        for person in "abc":
            self.introduce(person)
        self.watermark()
        for _ in range(200):
            self.subscription.step(self.broker)  # type: ignore[arg-type]
            parking.retry(self.world.beta, by="operator", everything=True)
            self.retry.retry_due()
            if self.world.taken() and not self.world.states():
                break
        assert sorted(self.world.effects()) == sorted(self.expected)
        self.nothing_is_doubled_and_every_subject_is_in_order()
        for _ in range(50):
            self.subscription.step(self.broker)  # type: ignore[arg-type]
        assert (self.broker.queue, self.broker.unacked) == ([], {}), "everything was acked"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Migrated databases to copy: migrating anew for every run would take most of the time."""
    folder = tmp_path / "template"
    folder.mkdir()
    World(in_folder(folder)).close()
    return folder


def test_whatever_happens_between_them_everything_takes_effect_once_in_order(template: Path) -> None:
    machine = type("Here", (Delivery,), {"template": template})
    short = settings(
        max_examples=50,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=short)
