"""What people and the reconcile ask; reads only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.outcome import BindingState, Operation, Outcome, WriteState
from integration.canonical.values import Json, Side, decode_fields
from integration.ports.reports import AlarmState, BindingRow, MappingVersion, OutboxRow, RunRow
from integration.ports.rows import BoundRecord, StoredEvent
from integration.stores.columns import among, equals
from integration.stores.depths import queue_depths
from integration.stores.inbox import stored_event
from integration.stores.lane_questions import BOUND, bound
from integration.stores.lane_rows import write_of
from integration.stores.tables_line import (
    bindings,
    changes,
    inbox_events,
    lanes,
    outbox_writes,
    write_attempts,
)
from integration.stores.tables_operation import alarms, api_usage, mapping_versions, runs
from integration.stores.transaction import Transaction


class SqlReports:
    """`ReportStore` of one unit of work."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def bindings(self, after: int = 0, limit: int = 500, entity: str = "") -> list[BindingRow]:
        """One page of members of all lanes in order of binding id, beginning behind `after`."""
        statement = sa.select(bindings).where(self._tx.mine(bindings), bindings.c.id > after)
        if entity:
            statement = statement.where(bindings.c.entity == entity)
        return [_binding(row) for row in self._tx.rows(statement.order_by(bindings.c.id).limit(limit))]

    def binding(self, binding_id: int) -> BindingRow | None:
        """One member."""
        statement = sa.select(bindings).where(self._tx.mine(bindings), bindings.c.id == binding_id)
        row = self._tx.execute(statement).one_or_none()
        return _binding(row) if row is not None else None

    def lanes_of(self, record_id: str) -> list[BoundRecord]:
        """Where a record belongs, found by its id on either side; Salesforce ids may have 15 characters."""
        is_salesforce = bindings.c.salesforce_id == record_id
        if len(record_id) == 15:
            is_salesforce = sa.and_(
                bindings.c.salesforce_id > record_id,
                bindings.c.salesforce_id < record_id + "\x7f",
                sa.func.substr(bindings.c.salesforce_id, 1, 15) == record_id,
            )
        statement = sa.select(*BOUND).where(
            self._tx.mine(bindings), sa.or_(is_salesforce, bindings.c.zoho_id == record_id)
        )
        return [bound(row) for row in self._tx.rows(statement.order_by(bindings.c.id))]

    def events(self, lane_ids: Collection[int], limit: int = 1_000) -> list[StoredEvent]:
        """The newest events of lanes, oldest first."""
        statement = sa.select(inbox_events).where(
            self._tx.one_of(inbox_events.c.lane_id, self._with_joined(lane_ids))
        )
        rows = self._tx.rows(statement.order_by(inbox_events.c.id.desc()).limit(limit))
        return [stored_event(row) for row in reversed(rows)]

    def event(self, event_id: int) -> StoredEvent | None:
        """One event."""
        statement = sa.select(inbox_events).where(self._tx.mine(inbox_events), inbox_events.c.id == event_id)
        row = self._tx.execute(statement).one_or_none()
        return stored_event(row) if row is not None else None

    def recent_events(
        self, limit: int, *, before: int = 0, only_open: bool = False, outcome: str = ""
    ) -> list[StoredEvent]:
        """The newest events of the pair, newest first; `before` is an event's id, for paging."""
        row = inbox_events.c
        statement = sa.select(inbox_events).where(self._tx.mine(inbox_events))
        if before:
            statement = statement.where(row.id < before)
        if only_open:
            statement = statement.where(among(row.state, "received", "queued", "waiting"))
        if outcome:
            statement = statement.where(row.outcome == outcome)
        return [
            stored_event(found) for found in self._tx.rows(statement.order_by(row.id.desc()).limit(limit))
        ]

    def echo_writes(self) -> int:
        """Writes done that nothing but events of our own writes caused.

        A write's causes are the events of its correlation id, and the events that ended with any write of it.
        """
        write, event = outbox_writes.c, inbox_events.c
        named = sa.select(event.correlation_id.label("id"), event.outcome).where(self._tx.mine(inbox_events))
        ended = (
            sa.select(write.correlation_id, event.outcome)
            .join(outbox_writes, write.id == event.write_id)
            .where(self._tx.mine(inbox_events))
        )
        causes = named.union_all(ended).subquery()
        is_other = sa.case((causes.c.outcome == Outcome.ECHO.value, 0), else_=1)
        echoes = sa.select(causes.c.id).group_by(causes.c.id).having(sa.func.sum(is_other) == 0)
        statement = (
            sa.select(sa.func.count())
            .select_from(outbox_writes)
            .where(
                self._tx.mine(outbox_writes),
                equals(write.state, WriteState.DONE.value),
                write.code == "",
                write.operation != Operation.FIND.value,
                write.correlation_id != "",
                write.correlation_id.in_(echoes),
            )
        )
        return int(self._tx.execute(statement).scalar_one())

    def writes(self, lane_ids: Collection[int], limit: int = 1_000) -> list[OutboxRow]:
        """The newest outbox rows of lanes, oldest first."""
        statement = sa.select(outbox_writes).where(
            self._tx.one_of(outbox_writes.c.lane_id, self._with_joined(lane_ids))
        )
        rows = self._tx.rows(statement.order_by(outbox_writes.c.id.desc()).limit(limit))
        return [
            OutboxRow(
                write_of(row), row.lane_id, row.state, row.code, row.created_at, row.sent_at, row.ended_at
            )
            for row in reversed(rows)
        ]

    def decisions(self, lane_ids: Collection[int], limit: int = 100) -> list[dict[str, Json]]:
        """The newest changes of lanes with their decisions per field, oldest first."""
        statement = sa.select(changes).where(self._tx.one_of(changes.c.lane_id, self._with_joined(lane_ids)))
        rows = self._tx.rows(statement.order_by(changes.c.id.desc()).limit(limit))
        names = (
            "id",
            "lane_id",
            "state",
            "steps",
            "decisions",
            "mapping_version",
            "correlation_id",
            "created_at",
        )
        return [{name: getattr(row, name) for name in names} for row in reversed(rows)]

    def _with_joined(self, lane_ids: Collection[int]) -> set[int]:
        joined = sa.select(lanes.c.id).where(self._tx.one_of(lanes.c.joined_into, lane_ids))
        return {*lane_ids, *(row.id for row in self._tx.rows(joined))}

    def write_counts(self, since: int = 0) -> dict[tuple[Side, str, str], int]:
        """Outbox rows sent since then, by side, operation and state."""
        row = outbox_writes.c
        statement = (
            sa.select(row.side, row.operation, row.state, sa.func.count().label("rows"))
            .where(self._tx.mine(outbox_writes), row.sent_at >= since)
            .group_by(row.side, row.operation, row.state)
        )
        return {(Side(one.side), one.operation, one.state): one.rows for one in self._tx.rows(statement)}

    def attempt_counts(self, since: int = 0) -> dict[str, int]:
        """Ends of sent rows since then, by state and code, as `state` or `state:code`."""
        row = write_attempts.c
        statement = (
            sa.select(row.state, row.code, sa.func.count().label("rows"))
            .where(self._tx.mine(write_attempts), row.at >= since)
            .group_by(row.state, row.code)
        )
        return {
            f"{one.state}:{one.code}" if one.code else one.state: one.rows for one in self._tx.rows(statement)
        }

    def api_calls(self, since: int = 0) -> dict[str, dict[str, int]]:
        """Calls granted since then, by system and work class."""
        row = api_usage.c
        statement = (
            sa.select(row.system, row.work, sa.func.sum(row.calls).label("calls"))
            .where(self._tx.mine(api_usage), row.at >= since)
            .group_by(row.system, row.work)
        )
        found: dict[str, dict[str, int]] = {}
        for one in self._tx.rows(statement):
            found.setdefault(one.system, {})[one.work] = int(one.calls)
        return found

    def depths(self) -> dict[str, int]:
        """What stands at each stage, due or not: received, ready, dirty, planned, salesforce, zoho."""
        return queue_depths(self._tx, due_only=False)

    def runs(self, limit: int = 50) -> list[RunRow]:
        """The newest runs first."""
        statement = sa.select(runs).where(self._tx.mine(runs)).order_by(runs.c.id.desc()).limit(limit)
        return [
            RunRow(row.id, row.job, row.slot, row.state, row.started_at, row.ended_at, row.report)
            for row in self._tx.rows(statement)
        ]

    def mappings(self) -> list[MappingVersion]:
        """All mapping versions, newest first."""
        row = mapping_versions.c
        statement = sa.select(row.number, row.author, row.created_at).where(self._tx.mine(mapping_versions))
        return [
            MappingVersion(one.number, one.author, one.created_at)
            for one in self._tx.rows(statement.order_by(row.number.desc()))
        ]

    def alarms(self) -> list[AlarmState]:
        """Every kind of alarm there was, the newest first."""
        row = alarms.c
        statement = sa.select(row.kind, row.total, row.gathered, row.last_at, row.sent_at).where(
            self._tx.mine(alarms)
        )
        return [
            AlarmState(one.kind, one.total, one.gathered, one.last_at, one.sent_at)
            for one in self._tx.rows(statement.order_by(row.last_at.desc()))
        ]


def _binding(row: Row[Any]) -> BindingRow:
    return BindingRow(
        row.id,
        row.lane_id,
        row.entity,
        row.kind,
        BindingState(row.state),
        row.salesforce_entity,
        row.salesforce_id or "",
        row.zoho_entity,
        row.zoho_id or "",
        decode_fields(row.base),
        row.joined,
        row.how,
        row.alias_of,
    )
