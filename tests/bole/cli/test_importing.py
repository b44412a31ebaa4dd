"""`bole import`: a workbook into a running suite."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bole.cli.main import cli
from bole.testing.suite import Suite, embedded_suite
from demo.people import officials
from demo.workbooks import write_roster


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with embedded_suite(tmp_path_factory.mktemp("importing")) as running:
        yield running


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return write_roster(officials()[:10], tmp_path / "roster.xlsx")


def bole_import(suite: Suite, *arguments: str) -> Result:
    beside = ["--base-url", suite.base_url, "--accounts", str(suite.accounts_file)]
    return CliRunner().invoke(cli, ["import", *arguments, *beside])


def test_a_dry_run_counts_and_changes_nothing_and_then_it_goes_in(suite: Suite, workbook: Path):
    tried = bole_import(suite, str(workbook), "--kind", "roster", "--dry-run", "--json")
    done = bole_import(suite, str(workbook), "--kind", "roster")

    assert json.loads(tried.output)["counts"]["new"] == 10
    assert tried.exit_code == done.exit_code == 0
    assert done.output.startswith("10 rows: ")
    assert "10 new" in done.output


def test_refused_rows_are_listed_and_end_with_exit_code_1(suite: Suite, tmp_path: Path):
    file = tmp_path / "roster.csv"
    file.write_text("工作证号,姓名,单位,出生年月\n000901,某甲,某单位,1980.13\n", "utf-8")

    done = bole_import(suite, str(file), "--kind", "roster")

    assert done.exit_code == 1
    assert "row 2, 出生年月" in done.output


def test_an_unknown_kind_and_a_missing_parameter_are_said(suite: Suite, workbook: Path):
    unknown = bole_import(suite, str(workbook), "--kind", "menu")
    missing = bole_import(suite, str(workbook), "--kind", "results")

    assert unknown.exit_code == missing.exit_code == 2
    assert "roster" in unknown.output
    assert "--set cycle_id=" in missing.output


def test_nobody_there_is_one_line(tmp_path: Path, suite: Suite, workbook: Path):
    arguments = ["import", str(workbook), "--kind", "roster", "--base-url", "http://127.0.0.1:9"]
    said = CliRunner().invoke(cli, [*arguments, "--accounts", str(suite.accounts_file)])

    assert said.exit_code == 1
    assert "Nobody answers at http://127.0.0.1:9" in said.output
