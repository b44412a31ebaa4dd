"""The kit's own tables, which are in the database of every service and of the gateway.

Beside these, delivery has its own (bole/delivery/tables.py).
"""

from __future__ import annotations

import sqlalchemy as sa

from bole.store.columns import NAMING, Json, Moment

KIT = sa.MetaData(naming_convention=NAMING)

JOURNAL = sa.Table(
    "bole_journal",  # one row: which journal this is
    KIT,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

HEAD = sa.Table(
    "bole_head",  # the counter of each stream
    KIT,
    sa.Column("stream", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False),  # of the last entry; 0: none yet
    sa.Column("hash", sa.LargeBinary, nullable=False),  # of the last entry, 32 bytes
)

ENTRY = sa.Table(
    "bole_entry",  # append only
    KIT,
    sa.Column("stream", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3, ... without holes
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("type", sa.String(128), nullable=False),  # wire name with version
    sa.Column("time", Moment, nullable=False),  # of the transaction's beginning
    sa.Column("county", sa.String(64), nullable=False),
    sa.Column("subjects", sa.Text, nullable=False),  # in order, joined by commas
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("cause", sa.Uuid),  # id of the entry it follows from
    sa.Column("payload", sa.LargeBinary),  # exact bytes; NULL: redacted
    sa.Column("salt", sa.LargeBinary),  # 16 random bytes; NULL: redacted
    sa.Column("header_digest", sa.LargeBinary, nullable=False),
    sa.Column("payload_digest", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("private", sa.Boolean, nullable=False),  # leaves as a stub only
    sa.UniqueConstraint("id", name="one_entry_per_id"),
)

ANSWER = sa.Table(
    "bole_answer",  # one command that was done, so that repeating it does nothing
    KIT,
    sa.Column("account", sa.String(128), primary_key=True),
    sa.Column("call", sa.String(128), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # SHA-256 of the body
    sa.Column("answer", Json),  # NULL only while its transaction runs
    sa.Column("created_at", Moment, nullable=False, index=True),
)

DEADLINE = sa.Table(
    "bole_deadline",
    KIT,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("subject", sa.Uuid, nullable=False),  # locked while it is handled
    sa.Column("ref", sa.Uuid, nullable=False),  # what is due: the talk, the training
    sa.Column("due_on", sa.Date, nullable=False),  # last day in time
    sa.Column("due_at", Moment, nullable=False),  # the midnight after it; after a failure, the next try
    sa.Column("state", sa.String(16), nullable=False),  # open, done, called_off
    sa.Column("failures", sa.Integer, nullable=False),  # of its handler, in a row
    sa.Column("cause", sa.Uuid),  # id of the event that set it
    sa.UniqueConstraint("kind", "ref", name="one_deadline_per_kind_and_ref"),
    sa.CheckConstraint("state IN ('open', 'done', 'called_off')", name="state_is_known"),
    sa.Index(
        "ix_bole_deadline_open",
        "due_at",
        "id",
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    ),
)

JOB = sa.Table(
    "bole_job",  # one import
    KIT,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call", sa.String(128), nullable=False),
    sa.Column("path", Json, nullable=False),
    sa.Column("query", Json, nullable=False),
    sa.Column("by", Json, nullable=False),  # the principal who opened it
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # SHA-256 of the file
    sa.Column("state", sa.String(16), nullable=False),  # waiting, running, done, failed
    sa.Column("started", sa.Boolean, nullable=False),  # all of its rows are there
    sa.Column("total", sa.Integer, nullable=False),  # rows
    sa.Column("done", sa.Integer, nullable=False),  # rows
    sa.Column("last_n", sa.Integer, nullable=False),  # number of the last row that was taken
    sa.Column("counts", Json, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),  # of the batch at hand, counted before it runs
    sa.Column("failure", sa.Text),  # why the job as a whole failed
    sa.Column("position", sa.BigInteger),  # last entry it made
    sa.Column("created_at", Moment, nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state_is_known"),
)

JOB_ROW = sa.Table(
    "bole_job_row",
    KIT,
    sa.Column("job_id", sa.Uuid, sa.ForeignKey("bole_job.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),  # row number in the file
    sa.Column("content", Json),  # {"values", "extra"}; personal data, so it goes when the row was taken
    sa.Column("errors", Json),  # [{"column", "reason"}]
)
