"""Units, people, appointments, bars and candidacies.

Why:   the first tables of the service.
Cost:  none; the database is new.
Undo:  not offered; drop the database.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "0001_roster_and_bars", None

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("key", sa.String(256), nullable=False),
        sa.Column("code", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("county", "key", name="uq_unit_one_unit_per_name"),
    )

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("sex", sa.String(8)),
        sa.Column("born_on", sa.Date),
        sa.Column("work_since", sa.Date),
        sa.Column("party_since", sa.Date),
        sa.Column("unit_id", sa.Uuid),
        sa.Column("post", sa.String(256), nullable=False),
        sa.Column("is_leader", sa.Boolean, nullable=False),
        sa.Column("rank", sa.String(64), nullable=False),
        sa.Column("appointed_on", sa.Date),
        sa.Column("level_since", sa.Date),
        sa.Column("education", sa.String(64), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("extra", json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_person_unit_id_unit"),
        sa.UniqueConstraint("county", "number", name="uq_person_one_person_per_number"),
        sa.CheckConstraint("sex IN ('male', 'female')", name="ck_person_sex"),
    )
    op.create_index("ix_person_unit_id", "person", ["unit_id"])

    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("unit_id", sa.Uuid),
        sa.Column("unit", sa.String(128), nullable=False),
        sa.Column("post", sa.String(256), nullable=False),
        sa.Column("is_leader", sa.Boolean, nullable=False),
        sa.Column("rank", sa.String(64), nullable=False),
        sa.Column("from_unit_id", sa.Uuid),
        sa.Column("from_unit", sa.String(128), nullable=False),
        sa.Column("from_post", sa.String(256), nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("document", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("probation", sa.String(16)),
        sa.Column("probation_until", sa.Date),
        sa.Column("source", sa.String(400), nullable=False),
        sa.Column("mark", sa.String(8), nullable=False),
        sa.Column("entered_by", sa.String(128), nullable=False),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("probation_decided_on", sa.Date),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_appointment"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_appointment_person_id_person"),
        sa.UniqueConstraint("person_id", "kind", "document", name="uq_appointment_one_row_per_decision"),
        sa.CheckConstraint(
            "kind IN ('promotion', 'exchange', 'adjustment', 'leaving')", name="ck_appointment_kind"
        ),
        sa.CheckConstraint("state IN ('scheduled', 'in_effect')", name="ck_appointment_state"),
        sa.CheckConstraint(
            "probation IN ('running', 'ended', 'confirmed', 'not_confirmed', 'moot')",
            name="ck_appointment_probation",
        ),
    )
    op.create_index("ix_appointment_person_id", "appointment", ["person_id"])

    op.create_table(
        "assessment_year",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("result_id", sa.Uuid, nullable=False),
        sa.Column("graded", sa.Boolean, nullable=False),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "year", name="pk_assessment_year"),
    )

    op.create_table(
        "standby_training",
        sa.Column("remedial_id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("cause", sa.Uuid, nullable=False),
        sa.Column("frees_on", sa.Date),
        sa.PrimaryKeyConstraint("remedial_id", name="pk_standby_training"),
    )
    op.create_index("ix_standby_training_person_id", "standby_training", ["person_id"])
    op.create_index("ix_standby_training_cause", "standby_training", ["cause"])

    op.create_table(
        "bar",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("ground", sa.String(32), nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("ends", sa.String(200), nullable=False),
        sa.Column("source", sa.String(400), nullable=False),
        sa.Column("mark", sa.String(8), nullable=False),
        sa.Column("cause", sa.Uuid, nullable=False),
        sa.Column("lifted_on", sa.Date),
        sa.Column("lifted_because", sa.String(16)),
        sa.Column("lifted_by", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_bar"),
        sa.CheckConstraint(
            "ground IN ('failed_assessment', 'open_remedial', 'standby', 'measure')", name="ck_bar_ground"
        ),
        sa.CheckConstraint("state IN ('open', 'lifted')", name="ck_bar_state"),
        sa.CheckConstraint("lifted_because IN ('ended', 'reversed')", name="ck_bar_lifted_because"),
    )
    op.create_index("ix_bar_person_id", "bar", ["person_id"])
    op.create_index(
        "one_open_bar_per_ground",
        "bar",
        ["person_id", "ground", "key"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "candidacy",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("post", sa.String(256), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_on", sa.Date, nullable=False),
        sa.Column("nominated_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidacy"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_candidacy_person_id_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_candidacy_unit_id_unit"),
        sa.CheckConstraint(
            "state IN ('nominated', 'inspection', 'held', 'withdrawn')", name="ck_candidacy_state"
        ),
    )
    op.create_index("ix_candidacy_person_id", "candidacy", ["person_id"])
    op.create_index(
        "one_standing_candidacy_per_post",
        "candidacy",
        ["person_id", "unit_id", "post"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
