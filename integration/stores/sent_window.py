"""What was sent to each side lately, remembered from claim to claim: the brake asks before every claim, and a
window holds thousands of rows. Only what was sent since the last look is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from integration.canonical.outcome import Operation
from integration.canonical.values import Side
from integration.policy.state import Write
from integration.stores.tables_line import bindings, outbox_writes
from integration.stores.transaction import Transaction

OVERLAP_MS = 250
"""A look begins that much before the last one ended: a database's clock may be set back a little."""

_ROW = outbox_writes.c
_UNCOUNTED = (Operation.CREATE, Operation.FIND)
_ENDING = (Operation.DEACTIVATE, Operation.DELETE)


@dataclass
class SentWindow:
    """Writes to one side since `since`, as read up to `through` (database time, milliseconds).

    `lanes`: lane → when it was last changed; `harm`: row → when it was sent, and what it takes away. Both
    about in order of time, oldest first.
    """

    since: int
    through: int
    lanes: dict[int, int] = field(default_factory=dict)
    harm: dict[int, tuple[int, int]] = field(default_factory=dict)

    def note(self, write_id: int, lane_id: int, at: int, harm: int, *, changed: bool) -> None:
        """A row was sent, perhaps once more."""
        if changed:
            self.lanes[lane_id] = max(at, self.lanes.pop(lane_id, 0))
        if harm:
            self.harm.pop(write_id, None)
            self.harm[write_id] = (at, harm)

    def forget(self, before: int) -> None:
        """Let go of what was sent before then."""
        self.since = before
        while self.lanes and self.lanes[first := next(iter(self.lanes))] < before:
            del self.lanes[first]
        while self.harm and self.harm[row := next(iter(self.harm))][0] < before:
            del self.harm[row]


class SentWindows:
    """Of all pairs a process works on. Asked only under the lock of a side's claims."""

    def __init__(self) -> None:
        self._windows: dict[tuple[int, Side], SentWindow] = {}

    def of(self, tx: Transaction, side: Side, since: int) -> SentWindow:
        """The window that begins then."""
        window = self._windows.get((tx.pair_id, side))
        if window is None or since < window.since or tx.now < window.through:
            window = self._windows[tx.pair_id, side] = SentWindow(since, since + OVERLAP_MS)
        for row in tx.rows(_sent(tx, side, since, window.through - OVERLAP_MS)):
            window.note(row.id, row.lane_id, row.sent_at, row.harm, changed=row.changed)
        window.through = tx.now
        window.forget(since)
        return window


def counted(tx: Transaction, rows: Mapping[int, Write], since: int) -> set[int]:
    """Lanes of these rows that count as changed once the rows are sent."""
    told = {n: row.binding_id for n, row in rows.items() if row.operation not in _UNCOUNTED}
    if not told:
        return set()
    old = sa.select(bindings.c.id).where(
        tx.one_of(bindings.c.id, set(told.values())), bindings.c.created_at < since
    )
    known = set(tx.execute(old).scalars())
    return {n for n, binding_id in told.items() if binding_id in known}


def _sent(tx: Transaction, side: Side, since: int, start: int) -> sa.Select[tuple[int, int, int, int, bool]]:
    """A first load changes nothing that stood joined before: creates, and records known only since then, do
    not count as changed.
    """
    old = sa.select(bindings.c.id).where(bindings.c.id == _ROW.binding_id, bindings.c.created_at < since)
    changed = sa.and_(_ROW.operation.not_in(_values(_UNCOUNTED)), old.exists())
    harm = sa.case((_ROW.operation.in_(_values(_ENDING)), 1), else_=0) + _ROW.blanked
    return (
        sa.select(_ROW.id, _ROW.lane_id, _ROW.sent_at, harm.label("harm"), changed.label("changed"))
        .where(tx.mine(outbox_writes), _ROW.side == side.value, _ROW.sent_at >= max(since, start))
        .order_by(_ROW.sent_at, _ROW.id)
    )


def _values(operations: Collection[Operation]) -> list[str]:
    return [operation.value for operation in operations]
