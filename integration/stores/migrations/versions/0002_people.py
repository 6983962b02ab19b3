"""What waits for somebody: waits, dead letters, exceptions, overrides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_people"
down_revision = "0001_line"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_dead_letters()
    _index_dead_letters()
    _create_exceptions()
    _index_exceptions()
    _create_overrides()
    _index_overrides()
    _create_waits()
    _index_waits()


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("advice", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=True),
        sa.Column("binding_id", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("side", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("evidence", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("digest", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )


def _index_dead_letters() -> None:
    op.create_index("ix_dead_letters_binding", "dead_letters", ["binding_id"], unique=False)
    op.create_index("ix_dead_letters_state", "dead_letters", ["pair_id", "state", "id"], unique=False)
    op.create_index(
        "uq_dead_letters_open",
        "dead_letters",
        ["pair_id", "binding_id", "digest"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND binding_id IS NOT NULL AND digest != ''"),
        sqlite_where=sa.text("state = 'open' AND binding_id IS NOT NULL AND digest != ''"),
    )


def _create_exceptions() -> None:
    op.create_table(
        "exceptions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("advice", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=True),
        sa.Column("binding_id", sa.BigInteger(), nullable=True),
        sa.Column("suggestions", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("digest", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("resolution", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
    )


def _index_exceptions() -> None:
    op.create_index("ix_exceptions_binding", "exceptions", ["binding_id"], unique=False)
    op.create_index("ix_exceptions_state", "exceptions", ["pair_id", "state", "id"], unique=False)
    op.create_index(
        "uq_exceptions_open",
        "exceptions",
        ["pair_id", "binding_id", "kind", "digest"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND binding_id IS NOT NULL"),
        sqlite_where=sa.text("state = 'open' AND binding_id IS NOT NULL"),
    )


def _create_overrides() -> None:
    op.create_table(
        "overrides",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("binding_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )


def _index_overrides() -> None:
    op.create_index("ix_overrides_binding", "overrides", ["binding_id"], unique=False)
    op.create_index(
        "uq_overrides_standing",
        "overrides",
        ["pair_id", "binding_id", "field"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def _create_waits() -> None:
    op.create_table(
        "waits",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=False),
        sa.Column("binding_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waits")),
    )


def _index_waits() -> None:
    op.create_index("ix_waits_binding", "waits", ["binding_id"], unique=False)
    op.create_index(
        "ix_waits_lane",
        "waits",
        ["lane_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_waits_record",
        "waits",
        ["pair_id", "side", "record_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_waits_open",
        "waits",
        ["pair_id", "binding_id", "side", "record_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
