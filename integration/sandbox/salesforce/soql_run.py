"""Runs queries: from text to the rows they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Value
from integration.sandbox.salesforce.soql_dates import Viewer, viewer
from integration.sandbox.salesforce.soql_errors import (
    QueryError,
    invalid_field,
    malformed,
    no_such_relationship,
    unknown_type,
)
from integration.sandbox.salesforce.soql_find import Finder, Sorting, Wish
from integration.sandbox.salesforce.soql_literals import Literals, countable, sortable
from integration.sandbox.salesforce.soql_match import Matcher
from integration.sandbox.salesforce.soql_parse import Parser
from integration.sandbox.salesforce.soql_paths import Path, Paths, Scope, fold
from integration.sandbox.salesforce.soql_result import Child, Column, Json, Result
from integration.sandbox.salesforce.soql_shown import Shown
from integration.sandbox.salesforce.soql_tree import Counted, FieldSet, Named, Ordering, Query
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Row, Store
from integration.sandbox.salesforce.unsupported import Unsupported

_UTC_LOCALE = ("UTC", "en_GB")


class Queries:
    """SOQL over a store; `now` is the present in epoch milliseconds."""

    def __init__(self, store: Store, switches: SalesforceSwitches, now: Callable[[], int]) -> None:
        self._store = store
        self._switches = switches
        self._now = now
        self._paths = Paths(store)
        self.finder = Finder(store, self._paths)
        self.unsupported = Unsupported()

    def run(self, text: str, *, with_deleted: bool, user_id: str | None = None) -> Result:
        """Raises the query errors of the API. Date literals are seen from the user's time zone."""
        try:
            query = Parser(text, not_stands_alone=self._switches.soql_not_stands_alone).query()
            run = _Run(self._store, self._paths, self.finder, self._switches, self._viewer(user_id))
            return run.result(query, with_deleted=with_deleted)
        except QueryError as error:
            if error.feature is not None:
                self.unsupported.add(error.feature, text, self._now())
            raise error.answer(text) from None

    def render(self, result: Result, rows: Iterable[Row], version: str) -> list[Json]:
        """Rows of a result as records, all at once; the children in them have no pages."""
        shown = Shown(self._store, self.finder, None, user_id="", version=version, page_size=len(result.rows))
        return shown.records(result, rows)

    def _viewer(self, user_id: str | None) -> Viewer:
        user = None if user_id is None else self._store.table("User").get(user_id)
        zone, locale = _UTC_LOCALE
        if user is not None:
            zone = str(user.values.get("TimeZoneSidKey") or zone)
            locale = str(user.values.get("LocaleSidKey") or locale)
        return viewer(self._now(), zone, locale)


class _Run:
    """One query on its way from tree to result."""

    def __init__(
        self, store: Store, paths: Paths, finder: Finder, switches: SalesforceSwitches, asking: Viewer
    ) -> None:
        self._store = store
        self._paths = paths
        self._finder = finder
        self._switches = switches
        self._rates = _rates(store)
        self._matcher = Matcher(paths, Literals(asking, self._rates), self._rates)

    def result(self, query: Query, *, with_deleted: bool) -> Result:
        definition = self._store.schema.find(query.source.text)
        if definition is None:
            raise unknown_type(query.source.text, query.source.at)
        most = self._switches.largest_offset
        if query.offset > most:
            raise QueryError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {most}")
        scope = Scope(definition, query.alias)
        columns = self._columns(scope, query, with_deleted=with_deleted)
        counted = [(term, self._countable(scope, term)) for term in query.counted]
        wish = self._wish(scope, query, with_deleted=with_deleted)
        rows = self._finder.find(wish)[query.offset :]
        if not counted:
            return Result(definition, columns, tuple(rows), query.count)
        return Result(definition, columns, (), aggregate=self._numbers(counted, rows))

    # -- columns --------------------------------------------------------------------------------

    def _columns(self, scope: Scope, query: Query, *, with_deleted: bool) -> tuple[Column, ...]:
        found: dict[tuple[str, ...], Column] = {}
        for item in query.selected:
            if isinstance(item, Query):
                child = self._child(scope, item, with_deleted=with_deleted)
                _put(found, ("", child.name), child, item.source)
            elif isinstance(item, FieldSet):
                for field in _fields(scope.definition, item.which):
                    path = Path(field.name, (), scope.definition, field)
                    _put(found, path.key, path, Named(field.name, item.at))
            else:
                path = self._paths.resolve(scope, item)
                _put(found, path.key, path, item)
        return tuple(found.values())

    def _child(self, scope: Scope, query: Query, *, with_deleted: bool) -> Child:
        named = query.source
        found = self._store.schema.child(scope.definition.name, named.text)
        if found is None:
            raise no_such_relationship(named.text, named.at)
        definition, field = found
        inner = Scope(definition, query.alias)
        columns = self._columns(inner, query, with_deleted=with_deleted)
        wish = self._wish(inner, query, with_deleted=with_deleted)
        return Child(str(field.child_relationship), field, columns, wish)

    def _countable(self, scope: Scope, term: Counted) -> Path:
        path = self._paths.resolve(scope, term.path)
        if not countable(path.field):
            message = f"field {path.field.name} does not support aggregate operator COUNT"
            raise invalid_field(message, term.path.at)
        return path

    def _numbers(self, counted: list[tuple[Counted, Path]], rows: list[Row]) -> dict[str, int]:
        found: dict[str, int] = {}
        unnamed = 0
        for term, path in counted:
            alias = term.alias
            if alias is None:
                alias = f"expr{unnamed}"
                unnamed += 1
            if alias in found:
                raise malformed(f"duplicate alias: {alias}", term.path.at)
            found[alias] = sum(self._paths.value(path, row) is not None for row in rows)
        return found

    # -- which rows, in which order -------------------------------------------------------------

    def _wish(self, scope: Scope, query: Query, *, with_deleted: bool) -> Wish:
        bound = None if query.where is None else self._matcher.bind(scope, query.where)
        order = tuple(self._sorting(scope, term) for term in query.order)
        most = None if query.limit is None else query.offset + query.limit
        return Wish(scope.definition, bound, order, most, with_deleted)

    def _sorting(self, scope: Scope, term: Ordering) -> Sorting:
        path = self._paths.resolve(scope, term.path)
        field = path.field
        if not sortable(field):
            raise invalid_field(f"field '{field.name}' can not be sorted in a query call", term.path.at)
        read = self._paths.sort_reader(path, self._rates)
        plain = field.type != "currency" or not self._rates
        if field.type == "picklist" and field.picklist and self._switches.picklists_sort_as_set_up:
            read, plain = _place_reader(field, read), False
        return Sorting(path, read, term.descending, term.nulls_first, plain)


def _place_reader(field: FieldDef, read: Callable[[Row], Value]) -> Callable[[Row], Any]:
    """Reads the place of a value in its picklist; values that are not in it come last."""
    places = {fold(value): place for place, value in enumerate(field.picklist)}
    last = len(places)

    def place(row: Row) -> Any:
        value = read(row)
        return None if value is None else (places.get(fold(str(value)), last), value)

    return place


def _put(found: dict[tuple[str, ...], Column], key: tuple[str, ...], column: Column, named: Named) -> None:
    if key in found:
        raise malformed(f"duplicate field selected: {named.text}", named.at)
    found[key] = column


def _fields(definition: ObjectDef, which: str) -> Iterable[FieldDef]:
    return (f for f in definition.fields if which == "ALL" or f.custom == (which == "CUSTOM"))


def _rates(store: Store) -> dict[str, float]:
    """Conversion rates by ISO code; empty in an org of one currency."""
    if store.schema.find("CurrencyType") is None:
        return {}
    rows = store.table("CurrencyType")
    return {str(row.values["IsoCode"]): float(row.values["ConversionRate"] or 1.0) for row in rows}
