"""What is asked of lanes and bindings without locking or changing them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.outcome import BindingState, Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.ports.rows import BoundRecord
from integration.stores.columns import among, equals
from integration.stores.depths import queue_depths
from integration.stores.lane_saving import stored_key
from integration.stores.ranks import CLASS
from integration.stores.tables_line import (
    bindings,
    changes,
    inbox_events,
    intents,
    lanes,
    match_keys,
    outbox_writes,
    snapshots,
)
from integration.stores.transaction import Transaction

BOUND = (
    bindings.c.id,
    bindings.c.lane_id,
    bindings.c.entity,
    bindings.c.state,
    bindings.c.salesforce_entity,
    bindings.c.salesforce_id,
    bindings.c.zoho_entity,
    bindings.c.zoho_id,
)
"""The columns `bound` needs."""


class LaneQuestions:
    """The asking half of `LaneStore`."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def by_record(self, side: Side, record_ids: Collection[str]) -> dict[tuple[str, str], BoundRecord]:
        """Known records: (native entity, record id) → where they belong."""
        if not record_ids:
            return {}
        statement = sa.select(*BOUND).where(
            self._tx.mine(bindings), self._tx.one_of(_id_on(side), set(record_ids))
        )
        return {_record_key(side, row): bound(row) for row in self._tx.rows(statement)}

    def matches(
        self, side: Side, keys: Mapping[int, Collection[str]]
    ) -> dict[int, list[tuple[str, BoundRecord]]]:
        """Members of `side` that share match keys: for each asking binding id the (key, record) hits."""
        asked = {stored_key(key) for wanted in keys.values() for key in wanted}
        found: dict[str, list[BoundRecord]] = {}
        if asked:
            statement = (
                sa.select(match_keys.c.key.label("match_key"), *BOUND)
                .join_from(match_keys, bindings, bindings.c.id == match_keys.c.binding_id)
                .where(
                    self._tx.mine(match_keys),
                    match_keys.c.side == side.value,
                    self._tx.one_of(match_keys.c.key, asked),
                )
                .order_by(match_keys.c.key, bindings.c.id)
            )
            for row in self._tx.rows(statement):
                found.setdefault(row.match_key, []).append(bound(row))
        return {
            asking: [
                (key, hit)
                for key in sorted(wanted)
                for hit in found.get(stored_key(key), [])
                if hit.binding_id != asking
            ]
            for asking, wanted in keys.items()
        }

    def attempts(self, lane_ids: Collection[int]) -> dict[int, int]:
        """How often each lane was postponed in a row."""
        statement = sa.select(lanes.c.id, lanes.c.attempts).where(self._tx.one_of(lanes.c.id, lane_ids))
        return {row.id: row.attempts for row in self._tx.rows(statement)}

    def work_classes(self, lane_ids: Collection[int]) -> dict[int, WorkClass]:
        """The class each lane was woken in."""
        statement = sa.select(lanes.c.id, lanes.c.work).where(self._tx.one_of(lanes.c.id, lane_ids))
        return {row.id: CLASS[row.work] for row in self._tx.rows(statement)}

    def ready_among(self, lane_ids: Collection[int]) -> list[int]:
        """Those of these lanes that are marked ready."""
        statement = sa.select(lanes.c.id).where(self._tx.one_of(lanes.c.id, lane_ids), lanes.c.ready)
        return [row.id for row in self._tx.rows(statement.order_by(lanes.c.id))]

    def known_at(self, side: Side, record_ids: Collection[str]) -> dict[tuple[str, str], int]:
        """Source time of the image known of these records; records not known are left out."""
        if not record_ids:
            return {}
        statement = (
            sa.select(*BOUND, snapshots.c.facts)
            .join_from(bindings, snapshots, snapshots.c.binding_id == bindings.c.id)
            .where(
                self._tx.mine(bindings),
                self._tx.one_of(_id_on(side), set(record_ids)),
                snapshots.c.side == side.value,
            )
        )
        return {_record_key(side, row): row.facts.get("image_at", [0])[0] for row in self._tx.rows(statement)}

    def known_images(
        self, side: Side, record_ids: Collection[str]
    ) -> dict[tuple[str, str], tuple[int, Mapping[str, Json]]]:
        """`known_at` with the image itself; records not known are left out."""
        if not record_ids:
            return {}
        statement = (
            sa.select(*BOUND, snapshots.c.facts, snapshots.c.image)
            .join_from(bindings, snapshots, snapshots.c.binding_id == bindings.c.id)
            .where(
                self._tx.mine(bindings),
                self._tx.one_of(_id_on(side), set(record_ids)),
                snapshots.c.side == side.value,
            )
        )
        return {
            _record_key(side, row): (row.facts.get("image_at", [0])[0], row.image or {})
            for row in self._tx.rows(statement)
        }

    def living(self, side: Side, entity: str) -> dict[str, int]:
        """All records of a native entity that count as alive: record id → binding id."""
        own_id, own_entity = _id_on(side), _entity_on(side)
        statement = sa.select(own_id.label("record_id"), bindings.c.id).where(
            self._tx.mine(bindings), own_entity == entity, own_id.is_not(None), _is_alive(side)
        )
        return {row.record_id: row.id for row in self._tx.rows(statement)}

    def stamps(self, side: Side, key_field: str) -> list[str]:
        """Our keys carried by living records of a side, one entry a record."""
        stamp = sa.type_coerce(snapshots.c.image, sa.JSON())[key_field].as_string()
        statement = sa.select(stamp.label("stamp")).where(
            self._tx.mine(snapshots),
            snapshots.c.side == side.value,
            snapshots.c.existence == "alive",
            stamp != "",
        )
        return [row.stamp for row in self._tx.rows(statement)]

    def unread(self) -> int:
        """How much of what was listed is not folded yet: events not routed or queued, records unknown or
        dirty.
        """
        open_events = sa.select(sa.func.count()).where(
            self._tx.mine(inbox_events), among(inbox_events.c.state, "received", "queued")
        )
        unread = sa.select(sa.func.count()).where(
            self._tx.mine(snapshots), (snapshots.c.existence == "unknown") | (snapshots.c.dirty > 0)
        )
        return sum(int(self._tx.rows(statement)[0][0]) for statement in (open_events, unread))

    def all_ids(self) -> list[int]:
        """All lanes that have members."""
        statement = (
            sa.select(bindings.c.lane_id)
            .where(self._tx.mine(bindings))
            .distinct()
            .order_by(bindings.c.lane_id)
        )
        return [row.lane_id for row in self._tx.rows(statement)]

    def busy(self, lane_ids: Collection[int]) -> set[int]:
        """Those of these lanes with unended events, a planned change, an outbox row under way or a mark to
        be read.
        """
        asked = (
            sa.select(inbox_events.c.lane_id).where(
                self._tx.one_of(inbox_events.c.lane_id, lane_ids),
                among(inbox_events.c.state, "queued", "waiting"),
            ),
            sa.select(changes.c.lane_id).where(
                self._tx.one_of(changes.c.lane_id, lane_ids), equals(changes.c.state, "planned")
            ),
            sa.select(outbox_writes.c.lane_id).where(
                self._tx.one_of(outbox_writes.c.lane_id, lane_ids),
                among(outbox_writes.c.state, "waiting", "sending"),
            ),
            sa.select(lanes.c.id).where(self._tx.one_of(lanes.c.id, lane_ids), lanes.c.dirty),
        )
        return {row[0] for row in self._tx.rows(sa.union(*asked))} if lane_ids else set()

    def open_intents(self, binding_ids: Collection[int], *, before: int) -> set[int]:
        """Those of these bindings whose create is open and was sent, or that come before `before` and mean
        to create.
        """
        if not binding_ids:
            return set()
        sending = sa.select(outbox_writes.c.id).where(
            self._tx.mine(outbox_writes),
            outbox_writes.c.binding_id == intents.c.binding_id,
            outbox_writes.c.operation == Operation.CREATE.value,
            equals(outbox_writes.c.state, "sending"),
        )
        statement = sa.select(
            intents.c.binding_id,
            intents.c.facts,
            sending.correlate(intents).exists().label("sending"),
        ).where(self._tx.one_of(intents.c.binding_id, binding_ids), equals(intents.c.state, "open"))
        return {
            row.binding_id
            for row in self._tx.rows(statement)
            if row.sending or row.facts.get("sent") or row.binding_id < before
        }

    def due(self) -> dict[str, int]:
        """What waits to be worked on now: received, ready, dirty, planned, salesforce, zoho (writes to that
        side).
        """
        return queue_depths(self._tx, due_only=True)


def _id_on(side: Side) -> sa.Column[Any]:
    return bindings.c.salesforce_id if side is Side.SALESFORCE else bindings.c.zoho_id


def _entity_on(side: Side) -> sa.Column[Any]:
    return bindings.c.salesforce_entity if side is Side.SALESFORCE else bindings.c.zoho_entity


def _is_alive(side: Side) -> sa.ColumnElement[bool]:
    alive = sa.select(snapshots.c.binding_id).where(
        snapshots.c.binding_id == bindings.c.id,
        snapshots.c.side == side.value,
        snapshots.c.existence == "alive",
    )
    return alive.correlate(bindings).exists()


def _record_key(side: Side, row: Row[Any]) -> tuple[str, str]:
    if side is Side.SALESFORCE:
        return row.salesforce_entity, row.salesforce_id
    return row.zoho_entity, row.zoho_id


def bound(row: Row[Any]) -> BoundRecord:
    """A bound record from a row with the columns of `BOUND`."""
    return BoundRecord(
        row.id, row.lane_id, row.entity, BindingState(row.state), row.salesforce_id or "", row.zoho_id or ""
    )
