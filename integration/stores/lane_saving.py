"""Save whole lanes: only rows that differ from what was loaded, in bulk."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.policy.state import LaneState, Member, SideState
from integration.stores import bulk
from integration.stores.json_text import clean, loads
from integration.stores.lane_memory import LaneMemory
from integration.stores.lane_rows import MEMBER_COLUMNS, RowValues, intent_row, member_row, snapshot_row
from integration.stores.ranks import rank_at
from integration.stores.tables_line import bindings, intents, lanes, match_keys, snapshots
from integration.stores.transaction import Transaction

_RECORD_IDS = (MEMBER_COLUMNS.index("salesforce_id"), MEMBER_COLUMNS.index("zoho_id"))
LONGEST_KEY = 200
"""Longer match keys are stored as digests: an index row has an end."""

_Rekeyed = tuple[int, Side, frozenset[str], str | None]
"""(binding id, side, keys as they are now, keys as stored; None: nobody knows)."""


class LaneSaving:
    """One `save`: collects what differs, then sends it table by table."""

    def __init__(self, tx: Transaction, memory: LaneMemory, ready: Collection[int]) -> None:
        self._tx = tx
        self._memory = memory
        self._ready = frozenset(ready)

    def save(self, saved: Sequence[LaneState]) -> None:
        """Store these lanes. Raises ClaimLost when a record id they want belongs to another binding."""
        self._insert_members(saved)
        members = [(lane.id, member) for lane in saved for member in lane.members]
        self._update_members(members)
        self._save_snapshots([member for _, member in members])
        self._save_intents([member for _, member in members])
        self._update_lanes(saved)

    def _insert_members(self, saved: Sequence[LaneState]) -> None:
        new = [(lane.id, member) for lane in saved for member in lane.members if member.binding_id <= 0]
        if not new:
            return
        rows = [
            {
                **member_row(lane_id, m),
                "alias_of": None,
                "pair_id": self._tx.pair_id,
                "created_at": self._tx.now,
            }
            for lane_id, m in new
        ]
        ids = sorted(row.id for row in bulk.insert_new(self._tx, bindings, rows, ("id",)))
        if len(ids) < len(new):
            raise ClaimLost("bindings.taken", "a record of this lane was given to another lane meanwhile")
        named: dict[tuple[int, int], int] = {}
        for (lane_id, member), binding_id, row in zip(new, ids, rows, strict=True):
            named[lane_id, member.binding_id] = member.binding_id = binding_id
            self._memory.members[binding_id] = tuple(row[name] for name in MEMBER_COLUMNS)
        for lane in saved:
            for member in lane.members:
                if member.alias_of is not None:
                    member.alias_of = named.get((lane.id, member.alias_of), member.alias_of)

    def _update_members(self, members: Sequence[tuple[int, Member]]) -> None:
        changed: list[RowValues] = []
        releasing: list[RowValues] = []
        for lane_id, member in members:
            row = member_row(lane_id, member)
            stored, known = tuple(row.values()), self._memory.members.get(member.binding_id)
            if stored == known:
                continue
            changed.append({"id": member.binding_id, **row})
            if known is None or any(known[n] is not None and known[n] != stored[n] for n in _RECORD_IDS):
                releasing.append({"id": member.binding_id, "salesforce_id": None, "zoho_id": None})
            self._memory.members[member.binding_id] = stored
        # Ids that change hands are let go first: the unique constraints hold after every row.
        bulk.update(self._tx, bindings, releasing)
        bulk.update(self._tx, bindings, changed)

    def _save_snapshots(self, members: Sequence[Member]) -> None:
        changed: list[RowValues] = []
        rekeyed: list[_Rekeyed] = []
        for member in members:
            for side, state, keys in _sides(member):
                row = snapshot_row(state, keys)
                row["dirty"] += self._memory.marked.pop((member.binding_id, side), 0)
                stored, known = tuple(row.values()), self._memory.snapshots.get((member.binding_id, side))
                if stored == known:
                    continue
                changed.append(
                    {"binding_id": member.binding_id, "side": side.value, "pair_id": self._tx.pair_id, **row}
                )
                if known is None or stored[-1] != known[-1]:
                    rekeyed.append((member.binding_id, side, keys, None if known is None else known[-1]))
                self._memory.snapshots[member.binding_id, side] = stored
        bulk.upsert(self._tx, snapshots, changed, ("binding_id", "side"))
        self._replace_keys(rekeyed)

    def _replace_keys(self, rekeyed: Sequence[_Rekeyed]) -> None:
        """Only the keys that differ are touched; where nobody knows what stands, all are put anew."""
        unknown: list[RowValues] = []
        gone: list[RowValues] = []
        new: list[RowValues] = []
        for binding_id, side, keys, known in rekeyed:
            one = {"pair_id": self._tx.pair_id, "side": side.value, "binding_id": binding_id}
            before = set() if known is None else {stored_key(key) for key in loads(known)}
            after = {stored_key(key) for key in keys}
            if known is None:
                # Not by pair: the index that begins with it holds as many keys as there are records.
                unknown.append({"side": side.value, "binding_id": binding_id})
            gone.extend({**one, "key": key} for key in sorted(before - after))
            new.extend({**one, "key": key} for key in sorted(after - before))
        bulk.delete(self._tx, match_keys, unknown)
        bulk.delete(self._tx, match_keys, gone)
        bulk.add(self._tx, match_keys, new)

    def _save_intents(self, members: Sequence[Member]) -> None:
        closed: list[int] = []
        changed: list[RowValues] = []
        opened: list[RowValues] = []
        for member in members:
            known = self._memory.intents.get(member.binding_id)
            row = intent_row(member.intent) if member.intent else None
            if known and row and known[1][0] == row["side"]:
                if known[1] != tuple(row.values()):
                    changed.append({"id": known[0], **row})
            else:
                if known:
                    closed.append(known[0])
                if row:
                    opened.append({"pair_id": self._tx.pair_id, "binding_id": member.binding_id, **row})
        if closed:
            closing = sa.update(intents).values(state="closed", closed_at=self._tx.now)
            self._tx.execute(closing.where(self._tx.one_of(intents.c.id, closed)))
        bulk.update(self._tx, intents, changed)
        ids = bulk.insert(self._tx, intents, opened)
        self._remember_intents(members, dict(zip((row["binding_id"] for row in opened), ids, strict=True)))

    def _remember_intents(self, members: Sequence[Member], opened: dict[int, int]) -> None:
        for member in members:
            known = self._memory.intents.pop(member.binding_id, None)
            number = opened.get(member.binding_id) or (known[0] if known else None)
            if member.intent is not None and number is not None:
                self._memory.intents[member.binding_id] = (number, tuple(intent_row(member.intent).values()))

    def _update_lanes(self, saved: Sequence[LaneState]) -> None:
        grouped: dict[tuple[str, ...], list[RowValues]] = {}
        for lane in saved:
            row = self._lane_row(lane)
            grouped.setdefault(tuple(row), []).append(row)
        for rows in grouped.values():
            bulk.update(self._tx, lanes, rows)
        recount_dirty(self._tx, {lane.id for lane in saved} & self._memory.changed)

    def _lane_row(self, lane: LaneState) -> RowValues:
        """What `save` sets on a lane: the marks of one woken here stand, and nobody clears a mark he did not
        take.
        """
        memory, dirty = self._memory, lane.dirty
        row: RowValues = {
            "id": lane.id,
            "aggregate": lane.aggregate,
            "epoch": lane.epoch,
            "dirty": dirty,
            "lease_until": 0,
        }
        if lane.id in memory.woken:
            return row
        row["attempts"] = 0
        if dirty or lane.id in self._ready:
            row |= {"not_before": 0, "rank_at": rank_at(self._tx.now, memory.ranks.get(lane.id, 1))}
        if lane.id in self._ready or (dirty and lane.id in memory.taken):
            row["ready"] = True  # a dirty lane left events queued: they are folded after its read
        elif lane.id in memory.taken:
            row["ready"] = False
        return row


def _sides(member: Member) -> list[tuple[Side, SideState, frozenset[str]]]:
    """The sides worth a row: those known, or with match keys."""
    told: list[tuple[Side, SideState, frozenset[str]]] = []
    for side in Side:
        state, keys = member.sides.get(side), member.match_keys.get(side, frozenset())
        if state is None and keys:
            state = SideState(side)
        if state is not None:
            told.append((side, state, keys))
    return told


def recount_dirty(tx: Transaction, lane_ids: Collection[int]) -> None:
    """Set the dirty mark of lanes by what their snapshots say."""
    if not lane_ids:
        return
    asked = (
        sa.select(snapshots.c.binding_id)
        .join_from(snapshots, bindings, bindings.c.id == snapshots.c.binding_id)
        .where(bindings.c.lane_id == lanes.c.id, snapshots.c.dirty > 0)
    )
    tx.execute(
        sa.update(lanes).where(tx.one_of(lanes.c.id, lane_ids)).values(dirty=asked.correlate(lanes).exists())
    )


def stored_key(key: str) -> str:
    """A match key as it is stored and asked for."""
    key = clean(key)
    return key if len(key) <= LONGEST_KEY else "sha256:" + hashlib.sha256(key.encode()).hexdigest()
