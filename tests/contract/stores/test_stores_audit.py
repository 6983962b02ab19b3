"""The audit chain: everything that was changed afterwards is found, and values may be erased."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from integration.errors import ClaimLost
from integration.ports import AuditRow
from integration.stores.engine import WRITING
from integration.stores.tables_operation import audit_log, audit_segments, audit_values
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import make_lanes

CHANGED = {
    "kind": (audit_log, {"kind": "another"}, "was changed"),
    "time": (audit_log, {"at": 1}, "was changed"),
    "detail": (audit_log, {"detail": {"n": 9}}, "was changed"),
    "lane": (audit_log, {"lane_id": 9}, "was changed"),
    "digest": (audit_log, {"digest": "0"}, "was changed"),
    "value": (audit_values, {"values": {"name": "B"}}, "values of audit row"),
    "segment": (audit_segments, {"digest": "0"}, "chain does not fit"),
}


def _written(stores: SqlStores, pair: int, count: int = 6, *, segments: int = 2) -> None:
    with stores.begin(pair) as uow:
        uow.audit.add(
            [
                AuditRow(
                    "written", 5, 6, 7, 8, "c", {"n": n, "share": 0.1}, {"name": f"A\x00{n}", "big": 2**70}
                )
                for n in range(count)
            ]
        )
    for _ in range(segments):
        with stores.begin(pair) as uow:
            assert uow.audit.seal(count // segments) == count // segments


def test_rows_are_sealed_in_segments_and_verified(stores: SqlStores, pair: int) -> None:
    _written(stores, pair)
    with stores.begin(pair) as uow:
        assert uow.audit.seal(10) == 0
        uow.audit.add([AuditRow("not sealed yet")])
        assert uow.audit.verify() == (7, "")


def test_the_timeline_tells_of_joined_lanes_too(stores: SqlStores, pair: int) -> None:
    winner, loser = make_lanes(stores, pair, 2)
    with stores.begin(pair) as uow:
        uow.audit.add(
            [AuditRow("one", loser, detail={"a": 1}, values={"name": "Ω"}), AuditRow("two", winner)]
        )
        uow.lanes.lock([winner, loser])
        uow.lanes.join(winner, loser)
        told = uow.audit.timeline([winner])
    assert [(t["kind"], t["detail"], t["values"], t["sealed"]) for t in told] == [
        ("one", {"a": 1}, {"name": "Ω"}, False),
        ("two", {}, {}, False),
    ]


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_is_found(stores: SqlStores, pair: int, what: str) -> None:
    table, values, fault = CHANGED[what]
    _written(stores, pair)
    with stores.engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        connection.execute(_first_of(table, pair, sa.update(table)).values(values))
    with stores.begin(pair) as uow:
        checked, told = uow.audit.verify()
    assert fault in told
    assert checked < 6


@pytest.mark.parametrize("table", [audit_log, audit_segments], ids=lambda t: t.name)
def test_a_row_taken_away_is_found(stores: SqlStores, pair: int, table: sa.Table) -> None:
    _written(stores, pair)
    with stores.engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        connection.execute(_first_of(table, pair, sa.delete(table)))
    with stores.begin(pair) as uow:
        assert uow.audit.verify()[1]


def test_the_last_segment_taken_away_is_found(stores: SqlStores, pair: int) -> None:
    _written(stores, pair)
    with stores.engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        last = sa.delete(audit_segments).where(audit_segments.c.pair_id == pair, audit_segments.c.number == 2)
        connection.execute(last)
    with stores.begin(pair) as uow:
        assert "segment 2 is missing" in uow.audit.verify()[1]


def test_erased_values_leave_the_chain_whole(stores: SqlStores, pair: int) -> None:
    _written(stores, pair)
    with stores.engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        connection.execute(sa.delete(audit_values).where(audit_values.c.pair_id == pair))
    with stores.begin(pair) as uow:
        assert uow.audit.verify() == (6, "")
        assert {(str(t["values"]), t["erased"]) for t in uow.audit.timeline([5])} == {("{}", True)}


def test_a_failed_unit_leaves_no_row(stores: SqlStores, pair: int) -> None:
    def fail() -> None:
        with stores.begin(pair) as uow:
            uow.audit.add([AuditRow("never", 5)])
            raise ClaimLost("test.failed")

    with pytest.raises(ClaimLost):
        fail()
    with stores.begin(pair) as uow:
        assert uow.audit.timeline([5]) == []


def test_sealers_at_once_seal_every_row_once(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        uow.audit.add([AuditRow("written", n) for n in range(50)])

    def seal(_: int) -> int:
        with stores.begin(pair) as uow:
            return uow.audit.seal(4)

    sealed = 0
    with ThreadPoolExecutor(4) as pool:
        while sealed < 50:
            sealed += sum(pool.map(seal, range(4)))
    with stores.begin(pair) as uow:
        assert (sealed, uow.audit.verify()) == (50, (50, ""))


def _first_of(table: sa.Table, pair: int, statement: sa.Update | sa.Delete) -> sa.Update | sa.Delete:
    [key] = [c for c in table.primary_key.columns if c.name != "pair_id"]
    first = sa.select(sa.func.min(key)).where(table.c.pair_id == pair).scalar_subquery()
    return statement.where(table.c.pair_id == pair, key == first)
