"""Documents of one kind as a module of the organisation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.record_module import Json, R, RecordModule


class DocumentModule(RecordModule[R], ABC):
    """What all kinds have in common; those that can do more say so."""

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is not None:
            raise BadInstructionError(f"a {self.entity} cannot be changed here; delete it and make another")
        return self._made(fields, source)

    def set_status(self, record_id: str, status: str, source: str) -> None:
        raise BadInstructionError(f"{source}s find no button {status!r} at {self.entity} {record_id}")

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        raise BadInstructionError(
            f"a {self.entity} is not planted at {at} with {[*fields]}: make one for its order"
        )

    @abstractmethod
    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        """The id of a new one."""


class OrderModule(DocumentModule[R]):
    """Orders of either side; `press` brings one to a status, `planted` are those it may begin in."""

    def __init__(
        self,
        entity: str,
        book: Any,
        show: Callable[[R], Json],
        press: Callable[[str, str, str], None],
        planted: tuple[str, ...],
    ) -> None:
        super().__init__(entity, f"{entity}_id", book, show)
        self._press, self._planted = press, planted

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        values = dict(fields)
        status = values.pop("status", None)
        if record_id is None:
            record_id = self._made(values, source)
        elif values:
            self._book.update(record_id, values, source, own_number=self._is_numbered(values))
        if status is not None:
            self._press(record_id, str(status), source)
        found: str = self._book.get(record_id).record_id
        return found

    def set_status(self, record_id: str, status: str, source: str) -> None:
        self._press(record_id, status, source)

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        values = dict(fields)
        stage = values.pop("status", "draft")
        if stage not in self._planted:
            raise BadInstructionError(f"a {self.entity} is planted {', '.join(self._planted)}, not {stage!r}")
        own = self._is_numbered(values)
        found: str = self._book.create(values, "user", own_number=own, at=at, stage=stage).record_id
        return found

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        found: str = self._book.create(fields, source, own_number=self._is_numbered(fields)).record_id
        return found

    def _is_numbered(self, fields: Mapping[str, Any]) -> bool:
        return bool(fields.get(f"{self.entity}_number"))
