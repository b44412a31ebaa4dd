"""What kind of failure an exception is, and what of it may be kept: never a payload, never a name."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from bole.errors import BoleError, NotYet, Transient, Unavailable

State = Literal["behind", "not_yet", "transient", "failed", "crashed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an event is parked.

    Attributes:
        state: "not_yet" waits for `awaits`; "transient" is tried again by itself; "failed" and "crashed"
            wait for a person.
        message: only of errors raised on purpose (their wording holds no personal data) and the name of
            a violated constraint.
        place: module, function and line that raised.
        fingerprint: the same for failures of one kind at one place.
    """

    state: State
    error: str
    message: str
    place: str
    fingerprint: str
    awaits: str | None = None


CRASHED = Failure(
    state="crashed",
    error="ProcessDied",
    message="the process died each time it took this event",
    place="",
    fingerprint="crashed",
)


def judge(error: Exception) -> Failure:
    """Classify what a handler raised."""
    state: State = "failed"
    awaits = None
    if isinstance(error, NotYet):
        state, awaits = "not_yet", error.subject
    elif isinstance(error, (Transient, Unavailable, OperationalError, InterfaceError)):
        state = "transient"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
    place, line = "", ""
    if ours:
        place, line = f"{_module(ours[-1].filename)}:{ours[-1].name}", f":{ours[-1].lineno}"
    name = type(error).__name__
    return Failure(
        state=state,
        awaits=awaits,
        error=name,
        message=_message(error),
        place=(place + line)[-300:],
        fingerprint=hashlib.sha256(f"{name} {place}".encode()).hexdigest()[:12],
    )


def describe(error: Exception) -> str:
    """One line about an error for logs and health: "TimeoutError at bole/delivery/broker.py:wait:31"."""
    failure = judge(error)
    return f"{failure.error} at {failure.place}"


def _module(filename: str) -> str:
    """The last three parts of a path: `services/care/service.py`."""
    return "/".join(filename.split("/")[-3:])


def _message(error: Exception) -> str:
    if isinstance(error, BoleError):
        return error.message
    if isinstance(error, DBAPIError):
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        return f"violates {constraint}" if constraint else ""
    return ""
