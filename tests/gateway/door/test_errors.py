"""Whatever goes wrong, the answer is a problem (RFC 9457) that says what to do."""

from __future__ import annotations

import io

import pytest

from bole.errors import BoleError, OutOfTime
from bole.identifiers import new_id
from tests.gateway.house import problem
from tests.gateway.world import somebody

OFFICER = somebody("toy.officer")
PRAISES = "/api/v1/toy/praises"


def a_praise(**given):
    return {"person_id": str(new_id()), "words": "good", **given}


def test_an_address_that_is_none(house):
    problem(house.client.get("/api/v1/nothing"), 404, "not_found")
    problem(house.client.get("/api/v1//toy/praises"), 404, "not_found")
    problem(house.client.get("/docs/../app.py"), 404, "not_found")


def test_a_method_that_is_not_taken_names_those_that_are(house):
    answer = house.client.delete(PRAISES)
    problem(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    problem(house.client.options(PRAISES), 405, "method_not_allowed")


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}', b"\xff\xfe", b'{"a":"\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_json(house, body):
    answer = house.client.post(
        PRAISES, data=body, headers=house.as_(OFFICER), content_type="application/json"
    )
    problem(answer, 400, "not_json")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"3", b"null"])
def test_json_that_is_no_object(house, body):
    answer = house.client.post(
        PRAISES, data=body, headers=house.as_(OFFICER), content_type="application/json"
    )
    problem(answer, 422, "invalid")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type(house, content_type):
    answer = house.client.post(PRAISES, data=b"{}", headers=house.as_(OFFICER), content_type=content_type)
    problem(answer, 415, "wrong_content_type")


def test_a_body_that_is_too_large_is_refused_by_its_length_and_not_read(house):
    class Unread(io.BytesIO):
        def read(self, *_):
            raise AssertionError("read")

    answer = house.client.post(
        PRAISES,
        input_stream=Unread(),
        headers=house.as_(OFFICER),
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": str(50 * 1024 * 1024)},
    )
    assert problem(answer, 413, "too_large")["limit_bytes"] == 1024 * 1024
    assert answer.headers["Connection"] == "close"


def test_a_body_without_a_length_is_refused_once_it_passes_the_limit(house):
    answer = house.client.post(
        PRAISES,
        input_stream=io.BytesIO(b" " * (1024 * 1024 + 2)),
        headers={**house.as_(OFFICER), "Transfer-Encoding": "chunked"},
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    problem(answer, 413, "too_large")


def test_every_wrong_place_is_named(house):
    body = a_praise(stars={"de": 101}, colour="red")
    del body["words"]
    told = problem(house.post(PRAISES, OFFICER, body), 422, "invalid")
    assert {place["at"] for place in told["errors"]} == {"body.words", "body.stars.de", "body.colour"}


@pytest.mark.parametrize("words", ["a\x00b", {"deep": "\x00"}])
def test_text_that_no_database_keeps(house, words):
    problem(house.post(PRAISES, OFFICER, a_praise(words=words)), 422, "invalid")


def test_a_number_that_no_database_keeps(house):
    problem(house.post(PRAISES, OFFICER, a_praise(stars={"de": 10**30})), 422, "invalid")


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "year=soon",
        "year=1&year=2",
        "limit=0",
        "limit=201",
        "limit=x",
        "at_least=toy",
        "at_least=toy:x",
        "at_least=nobody:1",
        "cursor=a&cursor=b",
        "state=%00",
    ],
)
def test_a_query_that_is_not_taken(house, query):
    problem(house.get(f"{PRAISES}?{query}", OFFICER), 422, "invalid")


def test_a_path_that_cannot_name_anything(house):
    problem(house.post(f"{PRAISES}/17/oblivion", OFFICER, {}), 404, "not_found")


def test_no_token_a_forged_one_and_an_expired_one(house):
    told = house.client.get(PRAISES)
    problem(told, 401, "unauthenticated")
    assert told.headers["WWW-Authenticate"].startswith("Bearer")

    token = house.as_(OFFICER)["Authorization"]
    head, payload, signature = token.split(".")
    for forged in ("Bearer x", "Basic eDp5", f"{head}.{payload}.", f"{head}.{payload[:-2]}AA.{signature}"):
        problem(house.client.get(PRAISES, headers={"Authorization": forged}), 401, "unauthenticated")

    none = "Bearer eyJhbGciOiJub25lIn0." + payload + "."  # {"alg":"none"}
    problem(house.client.get(PRAISES, headers={"Authorization": none}), 401, "unauthenticated")

    house.world.clock.advance(minutes=15)
    problem(house.client.get(PRAISES, headers={"Authorization": token}), 401, "unauthenticated")


def test_what_a_service_is_given_is_no_token_of_a_client(house):
    signed = house.installation.sign(OFFICER)
    problem(house.client.get(PRAISES, headers={"Authorization": f"Bearer {signed}"}), 401, "unauthenticated")


def test_a_missing_permission_is_named(house):
    told = problem(house.post(PRAISES, somebody("auditor"), a_praise()), 403, "forbidden")
    assert told["permission"] == "toy.praise"


def test_a_service_that_is_away_says_when_to_come_again(house):
    answer = house.post(PRAISES, OFFICER, a_praise())
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Idempotency-Key"]


def test_no_answer_in_time(house):
    def too_late(**_):
        raise OutOfTime("toy.praise did not answer within 10000 ms.")

    house.rpc.answers["toy.praise"] = too_late
    problem(house.post(PRAISES, OFFICER, a_praise()), 504, "out_of_time")


def test_an_error_of_a_service_keeps_its_code_and_details(house):
    class Closed(BoleError):
        code = "cycle_closed"
        status = 409

    def closed(**_):
        raise Closed("The cycle is closed.", year=2025)

    house.rpc.answers["toy.praise"] = closed
    assert problem(house.post(PRAISES, OFFICER, a_praise()), 409, "cycle_closed")["year"] == 2025


def test_what_nobody_foresaw_tells_nothing_of_itself(house):
    def broken(**_):
        raise ZeroDivisionError("张三 scored 12")

    house.rpc.answers["toy.praise"] = broken
    answer = house.post(PRAISES, OFFICER, a_praise())
    problem(answer, 500, "internal")
    assert "张三" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("key", ["", "with blank", "x" * 129, "é"])
def test_a_key_that_is_none(house, key):
    problem(house.post(PRAISES, OFFICER, a_praise(), Idempotency_Key=key), 422, "invalid")
