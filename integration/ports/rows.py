"""Rows of our own store as the flows see them. Times are epoch milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integration.canonical.event import ArrivedEvent
from integration.canonical.outcome import BindingState, EventState, Mode, Outcome
from integration.canonical.values import Json, Side


@dataclass(frozen=True)
class StoredEvent:
    """An inbox row."""

    id: int
    event: ArrivedEvent
    state: EventState
    received_at: int
    correlation_id: str
    lane_id: int | None = None
    binding_id: int | None = None
    outcome: Outcome | None = None
    reason: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)
    write_id: int | None = None
    seen: int = 1


@dataclass(frozen=True)
class EventEnd:
    """How one event of a lane goes on: an outcome ends it; without one it waits for the lane's writes.

    `detail` names fields and their origin, never secrets; it may hold values (it stays in SQL).
    """

    event_id: int
    outcome: Outcome | None = None
    reason: str = ""
    binding_id: int | None = None
    folded_into: int | None = None
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class BoundRecord:
    """Where a record of a side belongs."""

    binding_id: int
    lane_id: int
    entity: str
    state: BindingState
    salesforce_id: str = ""
    zoho_id: str = ""


@dataclass(frozen=True)
class NewRecord:
    """A record never seen before, to be given a provisional binding.

    `lane_id` None makes a new lane for it; `canonical` is "customer" or "person"; `dirty`: it must be read
    before anything is decided (not so when the event that told of it carries the whole record).
    """

    side: Side
    native_entity: str
    record_id: str
    canonical: str
    kind: str = ""
    lane_id: int | None = None
    dirty: bool = True


@dataclass(frozen=True)
class PairState:
    """The pair row: modes per target side, brake, organisation ids, live mapping version."""

    id: int
    name: str
    modes: Mapping[Side, Mode]
    held: Mapping[Side, str]
    organization_ids: Mapping[Side, str]
    mapping_version: int


@dataclass
class PlannedChange:
    """One decision of a lane: per target side the steps still to do, in rank order, and what was decided per
    field.

    A step is {"binding": id, "side": "zoho", "operation": …, "facet": …, "fields": encoded canonical,
    "blanked": n}.
    """

    lane_id: int
    steps: list[dict[str, Json]]
    decisions: list[dict[str, Json]]
    mapping_version: int
    correlation_id: str = ""
    id: int = 0


@dataclass(frozen=True)
class DeadLetter:
    """A technical end: what could not be done, why, and what to do."""

    stage: str
    code: str
    text: str
    advice: str
    lane_id: int | None = None
    binding_id: int | None = None
    event_id: int | None = None
    side: str = ""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    digest: str = ""
    id: int = 0
    state: str = "open"
    created_at: int = 0


@dataclass(frozen=True)
class ExceptionCase:
    """Something only a person can decide, with suggestions in order."""

    kind: str
    text: str
    advice: str
    lane_id: int | None = None
    binding_id: int | None = None
    suggestions: Sequence[Mapping[str, Json]] = ()
    digest: str = ""
    id: int = 0
    state: str = "open"
    created_at: int = 0
    resolution: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Override:
    """A person's correction of one canonical field; it stands until somebody ends it, or soon after `until`.

    `value` is encoded canonical; reason and author are a person's own words.
    """

    id: int
    binding_id: int
    field: str
    value: Json
    reason: str
    author: str
    until: int | None
    created_at: int
    ended_at: int | None = None


@dataclass(frozen=True)
class AuditRow:
    """One thing that happened; `detail` names things, `values` (erasable) holds what they were."""

    kind: str
    lane_id: int | None = None
    binding_id: int | None = None
    event_id: int | None = None
    write_id: int | None = None
    correlation_id: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)
    values: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class DueAlarm:
    """What people are to be told now: so many alarms of a kind, in the words of the newest."""

    id: int
    kind: str
    text: str
    advice: str
    count: int


@dataclass(frozen=True)
class Cursor:
    """A place in a source: stream position or scan watermark.

    `run` holds the unfinished descending scan; `generation` and `arrival` number the stream.
    """

    name: str
    side: Side
    position: bytes = b""
    watermark: int = 0
    generation: int = 0
    arrival: int = 0
    run: Mapping[str, Json] = field(default_factory=dict)
    epoch: int = 0
    lease_until: int = 0


@dataclass(frozen=True)
class RecentHarm:
    """What the brake goes by: deactivations, deletes and blanked fields; lanes changed that stood before;
    lanes that exist; and lanes about to be changed that are not among those changed.
    """

    harm: int
    changed: int
    lanes: int
    adding: frozenset[int]


@dataclass(frozen=True)
class WriteEnd:
    """How a sending row ends or goes on: `done`, `dead`, `waiting` (again, at `not_before`) or `unknown`
    (ambiguous). `counts`: whether it was a try; being told to wait is none.
    """

    write_id: int
    state: str
    code: str = ""
    not_before: int = 0
    record_id: str = ""
    counts: bool = True
