"""Lanes beside its own that an answer reaches into. They are locked with its own, in the order of their ids:
two units that took them one by one would wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection

from integration.canonical.outcome import Operation
from integration.canonical.values import Side
from integration.policy.state import Write
from integration.ports import ReadAnswer, UnitOfWork, WriteAnswer


def holders(uow: UnitOfWork, side: Side, record_ids: Collection[str]) -> set[int]:
    """The lanes these records are in, as far as they are known."""
    known = uow.lanes.by_record(side, [record_id for record_id in record_ids if record_id])
    return {bound.lane_id for bound in known.values()}


def told_of(write: Write, written: WriteAnswer | None, read: ReadAnswer | None) -> list[str]:
    """Records beside its own that an answer shows: what was made, as its event may have come first, and the
    children of what was read.
    """
    ids = [record.record_id for record in read.records[1:]] if read is not None else []
    if written is not None and write.operation is Operation.CREATE:
        ids += [written.record_id, *(record.record_id for record in written.records)]
    return ids
