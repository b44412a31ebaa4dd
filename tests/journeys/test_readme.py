"""The story in the README is what the demo prints."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.architecture import tree

STORY = re.compile(r"<!-- story -->\n(.*?)<!-- /story -->", re.DOTALL)
CHANGING = (  # what differs from run to run
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r" *\d+\.\d+ s"), " TIME"),
    (re.compile(r"\b20\d\d\b"), "YEAR"),
)


def told(text: str) -> list[str]:
    """The lines of a story without what differs from run to run."""
    for pattern, instead in CHANGING:
        text = pattern.sub(instead, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_the_demo_tells_the_story_of_the_readme():
    ran = subprocess.run(
        [sys.executable, "-m", "bole.cli.main", "demo"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    written = STORY.search((tree.ROOT / "README.md").read_text())

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert written is not None
    assert told(written[1]) == told(ran.stdout)
