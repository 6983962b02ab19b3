"""What waits for somebody: dead letters, exceptions, waits for other records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.outcome import BindingState
from integration.canonical.values import Json, Side
from integration.ports.rows import DeadLetter, ExceptionCase
from integration.stores import bulk
from integration.stores.columns import equals
from integration.stores.lane_rows import RowValues
from integration.stores.tables_line import bindings
from integration.stores.tables_people import dead_letters, exceptions, waits
from integration.stores.transaction import Transaction

SUPERSEDED = "superseded"


class SqlCases:
    """`CaseStore` of one unit of work."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> list[int]:
        """Store them; an open one of the same binding and digest is not doubled (its id is returned)."""
        return self._add(
            dead_letters, [self._letter_row(letter) for letter in letters], ("binding_id", "digest")
        )

    def add_exceptions(self, cases: Sequence[ExceptionCase]) -> list[int]:
        """Store them; an open one of the same binding, kind and digest is not doubled."""
        return self._add(
            exceptions, [self._case_row(case) for case in cases], ("binding_id", "kind", "digest")
        )

    def _add(self, table: sa.Table, rows: Sequence[RowValues], same: tuple[str, ...]) -> list[int]:
        ids: list[int] = []
        for row in rows:
            inserted = bulk.insert_new(self._tx, table, [row], ("id",))
            ids.append(
                inserted[0].id if inserted else self._open_one(table, {name: row[name] for name in same})
            )
        return ids

    def _open_one(self, table: sa.Table, same: Mapping[str, Any]) -> int:
        statement = sa.select(table.c.id).where(
            self._tx.mine(table),
            equals(table.c.state, "open"),
            *(table.c[name] == value for name, value in same.items()),
        )
        return int(self._tx.execute(statement).scalar_one())

    def _letter_row(self, letter: DeadLetter) -> RowValues:
        return {
            "pair_id": self._tx.pair_id,
            "stage": letter.stage,
            "code": letter.code,
            "text": letter.text,
            "advice": letter.advice,
            "lane_id": letter.lane_id,
            "binding_id": letter.binding_id,
            "event_id": letter.event_id,
            "side": letter.side,
            "evidence": dict(letter.evidence),
            "digest": letter.digest,
            "created_at": self._tx.now,
        }

    def _case_row(self, case: ExceptionCase) -> RowValues:
        return {
            "pair_id": self._tx.pair_id,
            "kind": case.kind,
            "text": case.text,
            "advice": case.advice,
            "lane_id": case.lane_id,
            "binding_id": case.binding_id,
            "digest": case.digest,
            "suggestions": [dict(one) for one in case.suggestions],
            "created_at": self._tx.now,
        }

    def supersede(self, binding_ids: Collection[int]) -> int:
        """A later success closes open dead letters and exceptions of these bindings as superseded."""
        if not binding_ids:
            return 0
        closed = 0
        for table in (dead_letters, exceptions):
            closing = sa.update(table).where(
                self._tx.mine(table),
                self._tx.one_of(table.c.binding_id, binding_ids),
                equals(table.c.state, "open"),
            )
            closed += self._tx.execute(closing.values(state=SUPERSEDED, closed_at=self._tx.now)).rowcount
        return closed

    def dead_letters(self, state: str = "open", limit: int = 100, after: int = 0) -> list[DeadLetter]:
        """Dead letters in order of id."""
        return [_letter(row) for row in self._tx.rows(self._page(dead_letters, state, limit, after))]

    def exceptions(self, state: str = "open", limit: int = 100, after: int = 0) -> list[ExceptionCase]:
        """Exceptions in order of id."""
        return [_case(row) for row in self._tx.rows(self._page(exceptions, state, limit, after))]

    def _page(self, table: sa.Table, state: str, limit: int, after: int) -> sa.Select[Any]:
        wanted = sa.select(table).where(self._tx.mine(table), table.c.state == state, table.c.id > after)
        return wanted.order_by(table.c.id).limit(limit)

    def open_letters(self, binding_id: int) -> list[DeadLetter]:
        """The open dead letters of one binding."""
        is_open = equals(dead_letters.c.state, "open"), dead_letters.c.binding_id == binding_id
        asked = sa.select(dead_letters).where(self._tx.mine(dead_letters), *is_open)
        return [_letter(row) for row in self._tx.rows(asked.order_by(dead_letters.c.id))]

    def open_cases(self, binding_id: int) -> list[ExceptionCase]:
        """The open exceptions of one binding."""
        is_open = equals(exceptions.c.state, "open"), exceptions.c.binding_id == binding_id
        asked = sa.select(exceptions).where(self._tx.mine(exceptions), *is_open)
        return [_case(row) for row in self._tx.rows(asked.order_by(exceptions.c.id))]

    def dead_letter(self, letter_id: int) -> DeadLetter | None:
        """One dead letter."""
        row = self._one(dead_letters, letter_id)
        return _letter(row) if row is not None else None

    def exception(self, case_id: int) -> ExceptionCase | None:
        """One exception."""
        row = self._one(exceptions, case_id)
        return _case(row) if row is not None else None

    def _one(self, table: sa.Table, number: int) -> Row[Any] | None:
        return self._tx.execute(
            sa.select(table).where(self._tx.mine(table), table.c.id == number)
        ).one_or_none()

    def close_dead_letter(self, letter_id: int, state: str, author: str, reason: str) -> bool:
        """Open → replayed | discarded | superseded; False when it was not open."""
        return self._close(dead_letters, letter_id, {"state": state, "author": author, "reason": reason})

    def close_exception(self, case_id: int, resolution: Mapping[str, Json], author: str) -> bool:
        """Open → resolved; False when it was not open."""
        return self._close(
            exceptions, case_id, {"state": "resolved", "author": author, "resolution": dict(resolution)}
        )

    def _close(self, table: sa.Table, number: int, told: RowValues) -> bool:
        is_open = self._tx.mine(table), table.c.id == number, equals(table.c.state, "open")
        return (
            self._tx.execute(sa.update(table).where(*is_open).values(**told, closed_at=self._tx.now)).rowcount
            == 1
        )

    def wait(self, lane_id: int, binding_id: int, side: Side, entity: str, record_id: str) -> bool:
        """Insert a wait and re-check its dependency; True when it is bound already (no wait kept).

        Waiting for a record and releasing its waiters exclude each other until their units end: either this
        unit sees the binding, or the one that binds sees this wait.
        """
        self._tx.lock_names([_lock_name(side, record_id)])
        if self._is_bound(side, entity, record_id):
            return True
        row = {
            "pair_id": self._tx.pair_id,
            "lane_id": lane_id,
            "binding_id": binding_id,
            "side": side.value,
            "entity": entity,
            "record_id": record_id,
            "created_at": self._tx.now,
        }
        bulk.insert_new(self._tx, waits, [row], ("id",))
        return False

    def _is_bound(self, side: Side, entity: str, record_id: str) -> bool:
        is_salesforce = side is Side.SALESFORCE
        own = bindings.c.salesforce_id if is_salesforce else bindings.c.zoho_id
        own_entity = bindings.c.salesforce_entity if is_salesforce else bindings.c.zoho_entity
        statement = sa.select(bindings.c.id).where(
            self._tx.mine(bindings),
            own == record_id,
            own_entity == entity,
            bindings.c.state == BindingState.ACTIVE.value,
            bindings.c.salesforce_id.is_not(None),
            bindings.c.zoho_id.is_not(None),
        )
        return self._tx.execute(statement).first() is not None

    def release(self, side: Side, record_ids: Collection[str]) -> list[int]:
        """Records were bound: their waits end; returns the lanes that may go on."""
        wanted = {record_id for record_id in record_ids if record_id}
        if not wanted:
            return []
        self._tx.lock_names([_lock_name(side, record_id) for record_id in wanted])
        ending = (
            sa.update(waits)
            .where(
                self._tx.mine(waits),
                waits.c.side == side.value,
                self._tx.one_of(waits.c.record_id, wanted),
                equals(waits.c.state, "open"),
            )
            .values(state="released", ended_at=self._tx.now)
            .returning(waits.c.lane_id)
        )
        return sorted({row.lane_id for row in self._tx.rows(ending)})

    def drop_waits(self, lane_ids: Collection[int], keep: Collection[tuple[int, Side, str]] = ()) -> None:
        """These lanes need nothing any more but what is kept: (binding id, side, record id)."""
        if not lane_ids:
            return
        asked = sa.select(waits.c.id, waits.c.binding_id, waits.c.side, waits.c.record_id).where(
            self._tx.one_of(waits.c.lane_id, lane_ids), equals(waits.c.state, "open")
        )
        kept = {(binding, side.value, record_id) for binding, side, record_id in keep}
        needless = [
            row.id for row in self._tx.rows(asked) if (row.binding_id, row.side, row.record_id) not in kept
        ]
        if needless:
            ending = sa.update(waits).where(self._tx.one_of(waits.c.id, needless))
            self._tx.execute(ending.values(state="dropped", ended_at=self._tx.now))

    def waiters(self, side: Side, record_ids: Collection[str]) -> list[int]:
        """Lanes that wait for one of these records and were not told anything yet."""
        if not record_ids:
            return []
        statement = sa.select(waits.c.lane_id).where(
            self._tx.mine(waits),
            waits.c.side == side.value,
            self._tx.one_of(waits.c.record_id, record_ids),
            equals(waits.c.state, "open"),
            waits.c.told_at == 0,
        )
        return sorted({row.lane_id for row in self._tx.rows(statement)})

    def told_of_wait(self, binding_id: int, side: Side, record_id: str) -> None:
        """People know of this wait; it goes on all the same once its record is bound."""
        telling = sa.update(waits).where(
            waits.c.binding_id == binding_id,
            waits.c.side == side.value,
            waits.c.record_id == record_id,
            equals(waits.c.state, "open"),
        )
        self._tx.execute(telling.values(told_at=self._tx.now))

    def take_overdue_waits(self, before: int, limit: int) -> list[tuple[int, int, str]]:
        """Open waits older than that nobody was told of, told from now on: (lane, binding, record id)."""
        due = (
            sa.select(waits.c.id)
            .where(
                self._tx.mine(waits),
                equals(waits.c.state, "open"),
                waits.c.told_at == 0,
                waits.c.created_at < before,
            )
            .order_by(waits.c.id)
            .limit(limit)
        )
        telling = (
            sa.update(waits)
            .where(waits.c.id.in_(due))
            .values(told_at=self._tx.now)
            .returning(waits.c.id, waits.c.lane_id, waits.c.binding_id, waits.c.record_id)
        )
        told = sorted(self._tx.rows(telling), key=lambda row: int(row.id))
        return [(row.lane_id, row.binding_id, row.record_id) for row in told]


def _lock_name(side: Side, record_id: str) -> str:
    return f"wait:{side.value}:{record_id}"


def _letter(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        row.stage,
        row.code,
        row.text,
        row.advice,
        row.lane_id,
        row.binding_id,
        row.event_id,
        row.side,
        row.evidence,
        row.digest,
        row.id,
        row.state,
        row.created_at,
    )


def _case(row: Row[Any]) -> ExceptionCase:
    return ExceptionCase(
        row.kind,
        row.text,
        row.advice,
        row.lane_id,
        row.binding_id,
        row.suggestions,
        row.digest,
        row.id,
        row.state,
        row.created_at,
        row.resolution,
    )
