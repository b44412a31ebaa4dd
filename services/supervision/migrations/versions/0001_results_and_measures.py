"""Cycles, results, corrections, measures and return visits, and the mirror of the roster.

Why:   the first tables of the service.
Cost:  none; the database is new.
Undo:  not offered; drop the database.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "0001_results_and_measures", None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cycle",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("results_until", sa.Date),
        sa.Column("opened_by", sa.String(128), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("confirm_work", sa.Uuid, nullable=False),
        sa.Column("confirm_count", sa.Integer, nullable=False),
        sa.Column("notice_work", sa.Uuid, nullable=False),
        sa.Column("notice_count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cycle"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="ck_cycle_state_is_known"),
        sa.UniqueConstraint("county", "year", name="uq_cycle_one_cycle_a_year"),
    )

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("unit_id", sa.Uuid),
        sa.Column("post", sa.String(300), nullable=False),
        sa.Column("is_leader", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_number", "person", ["county", "number"])

    op.create_table(
        "return_visit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("appointment_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("not_before", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("cause", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_return_visit"),
        sa.UniqueConstraint("appointment_id", name="uq_return_visit_one_visit_per_promotion"),
    )
    op.create_index("ix_return_visit_person_id", "return_visit", ["person_id"])

    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
    )
    op.create_index("ix_unit_name", "unit", ["county", "name"])

    op.create_table(
        "result",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("cycle_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("about_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("post", sa.String(300), nullable=False),
        sa.Column("is_leader", sa.Boolean, nullable=False),
        sa.Column("ground", sa.String(16), nullable=False),
        sa.Column("scores", Json),
        sa.Column("ballots", Json),
        sa.Column("not_graded_entered", sa.String(64)),
        sa.Column("not_graded", sa.String(64)),
        sa.Column("average", sa.Numeric(14, 4)),
        sa.Column("computed_grade", sa.String(16)),
        sa.Column("computed_class", sa.String(16)),
        sa.Column("grade", sa.String(16)),
        sa.Column("leader_class", sa.String(16)),
        sa.Column("class_source", sa.String(300)),
        sa.Column("rule", sa.String(300), nullable=False),
        sa.Column("checks", Json, nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("entered_by", sa.String(128), nullable=False),
        sa.Column("entered_on", sa.Date, nullable=False),
        sa.Column("confirmed_by", sa.String(128)),
        sa.Column("confirmed_on", sa.Date),
        sa.Column("change_reason", sa.Text),
        sa.Column("corrected_on", sa.Date),
        sa.Column("event_id", sa.Uuid),
        sa.Column("served_on", sa.Date),
        sa.Column("review_until", sa.Date),
        sa.Column("notice", Json),
        sa.PrimaryKeyConstraint("id", name="pk_result"),
        sa.CheckConstraint("kind IN ('person', 'team')", name="ck_result_kind_is_known"),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'corrected')", name="ck_result_state_is_known"
        ),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name="fk_result_cycle_id_cycle"),
        sa.UniqueConstraint("cycle_id", "kind", "about_id", name="uq_result_one_result_a_year"),
    )
    op.create_index("ix_result_cycle_state", "result", ["cycle_id", "state", "kind", "served_on"])
    op.create_index("ix_result_cycle_unit", "result", ["cycle_id", "kind", "unit_id", "grade"])
    op.create_index("ix_result_person_year", "result", ["person_id", "year"])

    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("result_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("correction", sa.String(16), nullable=False),
        sa.Column("was_grade", sa.String(16)),
        sa.Column("grade", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.String(128), nullable=False),
        sa.Column("proposed_on", sa.Date, nullable=False),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("decided_on", sa.Date),
        sa.Column("decision_reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
        sa.CheckConstraint(
            "state IN ('proposed', 'upheld', 'rejected')", name="ck_correction_state_is_known"
        ),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name="fk_correction_result_id_result"),
    )
    op.create_index("ix_correction_result", "correction", ["result_id", "state"])

    op.create_table(
        "measure",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("county", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ground", sa.String(32), nullable=False),
        sa.Column("result_id", sa.Uuid),
        sa.Column("training_id", sa.Uuid),
        sa.Column("cause", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.String(128), nullable=False),
        sa.Column("proposed_on", sa.Date, nullable=False),
        sa.Column("heard_on", sa.Date),
        sa.Column("statement", sa.Text),
        sa.Column("present", Json),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("decided_on", sa.Date),
        sa.Column("decision_reason", sa.Text),
        sa.Column("notice", Json),
        sa.Column("in_effect_on", sa.Date),
        sa.Column("effect_until", sa.Date),
        sa.Column("review_until", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("ended_because", sa.String(16)),
        sa.PrimaryKeyConstraint("id", name="pk_measure"),
        sa.CheckConstraint(
            "state IN ('proposed', 'heard', 'imposed', 'in_effect', 'ended', 'dropped', 'withdrawn')",
            name="ck_measure_state_is_known",
        ),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name="fk_measure_result_id_result"),
    )
    op.create_index("ix_measure_person", "measure", ["person_id", "state"])
    op.create_index("ix_measure_result", "measure", ["result_id"])
    op.create_index("ix_measure_training", "measure", ["training_id"])
