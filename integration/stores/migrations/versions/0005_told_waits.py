"""A wait that ended badly or lasted too long is told once, and goes on all the same when it can."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_told_waits"
down_revision = "0004_alarms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.Column("told_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("waits", at)
