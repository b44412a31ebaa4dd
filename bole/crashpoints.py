"""Places at which a fault test kills the process, to show that nothing is lost or doubled there."""

from __future__ import annotations

import os
import signal

PLACES: tuple[str, ...] = (
    "intake.before_cursor",
    "intake.after_cursor",
    "intake.after_handler",
    "intake.before_commit",
    "intake.after_commit",
    "intake.after_ack",
    "relay.after_read",
    "relay.after_publish",
    "relay.after_confirm",
    "relay.after_cursor",
    "redrive.before_handler",
    "redrive.after_handler",
    "redrive.after_commit",
    "deadline.after_claim",
    "deadline.after_handler",
    "deadline.after_commit",
)
"""Every place there is; a test lists them and fails when one was never hit."""

_ARMED = os.environ.get("BOLE_CRASHPOINT", "")


def crashpoint(place: str) -> None:
    """Kill this process with SIGKILL when the environment variable BOLE_CRASHPOINT names `place`."""
    if place == _ARMED:
        os.kill(os.getpid(), signal.SIGKILL)
