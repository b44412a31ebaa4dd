"""A call of a service, sent on as it came, with the caller signed anew, the key and the deadline."""

from __future__ import annotations

from typing import Any

from flask import Response

from bole.principal import Principal
from bole.run.installation import Installation
from gateway.door.answering import answer
from gateway.door.asking import Asked
from gateway.door.catalogue import GATEWAY
from gateway.door.limits import AT_LEAST_MS


class Forwarding:
    """Sends calls on to the services that own them."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def forward(self, asked: Asked) -> Response:
        """The answer of the service, which validates again and decides."""
        missing = [one for one in asked.at_least.items() if not self._reached(asked, *one)]
        given = {"path": asked.path, "query": asked.query, "body": asked.body}
        result = self.ask(asked, asked.call.verb, given)
        return answer(result, 202 if missing else asked.call.status)

    def ask(self, asked: Asked, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """One RPC of the service that the call belongs to, on behalf of the caller.

        Raises:
            BoleError: whatever the service or the way to it refused.
        """
        return self.installation.rpc.call(
            asked.call.service,
            method,
            given,
            principal_token=self._signed(asked.caller),
            key=asked.key,
            within_ms=asked.within_ms,
        )

    def _signed(self, principal: Principal) -> str:
        return self.installation.sign(principal)

    def _reached(self, asked: Asked, source: str, position: int) -> bool:
        """Whether the service that is asked knows of another's entry; it always knows of its own."""
        if source in (GATEWAY, asked.call.service):
            return True
        wanted = {"source": source, "position": position, "within_ms": AT_LEAST_MS}
        result = self.installation.rpc.call(
            asked.call.service, "reached", wanted, within_ms=AT_LEAST_MS + asked.within_ms
        )
        return bool(result["reached"])
