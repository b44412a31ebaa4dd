"""Learn one service, know four; and nothing in the tree that only this machine understands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture import tree

ROOMS = {"README.md", "__init__.py", "service.py", "store.py", "models.py", "domain", "migrations"}
SAYS_NOTHING = re.compile(r"^(utils?|helpers?|common|misc|manager|base)\.py$")
OF_A_MACHINE = re.compile(
    r"/(home|root|work|Users)/\w|https?://(registry|files|deb|pypi|mirror)[a-z.-]*\.(org|com|net)"
)
WRITTEN_BY_US = (".py", ".md", ".toml", ".yaml", ".yml", ".html", ".js", ".css", "Makefile", "run")


@pytest.mark.parametrize("service", tree.services())
def test_every_service_has_the_same_rooms(service: str):
    there = {path.name for path in (tree.ROOT / "services" / service).iterdir()}

    assert there >= ROOMS, f"services/{service} lacks {sorted(ROOMS - there)}"


@pytest.mark.parametrize("service", tree.services())
def test_every_service_names_its_texts_in_one_place(service: str):
    assert (tree.ROOT / "services" / service / "domain" / "law.py").exists()


def test_every_service_has_its_contracts():
    for service in tree.services():
        for file in ("events.py", "calls.py", "schemas.py", "questions.py"):
            assert (tree.ROOT / "contracts" / service / file).exists(), f"contracts/{service}/{file}"


def test_a_package_says_what_it_is_in_one_docstring_and_nothing_else():
    for path in tree.files("__init__.py"):
        if path.parts[0] not in tree.PACKAGES:
            continue
        body = ast.parse((tree.ROOT / path).read_text()).body

        assert len(body) == 1, f"{path} holds more than its docstring"
        assert isinstance(body[0], ast.Expr), f"{path} holds no docstring"


def test_no_file_has_a_name_that_says_nothing():
    assert [path for path in tree.files(".py") if SAYS_NOTHING.match(path.name)] == []


def test_nothing_names_a_path_of_one_machine_or_a_registry():
    found = [
        f"{path}: {match.group()}"
        for path in tree.files(*WRITTEN_BY_US)
        if path != Path(__file__).relative_to(tree.ROOT)
        for match in [OF_A_MACHINE.search((tree.ROOT / path).read_text(errors="replace"))]
        if match
    ]

    assert found == []


def test_tests_never_sleep_and_never_skip():
    forbidden = re.compile(r"time\.sleep\(|pytest\.skip|mark\.skip|xfail")
    found = [
        path
        for path in tree.files(".py")
        if path.parts[0] == "tests"
        and path != Path(__file__).relative_to(tree.ROOT)
        and forbidden.search((tree.ROOT / path).read_text())
    ]

    assert found == []
