"""How Alembic runs here: on the connection that `database.migrate` hands in, inside its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from fashion_gen.jobs.tables import Base, UtcDateTime


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own types as what they are in the database: a revision must not change when our code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
