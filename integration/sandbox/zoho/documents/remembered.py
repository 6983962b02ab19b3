"""What follows from a document and takes a while to work out: once for each version of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from integration.sandbox.zoho.documents.record import Document

D = TypeVar("D", bound=Document)
F = TypeVar("F", bound=Hashable)


class Remembered(Generic[D, F]):
    """Findings by document; equal ones are one object, as there are few different ones and many documents."""

    def __init__(self, work: Callable[[D], F]) -> None:
        self._work = work
        self._found: dict[str, tuple[D, F]] = {}
        self._same: dict[F, F] = {}

    def of(self, document: D) -> F:
        """What follows from this version of the document."""
        known = self._found.get(document.record_id)
        if known is not None and known[0] is document:
            return known[1]
        found = self._work(document)
        found = self._same.setdefault(found, found)
        self._found[document.record_id] = (document, found)
        return found

    def clear(self) -> None:
        """Forget everything."""
        self._found.clear()
