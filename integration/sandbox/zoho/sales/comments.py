"""What people write under a sales order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.fields import clean_text

Json = dict[str, Any]
_LENGTH = 2000


class Comment(NamedTuple):
    """One comment; `at` is in seconds since 1970."""

    comment_id: str
    text: str
    at: int


class Comments:
    """Comments by the document they stand under."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._comments: dict[str, tuple[Comment, ...]] = {}

    def of(self, document_id: str) -> list[Json]:
        """Every comment of the document, the newest first."""
        return [self.shown(document_id, each) for each in reversed(self._comments.get(document_id, ()))]

    def add(self, document_id: str, body: Mapping[str, Any]) -> Json:
        """A new comment. :raises ApiError: it says nothing, or too much."""
        text = clean_text("description", body.get("description"), _LENGTH)
        if not text.strip():
            raise faults.missing_value("description")
        premises = self._ground.premises
        comment = Comment(premises.next_id(), text, premises.now())
        self._comments[document_id] = (*self._comments.get(document_id, ()), comment)
        return self.shown(document_id, comment)

    def remove(self, document_id: str, comment_id: str) -> None:
        """The comment goes. :raises ApiError: 404, there is none."""
        kept = tuple(each for each in self._comments.get(document_id, ()) if each.comment_id != comment_id)
        if len(kept) == len(self._comments.get(document_id, ())):
            raise faults.absent("Comment")
        self._comments[document_id] = kept

    def shown(self, document_id: str, comment: Comment) -> Json:
        """As the API tells it."""
        time, profile = self._ground.time(comment.at), self._ground.premises.profile
        return {
            "comment_id": comment.comment_id, "salesorder_id": document_id, "description": comment.text,
            "commented_by_id": f"{profile.id_prefix}{44001:012d}", "commented_by": profile.user_name,
            "comment_type": "internal", "operation_type": "Added", "date": time[:10], "time": time[11:16],
            "date_with_time": time, "transaction_id": document_id, "transaction_type": "sales_order",
        }  # fmt: skip

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {document_id: [list(each) for each in found] for document_id, found in self._comments.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump."""
        self._comments = {key: tuple(Comment(*each) for each in found) for key, found in state.items()}
