"""What people ask: lists and counts over the whole pair."""

from __future__ import annotations

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Side
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event, make_lanes, store_events, waiting_writes


def test_bindings_come_in_pages(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 5)
    with stores.begin(pair) as uow:
        lane = uow.lanes.load([ids[0]])[ids[0]]
        lane.root.on(Side.SALESFORCE).entity, lane.root.on(Side.SALESFORCE).record_id = "Account", "001"
        lane.root.state, lane.root.base, lane.root.how = BindingState.ACTIVE, {"name": "Ω"}, "name"
        uow.lanes.save([lane])
    with stores.reading(pair) as uow:
        first = uow.reports.bindings(limit=3)
        rest = uow.reports.bindings(after=first[-1].binding_id)
        assert [len(first), len(rest), uow.reports.bindings(entity="person")] == [3, 2, []]
    [bound] = [b for b in first if b.salesforce_id]
    assert (bound.lane_id, bound.zoho_entity, bound.zoho_id, bound.base, bound.how, bound.state) == (
        ids[0],
        "contact",
        "1",
        {"name": "Ω"},
        "name",
        BindingState.ACTIVE,
    )


def test_a_record_is_found_by_any_of_its_ids(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    with stores.begin(pair) as uow:
        lane = uow.lanes.load([lane_id])[lane_id]
        lane.root.on(Side.SALESFORCE).entity, lane.root.on(Side.SALESFORCE).record_id = (
            "Account",
            "001Aa00000BcDeFGHI",
        )
        uow.lanes.save([lane])
        for known in ("1", "001Aa00000BcDeFGHI", "001Aa00000BcDeF"):
            assert [b.lane_id for b in uow.reports.lanes_of(known)] == [lane_id]
        for unknown in ("2", "001aa00000bcdef", "", "001Aa00000BcDe"):
            assert uow.reports.lanes_of(unknown) == []


def test_a_lane_s_story_holds_what_was_joined_into_it(stores: SqlStores, pair: int) -> None:
    winner, loser = make_lanes(stores, pair, 2)
    [first, second] = store_events(stores, pair, [event("a"), event("b")])
    [write] = waiting_writes(stores, pair, [loser])
    with stores.begin(pair) as uow:
        uow.inbox.assign({first: loser, second: winner})
        uow.outbox.sending([write], 60_000)
        uow.lanes.lock([winner, loser])
        uow.lanes.join(winner, loser)
        assert [e.id for e in uow.reports.events([winner])] == [first, second]
        assert [e.id for e in uow.reports.events([winner], limit=1)] == [second]
        assert [(w.write.id, w.state, w.lane_id) for w in uow.reports.writes([winner])] == [
            (write, "sending", winner)
        ]
        one = uow.reports.event(first)
        assert one is not None
        assert one.event == event("a")
        assert uow.reports.event(10**9) is None


def test_depths_tell_of_everything_due_or_not(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 3)
    store_events(stores, pair, [event("a")])
    waiting_writes(stores, pair, ids[:1])
    with stores.begin(pair) as uow:
        uow.lanes.wake(ids[1:2], WorkClass.EVENT, not_before=uow.now + 60_000)
        uow.lanes.dirty([uow.lanes.load(ids[2:])[ids[2]].root.binding_id], Side.ZOHO)
        uow.lanes.postpone(ids[2:], uow.now + 60_000)
        stages = {"received": 1, "ready": 1, "dirty": 1, "planned": 0, "salesforce": 1, "zoho": 0}
        assert uow.reports.depths() == stages
        assert uow.lanes.due() == {**stages, "ready": 0, "dirty": 0}
