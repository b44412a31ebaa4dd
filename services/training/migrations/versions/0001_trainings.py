"""People as training knows them, trainings assigned by name, and what was reported of them.

Why:   the first tables of the service.
Cost:  none; the database is new.
Undo:  not offered; drop the database.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "0001_trainings", None

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("unit_id", sa.Uuid),
        sa.Column("leaving_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_unit_id", "person", ["unit_id"])

    op.create_table(
        "remedial",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Uuid),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("origin_id", sa.Uuid, nullable=False),
        sa.Column("cause", sa.Uuid, nullable=False),
        sa.Column("assigned_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("class_until", sa.Date),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("pass_mark", sa.Integer),
        sa.Column("terms", json, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("frees_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_remedial"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_remedial_person_id_person"),
        sa.UniqueConstraint("cause", name="uq_remedial_one_training_per_event"),
        sa.CheckConstraint("kind IN ('remedial', 'standby', 'appointment')", name="ck_remedial_kind"),
        sa.CheckConstraint(
            "state IN ('assigned', 'extended', 'passed', 'failed', 'withdrawn')", name="ck_remedial_state"
        ),
        sa.CheckConstraint("pass_mark BETWEEN 0 AND 100", name="ck_remedial_pass_mark_in_points"),
    )
    op.create_index("ix_remedial_person_id_state", "remedial", ["person_id", "state"])
    op.create_index("ix_remedial_origin_id", "remedial", ["origin_id"])

    op.create_table(
        "completion",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("remedial_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hours_attended", sa.Integer, nullable=False),
        sa.Column("exam_score", sa.Integer),
        sa.Column("completed_on", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("pass_mark", sa.Integer),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_on", sa.Date, nullable=False),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decided_on", sa.Date),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_completion"),
        sa.ForeignKeyConstraint(["remedial_id"], ["remedial.id"], name="fk_completion_remedial_id_remedial"),
        sa.UniqueConstraint("remedial_id", "number", name="uq_completion_one_row_per_report"),
        sa.CheckConstraint("hours_attended >= 0", name="ck_completion_hours_attended"),
        sa.CheckConstraint("exam_score BETWEEN 0 AND 100", name="ck_completion_score_in_points"),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'sent_back', 'void')", name="ck_completion_state"
        ),
    )
