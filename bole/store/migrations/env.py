"""How Alembic runs any of our migrations: on a connection and in a transaction that it is handed."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    version_table=given["version_table"],
    transactional_ddl=True,  # on SQLite too: its driver leaves BEGIN to us
)
with context.begin_transaction():
    context.run_migrations()
