"""Look-ups a mapping may ask for, answered from bindings and the systems' tables."""

from __future__ import annotations

from integration.canonical.values import Side
from integration.errors import DependencyMissing
from integration.mapping.compile import CompiledMapping
from integration.ports import BoundRecord, NewRecord, UnitOfWork
from integration.ports.services import Tables

Found = tuple[str, BoundRecord]
"""A known record: its native entity, and where it belongs."""


class BoundLookups:
    """`Lookups` of the mapping over one unit of work; answers are remembered for the unit.

    A reference is `side:id`, by the Salesforce id where the record has one, so that both sides say the same
    of a bound record. With a `mapping`, a record it describes and nobody knows yet is given a lane and read.
    """

    def __init__(self, uow: UnitOfWork, tables: Tables, mapping: CompiledMapping | None = None) -> None:
        self._uow = uow
        self._tables = tables
        self._mapping = mapping
        self._seen: dict[tuple[Side, str], Found | None] = {}

    def reference(self, entity: str, record: str, side: Side, native_id: str) -> str | None:
        """The canonical reference of a record; what is not known yet can be named all the same."""
        found = self._known(side, native_id)
        if found is None:
            self._introduce(NewRecord(side, record, native_id, entity))
        elif found[1].salesforce_id:
            return _reference(Side.SALESFORCE, found[1].salesforce_id)
        return _reference(side, native_id)

    def native(self, entity: str, side: Side, reference: str) -> str | None:  # noqa: ARG002 - the mapping's Protocol
        """The id a referenced record has on a side. Raises DependencyMissing while it has none."""
        told, _, record_id = reference.partition(":")
        found = self._known(Side(told), record_id)
        bound = found[1] if found is not None else None
        native_id = (bound.salesforce_id if side is Side.SALESFORCE else bound.zoho_id) if bound else ""
        if not native_id:
            entity_there = found[0] if found is not None else ""
            text = "the record it refers to has no partner yet"
            raise DependencyMissing(
                "lookup.unbound", text, side=told, entity=entity_there, record_id=record_id
            )
        return native_id

    def table(self, name: str, key: str, inverse: bool) -> str | None:  # noqa: FBT001 - the mapping's Protocol
        """The value of a named table."""
        return self._tables.lookup(name, key, inverse=inverse)

    def _known(self, side: Side, record_id: str) -> Found | None:
        key = (side, record_id)
        if key not in self._seen:
            found = self._uow.lanes.by_record(side, [record_id])
            self._seen[key] = next(((name, b) for (name, _), b in found.items()), None)
        return self._seen[key]

    def _introduce(self, record: NewRecord) -> None:
        if self._mapping is None or record.native_entity not in self._mapping.native_entities(record.side):
            return
        self._uow.lanes.add_records([record])
        self._seen.pop((record.side, record.record_id))


def _reference(side: Side, record_id: str) -> str:
    return f"{side.value}:{record_id}"
