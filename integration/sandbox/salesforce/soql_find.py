"""Finds the rows of a query: where to look, what to test, how to order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any

from integration.sandbox.salesforce.ordered_index import OrderedIndex, Positions, joined, size
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Value
from integration.sandbox.salesforce.soql_match import Bound, Check, Checks, places
from integration.sandbox.salesforce.soql_paths import Path, Paths
from integration.sandbox.salesforce.tables import Row, Store, Table

_ORDERED = frozenset(
    "Id Name ProductCode StockKeepingUnit CreatedDate LastModifiedDate SystemModstamp".split()
)
_MOST_PARENTS = 2_000
_SORTING_COSTS = 3


@dataclass(frozen=True)
class Sorting:
    """One term of ORDER BY; `plain` where it sorts by the value as it is compared."""

    path: Path
    read: Callable[[Row], Any]
    descending: bool
    nulls_first: bool
    plain: bool


@dataclass(frozen=True)
class Wish:
    """What a query looks for in one object: at most `most` rows in this order, then by id."""

    definition: ObjectDef
    bound: Bound | None = None
    order: tuple[Sorting, ...] = ()
    most: int | None = None
    with_deleted: bool = False

    def among(self, rows: Iterable[Row], gone: set[str]) -> Iterator[Row]:
        """Those of the rows that are looked for, one after the other; `gone` are the ids of deleted ones."""
        live = rows if self.with_deleted or not gone else (row for row in rows if row.id not in gone)
        return iter(live) if self.bound is None else filter(self.bound.test, live)


class Finder:
    """Looks up rows by whatever index serves best."""

    def __init__(self, store: Store, paths: Paths) -> None:
        self._store = store
        self._paths = paths

    def find(self, wish: Wish) -> list[Row]:
        table = self._store.table(wish.definition.name)
        picked = self._picked(table, wish)
        lead = self._lead(table, wish)
        if lead is not None:
            index, where = lead
            if picked is None or size(where) <= _SORTING_COSTS * picked.number:
                return _walk(table, wish, index, where)
        rows = table if picked is None else picked.rows()
        found = sorted(wish.among(rows, table.deleted_ids), key=_id)
        return _sorted(found, wish.order)[: wish.most]

    def among(self, rows: Iterable[Row], wish: Wish) -> list[Row]:
        """The same out of these rows, which come by id."""
        gone = self._store.table(wish.definition.name).deleted_ids
        return _sorted([*wish.among(rows, gone)], wish.order)[: wish.most]

    # -- where to look --------------------------------------------------------------------------

    def _lead(self, table: Table, wish: Wish) -> tuple[OrderedIndex[Row], Positions] | None:
        """The index that has the order asked for, and the places in it that come into question."""
        if not wish.order:
            field = wish.definition.field("Id")
        elif wish.order[0].plain and not wish.order[0].path.steps:
            field = wish.order[0].path.field
        else:
            return None
        index = self._index(table, field, sorting=True)
        return None if index is None else (index, places(wish.bound, field.name, index))

    def _index(self, table: Table, field: FieldDef, *, sorting: bool = False) -> OrderedIndex[Row] | None:
        """The index of a field, made where it serves many queries or the first that sorts by the field."""
        definition = table.definition
        if field.type in {"picklist", "multipicklist", "boolean"}:
            return None
        often = field.name in _ORDERED or field.name == definition.name_field
        if not (often or sorting or table.has_order(field.name)):
            return None
        return table.ordered(field.name, self._paths.reader(Path(field.name, (), definition, field)))

    def _picked(self, table: Table, wish: Wish) -> _Picked | None:
        """The fewest rows any index leaves to look at."""
        found = [self._by_points(table, check) for check in _required(wish.bound)]
        choices = [choice for choice in found if choice is not None]
        own = {c.path.field.name: c.path.field for c in _checks(wish.bound) if not c.path.steps}
        for field in own.values():
            index = self._index(table, field)
            if index is not None:
                where = places(wish.bound, field.name, index)
                choices.append(_Picked(size(where), partial(index.rows, where)))
        return min(choices, key=lambda choice: choice.number, default=None)

    def _by_points(self, table: Table, check: Check) -> _Picked | None:
        """Rows by single values of a key or a look-up, or of a key of a parent."""
        if not check.path.steps and self._index(table, check.path.field) is not None:
            # Its places in the index tell the same.
            return None
        if check.points is None or any(len(step.reference_to) != 1 for step in check.path.steps):
            return None
        steps = [(self._store.table(step.reference_to[0]), step) for step in check.path.steps]
        last = steps[-1][0] if steps else table
        picked = self._keyed(last, check.path.field, check.points)
        owners = [table, *(target for target, _ in steps[:-1])]
        for owner, (_, step) in zip(reversed(owners), reversed(steps), strict=True) if steps else ():
            if picked is None or picked.number > _MOST_PARENTS or not owner.indexed(step.name):
                return None
            picked = _pointing(owner, step, picked)
        return picked

    def _keyed(self, table: Table, field: FieldDef, points: tuple[Value, ...]) -> _Picked | None:
        if field.name == "Id":
            rows = [row for p in dict.fromkeys(points) if (row := table.get(str(p))) is not None]
            return _Picked(len(rows), lambda: rows)
        if table.indexed(field.name):
            return _by_ids(table, [table.ids(field.name, point) for point in points])
        index = self._index(table, field)
        if index is None:
            return None
        where = joined(index.equal(point) for point in points)
        return _Picked(size(where), partial(index.rows, where))


@dataclass(frozen=True)
class _Picked:
    """So many rows to look at, in no order."""

    number: int
    rows: Callable[[], Iterable[Row]]


def _pointing(owner: Table, step: FieldDef, targets: _Picked) -> _Picked:
    """The rows whose look-up names one of these."""
    return _by_ids(owner, [owner.ids(step.name, row.id) for row in targets.rows()])


def _by_ids(table: Table, groups: list[Collection[str]]) -> _Picked:
    """Counted at once and listed when they are looked at, as a price book may have every price there is."""

    def rows() -> Iterator[Row]:
        found = (table.get(record_id) for record_id in dict.fromkeys(chain.from_iterable(groups)))
        return (row for row in found if row is not None)

    return _Picked(sum(map(len, groups)), rows)


def _id(row: Row) -> str:
    return row.id


def _required(bound: Bound | None) -> Iterator[Check]:
    """The comparisons every row must pass."""
    if isinstance(bound, Check):
        yield bound
    elif isinstance(bound, Checks) and bound.word == "AND":
        for member in bound.members:
            yield from _required(member)


def _checks(bound: Bound | None) -> Iterator[Check]:
    """Every comparison outside of negations."""
    if isinstance(bound, Check):
        yield bound
    elif isinstance(bound, Checks):
        for member in bound.members:
            yield from _checks(member)


# -- order --------------------------------------------------------------------------------------


def _walk(table: Table, wish: Wish, index: OrderedIndex[Row], where: Positions) -> list[Row]:
    """Rows in the order of an index, until there are enough of them."""
    first = wish.order[0] if wish.order else None
    rest = wish.order[1:]
    if rest and rest[0].path.field.name == "Id" and not (rest[0].path.steps or rest[0].descending):
        # Rows of one value come by id as it is.
        rest = ()
    descending = first is not None and first.descending
    nulls_first = first is None or first.nulls_first
    if not rest:
        rows = index.rows(where, descending=descending, nulls_first=nulls_first)
        return [*islice(wish.among(rows, table.deleted_ids), wish.most)]
    found: list[Row] = []
    for group in index.groups(where, descending=descending, nulls_first=nulls_first):
        fitting = [*wish.among(group, table.deleted_ids)]
        found += _sorted(fitting, rest) if len(fitting) > 1 else fitting
        if wish.most is not None and len(found) >= wish.most:
            break
    return found[: wish.most]


def _sorted(rows: list[Row], order: tuple[Sorting, ...]) -> list[Row]:
    # Sorting by the last term first makes the first one decide; the sort is stable.
    for term in reversed(order):
        keyed = [(term.read(row), row) for row in rows]
        empty = [row for key, row in keyed if key is None]
        full = [pair for pair in keyed if pair[0] is not None]
        full.sort(key=_first, reverse=term.descending)
        filled = [row for _, row in full]
        rows = empty + filled if term.nulls_first else filled + empty
    return rows


def _first(pair: tuple[Any, Row]) -> Any:
    return pair[0]
