"""Tables of what waits for somebody: waits, dead letters, exceptions, overrides."""

from __future__ import annotations

from sqlalchemy import Index, Table, and_, literal_column

from integration.stores.columns import (
    document,
    equals,
    metadata,
    number,
    optional_document,
    optional_number,
    pair_id,
    row_id,
    string,
)

waits = Table(
    "waits",
    metadata,
    row_id(),
    pair_id(),
    number("lane_id", None),
    number("binding_id", None),
    string("side", None),
    string("entity"),
    string("record_id", None),
    string("state", "open"),
    number("created_at"),
    number("ended_at"),
    number("told_at"),
)
Index("ix_waits_binding", waits.c.binding_id)
_open_wait = equals(waits.c.state, "open")
Index(
    "uq_waits_open",
    waits.c.pair_id,
    waits.c.binding_id,
    waits.c.side,
    waits.c.record_id,
    unique=True,
    postgresql_where=_open_wait,
    sqlite_where=_open_wait,
)
Index(
    "ix_waits_record",
    waits.c.pair_id,
    waits.c.side,
    waits.c.record_id,
    postgresql_where=_open_wait,
    sqlite_where=_open_wait,
)
Index("ix_waits_lane", waits.c.lane_id, postgresql_where=_open_wait, sqlite_where=_open_wait)

dead_letters = Table(
    "dead_letters",
    metadata,
    row_id(),
    pair_id(),
    string("stage", None),
    string("code", None),
    string("text"),
    string("advice"),
    optional_number("lane_id"),
    optional_number("binding_id"),
    optional_number("event_id"),
    string("side"),
    document("evidence"),
    string("digest"),
    string("state", "open"),
    number("created_at"),
    number("closed_at"),
    string("author"),
    string("reason"),
)
_open_letter = and_(
    equals(dead_letters.c.state, "open"),
    dead_letters.c.binding_id.is_not(None),
    dead_letters.c.digest != literal_column("''"),
)
Index(
    "uq_dead_letters_open",
    dead_letters.c.pair_id,
    dead_letters.c.binding_id,
    dead_letters.c.digest,
    unique=True,
    postgresql_where=_open_letter,
    sqlite_where=_open_letter,
)
Index("ix_dead_letters_state", dead_letters.c.pair_id, dead_letters.c.state, dead_letters.c.id)
Index("ix_dead_letters_binding", dead_letters.c.binding_id)

exceptions = Table(
    "exceptions",
    metadata,
    row_id(),
    pair_id(),
    string("kind", None),
    string("text"),
    string("advice"),
    optional_number("lane_id"),
    optional_number("binding_id"),
    document("suggestions", "[]"),
    string("digest"),
    string("state", "open"),
    number("created_at"),
    number("closed_at"),
    string("author"),
    document("resolution"),
)
_open_case = and_(equals(exceptions.c.state, "open"), exceptions.c.binding_id.is_not(None))
Index(
    "uq_exceptions_open",
    exceptions.c.pair_id,
    exceptions.c.binding_id,
    exceptions.c.kind,
    exceptions.c.digest,
    unique=True,
    postgresql_where=_open_case,
    sqlite_where=_open_case,
)
Index("ix_exceptions_state", exceptions.c.pair_id, exceptions.c.state, exceptions.c.id)
Index("ix_exceptions_binding", exceptions.c.binding_id)

overrides = Table(
    "overrides",
    metadata,
    row_id(),
    pair_id(),
    number("binding_id", None),
    string("field", None),
    optional_document("value"),
    string("reason"),
    string("author"),
    optional_number("until"),
    number("created_at"),
    optional_number("ended_at"),
)
Index("ix_overrides_binding", overrides.c.binding_id)
_standing = overrides.c.ended_at.is_(None)
Index(
    "uq_overrides_standing",
    overrides.c.pair_id,
    overrides.c.binding_id,
    overrides.c.field,
    unique=True,
    postgresql_where=_standing,
    sqlite_where=_standing,
)
