"""Watching a suite from outside: every hop is looked for over HTTP until a client can see it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import click

PLACE = re.compile(r"{\w+}")
LOOK_SECONDS = 0.1
WITHIN_SECONDS = 30  # the last hop of a chain takes well under a second on an idle suite

Item = dict[str, Any]


class Missing(Exception):
    """A hop that did not become visible in time."""


class Telling:
    """Prints what happened, and for each hop how long after its cause it was visible and what it rests on."""

    def __init__(self) -> None:
        self._began = self._since = time.monotonic()

    def act(self, title: str) -> None:
        """A new part of the story."""
        click.echo(f"\n{title}")

    def done(self, what: str, said: Item | None = None) -> None:
        """A command was answered; what follows is timed from here."""
        self._since = time.monotonic()
        click.echo(f"  > {what}{_because(said)}")

    def seen(self, what: str, look: Callable[[], Item | None]) -> Item:
        """Look until there is something to see. Raises Missing."""
        until = time.monotonic() + WITHIN_SECONDS
        while (found := look()) is None:
            if time.monotonic() > until:
                raise Missing(PLACE.sub("...", what))
            time.sleep(LOOK_SECONDS)
        after = time.monotonic() - self._since
        click.echo(f"    {after:5.2f} s  {what.format(**found)}{_because(found)}")
        return found

    def end(self) -> None:
        click.echo(f"\nAll of it was seen, in {time.monotonic() - self._began:.1f} s.")


def _because(found: Item | None) -> str:
    if not found or not found.get("source"):
        return ""
    mark = f" [{found['mark']}]" if found.get("mark") else ""
    return f"\n             {found['source']}{mark}"


def item(part: Item, name: str, **wanted: Any) -> Item | None:
    """The first item of a list in a dossier's part whose fields are as wanted."""
    for one in part.get(name, []):
        if all(one.get(field) == value for field, value in wanted.items()):
            found: Item = one
            return found
    return None
