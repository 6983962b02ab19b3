"""Overrides: what people corrected, field by field."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.values import Json
from integration.ports.rows import Override
from integration.stores import bulk
from integration.stores.tables_people import overrides
from integration.stores.transaction import Transaction

_ROW = overrides.c


class SqlOverrides:
    """`OverrideStore` of one unit of work."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def set(
        self, binding_id: int, field_name: str, value: Json, reason: str, author: str, until: int | None
    ) -> int:
        """A person's correction of one field (encoded value); an earlier one of the field ends. Its id."""
        earlier = _ROW.binding_id == binding_id, _ROW.field == field_name, _ROW.ended_at.is_(None)
        self._end(self._tx.mine(overrides), *earlier)
        row = {
            "pair_id": self._tx.pair_id,
            "binding_id": binding_id,
            "field": field_name,
            "value": value,
            "reason": reason,
            "author": author,
            "until": until,
            "created_at": self._tx.now,
        }
        return bulk.insert(self._tx, overrides, [row])[0]

    def one(self, override_id: int) -> Override | None:
        """One override, standing or ended."""
        asked = sa.select(overrides).where(self._tx.mine(overrides), _ROW.id == override_id)
        row = self._tx.execute(asked).one_or_none()
        return _override(row) if row is not None else None

    def of(self, binding_ids: Collection[int]) -> list[Override]:
        """Standing overrides of these bindings."""
        asked = sa.select(overrides).where(
            self._tx.mine(overrides),
            self._tx.one_of(_ROW.binding_id, binding_ids),
            _ROW.ended_at.is_(None),
        )
        return [_override(row) for row in self._tx.rows(asked.order_by(_ROW.id))]

    def page(self, *, standing: bool, limit: int = 100, after: int = 0) -> list[Override]:
        """Overrides in order of id: those that stand, or those that ended."""
        ended = _ROW.ended_at.is_(None) if standing else _ROW.ended_at.is_not(None)
        asked = sa.select(overrides).where(self._tx.mine(overrides), ended, _ROW.id > after)
        return [_override(row) for row in self._tx.rows(asked.order_by(_ROW.id).limit(limit))]

    def end(self, override_id: int) -> bool:
        """End it now; False when it had ended before."""
        return self._end(self._tx.mine(overrides), _ROW.id == override_id, _ROW.ended_at.is_(None)) == 1

    def due(self, limit: int) -> list[Override]:
        """Those that stand though their time is over, the oldest first."""
        over = self._tx.mine(overrides), _ROW.ended_at.is_(None), _ROW.until <= self._tx.now
        asked = sa.select(overrides).where(*over).order_by(_ROW.id).limit(limit)
        return [_override(row) for row in self._tx.rows(asked)]

    def _end(self, *which: sa.ColumnElement[bool]) -> int:
        return self._tx.execute(sa.update(overrides).where(*which).values(ended_at=self._tx.now)).rowcount


def _override(row: Row[Any]) -> Override:
    return Override(
        row.id,
        row.binding_id,
        row.field,
        row.value,
        row.reason,
        row.author,
        row.until,
        row.created_at,
        row.ended_at,
    )
