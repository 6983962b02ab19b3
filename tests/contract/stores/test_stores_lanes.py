"""Lanes are found, claimed, loaded and saved; nobody's mark is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event as sa_event

from integration.canonical.event import Position
from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.policy.state import Cell, Existence, Intent, Member, SideState
from integration.ports import NewRecord
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import (
    event,
    load_one,
    make_lanes,
    new_records,
    ready_lanes,
    store_events,
    waiting_writes,
)

FAR = 10**15


@contextmanager
def statements(stores: SqlStores) -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa_event.listen(stores.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa_event.remove(stores.engine, "before_cursor_execute", note)


def test_a_new_record_is_unknown_and_dirty_when_asked(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        bound = uow.lanes.add_records(
            [
                NewRecord(Side.ZOHO, "contact", "9", "customer", "business"),
                NewRecord(Side.ZOHO, "contact", "10", "customer", dirty=False),
            ]
        )
        lanes = uow.lanes.load([b.lane_id for b in bound.values()])
        asked = lanes[bound["contact", "9"].lane_id]
        assert (asked.aggregate, asked.root.kind, asked.root.state) == (
            "customer",
            "business",
            BindingState.PROVISIONAL,
        )
        assert asked.root.sides == {
            Side.ZOHO: SideState(Side.ZOHO, "contact", "9", Existence.UNKNOWN, dirty=1)
        }
        assert not lanes[bound["contact", "10"].lane_id].dirty
        assert uow.lanes.claim_reads(10, 1_000) == [asked.id]


def test_a_known_record_is_returned_as_it_is(stores: SqlStores, pair: int) -> None:
    records = new_records(2)
    with stores.begin(pair) as uow:
        first = uow.lanes.add_records([*records, records[0]])
    with stores.begin(pair) as uow:
        assert uow.lanes.add_records(records) == first
        assert uow.lanes.by_record(Side.ZOHO, ["1", "2", "3"]) == first
        assert uow.lanes.by_record(Side.SALESFORCE, ["1"]) == {}
        assert len(uow.lanes.all_ids()) == 2


def test_a_child_joins_the_lane_of_its_parent(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        parent = uow.lanes.add_records(new_records(1))["contact", "1"]
        child = NewRecord(Side.ZOHO, "contact_person", "1", "person", lane_id=parent.lane_id)
        assert uow.lanes.add_records([child])["contact_person", "1"].lane_id == parent.lane_id
        lane = uow.lanes.load([parent.lane_id])[parent.lane_id]
        assert [m.entity for m in lane.members] == ["customer", "person"]
        assert lane.dirty
        assert uow.lanes.claim_reads(10, 1_000) == [lane.id]


def test_workers_that_add_the_same_records_get_the_same_answer(stores: SqlStores, pair: int) -> None:
    records = new_records(20, dirty=True)

    def add(turn: int) -> dict[tuple[str, str], object]:
        with stores.begin(pair) as uow:
            return dict(uow.lanes.add_records(records if turn % 2 else records[::-1]))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(add, range(6)))
    assert all(answer == answers[0] for answer in answers)
    with stores.begin(pair) as uow:
        ids = uow.lanes.all_ids()
        assert len(ids) == 20
        assert sorted(uow.lanes.claim_reads(100, 1_000)) == ids  # no lane is left over without a member
        assert uow.lanes.due()["dirty"] == 0


def test_what_is_saved_is_what_is_loaded(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    with stores.begin(pair) as uow:
        lane = uow.lanes.load([lane_id])[lane_id]
        root = lane.root
        here = Position(1_700_000_000_000, 2, 9, is_read=True)
        root.on(Side.ZOHO).cells = {
            "name": Cell("Ωmega", here),
            "phone": Cell(None, here, sent="1", has_sent=True, written=("1", None), own=True),
        }
        root.on(Side.SALESFORCE).entity, root.on(Side.SALESFORCE).record_id = "Account", "001"
        root.on(Side.SALESFORCE).waived = {"main": "digest"}
        root.on(Side.SALESFORCE).image_at = here
        root.base = {"name": "Ωmega", "phone": None}
        root.state, root.joined, root.how = BindingState.ACTIVE, True, "name and e-mail"
        root.intent = Intent(Side.SALESFORCE, "zoho:1", 5, negatives=1, found=("001", "002"))
        root.match_keys = {Side.ZOHO: frozenset({"name:omega", "x" * 900})}
        lane.members.append(
            Member(-1, "person", sides={Side.ZOHO: SideState(Side.ZOHO, "contact_person", "77")})
        )
        lane.epoch = 4
        uow.lanes.save([lane])
        assert lane.members[1].binding_id > 0
    assert load_one(stores, pair, lane_id) == lane


def test_saving_what_did_not_change_writes_the_lane_only(stores: SqlStores, pair: int) -> None:
    ready_lanes(stores, pair, 3)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load(uow.lanes.lock_ready(10))
        with statements(stores) as seen:
            uow.lanes.save(list(lanes.values()))
    assert [s.split()[:2] for s in seen] == [["UPDATE", "lanes"]]


@pytest.mark.parametrize("count", [1, 60])
def test_any_number_of_lanes_takes_about_ten_statements(stores: SqlStores, pair: int, count: int) -> None:
    ready_lanes(stores, pair, count)
    with statements(stores) as seen, stores.begin(pair) as uow:
        lanes = uow.lanes.load(uow.lanes.lock_ready(100))
        assert len(lanes) == count
        for lane in lanes.values():
            lane.root.base = {"name": "x"}
            lane.root.on(Side.ZOHO).cells["name"] = Cell("x")
            lane.root.match_keys[Side.ZOHO] = frozenset({"name:x"})
        uow.lanes.save(list(lanes.values()))
    assert len([s for s in seen if s.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")]) <= 12


def test_a_record_another_lane_holds_is_a_lost_claim(stores: SqlStores, pair: int) -> None:
    one, _ = make_lanes(stores, pair, 2)

    def take_as_new_member() -> None:
        with stores.begin(pair) as uow:
            lane = uow.lanes.load([one])[one]
            sides = {Side.ZOHO: SideState(Side.ZOHO, "contact", "2")}
            lane.members.append(Member(-1, "person", sides=sides))
            uow.lanes.save([lane])

    def take_for_known_member() -> None:
        with stores.begin(pair) as uow:
            lane = uow.lanes.load([one])[one]
            lane.root.on(Side.ZOHO).record_id = "2"
            uow.lanes.save([lane])

    for take in (take_as_new_member, take_for_known_member):
        with pytest.raises(ClaimLost):
            take()
    assert [m.on(Side.ZOHO).record_id for m in load_one(stores, pair, one).members] == ["1"]


def test_record_ids_may_change_hands_within_a_save(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 2)
    with stores.begin(pair) as uow:
        one, two = uow.lanes.load(ids).values()
        one.root.on(Side.ZOHO).record_id, two.root.on(Side.ZOHO).record_id = "2", "1"
        uow.lanes.save([one, two])
    assert load_one(stores, pair, ids[0]).root.on(Side.ZOHO).record_id == "2"


def test_intents_open_change_and_close(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    for intent in (
        Intent(Side.SALESFORCE, "k", 1),
        Intent(Side.SALESFORCE, "k", 1, sent=True),
        Intent(Side.ZOHO, "other", 2),
        None,
        Intent(Side.SALESFORCE, "again", 3),
    ):
        with stores.begin(pair) as uow:
            lane = uow.lanes.load([lane_id])[lane_id]
            lane.root.intent = intent
            uow.lanes.save([lane])
        assert load_one(stores, pair, lane_id).root.intent == intent


def test_open_intents_are_those_sent_or_earlier(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 3)
    with stores.begin(pair) as uow:
        lanes = list(uow.lanes.load(ids).values())
        lanes[0].root.intent = Intent(Side.SALESFORCE, "a", 1)
        lanes[2].root.intent = Intent(Side.SALESFORCE, "c", 1, sent=True)
        uow.lanes.save(lanes)
        first, second, third = (lane.root.binding_id for lane in lanes)
        assert uow.lanes.open_intents([first, second, third], before=first) == {third}
        assert uow.lanes.open_intents([first, second, third], before=second) == {first, third}
        assert uow.lanes.open_intents([], before=second) == set()


def test_match_keys_find_members_of_a_side(stores: SqlStores, pair: int) -> None:
    zoho = make_lanes(stores, pair, 2)
    [account] = make_lanes(stores, pair, 1, side=Side.SALESFORCE)
    long_key = "site:" + "a" * 4_000
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load([*zoho, account])
        for lane_id in zoho:
            lanes[lane_id].root.match_keys[Side.ZOHO] = frozenset({"name:acme", long_key})
        lanes[account].root.match_keys[Side.SALESFORCE] = frozenset({"name:acme"})
        uow.lanes.save(list(lanes.values()))
        one, two = (lanes[i].root.binding_id for i in zoho)
        hits = uow.lanes.matches(
            Side.ZOHO, {one: ["name:acme", long_key, "name:none"], -1: ["name:acme"], 0: []}
        )
        assert [(key, b.binding_id) for key, b in hits[one]] == [("name:acme", two), (long_key, two)]
        assert [b.binding_id for _, b in hits[-1]] == [one, two]
        assert hits[0] == []
        lanes[zoho[1]].root.match_keys[Side.ZOHO] = frozenset({"name:beta"})
        uow.lanes.save([lanes[zoho[1]]])
        assert uow.lanes.matches(Side.ZOHO, {one: ["name:acme"]}) == {one: []}


def test_ready_lanes_come_by_class_then_age(stores: SqlStores, pair: int) -> None:
    batch, event_first, event_second, lookup, later = make_lanes(stores, pair, 5)
    with stores.begin(pair) as uow:
        uow.lanes.wake([batch], WorkClass.BATCH)
        uow.lanes.wake([event_first, event_second], WorkClass.EVENT)
        uow.lanes.wake([lookup], WorkClass.LOOKUP)
        uow.lanes.wake([later], WorkClass.LOOKUP, not_before=uow.now + 60_000)
        assert uow.lanes.ready_among([batch, later]) == [batch, later]
        assert uow.lanes.due()["ready"] == 4
        assert uow.lanes.lock_ready(10) == [lookup, event_first, event_second, batch]


def test_an_earlier_and_more_urgent_call_stands(stores: SqlStores, pair: int) -> None:
    one, two = make_lanes(stores, pair, 2)
    with stores.begin(pair) as uow:
        uow.lanes.wake([one], WorkClass.BATCH, not_before=FAR)
        uow.lanes.wake([two], WorkClass.EVENT)
    with stores.begin(pair) as uow:
        uow.lanes.wake([one], WorkClass.EVENT)
        uow.lanes.wake([two], WorkClass.BATCH, not_before=FAR)
    with stores.begin(pair) as uow:
        assert sorted(uow.lanes.lock_ready(10)) == [one, two]


def test_save_clears_the_mark_it_took(stores: SqlStores, pair: int) -> None:
    done, kept, postponed, woken = ready_lanes(stores, pair, 4)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load(uow.lanes.lock_ready(10))
        uow.lanes.postpone([postponed], uow.now + 60_000)
        uow.lanes.save(list(lanes.values()), ready=[kept])
        uow.lanes.wake([woken], WorkClass.EVENT, uow.now + 60_000)
        assert uow.lanes.ready_among([done, kept, postponed, woken]) == [kept, postponed, woken]
        assert uow.lanes.due()["ready"] == 1


def test_save_leaves_a_mark_somebody_else_set(stores: SqlStores, pair: int) -> None:
    """The unit that ends a write saves the lane while events wait in it: they must still be folded."""
    [lane_id] = ready_lanes(stores, pair, 1)
    with stores.begin(pair) as uow:
        uow.lanes.lock([lane_id])
        uow.lanes.save(list(uow.lanes.load([lane_id]).values()))
    with stores.begin(pair) as uow:
        assert uow.lanes.lock_ready(1) == [lane_id]


def test_postponements_in_a_row_are_counted(stores: SqlStores, pair: int) -> None:
    [lane_id] = ready_lanes(stores, pair, 1)
    for expected in (1, 2):
        with stores.begin(pair) as uow:
            [lane] = uow.lanes.load(uow.lanes.lock_ready(1)).values()
            uow.lanes.save([lane])
            uow.lanes.postpone([lane_id], 0)
        with stores.reading(pair) as uow:
            assert uow.lanes.attempts([lane_id]) == {lane_id: expected}
    with stores.begin(pair) as uow:
        uow.lanes.save(list(uow.lanes.load(uow.lanes.lock_ready(1)).values()))
        assert uow.lanes.attempts([lane_id]) == {lane_id: 0}


def test_a_read_is_claimed_under_a_new_epoch(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1, dirty=True)
    with stores.begin(pair) as uow:
        assert uow.lanes.lock_ready(10) == []
        assert uow.lanes.claim_reads(10, 60_000) == [lane_id]
    with stores.begin(pair) as uow:
        assert uow.lanes.claim_reads(10, 60_000) == []
        [lane] = uow.lanes.load([lane_id]).values()
        assert lane.epoch == 1
        uow.lanes.save([lane])  # gives the lease back
        assert uow.lanes.claim_reads(10, 0) == [lane_id]
    with stores.begin(pair) as uow:
        assert uow.lanes.claim_reads(10, 60_000) == [lane_id]  # a lease that ran out
        assert uow.lanes.load([lane_id])[lane_id].epoch == 3
        uow.lanes.postpone([lane_id], FAR)
        assert uow.lanes.claim_reads(10, 60_000) == []


def test_no_read_while_a_call_is_under_way(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    [write] = waiting_writes(stores, pair, [lane_id])
    with stores.begin(pair) as uow:
        uow.outbox.sending([write], 60_000)
        [lane] = uow.lanes.load([lane_id]).values()
        assert lane.sending is not None
        uow.lanes.dirty([lane.root.binding_id], Side.ZOHO)
        assert uow.lanes.claim_reads(10, 1_000) == []


def test_a_dirty_lane_keeps_its_events_to_be_folded(stores: SqlStores, pair: int) -> None:
    [lane_id] = ready_lanes(stores, pair, 1)
    with stores.begin(pair) as uow:
        [lane] = uow.lanes.load(uow.lanes.lock_ready(1)).values()
        lane.root.on(Side.ZOHO).dirty = 1
        uow.lanes.save([lane])
        assert uow.lanes.lock_ready(1) == []
    with stores.begin(pair) as uow:
        [lane] = uow.lanes.load(uow.lanes.claim_reads(1, 1_000)).values()
        lane.root.on(Side.ZOHO).dirty = 0
        uow.lanes.save([lane])
        assert uow.lanes.lock_ready(1) == [lane_id]


def test_a_read_asked_for_behind_a_loaded_lane_is_not_lost(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    with stores.begin(pair) as uow:
        uow.lanes.lock([lane_id])
        [lane] = uow.lanes.load([lane_id]).values()
        uow.lanes.dirty([lane.root.binding_id], Side.ZOHO)
        child = NewRecord(Side.ZOHO, "contact_person", "5", "person", lane_id=lane_id)
        uow.lanes.add_records([child])
        uow.lanes.save([lane])
    stored = load_one(stores, pair, lane_id)
    assert [m.on(Side.ZOHO).dirty for m in stored.members] == [1, 1]
    with stores.begin(pair) as uow:
        assert uow.lanes.claim_reads(1, 1_000) == [lane_id]


def test_questions_about_records(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 3)
    with stores.begin(pair) as uow:
        lanes = list(uow.lanes.load(ids).values())
        lanes[0].root.on(Side.ZOHO).image = {"cf_key": "001", "other": 5}
        lanes[0].root.on(Side.ZOHO).image_at = Position(77)
        lanes[1].root.on(Side.ZOHO).existence = Existence.GONE
        lanes[1].root.on(Side.ZOHO).image = {"cf_key": "002"}
        uow.lanes.save(lanes)
        assert uow.lanes.living(Side.ZOHO, "contact") == {
            "1": lanes[0].root.binding_id,
            "3": lanes[2].root.binding_id,
        }
        assert uow.lanes.living(Side.ZOHO, "contact_person") == {}
        assert uow.lanes.known_at(Side.ZOHO, ["1", "3", "4"]) == {("contact", "1"): 77, ("contact", "3"): 0}
        assert uow.lanes.stamps(Side.ZOHO, "cf_key") == ["001"]
        assert uow.lanes.busy(ids) == set()


def test_busy_lanes(stores: SqlStores, pair: int) -> None:
    queued, waiting, dirty, idle = make_lanes(stores, pair, 4)
    waiting_writes(stores, pair, [waiting])
    [number] = store_events(stores, pair, [event("k")])
    with stores.begin(pair) as uow:
        uow.inbox.assign({number: queued})
        uow.lanes.dirty([uow.lanes.load([dirty])[dirty].root.binding_id], Side.ZOHO)
        assert uow.lanes.busy([queued, waiting, dirty, idle]) == {queued, waiting, dirty}
        assert uow.lanes.busy([]) == set()


def test_lanes_of_other_pairs_stay_out_of_sight(stores: SqlStores, pair: int) -> None:
    ids = ready_lanes(stores, pair, 2)
    other = stores.ensure_pair(f"beside {pair}")
    with stores.begin(other) as uow:
        assert uow.lanes.lock_ready(10) == []
        assert uow.lanes.lock(ids) == []
        assert uow.lanes.load(ids) == {}
        assert uow.lanes.by_record(Side.ZOHO, ["1"]) == {}
    assert set(make_lanes(stores, other, 2)).isdisjoint(ids)
