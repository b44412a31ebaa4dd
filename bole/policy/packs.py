"""Find packs, read them and check them. A pack that is wrong stops the start, with all that is wrong in it.

A pack is a distribution with an entry point in group `bole.policies` (name = county, value = package).
Its package folder holds `pack.yaml` (name, level, version, above), `parameters/**/*.yaml` (one question
a file, dated values with their source) and `cases/*.yaml` (worked examples, run as tests).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import yaml

from bole.errors import BoleError
from bole.policy.questions import LEVELS, Level, Question, WrongKind
from bole.policy.sources import MARKS, Citation


class PackBroken(BoleError):
    """A pack cannot be used as it is. `problems` names each file and what is wrong with it."""

    code = "pack_broken"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("Policy packs are broken:\n  " + "\n  ".join(problems), problems=list(problems))


class Misread(ValueError):
    """One thing wrong in one file of a pack."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A value in force from a day on, until the next one of the same question begins."""

    since: date
    value: Any
    citation: Citation


@dataclass(frozen=True, slots=True)
class Timeline:
    """All values one pack gives one question, oldest first."""

    values: tuple[Dated, ...]
    days: tuple[date, ...]  # `since` of each, for the search

    def on(self, day: date) -> Dated | None:
        """The value in force on a day; None before the first."""
        index = bisect_right(self.days, day)
        return self.values[index - 1] if index else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One county's, province's or the nation's answers."""

    name: str
    level: Level
    version: str
    above: str | None  # name of the pack one level up; None for the nation
    folder: Path
    answers: Mapping[str, Timeline]  # by the question's name


class _StrictLoader(yaml.SafeLoader):
    """Refuses what YAML would take silently: a key written twice, and keys that are not text."""


def _strict_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if isinstance(key, bool):
            raise yaml.YAMLError(
                f"line {line}: the key {key_node.value!r} is read as a boolean; quote or rename it"
            )
        if not isinstance(key, str):
            raise yaml.YAMLError(f"line {line}: the key {key_node.value!r} must be a text; quote it")
        if key in mapping:
            raise yaml.YAMLError(f"line {line}: the key {key!r} is written twice")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _strict_mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping a YAML file holds.

    Raises:
        Misread: it is not YAML, not a mapping, not UTF-8, or has a key that YAML misreads.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Misread(f"is not YAML as it should be: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise Misread("must hold a mapping")
    return content


def _expect_keys(mapping: Mapping[str, Any], *, needed: set[str], allowed: set[str], what: str) -> None:
    missing, unknown = needed - mapping.keys(), mapping.keys() - needed - allowed
    if missing:
        raise Misread(f"{what} lacks {', '.join(sorted(missing))}")
    if unknown:
        raise Misread(f"{what} has unknown keys: {', '.join(sorted(unknown))}")


def _read_citation(source: object) -> Citation:
    if not isinstance(source, dict):
        raise Misread("source must be {title, version, article, mark}")
    _expect_keys(source, needed={"title", "version", "article", "mark"}, allowed=set(), what="its source")
    blank = [key for key in ("title", "version", "article") if not str(source[key] or "").strip()]
    if blank:
        raise Misread(f"its source has an empty {blank[0]}")
    if source["mark"] not in MARKS:
        raise Misread(f"its mark must be one of {', '.join(MARKS)}, not {source['mark']!r}")
    return Citation(str(source["title"]), str(source["version"]), str(source["article"]), source["mark"])


def _read_timeline(content: Mapping[str, Any], question: Question) -> Timeline:
    values = content["values"]
    if not isinstance(values, list) or not values:
        raise Misread("values must be a list of {from, value, source}")
    read: list[Dated] = []
    for entry in values:
        if not isinstance(entry, dict):
            raise Misread("each of values must be {from, value, source}")
        what = f"the value from {entry.get('from', '?')}"
        _expect_keys(entry, needed={"from", "value", "source"}, allowed=set(), what=what)
        if type(entry["from"]) is not date:
            raise Misread(f"{what}: from must be a day, like 2019-06-01")
        if read and entry["from"] == read[-1].since:
            raise Misread(f"two values overlap: both begin on {entry['from']}")
        if read and entry["from"] < read[-1].since:
            raise Misread(f"values must be ordered by day, but {entry['from']} stands after {read[-1].since}")
        try:
            read.append(Dated(entry["from"], question.read(entry["value"]), _read_citation(entry["source"])))
        except (Misread, WrongKind) as error:
            raise Misread(f"{what}: {error}") from None
    return Timeline(tuple(read), tuple(dated.since for dated in read))


def _read_parameter(path: Path, level: Level, questions: Mapping[str, Question]) -> tuple[str, Timeline]:
    content = read_yaml(path)
    _expect_keys(content, needed={"question", "values"}, allowed={"checked"}, what="it")
    question = questions.get(content["question"])
    if question is None:
        raise Misread(f"answers a question nobody asks: {content['question']!r}")
    if LEVELS.index(level) > LEVELS.index(question.set_by):
        raise Misread(f"{question.name!r} is not for a {level} to answer, it is set by the {question.set_by}")
    return question.name, _read_timeline(content, question)


def load_pack(folder: Path, name: str, questions: Mapping[str, Question]) -> Pack:
    """Read and check one pack.

    Raises:
        PackBroken: with every problem of it.
    """
    problems: list[str] = []
    try:
        head = read_yaml(folder / "pack.yaml")
        _expect_keys(head, needed={"name", "level", "version"}, allowed={"above"}, what="it")
        if head["name"] != name:
            raise Misread(f"is named {head['name']!r} but installed as {name!r}")
        if head["level"] not in get_args(Level):
            raise Misread(f"level must be one of {', '.join(LEVELS)}, not {head['level']!r}")
        if (head["level"] == "nation") != (head.get("above") is None):
            raise Misread("above must name the pack one level up (and is left out by the nation's)")
    except FileNotFoundError:
        raise PackBroken([f"{name}/pack.yaml: is missing"]) from None
    except Misread as error:
        raise PackBroken([f"{name}/pack.yaml: {error}"]) from None

    level: Level = head["level"]
    answers: dict[str, Timeline] = {}
    for path in sorted((folder / "parameters").rglob("*.yaml")):
        try:
            question, timeline = _read_parameter(path, level, questions)
            if question in answers:
                raise Misread(f"answers {question!r}, which another file of the pack answers too")
            answers[question] = timeline
        except Misread as error:
            problems.append(f"{name}/{path.relative_to(folder)}: {error}")
    if problems:
        raise PackBroken(problems)
    return Pack(
        name=name,
        level=level,
        version=str(head["version"]),
        above=head.get("above"),
        folder=folder,
        answers=answers,
    )


def check_together(packs: Iterable[Pack]) -> dict[str, Pack]:
    """Packs by name, once they fit together: one for each county, one nation, each standing on a higher one.

    Raises:
        PackBroken: with every problem.
    """
    packs = list(packs)
    by_name = {pack.name: pack for pack in packs}
    problems = [
        f"{pack.name}: two packs are installed for it, in {by_name[pack.name].folder} and {pack.folder}"
        for pack in packs
        if by_name[pack.name] is not pack
    ]
    nations = sorted({pack.name for pack in packs if pack.level == "nation"})
    if len(nations) > 1:
        problems.append(f"more than one pack is of level nation: {', '.join(nations)}")
    for pack in by_name.values():
        if pack.above is None:
            continue
        above = by_name.get(pack.above)
        if above is None:
            problems.append(f"{pack.name}: stands on the pack {pack.above!r}, which is not installed")
        elif LEVELS.index(above.level) >= LEVELS.index(pack.level):
            problems.append(f"{pack.name}: stands on {above.name!r}, which is not of a higher level")
    if problems:
        raise PackBroken(problems)
    return by_name


def _installed_folders() -> Iterator[tuple[str, Path]]:
    for entry in sorted(entry_points(group="bole.policies"), key=lambda entry: entry.name):
        found = find_spec(entry.value)
        if found is None or not found.submodule_search_locations:
            raise PackBroken([f"{entry.name}: its package {entry.value!r} cannot be found"])
        yield entry.name, Path(next(iter(found.submodule_search_locations)))


def installed_packs(questions: Mapping[str, Question]) -> dict[str, Pack]:
    """Every installed pack, read and checked. Raises PackBroken with the problems of all of them."""
    packs: list[Pack] = []
    problems: list[str] = []
    for name, folder in _installed_folders():
        try:
            packs.append(load_pack(folder, name, questions))
        except PackBroken as broken:
            problems.extend(broken.details["problems"])
    if problems:
        raise PackBroken(problems)
    return check_together(packs)
