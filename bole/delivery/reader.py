"""Reading another service's journal: straight from its database (embedded) or by RPC (deployed)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bole.journal.envelope import Watermark
    from bole.store.database import Database


class Reader(Protocol):
    """How an intake asks a source. Both calls raise errors.Unavailable or errors.OutOfTime when it is away."""

    def read(self, source: str, stream: int, after: int, limit: int) -> list[bytes]:
        """Up to `limit` entries beyond position `after`, in order, as encoded envelopes; fewer when large."""
        ...

    def head(self, source: str, stream: int) -> Watermark:
        """The journal's id, last position and hash."""
        ...


class Caller(Protocol):
    """The part of the RPC client that a reader needs."""

    def call(self, service: str, method: str, payload: dict[str, Any], *, within_ms: int) -> Any: ...


class DirectReader:
    """Reads the journals of databases that this process holds itself."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self.databases = databases

    def read(self, source: str, stream: int, after: int, limit: int) -> list[bytes]:
        raise NotImplementedError

    def head(self, source: str, stream: int) -> Watermark:
        raise NotImplementedError


class RpcReader:
    """Reads the journals of other services through their calls `journal_read` and `journal_head`."""

    def __init__(self, client: Caller) -> None:
        self.client = client

    def read(self, source: str, stream: int, after: int, limit: int) -> list[bytes]:
        raise NotImplementedError

    def head(self, source: str, stream: int) -> Watermark:
        raise NotImplementedError
