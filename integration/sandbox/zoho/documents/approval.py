"""Approval of documents, where the organisation wants it: draft, submitted, approved or sent back."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.book import DocumentBook

DRAFT, PENDING, APPROVED = "draft", "pending_approval", "approved"
D = TypeVar("D", bound=Any)


class Desk(Generic[D]):
    """Moves documents from one stage to the next; `approval` is the preference of the organisation."""

    def __init__(self, book: DocumentBook[D], switches: Any, *, approval: bool) -> None:
        self._book, self._switches, self.approval = book, switches, approval

    def submit(self, record_id: str, source: str) -> D:
        """Ask for approval."""
        return self._approval(record_id, DRAFT, PENDING, "submitted", source)

    def approve(self, record_id: str, source: str) -> D:
        """Approve, which one approver does for good."""
        return self._approval(record_id, PENDING, APPROVED, "approved", source)

    def reject(self, record_id: str, source: str) -> D:
        """Send it back to whoever wrote it."""
        return self._approval(record_id, PENDING, DRAFT, "rejected", source)

    def _approval(self, record_id: str, wanted: str, stage: str, word: str, source: str) -> D:
        document = self._book.get(record_id)
        if not self.approval:
            raise refusals.no_approval(self._book.label, self._switches)
        if document.stage != wanted:
            raise self._wrong(document, word)
        return self._move(document, stage, source)

    def _released(self, document: D, word: str, stages: tuple[str, ...] = ()) -> None:
        """:raises ApiError: it is neither ready for the customer or vendor nor in one of these stages"""
        ready = (APPROVED,) if self.approval else (DRAFT, APPROVED)
        if document.stage not in (*ready, *stages):
            raise self._wrong(document, word)

    def _wrong(self, document: D, word: str) -> Exception:
        return refusals.wrong_status(self._book.label, document.stage, word, self._switches)

    def _move(self, document: D, stage: str, source: str) -> D:
        fires = self._switches.zoho_webhook_status_is_edit
        return self._book.touch(document.changed(stage=stage), source, fires=fires)
