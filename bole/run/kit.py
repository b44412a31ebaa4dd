"""What every service answers besides its own calls: its journal, its imports, how far it has heard."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from nameko.extensions import DependencyProvider, register_entrypoint

from bole import errors, jobs
from bole.calls import Call
from bole.journal import journal
from bole.principal import Principal
from bole.run import entrypoints
from bole.run.installation import calls_of
from bole.run.reading import read_request
from bole.run.threads import Housekeeping, Intaking, Relaying
from bole.store import idempotency
from bole.store.tables import JOB

if TYPE_CHECKING:
    from bole.run.installation import Installation
    from bole.store.database import Database, Work

LARGEST_ANSWER_BYTES = 700 * 1024
LOOK_AGAIN_SECONDS = 0.02


class Kit(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Gives the methods below their database and intake; holds the relay."""

    intaking = Intaking()
    relaying = Relaying()
    housekeeping = Housekeeping()

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

    def calls(self) -> list[Call]:
        """What the contract of this service declares."""
        return calls_of(self.container.service_name, self.installation.contracts)

    def wake_jobs(self) -> None:
        """Rows are there to be taken."""
        for one in self.container.entrypoints:
            if isinstance(one, entrypoints.Rows):
                one.jobs.wake()

    def taker(self, call: str) -> Any:
        """The @rows entrypoint of a call. Raises NotFound."""
        for one in self.container.entrypoints:
            if isinstance(one, entrypoints.Rows) and one.call.name == call:
                return one
        raise errors.NotFound(f"The call {call!r} takes no rows.")


def _answers(method: Any) -> Any:
    register_entrypoint(method, entrypoints.KitCall())
    return method


def _answers_for_jobs(method: Any) -> Any:
    register_entrypoint(method, entrypoints.JobQuery())
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

    @_answers
    def job_open(
        self,
        *,
        principal: str,
        call: str,
        total: int,
        digest: str,
        path: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Open an import: `{"job_id", "started"}`. The same key gives the same job, perhaps a started one.

        Args:
            call: name of the call whose rows will be taken.
            total: rows that will be added.
            digest: SHA-256 of the file, in hex.
        Raises:
            errors.Forbidden, errors.Invalid, or whatever the `check` of the @rows method refuses.
        """
        kit = self.kit
        by = kit.caller(principal)
        taker = kit.taker(call)
        request = read_request(taker.call, by, {"path": path, "query": query})
        database = kit.database
        file_digest = _bytes_of(digest)
        given = msgspec.json.encode([path, query, digest], order="deterministic")
        body_digest = hashlib.sha256(given).digest()

        def open_job(work: Work) -> dict[str, Any]:
            asked = {"account": by.account, "call": call, "key": key or ""}
            if key is not None:
                stored = idempotency.recall(work, **asked, body_digest=body_digest)
                if stored is not None:
                    return stored
            if taker.check is not None:
                store = type(self).store.store(work, work.session, database)  # type: ignore[attr-defined]
                getattr(self, taker.check)(request, store)
            job_id = jobs.open_job(
                work,
                call=call,
                path=path or {},
                query=query or {},
                by=by,
                dry_run=bool(request.query["dry_run"]),
                total=total,
                digest=file_digest,
            )
            answer = {"job_id": str(job_id)}
            if key is not None:
                idempotency.keep(work, **asked, answer=answer)
            return answer

        answer = database.transact(open_job, actor=by.account).value
        with database.reading() as session:
            started = session.execute(
                sa.select(JOB.c.started).where(JOB.c.id == UUID(answer["job_id"]))
            ).scalar_one_or_none()
        return {**answer, "started": bool(started)}

    @_answers
    def job_add(
        self, *, principal: str, job_id: str, rows: list[dict[str, Any]], key: str | None = None
    ) -> dict[str, Any]:
        """Add rows; those that are there already are left alone: `{"rows": how many were given}`."""
        id, by = self._own_job(principal, job_id)
        self.kit.database.transact(lambda work: jobs.add_rows(work, id, rows), actor=by.account)
        return {"rows": len(rows)}

    @_answers
    def job_start(self, *, principal: str, job_id: str, key: str | None = None) -> dict[str, Any]:
        """All rows are there, let them be taken; gives the job."""
        id, by = self._own_job(principal, job_id)
        self.kit.database.transact(lambda work: jobs.start_job(work, id), actor=by.account)
        self.kit.wake_jobs()
        return self._job(id)

    @_answers_for_jobs
    def job_get(
        self,
        *,
        principal: str,
        job_id: str = "",
        path: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """The job, for whoever may ask for such jobs; by `job_id`, or as the contract's GET with its path."""
        by = self.kit.caller(principal)
        job = self._job(_uuid_of(job_id or str((path or {}).get("job_id", ""))))
        asked = [call for call in self.kit.calls() if call.gives is jobs.JobSchema]
        if not any(by.roles & call.may for call in asked):
            raise errors.Forbidden(job["call"])
        return job

    def _own_job(self, principal: str, job_id: str) -> tuple[UUID, Principal]:
        by = self.kit.caller(principal)
        id = _uuid_of(job_id)
        with self.kit.database.reading() as session:
            opened_by = session.execute(sa.select(JOB.c.by).where(JOB.c.id == id)).scalar_one_or_none()
        if opened_by is None or opened_by["account"] != by.account:
            raise errors.NotFound("There is no such import.")
        return id, by

    def _job(self, id: UUID) -> dict[str, Any]:
        database = self.kit.database
        with database.reading() as session:
            job: dict[str, Any] = msgspec.to_builtins(
                jobs.JobSchema().dump(jobs.get_job(session, database, id))
            )
        return job


def _uuid_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.NotFound("There is no such import.") from None


def _bytes_of(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except (TypeError, ValueError):
        raise errors.Invalid("The digest is not hex.") from None
