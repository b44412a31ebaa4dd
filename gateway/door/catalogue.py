"""What there is to ask and to hear: every Call and every event of the installed contracts."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from bole.calls import Call
from bole.errors import Forbidden
from bole.events import EventType, event_types
from bole.principal import Principal

GATEWAY = "gateway"
ANYONE = "anyone"  # in `Call.may`: no token needed
SIGNED_IN = "*"
OFFICER = re.compile(r"^[a-z][a-z0-9_]*\.officer$")
ROLES_OF_NO_SERVICE = ("department.head", "auditor", "operator", "official")


@dataclass(frozen=True)
class Catalogue:
    """All calls, in the order of their services and declarations, and all events."""

    calls: tuple[Call, ...]
    events: tuple[EventType, ...]

    @cached_property
    def services(self) -> tuple[str, ...]:
        """Services that answer calls or announce events, without the gateway itself."""
        names = [call.service for call in self.calls] + [kind.source for kind in self.events]
        return tuple(name for name in dict.fromkeys(names) if name != GATEWAY)

    @cached_property
    def answering(self) -> tuple[str, ...]:
        """Services that answer calls: those with officers."""
        return tuple(dict.fromkeys(call.service for call in self.calls if call.service != GATEWAY))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Services whose events the read model shows, sorted."""
        return tuple(sorted({kind.source for kind in self.events if kind.source != GATEWAY}))

    def shown_in(self, document: str) -> tuple[str, ...]:
        """Services with something to say about a `person` or a `unit`, sorted: the parts of its document."""
        shown = ((kind.shown, kind.source) for kind in self.events)
        return tuple(sorted({source for how, source in shown if how is not None and how.kind == document}))

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Every role that an account may have: one officer per service, and those of no service."""
        named = {role for call in self.calls for role in call.may if "*" not in role and role != ANYONE}
        officers = {f"{service}.officer" for service in self.answering}
        return tuple(sorted(officers | named | set(ROLES_OF_NO_SERVICE)))


def read_catalogue(packages: Iterable[str]) -> Catalogue:
    """Import the contracts and collect what they declare.

    Args:
        packages: names like `contracts.training`; each may have the modules `calls` and `events`.
    Raises:
        ValueError: two calls share a name or an HTTP face.
    """
    calls: dict[str, Call] = {}
    faces: dict[str, str] = {}
    sources: set[str] = set()
    for package in packages:
        events = _import(f"{package}.events")
        if events is not None:
            here = (kind for kind in event_types().values() if kind.cls.__module__ == events.__name__)
            sources.update(kind.source for kind in here)
        module = _import(f"{package}.calls")
        for call in _calls_in(module):
            if calls.setdefault(call.name, call) is not call:
                raise ValueError(f"The call {call.name!r} is declared twice; see {package}.calls.")
            face = re.sub(r"{[a-z_]+}", "{}", call.http)
            if faces.setdefault(face, call.name) != call.name:
                raise ValueError(f"{call.http!r} is the face of both {faces[face]!r} and {call.name!r}.")
    events_of = (kind for kind in event_types().values() if kind.source in sources)
    return Catalogue(calls=tuple(calls.values()), events=tuple(sorted(events_of, key=lambda kind: kind.wire)))


def holds(call: Call, roles: frozenset[str]) -> bool:
    """Whether one of these roles holds the permission that the call is."""
    if ANYONE in call.may or SIGNED_IN in call.may or roles & call.may:
        return True
    return "*.officer" in call.may and any(OFFICER.match(role) for role in roles)


def require(call: Call, caller: Principal) -> None:
    """Raise Forbidden, naming the permission, unless the caller holds it."""
    if not holds(call, caller.roles):
        raise Forbidden(call.name)


def _import(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name == name:
            return None  # a service may have no calls or no events
        raise


def _calls_in(module: ModuleType | None) -> list[Call]:
    return [] if module is None else [value for value in vars(module).values() if isinstance(value, Call)]
