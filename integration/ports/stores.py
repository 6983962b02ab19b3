"""What the flows need from SQL. One `UnitOfWork` is one transaction; leaving it normally commits.

Every method works on the one pair the unit was opened for. Times are epoch milliseconds of the database's own
clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from integration.canonical.event import ArrivedEvent
from integration.canonical.outcome import Mode, Outcome, WorkClass
from integration.canonical.values import Json, Side
from integration.policy.state import Write
from integration.ports.lanes import LaneStore
from integration.ports.reports import ReportStore
from integration.ports.retention import RetentionStore
from integration.ports.rows import (
    AuditRow,
    BoundRecord,
    Cursor,
    DeadLetter,
    DueAlarm,
    EventEnd,
    ExceptionCase,
    NewRecord,
    Override,
    PairState,
    PlannedChange,
    RecentHarm,
    StoredEvent,
    WriteEnd,
)


class InboxStore(Protocol):
    """The inbox: what arrived."""

    def add(self, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]) -> tuple[list[int], int]:
        """Insert; returns the ids of new rows and how many were repeats (their `seen` is counted up)."""

    def received(self, limit: int) -> list[StoredEvent]:
        """Oldest unrouted events, locked against other routers (SKIP LOCKED)."""

    def assign(self, lanes: Mapping[int, int]) -> None:
        """Give events (id → lane id) to lanes: state `queued`."""

    def queued(self, lane_ids: Collection[int]) -> dict[int, list[StoredEvent]]:
        """Events waiting to be folded, per lane, in order of id."""

    def finish(self, ends: Sequence[EventEnd]) -> None:
        """Store how events ended, or that they wait for the lane's writes (state `waiting`)."""

    def touch(self, lane_id: int, binding_ids: Collection[int] | None, write_id: int) -> None:
        """A write was done: waiting events of these bindings (None: of the lane) belong to it."""

    def touch_all(self, touches: Sequence[tuple[int, Collection[int] | None, int]]) -> None:
        """`touch` for many writes (lane id, binding ids, write id), no lane twice, in one statement."""

    def conclude(self, lane_ids: Collection[int]) -> int:
        """End the waiting events of lanes with nothing left to do.

        Outcome: what `detail["hint"]` says when set, else written when a write touched them, else unchanged.
        """

    def end_waiting(
        self, lane_id: int, binding_ids: Collection[int] | None, outcome: Outcome, reason: str
    ) -> int:
        """End the waiting events of a lane (of those bindings) with one outcome; returns how many."""

    def causes(self, lane_ids: Collection[int]) -> dict[int, str]:
        """Correlation id of the newest event of each lane that waits for the lane's writes."""

    def move(self, from_lane: int, to_lane: int) -> None:
        """A lane was joined into another."""

    def outcomes(self) -> dict[str, int]:
        """Events per outcome; not ended ones under their state."""

    def oldest_unended(self) -> int | None:
        """Arrival time of the oldest event that has not ended."""


class ChangeStore(Protocol):
    """Decisions on their way to the outbox."""

    def replace(self, changes: Sequence[PlannedChange], lane_ids: Collection[int]) -> None:
        """Each lane's open change is replaced by the new one (or by none); waiting writes of those lanes
        are deleted.
        """

    def lock_planned(self, limit: int) -> list[PlannedChange]:
        """Planned changes of lanes this transaction could lock."""

    def validated(self, change_ids: Collection[int]) -> None:
        """They became outbox rows, or nothing."""


class OutboxStore(Protocol):
    """Writes to the sides."""

    def put_all(self, rows: Sequence[tuple[int, Write, WorkClass]]) -> list[int]:
        """`put` for many rows (lane id, write, class) in one statement."""

    def put(self, lane_id: int, write: Write, work: WorkClass) -> int:
        """Insert a waiting row (replacing the lane's waiting row for that side); returns its id."""

    def claim_alone(self, side: Side) -> None:
        """One claim of a side at a time until this unit ends: the brake counts what others are about to
        send.
        """

    def claimable(self, side: Side, limit: int) -> dict[int, Write]:
        """Oldest due waiting rows by lane id, their lanes locked (SKIP LOCKED), none of a lane that is
        dirty or sending.
        """

    def expired(self, side: Side, limit: int) -> dict[int, Write]:
        """Sending rows whose lease ran out, or that are unknown and settled; lanes locked (SKIP LOCKED)."""

    def sending(self, write_ids: Collection[int], lease_ms: int) -> dict[int, int]:
        """Mark rows as sending under a new lease; returns write id → epoch."""

    def mine(self, epochs: Mapping[int, int]) -> dict[int, Write]:
        """Lock the lanes of these rows and return, by lane id, those still claimed under that epoch."""

    def end(self, ends: Sequence[WriteEnd]) -> None:
        """Store ends; each adds a write_attempts row."""

    def still_mine(self, epochs: Mapping[int, int]) -> set[int]:
        """Rows whose claim still stands, asked just before sending (no lock)."""

    def recent_harm(self, side: Side, since: int, rows: Mapping[int, Write]) -> RecentHarm:
        """What was sent to a side since then, and what these rows, by lane, would add; for the brake, under
        `claim_alone`.
        """


class CaseStore(Protocol):
    """Dead letters, exceptions, waits."""

    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> list[int]:
        """Store them; an open one of the same binding and digest is not doubled (its id is returned)."""

    def add_exceptions(self, cases: Sequence[ExceptionCase]) -> list[int]:
        """Store them; an open one of the same binding, kind and digest is not doubled."""

    def supersede(self, binding_ids: Collection[int]) -> int:
        """A later success closes open dead letters and exceptions of these bindings as superseded."""

    def dead_letters(self, state: str = "open", limit: int = 100, after: int = 0) -> list[DeadLetter]:
        """Dead letters in order of id."""

    def exceptions(self, state: str = "open", limit: int = 100, after: int = 0) -> list[ExceptionCase]:
        """Exceptions in order of id."""

    def open_letters(self, binding_id: int) -> list[DeadLetter]:
        """The open dead letters of one binding."""

    def open_cases(self, binding_id: int) -> list[ExceptionCase]:
        """The open exceptions of one binding."""

    def dead_letter(self, letter_id: int) -> DeadLetter | None:
        """One dead letter."""

    def exception(self, case_id: int) -> ExceptionCase | None:
        """One exception."""

    def close_dead_letter(self, letter_id: int, state: str, author: str, reason: str) -> bool:
        """Open → replayed | discarded | superseded; False when it was not open."""

    def close_exception(self, case_id: int, resolution: Mapping[str, Json], author: str) -> bool:
        """Open → resolved; False when it was not open."""

    def wait(self, lane_id: int, binding_id: int, side: Side, entity: str, record_id: str) -> bool:
        """Insert a wait and re-check its dependency in this transaction; True when it is bound already (no
        wait kept).
        """

    def release(self, side: Side, record_ids: Collection[str]) -> list[int]:
        """Records were bound: their waits end; returns the lanes that may go on."""

    def drop_waits(self, lane_ids: Collection[int], keep: Collection[tuple[int, Side, str]] = ()) -> None:
        """These lanes need nothing any more but what is kept: (binding id, side, record id)."""

    def waiters(self, side: Side, record_ids: Collection[str]) -> list[int]:
        """Lanes that wait for one of these records and were not told anything yet."""

    def told_of_wait(self, binding_id: int, side: Side, record_id: str) -> None:
        """People know of this wait; it goes on all the same once its record is bound."""

    def take_overdue_waits(self, before: int, limit: int) -> list[tuple[int, int, str]]:
        """Open waits older than that nobody was told of, told from now on: (lane, binding, record id)."""


class OverrideStore(Protocol):
    """What people corrected, field by field."""

    def set(
        self, binding_id: int, field_name: str, value: Json, reason: str, author: str, until: int | None
    ) -> int:
        """A person's correction of one field (encoded value); an earlier one of the field ends. Its id."""

    def one(self, override_id: int) -> Override | None:
        """One override, standing or ended."""

    def of(self, binding_ids: Collection[int]) -> list[Override]:
        """Standing overrides of these bindings; one whose time is over stands until it is ended."""

    def page(self, *, standing: bool, limit: int = 100, after: int = 0) -> list[Override]:
        """Overrides in order of id: those that stand, or those that ended."""

    def end(self, override_id: int) -> bool:
        """End it now; False when it had ended before."""

    def due(self, limit: int) -> list[Override]:
        """Those that stand though their time is over, the oldest first."""


class AuditStore(Protocol):
    """What happened, for ever."""

    def add(self, rows: Sequence[AuditRow]) -> None:
        """Append."""

    def seal(self, limit: int) -> int:
        """Chain rows not sealed yet into the next segment (fenced, one sealer at a time); returns how
        many.
        """

    def verify(self) -> tuple[int, str]:
        """Recompute the chain: rows checked, and the first fault found (empty when whole)."""

    def timeline(self, lane_ids: Collection[int]) -> list[dict[str, Json]]:
        """Audit rows of lanes with their values, oldest first."""


class CursorStore(Protocol):
    """Places in the sources."""

    def get(self, side: Side, name: str) -> Cursor | None:
        """The cursor, or None before its first use."""

    def all(self, side: Side) -> list[Cursor]:
        """All cursors of a side."""

    def put(self, cursor: Cursor) -> None:
        """Insert or replace (position, watermark, numbers, run); leases are left alone."""

    def claim(self, side: Side, name: str, holder: str, lease_ms: int) -> int | None:
        """Take a role (listener, poller) by lease: epoch, or None while another holds it."""

    def hold(self, side: Side, name: str, epoch: int, lease_ms: int) -> bool:
        """Extend my lease; False when the epoch moved on. Used inside the transaction that stores a fetch
        (fence).
        """

    def release(self, side: Side, name: str, epoch: int) -> None:
        """Give the role back."""


class PairStore(Protocol):
    """Pairs, mapping versions, runs, alarms."""

    def state(self) -> PairState:
        """The pair this unit works on."""

    def set_mode(self, side: Side, mode: Mode, author: str) -> None:
        """Set what may be written to `side`."""

    def hold(self, side: Side, reason: str) -> None:
        """Brake: nothing is claimed for `side` until `reason` is cleared (empty)."""

    def set_organization(self, side: Side, organization_id: str) -> None:
        """Remember the organisation this pair was set up with."""

    def mapping(self, version: int) -> str:
        """The YAML of a mapping version."""

    def add_mapping(self, text: str, author: str) -> int:
        """Store a new version and make it the live one; returns its number."""

    def start_run(self, job: str, slot: str, lease_ms: int) -> int | None:
        """Claim the run of (job, slot); None when it is done or under way elsewhere."""

    def end_run(self, run_id: int, report: Mapping[str, Json]) -> None:
        """The run is done."""


class AlarmStore(Protocol):
    """What people are to hear: as sure to be told as the unit that gathered it is to be committed."""

    def gather(self, kind: str, text: str, advice: str, count: int = 1) -> None:
        """Count alarms of a kind; the newest words are told."""

    def any_due(self, every_ms: int) -> bool:
        """Whether `take` would give something."""

    def take(self, every_ms: int, lease_ms: int) -> list[DueAlarm]:
        """Claim what may be told: nothing of its kind was for `every_ms`. Untold, it is due again later."""

    def told(self, heard: Sequence[DueAlarm]) -> None:
        """People have heard of these; what was gathered meanwhile stays."""

    def give_back(self, untold: Sequence[DueAlarm]) -> None:
        """People could not be reached: these are due at once."""


class UnitOfWork(Protocol):
    """One transaction over all stores of a pair."""

    inbox: InboxStore
    lanes: LaneStore
    changes: ChangeStore
    outbox: OutboxStore
    cases: CaseStore
    overrides: OverrideStore
    audit: AuditStore
    cursors: CursorStore
    pairs: PairStore
    alarms: AlarmStore
    reports: ReportStore
    retention: RetentionStore

    @property
    def now(self) -> int:
        """The unit's time: epoch milliseconds of the database."""


class Stores(Protocol):
    """Opens units of work."""

    def begin(self, pair_id: int, name: str = "") -> AbstractContextManager[UnitOfWork]:
        """A writing unit (SQLite: BEGIN IMMEDIATE). Commits on normal exit, rolls back on an exception.

        `name` says what is committed ("transform.fold"): logs tell it when the unit was slow or failed.
        """

    def reading(self, pair_id: int) -> AbstractContextManager[UnitOfWork]:
        """A unit that only reads."""

    def accept(
        self, pair_id: int, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]
    ) -> tuple[list[int], int]:
        """`InboxStore.add` as a unit of its own, as quick as can be: a sender waits for it."""

    def pair_ids(self) -> list[int]:
        """All pairs."""

    def ensure_pair(self, name: str) -> int:
        """The id of the pair of that name, made when new."""


__all__ = [
    "AlarmStore",
    "AuditRow",
    "AuditStore",
    "BoundRecord",
    "CaseStore",
    "ChangeStore",
    "Cursor",
    "CursorStore",
    "DeadLetter",
    "DueAlarm",
    "EventEnd",
    "ExceptionCase",
    "InboxStore",
    "LaneStore",
    "NewRecord",
    "OutboxStore",
    "Override",
    "OverrideStore",
    "PairState",
    "PairStore",
    "PlannedChange",
    "StoredEvent",
    "Stores",
    "UnitOfWork",
    "WriteEnd",
]
