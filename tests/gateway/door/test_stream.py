"""Server-sent events: what changed in the caller's scope, resumable after any of them."""

from __future__ import annotations

import json

import pytest

from bole.errors import Unavailable
from bole.identifiers import new_id
from gateway.door.catalogue import read_catalogue
from gateway.door.reading import Reading
from gateway.door.stream import Streams, read_vector, write_vector
from tests.gateway.house import CONTRACTS, problem
from tests.gateway.world import a_person, a_talk, a_unit, somebody

HEAD = somebody("department.head")
ZHANG, LI = new_id(), new_id()
BUREAU, BANK = new_id(), new_id()


class Following:
    """A client that reads until there is nothing new; `then` is what happens meanwhile."""

    def __init__(self, world, by=HEAD, since=None, then=()):
        self.happenings = iter(then)
        streams = Streams(Reading(world.gateway, read_catalogue(CONTRACTS)), most=1, wait=self.wait)
        self.last_id, self.changes, self.resets = since, [], 0
        with streams.open(by, since) as answer:
            assert answer.content_type.startswith("text/event-stream")
            for frame in answer.response:
                self.take(frame.decode())

    def wait(self, seconds):
        """Something happens, or the door is closed."""
        happening = next(self.happenings, None)
        if happening is not None:
            happening()
        return happening is None

    def take(self, frame):
        lines = dict(line.split(": ", 1) for line in frame.strip().splitlines() if not line.startswith(":"))
        self.last_id = lines.get("id", self.last_id)
        self.resets += lines.get("event") == "reset"
        if lines.get("event") == "change":
            self.changes.append(json.loads(lines["data"]))


def test_a_stream_tells_what_happens_from_now_on(world):
    world.tell(a_talk(ZHANG))
    world.project()

    def more():
        world.tell(a_talk(LI))
        world.project()

    client = Following(world, then=[more, lambda: None])
    [change] = client.changes
    assert (change["type"], change["document_id"], change["zh"]) == ("care.talk_due.v1", str(LI), "应当谈话")
    assert read_vector(client.last_id)["care"] == 2


def test_a_stream_goes_on_behind_the_last_id(world):
    world.tell(a_person(ZHANG), a_person(LI, "李四"))
    world.tell(a_talk(ZHANG))
    world.tell(a_talk(LI))
    world.project()

    everything = Following(world, since="").changes
    assert len(everything) == 4
    client = Following(world, since="care:1,selection:1")
    assert [(one["source"], one["position"]) for one in client.changes] == [("care", 2), ("selection", 2)]
    assert Following(world, since=client.last_id).changes == []


@pytest.mark.parametrize("since", ["care:2", "care:1,selection:9", "nobody:1"])
def test_a_stream_from_beyond_what_is_known_begins_now_and_says_so(world, since):
    world.tell(a_talk(ZHANG))
    world.project()

    def more():
        world.tell(a_talk(LI))
        world.project()

    client = Following(world, since=since, then=[more, lambda: None])
    assert client.resets == 1
    assert [one["document_id"] for one in client.changes] == [str(LI)]
    assert read_vector(client.last_id)["care"] == 2
    assert "nobody" not in client.last_id
    assert Following(world, since=client.last_id).resets == 0


def test_a_stream_keeps_to_the_scope(world):
    world.tell(a_unit(BUREAU), a_unit(BANK, "农商银行"))
    world.tell(a_person(ZHANG, unit_id=BUREAU), a_person(LI, "李四", unit_id=BANK))
    world.tell(a_talk(ZHANG), a_talk(LI))
    world.project()

    officer = Following(world, by=somebody("care.officer", units=[BANK]), since="")
    assert {one["document_id"] for one in officer.changes} == {str(LI), str(BANK)}
    official = Following(world, by=somebody("official", person_id=ZHANG), since="")
    assert {one["document_id"] for one in official.changes} == {str(ZHANG)}


def test_no_more_streams_than_there_is_room_for(world):
    streams = Streams(Reading(world.gateway, read_catalogue(CONTRACTS)), most=1, wait=lambda seconds: True)
    with streams.open(HEAD, None), pytest.raises(Unavailable):
        streams.open(HEAD, None)
    streams.open(HEAD, None).close()


@pytest.mark.parametrize("given", ["x", "care", "care:-1", "care:1;b:2", "a:1," * 400])
def test_an_id_that_is_none(house, given):
    problem(house.get("/api/v1/stream", HEAD, Last_Event_ID=given), 422, "invalid")


def test_a_vector_is_written_in_one_way():
    assert write_vector({"b": 2, "a": 1}) == "a:1,b:2"
    assert read_vector(write_vector({"b": 2, "a": 1})) == {"a": 1, "b": 2}
