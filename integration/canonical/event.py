"""What arrives from a side, and what a full read of a record gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from integration.canonical.values import Json, Side


class Channel(StrEnum):
    """The way an event came in."""

    STREAM = "stream"
    WEBHOOK = "webhook"
    POLL = "poll"
    SCAN = "scan"
    PERSON = "person"


class EventKind(StrEnum):
    """What an event tells.

    change: some fields of one record, in stream order; record: whole record(s) at a time of modification;
    hint: the record changed, its fields are not in the event; gap: the same, told by the stream;
    delete, undelete: what they say; overflow: any record of the entity may have changed (record id is empty);
    undecodable: kept raw.
    """

    CHANGE = "change"
    RECORD = "record"
    HINT = "hint"
    GAP = "gap"
    DELETE = "delete"
    UNDELETE = "undelete"
    OVERFLOW = "overflow"
    UNDECODABLE = "undecodable"


@dataclass(frozen=True)
class Position:
    """Place of a fact about one side: `at` is source time in epoch milliseconds.

    `generation` and `arrival` number the stream (0 when the fact did not come by the stream). A full read
    carries the arrival number that was current before it began.
    """

    at: int = 0
    generation: int = 0
    arrival: int = 0
    is_read: bool = False


@dataclass(frozen=True)
class ArrivedEvent:
    """An event as it goes into the inbox; `key` is unique per pair and side."""

    side: Side
    key: str
    entity: str
    record_id: str
    kind: EventKind
    channel: Channel
    at: int
    body: dict[str, Json]
    generation: int = 0
    arrival: int = 0
    author: str = ""
    origin: str = ""


@dataclass(frozen=True)
class NativeRecord:
    """One record of a system, flat, in that system's own field names.

    `image`: a missing key is unknown, None is empty. `at`: its modification time, epoch milliseconds.
    `whole`: the image holds every field the mapping needs. `merged_into`: the winner of a merge this record
    lost. `stamp`: what scans of changes are ordered by, where that is not `at`.
    """

    side: Side
    entity: str
    record_id: str
    image: dict[str, Json] = field(default_factory=dict)
    at: int = 0
    parent_id: str = ""
    whole: bool = True
    deleted: bool = False
    merged_into: str = ""
    stamp: int = 0

    @property
    def place(self) -> int:
        """Its place in a scan of changes."""
        return self.stamp or self.at
