"""Imports as the door drives them: open, add, start, follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bole import errors
from tests.green.test_services import journal, until
from tests.green.toy import Toys, toys

DIGEST = hashlib.sha256(b"the file").hexdigest()


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Toys]:
    with toys(tmp_path) as running:
        yield running


def row(n: int, words: str = "hello") -> dict[str, Any]:
    return {"n": n, "values": {"guest_id": str(uuid4()), "words": words}, "extra": {}}


def opened(suite: Toys, total: int, query: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    asked = {"call": "toy.greet_all", "path": {}, "query": query or {}, "total": total, "digest": DIGEST}
    job: dict[str, Any] = suite.call("job_open", asked, **more)
    return job


def run(suite: Toys, rows: list[dict[str, Any]], **query: str) -> dict[str, Any]:
    job_id = opened(suite, len(rows), query)["job_id"]
    suite.call("job_add", {"job_id": job_id, "rows": rows})
    suite.call("job_start", {"job_id": job_id})

    def ended() -> Any:
        job = suite.call("job_get", {"job_id": job_id})
        return job["state"] in ("done", "failed") and job

    job: dict[str, Any] = until(ended)
    return job


def test_good_rows_go_in_and_each_bad_one_says_why(suite: Toys) -> None:
    job = run(suite, [row(2), row(3, "again"), row(4, ""), row(5)])
    assert job["state"] == "done"
    assert job["counts"] == {"new": 2, "updated": 0, "unchanged": 0, "error": 2}
    assert [(error["row"], error["column"]) for error in job["errors"]] == [(3, "words"), (4, "words")]
    assert job["position"] == "toy:2"
    assert len(journal(suite, "toy")) == 2


def test_a_dry_run_says_the_same_and_changes_nothing(suite: Toys) -> None:
    job = run(suite, [row(2), row(3, "again")], dry_run="true")
    assert job["counts"] == {"new": 1, "updated": 0, "unchanged": 0, "error": 1}
    assert journal(suite, "toy") == []


def test_an_import_may_be_refused_as_a_whole_before_it_begins(suite: Toys) -> None:
    with pytest.raises(errors.Conflict, match="nobody in the hall"):
        opened(suite, 1, {"hall": "empty"})
    with pytest.raises(errors.Forbidden, match=r"toy\.greet_all"):
        opened(suite, 1, role="auditor")
    with pytest.raises(errors.Invalid):
        opened(suite, 1, {"colour": "red"})


def test_the_same_key_gives_the_same_import(suite: Toys) -> None:
    first = opened(suite, 1, key="k1")
    assert first["started"] is False
    suite.call("job_add", {"job_id": first["job_id"], "rows": [row(1)]})
    suite.call("job_start", {"job_id": first["job_id"]})
    assert opened(suite, 1, key="k1") == {"job_id": first["job_id"], "started": True}


def test_the_contract_says_who_may_follow_an_import(suite: Toys) -> None:
    job_id = opened(suite, 1)["job_id"]
    for role in ("auditor", "toy.officer"):
        assert suite.call("greeted_all", {"path": {"job_id": job_id}}, role=role)["state"] == "waiting"
    with pytest.raises(errors.Forbidden):
        suite.call("greeted_all", {"path": {"job_id": job_id}}, role="care.officer")
    with pytest.raises(errors.NotFound):
        suite.call("greeted_all", {"path": {"job_id": str(uuid4())}})
