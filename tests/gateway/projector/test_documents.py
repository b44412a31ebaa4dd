"""Documents are a pure function of the events: the order in which sources arrive leaves no trace."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bole.identifiers import new_id
from contracts.care.events import CareWorkClosed, CareWorkOpened, TalkHeld
from contracts.selection.events import BarLifted
from contracts.supervision.events import MeasureProposed, NoticeServed
from gateway.door.catalogue import read_catalogue
from gateway.door.reading import Reading, positions
from gateway.models import Happening, OpenWork, Person, Section
from gateway.projector.projection import canonical
from tests.gateway.house import CONTRACTS
from tests.gateway.toy.events import Praised
from tests.gateway.world import World, a_bar, a_person, a_remedial, a_result, a_talk, a_unit, somebody

ZHANG, LI = new_id(), new_id()
BUREAU = new_id()


def section(world: World, person_id: UUID, source: str) -> dict[str, object]:
    with world.gateway.reading() as session:
        body = session.scalar(
            sa.select(Section.body).where(Section.document_id == person_id, Section.source == source)
        )
    return {} if body is None else msgspec.json.decode(body)


def test_a_later_event_writes_over_the_item_it_speaks_of_and_leaves_what_it_does_not_carry(world):
    talk = a_talk(ZHANG)
    world.tell(talk)
    world.tell(TalkHeld(talk_id=talk.talk_id, person_id=ZHANG, held_on=date(2026, 2, 20)))
    world.project()

    [shown] = section(world, ZHANG, "care")["talks"]
    assert shown["state"] == "held"
    assert shown["held_on"] == "2026-02-20"
    assert shown["trigger"] == "early_signs"
    assert "person_id" not in shown


def test_events_of_one_batch_and_of_many_give_the_same_bytes(world):
    talk = a_talk(ZHANG)
    world.tell(a_person(ZHANG), a_bar(ZHANG))
    world.tell(talk)
    world.tell(TalkHeld(talk_id=talk.talk_id, person_id=ZHANG, held_on=date(2026, 2, 20)))
    world.project(at_once=200)
    together = world.read_model()

    world.forget()
    world.project(at_once=1)

    assert world.read_model() == together


def test_private_entries_move_the_cursor_and_show_nothing(world):
    proposed = MeasureProposed(
        measure_id=new_id(), person_id=ZHANG, kind="standby", result_id=None, source="art. 8"
    )
    world.tell(proposed)
    world.project()

    with world.gateway.reading() as session:
        assert positions(session)["supervision"] == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Happening)) == 0


def test_the_search_index_follows_the_last_identity(world):
    world.tell(a_person(ZHANG, name="单国", unit_id=BUREAU), a_person(LI, name="李四"))
    world.tell(a_person(ZHANG, name="单国强", unit_id=None, unit=""))
    world.project()

    with world.gateway.reading() as session:
        person = session.get(Person, ZHANG)
    assert (person.name, person.unit_id) == ("单国强", None)
    assert " shanguoqiang" in person.spelled
    assert " sgq" in person.spelled


def test_work_that_is_closed_is_gone_and_work_said_again_is_replaced(world):
    first, second = new_id(), new_id()

    def opened(work_id, **given):
        return CareWorkOpened(
            work_id=work_id, kind="record_talk", zh="谈话", en="hold a talk", roles=("care.officer",), **given
        )

    world.tell(opened(first), opened(second), CareWorkClosed(work_id=first), opened(second, overdue=True))
    world.project()

    with world.gateway.reading() as session:
        [left] = session.scalars(sa.select(OpenWork))
    assert (left.work_id, left.overdue, left.roles) == (second, True, ",care.officer,")


def a_history() -> dict[str, list[object]]:
    """What four sources say of two people: identity, consequences, ends."""
    zhangs, lis = a_result(ZHANG, BUREAU), a_result(LI, BUREAU, grade="competent", failed=False)
    bar, talk = a_bar(ZHANG), a_talk(ZHANG)
    return {
        "selection": [
            bar,
            a_unit(BUREAU),
            a_person(ZHANG, unit_id=BUREAU),
            a_person(LI, name="李四", unit_id=BUREAU),
            BarLifted(
                bar_id=bar.bar_id,
                person_id=ZHANG,
                lifted_on=date(2027, 1, 1),
                lifted_because="ended",
                free=True,
            ),
        ],
        "supervision": [
            zhangs,
            lis,
            NoticeServed(
                result_id=zhangs.result_id,
                person_id=ZHANG,
                served_on=date(2026, 2, 3),
                manner="in_person",
                review_until=date(2026, 3, 5),
                source="art. 5",
            ),
        ],
        "training": [a_remedial(ZHANG), a_remedial(LI)],
        "care": [
            talk,
            TalkHeld(talk_id=talk.talk_id, person_id=ZHANG, held_on=date(2026, 2, 20)),
            a_talk(LI),
        ],
    }


def test_on_postgresql_the_documents_are_the_same_bytes(tmp_path, new_database):
    world = World(tmp_path)
    for facts in a_history().values():
        for fact in facts:
            world.tell(fact)
    world.tell(CareWorkOpened(work_id=new_id(), kind="x", zh="谈话", en="talk", roles=("care.officer",)))
    world.project()
    on_sqlite = world.read_model()

    world.forget(new_database())
    world.project(at_once=3)

    assert world.read_model() == on_sqlite
    reading = Reading(world.gateway, read_catalogue(CONTRACTS))
    head = somebody("department.head")
    body, etag = reading.dossier(head, ZHANG)
    assert (body, etag) == reading.dossier(head, ZHANG)
    page, following = reading.people(head, q="z", unit_id=None, limit=1, cursor=None)
    assert ([one["name"] for one in page], following) == (["张三"], None)
    first, following = reading.timeline(head, ZHANG, limit=4, cursor=None)
    rest, _ = reading.timeline(head, ZHANG, limit=50, cursor=following)
    assert len(first + rest) == sum(1 for one in on_sqlite["happening"] if one[3] == ZHANG)
    [work], _ = reading.worklist(somebody("care.officer"), limit=9, cursor=None)
    assert work["zh"] == "谈话"
    assert reading.unit(head, BUREAU)["people"] == 2
    assert len(reading.changes(head, {}, 100)) == len(on_sqlite["happening"])
    world.close()


def test_a_service_that_nobody_here_knows_is_shown_like_any_other(tmp_path):
    world = World(tmp_path, sources=("toy",))
    world.tell(Praised(praise_id=new_id(), person_id=ZHANG, words="well done", by_whom="李四"))
    world.project()

    [praise] = section(world, ZHANG, "toy")["praises"]
    assert (praise["words"], praise["state"]) == ("well done", "fresh")
    with world.gateway.reading() as session:
        [fields] = session.scalars(sa.select(Happening.fields))
    assert "by_whom" not in {*praise, *msgspec.json.decode(fields)}
    world.close()


def test_equal_values_are_equal_bytes():
    assert canonical({"b": 1, "a": {"d": "张", "c": None}}) == '{"a":{"c":null,"d":"张"},"b":1}'.encode()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_interleaving_of_the_sources_gives_the_same_bytes(data):
    history = a_history()
    steps = data.draw(st.permutations([source for source, facts in history.items() for _ in facts]))
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for facts in history.values():
            for fact in facts:
                world.tell(fact)
        world.project()
        in_turn = world.read_model()

        world.forget()
        for source in steps:  # one entry of this source, whichever comes next
            world.intake.pace = world.intake.pace.__class__(batch=1)
            world.intake.pull(source, 0)

        assert world.read_model() == in_turn
        assert len(in_turn["happening"]) == sum(map(len, history.values()))
        world.close()
