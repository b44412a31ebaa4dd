"""Deliveries in memory: order, gaps, and which tags may be acked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bole.delivery.held import Held


def an_entry(position: int) -> Any:
    return SimpleNamespace(position=position)


def positions(entries: list[Any]) -> list[int]:
    return [entry.position for entry in entries]


def test_what_continues_is_ready_and_what_lies_beyond_a_gap_is_not() -> None:
    held = Held(10)
    for tag, position in enumerate([12, 11, 14], start=1):
        held.take(tag, an_entry(position))

    assert positions(held.ready(10)) == [11, 12]
    assert positions(held.ready(1)) == [11]
    assert (held.first(), held.last(), len(held)) == (11, 14, 3)


def test_a_tag_waits_for_every_tag_below_it() -> None:
    held = Held(0)
    held.take(1, an_entry(3))
    held.take(2, an_entry(1))
    held.take(3, an_entry(2))
    held.move_to(2)
    assert held.ackable() is None  # tag 1 holds position 3, and acking 3 would ack it too

    held.move_to(3)
    assert held.ackable() == 3
    assert held.ackable() is None


def test_duplicates_and_watermarks_are_acked_without_work() -> None:
    held = Held(5)
    held.take(1, an_entry(4))
    held.take(2, None)
    assert held.ackable() == 2
    assert len(held) == 0


def test_giving_up_hands_everything_over_in_order_and_frees_the_tags() -> None:
    held = Held(0)
    for tag, position in enumerate([9, 7, 8], start=1):
        held.take(tag, an_entry(position))

    assert positions(held.give_up()) == [7, 8, 9]
    assert held.ackable() == 3
    assert held.ready(10) == []


def test_somebody_else_may_have_moved_the_cursor() -> None:
    held = Held(0)
    for tag, position in enumerate([1, 2, 3], start=1):
        held.take(tag, an_entry(position))
    held.move_to(2)

    assert positions(held.ready(10)) == [3]
    assert held.ackable() == 2
