"""Indexes over contacts: ordered ones for lists, a lagging one for filters."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", str, int)
# Column → the lower-cased texts a filter may meet; empty texts are left out.
Document = Mapping[str, tuple[str, ...]]


class OrderedIndex(Generic[Key]):
    """Ids sorted by a key, then by id; moving one costs a memmove, not a sort."""

    def __init__(self) -> None:
        self._rows: list[tuple[Key, str]] = []
        self._keys: dict[str, Key] = {}

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

    def __len__(self) -> int:
        return len(self._rows)


class SearchIndex:
    """What filters and search see: the records as they were `lag` seconds ago."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._exact: dict[tuple[str, str], set[str]] = {}
        self._waiting: deque[tuple[float, str, Document | None]] = deque()

    def put(self, record_id: str, document: Document | None, due: float) -> None:
        """Show the new document (None: nothing) from `due` on."""
        self._waiting.append((due, record_id, document))

    def catch_up(self, now: float) -> None:
        """Let everything that is due become visible."""
        while self._waiting and self._waiting[0][0] <= now:
            _, record_id, document = self._waiting.popleft()
            self._replace(record_id, document)

    def equal(self, column: str, text: str) -> set[str]:
        """Ids of records with a value equal to the text."""
        return self._exact.get((column, text.casefold()), set())

    def starting(self, column: str, text: str) -> set[str]:
        """Ids of records with a value that starts with the text."""
        wanted = text.casefold()
        return {
            record_id
            for record_id, document in self._documents.items()
            if any(value.startswith(wanted) for value in document[column])
        }

    def containing(self, column: str, text: str) -> set[str]:
        """Ids of records with a value that contains the text."""
        wanted = text.casefold()
        return {
            record_id
            for record_id, document in self._documents.items()
            if any(wanted in value for value in document[column])
        }

    def _replace(self, record_id: str, document: Document | None) -> None:
        for column, values in self._documents.pop(record_id, {}).items():
            for value in values:
                ids = self._exact[column, value]
                ids.discard(record_id)
                if not ids:
                    del self._exact[column, value]
        if document is None:
            return
        self._documents[record_id] = document
        for column, values in document.items():
            for value in values:
                self._exact.setdefault((column, value), set()).add(record_id)
