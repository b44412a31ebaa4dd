"""Input that people really send, answered with what was wrong and where; nothing half done."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bole.client import CONTENT_TYPES
from bole.identifiers import new_id
from tests.journeys.office import BADLY, SUPERVISION, WELL, Office, refused

ROSTER = "/api/v1/selection/roster/imports"
XLSX = CONTENT_TYPES[".xlsx"]
CSV = CONTENT_TYPES[".csv"]


@pytest.fixture
def http(office: Office) -> Iterator[httpx.Client]:
    """Plain HTTP as the first officer of selection, for what no decent client sends."""
    selection = office.by("selection.officer.1")
    selection.get("/api/v1/me")  # signs in
    with httpx.Client(base_url=office.suite.base_url, headers=selection.bearer, timeout=60) as client:
        yield client


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, which is what was expected."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text[:500]
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    return problem


def test_what_is_not_json_is_named_as_that(http: httpx.Client):
    answer = http.post(
        "/api/v1/selection/appointments", content=b"{nope", headers={"Content-Type": "application/json"}
    )

    problem_of(answer, 400, "not_json")


def test_wrong_types_and_unknown_fields_are_named_with_their_places(office: Office):
    with refused(422, "invalid") as problem:
        office.by("supervision.officer.1").post(f"{SUPERVISION}/cycles", {"year": "last", "yeer": 2025})

    assert {place["at"] for place in problem["errors"]} == {"body.year", "body.yeer"}


def test_a_person_that_does_not_exist_is_an_error_of_that_row_alone(office: Office):
    known = office.employ()
    job = office.by("supervision.officer.1").post_rows(
        f"{SUPERVISION}/cycles/{office.cycle()}/results",
        [{"person_id": str(new_id()), **BADLY}, {"person_id": known, **WELL}],
    )

    assert (job["counts"]["new"], job["counts"]["error"]) == (1, 1)
    assert job["errors"][0]["row"] == 1
    with refused(404, "not_found"):
        office.by("auditor").get(f"/api/v1/people/{new_id()}")


def test_scores_out_of_range_are_refused_with_their_column(office: Office):
    person = office.employ()
    job = office.by("supervision.officer.1").post_rows(
        f"{SUPERVISION}/cycles/{office.cycle()}/results", [{"person_id": person, **WELL, "virtue": 101}]
    )

    assert job["counts"]["error"] == 1
    assert "德" in str(job["errors"][0]) or "virtue" in str(job["errors"][0])


def test_the_same_results_twice_change_nothing(office: Office):
    person, officer = office.employ(), office.by("supervision.officer.1")
    path = f"{SUPERVISION}/cycles/{office.cycle()}/results"
    officer.post_rows(path, [{"person_id": person, **WELL}])

    again = officer.post_rows(path, [{"person_id": person, **WELL}])

    assert again["counts"] == {"new": 0, "updated": 0, "unchanged": 1, "error": 0}


def test_results_for_a_closed_cycle_are_refused(office: Office):
    person, officer = office.employ(), office.by("supervision.officer.1")
    cycle = officer.post(f"{SUPERVISION}/cycles", {"year": 2021})["id"]
    officer.post(f"{SUPERVISION}/cycles/{cycle}/closing")

    with refused(409, "conflict"):
        officer.post_rows(f"{SUPERVISION}/cycles/{cycle}/results", [{"person_id": person, **WELL}])


def test_the_same_key_with_another_body_is_a_conflict_and_with_the_same_body_one_effect(office: Office):
    officer, key = office.by("supervision.officer.1"), str(new_id())
    first = officer.post(f"{SUPERVISION}/cycles", {"year": 2022}, key=key)

    assert officer.post(f"{SUPERVISION}/cycles", {"year": 2022}, key=key) == first
    with refused(409, "idempotency"):
        officer.post(f"{SUPERVISION}/cycles", {"year": 2023}, key=key)


def test_a_body_of_fifty_megabytes_is_refused_before_it_is_read(http: httpx.Client):
    def endless() -> Iterator[bytes]:
        for _ in range(50):
            yield b" " * 1024 * 1024

    headers = {"Content-Type": XLSX, "Content-Length": str(50 * 1024 * 1024)}
    try:
        answer = http.post(ROSTER, content=endless(), headers=headers)
    except httpx.WriteError:  # it had answered and hung up while we were still talking
        answer = http.post(ROSTER, headers=headers)

    problem_of(answer, 413, "too_large")


def test_a_position_from_the_future_is_waited_for_and_then_said_not_to_be_there(http: httpx.Client):
    answer = http.get("/api/v1/people", params={"at_least": "selection:999999999"})

    assert answer.status_code == 202
    assert "items" in answer.json()


def test_a_position_that_is_none_is_refused(http: httpx.Client):
    problem_of(http.get("/api/v1/people", params={"at_least": "yesterday"}), 422, "invalid")


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (bytes(range(256)), XLSX, 422, "not_a_workbook"),
        (b"PK\x03\x04 broken zip", XLSX, 422, "not_a_workbook"),
        ("姓名,单位\n某甲,某单位\n".encode(), CSV, 422, "heads_missing"),
        ("工作证号,姓名,单位\n".encode(), CSV, 422, "sheet_empty"),
        (b"%PDF-1.7", "application/pdf", 415, "wrong_content_type"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(
    http: httpx.Client, content: bytes, content_type: str, status: int, code: str
):
    problem_of(http.post(ROSTER, content=content, headers={"Content-Type": content_type}), status, code)


def test_a_workbook_that_unpacks_without_end_is_refused(http: httpx.Client):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 * 1024 * 1024))

    answer = http.post(ROSTER, content=packed.getvalue(), headers={"Content-Type": XLSX})

    problem_of(answer, 422, "workbook_too_large")


def test_a_formula_in_a_cell_is_text(office: Office):
    formula = "=1+1"
    person = office.employ(name=formula)

    assert office.dossier(person)["identity"]["name"] == formula


def test_good_rows_go_in_bad_rows_say_why_and_the_same_file_twice_changes_nothing(
    office: Office, http: httpx.Client
):
    number = f"R{str(new_id())[-10:]}"
    text = (
        "备注,姓名,工作证号,单位,性别,出生年月,任职日期\n"
        f"好行,某乙,{number},某单位,女,1980.03,2019.02.05\n"
        f"坏行,某丙,{number}x,某单位,女,1980.13,2019-02-05\n"
        f"坏行,某丁,{number}y,某单位,不明,1980-03,2019-02-05\n"
    )
    headers = {"Content-Type": CSV}
    trial = http.post(ROSTER, params={"dry_run": "true"}, content=text.encode(), headers=headers).json()
    first = http.post(ROSTER, content=text.encode(), headers=headers).json()
    again = http.post(ROSTER, content=text.encode(), headers=headers).json()

    assert trial["counts"] == first["counts"] == {"new": 1, "updated": 0, "unchanged": 0, "error": 2}
    assert again["counts"] == {"new": 0, "updated": 0, "unchanged": 1, "error": 2}
    assert trial["position"] is None
    assert [(error["row"], error["column"]) for error in first["errors"]] == [(3, "出生年月"), (4, "性别")]
    assert all(error["reason"] for error in first["errors"])


@pytest.mark.parametrize("token", ["", "Bearer nonsense", "Bearer a.b.c", "Basic Zm9vOmJhcg=="])
def test_without_a_token_of_ours_nobody_is_let_in(office: Office, token: str):
    headers = {"Authorization": token} if token else {}
    answer = httpx.get(f"{office.suite.base_url}/api/v1/people", headers=headers, trust_env=False)

    problem_of(answer, 401, "unauthenticated")
    assert "WWW-Authenticate" in answer.headers


def test_a_token_of_yesterday_is_refused(office: Office, http: httpx.Client):
    office.suite.move_clock(days=1)

    office.waits(lambda: http.get("/api/v1/people").status_code == 401)

    problem_of(http.get("/api/v1/people"), 401, "unauthenticated")


def test_a_token_changed_by_one_letter_is_refused(office: Office, http: httpx.Client):
    token = http.headers["Authorization"]
    head, _, signature = token.rpartition(".")
    forged = f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"

    problem_of(http.get("/api/v1/people", headers={"Authorization": forged}), 401, "unauthenticated")


def test_a_dossier_that_did_not_change_is_not_sent_again(office: Office):
    person = office.employ()
    auditor = office.by("auditor")
    first = auditor.send("GET", f"/api/v1/people/{person}")

    again = auditor.send("GET", f"/api/v1/people/{person}", headers={"If-None-Match": first.headers["ETag"]})
    office.assess(person, BADLY)
    office.sees(person, "supervision", "results")
    later = auditor.send("GET", f"/api/v1/people/{person}", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert later.status_code == 200
