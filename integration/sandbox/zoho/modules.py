"""What the organisation asks of each of its modules, whatever the record is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

Json = dict[str, Any]


class Module(Protocol):
    """The records of one entity. Rules broken are `ApiError`, whoever breaks them."""

    @property
    def entity(self) -> str:
        """The key of webhooks and of the admin endpoint: `contact`, `item`, `salesorder`."""
        ...

    @property
    def id_key(self) -> str:
        """The key of the record's id in what is shown: `contact_id`."""
        ...

    def counts(self) -> Json:
        """`{"alive": n, "deleted": n}` and what else is worth counting."""
        ...

    def ids(self) -> Iterable[str]:
        """Every record that ever was."""
        ...

    def detail(self, record_id: str) -> Json | None:
        """The record as GET shows it, or showed it before it was deleted; None: never existed."""
        ...

    def is_deleted(self, record_id: str) -> bool: ...

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        """Create (no id) or change; answers the id."""
        ...

    def delete(self, record_id: str, source: str) -> None: ...

    def set_status(self, record_id: str, status: str, source: str) -> None:
        """What a button of the screen does. :raises BadInstructionError: there is no such button."""
        ...

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        """A record that has been there since `at` (seconds since 1970); nobody is told. Answers its id."""
        ...

    def dump(self) -> Any:
        """Everything of the module, as JSON."""
        ...

    def load(self, state: Any) -> None: ...

    def clear(self) -> None: ...
