"""Tables an event passes through: inbox, lanes, bindings, snapshots, changes, intents, outbox."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint, and_

from integration.stores.columns import (
    among,
    document,
    equals,
    flag,
    metadata,
    number,
    optional_number,
    optional_string,
    pair_id,
    row_id,
    small,
    string,
)

inbox_events = Table(
    "inbox_events",
    metadata,
    row_id(),
    pair_id(),
    string("side", None),
    string("key", None),  # `key`: digest or short key, unique per pair and side
    string("entity"),
    string("record_id"),
    string("kind", None),
    string("channel", None),
    number("at"),
    number("generation"),
    number("arrival"),
    string("author"),
    string("origin"),
    document("body"),
    string("correlation_id"),
    number("received_at"),
    number("seen", 1),
    string("state", "received"),
    optional_string("outcome"),
    string("reason"),
    string("hint"),  # the outcome to give when nothing is left to do
    document("detail"),
    optional_number("lane_id"),
    optional_number("binding_id"),
    optional_number("write_id"),
    optional_number("folded_into"),
    optional_number("ended_at"),
    UniqueConstraint("pair_id", "side", "key", name="uq_inbox_events_key"),
)
_received = equals(inbox_events.c.state, "received")
_unended = among(inbox_events.c.state, "received", "queued", "waiting")
Index(
    "ix_inbox_events_received",
    inbox_events.c.pair_id,
    inbox_events.c.id,
    postgresql_where=_received,
    sqlite_where=_received,
)
Index(
    "ix_inbox_events_unended",
    inbox_events.c.pair_id,
    inbox_events.c.received_at,
    postgresql_where=_unended,
    sqlite_where=_unended,
)
Index("ix_inbox_events_lane", inbox_events.c.lane_id, inbox_events.c.state, inbox_events.c.id)

lanes = Table(
    "lanes",
    metadata,
    row_id(),
    pair_id(),
    string("aggregate", None),
    number("epoch"),
    number("lease_until"),
    number("not_before"),
    number("attempts"),
    flag("ready"),
    flag("dirty"),
    small("work"),
    number(
        "rank_at"
    ),  # time it became ready or dirty plus what its class waits: the order of claims, so nothing starves
    optional_number("joined_into"),
    number("created_at"),
)
_open_lane = lanes.c.joined_into.is_(None)
Index(
    "ix_lanes_ready",
    lanes.c.pair_id,
    lanes.c.rank_at,
    lanes.c.id,
    postgresql_where=and_(lanes.c.ready, _open_lane),
    sqlite_where=and_(lanes.c.ready, _open_lane),
)
Index(
    "ix_lanes_dirty",
    lanes.c.pair_id,
    lanes.c.rank_at,
    lanes.c.id,
    postgresql_where=and_(lanes.c.dirty, _open_lane),
    sqlite_where=and_(lanes.c.dirty, _open_lane),
)
Index(
    "ix_lanes_joined_into",
    lanes.c.joined_into,
    postgresql_where=lanes.c.joined_into.is_not(None),
    sqlite_where=lanes.c.joined_into.is_not(None),
)

bindings = Table(
    "bindings",
    metadata,
    row_id(),
    pair_id(),
    number("lane_id", None),
    string("entity", None),
    string("kind"),
    string("state", "provisional"),
    string("salesforce_entity"),
    optional_string("salesforce_id"),
    string("zoho_entity"),
    optional_string("zoho_id"),
    document("base"),
    flag("joined"),
    string("how"),
    optional_number("alias_of"),
    document("facts"),  # further facts of the member by name
    number("created_at"),
    UniqueConstraint("pair_id", "salesforce_id", name="uq_bindings_salesforce"),
    UniqueConstraint("pair_id", "zoho_entity", "zoho_id", name="uq_bindings_zoho"),
)
Index("ix_bindings_lane", bindings.c.lane_id)
Index(
    "ix_bindings_alias",
    bindings.c.alias_of,
    postgresql_where=bindings.c.alias_of.is_not(None),
    sqlite_where=bindings.c.alias_of.is_not(None),
)
Index("ix_bindings_zoho_id", bindings.c.pair_id, bindings.c.zoho_id)

snapshots = Table(
    "snapshots",
    metadata,
    number("binding_id", None),
    string("side", None),
    pair_id(),
    string("existence"),
    number("dirty"),
    document("image"),
    document("cells"),
    document("facts"),  # the other facts of the side by name, without those at their default
    document("match_keys", "[]"),  # copy of match_keys, so that loading a lane need not ask there
    PrimaryKeyConstraint("binding_id", "side", name="pk_snapshots"),
)

match_keys = Table(
    "match_keys",
    metadata,
    pair_id(),
    string("side", None),
    string("key", None),
    number("binding_id", None),
    PrimaryKeyConstraint("pair_id", "side", "key", "binding_id", name="pk_match_keys"),
)
Index("ix_match_keys_binding", match_keys.c.binding_id)

changes = Table(
    "changes",
    metadata,
    row_id(),
    pair_id(),
    number("lane_id", None),
    string("state", "planned"),
    document("steps", "[]"),
    document("decisions", "[]"),
    number("mapping_version"),
    string("correlation_id"),
    number("created_at"),
    number("ended_at"),
)
_planned = equals(changes.c.state, "planned")
Index("uq_changes_planned", changes.c.lane_id, unique=True, postgresql_where=_planned, sqlite_where=_planned)
Index("ix_changes_planned", changes.c.pair_id, changes.c.id, postgresql_where=_planned, sqlite_where=_planned)
Index("ix_changes_lane", changes.c.lane_id)

intents = Table(
    "intents",
    metadata,
    row_id(),
    pair_id(),
    number("binding_id", None),
    string("side", None),
    string("key"),
    number("opened_at"),
    document("facts"),
    string("state", "open"),
    number("closed_at"),
)
_open = equals(intents.c.state, "open")
Index(
    "uq_intents_open",
    intents.c.binding_id,
    intents.c.side,
    unique=True,
    postgresql_where=_open,
    sqlite_where=_open,
)
Index("ix_intents_binding", intents.c.binding_id)

outbox_writes = Table(
    "outbox_writes",
    metadata,
    row_id(),
    pair_id(),
    number("lane_id", None),
    number("binding_id", None),
    string("side", None),
    string("operation", None),
    string("state", "waiting"),
    string("entity"),
    string("record_id"),
    string("facet"),
    string("key"),
    document("payload"),
    number("epoch"),
    number("lease_until"),
    number("attempts"),
    number("not_before"),
    flag("unknown"),
    number("change_id"),
    number("mapping_version"),
    string("correlation_id"),
    number("blanked"),
    small("work"),
    number("rank_at"),
    string("code"),
    number("created_at"),
    optional_number("sent_at"),
    optional_number("ended_at"),
)
_waiting = equals(outbox_writes.c.state, "waiting")
_sending = equals(outbox_writes.c.state, "sending")
Index(
    "uq_outbox_writes_waiting",
    outbox_writes.c.lane_id,
    outbox_writes.c.side,
    unique=True,
    postgresql_where=_waiting,
    sqlite_where=_waiting,
)
Index(
    "uq_outbox_writes_sending",
    outbox_writes.c.lane_id,
    unique=True,
    postgresql_where=_sending,
    sqlite_where=_sending,
)
Index(
    "ix_outbox_writes_waiting",
    outbox_writes.c.pair_id,
    outbox_writes.c.side,
    outbox_writes.c.rank_at,
    outbox_writes.c.id,
    postgresql_where=_waiting,
    sqlite_where=_waiting,
)
Index(
    "ix_outbox_writes_sending",
    outbox_writes.c.pair_id,
    outbox_writes.c.side,
    outbox_writes.c.id,
    postgresql_where=_sending,
    sqlite_where=_sending,
)
Index(
    "ix_outbox_writes_sent",
    outbox_writes.c.pair_id,
    outbox_writes.c.side,
    outbox_writes.c.sent_at,
    postgresql_where=outbox_writes.c.sent_at.is_not(None),
    sqlite_where=outbox_writes.c.sent_at.is_not(None),
)
_unfinished = among(outbox_writes.c.state, "waiting", "sending")
Index(
    "ix_outbox_writes_unfinished",
    outbox_writes.c.lane_id,
    postgresql_where=_unfinished,
    sqlite_where=_unfinished,
)
Index("ix_outbox_writes_lane", outbox_writes.c.lane_id)

write_attempts = Table(
    "write_attempts",
    metadata,
    row_id(),
    pair_id(),
    number("write_id", None),
    number("epoch"),
    string("state", None),
    string("code"),
    number("at"),
)
Index("ix_write_attempts_write", write_attempts.c.write_id)
