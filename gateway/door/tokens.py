"""The token of a client: a signed principal (compact JWS, Ed25519) that lives for 15 minutes.

It is for the door alone. For each call to a service the door signs anew, for a minute (bole.principal),
so that nothing a client holds can be put into a queue. Every door holds the key: any of them reads what
another one issued, and none needs a database for it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from bole.errors import Unauthenticated
from bole.principal import Principal

AUDIENCE = "bole.door"
LIVES = timedelta(minutes=15)
ALGORITHM = "Ed25519"


class Tokens:
    """Issues and reads tokens with the door's key."""

    def __init__(self, private_key_pem: bytes) -> None:
        self._key = OKPKey.import_key(private_key_pem)

    def issue(self, principal: Principal, now: datetime) -> tuple[str, datetime]:
        """The token and the moment at which it expires."""
        expires_at = datetime.fromtimestamp(int((now + LIVES).timestamp()), UTC)
        claims = {
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "principal": msgspec.to_builtins(principal),
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM]), expires_at

    def read(self, token: str, now: datetime) -> Principal:
        """Who holds the token.

        Raises:
            Unauthenticated: not a token, not one of ours, or expired.
        """
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            if claims["aud"] != AUDIENCE:
                raise ValueError("for somebody else")
            expires = float(claims["exp"])
            principal = msgspec.convert(claims["principal"], Principal)
        except (JoseError, ValueError, KeyError, TypeError) as problem:
            raise Unauthenticated("This is no token of ours. Get one from POST /api/v1/tokens.") from problem
        if now.timestamp() >= expires:
            raise Unauthenticated("The token has expired. Get a new one from POST /api/v1/tokens.")
        return principal
