"""The running product: pairs, credentials, cursors, mapping versions, runs, usage, alarms, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_operation"
down_revision = "0002_people"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_alarms()
    _create_api_usage()
    _index_api_usage()
    _create_audit_log()
    _index_audit_log()
    _create_audit_segments()
    _create_audit_values()
    _create_credentials()
    _create_cursors()
    _create_mapping_versions()
    _create_pairs()
    _create_runs()


def _create_alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("gathered", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("pair_id", "kind", name="uq_alarms_kind"),
    )


def _create_api_usage() -> None:
    op.create_table(
        "api_usage",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_usage")),
    )


def _index_api_usage() -> None:
    op.create_index("ix_api_usage_at", "api_usage", ["pair_id", "system", "at"], unique=False)


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=True),
        sa.Column("binding_id", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("write_id", sa.BigInteger(), nullable=True),
        sa.Column("correlation_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("detail", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("values_digest", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("segment", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )


def _index_audit_log() -> None:
    op.create_index("ix_audit_log_lane", "audit_log", ["lane_id", "id"], unique=False)
    op.create_index("ix_audit_log_segment", "audit_log", ["pair_id", "segment"], unique=False)
    op.create_index(
        "ix_audit_log_unsealed",
        "audit_log",
        ["pair_id", "id"],
        unique=False,
        postgresql_where=sa.text("segment IS NULL"),
        sqlite_where=sa.text("segment IS NULL"),
    )


def _create_audit_segments() -> None:
    op.create_table(
        "audit_segments",
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pair_id", "number", name="pk_audit_segments"),
    )


def _create_audit_values() -> None:
    op.create_table(
        "audit_values",
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit_values"),
    )


def _create_credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("token_epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refreshes", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("pair_id", "system", name="uq_credentials_system"),
    )


def _create_cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.LargeBinary(), nullable=True),
        sa.Column("watermark", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("arrival", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("run", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("holder", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cursors")),
        sa.UniqueConstraint("pair_id", "side", "name", name="uq_cursors_name"),
    )


def _create_mapping_versions() -> None:
    op.create_table(
        "mapping_versions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_versions")),
        sa.UniqueConstraint("pair_id", "number", name="uq_mapping_versions_number"),
    )


def _create_pairs() -> None:
    op.create_table(
        "pairs",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode_salesforce", sa.Text(), server_default=sa.text("'observe'"), nullable=False),
        sa.Column("mode_zoho", sa.Text(), server_default=sa.text("'observe'"), nullable=False),
        sa.Column("held_salesforce", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("held_zoho", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("organization_salesforce", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("organization_zoho", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("mapping_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
        sa.UniqueConstraint("name", name="uq_pairs_name"),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("report", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("started_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("pair_id", "job", "slot", name="uq_runs_slot"),
    )
