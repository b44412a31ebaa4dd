"""A command repeated with its key is done once and answered twice."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bole.errors import Conflict, Refused
from bole.store.database import Database, Work
from bole.store.idempotency import forget_old_answers, keep, recall
from bole.store.tables import ANSWER
from bole.testing.clock import StoppedClock
from tests.bole.toys import Noted, entries, together


def command(database: Database, key: str = "k1", body: bytes = b"1" * 32, refuse: bool = False) -> Any:
    """What the door of a service does with a POST."""
    asked = {"account": "li.ming", "call": "toy.note", "key": key}

    def do(work: Work) -> dict[str, Any]:
        stored = recall(work, **asked, body_digest=body)
        if stored is not None:
            return stored
        id = work.announce(Noted(person_id=uuid4()))
        if refuse:
            raise Refused("not like this")
        answer: dict[str, Any] = {"id": str(id)}

        def store(position: int | None) -> None:
            answer["position"] = f"toy:{position}"
            keep(work, **asked, answer=answer)

        work.after_numbering(store)
        return answer

    return database.transact(do, actor="li.ming").value


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(database: Database) -> None:
    first = command(database)
    assert first["position"] == "toy:1"
    assert command(database) == first
    assert len(entries(database)) == 1


def test_the_key_of_another_request_is_a_conflict(database: Database) -> None:
    command(database)
    with pytest.raises(Conflict) as refused:
        command(database, body=b"2" * 32)
    assert (refused.value.code, refused.value.status) == ("idempotency", 409)
    assert len(entries(database)) == 1


def test_another_key_is_another_request(database: Database) -> None:
    assert command(database)["id"] != command(database, key="k2")["id"]


def test_a_refusal_is_judged_again(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(Refused, match="not like this"):
            command(database, refuse=True)
    assert command(database)["position"] == "toy:1"


def test_eight_at_once_have_one_effect_and_one_answer(database: Database) -> None:
    answers = together(8, lambda _: command(database))
    assert answers == [answers[0]] * 8
    assert [str(entry.id) for entry in entries(database)] == [answers[0]["id"]]


def test_a_command_whose_answer_was_forgotten_is_not_done_again(database: Database) -> None:
    asked = {"account": "li.ming", "call": "toy.note", "key": "k1"}
    database.transact(lambda work: recall(work, **asked, body_digest=b"1" * 32), actor="li.ming")
    with pytest.raises(RuntimeError, match="was never kept"):
        command(database)
    assert entries(database) == []


def test_an_answer_is_kept_only_by_who_asked_for_it_first(database: Database) -> None:
    asked = {"account": "li.ming", "call": "toy.note", "key": "k1"}
    with pytest.raises(RuntimeError, match="recall"):
        database.transact(lambda work: keep(work, **asked, answer={}), actor="li.ming")


def test_answers_are_kept_for_thirty_days(database: Database, clock: StoppedClock) -> None:
    command(database)
    clock.advance(days=29)
    command(database, key="k2")
    clock.advance(days=1, seconds=1)

    assert forget_old_answers(database) == 1
    with database.reading() as session:
        assert list(session.scalars(sa.select(ANSWER.c.key))) == ["k2"]
