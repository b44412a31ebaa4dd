"""Readers and their notes.

Why:   the first tables of the service.
Cost:  none; the database is new.
Undo:  not offered; drop the database.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001_notes", None


def upgrade() -> None:
    op.create_table(
        "reader",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reader"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
    )
