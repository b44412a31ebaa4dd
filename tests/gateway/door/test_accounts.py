"""Signing in, and who has an account."""

from __future__ import annotations

import json
import stat

import pytest

from bole.identifiers import new_id
from bole.journal import journal
from gateway.door.accounts import FREE_TRIES
from tests.gateway.house import House, problem
from tests.gateway.world import a_person, a_unit, somebody

TOKENS = "/api/v1/tokens"
ACCOUNTS = "/api/v1/accounts"
OPERATOR = somebody("operator")


def sign_in(house, account, password):
    return house.client.post(TOKENS, json={"account": account, "password": password})


def test_the_first_start_makes_accounts_in_a_file_of_the_owner(house):
    file = house.settings.accounts_file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {
        "supervision.officer.1",
        "supervision.officer.2",
        "toy.officer.1",
        "head",
        "auditor",
        "operator",
    } <= set(house.accounts)
    assert len(set(house.accounts.values())) == len(house.accounts)

    before = file.read_text("utf-8")
    House(house.world)  # another start
    assert file.read_text("utf-8") == before


def test_the_right_password_gives_a_token_that_opens_the_door(house):
    answer = sign_in(house, "care.officer.1", house.accounts["care.officer.1"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["roles"] == ["care.officer"]

    me = house.client.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.json['token']}"}).json
    assert me["account"] == "care.officer.1"
    assert "gateway.list_people" in me["permissions"]
    assert "toy.praise" not in me["permissions"]


def test_a_wrong_password_and_an_unknown_account_look_alike(house):
    wrong, unknown = sign_in(house, "head", "wrong"), sign_in(house, "nobody", "wrong")
    assert problem(wrong, 401, "unauthenticated") == problem(unknown, 401, "unauthenticated")


@pytest.mark.parametrize("account", ["head", "nobody"])
def test_many_tries_make_waits_that_grow_and_end_with_a_success(house, account):
    for _ in range(FREE_TRIES):
        problem(sign_in(house, account, "wrong"), 401, "unauthenticated")
    answer = sign_in(house, account, house.accounts.get(account, "x"))
    problem(answer, 429, "too_many_tries")
    first_wait = int(answer.headers["Retry-After"])

    house.world.clock.advance(seconds=first_wait)
    problem(sign_in(house, account, "wrong"), 401, "unauthenticated")
    again = sign_in(house, account, "wrong")
    problem(again, 429, "too_many_tries")
    assert int(again.headers["Retry-After"]) > first_wait

    house.world.clock.advance(minutes=15)
    if account == "head":
        assert sign_in(house, account, house.accounts["head"]).status_code == 200
        for _ in range(FREE_TRIES):
            problem(sign_in(house, account, "wrong"), 401, "unauthenticated")


def known_person(house):
    person_id = new_id()
    house.world.tell(a_person(person_id))
    house.world.project()
    return str(person_id)


def known_unit(house):
    unit_id = new_id()
    house.world.tell(a_unit(unit_id))
    house.world.project()
    return str(unit_id)


def test_an_operator_creates_an_account_whose_password_is_told_once(house):
    person_id = known_person(house)
    body = {"account": "zhang.san", "roles": ["official"], "person_id": person_id}
    answer = house.post(ACCOUNTS, OPERATOR, body, Idempotency_Key="one")
    assert answer.status_code == 201
    password = answer.json["password"]
    assert answer.json["position"].startswith("gateway:")

    again = house.post(ACCOUNTS, OPERATOR, body, Idempotency_Key="one")
    assert again.status_code == 201
    assert again.json == {**answer.json, "password": None}

    problem(house.post(ACCOUNTS, OPERATOR, body, Idempotency_Key="two"), 409, "conflict")
    problem(
        house.post(ACCOUNTS, OPERATOR, {**body, "account": "other"}, Idempotency_Key="one"),
        409,
        "idempotency",
    )

    token = sign_in(house, "zhang.san", password).json["token"]
    me = house.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json
    assert me["person_id"] == person_id


def test_an_account_is_journalled_in_private_and_its_password_nowhere(house):
    answer = house.post(
        ACCOUNTS, OPERATOR, {"account": "someone", "roles": ["auditor"], "units": [known_unit(house)]}
    )
    with house.world.gateway.reading() as session:
        travelling = journal.read(session, house.world.gateway, after=0, limit=100)
    assert travelling
    assert all(envelope.is_stub for envelope in travelling)
    for file in house.world.folder.glob("gateway.sqlite*"):
        assert answer.json["password"].encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "body",
    [
        {"account": "x", "roles": ["auditor"]},
        {"account": "Upper", "roles": ["auditor"]},
        {"account": "good\n", "roles": ["auditor"]},
        {"account": "good", "roles": []},
        {"account": "good", "roles": ["king"]},
        {"account": "good", "roles": ["official"]},
        {"account": "good", "roles": ["auditor"], "password": "mine"},
        {"account": "good", "roles": ["auditor"], "units": []},
    ],
)
def test_an_account_that_cannot_be(house, body):
    problem(house.post(ACCOUNTS, OPERATOR, body), 422, "invalid")


def test_an_account_for_a_person_and_units_that_nobody_knows(house):
    body = {"account": "good", "roles": ["official"], "person_id": str(new_id())}
    told = problem(house.post(ACCOUNTS, OPERATOR, body), 422, "invalid")
    assert [place["at"] for place in told["errors"]] == ["body.person_id"]

    body = {"account": "good", "roles": ["auditor"], "units": [known_unit(house), str(new_id())]}
    told = problem(house.post(ACCOUNTS, OPERATOR, body), 422, "invalid")
    assert [place["at"] for place in told["errors"]] == ["body.units.1"]


def test_an_officer_may_have_a_person_and_keeps_the_scope_of_an_officer(house):
    own, other = known_person(house), known_person(house)
    body = {"account": "li.si", "roles": ["care.officer"], "person_id": own}
    made = house.post(ACCOUNTS, OPERATOR, body)
    assert (made.status_code, made.json["person_id"]) == (201, own)
    token = sign_in(house, "li.si", made.json["password"]).json["token"]
    seen = house.client.get(f"/api/v1/people/{other}", headers={"Authorization": f"Bearer {token}"})
    assert seen.status_code == 200


def test_only_an_operator_creates_accounts(house):
    body = {"account": "good", "roles": ["operator"]}
    assert problem(house.post(ACCOUNTS, somebody("department.head"), body), 403, "forbidden")[
        "permission"
    ] == ("gateway.create_account")
    problem(house.post(ACCOUNTS, None, body), 401, "unauthenticated")


def test_the_accounts_file_is_json_that_names_accounts_and_roles(house):
    written = json.loads(house.settings.accounts_file.read_text("utf-8"))
    assert {"account", "password", "roles"} == set(written["accounts"][0])
