"""What may be asked of a policy pack, as each service declares it in `contracts/<service>/questions.py`."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Literal

Level = Literal["nation", "province", "county"]
LEVELS: tuple[Level, ...] = ("nation", "province", "county")

Kind = Literal[
    "days",  # calendar days, whole
    "months",
    "years",
    "whole",  # a whole number of `unit`, 0 or more
    "number",  # a decimal number of `unit`
    "share",  # 0 to 1, exact: written 0.2 or 2/3
    "yes_no",
    "text",
    "table",  # a mapping or a list, as the question's `means` describes it
    "date_rule",  # name of a rule for a day that the asking service knows: next_grade_confirmed
]

NAME = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
RULE_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class WrongKind(ValueError):
    """A value is not of the kind its question asks for; the message says what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing the law or a county decides.

    Attributes:
        name: `service.what`, as written in a pack.
        kind: what a value must be; the answer's `value` is an int, Decimal, Fraction (share), bool,
            str, or for a table whatever the YAML holds.
        unit: of the value: "days", "points 0-100", "ballots".
        set_by: the lowest level that may answer it.
        means: one sentence that says what the value decides.
        choices: for a text, or each value of a table: the words it must be one of.
        keys: for a table that is a mapping: exactly these keys.
        each: for a table: the kind of its values, which are read as such.
    """

    name: str
    kind: Kind
    unit: str
    set_by: Level
    means: str
    choices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    each: Kind | None = None

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise ValueError(f"{self.name!r} is not of the form 'service.what'")

    def read(self, value: object) -> Any:
        """Turn a value as written in YAML into the value of an answer.

        Raises:
            WrongKind: it is not of this question's kind.
        """
        read = READERS[self.kind](value)
        if self.keys and (not isinstance(read, dict) or set(read) != set(self.keys)):
            raise WrongKind(f"must have exactly the keys {', '.join(self.keys)}")
        if self.each is not None:
            reader = READERS[self.each]
            read = (
                {k: reader(v) for k, v in read.items()} if isinstance(read, dict) else list(map(reader, read))
            )
        if self.choices:
            inside = read.values() if isinstance(read, dict) else read if isinstance(read, list) else [read]
            strange = next((word for word in inside if word not in self.choices), None)
            if strange is not None:
                raise WrongKind(f"must be one of {', '.join(self.choices)}, not {strange!r}")
        return read


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WrongKind(f"must be a whole number, 0 or more, not {value!r}")
    return value


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongKind(f"must be a number, not {value!r}")
    number = Decimal(str(value))
    if not number.is_finite():
        raise WrongKind(f"must be a finite number, not {value!r}")
    return number


def _share(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise WrongKind(f"must be a share such as 0.2 or 2/3, not {value!r}")
    try:
        share = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise WrongKind(f"must be a share such as 0.2 or 2/3, not {value!r}") from None
    if not 0 <= share <= 1:
        raise WrongKind(f"must lie within 0 and 1, not {value!r}")
    return share


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongKind(f"must be true or false, not {value!r}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WrongKind(f"must be a text, not {value!r}")
    return value


def _table(value: object) -> dict[str, Any] | list[Any]:
    if not isinstance(value, dict | list) or not value:
        raise WrongKind(f"must be a table (a mapping or a list) that is not empty, not {value!r}")
    return value


def _date_rule(value: object) -> str:
    if not isinstance(value, str) or not RULE_NAME.match(value):
        raise WrongKind(f"must name a rule, like next_grade_confirmed, not {value!r}")
    return value


READERS: Mapping[str, Callable[[object], Any]] = {
    "days": _whole,
    "months": _whole,
    "years": _whole,
    "whole": _whole,
    "number": _number,
    "share": _share,
    "yes_no": _yes_no,
    "text": _text,
    "table": _table,
    "date_rule": _date_rule,
}


def declared(modules: Iterable[ModuleType]) -> dict[str, Question]:
    """Every question these modules declare, by name.

    Raises:
        ValueError: two questions of one name.
    """
    questions: dict[str, Question] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Question) and questions.setdefault(value.name, value) is not value:
                raise ValueError(
                    f"the question {value.name!r} is declared twice, the second time in {module.__name__}"
                )
    return questions


def installed_questions() -> dict[str, Question]:
    """The questions of every installed contract (entry point group `bole.contracts`)."""
    contracts = sorted(entry.value for entry in entry_points(group="bole.contracts"))
    names = [f"{contract}.questions" for contract in contracts]
    return declared(importlib.import_module(name) for name in names if find_spec(name) is not None)
