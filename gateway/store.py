"""What the projector writes through: one batch per transaction."""

from __future__ import annotations

from bole.journal.envelope import Envelope
from bole.store.model import ServiceStore
from gateway.projector.batch import Batch

BATCH = "gateway_batch"  # in Session.info: a transaction that is run again begins with a new session


class GatewayStore(ServiceStore):
    """The read model, as one transaction changes it."""

    def project(self, envelope: Envelope) -> None:
        """Take one entry; all of a transaction are written together at its end."""
        batch: Batch | None = self.session.info.get(BATCH)
        if batch is None:
            batch = self.session.info[BATCH] = Batch(self.session)
            self._writing.after_numbering(lambda _: batch.write())
        batch.take(envelope)
