"""What happened, for ever: rows appended freely, chained by one sealer, values in a side table that may be
erased.

A row's digest covers its columns and the digest of its values (with a salt kept beside the values, so that
nothing can be guessed back after they are erased). A segment's digest covers the segment before it and the
digests of its rows in order.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.values import Json
from integration.ports.rows import AuditRow
from integration.stores import bulk
from integration.stores.json_text import clean, dumps, loads
from integration.stores.lane_rows import RowValues
from integration.stores.tables_line import lanes
from integration.stores.tables_operation import audit_log, audit_segments, audit_values, pairs
from integration.stores.transaction import Transaction

_COVERED = (
    "pair_id",
    "at",
    "kind",
    "lane_id",
    "binding_id",
    "event_id",
    "write_id",
    "correlation_id",
    "detail",
    "values_digest",
)


class SqlAudit:
    """`AuditStore` of one unit of work. Rows are collected and inserted together; every method here sees
    them.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._unsent: list[AuditRow] = []
        tx.later(self._send)

    def add(self, rows: Sequence[AuditRow]) -> None:
        """Append."""
        self._unsent.extend(rows)

    def _send(self) -> None:
        rows, self._unsent = self._unsent, []
        if not rows:
            return
        salts = [secrets.token_hex(16) if row.values else "" for row in rows]
        ids = bulk.insert(
            self._tx, audit_log, [self._row(row, salt) for row, salt in zip(rows, salts, strict=True)]
        )
        bulk.add(
            self._tx,
            audit_values,
            [
                {"audit_id": number, "pair_id": self._tx.pair_id, "salt": salt, "values": dict(row.values)}
                for number, row, salt in zip(ids, rows, salts, strict=True)
                if row.values
            ],
        )

    def _row(self, row: AuditRow, salt: str) -> RowValues:
        columns = {
            "pair_id": self._tx.pair_id,
            "at": self._tx.now,
            "kind": clean(row.kind),
            "lane_id": row.lane_id,
            "binding_id": row.binding_id,
            "event_id": row.event_id,
            "write_id": row.write_id,
            "correlation_id": clean(row.correlation_id),
            "detail": _as_stored(dict(row.detail)),
            "values_digest": values_digest(salt, dict(row.values)) if row.values else "",
        }
        return {**columns, "digest": row_digest(columns)}

    def seal(self, limit: int) -> int:
        """Chain rows not sealed yet into the next segment; 0 while another unit seals this pair, or nothing
        is left.
        """
        self._send()
        fence = sa.select(pairs.c.id).where(pairs.c.id == self._tx.pair_id)
        if not self._tx.lock(fence, pairs, skip=True):
            return 0
        unsealed = sa.select(audit_log).where(self._tx.mine(audit_log), audit_log.c.segment.is_(None))
        rows = self._tx.rows(unsealed.order_by(audit_log.c.id).limit(limit))
        if not rows:
            return 0
        last = self._last_segment()
        number = last.number + 1 if last else 1
        digest = segment_digest(last.digest if last else "", number, [(row.id, row.digest) for row in rows])
        bulk.add(
            self._tx,
            audit_segments,
            [
                {
                    "pair_id": self._tx.pair_id,
                    "number": number,
                    "first_id": rows[0].id,
                    "last_id": rows[-1].id,
                    "rows": len(rows),
                    "digest": digest,
                    "sealed_at": self._tx.now,
                }
            ],
        )
        sealing = sa.update(audit_log).where(self._tx.one_of(audit_log.c.id, [row.id for row in rows]))
        self._tx.execute(sealing.values(segment=number))
        return len(rows)

    def _last_segment(self) -> Row[Any] | None:
        statement = sa.select(audit_segments).where(self._tx.mine(audit_segments))
        return self._tx.execute(statement.order_by(audit_segments.c.number.desc()).limit(1)).one_or_none()

    def verify(self) -> tuple[int, str]:
        """Recompute the chain: rows checked, and the first fault found (empty when whole)."""
        self._send()
        checked, before, expected = 0, "", 1
        statement = (
            sa.select(audit_segments).where(self._tx.mine(audit_segments)).order_by(audit_segments.c.number)
        )
        for segment in self._tx.rows(statement):
            if segment.number != expected:
                return checked, f"segment {expected} is missing"
            rows = self._rows_of(audit_log.c.segment == segment.number)
            fault = self._fault_in(segment, rows, before)
            if fault:
                return checked, fault
            checked, before, expected = checked + len(rows), segment.digest, expected + 1
        loose = self._rows_of(audit_log.c.segment.is_(None))
        fault = next((told for row in loose if (told := _fault_in_row(row))), "")
        stray = (
            sa.select(audit_log.c.id)
            .where(self._tx.mine(audit_log), audit_log.c.segment >= expected)
            .limit(1)
        )
        if not fault and self._tx.execute(stray).first() is not None:
            fault = f"segment {expected} is missing"
        return checked + (0 if fault else len(loose)), fault

    def _rows_of(self, condition: sa.ColumnElement[bool]) -> Sequence[Row[Any]]:
        values = audit_values.c["values"]
        joined = audit_log.outerjoin(audit_values, audit_values.c.audit_id == audit_log.c.id)
        statement = sa.select(audit_log, audit_values.c.salt, values.label("told")).select_from(joined)
        return self._tx.rows(statement.where(self._tx.mine(audit_log), condition).order_by(audit_log.c.id))

    def _fault_in(self, segment: Row[Any], rows: Sequence[Row[Any]], before: str) -> str:
        if len(rows) != segment.rows:
            return f"segment {segment.number}: {segment.rows} rows were sealed, {len(rows)} are there"
        fault = next((told for row in rows if (told := _fault_in_row(row))), "")
        if fault:
            return f"segment {segment.number}: {fault}"
        if segment_digest(before, segment.number, [(row.id, row.digest) for row in rows]) != segment.digest:
            return f"segment {segment.number}: the chain does not fit"
        return ""

    def timeline(self, lane_ids: Collection[int]) -> list[dict[str, Json]]:
        """Audit rows of lanes, and of those joined into them, with their values, oldest first."""
        self._send()
        joined = sa.select(lanes.c.id).where(self._tx.one_of(lanes.c.joined_into, lane_ids))
        own = {*lane_ids, *(row.id for row in self._tx.rows(joined))}
        return [
            {
                "id": row.id,
                "at": row.at,
                "kind": row.kind,
                "lane_id": row.lane_id,
                "binding_id": row.binding_id,
                "event_id": row.event_id,
                "write_id": row.write_id,
                "correlation_id": row.correlation_id,
                "detail": row.detail,
                "values": row.told if row.told is not None else {},
                "erased": bool(row.values_digest) and row.told is None,
                "sealed": row.segment is not None,
            }
            for row in self._rows_of(self._tx.one_of(audit_log.c.lane_id, own))
        ]


def _as_stored(told: RowValues) -> RowValues:
    """What a reader will get back: digests are made of that."""
    stored: RowValues = loads(dumps(told))
    return stored


def _digest(salt: str, told: RowValues) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((salt + text).encode()).hexdigest()


def row_digest(columns: RowValues) -> str:
    """SHA-256 over the covered columns in a fixed form."""
    return _digest("", {name: columns[name] for name in _COVERED})


def values_digest(salt: str, values: RowValues) -> str:
    """SHA-256 over the erasable values with their salt."""
    return _digest(salt, _as_stored(values))


def segment_digest(before: str, number: int, rows: Sequence[tuple[int, str]]) -> str:
    """SHA-256 over the segment before, this one's number and its rows in order."""
    chained = hashlib.sha256(f"{before}:{number}".encode())
    for row_id, digest in rows:
        chained.update(f"|{row_id}:{digest}".encode())
    return chained.hexdigest()


def _fault_in_row(row: Row[Any]) -> str:
    if row_digest({name: getattr(row, name) for name in _COVERED}) != row.digest:
        return f"audit row {row.id} was changed"
    if row.told is not None and values_digest(row.salt, row.told) != row.values_digest:
        return f"the values of audit row {row.id} were changed"
    return ""
