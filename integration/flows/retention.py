"""Retention: let go what ended long ago, a few rows at a time, so that the line hardly notices.

Lanes, bindings and snapshots stay as long as the pair. They are what makes a repeat harmless whose inbox row
is gone: it is a new event then, yet it names a record whose snapshot knows its position. An older one is
stale, one of the same time is compared by content or has its record read, one about a record that is gone has
it read too. Nothing is created, because its record is bound; a tombstone stays one.
"""

from __future__ import annotations

from collections.abc import Mapping

from integration.canonical.values import Json
from integration.ports.retention import Shelf
from integration.ports.services import Services

ROWS = 500
"""Rows looked at in one transaction: short on SQLite too, which has one writer at a time."""
MOST_ROUNDS = 4_000
"""Two million rows of a kind a night; what is left over goes the next nights."""


def let_go(services: Services, runs_kept_ms: int) -> Mapping[str, Json]:
    """Remove what ended longer ago than the pair keeps it; returns how many rows of each kind went away."""
    kept = dict.fromkeys(Shelf, services.line.retention_ms) | {Shelf.RUNS: runs_kept_ms}
    return {shelf.value: _clear(services, shelf, kept_ms) for shelf, kept_ms in kept.items()}


def _clear(services: Services, shelf: Shelf, kept_ms: int) -> int:
    removed, after = 0, 0
    for _ in range(MOST_ROUNDS):
        with services.stores.begin(services.pair_id, "retention.clear") as uow:
            cleared = uow.retention.clear(shelf, uow.now - kept_ms, after, ROWS)
        removed += cleared.removed
        if cleared.last is None:
            break
        after = cleared.last
    return removed
