"""The outbox: one waiting row per lane and side, one sending row per lane, every claim fenced."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import Mode, Operation, WorkClass
from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.policy.state import Write
from integration.ports import NewRecord, PlannedChange, WriteEnd
from integration.ports.rows import RecentHarm
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import claim_one, live, load_one, make_lanes, waiting_writes, write_for

FAR = 10**15


def _sending(stores: SqlStores, pair: int, lease_ms: int = 60_000) -> tuple[int, Write, int]:
    """A lane with a claimed row: lane, row, epoch."""
    [lane] = make_lanes(stores, pair, 1)
    waiting_writes(stores, pair, [lane])
    with stores.begin(pair) as uow:
        write, epoch = claim_one(uow, lease_ms=lease_ms)
    return lane, write, epoch


def test_a_row_comes_back_as_it_was_put(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    write = Write(
        0,
        5,
        Side.ZOHO,
        Operation.CREATE,
        "contact",
        parent_id="p",
        fields={"contact_name": "Ω", "n": [1]},
        key="001",
        values={"name": "Ω", "phone": None},
        children={7: {"last_name": "x"}},
        child_fields=[{"a": "b"}],
        facet="status",
        not_before=3,
        change_id=4,
        mapping_version=2,
        correlation_id="c",
        blanked=1,
        attempts=2,
    )
    with stores.begin(pair) as uow:
        write.id = uow.outbox.put(lane_id, write, WorkClass.EVENT)
    assert load_one(stores, pair, lane_id).waiting == {Side.ZOHO: write}


def test_a_row_under_way_says_what_may_be_written_to_everyone_who_loads_its_lane(
    stores: SqlStores, pair: int
) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    live(stores, pair)
    first = load_one(stores, pair, lane_id)
    with stores.begin(pair) as uow:
        row = write_for(first)
        row.values = {"name": "new"}
        uow.outbox.put(lane_id, row, WorkClass.BATCH)
    assert "name" not in load_one(stores, pair, lane_id).root.on(Side.SALESFORCE).cells
    with stores.begin(pair) as uow:
        write, _ = claim_one(uow)
        assert write.work is WorkClass.BATCH
    loaded = load_one(stores, pair, lane_id)
    assert loaded.root.on(Side.SALESFORCE).cells["name"].written == ("new",)
    assert loaded.root.noted == write.id
    with stores.begin(pair) as uow:
        again = uow.lanes.load([lane_id])
        uow.lanes.save(list(again.values()))
    assert load_one(stores, pair, lane_id) == loaded


def test_a_newer_row_replaces_the_waiting_one(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    lane = load_one(stores, pair, lane_id)
    with stores.begin(pair) as uow:
        first = uow.outbox.put(lane_id, write_for(lane, fields={"a": 1}, not_before=FAR), WorkClass.EVENT)
        second = uow.outbox.put(lane_id, write_for(lane, fields={"a": 2}), WorkClass.EVENT)
        other_side = uow.outbox.put(lane_id, write_for(lane, Side.ZOHO), WorkClass.EVENT)
    waiting = load_one(stores, pair, lane_id).waiting
    assert (first, waiting[Side.SALESFORCE].id, waiting[Side.ZOHO].id) == (second, second, other_side)
    assert (waiting[Side.SALESFORCE].fields, waiting[Side.SALESFORCE].not_before) == ({"a": 2}, 0)


def test_a_replaced_row_keeps_its_place(stores: SqlStores, pair: int) -> None:
    """Else a record edited again and again would never be written."""
    busy, quiet = make_lanes(stores, pair, 2)
    waiting_writes(stores, pair, [busy, quiet])
    with stores.begin(pair) as uow:
        uow.outbox.put(busy, write_for(uow.lanes.load([busy])[busy]), WorkClass.BATCH)
    with stores.begin(pair) as uow:
        assert list(uow.outbox.claimable(Side.SALESFORCE, 10)) == [busy, quiet]


def test_no_write_while_a_read_is_under_way(stores: SqlStores, pair: int) -> None:
    """The lane is not dirty any more, yet its read has not come back."""
    [lane_id] = make_lanes(stores, pair, 1)
    child = NewRecord(Side.ZOHO, "contact_person", "p", "person", lane_id=lane_id)
    with stores.begin(pair) as uow:
        bound = uow.lanes.add_records([child])["contact_person", "p"]
        assert uow.lanes.claim_reads(10, 60_000) == [lane_id]
        uow.lanes.drop_binding(bound.binding_id)
    waiting_writes(stores, pair, [lane_id])
    with stores.begin(pair) as uow:
        assert uow.lanes.claim_reads(10, 60_000) == []
        assert uow.outbox.claimable(Side.SALESFORCE, 10) == {}


def test_a_replanned_lane_has_no_waiting_row(stores: SqlStores, pair: int) -> None:
    one, two = make_lanes(stores, pair, 2)
    waiting_writes(stores, pair, [one, two])
    change = PlannedChange(one, [{"binding": 1}], [{"field": "name"}], 3, "c")
    with stores.begin(pair) as uow:
        uow.changes.replace([change], [one])
    with stores.begin(pair) as uow:
        assert uow.changes.lock_planned(10) == [change]
        assert list(uow.outbox.claimable(Side.SALESFORCE, 10)) == [two]
        uow.changes.replace([], [one, two])
        assert uow.changes.lock_planned(10) == []
        assert uow.outbox.claimable(Side.SALESFORCE, 10) == {}


def test_rows_are_claimed_by_class_then_age(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 4)
    live(stores, pair)
    classes = (WorkClass.BATCH, WorkClass.EVENT, WorkClass.EVENT, WorkClass.LOOKUP)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load(ids)
        uow.outbox.put_all([(i, write_for(lanes[i]), work) for i, work in zip(ids, classes, strict=True)])
    with stores.begin(pair) as uow:
        assert list(uow.outbox.claimable(Side.SALESFORCE, 10)) == [ids[3], ids[1], ids[2], ids[0]]
        assert list(uow.outbox.claimable(Side.SALESFORCE, 2)) == [ids[3], ids[1]]


def test_nothing_is_claimed_unless_live_and_not_held(stores: SqlStores, pair: int) -> None:
    [lane] = make_lanes(stores, pair, 1)
    waiting_writes(stores, pair, [lane])
    for mode, held, claimed in (
        (Mode.OBSERVE, "", []),
        (Mode.OFF, "", []),
        (Mode.LIVE, "too many deactivations", []),
        (Mode.LIVE, "", [lane]),
    ):
        with stores.begin(pair) as uow:
            uow.pairs.set_mode(Side.SALESFORCE, mode, "test")
            uow.pairs.hold(Side.SALESFORCE, held)
            assert list(uow.outbox.claimable(Side.SALESFORCE, 10)) == claimed
            assert uow.lanes.due()["salesforce"] == len(claimed)
            assert uow.outbox.claimable(Side.ZOHO, 10) == {}


def test_nothing_is_claimed_of_a_lane_that_is_dirty_read_or_sending(stores: SqlStores, pair: int) -> None:
    dirty, read, sending, postponed, free = make_lanes(stores, pair, 5)
    waiting_writes(stores, pair, [dirty, read, sending, free])
    [other] = waiting_writes(stores, pair, [sending], Side.ZOHO)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load([dirty, read, postponed])
        uow.outbox.put(postponed, write_for(lanes[postponed], not_before=FAR), WorkClass.EVENT)
        uow.outbox.sending([other], 60_000)
        uow.lanes.dirty([lanes[dirty].root.binding_id, lanes[read].root.binding_id], Side.ZOHO)
        assert sorted(uow.lanes.claim_reads(2, 60_000)) == [dirty, read]
    with stores.begin(pair) as uow:
        assert list(uow.outbox.claimable(Side.SALESFORCE, 10)) == [free]


def test_two_calls_on_one_lane_cannot_be_stored(stores: SqlStores, pair: int) -> None:
    [lane] = make_lanes(stores, pair, 1)
    [one] = waiting_writes(stores, pair, [lane])
    [two] = waiting_writes(stores, pair, [lane], Side.ZOHO)
    with pytest.raises(ClaimLost), stores.begin(pair) as uow:
        uow.outbox.sending([one, two], 60_000)
    assert load_one(stores, pair, lane).sending is None


def test_a_claim_is_mine_until_somebody_else_claims(stores: SqlStores, pair: int) -> None:
    lane, write, epoch = _sending(stores, pair, lease_ms=0)
    assert epoch == write.epoch + 1
    with stores.begin(pair) as uow:
        assert list(uow.outbox.mine({write.id: epoch})) == [lane]
        assert uow.outbox.still_mine({write.id: epoch}) == set()  # the lease ran out: not to be sent any more
        [expired] = uow.outbox.expired(Side.SALESFORCE, 10).values()
        assert expired.id == write.id
        [(_, newer)] = uow.outbox.sending([write.id], 60_000).items()
    with stores.begin(pair) as uow:
        assert uow.outbox.mine({write.id: epoch}) == {}
        assert uow.outbox.mine({write.id: newer})[lane].attempts == 2
        assert uow.outbox.still_mine({write.id: newer}) == {write.id}
        assert uow.outbox.still_mine({write.id: epoch}) == set()
        assert uow.outbox.expired(Side.SALESFORCE, 10) == {}


def test_a_lease_that_ran_out_settles_before_it_is_looked_into(
    store_url: str, stores: SqlStores, pair: int
) -> None:
    patient = SqlStores(store_url, settle_ms=60_000)
    _sending(stores, pair, lease_ms=0)
    with stores.begin(pair) as uow:
        assert len(uow.outbox.expired(Side.SALESFORCE, 10)) == 1
        assert uow.lanes.due()["salesforce"] == 1
    with patient.begin(pair) as uow:
        assert uow.outbox.expired(Side.SALESFORCE, 10) == {}
        assert uow.lanes.due()["salesforce"] == 0
    patient.close()


def test_an_unknown_end_is_looked_into_at_its_time(stores: SqlStores, pair: int) -> None:
    lane, write, epoch = _sending(stores, pair)
    with stores.begin(pair) as uow:
        uow.outbox.end([WriteEnd(write.id, "unknown", "network.reply_lost", not_before=FAR)])
        assert uow.outbox.expired(Side.SALESFORCE, 10) == {}
        uow.outbox.end([WriteEnd(write.id, "unknown", "network.reply_lost", not_before=uow.now)])
        found = uow.outbox.expired(Side.SALESFORCE, 10)
        assert (list(found), found[lane].unknown, found[lane].epoch) == ([lane], True, epoch)
        uow.outbox.sending([write.id], 60_000)
        assert uow.outbox.expired(Side.SALESFORCE, 10) == {}
    stored = load_one(stores, pair, lane).sending
    assert stored is not None
    assert not stored.unknown


def test_an_end_is_stored_with_its_attempt(stores: SqlStores, pair: int) -> None:
    lane, write, _ = _sending(stores, pair)
    with stores.begin(pair) as uow:
        uow.outbox.end([WriteEnd(write.id, "done", record_id="001")])
        [row] = uow.reports.writes([lane])
        assert (row.state, row.write.record_id, row.ended_at) == ("done", "001", uow.now)
        assert uow.reports.attempt_counts() == {"done": 1}
        assert uow.reports.write_counts() == {(Side.SALESFORCE, "update", "done"): 1}
    state = load_one(stores, pair, lane)
    assert (state.sending, state.waiting) == (None, {})


def test_a_row_goes_back_to_waiting(stores: SqlStores, pair: int) -> None:
    lane, write, _ = _sending(stores, pair)
    with stores.begin(pair) as uow:
        uow.outbox.end([WriteEnd(write.id, "waiting", "throttled", not_before=uow.now)])
    with stores.begin(pair) as uow:
        again = uow.outbox.claimable(Side.SALESFORCE, 10)[lane]
        assert (again.id, again.attempts, again.epoch) == (write.id, 1, 1)


def test_a_newer_row_takes_over_from_one_that_goes_back(stores: SqlStores, pair: int) -> None:
    lane, write, _ = _sending(stores, pair)
    newer = waiting_writes(stores, pair, [lane])
    with stores.begin(pair) as uow:
        assert uow.outbox.claimable(Side.SALESFORCE, 10) == {}
        uow.outbox.end([WriteEnd(write.id, "waiting", "throttled", not_before=FAR)])
        assert uow.outbox.claimable(Side.SALESFORCE, 10) == {}
        [ended, waiting] = uow.reports.writes([lane])
    assert (ended.state, ended.code) == ("done", "replaced")
    assert [waiting.write.id] == newer
    assert (waiting.write.not_before, waiting.write.attempts) == (FAR, 1)


def test_ends_of_a_batch_are_apart(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 4)
    writes = waiting_writes(stores, pair, ids)
    with stores.begin(pair) as uow:
        epochs = uow.outbox.sending(writes, 60_000)
        assert set(epochs.values()) == {1}
        states = ("done", "dead", "waiting", "unknown")
        uow.outbox.end([WriteEnd(w, s, "x", not_before=FAR) for w, s in zip(writes, states, strict=True)])
        rows = uow.reports.writes(ids)
    assert [r.state for r in rows] == ["done", "dead", "waiting", "sending"]
    assert [r.write.unknown for r in rows] == [False, False, False, True]


def test_harm_counts_what_was_sent_since(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 5)
    live(stores, pair)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load(ids)
        rows = [write_for(lanes[ids[0]], blanked=3), write_for(lanes[ids[1]]), write_for(lanes[ids[2]])]
        rows[1].operation, rows[2].operation = Operation.DEACTIVATE, Operation.DELETE
        writes = uow.outbox.put_all([(i, w, WorkClass.EVENT) for i, w in zip(ids, rows, strict=False)])
        assert uow.outbox.recent_harm(Side.SALESFORCE, 0, {}) == RecentHarm(0, 0, 5, frozenset())
        uow.outbox.sending(writes, 60_000)
        assert uow.outbox.recent_harm(Side.SALESFORCE, uow.now, {}) == RecentHarm(5, 3, 5, frozenset())
        assert uow.outbox.recent_harm(Side.SALESFORCE, uow.now + 1, {}) == RecentHarm(0, 0, 5, frozenset())
        assert uow.outbox.recent_harm(Side.ZOHO, 0, {}) == RecentHarm(0, 0, 5, frozenset())


def test_a_change_is_planned_until_it_is_validated(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 3)
    changes = [PlannedChange(i, [{"side": "zoho"}], [], 1, f"c{i}") for i in ids]
    with stores.begin(pair) as uow:
        uow.changes.replace(changes, ids)
        assert [c.id for c in changes] == sorted(c.id for c in changes)
        assert uow.lanes.due()["planned"] == 3
    with stores.begin(pair) as uow:
        assert uow.changes.lock_planned(2) == changes[:2]
        uow.changes.validated([c.id for c in changes[:2]])
        assert uow.changes.lock_planned(5) == changes[2:]
        again = PlannedChange(ids[0], [], [], 2)
        uow.changes.replace([again], ids[:1])
        assert uow.changes.lock_planned(5) == [changes[2], again]  # the validated one of that lane is history
        told = uow.reports.decisions(ids)
        assert [(d["lane_id"], d["state"]) for d in told] == [
            (ids[0], "validated"),
            (ids[1], "validated"),
            (ids[2], "planned"),
            (ids[0], "planned"),
        ]


def test_the_other_side_is_not_claimed_while_a_claim_is_being_made(
    postgres_stores: SqlStores, pair: int
) -> None:
    """Both looked before either claimed: the second must see what the first committed."""
    [lane] = make_lanes(postgres_stores, pair, 1)
    waiting_writes(postgres_stores, pair, [lane])
    waiting_writes(postgres_stores, pair, [lane], Side.ZOHO)
    with postgres_stores.begin(pair) as one, postgres_stores.begin(pair) as two:
        claim_one(one)
        assert two.outbox.claimable(Side.ZOHO, 10) == {}
    with postgres_stores.begin(pair) as uow:
        assert uow.outbox.claimable(Side.ZOHO, 10) == {}
