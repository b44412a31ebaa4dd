"""Imports: many rows taken one batch a transaction, resumable, each row with an outcome of its own.

    job_id = database.transact(lambda work: open_job(work, ...), actor=...).value
    add_rows(work, job_id, rows)      # as often as it takes; the same rows twice are one
    start_job(work, job_id)
    while run_next(database, execute_row): ...

Of a row that was taken nothing stays; of one with errors, the errors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from marshmallow import Schema, fields, validate
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bole.errors import BoleError, Conflict, Invalid, NotFound, Unavailable
from bole.identifiers import new_id
from bole.log import get_log
from bole.principal import Principal
from bole.store.database import Database, Work
from bole.store.failures import meaning
from bole.store.tables import JOB, JOB_ROW

BATCH_ROWS = 200  # in one transaction
ROWS_TOGETHER = 20  # in one savepoint
ERRORS_SHOWN = 1000
TRIES = 5  # of one batch, before the job is given up: a row may kill the process that takes it

log = get_log(__name__)

RowDone = Literal["new", "updated", "unchanged"]
"""What became of a row that was taken."""

Row = dict[str, Any]
"""`{"n": row number in the file, "values": {field: text, number or ISO date}, "extra": {...}, "errors": []}`;
a row that came with errors (`[{"column", "reason"}]`: cells that could not be read) is not taken."""

ExecuteRow = Callable[[Row, Work, "Job"], RowDone]
"""Takes one row. A BoleError it raises becomes the row's error, and what it wrote is undone; rows before
it may then be taken once more."""

Errors = list[dict[str, str | None]]
"""Why a row was not taken: `[{"column", "reason"}]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One import as the method that takes its rows sees it."""

    id: UUID
    call: str  # "selection.import_roster"
    path: dict[str, Any]
    query: dict[str, Any]
    by: Principal  # who opened it
    dry_run: bool
    total: int  # rows
    created_at: datetime


class CountsSchema(Schema):
    """Rows by what became of them."""

    new = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    error = fields.Integer(required=True)


class RowErrorSchema(Schema):
    """One reason why one row was not taken."""

    row = fields.Integer(required=True)  # in the file
    column = fields.String(required=True, allow_none=True)  # None: the row as a whole
    reason = fields.String(required=True)


class JobSchema(Schema):
    """An import: how far it is, and what became of its rows."""

    id = fields.UUID(required=True)
    call = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["waiting", "running", "done", "failed"]))
    dry_run = fields.Boolean(required=True)
    total = fields.Integer(required=True)  # rows
    done = fields.Integer(required=True)  # rows
    counts = fields.Nested(CountsSchema, required=True)
    errors = fields.List(fields.Nested(RowErrorSchema), required=True)  # the first 1,000
    failure = fields.String(required=True, allow_none=True)  # why it was given up
    position = fields.String(required=True, allow_none=True)  # "selection:123", the last entry it made
    created_at = fields.DateTime(required=True)


def open_job(
    work: Work,
    *,
    call: str,
    path: dict[str, Any],
    query: dict[str, Any],
    by: Principal,
    dry_run: bool,
    total: int,
    digest: bytes,
) -> UUID:
    """Make a job that waits for its rows.

    Args:
        path, query: of the call, JSON-able.
        total: rows that will be added.
        digest: SHA-256 of the file, for the record.
    """
    id = new_id()
    work.session.execute(
        sa.insert(JOB).values(
            id=id,
            call=call,
            path=path,
            query=query,
            by=msgspec.to_builtins(by),
            dry_run=dry_run,
            digest=digest,
            state="waiting",
            started=False,
            total=total,
            done=0,
            last_n=-1,
            counts={"new": 0, "updated": 0, "unchanged": 0, "error": 0},
            tries=0,
            created_at=work.now,
        )
    )
    return id


def add_rows(work: Work, job_id: UUID, rows: Sequence[Row]) -> None:
    """Add rows to a job that has not been started. A row that is there already is left as it is.

    Raises:
        NotFound, Conflict: there is no such job, or it was started.
    """
    _unstarted(work, job_id)
    if rows:
        insert = sqlite.insert if work.database.is_sqlite else postgresql.insert
        work.session.connection().execute(
            insert(JOB_ROW).on_conflict_do_nothing(),
            [
                {
                    "job_id": job_id,
                    "n": row["n"],
                    "content": {
                        "values": row["values"],
                        "extra": row.get("extra", {}),
                        "errors": row.get("errors", []),
                    },
                }
                for row in rows
            ],
        )


def start_job(work: Work, job_id: UUID) -> None:
    """All rows are there: let them be taken.

    Raises:
        NotFound, Conflict: there is no such job, it was started, or rows are missing.
    """
    total = _unstarted(work, job_id).total
    there = work.session.execute(
        sa.select(sa.func.count()).select_from(JOB_ROW).where(JOB_ROW.c.job_id == job_id)
    ).scalar_one()
    if there != total:
        raise Conflict(f"The job was opened for {total} rows and has {there}.", total=total, rows=there)
    work.session.execute(sa.update(JOB).where(JOB.c.id == job_id).values(started=True))


def get_job(session: Session, database: Database, job_id: UUID) -> dict[str, Any]:
    """The job as `JobSchema` dumps it. Raises NotFound."""
    row = session.execute(sa.select(JOB).where(JOB.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such import.")
    refused: Sequence[Any] = session.execute(
        sa.select(JOB_ROW.c.n, JOB_ROW.c.errors)
        .where(JOB_ROW.c.job_id == job_id, JOB_ROW.c.errors.is_not(None))
        .order_by(JOB_ROW.c.n)
        .limit(ERRORS_SHOWN)
    ).all()
    errors = [{"row": n, **error} for n, of_row in refused for error in of_row]
    return {
        "id": row.id,
        "call": row.call,
        "state": row.state,
        "dry_run": row.dry_run,
        "total": row.total,
        "done": row.done,
        "counts": row.counts,
        "errors": errors[:ERRORS_SHOWN],
        "failure": row.failure,
        "position": None if row.position is None else f"{database.service}:{row.position}",
        "created_at": row.created_at,
    }


def resumable(session: Session) -> UUID | None:
    """The oldest job that was started and is not at its end."""
    return session.execute(
        sa.select(JOB.c.id)
        .where(JOB.c.started, JOB.c.state.in_(["waiting", "running"]))
        .order_by(JOB.c.created_at, JOB.c.id)
        .limit(1)
    ).scalar_one_or_none()


def run_next(database: Database, execute_row: ExecuteRow) -> bool:
    """Take the next batch of the oldest unfinished job; False when there was none.

    The outcomes are kept in the transaction of the rows, so a job goes on where a crash ended it. A dry
    run does the same and rolls the rows back, batch by batch.

    Raises:
        errors.Unavailable: the database is away. The batch will be taken again.
    """
    with database.reading() as session:
        job_id = resumable(session)
    if job_id is None:
        return False
    # Written before the batch runs: what is found later killed the process that ran it.
    if not database.transact(
        lambda work: _try(work, job_id), actor=database.service, subjects=[job_id]
    ).value:
        return True
    with database.reading() as session:
        actor = _job(session.execute(sa.select(JOB).where(JOB.c.id == job_id)).one()).by.account
    try:
        database.transact(lambda work: _batch(work, job_id, execute_row), actor=actor, subjects=[job_id])
    except Unavailable:
        raise
    except Exception:
        log.error("batch of a job failed", service=database.service, job_id=str(job_id), exc_info=True)
    return True


def _try(work: Work, job_id: UUID) -> bool:
    """Count a try of the batch at hand; False: there is none, or it was tried too often."""
    row = work.session.execute(sa.select(JOB.c.state, JOB.c.tries).where(JOB.c.id == job_id)).one()
    if row.state not in ("waiting", "running"):
        return False
    job = sa.update(JOB).where(JOB.c.id == job_id)
    if row.tries >= TRIES:
        log.error("job given up", service=work.database.service, job_id=str(job_id), tries=row.tries)
        why = f"A batch of its rows failed {TRIES} times. The log says why."
        work.session.execute(job.values(state="failed", failure=why))
        work.session.execute(sa.update(JOB_ROW).where(JOB_ROW.c.job_id == job_id).values(content=None))
        return False
    work.session.execute(job.values(state="running", tries=row.tries + 1))
    return True


def _batch(work: Work, job_id: UUID, execute_row: ExecuteRow) -> None:
    found = work.session.execute(sa.select(JOB).where(JOB.c.id == job_id)).one()
    if found.state != "running":
        return  # another process was quicker
    job = _job(found)
    rows: Sequence[Any] = work.session.execute(
        sa.select(JOB_ROW.c.n, JOB_ROW.c.content)
        .where(JOB_ROW.c.job_id == job_id, JOB_ROW.c.n > found.last_n)
        .order_by(JOB_ROW.c.n)
        .limit(BATCH_ROWS)
    ).all()
    counts: dict[str, int] = dict(found.counts)
    refused: list[dict[str, Any]] = []
    whole = work.session.begin_nested() if job.dry_run else None
    outcomes = _outcomes([{"n": n, **content} for n, content in rows], work, job, execute_row)
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, str):
            counts[outcome] += 1
        else:
            counts["error"] += 1
            refused.append({"at": row.n, "errors": outcome})
    if whole is not None:
        whole.rollback()
    last_n = rows[-1].n if rows else found.last_n
    of_job = JOB_ROW.c.job_id == job_id
    if refused:
        work.session.connection().execute(
            sa.update(JOB_ROW)
            .where(of_job, JOB_ROW.c.n == sa.bindparam("at"))
            .values(content=None, errors=sa.bindparam("errors")),
            refused,
        )
    work.session.execute(sa.delete(JOB_ROW).where(of_job, JOB_ROW.c.n <= last_n, JOB_ROW.c.errors.is_(None)))
    done = found.done + len(rows)
    work.session.execute(
        sa.update(JOB)
        .where(JOB.c.id == job_id)
        .values(
            done=done,
            last_n=last_n,
            counts=counts,
            tries=0,
            state="done" if len(rows) < BATCH_ROWS or done == found.total else "running",
        )
    )

    def keep_position(position: int | None) -> None:
        if position is not None:
            work.session.connection().execute(
                sa.update(JOB).where(JOB.c.id == job_id).values(position=position)
            )

    work.after_numbering(keep_position)


def _outcomes(rows: Sequence[Row], work: Work, job: Job, execute_row: ExecuteRow) -> list[RowDone | Errors]:
    """What became of each row.

    Some share a savepoint, for one of its own is a third of what a row costs. When one of them fails,
    those before it are taken again, which go as they went, and it begins the next savepoint: what fails
    first in a savepoint, or alone, is to blame. Of rows that fail only once all are written, half is taken.
    """
    outcomes: list[RowDone | Errors] = []
    together = ROWS_TOGETHER
    while rest := rows[len(outcomes) :]:
        if work.database.is_sqlite:
            time.sleep(0)  # other green threads have their turn: SQLite never waits, so it never gives way
        some = rest[:together]
        done: list[RowDone | Errors] = []
        try:
            with work.savepoint():
                for row in some:
                    done.append(list(row["errors"]) or execute_row(row, work, job))
        except Exception as problem:
            if isinstance(problem, Unavailable):
                raise
            if isinstance(problem, SQLAlchemyError) and meaning(problem):
                raise
            if done and len(some) > 1:
                together = len(done) if len(done) < len(some) else len(done) // 2
                continue
            done = [_errors(problem, work, job, rest[0]["n"])]
        outcomes += done
        together = ROWS_TOGETHER
    return outcomes


def _errors(problem: Exception, work: Work, job: Job, n: int) -> Errors:
    """What a row's reader is told."""
    if isinstance(problem, Invalid) and problem.details["errors"]:
        return [
            {"column": place["at"].rpartition(".")[2], "reason": place["says"]}
            for place in problem.details["errors"]
        ]
    if isinstance(problem, BoleError):
        return [{"column": problem.details.get("column"), "reason": problem.message}]
    log.error("row failed", service=work.database.service, job_id=str(job.id), n=n, exc_info=problem)
    return [{"column": None, "reason": "This row could not be taken. The log says why."}]


def _unstarted(work: Work, job_id: UUID) -> Any:
    work.begin(job_id)
    row = work.session.execute(sa.select(JOB.c.started, JOB.c.total).where(JOB.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such import.")
    if row.started:
        raise Conflict("The import was started already.")
    return row


def _job(row: Any) -> Job:
    return Job(
        id=row.id,
        call=row.call,
        path=row.path,
        query=row.query,
        by=msgspec.convert(row.by, Principal),
        dry_run=row.dry_run,
        total=row.total,
        created_at=row.created_at,
    )
