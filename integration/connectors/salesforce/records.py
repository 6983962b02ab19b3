"""REST rows as native records. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integration.canonical.event import NativeRecord
from integration.canonical.values import Side
from integration.connectors.salesforce import native
from integration.connectors.salesforce.ids import long_id
from integration.errors import Retryable

PARENTS: Mapping[str, str] = {"Contact": "AccountId"}
"""The field that names the root a record belongs to."""

CHILDREN: Mapping[str, str] = {"Account": "Contact"}
"""The entity whose records are read together with a root."""

WINNER = "MasterRecordId"
"""Set on the loser of a merge."""


def system_columns(entity: str, present: frozenset[str], key_field: str) -> list[str]:
    """Columns every read needs beside those of the mapping; only ones the org has."""
    wanted = [
        "Id",
        "IsDeleted",
        "SystemModstamp",
        "LastModifiedDate",
        WINNER,
        key_field,
        PARENTS.get(entity, ""),
    ]
    return [name for name in wanted if name in present]


def record_of(entity: str, row: Mapping[str, Any], fields: Sequence[str]) -> NativeRecord:
    """A row as a record; `fields` are the columns that go into its image. Raises Retryable when the row is
    no record.
    """
    try:
        return NativeRecord(
            side=Side.SALESFORCE,
            entity=entity,
            record_id=long_id(row["Id"]),
            image={name: native.from_rest(row[name]) for name in fields if name in row},
            # Change events tell LastModifiedDate; what comes by REST must be placed by the same clock.
            at=native.epoch_ms(row.get("LastModifiedDate") or row["SystemModstamp"]),
            stamp=native.epoch_ms(row["SystemModstamp"]),
            parent_id=long_id(row.get(PARENTS.get(entity, "")) or ""),
            whole=all(name in row for name in fields),
            deleted=bool(row.get("IsDeleted")),
            merged_into=long_id(row.get(WINNER) or ""),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise Retryable("salesforce.row_unreadable", f"{entity}: {type(problem).__name__}") from None


def gone(entity: str, record_id: str, *, at: int = 0) -> NativeRecord:
    """A record that does not exist any more."""
    return NativeRecord(Side.SALESFORCE, entity, long_id(record_id), at=at, deleted=True)
