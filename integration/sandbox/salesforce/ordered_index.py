"""The rows of a table in the order of one field."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

Positions: TypeAlias = list[tuple[int, int]]
"""Disjoint ranges of places in an index, ascending, each without its end."""
_PART = 500
"""So many rows are turned round at once; most queries want the first of them alone."""


class HasId(Protocol):
    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=HasId)
_by_id = attrgetter("id")


class OrderedIndex(Generic[R]):
    """Empty values first, then ascending values; equal values by id. Places count from zero over both."""

    def __init__(self, read: Callable[[R], Any], rows: Iterable[R]) -> None:
        self._read = read
        by_id = sorted(rows, key=_by_id)
        keys = [read(row) for row in by_id]
        self._empty = [row for row, key in zip(by_id, keys, strict=True) if key is None]
        # Places are sorted, not pairs: no containers are made that the garbage collector would count.
        places = sorted((at for at, key in enumerate(keys) if key is not None), key=keys.__getitem__)
        self._keys: list[Any] = [keys[at] for at in places]
        # Rows themselves, not ids: whole tables are listed without looking each row up.
        self._rows: list[R] = [by_id[at] for at in places]

    def __len__(self) -> int:
        return len(self._empty) + len(self._rows)

    def add(self, row: R) -> None:
        key = self._read(row)
        if key is None:
            self._empty.insert(bisect_left(self._empty, row.id, key=_by_id), row)
            return
        at = self._place(key, row.id)
        self._keys.insert(at, key)
        self._rows.insert(at, row)

    def put(self, old: R | None, row: R) -> None:
        """Adds a row in the place of its older version; the same place where the value is the same."""
        if old is None:
            self.add(row)
            return
        key = self._read(row)
        if key != self._read(old):
            self.remove(old)
            self.add(row)
        elif key is None:
            self._empty[bisect_left(self._empty, row.id, key=_by_id)] = row
        else:
            self._rows[self._place(key, row.id)] = row

    def remove(self, row: R) -> None:
        """Takes out a row as it was added."""
        key = self._read(row)
        if key is None:
            del self._empty[bisect_left(self._empty, row.id, key=_by_id)]
            return
        at = self._place(key, row.id)
        del self._keys[at], self._rows[at]

    def _place(self, key: Any, record_id: str) -> int:
        if not self._keys or key > self._keys[-1]:
            return len(self._keys)
        start = bisect_left(self._keys, key)
        return bisect_left(self._rows, record_id, start, bisect_right(self._keys, key, start), key=_by_id)

    # -- places ---------------------------------------------------------------------------------

    def everything(self) -> Positions:
        return [(0, len(self))]

    def empty(self) -> Positions:
        return [(0, len(self._empty))]

    def below(self, key: Any, *, included: bool) -> Positions:
        return [(len(self._empty), self._edge(key, after=included))]

    def above(self, key: Any, *, included: bool) -> Positions:
        return [(self._edge(key, after=not included), len(self))]

    def between(self, first: Any, end: Any) -> Positions:
        """From the first key to before the end."""
        return [(self._edge(first, after=False), self._edge(end, after=False))]

    def equal(self, key: Any) -> Positions:
        if key is None:
            return self.empty()
        return [(self._edge(key, after=False), self._edge(key, after=True))]

    def _edge(self, key: Any, *, after: bool) -> int:
        side = bisect_right if after else bisect_left
        return len(self._empty) + side(self._keys, key)

    # -- rows -----------------------------------------------------------------------------------

    def rows(self, places: Positions, *, descending: bool = False, nulls_first: bool = True) -> Iterator[R]:
        """The rows at these places in the order asked for; those of one value by id."""
        empty, full = self._parted(places)
        if not descending:
            found = chain.from_iterable(self._rows[start:end] for start, end in full)
        else:
            found = chain.from_iterable(self._downwards(start, end) for start, end in reversed(full))
        return chain(empty, found) if nulls_first else chain(found, empty)

    def groups(self, places: Positions, *, descending: bool, nulls_first: bool) -> Iterator[list[R]]:
        """The same as lists of the rows that share a value."""
        empty, full = self._parted(places)
        if empty and nulls_first:
            yield empty
        for start, end in reversed(full) if descending else full:
            yield from self._falling(start, end) if descending else self._rising(start, end)
        if empty and not nulls_first:
            yield empty

    def _parted(self, places: Positions) -> tuple[list[R], Positions]:
        """Rows without a value, and the places of the others counted from the first of them."""
        border = len(self._empty)
        empty = [row for start, end in places for row in self._empty[start : min(end, border)]]
        return empty, [(max(start, border) - border, end - border) for start, end in places if end > border]

    def _downwards(self, start: int, end: int) -> Iterable[R]:
        return chain.from_iterable(self._falling_parts(start, end))

    def _falling_parts(self, start: int, end: int) -> Iterator[Iterable[R]]:
        keys = self._keys
        while start < end:
            first = max(start, end - _PART)
            first = bisect_left(keys, keys[first], start, first)
            if len(set(keys[first:end])) == end - first:
                yield reversed(self._rows[first:end])
            else:
                yield from self._falling(first, end)
            end = first

    def _rising(self, start: int, end: int) -> Iterator[list[R]]:
        keys = self._keys
        while start < end:
            after = start + 1
            if after < end and keys[after] == keys[start]:
                after = bisect_right(keys, keys[start], after, end)
            yield self._rows[start:after]
            start = after

    def _falling(self, start: int, end: int) -> Iterator[list[R]]:
        keys = self._keys
        while start < end:
            first = end - 1
            if first > start and keys[first - 1] == keys[first]:
                first = bisect_left(keys, keys[first], start, first)
            yield self._rows[first:end]
            end = first


def joined(members: Iterable[Positions]) -> Positions:
    """Places in any of the members."""
    found: Positions = []
    for start, end in sorted(place for places in members for place in places):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def common(members: Iterable[Positions]) -> Positions:
    """Places in all of the members."""
    found: Positions | None = None
    for places in members:
        if found is None:
            found = places
            continue
        found = [(max(s, t), min(e, f)) for s, e in found for t, f in places if max(s, t) < min(e, f)]
    return found or []


def size(places: Positions) -> int:
    return sum(max(0, end - start) for start, end in places)
