"""What an entry looks like outside its journal: a CloudEvents 1.0 message that proves its own place."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec

from bole import events
from bole.errors import BoleError
from bole.journal import chain

MESSAGE_LIMIT_BYTES = 256 * 1024
DEPTH_LIMIT = 32  # of nested JSON
STUB = "bole.stub.v1"
WATERMARK = "bole.watermark.v1"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # time of a stub, which does not tell when

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class Untrusted(BoleError):
    """A message that must not reach a handler. `reason` is one of the words below.

    too_large, too_deep, not_json, not_an_envelope, bad_header_digest, bad_payload_digest, bad_hash
    """

    code = "untrusted"
    status = 422

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, reason=reason)
        self.reason = reason


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One entry of a journal. `payload` is None for a stub, which says nothing but its place and digests."""

    id: UUID
    source: str  # the service in whose journal it is
    type: str  # wire name, e.g. "training.remedial_assigned.v1"
    time: datetime
    county: str
    subjects: tuple[str, ...]
    actor: str
    cause: UUID | None
    journal: UUID
    stream: int
    position: int
    prev_hash: bytes  # 32 bytes, as are the three below
    header_digest: bytes
    payload_digest: bytes
    hash: bytes
    salt: bytes | None
    payload: bytes | None

    @property
    def is_stub(self) -> bool:
        """Private or redacted: there is nothing to handle, only a position to move over."""
        return self.payload is None

    @property
    def fact(self) -> Any:
        """The event itself.

        Raises:
            KeyError: a stub, or a type that no installed contract declares.
            msgspec.ValidationError: the payload is not what the contract says.
        """
        if self.payload is None:
            raise KeyError(STUB)
        return events.decode(self.type, self.payload)

    def encode(self) -> bytes:
        """The message: structured CloudEvents JSON in which `data` is the exact payload."""
        wire = _Wire(
            specversion="1.0",
            id=str(self.id),
            source=self.source,
            type=self.type,
            journal=self.journal,
            stream=self.stream,
            position=self.position,
            prevhash=self.prev_hash,
            headerdigest=self.header_digest,
            payloaddigest=self.payload_digest,
            hash=self.hash,
        )
        if self.payload is not None:
            wire.time = self.time
            wire.county = self.county
            wire.subject = self.subjects[0]
            wire.subjects = ",".join(self.subjects)
            wire.actor = self.actor
            if self.cause is not None:
                wire.cause = self.cause
            if self.salt is not None:
                wire.salt = self.salt
            wire.datacontenttype = "application/json"
            wire.data = msgspec.Raw(self.payload)
        return msgspec.json.encode(wire)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far a journal's stream has come: what a subscriber compares its cursor with."""

    source: str
    journal: UUID
    stream: int
    position: int  # 0: nothing yet
    hash: bytes

    def encode(self) -> bytes:
        return msgspec.json.encode(
            _Wire(
                specversion="1.0",
                id=f"{self.journal}:{self.stream}:{self.position}",
                source=self.source,
                type=WATERMARK,
                journal=self.journal,
                stream=self.stream,
                position=self.position,
                hash=self.hash,
            )
        )


class _Wire(msgspec.Struct, omit_defaults=True):
    """The JSON as it is. Bytes are base64, as CloudEvents says for attributes of type Binary."""

    specversion: str
    id: str
    source: str
    type: str
    journal: UUID
    stream: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    position: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    hash: bytes
    time: datetime | msgspec.UnsetType = msgspec.UNSET
    datacontenttype: str | msgspec.UnsetType = msgspec.UNSET
    subject: str | msgspec.UnsetType = msgspec.UNSET
    county: str = ""
    subjects: str = ""
    actor: str = ""
    cause: UUID | msgspec.UnsetType = msgspec.UNSET
    prevhash: bytes = b""
    headerdigest: bytes = b""
    payloaddigest: bytes = b""
    salt: bytes | msgspec.UnsetType = msgspec.UNSET
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_DECODER = msgspec.json.Decoder(_Wire)


def stub_id(journal: UUID, stream: int, position: int) -> UUID:
    """The id under which a stub travels, which says nothing about the entry behind it."""
    return uuid5(journal, f"{stream}:{position}")


def read_message(body: bytes) -> Envelope | Watermark:
    """Read a message and check everything that it can prove about itself.

    Raises:
        Untrusted: see its reasons. Nothing is parsed before size and depth are known to be harmless.
    """
    if len(body) > MESSAGE_LIMIT_BYTES:
        raise Untrusted("too_large", f"A message may have {MESSAGE_LIMIT_BYTES} bytes, this has {len(body)}.")
    if too_deep(body):
        raise Untrusted("too_deep", f"A message may nest {DEPTH_LIMIT} levels deep.")
    try:
        wire = _DECODER.decode(body)
    except msgspec.ValidationError as problem:
        raise Untrusted("not_an_envelope", f"Not an envelope of a journal: {problem}.") from problem
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise Untrusted("not_json", f"Not JSON: {problem}.") from problem
    said = (wire.id, wire.source, wire.type, wire.county, wire.subjects, wire.actor)
    if wire.specversion != "1.0" or not wire.source or len(wire.hash) != 32 or "\0" in "".join(said):
        raise Untrusted("not_an_envelope", "Not an envelope of a journal.")
    if wire.type == WATERMARK:
        return Watermark(
            source=wire.source,
            journal=wire.journal,
            stream=wire.stream,
            position=wire.position,
            hash=wire.hash,
        )
    return _checked(_envelope(wire))


def _envelope(wire: _Wire) -> Envelope:
    stub = wire.type == STUB
    try:
        id = UUID(wire.id)
    except ValueError as problem:
        raise Untrusted("not_an_envelope", "The id of an entry is a UUID.") from problem
    if stub:
        complete = wire.data is msgspec.UNSET
    else:
        complete = (
            wire.data is not msgspec.UNSET
            and isinstance(wire.salt, bytes)
            and isinstance(wire.time, datetime)
            and wire.time.tzinfo is not None
            and wire.datacontenttype == "application/json"
            and wire.subjects != ""
        )
    digests = (wire.prevhash, wire.headerdigest, wire.payloaddigest)
    if not complete or wire.position < 1 or any(len(digest) != 32 for digest in digests):
        raise Untrusted("not_an_envelope", "Not a complete envelope of a journal.")
    return Envelope(
        id=id,
        source=wire.source,
        type=wire.type,
        time=wire.time if isinstance(wire.time, datetime) else NEVER,
        county=wire.county,
        subjects=tuple(wire.subjects.split(",")) if wire.subjects else (),
        actor=wire.actor,
        cause=wire.cause if isinstance(wire.cause, UUID) else None,
        journal=wire.journal,
        stream=wire.stream,
        position=wire.position,
        prev_hash=wire.prevhash,
        header_digest=wire.headerdigest,
        payload_digest=wire.payloaddigest,
        hash=wire.hash,
        salt=wire.salt if isinstance(wire.salt, bytes) else None,
        payload=bytes(wire.data) if isinstance(wire.data, msgspec.Raw) else None,
    )


def _checked(envelope: Envelope) -> Envelope:
    if envelope.payload is not None and envelope.salt is not None:
        header = chain.header_digest(
            id=envelope.id,
            type=envelope.type,
            source=envelope.source,
            time=envelope.time,
            county=envelope.county,
            subjects=envelope.subjects,
            actor=envelope.actor,
            cause=envelope.cause,
        )
        if header != envelope.header_digest:
            raise Untrusted("bad_header_digest", f"Position {envelope.position}: its header was changed.")
        if chain.payload_digest(envelope.salt, envelope.payload) != envelope.payload_digest:
            raise Untrusted("bad_payload_digest", f"Position {envelope.position}: its payload was changed.")
    hash = chain.link(
        envelope.journal,
        envelope.stream,
        envelope.position,
        envelope.prev_hash,
        envelope.header_digest,
        envelope.payload_digest,
    )
    if hash != envelope.hash:
        raise Untrusted("bad_hash", f"Position {envelope.position}: its place or its digests were changed.")
    return envelope


def too_deep(body: bytes) -> bool:
    """Whether JSON nests deeper than the limit; found without parsing it."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_LIMIT:
        return False
    level = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        level += 1 if bracket.group() in b"[{" else -1
        if level > DEPTH_LIMIT:
            return True
    return False
