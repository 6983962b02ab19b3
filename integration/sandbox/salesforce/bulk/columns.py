"""The header of an upload: which cell is which field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.bulk.csv_rows import CsvError
from integration.sandbox.salesforce.schema import VIRTUAL_TYPES, FieldDef, ObjectDef, Schema
from integration.sandbox.salesforce.values import ValueReader

NULL_CELL = "#N/A"


@dataclass(frozen=True)
class Column:
    """A field of the object, or a look-up named by an external id of the parent."""

    name: str
    field: FieldDef
    relation: str | None = None
    parent_key: str | None = None


class Columns:
    """Turns rows into what a save takes. Raises CsvError for a name the object does not have."""

    def __init__(
        self, names: Sequence[str], definition: ObjectDef, schema: Schema, *, empty_clears: bool
    ) -> None:
        self._definition = definition
        self._empty_clears = empty_clears
        self.names = tuple(names)
        self._columns = [self._column(name, schema) for name in names]
        seen: set[str] = set()
        for name in names:
            if name.lower() in seen:
                raise CsvError(f"InvalidBatch : Duplicate field name found : {name}")
            seen.add(name.lower())

    def _column(self, name: str, schema: Schema) -> Column:
        unknown = CsvError(f"InvalidBatch : Field name not found : {name}")
        relation, dot, key_name = name.partition(".")
        if not dot:
            field = self._definition.find(name)
            if field is None or field.type in VIRTUAL_TYPES:
                raise unknown
            return Column(field.name, field)
        field = self._definition.relationship(relation)
        parent = schema.find(field.reference_to[0]) if field is not None else None
        key = parent.find(key_name) if parent is not None else None
        if field is None or key is None or not key.external_id:
            raise unknown
        return Column(field.name, field, str(field.relationship), key.name)

    def incoming(self, cells: Iterable[str]) -> dict[str, Any]:
        """Field values of one row; an empty cell leaves its field alone."""
        found: dict[str, Any] = {}
        for column, cell in zip(self._columns, cells, strict=True):
            if cell == NULL_CELL or (cell == "" and self._empty_clears):
                found[column.name] = None
            elif cell == "":
                continue
            elif column.relation is None:
                found[column.name] = cell
            else:
                found[column.relation] = {column.parent_key: cell}
        return found

    def mistyped(self, cells: Iterable[str]) -> ApiError | None:
        """What a CSV row is told where a JSON body would be told of a wrong token."""
        reader = ValueReader(trim=True)
        for column, cell in zip(self._columns, cells, strict=True):
            if column.relation is not None or cell in {"", NULL_CELL}:
                continue
            try:
                reader.read(self._definition, column.field, cell)
            except ApiError as error:
                if error.code == "JSON_PARSER_ERROR":
                    message = f"{column.field.shown_label}: value not of required type: {cell}"
                    return ApiError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, fields=[column.field.name])
        return None
