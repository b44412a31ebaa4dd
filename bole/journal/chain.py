"""The hash chain: what anybody needs to check a journal with nothing but SHA-256.

Every digest is over parts of known length, so that no two lists of parts give the same bytes:

    digest(parts) = SHA-256( len(part 1) ‖ part 1 ‖ len(part 2) ‖ part 2 ‖ ... )

with lengths as 4 bytes, big-endian; text is UTF-8, numbers are decimal text, UUIDs are text in
lower case with hyphens, moments are `2026-08-03T02:00:00.000000Z`, absent values are empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

GENESIS = bytes(32)
"""What position 1 follows."""


def digest(parts: Iterable[bytes | str]) -> bytes:
    """SHA-256 over length-prefixed parts; 32 bytes."""
    sha = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        sha.update(len(raw).to_bytes(4, "big"))
        sha.update(raw)
    return sha.digest()


def header_digest(
    *,
    id: UUID,
    type: str,
    source: str,
    time: datetime,
    county: str,
    subjects: tuple[str, ...],
    actor: str,
    cause: UUID | None,
    private: bool = False,
) -> bytes:
    """Digest of everything an entry says beside its payload and its place."""
    return digest(
        (
            str(id),
            type,
            source,
            f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
            county,
            ",".join(subjects),
            actor,
            "" if cause is None else str(cause),
            "private" if private else "public",
        )
    )


def payload_digest(salt: bytes, payload: bytes) -> bytes:
    """Digest of the exact payload bytes. The salt keeps a deleted payload from being guessed."""
    return hashlib.sha256(salt + payload).digest()


def link(
    journal: UUID, stream: int, position: int, prev_hash: bytes, header_digest: bytes, payload_digest: bytes
) -> bytes:
    """Hash of one entry: its journal, its place, the hash before it and both of its digests.

    bole/store/migrations/versions/0001_kit.py holds the same in PL/pgSQL.
    """
    return digest((str(journal), str(stream), str(position), prev_hash, header_digest, payload_digest))
