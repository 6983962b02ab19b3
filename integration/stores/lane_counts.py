"""How many lanes a pair has, counted now and then: the brake asks before every batch and needs a share, not
a census.
"""

from __future__ import annotations

import sqlalchemy as sa

from integration.stores.tables_line import lanes
from integration.stores.transaction import Transaction

COUNT_EVERY_MS = 10_000


class LaneCounts:
    """Shared by all units of one process. Two threads may count at once, which does no harm."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}

    def lanes(self, tx: Transaction) -> int:
        """Living lanes of the unit's pair, at most ten seconds old; small pairs are counted every time."""
        counted, at = self._known.get(tx.pair_id, (0, 0))
        if counted < 1_000 or not at <= tx.now < at + COUNT_EVERY_MS:
            statement = (
                sa.select(sa.func.count())
                .select_from(lanes)
                .where(tx.mine(lanes), lanes.c.joined_into.is_(None))
            )
            counted = int(tx.execute(statement).scalar_one())
            self._known[tx.pair_id] = (counted, tx.now)
        return counted
