"""The tree as these tests look at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bole", "contracts", "services", "gateway", "demo")
LEFT_OUT = {".venv", ".git", "var", "__pycache__", "build", "dist"}


def files(*suffixes: str) -> Iterator[Path]:
    """Every file of the project with one of these suffixes, or all; relative to the root."""
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name
            for name in subfolders
            if name not in LEFT_OUT and not name.endswith((".egg-info", "_cache")) and name != ".hypothesis"
        ]
        for name in names:
            if not suffixes or name.endswith(suffixes):
                yield (Path(folder) / name).relative_to(ROOT)


def services() -> list[str]:
    """Names of the services that have a folder."""
    return sorted(
        path.name for path in (ROOT / "services").iterdir() if path.is_dir() and path.name[0] != "_"
    )


def copy(to: Path, *parts: str) -> Path:
    """Copy files and folders of the project into an empty folder, and give that folder."""
    for part in parts:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (to / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / part, to / part)
    return to


def python(code: str, *, within: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run some Python in a process of its own that sees the packages of one folder first."""
    env = os.environ | {"PYTHONPATH": str(within)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=within, env=env, capture_output=True, text=True, check=False
    )
