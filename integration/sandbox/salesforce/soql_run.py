"""Runs queries: candidates by index, filter, order, pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import ObjectDef, Value
from integration.sandbox.salesforce.soql_match import Matcher, Path, Paths, comparable, literal_value
from integration.sandbox.salesforce.soql_parse import Comparison, Condition, Group, Ordering, Parser
from integration.sandbox.salesforce.tables import Row, Store
from integration.sandbox.salesforce.values import render, render_compound

Json = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What a query found; rows are kept as they were when it ran."""

    definition: ObjectDef
    paths: tuple[Path, ...]
    rows: tuple[Row, ...]
    counted: bool = False
    """`COUNT()`: only the size is answered."""
    aggregate: int | None = None
    """The number of `COUNT(field)`."""


class Queries:
    """SOQL over a store."""

    def __init__(self, store: Store, largest_offset: int) -> None:
        self._store = store
        self._paths = Paths(store)
        self._matcher = Matcher(self._paths)
        self._largest_offset = largest_offset

    def run(self, text: str, *, with_deleted: bool) -> Result:
        """Raises the query errors of the API."""
        query = Parser(text).query()
        definition = self._store.schema.find(query.object_name)
        if definition is None:
            raise ApiError("INVALID_TYPE", _unknown_type(query.object_name))
        if query.offset > self._largest_offset:
            message = f"Maximum SOQL offset allowed is {self._largest_offset}"
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message)
        paths = tuple(self._paths.resolve(definition, text) for text in query.paths)
        rows = self._filtered(definition, query.where, with_deleted=with_deleted)
        rows = self._ordered(definition, rows, query.order)
        end = None if query.limit is None else query.offset + query.limit
        rows = rows[query.offset : end]
        if query.counted is None:
            return Result(definition, paths, tuple(rows), query.count)
        counted = self._paths.resolve(definition, query.counted)
        number = sum(self._paths.value(counted, row) is not None for row in rows)
        return Result(definition, paths, (), aggregate=number)

    def render(self, result: Result, rows: Iterable[Row], version: str) -> list[Json]:
        """The rows as the API shows them."""
        if result.aggregate is not None:
            return [{"attributes": {"type": "AggregateResult"}, "expr0": result.aggregate}]
        return [self._record(result, row, version) for row in rows]

    # -- parts ----------------------------------------------------------------------------------

    def _filtered(self, definition: ObjectDef, where: Condition | None, *, with_deleted: bool) -> list[Row]:
        test = None if where is None else self._matcher.compile(definition, where)
        candidates = self._candidates(definition, where)
        return [
            row for row in candidates if (with_deleted or not row.deleted) and (test is None or test(row))
        ]

    def _candidates(self, definition: ObjectDef, where: Condition | None) -> Iterable[Row]:
        table = self._store.table(definition.name)
        members = where.members if isinstance(where, Group) and where.word == "AND" else (where,)
        for member in members:
            if isinstance(member, Comparison):
                found = self._by_index(definition, member)
                if found is not None:
                    return sorted(found, key=lambda row: row.id)
        return sorted(table, key=lambda row: row.id)

    def _by_index(self, definition: ObjectDef, comparison: Comparison) -> Iterator[Row] | None:
        field = definition.find(comparison.path)
        if field is None or field.type in {"date", "boolean"}:
            return None
        table = self._store.table(definition.name)
        if comparison.sign in {"=", "IN"}:
            wanted = {literal_value(field, literal) for literal in comparison.values}
            if field.name == "Id":
                return (row for key in wanted if (row := table.get(str(key))) is not None)
            if table.indexed(field.name):
                return iter(
                    {row.id: row for v in wanted for row in table.find(field, v, with_deleted=True)}.values()
                )
        if field.name == "SystemModstamp" and comparison.sign in {">", ">="}:
            value = literal_value(field, comparison.values[0])
            return None if value is None else table.touched_since(int(value))
        return None

    def _ordered(self, definition: ObjectDef, rows: list[Row], order: tuple[Ordering, ...]) -> list[Row]:
        terms = [(term, self._paths.resolve(definition, term.path)) for term in order]
        # Sorting by the last term first makes the first one decide; the sort is stable.
        for term, path in reversed(terms):
            rows = self._sorted(rows, term, path)
        return rows

    def _sorted(self, rows: list[Row], term: Ordering, path: Path) -> list[Row]:
        keyed = [(comparable(path.field, self._paths.value(path, row)), row) for row in rows]
        empty = [row for key, row in keyed if key is None]
        full = [pair for pair in keyed if pair[0] is not None]
        full.sort(key=_sort_key, reverse=term.descending)
        sorted_rows = [row for _, row in full]
        return empty + sorted_rows if term.nulls_first else sorted_rows + empty

    def _record(self, result: Result, row: Row, version: str) -> Json:
        body: Json = {"attributes": attributes(result.definition, row.id, version)}
        for path in result.paths:
            self._place(body, path, row, version)
        return body

    def _place(self, body: Json, path: Path, row: Row, version: str) -> None:
        here, current = body, row
        for step in path.steps:
            parent_id = current.values.get(step.name)
            found = None if parent_id is None else self._store.get(str(parent_id))
            name = str(step.relationship)
            if found is None:
                here[name] = None
                return
            definition, current = found
            here = here.setdefault(name, {"attributes": attributes(definition, current.id, version)})
        here[path.field.name] = rendered(path.definition, path, current)


def attributes(definition: ObjectDef, record_id: str, version: str) -> Json:
    return {
        "type": definition.name,
        "url": f"/services/data/v{version}/sobjects/{definition.name}/{record_id}",
    }


def rendered(definition: ObjectDef, path: Path, row: Row) -> Any:
    if path.field.type in {"address", "location"}:
        return render_compound(definition, path.field, row.values)
    return render(path.field, row.values.get(path.field.name))


def _sort_key(pair: tuple[Value, Row]) -> Any:
    return pair[0]


def _unknown_type(name: str) -> str:
    return (
        f"\nSELECT Id FROM {name}\n               ^\nERROR at Row:1:Column:16\n"
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to"
        " append the '__c' after the entity name. Please reference your WSDL or the describe call for the"
        " appropriate names."
    )
