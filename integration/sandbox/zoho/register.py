"""The records of one module: by id, by what marks them, in order, and as filters see them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.indexes import OrderedIndex
from integration.sandbox.zoho.premises import Premises

Mark = tuple[str, str]


class Kept(Protocol):
    """What a record must tell to be kept; times are whole seconds since 1970."""

    @property
    def record_id(self) -> str: ...
    @property
    def created(self) -> int: ...
    @property
    def modified(self) -> int: ...
    @property
    def deleted(self) -> bool: ...


R = TypeVar("R", bound=Kept)


class Register(Generic[R]):
    """A record is stored as a whole and never changed in place: filters see the version of a moment ago.

    `marks` names what a record can be found by at once, as pairs of kind and value: `("sku", "ab-1")`.
    """

    def __init__(self, premises: Premises, label: str, marks: Callable[[R], Iterable[Mark]]) -> None:
        self._premises, self._label, self._marks = premises, label, marks
        self.clear()

    def clear(self) -> None:
        """Forget every record."""
        self._alive: dict[str, R] = {}
        self._gone: dict[str, R] = {}
        self._marked: dict[str, dict[str, str | set[str]]] = {}
        self._orders: dict[str, tuple[OrderedIndex[Any], Callable[[R], Any]]] = {}
        self._seen: dict[str, R] = {}
        self._folded: dict[str, tuple[dict[str, str], Callable[[R], Iterable[str]]]] = {}
        self._waiting: deque[tuple[float, str, R | None]] = deque()

    def __len__(self) -> int:
        return len(self._alive)

    # Reading

    def get(self, record_id: str) -> R:
        """The record. :raises ApiError: 404, there is none."""
        record = self._alive.get(record_id)
        if record is None:
            raise faults.absent(self._label)
        return record

    def find(self, record_id: str) -> R | None:
        """The record if it is alive."""
        return self._alive.get(record_id)

    def ever(self, record_id: str) -> R | None:
        """The record, alive or deleted."""
        return self._alive.get(record_id) or self._gone.get(record_id)

    def all(self, *, deleted: bool = False) -> Iterable[R]:
        """The living records, or the deleted ones."""
        return (self._gone if deleted else self._alive).values()

    def holders(self, kind: str, value: str) -> list[str]:
        """Ids of the living records that carry the mark, in order."""
        return sorted(self.held(kind, value))

    def held(self, kind: str, value: str) -> Collection[str]:
        """The same in no order, at no cost however many they are; good until the next change."""
        found = self._marked.get(kind, {}).get(value, ())
        return (found,) if isinstance(found, str) else found

    # As lists and filters see it

    def ordered(self, column: str, key: Callable[[R], Any]) -> OrderedIndex[Any]:
        """Every id by that key; made at first use and kept up from then on."""
        if column not in self._orders:
            pairs = ((key(record), record_id) for record_id, record in self._alive.items())
            self._orders[column] = (OrderedIndex(pairs), key)
        return self._orders[column][0]

    def seen(self, record_id: str) -> R | None:
        """The version that filters go by: search lags behind writes."""
        return self._seen.get(record_id)

    def catch_up(self, *, wholly: bool = False) -> None:
        """Let filters see what is due by now, or everything."""
        now = float("inf") if wholly else self._premises.clock.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, record_id, record = self._waiting.popleft()
            self._show(record_id, record)

    def containing(self, column: str, texts: Callable[[R], Iterable[str]], wanted: str) -> list[str]:
        """Ids of records whose texts in that column may contain the folded text; none that do is missing."""
        if column not in self._folded:
            joined = {record_id: _folded(texts(record)) for record_id, record in self._seen.items()}
            self._folded[column] = (joined, texts)
        return [record_id for record_id, text in self._folded[column][0].items() if wanted in text]

    def unsettled(self) -> Iterator[str]:
        """Ids of records of which filters see an older version."""
        return (record_id for _, record_id, _ in self._waiting)

    # Changing

    def put(self, record: R, *, at_once: bool = False) -> None:
        """Store the record in place of its older version; filters see it later, or at once."""
        record_id = record.record_id
        before = self._alive.get(record_id)
        if before is not None:
            self._unmark(before)
        self._alive[record_id] = record
        for kind, value in self._marks(record):
            self._mark(kind, value, record_id)
        self._place(record)
        self._waiting.append((self._premises.visible_at(), record_id, record))
        if at_once:
            self.catch_up(wholly=True)

    def remove(self, record: R) -> None:
        """The record goes; what it was is kept among the deleted."""
        record_id = record.record_id
        self._unmark(self._alive.pop(record_id))
        self._gone[record_id] = record
        for order, _ in self._orders.values():
            order.remove(record_id)
        self._waiting.append((self._premises.visible_at(), record_id, None))

    def reindex(self, record_ids: Iterable[str]) -> None:
        """Place the records anew where what lists sort and search by stands in other records that changed."""
        for record_id in record_ids:
            record, seen = self._alive.get(record_id), self._seen.get(record_id)
            if record is not None:
                self._place(record)
            if seen is not None:
                self._show(record_id, seen)

    def restore(self, records: Iterable[R]) -> None:
        """The records of a dump instead of the present ones."""
        self.clear()
        for record in records:
            if record.deleted:
                self._gone[record.record_id] = record
            else:
                self.put(record, at_once=True)
        self.catch_up(wholly=True)

    def _place(self, record: R) -> None:
        for order, key in self._orders.values():
            order.put(record.record_id, key(record))

    def _show(self, record_id: str, record: R | None) -> None:
        if record is None:
            self._seen.pop(record_id, None)
        else:
            self._seen[record_id] = record
        for joined, texts in self._folded.values():
            if record is None:
                joined.pop(record_id, None)
            else:
                joined[record_id] = _folded(texts(record))

    def _mark(self, kind: str, value: str, record_id: str) -> None:
        marked = self._marked.setdefault(kind, {})
        held = marked.get(value)
        if held is None or held == record_id:
            # Most marks have one holder: a plain id takes a fraction of a set.
            marked[value] = record_id
        elif isinstance(held, str):
            marked[value] = {held, record_id}
        else:
            held.add(record_id)

    def _unmark(self, record: R) -> None:
        for kind, value in self._marks(record):
            marked = self._marked[kind]
            held = marked.get(value)
            if isinstance(held, set):
                held.discard(record.record_id)
            if not held or held == record.record_id:
                marked.pop(value, None)


def _folded(texts: Iterable[str]) -> str:
    return "\n".join(texts).casefold()
