"""People as care knows them, the talks owed to them, and what was said.

Why:   the first tables of the service.
Cost:  none; the database is new.
Undo:  not offered; drop the database.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001_talks", None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("unit_id", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_unit_id", "person", ["unit_id"])

    op.create_table(
        "talk",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Uuid),
        sa.Column("trigger_kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("origin_id", sa.Uuid),
        sa.Column("cause", sa.Uuid),
        sa.Column("since_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("held_on", sa.Date),
        sa.Column("voided_on", sa.Date),
        sa.Column("opened_by", sa.String(200)),
        sa.Column("reason", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_talk"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_talk_person_id_person"),
        sa.UniqueConstraint("cause", name="uq_talk_one_talk_per_event"),
        sa.CheckConstraint(
            "trigger_kind IN ('post_change', 'early_signs', 'leaving', 'handled', 'hardship')",
            name="ck_talk_trigger",
        ),
        sa.CheckConstraint("state IN ('due', 'overdue', 'held', 'void')", name="ck_talk_state"),
        sa.CheckConstraint(
            "(cause IS NULL) = (opened_by IS NOT NULL)", name="ck_talk_event_or_person_opened_it"
        ),
    )
    op.create_index("ix_talk_person_id_state", "talk", ["person_id", "state"])
    op.create_index("ix_talk_origin_id", "talk", ["origin_id"])

    op.create_table(
        "talk_record",
        sa.Column("talk_id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("held_by", sa.String(200), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("follow_up", sa.Text, nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("talk_id", name="pk_talk_record"),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name="fk_talk_record_talk_id_talk"),
    )
