"""Cite what a talk rests on: the text that names its occasion and the one that sets its term."""

from __future__ import annotations

from bole.policy.sources import MARKS, Mark


def cite(occasion: str, term: str) -> str:
    """Both sources in one line; one of them when they are the same.

    >>> cite("Programme, section 4", "Notice 3, art. 2")
    'Programme, section 4; term: Notice 3, art. 2'
    """
    return occasion if occasion == term else f"{occasion}; term: {term}"


def weakest(*marks: Mark) -> Mark:
    """The mark of the least certain of several sources: what rests on both is no surer than that one.

    >>> weakest("V", "K", "V-local")
    'K'
    """
    return max(marks, key=MARKS.index)
