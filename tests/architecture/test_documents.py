"""What is written about the code is checked against it."""

from __future__ import annotations

import re
import shlex
import subprocess

import click
import pytest

from bole.cli.events import catalogue, page
from bole.cli.main import cli
from tests.architecture import tree

BLOCK = re.compile(r"^    \$ (.+?)(?:\s+#.*)?$", re.MULTILINE)
LINK = re.compile(
    r"\]\((?!https?:)([^)#]+)[^)]*\)|`((?:bole|contracts|services|gateway|demo|docs|tests|policies)/[\w./-]+)`"
)


def commands() -> list[str]:
    return cli.list_commands(click.Context(cli))


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def test_every_event_stands_in_the_docs_as_it_is():
    written = (tree.ROOT / "docs/events.md").read_text()

    assert written == page(catalogue()), "run: .venv/bin/bole events --markdown > docs/events.md"


@pytest.mark.parametrize("name", commands())
def test_every_command_shows_how_it_is_used(name: str):
    text = command(name).help or ""

    assert re.search(rf"^ *(\$ )?bole {name}\b", text, re.MULTILINE), f"bole {name} --help shows no example"


def test_every_command_stands_in_the_readme():
    readme = (tree.ROOT / "README.md").read_text()

    assert [name for name in commands() if f"bole {name}" not in readme] == []


@pytest.mark.parametrize("page_name", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_of_a_page_exist(page_name: str):
    for line in BLOCK.findall((tree.ROOT / page_name).read_text()):
        program, *arguments = shlex.split(line)
        if program == "make":
            ran = subprocess.run(
                ["make", "--dry-run", *arguments], cwd=tree.ROOT, capture_output=True, text=True, check=False
            )
            assert ran.returncode == 0, f"{page_name}: {line}: {ran.stderr}"
        elif program in ("bole", ".venv/bin/bole"):
            assert arguments[0] in commands(), f"{page_name}: {line}"


@pytest.mark.parametrize("path", sorted(tree.files(".md")), ids=str)
def test_a_page_points_only_to_what_is_there(path):
    text = (tree.ROOT / path).read_text()
    named = [first or second for first, second in LINK.findall(text)]
    here = [(tree.ROOT / path).parent, tree.ROOT]

    assert [name for name in named if not any((folder / name).exists() for folder in here)] == []


def test_every_row_of_the_guarantees_names_a_test_that_exists():
    text = (tree.ROOT / "docs/guarantees.md").read_text()
    there = {
        name
        for path in tree.files(".py")
        if path.parts[0] == "tests"
        for name in re.findall(r"^\s*(?:def|class) (\w+)", (tree.ROOT / path).read_text(), re.MULTILINE)
    }
    named = re.findall(r"`(test_\w+)`", text)

    assert named
    assert [name for name in named if name not in there] == []
