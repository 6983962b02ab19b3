"""Lanes in memory as rows, and back. JSON columns are text here, so that what changed is told by comparing
texts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Row

from integration.canonical.outcome import BindingState, Operation
from integration.canonical.values import Side, decode_fields, encode_fields
from integration.policy.state import Existence, Intent, Member, SideState, Write
from integration.stores.cells import Facts, decode_cells, encode_cells
from integration.stores.json_text import dumps, loads
from integration.stores.ranks import CLASS

RowValues = dict[str, Any]
StoredRow = tuple[Any, ...]
"""Values in the order of the columns below, to tell what changed."""

MEMBER_COLUMNS = (
    "lane_id",
    "entity",
    "kind",
    "state",
    "salesforce_entity",
    "salesforce_id",
    "zoho_entity",
    "zoho_id",
    "base",
    "joined",
    "how",
    "alias_of",
    "facts",
)
SNAPSHOT_COLUMNS = ("existence", "dirty", "image", "cells", "facts", "match_keys")
INTENT_COLUMNS = ("side", "key", "opened_at", "facts")

_SIDE_FACTS = Facts(
    SideState, columns=frozenset({"side", "entity", "record_id", "existence", "image", "cells", "dirty"})
)
_MEMBER_FACTS = Facts(
    Member,
    columns=frozenset(
        {
            "binding_id",
            "entity",
            "kind",
            "state",
            "sides",
            "base",
            "joined",
            "how",
            "alias_of",
            "intent",
            "overrides",
            "match_keys",
        }
    ),
)
_INTENT_FACTS = Facts(Intent, columns=frozenset({"side", "key", "opened_at"}))
_WRITE_COLUMNS = (
    "binding_id",
    "entity",
    "record_id",
    "facet",
    "key",
    "epoch",
    "attempts",
    "not_before",
    "unknown",
    "change_id",
    "mapping_version",
    "correlation_id",
    "blanked",
)
_WRITE_FACTS = Facts(
    Write, columns=frozenset({"id", "side", "operation", "work", "values", "children", *_WRITE_COLUMNS})
)


def member_row(lane_id: int, member: Member) -> RowValues:
    """The columns of `bindings` a member decides, without its number."""
    salesforce = member.sides.get(Side.SALESFORCE)
    zoho = member.sides.get(Side.ZOHO)
    return {
        "lane_id": lane_id,
        "entity": member.entity,
        "kind": member.kind,
        "state": member.state.value,
        "salesforce_entity": salesforce.entity if salesforce else "",
        "salesforce_id": (salesforce.record_id or None) if salesforce else None,
        "zoho_entity": zoho.entity if zoho else "",
        "zoho_id": (zoho.record_id or None) if zoho else None,
        "base": dumps(encode_fields(member.base)),
        "joined": member.joined,
        "how": member.how,
        "alias_of": member.alias_of,
        "facts": dumps(_MEMBER_FACTS.encode(member)),
    }


def member_of(row: Row[Any]) -> Member:
    """A member without its sides, from a row of `bindings` (JSON columns as text)."""
    return Member(
        binding_id=row.id,
        entity=row.entity,
        kind=row.kind,
        state=BindingState(row.state),
        base=decode_fields(loads(row.base)),
        joined=row.joined,
        how=row.how,
        alias_of=row.alias_of,
        **_MEMBER_FACTS.decode(loads(row.facts)),
    )


def snapshot_row(state: SideState, match_keys: frozenset[str]) -> RowValues:
    """The columns of `snapshots` a side decides, without its key."""
    return {
        "existence": state.existence.value,
        "dirty": state.dirty,
        "image": dumps(state.image),
        "cells": dumps(encode_cells(state.cells)),
        "facts": dumps(_SIDE_FACTS.encode(state)),
        "match_keys": dumps(sorted(match_keys)),
    }


def side_of(row: Row[Any], entity: str, record_id: str | None) -> SideState:
    """A side from a row of `snapshots` (JSON columns as text)."""
    return SideState(
        Side(row.side),
        entity,
        record_id or "",
        Existence(row.existence),
        loads(row.image),
        decode_cells(loads(row.cells)),
        row.dirty,
        **_SIDE_FACTS.decode(loads(row.facts)),
    )


def intent_row(intent: Intent) -> RowValues:
    """The columns of `intents` an intent decides."""
    return {
        "side": intent.side.value,
        "key": intent.key,
        "opened_at": intent.opened_at,
        "facts": dumps(_INTENT_FACTS.encode(intent)),
    }


def intent_of(row: Row[Any]) -> Intent:
    """An intent from its row (facts as text)."""
    return Intent(Side(row.side), row.key, row.opened_at, **_INTENT_FACTS.decode(loads(row.facts)))


def write_row(write: Write) -> RowValues:
    """The columns of `outbox_writes` a write decides when it is put: it is new, so no epoch, and nothing
    unknown.
    """
    payload = _WRITE_FACTS.encode(write)
    if write.values:
        payload["values"] = encode_fields(write.values)
    if write.children:
        payload["children"] = {str(child): encode_fields(values) for child, values in write.children.items()}
    columns = {name: getattr(write, name) for name in _WRITE_COLUMNS}
    return {
        **columns,
        "side": write.side.value,
        "operation": write.operation.value,
        "payload": dumps(payload),
    }


def write_of(row: Row[Any]) -> Write:
    """A write from a row of `outbox_writes` (payload as an object)."""
    payload = row.payload
    return Write(
        id=row.id,
        side=Side(row.side),
        operation=Operation(row.operation),
        work=CLASS[row.work],
        values=decode_fields(payload.get("values", {})),
        children={int(child): decode_fields(values) for child, values in payload.get("children", {}).items()},
        **{name: getattr(row, name) for name in _WRITE_COLUMNS},
        **_WRITE_FACTS.decode(payload),
    )
