"""The whole of people and units, as different callers see it."""

from __future__ import annotations

import json
from datetime import date

import jsonschema
import pytest

from bole.identifiers import new_id
from contracts.care.events import CareWorkClosed, CareWorkOpened, TalkHeld
from contracts.selection.events import CandidacyChanged
from contracts.supervision.events import SupervisionWorkOpened
from tests.gateway.house import problem
from tests.gateway.world import a_bar, a_person, a_remedial, a_result, a_talk, a_unit, somebody

HEAD = somebody("department.head")
ZHANG, LI, SHAN = new_id(), new_id(), new_id()
BUREAU, BANK = new_id(), new_id()
PERSON = f"/api/v1/people/{ZHANG}"


@pytest.fixture
def town(house):
    """Three people in two units; one of them failed, with what follows."""
    world = house.world
    world.tell(a_unit(BUREAU), a_unit(BANK, "农商银行", code="N1"))
    world.tell(
        a_person(ZHANG, "张三", unit_id=BUREAU, number="000123"),
        a_person(LI, "李四", unit_id=BUREAU, number="000124"),
        a_person(SHAN, "单雄信", unit_id=BANK, unit="农商银行", number="9"),
    )
    world.tell(a_result(ZHANG, BUREAU), a_result(LI, BUREAU, grade="competent", failed=False))
    world.tell(a_bar(ZHANG))
    world.tell(a_remedial(ZHANG))
    world.tell(a_talk(ZHANG))
    world.project()
    return house


def names(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [one["name"] for one in answer.json["items"]]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", ["李四", "单雄信", "张三"]),  # by pinyin: dan, li, zhang
        ("张", ["张三"]),
        ("zhang", ["张三"]),
        ("ZS", ["张三"]),
        ("Li Si", ["李四"]),
        ("shanxiongxin", ["单雄信"]),  # the surname's reading
        ("dxx", ["单雄信"]),
        ("0012", ["李四", "张三"]),
        ("农商", ["单雄信"]),
        ("%", []),
        ("'", []),
        ("ang", []),
    ],
)
def test_people_are_found_by_name_pinyin_number_and_unit(town, q, found):
    assert sorted(
        names(town.client.get("/api/v1/people", query_string={"q": q}, headers=town.as_(HEAD)))
    ) == sorted(found)


def test_pages_follow_each_other_without_gap_or_repetition(town):
    seen, cursor = [], None
    while True:
        answer = town.get(f"/api/v1/people?limit=1{f'&cursor={cursor}' if cursor else ''}", HEAD)
        seen += names(answer)
        cursor = answer.json["next"]
        if cursor is None:
            break
    assert seen == ["单雄信", "李四", "张三"]


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "bnVsbA", "é", "W10"])
def test_a_cursor_of_something_else(town, cursor):
    problem(
        town.client.get("/api/v1/people", query_string={"cursor": cursor}, headers=town.as_(HEAD)),
        422,
        "invalid",
    )


def test_the_dossier_holds_identity_and_every_area_with_reason_and_source(town):
    told = town.get(PERSON, HEAD).json

    assert told["identity"]["name"] == "张三"
    assert set(told["parts"]) == {"care", "selection", "supervision", "training", "toy"}
    [result] = told["parts"]["supervision"]["results"]
    assert (result["grade"], result["source"]) == ("incompetent", "公务员考核规定 2020, art. 9")
    assert told["parts"]["selection"]["bars"][0]["state"] == "open"
    assert told["parts"]["care"]["talks"][0]["trigger"] == "early_signs"
    assert told["parts"]["training"]["as_of"]["position"] == 1
    assert told["parts"]["toy"] == {"as_of": None}


def test_an_etag_stands_for_the_bytes_and_positions_are_beside_it(town):
    first = town.get(PERSON, HEAD)
    etag = first.headers["ETag"]
    assert town.get(PERSON, HEAD, If_None_Match=etag).status_code == 304
    assert "care:1" in first.headers["As-Of"]

    town.world.tell(a_talk(LI))  # of somebody else: the cursor moves, the document does not
    town.world.project()
    same = town.get(PERSON, HEAD, If_None_Match=f'"other", W/{etag}')
    assert same.status_code == 304
    assert same.headers["ETag"] == etag
    assert "care:2" in same.headers["As-Of"]
    assert same.get_data() == b""

    town.world.tell(a_talk(ZHANG))
    town.world.project()
    changed = town.get(PERSON, HEAD, If_None_Match=etag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_a_dossier_without_its_identity_is_shown_to_those_who_see_everybody(house):
    house.world.tell(a_talk(ZHANG))
    house.world.project()

    assert house.get(PERSON, HEAD).json["identity"] is None
    problem(house.get(PERSON, somebody("care.officer", units=[BUREAU])), 404, "not_found")


def test_the_timeline_is_in_the_order_of_time_and_pages(town):
    town.world.clock.advance(days=1)
    [talk] = town.get(PERSON, HEAD).json["parts"]["care"]["talks"]
    town.world.tell(
        TalkHeld(talk_id=talk["talk_id"], person_id=ZHANG, held_on=date(2026, 8, 4)), by="care.officer.1"
    )
    town.world.project()

    entries, cursor = [], None
    while True:
        answer = town.get(f"{PERSON}/timeline?limit=2{f'&cursor={cursor}' if cursor else ''}", HEAD)
        entries += answer.json["items"]
        cursor = answer.json["next"]
        if cursor is None:
            break
    assert [one["type"] for one in entries] == [
        "care.talk_due.v1",
        "selection.person_recorded.v1",
        "selection.bar_opened.v1",
        "supervision.result_confirmed.v1",
        "training.remedial_assigned.v1",
        "care.talk_held.v1",
    ]
    last = entries[-1]
    assert (last["zh"], last["en"], last["actor"]) == ("谈话已进行", "talk held", "care.officer.1")
    assert last["fields"]["held_on"] == "2026-08-04"
    assert "person_id" not in last["fields"]


def test_what_is_not_decided_yet_is_withheld_from_the_own_file(town):
    candidacy = CandidacyChanged(
        candidacy_id=new_id(),
        person_id=ZHANG,
        unit_id=BANK,
        post="副行长",
        state="nominated",
        changed_on=date(2026, 8, 3),
    )
    town.world.tell(candidacy)
    town.world.project()
    zhang = somebody("official", person_id=ZHANG)

    assert "副行长" in town.get(PERSON, HEAD).text
    assert "副行长" in town.get(f"{PERSON}/timeline", HEAD).text
    assert "副行长" not in town.get(PERSON, zhang).text
    assert "candidac" not in town.get(f"{PERSON}/timeline", zhang).text


def test_an_official_sees_the_own_file_and_nobody_elses(town):
    zhang = somebody("official", person_id=ZHANG)

    assert names(town.get("/api/v1/people", zhang)) == ["张三"]
    assert town.get(PERSON, zhang).json["identity"]["name"] == "张三"
    entries = town.get(f"{PERSON}/timeline", zhang).json["items"]
    assert {one["actor"] for one in entries} == {None}
    problem(town.get(f"/api/v1/people/{LI}", zhang), 404, "not_found")
    problem(town.get(f"/api/v1/people/{LI}/timeline", zhang), 404, "not_found")
    problem(town.get("/api/v1/units", zhang), 403, "forbidden")


def test_an_officer_of_one_unit_sees_its_people(town):
    officer = somebody("care.officer", units=[BANK])

    assert names(town.get("/api/v1/people", officer)) == ["单雄信"]
    problem(town.get(PERSON, officer), 404, "not_found")
    problem(town.get(f"{PERSON}/timeline", officer), 404, "not_found")
    assert names(town.get("/api/v1/units", officer)) == ["农商银行"]
    problem(town.get(f"/api/v1/units/{BUREAU}", officer), 404, "not_found")


def test_an_operator_sees_no_person(town):
    operator = somebody("operator")
    for address in (
        "/api/v1/people",
        PERSON,
        f"{PERSON}/timeline",
        "/api/v1/stream",
        f"/api/v1/units/{BUREAU}",
    ):
        problem(town.get(address, operator), 403, "forbidden")


def test_somebody_who_is_none(town):
    problem(town.get(f"/api/v1/people/{new_id()}", HEAD), 404, "not_found")
    problem(town.get(f"/api/v1/people/{new_id()}/timeline", HEAD), 404, "not_found")
    problem(town.get("/api/v1/people/17", HEAD), 404, "not_found")
    problem(town.get(f"/api/v1/units/{new_id()}", HEAD), 404, "not_found")


def test_a_unit_is_counted_and_names_nobody(town):
    answer = town.get(f"/api/v1/units/{BUREAU}", HEAD)
    told = answer.json

    assert (told["name"], told["people"]) == ("县教育局", 2)
    assert told["grades"] == {"2025": {"incompetent": 1, "competent": 1}}
    assert told["states"]["selection"]["bars"] == {"open": 1}
    assert told["states"]["supervision"]["results"] == {"confirmed": 2}
    assert "张三" not in answer.get_data(as_text=True)
    assert str(ZHANG) not in answer.get_data(as_text=True)


def test_units_say_how_many_people_they_have(town):
    items = town.get("/api/v1/units", HEAD).json["items"]
    assert {one["name"]: one["people"] for one in items} == {"县教育局": 2, "农商银行": 1}
    assert names(town.client.get("/api/v1/units", query_string={"q": "nsyh"}, headers=town.as_(HEAD))) == [
        "农商银行"
    ]


def test_at_least_waits_and_then_says_that_it_is_not_there_yet(town, monkeypatch):
    monkeypatch.setattr("gateway.door.own.AT_LEAST_MS", 0)
    position = town.world.tell(a_talk(ZHANG))
    late = town.get(f"{PERSON}?at_least={position}&at_least=selection:1,gateway:9", HEAD)
    assert late.status_code == 202
    assert len(late.json["parts"]["care"]["talks"]) == 1

    town.world.project()
    there = town.get(f"{PERSON}?at_least={position}", HEAD)
    assert there.status_code == 200
    assert len(there.json["parts"]["care"]["talks"]) == 2


def a_work(**given):
    return CareWorkOpened(
        **{
            "work_id": new_id(),
            "kind": "record_talk",
            "zh": "谈话",
            "en": "talk",
            "roles": ("care.officer", "department.head"),
            **given,
        }
    )


def test_the_worklist_is_what_is_overdue_then_what_is_soonest(town):
    later, soon = a_work(due_on=date(2026, 9, 9)), a_work(due_on=date(2026, 8, 9))
    undated, overdue = a_work(), a_work(due_on=date(2026, 8, 20), overdue=True)
    others = a_work(roles=("training.officer",))
    town.world.tell(later, undated, soon, others, overdue)
    done = a_work(due_on=date(2026, 8, 1))
    town.world.tell(done, CareWorkClosed(work_id=done.work_id))
    town.world.project()

    seen, cursor = [], None
    while True:
        address = f"/api/v1/worklist?limit=1{f'&cursor={cursor}' if cursor else ''}"
        answer = town.get(address, somebody("care.officer"))
        seen += [one["work_id"] for one in answer.json["items"]]
        cursor = answer.json["next"]
        if cursor is None:
            break
    assert seen == [str(one.work_id) for one in (overdue, soon, later, undated)]


def test_whoever_entered_it_is_not_asked_to_decide_it(town):
    work = SupervisionWorkOpened(
        work_id=new_id(),
        kind="confirm_results",
        zh="确认",
        en="confirm",
        roles=("supervision.officer",),
        not_by=("supervision.officer",),  # the account of `somebody` is its role
    )
    town.world.tell(work)
    town.world.project()

    assert town.get("/api/v1/worklist", somebody("supervision.officer")).json["items"] == []
    other = town.client.get(
        "/api/v1/worklist",
        headers=town.as_(
            type(HEAD)(account="another", roles=frozenset({"supervision.officer"})),
        ),
    )
    assert len(other.json["items"]) == 1


def test_the_worklist_keeps_to_the_scope(town):
    mine, theirs = a_work(person_id=SHAN), a_work(person_id=ZHANG)
    of_unit, of_nobody = a_work(unit_id=BUREAU), a_work()
    town.world.tell(mine, theirs, of_unit, of_nobody)
    town.world.project()

    items = town.get("/api/v1/worklist", somebody("care.officer", units=[BANK])).json["items"]
    assert {one["work_id"] for one in items} == {str(mine.work_id), str(of_nobody.work_id)}


def test_answers_are_what_the_description_says(town):
    """Every GET of the gateway against its schema in /openapi.json."""
    town.world.tell(a_work(person_id=ZHANG, due_on=date(2026, 8, 9)))
    town.world.project()
    openapi = town.client.get("/openapi.json").json
    for address, path in (
        ("/api/v1/me", "/api/v1/me"),
        ("/api/v1/people", "/api/v1/people"),
        (PERSON, "/api/v1/people/{person_id}"),
        (f"{PERSON}/timeline", "/api/v1/people/{person_id}/timeline"),
        ("/api/v1/units", "/api/v1/units"),
        (f"/api/v1/units/{BUREAU}", "/api/v1/units/{unit_id}"),
        ("/api/v1/worklist", "/api/v1/worklist"),
    ):
        answer = town.get(address, HEAD)
        schema = openapi["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": openapi["components"]}
        jsonschema.validate(
            json.loads(answer.get_data()),
            whole,
            cls=jsonschema.Draft202012Validator,
            format_checker=jsonschema.FormatChecker(),
        )
