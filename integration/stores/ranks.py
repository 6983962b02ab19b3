"""Classes of work as numbers, and the order in which what waits is claimed."""

from __future__ import annotations

from integration.canonical.outcome import WorkClass

RANK = {WorkClass.LOOKUP: 0, WorkClass.EVENT: 1, WorkClass.BATCH: 2}
CLASS = {rank: work for work, rank in RANK.items()}
PATIENCE_MS = {0: 0, 1: 30_000, 2: 120_000}
"""What a class waits for the ones before it. Added to the time of readiness it orders all claims, so that
nothing starves.
"""


def rank_at(now: int, rank: int) -> int:
    """Place in the order of claims for something of that class that became ready now."""
    return now + PATIENCE_MS[rank]
