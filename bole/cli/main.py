"""The command line: `bole COMMAND`.

A command is a file of this folder that defines `command`, or an entry point in the group `bole.commands`.
Nothing heavy is imported before a command runs: a green process must be patched first.

Exit codes: 0 well, 1 not well (what was asked failed, or something is wrong), 2 not started (a mistake in
the command line, the settings or the machine; the line says what to do).
"""

from __future__ import annotations

import importlib
import re
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import click

from bole.config import CannotStart
from bole.errors import BoleError

FOLDER = Path(__file__).parent
DEFINES_COMMAND = re.compile(r"^(?:def command\(|command\s*(?::[^=]+)?=)", re.MULTILINE)


class Commands(click.Group):
    """Finds commands by file and by entry point, and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = (path for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "main"))
        ours = {_name(path.stem) for path in files if DEFINES_COMMAND.search(path.read_text("utf-8"))}
        return sorted(ours | {point.name for point in entry_points(group="bole.commands")})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for path in FOLDER.glob("*.py"):
            if _name(path.stem) == cmd_name and DEFINES_COMMAND.search(path.read_text("utf-8")):
                found = importlib.import_module(f"bole.cli.{path.stem}").command
                break
        else:
            for point in entry_points(group="bole.commands", name=cmd_name):
                found = _loaded(point)
                break
            else:
                return None
        found.name = cmd_name
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CannotStart as problem:
            raise Failed(problem.message, exit_code=2) from problem
        except BoleError as problem:
            raise Failed(problem.message, exit_code=1) from problem


def _loaded(point: EntryPoint) -> Any:
    """The command of an entry point; one that cannot be imported says so when it is run."""
    try:
        return point.load()
    except (ImportError, AttributeError) as problem:
        message = f"{point.name} ({point.value}) cannot be loaded: {problem}."

        def refuse() -> None:
            raise Failed(message)

        return click.Command(point.name, callback=refuse, short_help="Cannot be loaded.")


class Failed(click.ClickException):
    """One line on standard error, and an exit code."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.__dict__["exit_code"] = exit_code  # click has it on the class


def _name(stem: str) -> str:
    return stem.rstrip("_").replace("_", "-")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bole")
def cli() -> None:
    """Bole: training, selection, supervision and care of a county's officials.

    `bole up` starts everything in one process, with its data in ./var and nothing else to install.
    Settings come from the environment (BOLE_...) and from the file that BOLE_CONFIG names.
    """


def main() -> None:
    """Entry point of the program."""
    cli(prog_name="bole")


if __name__ == "__main__":
    main()
