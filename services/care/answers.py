"""Rows as the calls of care give them (contracts/care/schemas.py)."""

from __future__ import annotations

from typing import Any

from services.care.models import Talk, TalkRecord


def line(talk: Talk) -> dict[str, Any]:
    """A `TalkLine`."""
    return {
        "talk_id": talk.id,
        "person_id": talk.person_id,
        "unit_id": talk.unit_id,
        "trigger": talk.trigger,
        "state": talk.state,
        "since_on": talk.since_on,
        "due_on": talk.due_on,
        "held_on": talk.held_on,
    }


def outside(talk: Talk) -> dict[str, Any]:
    """A `TalkDetail` for readers outside the care chain: that it is due or was held, not what was said."""
    return line(talk) | {
        "cause": talk.cause,
        "source": talk.source,
        "mark": talk.mark,
        "voided_on": talk.voided_on,
        "opened_by": None,
        "reason": None,
        "held_by": None,
        "content": None,
        "follow_up": None,
    }


def inside(talk: Talk, said: TalkRecord | None) -> dict[str, Any]:
    """A `TalkDetail` for the care chain."""
    detail = outside(talk) | {"opened_by": talk.opened_by, "reason": talk.reason}
    if said is not None:
        detail |= {"held_by": said.held_by, "content": said.content, "follow_up": said.follow_up}
    return detail
