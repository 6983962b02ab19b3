"""Lanes are asked for by id. An index on their pair misled PostgreSQL into reading a pair's lanes for some of
them, as long as the table's statistics were young.
"""

from __future__ import annotations

from alembic import op

revision = "0006_lanes_by_id"
down_revision = "0005_told_waits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_lanes_pair", "lanes")
