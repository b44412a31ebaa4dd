"""What cannot be true of a person, whatever the roster says."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.selection.domain.merge import Particulars


class Doubt(NamedTuple):
    """A field that contradicts another, and why."""

    field: str
    reason: str


def doubt(person: Particulars, *, today: date) -> list[Doubt]:
    """The contradictions in somebody's particulars. A birth in the future is the only one told.

    >>> [one.field for one in doubt(Particulars(number="1", name="甲", born_on=date(2027, 1, 1)),
    ...                             today=date(2026, 1, 1))]
    ['born_on']
    """
    if person.born_on is None:
        return []
    if person.born_on > today:
        return [Doubt("born_on", "lies in the future")]
    found = []
    for field in ("work_since", "party_since", "appointed_on", "level_since"):
        day: date | None = getattr(person, field)
        if day is not None and day < person.born_on:
            found.append(Doubt(field, f"lies before the birth ({person.born_on:%Y-%m})"))
    return found
