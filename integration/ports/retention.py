"""What is kept for a time only, and how it is taken out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Shelf(StrEnum):
    """Rows that are let go some time after they ended."""

    EVENTS = "events"
    WRITES = "writes"
    CHANGES = "changes"
    INTENTS = "intents"
    AUDIT_VALUES = "audit values"
    """The erasable values beside audit rows; the rows and their chain stay for ever."""
    WAITS = "waits"
    DEAD_LETTERS = "dead letters"
    EXCEPTIONS = "exceptions"
    RUNS = "runs"


@dataclass(frozen=True)
class Cleared:
    """How many rows went away, and where to go on: `last` is None when nothing that old lies beyond."""

    removed: int
    last: int | None


class RetentionStore(Protocol):
    """Takes out what ended long ago, a few rows at a time."""

    def clear(self, shelf: Shelf, before: int, after: int, limit: int) -> Cleared:
        """Look at the next `limit` rows in order of id, behind the id `after`; remove those over before then.

        What has not ended stays however old it is, and so does what somebody holds locked just now.
        """
