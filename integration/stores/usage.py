"""Calls granted per system, counted before they are sent; what the limiter is rebuilt from."""

from __future__ import annotations

import sqlalchemy as sa

from integration.canonical.outcome import WorkClass
from integration.ports.gateways import UsageStore
from integration.stores import bulk
from integration.stores.credentials import OpenTransaction
from integration.stores.tables_operation import api_usage


class SqlUsage(UsageStore):
    """`UsageStore` of one (pair, system). Rows are appended, so that no two workers wait for each other."""

    def __init__(self, open_transaction: OpenTransaction, pair_id: int, system: str) -> None:
        self._open = open_transaction
        self._pair_id = pair_id
        self._system = system

    def add(self, work: WorkClass, calls: int, at_ms: int) -> None:
        """Count calls about to be sent."""
        row = {
            "pair_id": self._pair_id,
            "system": self._system,
            "work": work.value,
            "at": at_ms,
            "calls": calls,
        }
        with self._open(self._pair_id, writing=True) as tx:
            bulk.add(tx, api_usage, [row])

    def since(self, at_ms: int) -> int:
        """Calls granted at or after that instant."""
        with self._open(self._pair_id, writing=False) as tx:
            statement = sa.select(sa.func.coalesce(sa.func.sum(api_usage.c.calls), 0)).where(
                tx.mine(api_usage), api_usage.c.system == self._system, api_usage.c.at >= at_ms
            )
            return int(tx.execute(statement).scalar_one())

    def compact(self, before_ms: int, slice_ms: int) -> int:
        """Replace rows before that instant by one per class and slice of time; returns how many rows went
        away.
        """
        with self._open(self._pair_id, writing=True) as tx:
            old = tx.mine(api_usage), api_usage.c.system == self._system, api_usage.c.at < before_ms
            rows = tx.rows(
                sa.delete(api_usage)
                .where(*old)
                .returning(api_usage.c.work, api_usage.c.at, api_usage.c.calls)
            )
            sums: dict[tuple[str, int], int] = {}
            for row in rows:
                place = (row.work, row.at - row.at % slice_ms)
                sums[place] = sums.get(place, 0) + row.calls
            bulk.add(
                tx,
                api_usage,
                [
                    {"pair_id": self._pair_id, "system": self._system, "work": work, "at": at, "calls": calls}
                    for (work, at), calls in sorted(sums.items())
                ],
            )
            return len(rows) - len(sums)

    def forget(self, before_ms: int) -> int:
        """Remove what was counted before that instant; returns how many rows. `compact` left few of them."""
        with self._open(self._pair_id, writing=True) as tx:
            old = tx.mine(api_usage), api_usage.c.system == self._system, api_usage.c.at < before_ms
            return tx.execute(sa.delete(api_usage).where(*old)).rowcount
