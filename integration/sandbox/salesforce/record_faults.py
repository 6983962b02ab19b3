"""Scripted refusals of single records, such as a row that another process has locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import ObjectDef

LOCKED = "UNABLE_TO_LOCK_ROW"


@dataclass(frozen=True)
class RecordFault:
    """Refuses the next `times` saves of a record named by id or by the given field values."""

    object_name: str
    code: str = LOCKED
    message: str = "unable to obtain exclusive access to this record"
    record_id: str | None = None
    fields: Mapping[str, Any] | None = None
    times: int = 1

    def meets(self, definition: ObjectDef, record_id: str | None, incoming: Mapping[str, Any]) -> bool:
        if definition.name != self.object_name:
            return False
        if self.record_id is not None and self.record_id != record_id:
            return False
        return all(incoming.get(name) == value for name, value in (self.fields or {}).items())


class RecordFaults:
    """The refusals still to come."""

    def __init__(self) -> None:
        self._waiting: list[RecordFault] = []

    def add(self, fault: RecordFault) -> None:
        self._waiting.append(fault)

    def check(self, definition: ObjectDef, record_id: str | None, incoming: Mapping[str, Any]) -> None:
        """Raises ApiError when a scripted refusal meets this save."""
        for position, fault in enumerate(self._waiting):
            if fault.meets(definition, record_id, incoming):
                if fault.times > 1:
                    self._waiting[position] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[position]
                raise ApiError(fault.code, fault.message, fields=[])

    def clear(self) -> None:
        self._waiting.clear()
