"""What only the broker can do wrong, and how it heals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import amqp
import pytest

from bole.delivery import topology
from bole.delivery.broker import Broker
from bole.delivery.consuming import BrokerFeed
from bole.delivery.quarantine import quarantined
from bole.delivery.relay import Relay
from bole.journal import journal
from tests.bole.delivery.world import QUICK, Noted, World, eventually, notes

QUEUE = topology.queue("beta", "alpha", 0)


@pytest.fixture
def broker(brokered_world: World) -> Iterator[Broker]:
    """A connection of the test's own, to do harm with."""
    assert brokered_world.amqp_url is not None
    with closing(Broker(brokered_world.amqp_url, 10)) as connection:
        yield connection


def publish(broker: Broker, body: bytes, source: str = "alpha", **properties: Any) -> None:
    message = amqp.Message(body, delivery_mode=2, **properties)
    broker.channel.basic_publish(message, topology.exchange(source), topology.routing_key(0))


def relayed(world: World) -> bool:
    """Whether alpha's relay has had everything confirmed."""
    return world.relays[0].state.position == world.wire.direct.head("alpha", 0).position


def test_what_the_broker_lost_is_pulled(brokered_world: World, broker: Broker) -> None:
    world = brokered_world
    world.start()
    world.announce(world.alpha, *notes(range(10)))
    eventually(world.taken)
    world.feed.stop()
    world.announce(world.alpha, *notes(range(10, 20)))
    eventually(lambda: relayed(world))
    broker.channel.queue_purge(QUEUE)

    world.run(again := BrokerFeed(world.intake, world.amqp_url or ""))
    world.announce(world.alpha, *notes(range(20, 30)))
    eventually(world.taken)

    assert world.effects() == list(range(1, 31))
    assert again.failing == {}


def test_a_lost_binding_is_found_and_made_again(brokered_world: World, broker: Broker) -> None:
    world = brokered_world
    world.start()
    world.announce(world.alpha, *notes(range(5)))
    eventually(world.taken)

    broker.channel.queue_unbind(QUEUE, topology.exchange("alpha"), topology.routing_key(0))
    world.announce(world.alpha, *notes(range(5, 10)))
    eventually(world.taken)
    state = world.intake.state("alpha")
    assert state.gaps >= 1

    def delivered_by_the_broker() -> bool:
        gaps = state.gaps
        world.announce(world.alpha, *notes([99]))
        eventually(world.taken)
        return state.gaps == gaps

    eventually(delivered_by_the_broker)
    assert world.effects() == list(range(1, state.position + 1))


def test_a_deleted_queue_is_declared_again(brokered_world: World, broker: Broker) -> None:
    world = brokered_world
    world.start()
    world.announce(world.alpha, *notes(range(5)))
    eventually(world.taken)

    broker.channel.queue_delete(QUEUE)
    world.announce(world.alpha, *notes(range(5, 10)))
    eventually(world.taken)
    eventually(lambda: world.feed.connected)

    assert world.effects() == list(range(1, 11))
    broker.channel.queue_declare(QUEUE, passive=True)  # raises when it is not there


def test_entries_beyond_a_gap_are_kept_while_the_source_is_away_and_follow_in_order(
    brokered_world: World, broker: Broker
) -> None:
    world = brokered_world
    world.wire.cut.add("alpha")
    world.announce(world.alpha, *notes(range(30)))
    entries = world.entries(world.alpha)
    feed = BrokerFeed(world.intake, world.amqp_url or "")
    world.run(feed)
    eventually(lambda: feed.connected)
    for entry in reversed(entries[10:]):
        publish(broker, entry.encode())
    eventually(lambda: feed.subscriptions[0]._kept and not len(feed.subscriptions[0]._held))
    eventually(lambda: broker.channel.queue_declare(QUEUE, passive=True).message_count == 0)
    assert world.effects() == []

    for entry in entries[:10]:
        publish(broker, entry.encode())
    eventually(world.taken)
    assert world.effects() == list(range(1, 31))


def test_doubled_and_shuffled_deliveries_take_effect_once_in_order(
    brokered_world: World, broker: Broker
) -> None:
    world = brokered_world
    world.announce(world.alpha, *notes(range(100)))
    entries = world.entries(world.alpha)
    world.wire.cut.add("alpha")  # nothing but the deliveries themselves
    feed = BrokerFeed(world.intake, world.amqp_url or "")
    world.run(feed)
    eventually(lambda: feed.connected)

    for start in range(0, 100, 20):
        for entry in [*reversed(entries[start : start + 20]), *entries[max(0, start - 5) : start + 20]]:
            publish(broker, entry.encode())
    eventually(lambda: world.intake.cursor("alpha") == 100)

    publish(broker, entries[0].encode())
    eventually(lambda: world.intake.state("alpha").duplicates > 0)

    assert world.effects() == list(range(1, 101))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\x00 not json", "not_json"),
        (b"[" * 100, "too_deep"),
        (b"x" * 300_000, "too_large"),
        (b'{"specversion": "1.0"}', "not_an_envelope"),
    ],
)
def test_what_cannot_be_read_is_set_aside_as_it_came(
    brokered_world: World, broker: Broker, body: bytes, reason: str
) -> None:
    world = brokered_world
    world.start()
    eventually(lambda: world.feed.connected)
    publish(broker, body, application_headers={"from": "nobody"})
    world.announce(world.alpha, *notes(range(3)))
    eventually(world.taken)
    eventually(lambda: quarantined(world.beta))

    (kept,) = quarantined(world.beta)
    assert (kept.body, kept.reason, kept.source) == (body, reason, "alpha")
    assert "nobody" in kept.headers["application_headers"]
    assert world.effects() == [1, 2, 3]


def test_an_entry_that_was_changed_or_is_of_another_source_never_reaches_a_handler(
    brokered_world: World, broker: Broker
) -> None:
    world = brokered_world
    world.start()
    eventually(lambda: world.feed.connected)
    world.announce(world.alpha, *notes(range(3)))
    eventually(world.taken)
    (entry, *_) = world.entries(world.alpha)

    publish(broker, entry.encode().replace(b'"n":0', b'"n":9'))
    publish(broker, entry.encode(), source="gamma")
    eventually(lambda: len(quarantined(world.beta)) == 2)

    assert {kept.reason for kept in quarantined(world.beta)} == {"bad_payload_digest", "not_of_this_source"}
    assert world.effects() == [1, 2, 3]


def test_only_one_relay_publishes_and_another_takes_over(brokered_world: World) -> None:
    world = brokered_world
    first, second = (Relay(world.alpha, world.amqp_url or "", QUICK) for _ in range(2))
    world.run(first)
    eventually(lambda: first.state.connected)
    world.run(second)
    world.announce(world.alpha, *notes(range(5)))
    eventually(lambda: first.state.position == 5)
    assert (second.state.active, second.state.published) == (False, 0)

    first.stop()
    world.announce(world.alpha, *notes(range(5, 10)))
    eventually(lambda: second.state.position == 10)
    assert second.state.published == 5


def test_a_commit_of_another_process_wakes_the_relay(
    brokered_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = brokered_world
    monkeypatch.setattr(world.alpha, "_wakes", [])
    never_by_itself = replace(QUICK, poll_s=600.0, watermark_s=600.0, heartbeat_s=600.0)
    patient = Relay(world.alpha, world.amqp_url or "", never_by_itself)
    monkeypatch.setattr(world.alpha, "_wakes", [])  # as if the commits were made elsewhere
    world.run(patient)
    eventually(lambda: patient.state.connected)
    world.announce(world.alpha, *notes(range(5)))
    eventually(lambda: patient.state.position == 5)


def test_a_relay_whose_broker_is_away_waits_and_says_so(brokered_world: World) -> None:
    world = brokered_world
    nowhere = Relay(world.alpha, "amqp://guest:guest@127.0.0.1:1//", QUICK)
    world.run(nowhere)
    world.announce(world.alpha, *notes(range(3)))
    eventually(lambda: nowhere.state.failures >= 2)

    assert not nowhere.state.connected
    assert nowhere.state.last_error is not None


def test_a_watermark_beyond_the_last_delivery_makes_the_intake_pull(
    brokered_world: World, broker: Broker
) -> None:
    world = brokered_world
    feed = BrokerFeed(world.intake, world.amqp_url or "")
    world.run(feed)
    eventually(lambda: feed.connected)
    world.announce(world.alpha, *notes(range(5)))  # no relay runs: nothing is delivered
    with world.alpha.reading() as session:
        publish(broker, journal.head(session, world.alpha).encode())
    eventually(world.taken)

    assert world.effects() == [1, 2, 3, 4, 5]


def test_two_processes_of_a_consumer_share_a_stream_without_doubling(brokered_world: World) -> None:
    world = brokered_world
    world.start()
    other = world.new_intake()
    world.run(standby := BrokerFeed(other, world.amqp_url or ""))
    eventually(lambda: standby.connected)
    for burst in range(5):
        world.announce(world.alpha, *notes(range(burst * 20, burst * 20 + 20)))
    eventually(world.taken)
    world.feed.stop()
    world.announce(world.alpha, *notes(range(100, 120)))
    eventually(world.taken)

    assert world.effects() == list(range(1, 121))
    assert world.effects_on("p") == list(range(120))


def test_a_subscriber_that_never_ran_finds_everything(brokered_world: World) -> None:
    world = brokered_world
    relay = Relay(world.alpha, world.amqp_url or "", QUICK)
    world.run(relay)
    world.announce(world.alpha, *[Noted(person="p", n=n) for n in range(20)])
    eventually(lambda: relay.state.position == 20)  # confirmed, and gone: no queue was bound

    world.run(BrokerFeed(world.intake, world.amqp_url or ""))
    eventually(world.taken)
    assert world.effects() == list(range(1, 21))
