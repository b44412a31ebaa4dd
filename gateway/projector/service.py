"""The projector: hears every journal and keeps one section per document and source."""

from __future__ import annotations

from bole.journal.envelope import Envelope
from bole.run.service import Service, Store, on_every
from gateway.store import GatewayStore


class ProjectorService(Service):
    """Knows no service: `EventType.shown` says where an event belongs."""

    name = "projector"
    store = Store(GatewayStore)

    @on_every
    def project(self, envelope: Envelope, gateway: GatewayStore) -> None:
        """Runs inside the intake's transaction: delivered twice, it is projected once."""
        gateway.project(envelope)
