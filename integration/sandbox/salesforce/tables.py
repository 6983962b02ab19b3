"""Records in memory, small enough for hundreds of thousands, with the indexes that keep them quick."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from integration.sandbox.salesforce.ordered_index import OrderedIndex
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Schema, Value

T = TypeVar("T")
_UNINDEXED_TARGETS = frozenset({"User"})
"""A handful of users stands in every record: an index of them would be large and choose nothing."""


class Layout:
    """The order in which all rows of an object keep their values."""

    __slots__ = ("names", "places")

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self.places = {name: place for place, name in enumerate(self.names)}

    def pack(self, values: Mapping[str, Value]) -> Packed:
        """The values in this order; names the object does not have are left out."""
        if isinstance(values, Packed) and values.layout is self:
            return values
        return Packed(self, tuple(map(values.get, self.names)))


class Packed(Mapping[str, Value]):
    """The values of one row by field name: a tuple, and names that all rows of the object share."""

    __slots__ = ("cells", "layout")

    def __init__(self, layout: Layout, cells: tuple[Value, ...]) -> None:
        self.layout, self.cells = layout, cells

    def __getitem__(self, name: str) -> Value:
        return self.cells[self.layout.places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.layout.names)

    def __len__(self) -> int:
        return len(self.cells)

    @overload
    def get(self, name: str, /) -> Value: ...
    @overload
    def get(self, name: str, default: Value, /) -> Value: ...
    @overload
    def get(self, name: str, default: T, /) -> Value | T: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        # What `Mapping` has would raise and catch for a missing name, and this is the way of every query.
        place = self.layout.places.get(name)
        return default if place is None else self.cells[place]

    def as_dict(self) -> dict[str, Value]:
        return dict(zip(self.layout.names, self.cells, strict=True))


def differing(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[str]:
    """The fields that do not have the same value in two versions of a record."""
    if isinstance(before, Packed) and isinstance(after, Packed) and before.layout is after.layout:
        cells = zip(after.layout.names, before.cells, after.cells, strict=True)
        return [name for name, old, new in cells if old != new]
    return [name for name in after if before.get(name) != after.get(name)]


@dataclass(frozen=True, slots=True)
class Row:
    """One version of a record; a change makes a new row, so queries may keep old ones."""

    id: str
    values: Mapping[str, Value]
    deleted_with: str | None = None
    """The record whose deletion took this one along, so that its undelete brings it back."""

    @property
    def deleted(self) -> bool:
        return bool(self.values["IsDeleted"])

    @property
    def stamp(self) -> int:
        return int(self.values["SystemModstamp"] or 0)

    def changed(self, *changes: Mapping[str, Value]) -> dict[str, Value]:
        """All values, with the changes made."""
        values = self.values.as_dict() if isinstance(self.values, Packed) else dict(self.values)
        for change in changes:
            values.update(change)
        return values


class Table:
    """The rows of one object."""

    def __init__(self, definition: ObjectDef) -> None:
        self.definition = definition
        self.layout = Layout(field.name for field in definition.stored())
        self._rows: dict[str, Row] = {}
        self._indexed = [field for field in definition.fields if _worth_an_index(field)]
        # Most keys have one record: its id stands alone, as a set takes ten times its room.
        self._index: dict[str, dict[Value, str | set[str]]] = {f.name: {} for f in self._indexed}
        self._ordered: dict[str, OrderedIndex[Row]] = {}
        self.deleted_ids: set[str] = set()
        self._touched_at = array("q")
        self._touched: list[str] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def get(self, record_id: str) -> Row | None:
        return self._rows.get(record_id)

    def put(self, row: Row) -> None:
        """Stores the row and moves its index entries. The caller has checked everything."""
        row = Row(row.id, self.layout.pack(row.values), row.deleted_with)
        old = self._rows.get(row.id)
        self._rows[row.id] = row
        for field in self._indexed:
            self._move(field, row.id, None if old is None else old.values, row.values)
        for ordered in self._ordered.values():
            ordered.put(old, row)
        (self.deleted_ids.add if row.deleted else self.deleted_ids.discard)(row.id)

    def drop(self, record_id: str) -> None:
        row = self._rows.pop(record_id, None)
        if row is None:
            return
        for field in self._indexed:
            self._move(field, row.id, row.values, None)
        for ordered in self._ordered.values():
            ordered.remove(row)
        self.deleted_ids.discard(record_id)

    def deleted_rows(self) -> list[Row]:
        """The rows in the recycle bin, oldest id first."""
        return [self._rows[record_id] for record_id in sorted(self.deleted_ids)]

    def has_order(self, name: str) -> bool:
        return name in self._ordered

    def ordered(self, name: str, read: Callable[[Row], Value]) -> OrderedIndex[Row]:
        """The rows in the order of a field; made when first asked for, kept up to date from then on."""
        if name not in self._ordered:
            self._ordered[name] = OrderedIndex(read, self._rows.values())
        return self._ordered[name]

    def _move(
        self,
        field: FieldDef,
        record_id: str,
        before: Mapping[str, Value] | None,
        after: Mapping[str, Value] | None,
    ) -> None:
        """From the entry of the old value to that of the new one; None where there is no row."""
        old = None if before is None else index_key(field, before.get(field.name))
        new = None if after is None else index_key(field, after.get(field.name))
        if old == new:
            return
        entries = self._index[field.name]
        if old is not None:
            found = entries[old]
            if isinstance(found, set) and len(found) > 1:
                found.discard(record_id)
            else:
                del entries[old]
        if new is not None:
            self._note(entries, new, record_id)

    @staticmethod
    def _note(entries: dict[Value, str | set[str]], key: Value, record_id: str) -> None:
        found = entries.setdefault(key, record_id)
        if isinstance(found, set):
            found.add(record_id)
        elif found != record_id:
            entries[key] = {found, record_id}

    def indexed(self, field_name: str) -> bool:
        return field_name in self._index

    def ids(self, field_name: str, value: Value) -> Collection[str]:
        """Ids of the rows, deleted ones too, by the value of an indexed field; in no order."""
        key = index_key(self.definition.field(field_name), value)
        found = () if key is None else self._index[field_name].get(key, ())
        return (found,) if isinstance(found, str) else found

    def find(self, field: FieldDef, value: Value, *, with_deleted: bool = False) -> list[Row]:
        """Rows whose field equals the value, oldest id first; only rows that have a value are indexed."""
        key = index_key(field, value)
        if key is None or field.name not in self._index:
            matching = (row for row in self if index_key(field, row.values.get(field.name)) == key)
            rows = sorted(matching, key=lambda row: row.id)
        else:
            found = self._index[field.name].get(key, set())
            rows = [self._rows[found]] if isinstance(found, str) else [self._rows[i] for i in sorted(found)]
        return [row for row in rows if with_deleted or not row.deleted]

    def dump(self) -> dict[str, Any]:
        """Field names once, then every row as its id, what took it along, and its values."""
        rows = [(row.id, row.deleted_with, self.layout.pack(row.values).cells) for row in self]
        return {"fields": self.layout.names, "rows": rows}

    def load(self, dumped: Mapping[str, Any]) -> None:
        """Adds the rows of a dump; fields that one of the two does not know stay empty or go."""
        names = dumped["fields"]
        blank = {field.name: False for field in self.definition.fields if field.type == "boolean"}
        for record_id, deleted_with, cells in dumped["rows"]:
            self.put(Row(record_id, {**blank, **dict(zip(names, cells, strict=True))}, deleted_with))
        for row in self:
            self.note_touched(row.stamp, row.id)

    def note_touched(self, stamp: int, record_id: str) -> None:
        """Remembers the order of SystemModstamp; told on commit, as undone saves have no place in it."""
        place = bisect_right(self._touched_at, stamp)
        self._touched_at.insert(place, stamp)
        self._touched.insert(place, record_id)
        if len(self._touched) > 2 * len(self._rows) + 1000:
            current = sorted((row.stamp, row.id) for row in self._rows.values())
            self._touched_at = array("q", (stamp for stamp, _ in current))
            self._touched = [record_id for _, record_id in current]

    def touched_since(self, stamp: int) -> Iterator[Row]:
        """Rows with SystemModstamp at or after the stamp, newest first, each once."""
        seen: set[str] = set()
        for place in range(len(self._touched) - 1, -1, -1):
            if self._touched_at[place] < stamp:
                return
            record_id = self._touched[place]
            row = self._rows.get(record_id)
            if record_id not in seen and row is not None:
                seen.add(record_id)
                yield row


def _worth_an_index(field: FieldDef) -> bool:
    looked_up = field.type == "reference" and not _UNINDEXED_TARGETS.issuperset(field.reference_to)
    return field.external_id or field.unique or looked_up


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

    def live(self, record_id: Value) -> Row | None:
        """The record of that id unless it is deleted or the id is empty."""
        found = None if record_id is None else self.get(str(record_id))
        return None if found is None or found[1].deleted else found[1]

    def pointing(self, object_name: str, field_name: str, record_id: str) -> list[Row]:
        """Live records of the object whose look-up names the record, oldest first."""
        table = self._tables[object_name]
        return table.find(table.definition.field(field_name), record_id)

    def any_pointing(self, object_name: str, field_name: str, record_id: str) -> bool:
        """Whether `pointing` would find anything, without listing it."""
        table = self._tables[object_name]
        return not table.deleted_ids.issuperset(table.ids(field_name, record_id))

    def children(self, object_name: str, record_id: str) -> Iterator[tuple[ObjectDef, FieldDef, Row]]:
        """Live records that point to the record."""
        for definition, field in self.schema.children_of(object_name):
            for row in self._tables[definition.name].find(field, record_id):
                yield definition, field, row
