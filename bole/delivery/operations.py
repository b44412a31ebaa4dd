"""What operators decide about the delivery, each decision journalled where it is taken, as a private entry.

They are the kit's own events, so every service may announce them; they never leave its journal.
"""

from __future__ import annotations

from dataclasses import dataclass

from bole.events import event


@event(
    "bole.parked_retried",
    version=1,
    subjects=("subject",),
    private=True,
    zh="搁置事件重试",
    en="parked event released for another try",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRetried:
    """A person let a parked event be tried again."""

    subject: str  # the first of the event's subjects
    event: str  # id
    type: str
    source: str
    stream: int
    position: int
    by: str


@event(
    "bole.parked_skipped",
    version=1,
    subjects=("subject",),
    private=True,
    zh="搁置事件跳过",
    en="parked event skipped",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedSkipped:
    """A person gave a parked event up: it never took effect here. Its source's journal still has it."""

    subject: str
    event: str
    type: str
    source: str
    stream: int
    position: int
    error: str  # type of the last failure
    reason: str
    by: str


@event(
    "bole.source_resumed",
    version=1,
    subjects=("source",),
    private=True,
    zh="来源恢复",
    en="halted source resumed",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResumed:
    """A person decided from where a halted source is taken on."""

    source: str
    stream: int
    halted: str  # why it had been stopped
    old_position: int
    position: int  # taken on beyond this
    journal: str  # id of the journal it is taken from now
    dropped: int  # parked events beyond `position`, to come again from the source
    reason: str
    by: str
