"""Tables about the running product: pairs, credentials, cursors, mapping versions, runs, API usage, alarms,
audit.
"""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from integration.stores.columns import (
    binary,
    document,
    metadata,
    number,
    optional_number,
    pair_id,
    row_id,
    string,
)

pairs = Table(
    "pairs",
    metadata,
    row_id(),
    string("name", None),
    string("mode_salesforce", "observe"),
    string("mode_zoho", "observe"),
    string("held_salesforce"),
    string("held_zoho"),
    string("organization_salesforce"),
    string("organization_zoho"),
    number("mapping_version"),
    number("created_at"),
    UniqueConstraint("name", name="uq_pairs_name"),
)

credentials = Table(
    "credentials",
    metadata,
    row_id(),
    pair_id(),
    string("system", None),
    binary("secret"),  # access token and base URL, encrypted
    number("expires_at"),
    number("token_epoch"),  # the refresh this token came from
    number("epoch"),
    number("lease_until"),  # the refresh claimed last
    document("refreshes", "[]"),  # times of claims within the window
    UniqueConstraint("pair_id", "system", name="uq_credentials_system"),
)

cursors = Table(
    "cursors",
    metadata,
    row_id(),
    pair_id(),
    string("side", None),
    string("name", None),
    binary("position"),
    number("watermark"),
    number("generation"),
    number("arrival"),
    document("run"),
    number("epoch"),
    string("holder"),
    number("lease_until"),
    UniqueConstraint("pair_id", "side", "name", name="uq_cursors_name"),
)

mapping_versions = Table(
    "mapping_versions",
    metadata,
    row_id(),
    pair_id(),
    number("number", None),
    string("text", None),
    string("author"),
    number("created_at"),
    UniqueConstraint("pair_id", "number", name="uq_mapping_versions_number"),
)

runs = Table(
    "runs",
    metadata,
    row_id(),
    pair_id(),
    string("job", None),
    string("slot", None),
    string("state", "running"),
    number("epoch"),
    number("lease_until"),
    document("report"),
    number("started_at"),
    optional_number("ended_at"),
    UniqueConstraint("pair_id", "job", "slot", name="uq_runs_slot"),
)

api_usage = Table(
    "api_usage",
    metadata,
    row_id(),
    pair_id(),
    string("system", None),
    string("work", None),
    number("at", None),
    number("calls", None),
)
Index("ix_api_usage_at", api_usage.c.pair_id, api_usage.c.system, api_usage.c.at)

alarms = Table(
    "alarms",
    metadata,
    row_id(),
    pair_id(),
    string("kind", None),
    number("gathered"),
    number("total"),
    number("sent_at"),
    number("last_at"),
    string("text"),
    string("advice"),
    number("claimed_until"),
    UniqueConstraint("pair_id", "kind", name="uq_alarms_kind"),
)

audit_log = Table(
    "audit_log",
    metadata,
    row_id(),
    pair_id(),
    number("at", None),
    string("kind", None),
    optional_number("lane_id"),
    optional_number("binding_id"),
    optional_number("event_id"),
    optional_number("write_id"),
    string("correlation_id"),
    document("detail"),
    string("values_digest"),  # of the erasable values with their salt; empty where there are none
    string("digest", None),  # of everything above
    optional_number("segment"),
)
Index(
    "ix_audit_log_unsealed",
    audit_log.c.pair_id,
    audit_log.c.id,
    postgresql_where=audit_log.c.segment.is_(None),
    sqlite_where=audit_log.c.segment.is_(None),
)
Index("ix_audit_log_segment", audit_log.c.pair_id, audit_log.c.segment)
Index("ix_audit_log_lane", audit_log.c.lane_id, audit_log.c.id)

audit_values = Table(
    "audit_values",
    metadata,
    number("audit_id", None),
    pair_id(),
    string("salt", None),
    document("values"),
    PrimaryKeyConstraint("audit_id", name="pk_audit_values"),
)

audit_segments = Table(
    "audit_segments",
    metadata,
    pair_id(),
    number("number", None),
    number("first_id", None),
    number("last_id", None),
    number("rows", None),
    string("digest", None),
    number("sealed_at", None),
    PrimaryKeyConstraint("pair_id", "number", name="pk_audit_segments"),
)
