"""Ids in order, for lists of any length."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", str, int, float)
_key: itemgetter[Any] = itemgetter(0)


class OrderedIndex(Generic[Key]):
    """Ids sorted by a key, then by id; moving one costs a memmove, not a sort."""

    def __init__(self, pairs: Iterable[tuple[Key, str]] = ()) -> None:
        self._rows: list[tuple[Key, str]] = sorted(pairs)
        self._keys: dict[str, Key] = {record_id: key for key, record_id in self._rows}

    def put(self, record_id: str, key: Key) -> None:
        """Place the record, wherever it stood before."""
        if self._keys.get(record_id) == key:
            return
        self.remove(record_id)
        self._keys[record_id] = key
        insort(self._rows, (key, record_id))

    def remove(self, record_id: str) -> None:
        """Take the record out; nothing happens where it is not in."""
        key = self._keys.pop(record_id, None)
        if key is not None:
            del self._rows[bisect_left(self._rows, (key, record_id))]

    def ids(self, *, descending: bool) -> Iterator[str]:
        """Every id in order."""
        return (record_id for _, record_id in (reversed(self._rows) if descending else self._rows))

    def page(self, start: int, stop: int, *, descending: bool) -> list[str]:
        """The ids from `start` up to `stop`."""
        count = len(self._rows)
        if descending:
            rows = self._rows[max(0, count - stop) : max(0, count - start)][::-1]
        else:
            rows = self._rows[start:stop]
        return [record_id for _, record_id in rows]

    def between(self, low: Key, high: Key) -> list[str]:
        """The ids whose keys lie between the bounds, both included."""
        start = bisect_left(self._rows, low, key=_key)
        return [record_id for _, record_id in self._rows[start : bisect_right(self._rows, high, key=_key)]]

    def __len__(self) -> int:
        return len(self._rows)
