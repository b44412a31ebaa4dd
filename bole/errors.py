"""The error tree. Codes are the contract; the wording may improve.

BoleError
├── Refused            the request cannot be done as asked; rolled back, nothing half done
│   ├── Invalid        400 / 422: malformed or out of range, with the places in `errors`
│   ├── Unauthenticated 401
│   ├── Forbidden      403: names the missing permission
│   ├── SamePerson     403: who entered does not decide
│   ├── NotFound       404: also for people outside the caller's scope
│   ├── Conflict       409: the state of things does not allow it
│   ├── TooLarge       413
│   └── PolicyMissing  422: no pack answers (bole.policy)
├── Unavailable        503 with Retry-After: somebody needed is away
├── OutOfTime          504: outcome unknown, repeat with the same key
├── NotYet             an intake waits for a fact another source has not brought
└── Transient          worth a retry by itself (an intake parks it with `retry_at`)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class BoleError(Exception):
    """Root of all errors raised on purpose. `details` is JSON-able and holds no personal data."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class Refused(BoleError):
    """The request cannot be done as asked. Never retried by itself."""

    code = "refused"
    status = 422


class Invalid(Refused):
    """Malformed input. `errors` lists places: `{"at": "body.scores.de", "says": "..."}`."""

    code = "invalid"

    def __init__(self, message: str, errors: Sequence[dict[str, str]] = (), **details: Any) -> None:
        super().__init__(message, errors=list(errors), **details)


class Unauthenticated(Refused):
    """No token, an expired one, or one that we did not sign."""

    code = "unauthenticated"
    status = 401


class Forbidden(Refused):
    """The caller lacks a permission, which `permission` names."""

    code = "forbidden"
    status = 403

    def __init__(self, permission: str, message: str | None = None) -> None:
        super().__init__(message or f"This needs the permission {permission!r}.", permission=permission)


class NotFound(Refused):
    """There is no such thing, or the caller may not know that there is."""

    code = "not_found"
    status = 404


class Conflict(Refused):
    """The state of things does not allow it (closed cycle, same person twice, decided already)."""

    code = "conflict"
    status = 409


class TooLarge(Refused):
    """The body is larger than the limit, which `limit_bytes` names."""

    code = "too_large"
    status = 413


class Unavailable(BoleError):
    """A service or its database is away; `retry_after` in seconds."""

    code = "unavailable"
    status = 503

    def __init__(self, message: str, retry_after: int = 5, **details: Any) -> None:
        super().__init__(message, retry_after=retry_after, **details)


class OutOfTime(BoleError):
    """The deadline passed. The outcome is unknown: repeat with the same Idempotency-Key."""

    code = "out_of_time"
    status = 504


class Transient(BoleError):
    """A failure that is expected to pass; an intake parks the event and tries again by itself."""

    code = "transient"
    status = 503


class NotYet(BoleError):
    """An event needs a fact about `subject` that another source has not brought yet.

    The intake parks it under `subject` and tries again when an event touches that subject.
    """

    code = "not_yet"
    status = 503

    def __init__(self, subject: object, message: str = "a fact about its subject has not arrived") -> None:
        super().__init__(message, subject=str(subject))
        self.subject = str(subject)


class SamePerson(Refused):
    """Whoever entered or proposed something does not decide on it."""

    code = "same_person"
    status = 403
