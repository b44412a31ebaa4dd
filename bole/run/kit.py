"""What every service answers besides its own calls: its journal, its imports, how far it has heard."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from nameko.extensions import DependencyProvider, register_entrypoint

from bole import errors
from bole.journal import journal
from bole.principal import Principal
from bole.run import entrypoints
from bole.run.threads import Intaking, Relaying

if TYPE_CHECKING:
    from bole.run.installation import Installation
    from bole.store.database import Database

LARGEST_ANSWER_BYTES = 700 * 1024
LOOK_AGAIN_SECONDS = 0.02


class Kit(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Gives the methods below their database and intake; holds the relay."""

    intaking = Intaking()
    relaying = Relaying()

    def get_dependency(self, worker_ctx: object) -> Kit:
        return self

    @property
    def installation(self) -> Installation:
        installation: Installation = self.container.config["BOLE"]
        return installation

    @property
    def database(self) -> Database:
        return self.installation.database(self.container.service_name)

    def caller(self, token: str) -> Principal:
        """Who calls. Raises Unauthenticated."""
        return self.installation.keys.verifier.read(token, now=self.installation.clock.now())

    def taker(self, call: str) -> Any:
        """The @rows entrypoint of a call. Raises NotFound."""
        for one in self.container.entrypoints:
            if isinstance(one, entrypoints.Rows) and one.call.name == call:
                return one
        raise errors.NotFound(f"The call {call!r} takes no rows.")


def _answers(method: Any) -> Any:
    register_entrypoint(method, entrypoints.KitCall())
    return method


class KitService:
    """The kit's own calls, the same for every service."""

    kit = Kit()

    @_answers
    def journal_read(self, *, after: int, limit: int, stream: int = 0) -> dict[str, Any]:
        """Entries beyond a position, up to 700 KiB: `{"entries": [base64 of Envelope.encode()]}`."""
        database = self.kit.database
        encoded: list[str] = []
        size = 0
        with database.reading() as session:
            for envelope in journal.read(
                session, database, after=after, limit=min(limit, 1000), stream=stream
            ):
                one = base64.b64encode(envelope.encode()).decode()
                size += len(one)
                if encoded and size > LARGEST_ANSWER_BYTES:
                    break
                encoded.append(one)
        return {"entries": encoded}

    @_answers
    def journal_head(self, *, stream: int = 0) -> dict[str, Any]:
        """The journal's id, last position and hash: `{"head": base64 of Watermark.encode()}`."""
        database = self.kit.database
        with database.reading() as session:
            return {"head": base64.b64encode(journal.head(session, database, stream).encode()).decode()}

    @_answers
    def reached(self, *, source: str, position: int, within_ms: int = 2_000) -> dict[str, bool]:
        """Whether this service has taken another's entry, waiting for it: `{"reached": true}`."""
        intake = self.kit.intaking.intake
        if source == self.kit.database.service or intake is None:
            return {"reached": True}
        until = time.monotonic() + min(within_ms, 2_000) / 1000
        while intake.cursor(source) < position:
            if time.monotonic() >= until:
                return {"reached": False}
            time.sleep(LOOK_AGAIN_SECONDS)
        return {"reached": True}
