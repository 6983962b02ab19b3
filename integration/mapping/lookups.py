"""What look-up rules ask: bindings and named tables, given by the flow that applies the mapping."""

from __future__ import annotations

from typing import Protocol

from integration.canonical.values import Side


class Lookups(Protocol):
    """Answers from what is already known; nothing here calls an outside system."""

    def reference(self, entity: str, record: str, side: Side, native_id: str) -> str | None:
        """The canonical reference of the record (of that native entity) with that id, None when there is
        none.
        """

    def native(self, entity: str, side: Side, reference: str) -> str | None:
        """The id a referenced record has on a side, None when it is not bound there.

        May raise DependencyMissing itself, where it knows better which record is waited for.
        """

    def table(self, name: str, key: str, inverse: bool) -> str | None:  # noqa: FBT001
        """The value of a key (or, inverse, the key of a value) in a named table."""


class NoLookups:
    """Nothing is bound and every table is empty."""

    def reference(self, entity: str, record: str, side: Side, native_id: str) -> str | None:
        """Never known."""

    def native(self, entity: str, side: Side, reference: str) -> str | None:
        """Never known."""

    def table(self, name: str, key: str, inverse: bool) -> str | None:  # noqa: FBT001
        """Never known."""
