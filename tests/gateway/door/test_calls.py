"""Calls of services that the door has never heard of, sent on as they came."""

from __future__ import annotations

import io
from contextlib import contextmanager

import pytest
from openpyxl import Workbook

from bole.errors import Unavailable
from bole.identifiers import new_id
from tests.gateway.house import problem
from tests.gateway.world import somebody

OFFICER = somebody("toy.officer", units=[new_id()])
PRAISES = "/api/v1/toy/praises"
YEAR = new_id()
IMPORT = f"/api/v1/toy/years/{YEAR}/praises"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def a_praise(**given):
    return {"person_id": str(new_id()), "words": "good", **given}


def test_a_command_is_sent_on_with_its_body_key_deadline_and_the_caller_signed_anew(house):
    house.rpc.answers["toy.praise"] = lambda **_: {"praise_id": "p", "position": "toy:1"}
    body = a_praise(weight="1.50")
    answer = house.post(PRAISES, OFFICER, body, Idempotency_Key="mine", Prefer="respond-async, wait=3")

    assert (answer.status_code, answer.json) == (201, {"praise_id": "p", "position": "toy:1"})
    assert answer.headers["Idempotency-Key"] == "mine"
    [(name, payload, options)] = house.rpc.asked
    assert name == "toy.praise"
    assert payload == {"path": {}, "query": {}, "body": body}
    assert (options["key"], options["within_ms"]) == ("mine", 3000)
    assert house.verifier.read(options["principal_token"], now=house.world.clock.now()) == OFFICER


def test_a_key_is_made_when_none_is_sent(house):
    house.rpc.answers["toy.praise"] = lambda **_: {}
    first = house.post(PRAISES, OFFICER, a_praise()).headers["Idempotency-Key"]
    second = house.post(PRAISES, OFFICER, a_praise()).headers["Idempotency-Key"]
    assert first != second
    assert [options["key"] for _, _, options in house.rpc.asked] == [first, second]


def test_a_command_without_a_body(house):
    house.rpc.answers["toy.forget"] = lambda **_: {"praise_id": "p", "position": None}
    praise_id = new_id()
    address = f"{PRAISES}/{str(praise_id).upper()}/oblivion"
    assert house.client.post(address, headers=house.as_(OFFICER)).status_code == 200
    assert house.rpc.asked[0][1]["path"] == {"praise_id": str(praise_id)}
    assert house.post(address, OFFICER, {}).status_code == 200
    problem(house.post(address, OFFICER, {"why": "because"}), 422, "invalid")


def test_a_query_is_sent_on_with_its_lists_and_its_page(house):
    house.rpc.answers["toy.list_praises"] = lambda **_: {"items": [], "next": None}
    answer = house.get(f"{PRAISES}?year=2025&state=a&state=b&limit=7&cursor=x", somebody("auditor"))
    assert answer.json == {"items": [], "next": None}
    assert "Idempotency-Key" not in answer.headers
    [(_, payload, options)] = house.rpc.asked
    assert payload["query"] == {"year": "2025", "state": ["a", "b"], "limit": 7, "cursor": "x"}
    assert options["key"] is None


def test_a_service_is_asked_whether_it_knows_of_anothers_entry(house):
    house.rpc.answers["toy.list_praises"] = lambda **_: {"items": [], "next": None}
    house.rpc.answers["toy.reached"] = lambda source, position, within_ms: {"reached": position < 10}

    assert house.get(f"{PRAISES}?at_least=toy:99,gateway:3", OFFICER).status_code == 200
    assert house.get(f"{PRAISES}?at_least=supervision:9", OFFICER).status_code == 200
    assert house.get(f"{PRAISES}?at_least=supervision:9&at_least=care:10", OFFICER).status_code == 202


def test_commands_go_on_while_the_gateways_database_is_away(house, monkeypatch):
    @contextmanager
    def away():
        raise Unavailable("The gateway's database is away.")
        yield

    monkeypatch.setattr(house.world.gateway, "reading", away)
    house.rpc.answers["toy.praise"] = lambda **_: {"praise_id": "p", "position": "toy:1"}
    assert house.post(PRAISES, OFFICER, a_praise()).status_code == 201
    problem(house.get("/api/v1/people", OFFICER), 503, "unavailable")


def test_reads_go_on_while_every_service_is_away(house):
    assert house.get("/api/v1/people", OFFICER).status_code == 200
    problem(house.get(PRAISES, OFFICER), 503, "unavailable")


class Importing:
    """What a service does with an import."""

    def __init__(self, house, *, ends_after=1):
        self.rows, self.looked, self.ends_after, self.opened = [], 0, ends_after, []
        self.started = False
        house.rpc.answers["toy.job_open"] = self.open
        house.rpc.answers["toy.job_add"] = self.add
        house.rpc.answers["toy.job_start"] = self.start
        house.rpc.answers["toy.job_get"] = self.get

    def open(self, **what):
        self.opened.append(what)
        return {"job_id": "0197-job", "started": self.started}

    def add(self, job_id, rows):
        self.rows += rows
        return {}

    def start(self, job_id):
        self.started = True
        return {}

    def get(self, job_id):
        self.looked += 1
        state = "done" if self.looked >= self.ends_after else "running"
        return {"id": job_id, "state": state, "total": len(self.rows)}


def a_workbook(*rows):
    book = Workbook()
    for row in (("表扬", "工作证号", "备注"), *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_file_becomes_rows_in_a_form_and_as_a_body(house):
    file = a_workbook(("好", "0012", "x"), ("很好", "0013", None))
    job = Importing(house)
    answer = house.client.post(
        f"{IMPORT}?dry_run=true", data={"file": (io.BytesIO(file), "表.xlsx")}, headers=house.as_(OFFICER)
    )
    assert (answer.status_code, answer.json["state"]) == (200, "done")
    assert [row["values"] for row in job.rows] == [
        {"number": "0012", "words": "好"},
        {"number": "0013", "words": "很好"},
    ]
    [opened] = job.opened
    assert opened["call"] == "toy.import_praises"
    assert opened["path"] == {"year_id": str(YEAR)}
    assert opened["query"] == {"dry_run": "true"}
    assert opened["total"] == 2

    again = Importing(house)
    house.client.post(IMPORT, data=file, content_type=XLSX, headers=house.as_(OFFICER))
    assert again.rows == job.rows
    assert again.opened[0]["digest"] == opened["digest"]


def test_a_text_table_and_json_rows(house):
    job = Importing(house)
    text = "工作证号,表扬\n0012,好\n".encode("gb18030")
    house.client.post(IMPORT, data=text, content_type="text/csv", headers=house.as_(OFFICER))
    assert job.rows[0]["values"] == {"number": "0012", "words": "好"}

    job = Importing(house)
    house.post(
        IMPORT, OFFICER, {"rows": [{"number": "1", "words": "a"}, {"number": "1", "words": {"b": []}}]}
    )
    assert [row["n"] for row in job.rows] == [1, 2]


def test_a_row_with_errors_travels_with_all_of_them(house):
    job = Importing(house)
    text = "工作证号,表扬\n0012,好\n0012,\n".encode()
    house.client.post(IMPORT, data=text, content_type="text/csv", headers=house.as_(OFFICER))
    assert job.rows[0]["errors"] == []
    assert {"工作证号", "表扬"} <= {error["column"] for error in job.rows[1]["errors"]}


def test_thousands_of_rows_travel_in_parts(house):
    job = Importing(house)
    rows = [{"number": str(number), "words": "x" * 400} for number in range(5000)]
    assert house.post(IMPORT, OFFICER, {"rows": rows}).status_code == 200
    assert len(job.rows) == 5000
    parts = [payload for name, payload, _ in house.rpc.asked if name == "toy.job_add"]
    assert len(parts) > 3


def test_a_long_import_is_followed_elsewhere(house, monkeypatch):
    monkeypatch.setattr("gateway.door.jobs.DONE_WITHIN_SECONDS", 0)
    Importing(house, ends_after=99)
    answer = house.post(IMPORT, OFFICER, {"rows": [{"number": "1", "words": "a"}]})
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v1/toy/years/{YEAR}/praises/imports/0197-job"


def test_an_import_is_answered_while_the_process_stops(house):
    """The job goes on at the next start."""
    job = Importing(house, ends_after=99)
    ask = house.rpc.answers["toy.job_get"]

    def stops(job_id):
        house.installation.stopping.set()
        return ask(job_id)

    house.rpc.answers["toy.job_get"] = stops
    answer = house.post(IMPORT, OFFICER, {"rows": [{"number": "1", "words": "a"}]})
    assert (answer.status_code, answer.json["state"], job.looked) == (202, "running", 1)
    assert answer.headers["Location"] == f"/api/v1/toy/years/{YEAR}/praises/imports/0197-job"

    del house.rpc.answers["toy.job_get"]  # its service has stopped already
    answer = house.post(IMPORT, OFFICER, {"rows": [{"number": "1", "words": "a"}]})
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"]


def test_the_same_key_and_file_again_follow_the_same_job(house):
    job = Importing(house)
    body = {"rows": [{"number": "1", "words": "a"}]}
    house.post(IMPORT, OFFICER, body, Idempotency_Key="k")
    again = house.post(IMPORT, OFFICER, body, Idempotency_Key="k")
    assert again.status_code == 200
    assert len(job.rows) == 1
    assert {options["key"] for name, _, options in house.rpc.asked if name == "toy.job_open"} == {"k"}


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"PK\x03\x04 nothing", XLSX, 422, "not_a_workbook"),
        (a_workbook()[:300], XLSX, 422, "not_a_workbook"),
        (a_workbook(), XLSX, 422, "sheet_empty"),
        ("姓名,年龄\n张三,3\n".encode(), "text/csv", 422, "heads_missing"),
        (b"{}", "application/json", 422, "invalid"),
        (b'{"rows": []}', "application/json", 422, "invalid"),
        (b'{"rows": [1]}', "application/json", 422, "invalid"),
        (b'{"rows": [{}], "more": 1}', "application/json", 422, "invalid"),
        (b"{", "application/json", 400, "not_json"),
        (b"<xml/>", "text/xml", 415, "wrong_content_type"),
        (b"", "multipart/form-data", 422, "invalid"),
        (b"--x\r\n", "multipart/form-data; boundary=x", 422, "invalid"),
    ],
)
def test_a_file_that_cannot_be_taken(house, data, content_type, status, code):
    Importing(house)
    answer = house.client.post(IMPORT, data=data, content_type=content_type, headers=house.as_(OFFICER))
    problem(answer, status, code)


@pytest.mark.parametrize("content_type", [XLSX, "multipart/form-data; boundary=x", "application/json"])
def test_a_file_that_is_too_large(house, content_type):
    answer = house.client.post(
        IMPORT,
        data=b"",
        content_type=content_type,
        headers=house.as_(OFFICER),
        environ_overrides={"CONTENT_LENGTH": str(50 * 1024 * 1024)},
    )
    problem(answer, 413, "too_large")


def test_who_may_not_import_is_told_before_the_file_is_read(house):
    answer = house.client.post(IMPORT, data=b"x", content_type=XLSX, headers=house.as_(somebody("auditor")))
    problem(answer, 403, "forbidden")
