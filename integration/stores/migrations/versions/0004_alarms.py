"""Alarms keep their words and who is telling them, so that a killed process takes none along."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_alarms"
down_revision = "0003_operation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sa.Text()
    op.add_column("alarms", sa.Column("text", words, server_default=sa.text("''"), nullable=False))
    op.add_column("alarms", sa.Column("advice", words, server_default=sa.text("''"), nullable=False))
    until = sa.Column("claimed_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("alarms", until)
