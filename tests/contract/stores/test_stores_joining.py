"""Joining lanes and merging bindings keep every row and every unique constraint."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from integration.canonical.outcome import BindingState, Outcome, WorkClass
from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.policy.state import Cell, Existence, Intent, LaneState
from integration.ports import DeadLetter, EventEnd, ExceptionCase, NewRecord, PlannedChange
from integration.stores.tables_line import snapshots
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event, live, load_one, make_lanes, store_events, waiting_writes


def _both_sides(stores: SqlStores, pair: int) -> tuple[int, int]:
    """A Salesforce lane and a Zoho lane of what turns out to be one customer."""
    [salesforce] = make_lanes(stores, pair, 1, side=Side.SALESFORCE)
    [zoho] = make_lanes(stores, pair, 1)
    return salesforce, zoho


def _joined(stores: SqlStores, pair: int, winner: int, loser: int) -> LaneState:
    with stores.begin(pair) as uow:
        uow.lanes.lock([winner, loser])
        uow.lanes.join(winner, loser)
        return uow.lanes.load([winner])[winner]


def test_a_join_moves_members_events_waits_and_cases(stores: SqlStores, pair: int) -> None:
    winner, loser = _both_sides(stores, pair)
    [queued, waiting] = store_events(stores, pair, [event("a"), event("b")])
    bound = load_one(stores, pair, loser).root.binding_id
    with stores.begin(pair) as uow:
        uow.inbox.assign({queued: loser, waiting: loser})
        uow.inbox.finish([EventEnd(waiting, binding_id=bound)])
        uow.cases.wait(loser, bound, Side.ZOHO, "contact", "needed")
        uow.cases.add_dead_letters([DeadLetter("write", "x", "", "", loser, bound, digest="d")])
        uow.cases.add_exceptions([ExceptionCase("ambiguous", "", "", loser, bound)])
    lane = _joined(stores, pair, winner, loser)
    assert {m.on(s).record_id for m in lane.members for s in m.sides if m.on(s).record_id} == {"1"}
    assert len(lane.members) == 2
    with stores.begin(pair) as uow:
        assert uow.lanes.load([loser]) == {}
        assert [e.id for e in uow.inbox.queued([winner])[winner]] == [queued]
        assert uow.inbox.end_waiting(winner, [bound], Outcome.EXCEPTION, "") == 1
        assert uow.cases.release(Side.ZOHO, ["needed"]) == [winner]
        assert [x.lane_id for x in uow.cases.dead_letters()] == [winner]
        assert [x.lane_id for x in uow.cases.exceptions()] == [winner]
        assert uow.lanes.lock([loser, winner]) == [winner]
        assert uow.lanes.lock_ready(10) == [winner]
        assert {b.lane_id for b in uow.lanes.by_record(Side.ZOHO, ["1"]).values()} == {winner}


def test_what_was_planned_for_the_loser_is_planned_anew(stores: SqlStores, pair: int) -> None:
    winner, loser = _both_sides(stores, pair)
    waiting_writes(stores, pair, [winner])
    waiting_writes(stores, pair, [loser])
    with stores.begin(pair) as uow:
        uow.changes.replace([PlannedChange(winner, [], [], 1)], [])
        waiting_ids = uow.outbox.put_all([])
        assert waiting_ids == []
    with stores.begin(pair) as uow:
        uow.changes.replace([PlannedChange(loser, [], [], 1)], [])
    _joined(stores, pair, winner, loser)
    with stores.begin(pair) as uow:
        assert [c.lane_id for c in uow.changes.lock_planned(10)] == [winner]
        assert uow.reports.depths()["salesforce"] == 0


def test_a_dirty_loser_makes_the_winner_dirty(stores: SqlStores, pair: int) -> None:
    [winner] = make_lanes(stores, pair, 1, side=Side.SALESFORCE)
    [loser] = make_lanes(stores, pair, 1, dirty=True)
    with stores.begin(pair) as uow:
        uow.lanes.lock([winner, loser])
        before = uow.lanes.load([winner])[winner]
        uow.lanes.join(winner, loser)
        uow.lanes.save([before])  # knows nothing of the new member
    with stores.begin(pair) as uow:
        assert uow.lanes.claim_reads(10, 1_000) == [winner]


def test_a_sending_row_goes_along_but_never_two(stores: SqlStores, pair: int) -> None:
    winner, loser = _both_sides(stores, pair)
    [theirs] = waiting_writes(stores, pair, [loser])
    with stores.begin(pair) as uow:
        epochs = uow.outbox.sending([theirs], 60_000)
    _joined(stores, pair, winner, loser)
    with stores.begin(pair) as uow:
        assert list(uow.outbox.mine(epochs)) == [winner]
    [third] = make_lanes(stores, pair, 1, start=9)
    [ours] = waiting_writes(stores, pair, [third])
    with stores.begin(pair) as uow:
        uow.outbox.sending([ours], 60_000)
    with pytest.raises(ClaimLost, match="both_sending"):
        _joined(stores, pair, winner, third)


def test_lanes_joined_twice_lead_to_the_last(stores: SqlStores, pair: int) -> None:
    first, second, third = make_lanes(stores, pair, 3)
    _joined(stores, pair, second, first)
    _joined(stores, pair, third, second)
    with stores.begin(pair) as uow:
        uow.lanes.save(list(uow.lanes.load(uow.lanes.lock_ready(10)).values()))
    with stores.begin(pair) as uow:
        uow.lanes.wake([first], WorkClass.EVENT)
        assert uow.lanes.lock_ready(10) == [third]
        added = uow.lanes.add_records([NewRecord(Side.ZOHO, "contact_person", "8", "person", lane_id=first)])
        assert added["contact_person", "8"].lane_id == third


def test_merged_bindings_are_one_member(stores: SqlStores, pair: int) -> None:
    winner, loser = _both_sides(stores, pair)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load([winner, loser])
        zoho = lanes[loser].root
        zoho.on(Side.ZOHO).cells = {"name": Cell("Acme")}
        zoho.match_keys = {Side.ZOHO: frozenset({"name:acme"})}
        zoho.intent = Intent(Side.SALESFORCE, "k", 1)
        zoho.on(Side.SALESFORCE).in_scope = False
        lanes[winner].root.intent = Intent(Side.ZOHO, "k", 1)
        lanes[winner].root.on(Side.ZOHO).in_scope = False  # known to be absent, with facts of its own
        uow.lanes.save(list(lanes.values()))
    lane = _joined(stores, pair, winner, loser)
    keep, drop = (next(m for m in lane.members if m.sides.get(s) and m.on(s).record_id) for s in Side)
    with stores.begin(pair) as uow:
        uow.overrides.set(drop.binding_id, "name", "A", "r", "me", None)
        uow.overrides.set(keep.binding_id, "name", "B", "r", "me", None)
        uow.overrides.set(drop.binding_id, "phone", "C", "r", "me", None)
        for binding in (keep, drop):
            uow.cases.wait(winner, binding.binding_id, Side.ZOHO, "contact", "needed")
            uow.cases.add_dead_letters(
                [DeadLetter("write", "x", "", "", winner, binding.binding_id, digest="d")]
            )
            uow.cases.add_exceptions([ExceptionCase("ambiguous", "", "", winner, binding.binding_id)])
        uow.lanes.lock([winner])
        uow.lanes.merge_bindings(keep.binding_id, drop.binding_id)
        [member] = uow.lanes.load([winner])[winner].members
        assert (member.binding_id, member.state) == (keep.binding_id, BindingState.PROVISIONAL)
        assert {s: member.on(s).record_id for s in Side} == {Side.SALESFORCE: "1", Side.ZOHO: "1"}
        assert member.on(Side.ZOHO).cells == {"name": Cell("Acme")}
        assert member.match_keys == {Side.ZOHO: frozenset({"name:acme"})}
        assert member.intent == Intent(Side.ZOHO, "k", 1)
        assert member.overrides == {"name": "B", "phone": "C"}
        assert [x.binding_id for x in uow.cases.dead_letters()] == [keep.binding_id]
        assert [x.binding_id for x in uow.cases.exceptions()] == [keep.binding_id]
        assert [b.binding_id for _, b in uow.lanes.matches(Side.ZOHO, {-1: ["name:acme"]})[-1]] == [
            keep.binding_id
        ]
        assert uow.cases.take_overdue_waits(uow.now + 1, 9) == [(winner, keep.binding_id, "needed")]
    with stores.engine.connect() as connection:
        left = sa.select(snapshots.c.side).where(snapshots.c.binding_id == drop.binding_id)
        assert connection.execute(left).all() == []


def test_a_merge_before_the_lane_in_memory_is_saved(stores: SqlStores, pair: int) -> None:
    """The flow pairs members of a loaded lane and saves it afterwards: what it knows in memory is what
    stands.
    """
    winner, loser = _both_sides(stores, pair)
    lane = _joined(stores, pair, winner, loser)
    with stores.begin(pair) as uow:
        uow.lanes.lock([winner])
        lane = uow.lanes.load([winner])[winner]
        keep, drop = lane.members
        uow.lanes.merge_bindings(keep.binding_id, drop.binding_id)
        keep.sides[Side.ZOHO] = drop.on(Side.ZOHO)
        keep.on(Side.ZOHO).cells = {"name": Cell("later")}
        keep.state = BindingState.ACTIVE
        lane.members.remove(drop)
        uow.lanes.save([lane])
    assert load_one(stores, pair, winner) == lane


def test_bindings_that_share_a_side_are_not_merged(stores: SqlStores, pair: int) -> None:
    one, two = make_lanes(stores, pair, 2)
    lane = _joined(stores, pair, one, two)
    with pytest.raises(ClaimLost, match="share_side"), stores.begin(pair) as uow:
        uow.lanes.merge_bindings(*(m.binding_id for m in lane.members))
    with pytest.raises(ClaimLost, match="gone"), stores.begin(pair) as uow:
        uow.lanes.merge_bindings(lane.members[0].binding_id, 10**9)


def test_a_record_moves_without_its_zoho_side(stores: SqlStores, pair: int) -> None:
    [home, target] = make_lanes(stores, pair, 2, side=Side.SALESFORCE)
    with stores.begin(pair) as uow:
        lane = uow.lanes.load([home])[home]
        root = lane.root
        root.on(Side.ZOHO).entity, root.on(Side.ZOHO).record_id = "contact", "z1"
        root.on(Side.ZOHO).existence = Existence.ALIVE
        root.base, root.joined, root.state = {"name": "x"}, True, BindingState.ACTIVE
        root.intent = Intent(Side.ZOHO, "k", 1)
        root.match_keys = {side: frozenset({"name:x"}) for side in Side}
        uow.lanes.save([lane])
    mine = event("mine", "1", side=Side.SALESFORCE, entity="Account")
    [queued, stays] = store_events(stores, pair, [mine, event("other", "5")])
    with stores.begin(pair) as uow:
        uow.inbox.assign({queued: home, stays: home})
    with stores.begin(pair) as uow:
        uow.lanes.lock([home, target])
        assert uow.lanes.move_record(root.binding_id, target, "person") == target
        moved = uow.lanes.load([target])[target].member(root.binding_id)
        assert moved is not None
        assert (moved.entity, moved.state, moved.base, moved.joined, moved.intent) == (
            "person",
            BindingState.PROVISIONAL,
            {},
            False,
            None,
        )
        assert list(moved.sides) == [Side.SALESFORCE]
        assert moved.match_keys == {Side.SALESFORCE: frozenset({"name:x"})}
        assert uow.lanes.by_record(Side.ZOHO, ["z1"]) == {}
        assert {k: [e.id for e in v] for k, v in uow.inbox.queued([home, target]).items()} == {
            home: [stays],
            target: [queued],
        }
        own = uow.lanes.move_record(root.binding_id, None, "customer")
        assert own not in (home, target)
        assert uow.lanes.load([own])[own].root.binding_id == root.binding_id
        assert uow.lanes.load([home])[home].members == []


def test_a_dropped_binding_leaves_its_events(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1, dirty=True)
    [number] = store_events(stores, pair, [event("k")])
    with stores.begin(pair) as uow:
        [lane] = uow.lanes.load([lane_id]).values()
        lane.root.match_keys[Side.ZOHO] = frozenset({"name:x"})
        lane.root.intent = Intent(Side.SALESFORCE, "k", 1)
        uow.lanes.save([lane])
        uow.inbox.assign({number: lane_id})
        uow.inbox.finish([EventEnd(number, binding_id=lane.root.binding_id)])
        uow.cases.wait(lane_id, lane.root.binding_id, Side.ZOHO, "contact", "x")
        uow.lanes.drop_binding(lane.root.binding_id)
        assert uow.lanes.by_record(Side.ZOHO, ["1"]) == {}
        assert uow.lanes.matches(Side.ZOHO, {-1: ["name:x"]}) == {-1: []}
        assert uow.lanes.load([lane_id])[lane_id].members == []
        assert uow.lanes.claim_reads(10, 1_000) == []
        assert uow.inbox.conclude([lane_id]) == 1


def test_waiting_payloads_of_both_lanes_never_clash(stores: SqlStores, pair: int) -> None:
    winner, loser = _both_sides(stores, pair)
    live(stores, pair)
    waiting_writes(stores, pair, [winner], Side.ZOHO)
    waiting_writes(stores, pair, [loser], Side.ZOHO)
    lane = _joined(stores, pair, winner, loser)
    assert list(lane.waiting) == [Side.ZOHO]
