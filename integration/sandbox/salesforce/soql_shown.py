"""Rows of a query as the API shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from integration.sandbox.salesforce.locators import Locators, Page
from integration.sandbox.salesforce.schema import VIRTUAL_TYPES, FieldDef, ObjectDef
from integration.sandbox.salesforce.soql_find import Finder
from integration.sandbox.salesforce.soql_paths import Path
from integration.sandbox.salesforce.soql_result import Child, Column, Json, Result, attributes
from integration.sandbox.salesforce.tables import Row, Store
from integration.sandbox.salesforce.values import render, render_compound

_WRITTEN_OTHERWISE = frozenset({"datetime", "time"})


class Shown:
    """Writes results for one caller: its API version, its size of pages, its locators."""

    def __init__(
        self,
        store: Store,
        finder: Finder,
        locators: Locators | None,
        *,
        user_id: str,
        version: str,
        page_size: int,
    ) -> None:
        self._store = store
        self._finder = finder
        self._locators = locators
        self._user_id = user_id
        self._version = version
        self._page_size = page_size

    def result(self, result: Result) -> Json:
        """A whole result, or its first page where there are locators for the others."""
        if result.aggregate is not None:
            record = {"attributes": {"type": "AggregateResult"}, **result.aggregate}
            return {"totalSize": 1, "done": True, "records": [record]}
        if result.counted:
            return {"totalSize": len(result.rows), "done": True, "records": []}
        if self._locators is None:
            return self.page(Page(result, result.rows, None))
        return self.page(self._locators.first(result, self._page_size, self._user_id))

    def page(self, page: Page) -> Json:
        body: Json = {"totalSize": len(page.result.rows), "done": page.next is None}
        if page.next is not None:
            body["nextRecordsUrl"] = f"/services/data/v{self._version}/query/{page.next}"
        body["records"] = self.records(page.result, page.rows)
        return body

    def records(self, result: Result, rows: Iterable[Row]) -> list[Json]:
        write = self._writer(result.columns)
        return [write(self._head(result.definition, row.id), row) for row in rows]

    def _head(self, definition: ObjectDef, record_id: str) -> Json:
        return {"attributes": attributes(definition, record_id, self._version)}

    def _writer(self, columns: tuple[Column, ...]) -> Callable[[Json, Row], Json]:
        places = [self._place(column) for column in columns]

        def write(body: Json, row: Row) -> Json:
            for place in places:
                place(body, row)
            return body

        return write

    def _place(self, column: Column) -> Callable[[Json, Row], None]:
        if isinstance(column, Child):
            return lambda body, row: body.update({column.name: self._children(column, row)})
        name, shown = column.field.name, _value(column)
        if column.steps:
            steps = [(step, str(step.relationship)) for step in column.steps]
            return lambda body, row: self._put_parents(body, row, steps, (name, shown))

        def put(body: Json, row: Row) -> None:
            body[name] = shown(row)

        return put

    def _put_parents(
        self,
        body: Json,
        row: Row,
        steps: list[tuple[FieldDef, str]],
        end: tuple[str, Callable[[Row], Any]],
    ) -> None:
        """Writes a field into the objects nested for its look-ups; a missing parent is null."""
        for step, name in steps:
            found = self._parent(step, row)
            if found is None:
                body[name] = None
                return
            definition, row = found
            if name not in body:
                body[name] = self._head(definition, row.id)
            body = body[name]
        name, shown = end
        body[name] = shown(row)

    def _parent(self, step: FieldDef, row: Row) -> tuple[ObjectDef, Row] | None:
        parent_id = row.values.get(step.name)
        if parent_id is None:
            return None
        if len(step.reference_to) > 1:
            return self._store.get(str(parent_id))
        table = self._store.table(step.reference_to[0])
        found = table.get(str(parent_id))
        return None if found is None else (table.definition, found)

    def _children(self, child: Child, row: Row) -> Json | None:
        """The nested result of a sub-query, or null where it found nothing."""
        wish = child.wish
        rows = self._store.table(wish.definition.name).find(child.field, row.id, with_deleted=True)
        found = tuple(self._finder.among(rows, wish))
        if not found:
            return None
        result = Result(wish.definition, child.columns, found)
        if self._locators is None:
            return self.page(Page(result, found, None))
        return self.page(self._locators.first_of_children(result, self._page_size, self._user_id))


def _value(path: Path) -> Callable[[Row], Any]:
    field, name, definition = path.field, path.field.name, path.definition
    if field.type in VIRTUAL_TYPES:
        return lambda row: render_compound(definition, field, row.values)
    if field.type in _WRITTEN_OTHERWISE:
        return lambda row: render(field, row.values.get(name))
    return lambda row: row.values.get(name)
