"""Look-ups a mapping may ask for, answered from bindings and the systems' tables."""

from __future__ import annotations

from integration.canonical.values import Side
from integration.ports import BoundRecord, UnitOfWork
from integration.ports.services import Tables


class BoundLookups:
    """`Lookups` of the mapping over one unit of work; answers are remembered for the unit."""

    def __init__(self, uow: UnitOfWork, tables: Tables) -> None:
        self._uow = uow
        self._tables = tables
        self._seen: dict[tuple[Side, str, str], BoundRecord | None] = {}
        self._by_binding: dict[str, BoundRecord] = {}

    def reference(self, entity: str, side: Side, native_id: str) -> str | None:
        """The canonical reference (binding id as text) of a record, or None when it is not known."""
        key = (side, entity, native_id)
        if key not in self._seen:
            found = self._uow.lanes.by_record(side, [native_id])
            self._seen[key] = next((b for (_, record), b in found.items() if record == native_id), None)
        bound = self._seen[key]
        if bound is None:
            return None
        self._by_binding[str(bound.binding_id)] = bound
        return str(bound.binding_id)

    def native(self, entity: str, side: Side, reference: str) -> str | None:  # noqa: ARG002 - the mapping's Protocol
        """The id a referenced record has on a side, or None while it has none."""
        bound = self._by_binding.get(reference)
        if bound is None:
            return None
        return (bound.salesforce_id if side is Side.SALESFORCE else bound.zoho_id) or None

    def table(self, name: str, key: str, inverse: bool) -> str | None:  # noqa: FBT001 - the mapping's Protocol
        """The value of a named table."""
        return self._tables.lookup(name, key, inverse=inverse)
