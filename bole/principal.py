"""Who acts: an account with its roles and its scope, signed by the door, checked by every service.

The door signs with an Ed25519 private key that only it can read; everybody else holds the public
key. A signed principal is a compact JWS (RFC 7515; alg Ed25519: RFC 9864) that lives for a minute: long
enough for one call, too short to be worth stealing from a queue.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from bole.errors import Unauthenticated

SECONDS_TO_LIVE = 60
SECONDS_OF_SKEW = 5  # clocks follow their databases to within 2 s (bole.clock)
AUDIENCE = "bole.services"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller as a service sees it. `units` None means all; `person_id` is the own file of an official."""

    account: str
    roles: frozenset[str]
    units: frozenset[UUID] | None = None
    person_id: UUID | None = None

    def may_see(self, person_id: UUID, unit_id: UUID | None) -> bool:
        """Whether a person of this unit lies within the caller's scope."""
        if self.roles == {"official"}:
            return person_id == self.person_id
        return self.units is None or unit_id in self.units


class Signer:
    """The door's half of the key pair."""

    def __init__(self, private_key_pem: bytes) -> None:
        self._key = OKPKey.import_key(private_key_pem)

    def sign(self, principal: Principal, *, now: datetime) -> str:
        """A token for calls made within the next minute."""
        seconds = int(now.timestamp())
        claims: dict[str, Any] = {
            "aud": AUDIENCE,
            "sub": principal.account,
            "roles": sorted(principal.roles),
            "iat": seconds,
            "exp": seconds + SECONDS_TO_LIVE,
        }
        if principal.units is not None:
            claims["units"] = sorted(str(unit) for unit in principal.units)
        if principal.person_id is not None:
            claims["person"] = str(principal.person_id)
        return jwt.encode({"alg": "Ed25519"}, claims, self._key, algorithms=["Ed25519"])


class Verifier:
    """The services' half of the key pair."""

    def __init__(self, public_key_pem: bytes) -> None:
        self._key = OKPKey.import_key(public_key_pem)

    def read(self, token: str, *, now: datetime) -> Principal:
        """Whom the door vouches for.

        Raises:
            Unauthenticated: not a token of ours, changed on its way, expired, or from the future.
        """
        try:
            decoded = jwt.decode(token, self._key, algorithms=["Ed25519"])
            claims = decoded.claims
            seconds = now.timestamp()
            if claims["aud"] != AUDIENCE:
                raise ValueError("for somebody else")
            if not claims["iat"] - SECONDS_OF_SKEW <= seconds <= claims["exp"] + SECONDS_OF_SKEW:
                raise Unauthenticated("The signed principal has expired. Ask the door for the call again.")
            units = claims.get("units")
            person = claims.get("person")
            return Principal(
                account=str(claims["sub"]),
                roles=frozenset(claims["roles"]),
                units=None if units is None else frozenset(UUID(unit) for unit in units),
                person_id=None if person is None else UUID(person),
            )
        except (JoseError, ValueError, KeyError, TypeError) as problem:
            raise Unauthenticated("The call carries no principal that the door signed.") from problem


def make_key_pair(private_key_file: Path, public_key_file: Path) -> None:
    """Make the pair at a first start, unless it is there. The private file is readable by its owner only.

    Raises:
        OSError: the folder cannot be written.
    """
    if private_key_file.exists() and public_key_file.exists():
        return
    key = OKPKey.generate_key("Ed25519")
    private_key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    public_key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(private_key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.as_pem(private=True))
    public_key_file.write_bytes(key.as_pem(private=False))
