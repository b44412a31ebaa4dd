"""Tables of the gateway: accounts, the read model, the worklist.

Why:   clients see the whole from here, also while services are away.
Cost:  creates seven empty tables.
Undo:  drops them. The read model is made again from the journals; accounts are lost.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "0001_gateway", None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("units", JSON, nullable=True),
        sa.Column("person_id", sa.Uuid, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_one_account_per_name"),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_try"),
    )
    op.create_table(
        "section",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("document_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("time", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "document_id", "source", name="pk_section"),
    )
    op.create_table(
        "happening",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("document_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("time", MOMENT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("cause", sa.Uuid, nullable=True),
        sa.Column("fields", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("source", "position", name="pk_happening"),
    )
    op.create_index(
        "ix_happening_document", "happening", ["kind", "document_id", "time", "source", "position"]
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sorting_key", sa.String(200), nullable=False),
        sa.Column("spelled", sa.String(400), nullable=False),
        sa.Column("unit_id", sa.Uuid, nullable=True),
        sa.Column("unit", sa.String(200), nullable=False),
        sa.Column("post", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
    )
    op.create_index("ix_person_order", "person", ["sorting_key", "person_id"])
    op.create_index("ix_person_unit_id", "person", ["unit_id"])
    op.create_table(
        "unit",
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("sorting_key", sa.String(200), nullable=False),
        sa.Column("spelled", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit"),
    )
    op.create_index("ix_unit_order", "unit", ["sorting_key", "unit_id"])
    op.create_table(
        "open_work",
        sa.Column("work_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("not_by", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date, nullable=True),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("link", sa.String(300), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=True),
        sa.Column("unit_id", sa.Uuid, nullable=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("work_id", name="pk_open_work"),
    )
    op.create_index("ix_open_work_order", "open_work", ["overdue", "due_on", "work_id"])
    op.create_index("ix_open_work_person_id", "open_work", ["person_id"])


def downgrade() -> None:
    for table in ("open_work", "unit", "person", "happening", "section", "sign_in_try", "account"):
        op.drop_table(table)
