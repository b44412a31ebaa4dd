"""Cite what a talk rests on: the text that names its occasion and the one that sets its term."""

from __future__ import annotations

from dataclasses import dataclass

from bole.policy.sources import MARKS, Mark


@dataclass(frozen=True, slots=True)
class Because:
    """Why a talk is due by its day, and how sure we are of it."""

    source: str
    mark: Mark


def because(occasion: tuple[str, Mark], term: tuple[str, Mark]) -> Because:
    """Both sources in one line, as sure as the less sure of them; a source that is both is named once.

    >>> because(("Programme, section 4", "V"), ("Notice 3, art. 2", "K"))
    Because(source='Programme, section 4; term: Notice 3, art. 2', mark='K')
    """
    source = occasion[0] if occasion[0] == term[0] else f"{occasion[0]}; term: {term[0]}"
    return Because(source, max(occasion[1], term[1], key=MARKS.index))
