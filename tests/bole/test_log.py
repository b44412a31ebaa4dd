"""Logs: one fact per line, and never a person."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from bole import log as logs
from bole.errors import Conflict

NAME, NUMBER = "张三", "440000199001011234"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure("care", "info", terminal=False)

    def read() -> list[dict[str, Any]]:
        text = capsys.readouterr().err
        assert NAME not in text
        assert NUMBER not in text
        return [json.loads(line) for line in text.splitlines()]

    yield read
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_its_facts_as_fields(lines: Any) -> None:
    logs.get_log("bole.testing").info("batch applied", source="training", took_ms=31)
    (line,) = lines()
    assert line | {"time": ""} == {
        "event": "batch applied",
        "source": "training",
        "took_ms": 31,
        "level": "info",
        "role": "care",
        "time": "",
    }


def test_bound_fields_are_on_every_line_of_the_block(lines: Any) -> None:
    with logs.bound(cause="e1"):
        logs.get_log("bole.testing").info("first")
    logs.get_log("bole.testing").info("second")
    first, second = lines()
    assert first["cause"] == "e1"
    assert "cause" not in second


@pytest.mark.parametrize(
    "field", ["name", "full_name", "number_of_no_meaning", "payload", "body", "score", "reason", "token"]
)
def test_fields_that_hold_personal_data_are_dropped(lines: Any, field: str) -> None:
    value = "kept" if field == "number_of_no_meaning" else NAME
    logs.get_log("bole.testing").info("person recorded", **{field: value}, facts={field: value, "n": 1})
    (line,) = lines()
    assert (field in line) == (value == "kept")
    assert line["facts"]["n"] == 1


def test_an_exception_shows_where_and_what_kind_but_no_data(lines: Any) -> None:
    log = logs.get_log("bole.testing")
    try:
        try:
            int(NAME)
        except ValueError as problem:
            raise IntegrityError(
                "INSERT", {"name": NAME}, Exception(f"Key (number)=({NUMBER}) exists")
            ) from problem
    except IntegrityError:
        log.error("row failed", exc_info=True)
    (line,) = lines()
    assert line["error"] == "sqlalchemy.exc.IntegrityError"
    assert "test_log.py" in line["traceback"]
    assert "ValueError\nwhich led to\n" in line["traceback"]


def test_messages_about_the_code_are_shown(lines: Any) -> None:
    log = logs.get_log("bole.testing")
    for problem in (
        Conflict("The cycle is closed."),
        OperationalError("SELECT", {"name": NAME}, Exception("no such table: talk")),
    ):
        try:
            raise problem
        except Exception:
            log.error("command failed", exc_info=True)
    first, second = lines()
    assert first["error"] == "bole.errors.Conflict: The cycle is closed."
    assert second["error"] == "sqlalchemy.exc.OperationalError: no such table: talk"


def test_of_a_librarys_line_only_the_constant_part_is_kept(lines: Any) -> None:
    logging.getLogger("somebody.else").warning("cannot read %s of %s", NUMBER, NAME)
    (line,) = lines()
    assert line["event"] == "cannot read %s of %s"
    assert line["logger"] == "somebody.else"
