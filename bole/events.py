"""What an event is: a frozen dataclass with a written, versioned wire name.

The producer's file in `contracts/` is the only definition; consumers import the class from there.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

WIRE_NAME = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How an event appears in the read model: it upserts one item of a document.

    `document` names the field that holds the document's id (person or unit); `items` is the list
    inside the source's section ("talks"), `key` the field that identifies the item ("talk_id").
    The item's fields are overwritten by the event's fields of the same name; fields the event does
    not carry stay. `items="identity"` with `key=""` writes the section's own fields.
    `hide` lists fields that stay out of the document. `withheld`: officials do not find it in their
    own file, because nothing is decided yet.
    """

    kind: str  # "person" or "unit"
    document: str
    items: str
    key: str
    hide: tuple[str, ...] = ()
    withheld: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """The declaration behind one event class, as `event_type(cls)` gives it."""

    name: str  # "training.remedial_assigned"
    version: int
    subjects: tuple[str, ...]  # names of the fields whose values are the event's subjects, in order
    cls: type
    zh: str  # what a timeline says, in Chinese
    en: str
    shown: Shown | None
    private: bool  # never leaves its journal but as a stub

    @property
    def wire(self) -> str:
        """The CloudEvents type: `training.remedial_assigned.v1`."""
        return f"{self.name}.v{self.version}"

    @property
    def source(self) -> str:
        """The service that announces it: `training`."""
        return self.name.split(".", 1)[0]


_BY_WIRE: dict[str, EventType] = {}
_BY_CLASS: dict[type, EventType] = {}

T = TypeVar("T")


def event(
    name: str,
    *,
    version: int,
    subjects: tuple[str, ...],
    zh: str,
    en: str,
    shown: Shown | None = None,
    private: bool = False,
) -> Callable[[type[T]], type[T]]:
    """Declare a frozen dataclass to be an event.

    Raises:
        ValueError: at import, when the name is not `source.past_tense`, is taken, or a subject or
            shown field does not exist. A mistake in a contract stops the start.
    """

    def declare(cls: type[T]) -> type[T]:
        if not WIRE_NAME.match(name):
            raise ValueError(f"{cls.__qualname__}: {name!r} is not of the form 'service.past_tense'")
        if not dataclasses.is_dataclass(cls):
            raise ValueError(f"{name}: {cls.__qualname__} must be a dataclass")
        fields = {field.name for field in dataclasses.fields(cls)}
        shown_fields = set() if shown is None else {shown.document, *shown.hide, *filter(None, [shown.key])}
        missing = (set(subjects) | shown_fields) - fields
        if not subjects or missing:
            raise ValueError(f"{name}: needs a subject, and these are no fields of it: {sorted(missing)}")
        kind = EventType(
            name=name, version=version, subjects=subjects, cls=cls, zh=zh, en=en, shown=shown, private=private
        )
        if kind.wire in _BY_WIRE:
            raise ValueError(f"{kind.wire} is declared twice")
        _BY_WIRE[kind.wire] = kind
        _BY_CLASS[cls] = kind
        return cls

    return declare


def event_type(cls: type) -> EventType:
    """The declaration of an event class. Raises KeyError when it was never declared."""
    return _BY_CLASS[cls]


def event_types() -> dict[str, EventType]:
    """Every event declared so far, by wire name (import the contracts first)."""
    return dict(_BY_WIRE)


def subjects_of(fact: object) -> tuple[str, ...]:
    """The ordered subjects of one event, as strings; a field that is None or repeated is left out."""
    values = (getattr(fact, field) for field in event_type(type(fact)).subjects)
    return tuple(dict.fromkeys(str(value) for value in values if value is not None))


def encode(fact: object) -> bytes:
    """The exact bytes of an event's payload: JSON, fields in order of declaration."""
    return msgspec.json.encode(fact)


def decode(wire: str, payload: bytes) -> Any:
    """Read a payload back. Unknown fields are ignored.

    Raises:
        msgspec.ValidationError: a field is missing or of another type.
        KeyError: no contract declares `wire`.
    """
    return msgspec.json.decode(payload, type=_BY_WIRE[wire].cls)
