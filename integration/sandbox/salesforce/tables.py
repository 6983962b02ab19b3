"""Records in memory, with the indexes that keep 20,000 of them quick."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Schema, Value


@dataclass(frozen=True, slots=True)
class Row:
    """One version of a record; a change makes a new row, so queries may keep old ones."""

    id: str
    values: dict[str, Value]
    deleted_with: str | None = None
    """The record whose deletion took this one along, so that its undelete brings it back."""

    @property
    def deleted(self) -> bool:
        return bool(self.values["IsDeleted"])

    @property
    def stamp(self) -> int:
        return int(self.values["SystemModstamp"] or 0)


class Table:
    """The rows of one object."""

    def __init__(self, definition: ObjectDef) -> None:
        self.definition = definition
        self._rows: dict[str, Row] = {}
        self._indexed = [f for f in definition.fields if f.external_id or f.unique or f.type == "reference"]
        self._index: dict[str, dict[Value, set[str]]] = {f.name: defaultdict(set) for f in self._indexed}
        self._touched: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def get(self, record_id: str) -> Row | None:
        return self._rows.get(record_id)

    def put(self, row: Row) -> None:
        """Stores the row and moves its index entries. The caller has checked everything."""
        self.drop(row.id)
        self._rows[row.id] = row
        for field in self._indexed:
            self._index[field.name][index_key(field, row.values.get(field.name))].add(row.id)

    def drop(self, record_id: str) -> None:
        row = self._rows.pop(record_id, None)
        if row is None:
            return
        for field in self._indexed:
            key = index_key(field, row.values.get(field.name))
            found = self._index[field.name][key]
            found.discard(record_id)
            if not found:
                del self._index[field.name][key]

    def indexed(self, field_name: str) -> bool:
        return field_name in self._index

    def find(self, field: FieldDef, value: Value, *, with_deleted: bool = False) -> list[Row]:
        """Rows whose indexed field equals the value, oldest id first."""
        found = self._index[field.name].get(index_key(field, value), ())
        rows = (self._rows[record_id] for record_id in sorted(found))
        return [row for row in rows if with_deleted or not row.deleted]

    def note_touched(self, stamp: int, record_id: str) -> None:
        """Remembers the order of SystemModstamp; told on commit, as undone saves have no place in it."""
        if self._touched and stamp < self._touched[-1][0]:
            insort(self._touched, (stamp, record_id))
        else:
            self._touched.append((stamp, record_id))
        if len(self._touched) > 2 * len(self._rows) + 1000:
            self._touched = sorted((row.stamp, row.id) for row in self._rows.values())

    def touched_since(self, stamp: int) -> Iterator[Row]:
        """Rows with SystemModstamp at or after the stamp, newest first, each once."""
        seen: set[str] = set()
        for touched, record_id in reversed(self._touched):
            if touched < stamp:
                return
            row = self._rows.get(record_id)
            if record_id not in seen and row is not None:
                seen.add(record_id)
                yield row


def index_key(field: FieldDef, value: Value) -> Value:
    """Text keys ignore case unless the field says otherwise."""
    ignores_case = field.type not in {"id", "reference"} and not field.case_sensitive
    return value.casefold() if isinstance(value, str) and ignores_case else value


class Store:
    """All tables of an org."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._tables = {definition.name: Table(definition) for definition in schema}

    def table(self, object_name: str) -> Table:
        return self._tables[object_name]

    def tables(self) -> Iterable[Table]:
        return self._tables.values()

    def redefine(self, definition: ObjectDef) -> None:
        """The table under a definition with other fields; records have new ones empty."""
        old, table = self._tables[definition.name], Table(definition)
        blank: dict[str, Value] = {
            field.name: False if field.type == "boolean" else None for field in definition.stored()
        }
        for row in old:
            table.put(Row(row.id, {**blank, **row.values}, row.deleted_with))
            table.note_touched(row.stamp, row.id)
        self._tables[definition.name] = table

    def clear(self) -> None:
        self._tables = {definition.name: Table(definition) for definition in self.schema}

    def get(self, record_id: str) -> tuple[ObjectDef, Row] | None:
        """The record of that id, whatever its object."""
        definition = self.schema.by_prefix(record_id)
        row = None if definition is None else self._tables[definition.name].get(record_id)
        return None if definition is None or row is None else (definition, row)

    def children(self, object_name: str, record_id: str) -> Iterator[tuple[ObjectDef, FieldDef, Row]]:
        """Live records that point to the record."""
        for definition, field in self.schema.children_of(object_name):
            for row in self._tables[definition.name].find(field, record_id):
                yield definition, field, row
