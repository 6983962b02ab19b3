"""What modules do alike whose records are kept in a register."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.register import Kept, Register

Json = dict[str, Any]
R = TypeVar("R", bound=Kept)


class RecordModule(Generic[R]):
    """The records of one book; `show` makes the answer of GET of one."""

    def __init__(self, entity: str, id_key: str, book: Any, show: Callable[[R], Json]) -> None:
        self.entity, self.id_key = entity, id_key
        self._book, self._show = book, show

    @property
    def _register(self) -> Register[R]:
        found: Register[R] = self._book.register
        return found

    def counts(self) -> Json:
        return {"alive": len(self._register), "deleted": len(list(self._register.all(deleted=True)))}

    def ids(self) -> Iterable[str]:
        living, gone = self._register.all(), self._register.all(deleted=True)
        return [record.record_id for record in (*living, *gone)]

    def detail(self, record_id: str) -> Json | None:
        record = self._register.ever(record_id)
        return None if record is None else self._show(record)

    def is_deleted(self, record_id: str) -> bool:
        return self._register.find(record_id) is None

    def delete(self, record_id: str, source: str) -> None:
        self._book.delete(record_id, source)

    def dump(self) -> Any:
        return self._book.dump()

    def load(self, state: Any) -> None:
        self._book.load(state)

    def clear(self) -> None:
        self._book.clear()


class Retirable(Kept, Protocol):
    """A record that may be put away."""

    @property
    def status(self) -> str: ...


S = TypeVar("S", bound=Retirable)


class RetirableModule(RecordModule[S]):
    """Records that are active or inactive."""

    def counts(self) -> Json:
        inactive = sum(record.status == "inactive" for record in self._register.all())
        return {**super().counts(), "inactive": inactive}

    def set_status(self, record_id: str, status: str, source: str) -> None:
        if status not in {"active", "inactive"}:
            raise BadInstructionError(f"status is active or inactive, not {status!r}")
        self._book.set_status(record_id, status, source)
