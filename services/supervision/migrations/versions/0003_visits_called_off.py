"""A return visit that is called off because the person leaves.

Why:   a visit to somebody who had left stayed due, and its line stood on the worklist for ever.
Cost:  one table copied on SQLite; on PostgreSQL it is read once.
Undo:  not offered; a visit that was called off would have no state.
"""

from alembic import op

revision, down_revision = "0003_visits_called_off", "0002_visits_held"


def upgrade() -> None:
    with op.batch_alter_table("return_visit") as table:
        table.drop_constraint("ck_return_visit_state_is_known", type_="check")
        table.create_check_constraint(
            "ck_return_visit_state_is_known", "state IN ('due', 'held', 'called_off')"
        )
