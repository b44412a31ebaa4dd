"""Reading another service's journal: straight from its database (embedded) or by RPC (deployed)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from bole.errors import Unavailable
from bole.journal import journal
from bole.journal.envelope import Watermark, read_message

if TYPE_CHECKING:
    from bole.store.database import Database

FULL_BYTES = 384 * 1024
"""An answer stops after the entry that reaches this size: with base64 it stays under 1 MiB."""
LIMIT = 500
WITHIN_MS = 5000


class Reader(Protocol):
    """How an intake asks a source. Both raise errors.Unavailable or errors.OutOfTime when it is away."""

    def read(self, source: str, stream: int, after: int, limit: int) -> list[bytes]:
        """Up to `limit` entries beyond position `after`, in order, as encoded envelopes; fewer when large."""
        ...

    def head(self, source: str, stream: int) -> Watermark:
        """The journal's id, last position and hash."""
        ...


def reached_end(bodies: list[bytes], limit: int) -> bool:
    """Whether an answer ended because there was no more, rather than because it was full."""
    return len(bodies) < limit and sum(map(len, bodies)) < FULL_BYTES


def entries(database: Database, stream: int, after: int, limit: int) -> list[bytes]:
    """What a source answers to `journal_read`: encoded entries, private ones as stubs."""
    bodies: list[bytes] = []
    size = 0
    with database.reading() as session:
        for envelope in journal.read(session, database, after=after, limit=min(limit, LIMIT), stream=stream):
            bodies.append(envelope.encode())
            size += len(bodies[-1])
            if size >= FULL_BYTES:
                break
    return bodies


def answer_read(database: Database, payload: Mapping[str, Any]) -> dict[str, list[str]]:
    """The RPC `journal_read`: {"stream", "after", "limit"} -> {"entries": [base64, ...]}."""
    stream, after, limit = int(payload["stream"]), int(payload["after"]), int(payload["limit"])
    return {"entries": [b64encode(body).decode() for body in entries(database, stream, after, limit)]}


def answer_head(database: Database, payload: Mapping[str, Any]) -> dict[str, str]:
    """The RPC `journal_head`: {"stream"} -> {"head": base64}."""
    with database.reading() as session:
        head = journal.head(session, database, int(payload["stream"]))
    return {"head": b64encode(head.encode()).decode()}


class DirectReader:
    """Reads the journals of databases that this process holds itself."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self.databases = databases

    def read(self, source: str, stream: int, after: int, limit: int) -> list[bytes]:
        return entries(self._of(source), stream, after, limit)

    def head(self, source: str, stream: int) -> Watermark:
        database = self._of(source)
        with database.reading() as session:
            return journal.head(session, database, stream)

    def _of(self, source: str) -> Database:
        if source not in self.databases:
            raise Unavailable(f"the journal of {source} is not in this process")
        return self.databases[source]


class Caller(Protocol):
    """The part of the RPC client that a reader needs."""

    def call(self, service: str, method: str, payload: dict[str, Any], *, within_ms: int) -> Any: ...


class RpcReader:
    """Reads the journals of other services through their calls `journal_read` and `journal_head`."""

    def __init__(self, client: Caller) -> None:
        self.client = client

    def read(self, source: str, stream: int, after: int, limit: int) -> list[bytes]:
        payload = {"stream": stream, "after": after, "limit": limit}
        answer = self.client.call(source, "journal_read", payload, within_ms=WITHIN_MS)
        return [b64decode(entry) for entry in answer["entries"]]

    def head(self, source: str, stream: int) -> Watermark:
        answer = self.client.call(source, "journal_head", {"stream": stream}, within_ms=WITHIN_MS)
        head = read_message(b64decode(answer["head"]))
        if not isinstance(head, Watermark) or head.source != source:
            raise Unavailable(f"{source} answered the question for its head with something else")
        return head
