"""The nameko extensions behind the decorators of bole.run.service."""

from __future__ import annotations

from typing import Any, Literal

from nameko.extensions import DependencyProvider, Entrypoint
from nameko.rpc import Rpc

from bole.calls import Call


class Command(Rpc):  # type: ignore[misc]
    """A POST at its owner."""

    def __init__(self, call: Call, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.call = call


class Query(Rpc):  # type: ignore[misc]
    """A GET at its owner."""

    def __init__(self, call: Call, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.call = call


class On(Entrypoint):  # type: ignore[misc]
    """An event heard."""

    def __init__(self, event: type, *, since: Literal["now", "start"] = "now", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event = event
        self.since = since


class OnEvery(Entrypoint):  # type: ignore[misc]
    """Every entry heard."""


class Due(Entrypoint):  # type: ignore[misc]
    """A deadline passed."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind


class Rows(Entrypoint):  # type: ignore[misc]
    """The rows of an import."""

    def __init__(self, call: Call, *, check: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.call = call
        self.check = check


class Background(DependencyProvider):  # type: ignore[misc]
    """The threads of a service."""
