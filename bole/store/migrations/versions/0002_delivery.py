"""Tables of the delivery: cursors, attempts, parked events, quarantine, the relay's cursor.

Why:   a consumer remembers how far it took each source, in the transaction of the effects themselves.
Cost:  creates seven empty tables.
Undo:  drops them; every consumer then takes all journals again from position 1.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_delivery"
down_revision = "0001_kit"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _line() -> list[sa.Column[object]]:
    return [
        sa.Column("consumer", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("stream", sa.Integer, nullable=False, autoincrement=False),
    ]


def upgrade() -> None:
    op.create_table(
        "bole_cursor",
        *_line(),
        sa.Column("handler", sa.String(128), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("journal", sa.Uuid, nullable=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("joined", sa.Boolean, nullable=False),
        sa.Column("halted", sa.String(64), nullable=True),
        sa.Column("halted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("consumer", "source", "stream", "handler", name="pk_bole_cursor"),
    )
    op.create_table(
        "bole_attempt",
        *_line(),
        sa.Column("handler", sa.String(128), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "stream", "handler", name="pk_bole_attempt"),
    )
    op.create_table(
        "bole_ahead",
        *_line(),
        sa.Column("position", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "stream", "position", name="pk_bole_ahead"),
    )
    op.create_table(
        "bole_parked",
        *_line(),
        sa.Column("position", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("handler", sa.String(128), nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("awaits", sa.String(200), nullable=True),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("started", sa.Integer, nullable=False),
        sa.Column("wakes", sa.Integer, nullable=False),
        sa.Column("error", sa.String(128), nullable=True),
        sa.Column("message", sa.Text, nullable=True),
        sa.Column("place", sa.String(300), nullable=True),
        sa.Column("fingerprint", sa.String(16), nullable=True),
        sa.Column("parked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "stream", "position", "handler", name="pk_bole_parked"),
    )
    op.create_index("ix_bole_parked_event_id", "bole_parked", ["event_id"])
    op.create_index("ix_bole_parked_retry_at", "bole_parked", ["consumer", "retry_at"])
    op.create_index("ix_bole_parked_awaits", "bole_parked", ["consumer", "awaits"])
    op.create_table(
        "bole_parked_subject",
        *_line(),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("handler", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint(
            "consumer", "source", "stream", "subject", "position", "handler", name="pk_bole_parked_subject"
        ),
    )
    op.create_table(
        "bole_quarantine",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("consumer", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bole_quarantine"),
    )
    op.create_table(
        "bole_relay",
        sa.Column("stream", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_bole_relay"),
    )


def downgrade() -> None:
    for table in (
        "bole_relay",
        "bole_quarantine",
        "bole_parked_subject",
        "bole_parked",
        "bole_ahead",
        "bole_attempt",
        "bole_cursor",
    ):
        op.drop_table(table)
