"""The inbox keeps every event once and gives each one end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.canonical.outcome import EventState, Outcome, WorkClass
from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.ports import EventEnd, PlannedChange
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event, make_lanes, store_events, waiting_writes


def _queued(stores: SqlStores, pair: int, count: int = 1) -> tuple[int, list[int]]:
    """A lane with that many queued events."""
    [lane] = make_lanes(stores, pair, 1)
    ids = store_events(stores, pair, [event(f"k{n}") for n in range(count)])
    with stores.begin(pair) as uow:
        uow.inbox.assign(dict.fromkeys(ids, lane))
    return lane, ids


def _waiting(stores: SqlStores, pair: int, count: int = 1) -> tuple[int, list[int]]:
    lane, ids = _queued(stores, pair, count)
    with stores.begin(pair) as uow:
        uow.inbox.finish([EventEnd(i, binding_id=n + 1) for n, i in enumerate(ids)])
    return lane, ids


def test_a_repeat_is_counted_and_has_no_effect(stores: SqlStores, pair: int) -> None:
    first = event("same", body={"name": "first"})
    with stores.begin(pair) as uow:
        ids, repeats = uow.inbox.add([first, event("other")], ["a", "b"])
        assert (len(ids), repeats) == (2, 0)
    with stores.begin(pair) as uow:
        assert uow.inbox.add([event("same", body={"name": "second"})], ["c"]) == ([], 1)
        [same, _] = uow.inbox.received(10)
    assert (same.id, same.seen, same.event.body, same.correlation_id) == (ids[0], 2, {"name": "first"}, "a")


def test_repeats_within_one_batch_are_counted(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        ids, repeats = uow.inbox.add([event("a"), event("b"), event("a"), event("a")], list("wxyz"))
        assert (len(ids), repeats) == (2, 2)
        assert [(e.event.key, e.seen) for e in uow.inbox.received(10)] == [("a", 3), ("b", 1)]


def test_ids_follow_the_order_of_arrival(stores: SqlStores, pair: int) -> None:
    keys = [f"{n * 7919 % 100:03}" for n in range(100)]
    ids = store_events(stores, pair, [event(key) for key in keys])
    with stores.begin(pair) as uow:
        received = uow.inbox.received(200)
    assert [e.id for e in received] == ids
    assert [e.event.key for e in received] == keys


def test_the_same_key_on_the_other_side_or_pair_is_another_event(stores: SqlStores, pair: int) -> None:
    other = stores.ensure_pair(f"beside {pair}")
    for owner, side in ((pair, Side.ZOHO), (pair, Side.SALESFORCE), (other, Side.ZOHO)):
        with stores.begin(owner) as uow:
            _, repeats = uow.inbox.add([event("k", side=side)], [""])
        assert repeats == 0


@pytest.mark.parametrize(
    "text",
    ["naïve ☃ 😀", "مرحبا", "nul \x00 inside", "lone \ud800 surrogate", "back\\u0000slash", "x" * 5_000],
    ids=["emoji", "right to left", "nul", "surrogate", "escape", "long"],
)
def test_any_text_can_be_stored(stores: SqlStores, pair: int, text: str) -> None:
    stored = event(f"key {text}", body={"name": text, text: [1, None, 2**63 - 1, 2**70]})
    store_events(stores, pair, [stored])
    with stores.begin(pair) as uow:
        assert uow.inbox.add([stored], [""]) == ([], 1)
        [kept] = uow.inbox.received(1)
    readable = text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert kept.event.body["name"] == readable
    assert kept.event.body[readable] == [1, None, 2**63 - 1, str(2**70)]


def test_events_of_a_lane_come_in_order(stores: SqlStores, pair: int) -> None:
    lane, ids = _queued(stores, pair, 5)
    with stores.begin(pair) as uow:
        assert uow.inbox.received(10) == []
        [(found, queued)] = uow.inbox.queued([lane]).items()
    assert found == lane
    assert [e.id for e in queued] == ids
    assert {e.state for e in queued} == {EventState.QUEUED}


def test_events_follow_a_lane_that_was_joined_meanwhile(stores: SqlStores, pair: int) -> None:
    winner, loser = make_lanes(stores, pair, 2)
    [number] = store_events(stores, pair, [event("k")])
    with stores.begin(pair) as uow:
        uow.lanes.join(*uow.lanes.lock([winner, loser]))
    with stores.begin(pair) as uow:
        uow.inbox.assign({number: loser})
        uow.lanes.wake([loser], WorkClass.EVENT)
    with stores.begin(pair) as uow:
        assert uow.lanes.lock_ready(10) == [winner]
        assert [e.id for e in uow.inbox.queued([winner])[winner]] == [number]


def test_an_outcome_ends_an_event(stores: SqlStores, pair: int) -> None:
    lane, [first, second] = _queued(stores, pair, 2)
    with stores.begin(pair) as uow:
        uow.inbox.finish(
            [
                EventEnd(first, Outcome.FOLDED, "newer", folded_into=second, detail={"changed": ["name"]}),
                EventEnd(second, Outcome.STALE, "older", binding_id=-3),
            ]
        )
        assert uow.inbox.queued([lane]) == {}
        assert uow.inbox.outcomes() == {"folded": 1, "stale": 1}
    with stores.reading(pair) as uow:
        [one, two] = uow.reports.events([lane])
    assert (one.state, one.outcome, one.reason, one.detail) == (
        EventState.ENDED,
        Outcome.FOLDED,
        "newer",
        {"changed": ["name"]},
    )
    assert (two.outcome, two.binding_id) == (Outcome.STALE, None)


def test_a_unit_that_fails_ends_nothing(stores: SqlStores, pair: int) -> None:
    lane, [number] = _queued(stores, pair)

    def fail() -> None:
        with stores.begin(pair) as uow:
            uow.inbox.finish([EventEnd(number, Outcome.STALE)])
            raise ClaimLost("test.failed")

    with pytest.raises(ClaimLost):
        fail()
    with stores.begin(pair) as uow:
        assert [e.id for e in uow.inbox.queued([lane])[lane]] == [number]


def test_conclude_gives_hint_written_or_unchanged(stores: SqlStores, pair: int) -> None:
    lane, [hinted, written, plain] = _queued(stores, pair, 3)
    with stores.begin(pair) as uow:
        uow.inbox.finish(
            [
                EventEnd(hinted, binding_id=1, detail={"hint": "conflict kept"}),
                EventEnd(written, binding_id=2),
                EventEnd(plain, binding_id=3),
            ]
        )
        uow.inbox.touch(lane, [1, 2], 77)
        assert uow.inbox.conclude([lane]) == 3
        assert uow.inbox.outcomes() == {"conflict kept": 1, "written": 1, "unchanged": 1}
        assert uow.inbox.conclude([lane]) == 0
    with stores.reading(pair) as uow:
        assert all(event.reason for event in uow.reports.events({lane}))


def test_conclude_leaves_a_reason_that_was_given(stores: SqlStores, pair: int) -> None:
    lane, [number] = _queued(stores, pair)
    with stores.begin(pair) as uow:
        uow.inbox.finish([EventEnd(number, reason="merged into 001")])
        uow.inbox.conclude([lane])
    with stores.reading(pair) as uow:
        assert [event.reason for event in uow.reports.events({lane})] == ["merged into 001"]


def test_touch_without_bindings_is_the_whole_lane(stores: SqlStores, pair: int) -> None:
    lane, _ = _waiting(stores, pair, 3)
    with stores.begin(pair) as uow:
        uow.inbox.touch(lane, [], 5)
        uow.inbox.touch(lane, None, 6)
        uow.inbox.conclude([lane])
        assert uow.inbox.outcomes() == {"written": 3}


def test_conclude_leaves_lanes_with_a_planned_change(stores: SqlStores, pair: int) -> None:
    lane, _ = _waiting(stores, pair)
    change = PlannedChange(lane, [], [], 1)
    with stores.begin(pair) as uow:
        uow.changes.replace([change], [lane])
        assert uow.inbox.conclude([lane]) == 0
        uow.changes.validated([change.id])
        assert uow.inbox.conclude([lane]) == 1


def test_conclude_leaves_lanes_with_a_write_under_way(stores: SqlStores, pair: int) -> None:
    lane, _ = _waiting(stores, pair)
    [write] = waiting_writes(stores, pair, [lane])
    with stores.begin(pair) as uow:
        assert uow.inbox.conclude([lane]) == 0
        uow.outbox.sending([write], 1_000)
        assert uow.inbox.conclude([lane]) == 0


def test_conclude_leaves_lanes_with_an_open_wait(stores: SqlStores, pair: int) -> None:
    lane, _ = _waiting(stores, pair)
    with stores.begin(pair) as uow:
        uow.cases.wait(lane, 1, Side.SALESFORCE, "Account", "needed")
        assert uow.inbox.conclude([lane]) == 0
        assert uow.cases.release(Side.SALESFORCE, ["needed"]) == [lane]
        assert uow.inbox.conclude([lane]) == 1


def test_waiting_events_end_by_binding_or_all(stores: SqlStores, pair: int) -> None:
    lane, _ = _waiting(stores, pair, 3)
    with stores.begin(pair) as uow:
        assert uow.inbox.end_waiting(lane, [], Outcome.DEAD_LETTER, "none") == 0
        assert uow.inbox.end_waiting(lane, [2], Outcome.DEAD_LETTER, "refused") == 1
        assert uow.inbox.end_waiting(lane, None, Outcome.EXCEPTION, "a person") == 2
        assert uow.inbox.outcomes() == {"dead letter": 1, "exception": 2}


def test_the_oldest_event_without_end(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        assert uow.inbox.oldest_unended() is None
        [number], _ = uow.inbox.add([event("k")], [""])
        arrived = uow.now
    with stores.begin(pair) as uow:
        uow.inbox.add([event("later")], [""])
        assert uow.inbox.oldest_unended() == arrived
        uow.inbox.finish([EventEnd(number, Outcome.STALE)])
        assert uow.inbox.oldest_unended() == uow.now
        assert uow.inbox.outcomes() == {"received": 1, "stale": 1}


def test_two_routers_never_get_the_same_event(postgres_stores: SqlStores, pair: int) -> None:
    ids = store_events(postgres_stores, pair, [event(f"k{n}") for n in range(6)])
    with postgres_stores.begin(pair) as one, postgres_stores.begin(pair) as two:
        assert [e.id for e in one.inbox.received(4)] == ids[:4]
        assert [e.id for e in two.inbox.received(4)] == ids[4:]


def test_two_listeners_with_the_same_events_store_them_once(postgres_stores: SqlStores, pair: int) -> None:
    events = [event(f"k{n}") for n in range(50)]

    def store(_: int) -> tuple[int, int]:
        with postgres_stores.begin(pair) as uow:
            ids, repeats = uow.inbox.add(events, [""] * 50)
        return len(ids), repeats

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(store, range(4)))
    assert sorted(answers) == [(0, 50)] * 3 + [(50, 0)]
