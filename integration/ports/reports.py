"""What people and the reconcile ask the stores; reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from integration.canonical.outcome import BindingState
from integration.canonical.values import Fields, Json, Side
from integration.policy.state import Write
from integration.ports.rows import BoundRecord, StoredEvent


@dataclass(frozen=True)
class BindingRow:
    """One member of a lane with both ids (empty where it has none) and the merge base."""

    binding_id: int
    lane_id: int
    entity: str
    kind: str
    state: BindingState
    salesforce_entity: str
    salesforce_id: str
    zoho_entity: str
    zoho_id: str
    base: Fields = field(default_factory=dict)
    joined: bool = False
    how: str = ""
    alias_of: int | None = None


@dataclass(frozen=True)
class OutboxRow:
    """An outbox row with its life."""

    write: Write
    lane_id: int
    state: str
    code: str
    created_at: int
    sent_at: int | None
    ended_at: int | None


@dataclass(frozen=True)
class RunRow:
    """One run of a scheduled job."""

    id: int
    job: str
    slot: str
    state: str
    started_at: int
    ended_at: int | None
    report: Mapping[str, Json]


@dataclass(frozen=True)
class MappingVersion:
    """A numbered mapping version, without its text."""

    number: int
    author: str
    created_at: int


@dataclass(frozen=True)
class AlarmState:
    """One kind of alarm: how often it was raised, and how many of these nobody was told of yet."""

    kind: str
    total: int
    gathered: int
    last_at: int
    sent_at: int


class ReportStore(Protocol):
    """Lists and counts for the command line, the console and the reconcile."""

    def bindings(self, after: int = 0, limit: int = 500, entity: str = "") -> list[BindingRow]:
        """One page of members of all lanes in order of binding id, beginning behind `after`."""

    def binding(self, binding_id: int) -> BindingRow | None:
        """One member."""

    def lanes_of(self, record_id: str) -> list[BoundRecord]:
        """Where a record belongs, found by its id on either side; Salesforce ids may have 15 characters."""

    def events(self, lane_ids: Collection[int], limit: int = 1_000) -> list[StoredEvent]:
        """The newest events of lanes, and of those joined into them, oldest first."""

    def event(self, event_id: int) -> StoredEvent | None:
        """One event."""

    def recent_events(
        self, limit: int, *, before: int = 0, only_open: bool = False, outcome: str = ""
    ) -> list[StoredEvent]:
        """The newest events of the pair, newest first; `before` is an event's id, for paging."""

    def echo_writes(self) -> int:
        """Writes done that nothing but events of our own writes caused; there should be none."""

    def writes(self, lane_ids: Collection[int], limit: int = 1_000) -> list[OutboxRow]:
        """The newest outbox rows of lanes, oldest first."""

    def decisions(self, lane_ids: Collection[int], limit: int = 100) -> list[dict[str, Json]]:
        """The newest changes of lanes with their decisions per field, oldest first."""

    def write_counts(self, since: int = 0) -> dict[tuple[Side, str, str], int]:
        """Outbox rows sent since then, by side, operation and state."""

    def attempt_counts(self, since: int = 0) -> dict[str, int]:
        """Ends of sent rows since then, by state and code, as `state` or `state:code`."""

    def api_calls(self, since: int = 0) -> dict[str, dict[str, int]]:
        """Calls granted since then, by system and work class."""

    def depths(self) -> dict[str, int]:
        """What stands at each stage, due or not: received, ready, dirty, planned, salesforce, zoho."""

    def runs(self, limit: int = 50) -> list[RunRow]:
        """The newest runs first."""

    def mappings(self) -> list[MappingVersion]:
        """All mapping versions, newest first."""

    def alarms(self) -> list[AlarmState]:
        """Every kind of alarm there was, the newest first."""
