"""How an event becomes part of a document: pure functions, the same bytes whenever they are run.

A document (one person, one unit) is cut into sections, one per source. A section is written only by
the events of its source, in that source's order. No clock, arrival order or counter goes in.

    {"identity": {"name": ...}, "talks": [{"talk_id": ..., "state": "due", ...}, ...]}

Items stand in the order in which their source first spoke of them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from bole.events import EventType, Shown

Section = dict[str, Any]


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and without spaces: equal values are equal bytes."""
    return msgspec.json.encode(value, order="sorted")


def document_of(shown: Shown, fact: object) -> UUID | None:
    """The id of the document that the event belongs to, or None when this one names none."""
    document: UUID | None = getattr(fact, shown.document)
    return document


def shown_fields(shown: Shown, fact: object) -> dict[str, Any]:
    """The event's fields as JSON values, without the document's own id and what is hidden."""
    fields: dict[str, Any] = msgspec.to_builtins(fact)
    for name in (shown.document, *shown.hide):
        fields.pop(name, None)
    return fields


def upsert(section: Section, kind: EventType, fields: dict[str, Any]) -> None:
    """Write the event's fields over the item it speaks of; what the event does not carry stays."""
    shown = kind.shown
    assert shown is not None, f"{kind.wire} is not shown"
    if not shown.key:
        section.setdefault(shown.items, {}).update(fields)
        return
    items = section.setdefault(shown.items, [])
    for item in items:
        if item[shown.key] == fields[shown.key]:
            item.update(fields)
            return
    items.append(fields)
