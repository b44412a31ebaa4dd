"""A return visit that was paid: when, which of the five steps were done, what was found.

Why:   until now a visit that was due could never be recorded, so its line stood on the worklist for ever.
Cost:  one table copied on SQLite. The day an appointment took effect was not kept, so a visit made due
       before this step is recorded from the first day of its term on, not earlier.
Undo:  not offered; what was recorded would be lost.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "0002_visits_held", "0001_results_and_measures"

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("return_visit", sa.Column("effective_on", sa.Date))
    op.add_column("return_visit", sa.Column("visited_on", sa.Date))
    op.add_column("return_visit", sa.Column("steps", Json))
    op.add_column("return_visit", sa.Column("findings", sa.Text))
    op.add_column("return_visit", sa.Column("recorded_by", sa.String(128)))
    op.execute("UPDATE return_visit SET effective_on = not_before")
    with op.batch_alter_table("return_visit") as table:
        table.alter_column("effective_on", existing_type=sa.Date, nullable=False)
        table.create_check_constraint("ck_return_visit_state_is_known", "state IN ('due', 'held')")
