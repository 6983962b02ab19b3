"""What the flows need from SQL about lanes, their members and snapshots."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from integration.canonical.outcome import WorkClass
from integration.canonical.values import Json, Side
from integration.policy.state import LaneState
from integration.ports.rows import BoundRecord, NewRecord


class LaneStore(Protocol):
    """Lanes, their members and snapshots."""

    def by_record(self, side: Side, record_ids: Collection[str]) -> dict[tuple[str, str], BoundRecord]:
        """Known records: (native entity, record id) → where they belong."""

    def add_records(self, records: Sequence[NewRecord]) -> dict[tuple[str, str], BoundRecord]:
        """Give provisional bindings (and lanes) to records; one that exists already is returned as it is.

        A new record starts `unknown` on its side, and dirty when the request says so.
        """

    def wake(self, lane_ids: Collection[int], work: WorkClass, not_before: int = 0) -> None:
        """Mark lanes as having something to decide, not earlier than `not_before` (an earlier call for one
        stands).
        """

    def urge(self, lane_id: int, work: WorkClass) -> None:
        """What waits of a lane, and its waiting writes, are as urgent as that from now on, unless they are
        more so; a lane somebody works on this moment is left alone.
        """

    def lock_ready(self, limit: int) -> list[int]:
        """Lock lanes that are ready, due, not leased and not dirty (SKIP LOCKED); ready is cleared by
        `save`.
        """

    def claim_reads(self, limit: int, lease_ms: int) -> list[int]:
        """Claim dirty lanes without a sending row for a full read: epoch + 1, leased. Due ones only."""

    def lock(self, lane_ids: Collection[int], *, wait: bool = True) -> list[int]:
        """Lock these lanes in id order; with wait=False those another transaction holds are left out."""

    def load(self, lane_ids: Collection[int]) -> dict[int, LaneState]:
        """Lanes with members, snapshots, open intents, overrides, waiting and sending writes."""

    def save(self, lanes: Sequence[LaneState], *, ready: Collection[int] = ()) -> None:
        """Store what changed since `load` in the same unit; clears `ready` (kept for the ids given) and the
        lease.

        A member with binding_id <= 0 is new: it gets its id here (the object is updated).
        """

    def postpone(self, lane_ids: Collection[int], not_before: int) -> None:
        """Nothing can be done now: ready again at that time; the lease is given back, one more attempt is
        counted.
        """

    def work_classes(self, lane_ids: Collection[int]) -> dict[int, WorkClass]:
        """The class each lane was last woken in."""

    def attempts(self, lane_ids: Collection[int]) -> dict[int, int]:
        """How often each lane was postponed in a row."""

    def join(self, winner: int, loser: int) -> None:
        """Move bindings, events, waits and cases of `loser` to `winner`; the loser forwards. Both are
        locked by the caller.
        """

    def move_record(self, binding_id: int, lane_id: int | None, entity: str) -> int:
        """Move a binding with its Salesforce record only to a lane (None: a new one) as a member of `entity`.

        Its Zoho id and snapshot, base, joined flag and intent are let go (the binding is provisional again),
        its queued and waiting events go along. Returns the lane it is in now. The Zoho record may be given to
        another binding afterwards.
        """

    def give(self, binding_ids: Collection[int], lane_id: int) -> None:
        """Move bindings whole, with their records on both sides and their open events, to another lane. Both
        lanes are locked by the caller.
        """

    def merge_bindings(self, keep: int, drop: int) -> None:
        """Two provisional bindings are one record pair: the dropped one's record ids and snapshot go to
        the kept one.
        """

    def matches(
        self, side: Side, keys: Mapping[int, Collection[str]]
    ) -> dict[int, list[tuple[str, BoundRecord]]]:
        """Members of `side` that share match keys: for each asking binding id the (key, record) hits."""

    def drop_binding(self, binding_id: int) -> None:
        """Forget a provisional binding with its snapshots and keys; its events stay in the lane without
        it.
        """

    def ready_among(self, lane_ids: Collection[int]) -> list[int]:
        """Those of these lanes that are marked ready."""

    def known_at(self, side: Side, record_ids: Collection[str]) -> dict[tuple[str, str], int]:
        """Source time of the image known of these records; records not known are left out."""

    def known_images(
        self, side: Side, record_ids: Collection[str]
    ) -> dict[tuple[str, str], tuple[int, Mapping[str, Json]]]:
        """`known_at` with the image itself; records not known are left out."""

    def living(self, side: Side, entity: str) -> dict[str, int]:
        """All records of a native entity that count as alive: record id → binding id."""

    def all_ids(self) -> list[int]:
        """All lanes that have members."""

    def busy(self, lane_ids: Collection[int]) -> set[int]:
        """Those of these lanes with unended events, a planned change, an outbox row under way or a mark to
        be read.
        """

    def stamps(self, side: Side, key_field: str) -> list[str]:
        """Our keys carried by living records of a side, one entry a record."""

    def unread(self) -> int:
        """How much of what was listed is not folded yet: events not routed or queued, records unknown or
        dirty.
        """

    def open_intents(self, binding_ids: Collection[int], *, before: int) -> set[int]:
        """Those of these bindings whose create is open and was sent, or that come before `before` and mean
        to create.
        """

    def dirty(self, binding_ids: Collection[int], side: Side) -> None:
        """Ask for a full read of these records."""

    def due(self) -> dict[str, int]:
        """Counts for the sweep: lanes ready and due, dirty and due, unrouted events, planned changes, per
        queue.
        """
