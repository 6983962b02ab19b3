"""The line: inbox, lanes, bindings, snapshots, changes, intents, outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_line"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_bindings()
    _index_bindings()
    _create_changes()
    _index_changes()
    _create_inbox_events()
    _index_inbox_events()
    _create_intents()
    _index_intents()
    _create_lanes()
    _index_lanes()
    _create_match_keys()
    _index_match_keys()
    _create_outbox_writes()
    _index_outbox_writes()
    _create_snapshots()
    _create_write_attempts()
    _index_write_attempts()


def _create_bindings() -> None:
    op.create_table(
        "bindings",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'provisional'"), nullable=False),
        sa.Column("salesforce_entity", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("salesforce_id", sa.Text(), nullable=True),
        sa.Column("zoho_entity", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("zoho_id", sa.Text(), nullable=True),
        sa.Column("base", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("joined", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("how", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("alias_of", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bindings")),
        sa.UniqueConstraint("pair_id", "salesforce_id", name="uq_bindings_salesforce"),
        sa.UniqueConstraint("pair_id", "zoho_entity", "zoho_id", name="uq_bindings_zoho"),
    )


def _index_bindings() -> None:
    op.create_index(
        "ix_bindings_alias",
        "bindings",
        ["alias_of"],
        unique=False,
        postgresql_where=sa.text("alias_of IS NOT NULL"),
        sqlite_where=sa.text("alias_of IS NOT NULL"),
    )
    op.create_index("ix_bindings_lane", "bindings", ["lane_id"], unique=False)
    op.create_index("ix_bindings_zoho_id", "bindings", ["pair_id", "zoho_id"], unique=False)


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'planned'"), nullable=False),
        sa.Column("steps", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("decisions", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("mapping_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("correlation_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )


def _index_changes() -> None:
    op.create_index("ix_changes_lane", "changes", ["lane_id"], unique=False)
    op.create_index(
        "ix_changes_planned",
        "changes",
        ["pair_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
        sqlite_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "uq_changes_planned",
        "changes",
        ["lane_id"],
        unique=True,
        postgresql_where=sa.text("state = 'planned'"),
        sqlite_where=sa.text("state = 'planned'"),
    )


def _create_inbox_events() -> None:
    op.create_table(
        "inbox_events",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("record_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("arrival", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("origin", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("body", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("correlation_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("received_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hint", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("detail", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=True),
        sa.Column("binding_id", sa.BigInteger(), nullable=True),
        sa.Column("write_id", sa.BigInteger(), nullable=True),
        sa.Column("folded_into", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_events")),
        sa.UniqueConstraint("pair_id", "side", "key", name="uq_inbox_events_key"),
    )


def _index_inbox_events() -> None:
    op.create_index("ix_inbox_events_lane", "inbox_events", ["lane_id", "state", "id"], unique=False)
    op.create_index(
        "ix_inbox_events_received",
        "inbox_events",
        ["pair_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'received'"),
        sqlite_where=sa.text("state = 'received'"),
    )
    op.create_index(
        "ix_inbox_events_unended",
        "inbox_events",
        ["pair_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('received', 'queued', 'waiting')"),
        sqlite_where=sa.text("state IN ('received', 'queued', 'waiting')"),
    )


def _create_intents() -> None:
    op.create_table(
        "intents",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("binding_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("facts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
    )


def _index_intents() -> None:
    op.create_index("ix_intents_binding", "intents", ["binding_id"], unique=False)
    op.create_index(
        "uq_intents_open",
        "intents",
        ["binding_id", "side"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )


def _create_lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ready", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("dirty", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("work", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rank_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("joined_into", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lanes")),
    )


def _index_lanes() -> None:
    op.create_index(
        "ix_lanes_dirty",
        "lanes",
        ["pair_id", "rank_at", "id"],
        unique=False,
        postgresql_where=sa.text("dirty AND joined_into IS NULL"),
        sqlite_where=sa.text("dirty = 1 AND joined_into IS NULL"),
    )
    op.create_index(
        "ix_lanes_joined_into",
        "lanes",
        ["joined_into"],
        unique=False,
        postgresql_where=sa.text("joined_into IS NOT NULL"),
        sqlite_where=sa.text("joined_into IS NOT NULL"),
    )
    op.create_index(
        "ix_lanes_pair",
        "lanes",
        ["pair_id"],
        unique=False,
        postgresql_where=sa.text("joined_into IS NULL"),
        sqlite_where=sa.text("joined_into IS NULL"),
    )
    op.create_index(
        "ix_lanes_ready",
        "lanes",
        ["pair_id", "rank_at", "id"],
        unique=False,
        postgresql_where=sa.text("ready AND joined_into IS NULL"),
        sqlite_where=sa.text("ready = 1 AND joined_into IS NULL"),
    )


def _create_match_keys() -> None:
    op.create_table(
        "match_keys",
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("binding_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pair_id", "side", "key", "binding_id", name="pk_match_keys"),
    )


def _index_match_keys() -> None:
    op.create_index("ix_match_keys_binding", "match_keys", ["binding_id"], unique=False)


def _create_outbox_writes() -> None:
    op.create_table(
        "outbox_writes",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=False),
        sa.Column("binding_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("entity", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("record_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("facet", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("key", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("payload", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unknown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("change_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("mapping_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("correlation_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("blanked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("work", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rank_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_writes")),
    )


def _index_outbox_writes() -> None:
    op.create_index("ix_outbox_writes_lane", "outbox_writes", ["lane_id"], unique=False)
    op.create_index(
        "ix_outbox_writes_sending",
        "outbox_writes",
        ["pair_id", "side", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
        sqlite_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_outbox_writes_sent",
        "outbox_writes",
        ["pair_id", "side", "sent_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NOT NULL"),
        sqlite_where=sa.text("sent_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_writes_unfinished",
        "outbox_writes",
        ["lane_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(
        "ix_outbox_writes_waiting",
        "outbox_writes",
        ["pair_id", "side", "rank_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_outbox_writes_sending",
        "outbox_writes",
        ["lane_id"],
        unique=True,
        postgresql_where=sa.text("state = 'sending'"),
        sqlite_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "uq_outbox_writes_waiting",
        "outbox_writes",
        ["lane_id", "side"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )


def _create_snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("binding_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("existence", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("dirty", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("image", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("cells", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("facts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("match_keys", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("binding_id", "side", name="pk_snapshots"),
    )


def _create_write_attempts() -> None:
    op.create_table(
        "write_attempts",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("write_id", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_attempts")),
    )


def _index_write_attempts() -> None:
    op.create_index("ix_write_attempts_write", "write_attempts", ["write_id"], unique=False)
