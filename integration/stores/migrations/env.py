"""Alembic's way in: works on the connection `migrate` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from integration.stores.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
