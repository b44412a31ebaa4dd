"""Say whether a note is long enough."""

from __future__ import annotations


def is_enough(letters: int, *, at_least: int) -> bool:
    """Reaching the number exactly is enough."""
    return letters >= at_least
