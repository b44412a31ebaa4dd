"""Every import contract is broken once on purpose, and must say so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture import tree

VERDICT = re.compile(r"^(.+?) (KEPT|BROKEN)", re.MULTILINE)

# Contract -> the file that gets a forbidden import, and the import.
FORBIDDEN = {
    "Imports point one way": ("bole/clock.py", "import contracts.care.events"),
    "No service knows another": ("services/care/service.py", "import services.training.models"),
    "Rooms inside a service": ("services/care/domain/law.py", "import services.care.models"),
    "The domain is pure": ("services/care/domain/law.py", "import contracts.care.schemas"),
    "An event is a bare dataclass": ("contracts/care/events.py", "import contracts.care.schemas"),
    "Only the kit knows the broker": ("services/care/service.py", "import kombu"),
    "The door runs on real threads": ("gateway/door/app.py", "import bole.run.runtime"),
}


def lint(folder: Path) -> tuple[dict[str, str], str]:
    """The verdict on each contract, and all that was said."""
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    ran = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(VERDICT.findall(ran.stdout)), ran.stdout + ran.stderr


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    return tree.copy(tmp_path, "pyproject.toml", *tree.PACKAGES)


def test_every_contract_has_an_import_that_breaks_it():
    with (tree.ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]

    assert {contract["name"] for contract in contracts} == set(FORBIDDEN)


def test_no_contract_has_an_exception():
    assert "ignore_imports" not in (tree.ROOT / "pyproject.toml").read_text()


def test_the_tree_as_it_is_keeps_all_contracts():
    verdicts, said = lint(tree.ROOT)

    assert verdicts == dict.fromkeys(FORBIDDEN, "KEPT"), said


@pytest.mark.parametrize("contract", FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(contract: str, copied_tree: Path):
    path, planted = FORBIDDEN[contract]
    with (copied_tree / path).open("a") as file:
        file.write(f"\n{planted}\n")

    verdicts, said = lint(copied_tree)

    assert verdicts.get(contract) == "BROKEN", said


def test_a_service_without_one_of_its_rooms_breaks_the_build(copied_tree: Path):
    (copied_tree / "services/care/store.py").unlink()

    verdicts, said = lint(copied_tree)

    assert verdicts.get("Rooms inside a service") != "KEPT"
    assert "services.care.store" in said
