"""Worked examples of a pack: a question, a day, and the value the text gives, written down from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bole.policy.packs import Misread, Pack, PackBroken, read_yaml

FIELDS = {"case", "ask", "as_of", "expect", "expected_from"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One worked example. `expect` is written as a value is; `expected_from` says where it was taken from."""

    case: str
    county: str
    ask: str  # the question's name
    as_of: date
    expect: Any
    expected_from: str


def cases_of(pack: Pack) -> Iterator[Case]:
    """The worked examples in a pack's `cases/*.yaml`.

    Raises:
        PackBroken: a file is not of the shape `{county, cases: [{case, ask, as_of, expect, expected_from}]}`.
    """
    for path in sorted((pack.folder / "cases").glob("*.yaml")):
        where = f"{pack.name}/{path.relative_to(pack.folder)}"
        try:
            content = read_yaml(path)
        except Misread as error:
            raise PackBroken([f"{where}: {error}"]) from None
        if content.keys() != {"county", "cases"} or not isinstance(content["cases"], list):
            raise PackBroken([f"{where}: must be {{county, cases: [...]}}"])
        for entry in content["cases"]:
            if not isinstance(entry, dict) or entry.keys() != FIELDS or type(entry["as_of"]) is not date:
                raise PackBroken([f"{where}: each case must have {', '.join(sorted(FIELDS))}"])
            yield Case(county=content["county"], **entry)
