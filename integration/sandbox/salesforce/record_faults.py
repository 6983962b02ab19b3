"""Scripted refusals of single records, such as a row that another process has locked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import ObjectDef

LOCKED = "UNABLE_TO_LOCK_ROW"
_BUSY = "unable to obtain exclusive access to this record"


@dataclass(frozen=True)
class RecordFault:
    """Refuses the next `times` saves of a record named by id or by the given field values."""

    object_name: str
    code: str = LOCKED
    message: str = _BUSY
    record_id: str | None = None
    fields: Mapping[str, Any] | None = None
    times: int = 1

    def meets(self, definition: ObjectDef, record_id: str | None, incoming: Mapping[str, Any]) -> bool:
        if definition.name != self.object_name:
            return False
        if self.record_id is not None and self.record_id != record_id:
            return False
        return all(incoming.get(name) == value for name, value in (self.fields or {}).items())


class _LockedRows:
    """The saves of one call that meet a lock, by their position."""

    def __init__(self, positions: Collection[int]) -> None:
        self._positions = frozenset(positions)
        self._saves = 0

    def check(self) -> None:
        self._saves += 1
        if self._saves - 1 in self._positions:
            raise ApiError(LOCKED, _BUSY, fields=[])


# The context of the call's own task: calls that run meanwhile meet no lock.
_locked: ContextVar[_LockedRows | None] = ContextVar("locked", default=None)


@contextmanager
def locked_rows(positions: Collection[int]) -> Iterator[None]:
    """Refuses, within the block, the saves at these positions of the call (0 is the first)."""
    token = _locked.set(_LockedRows(positions) if positions else None)
    try:
        yield
    finally:
        _locked.reset(token)


class RecordFaults:
    """The refusals still to come."""

    def __init__(self) -> None:
        self._waiting: list[RecordFault] = []

    def add(self, fault: RecordFault) -> None:
        self._waiting.append(fault)

    def check(self, definition: ObjectDef, record_id: str | None, incoming: Mapping[str, Any]) -> None:
        """Raises ApiError when a scripted refusal meets this save."""
        locked = _locked.get()
        if locked is not None:
            locked.check()
        for position, fault in enumerate(self._waiting):
            if fault.meets(definition, record_id, incoming):
                if fault.times > 1:
                    self._waiting[position] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[position]
                raise ApiError(fault.code, fault.message, fields=[])

    def clear(self) -> None:
        self._waiting.clear()
