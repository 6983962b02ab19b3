"""Dead letters, exceptions, waits and overrides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Side
from integration.policy.state import LaneState
from integration.ports import DeadLetter, ExceptionCase
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import live, load_one, make_lanes, write_for


def _letter(binding: int | None = 1, digest: str = "d", code: str = "c") -> DeadLetter:
    return DeadLetter("write", code, "text", "advice", 5, binding, 6, "zoho", {"http": 400}, digest)


def _bind(lane: LaneState) -> None:
    """Give a Salesforce customer its Zoho record."""
    root = lane.root
    root.on(Side.ZOHO).entity, root.on(Side.ZOHO).record_id = "contact", f"z-{lane.id}"
    root.state = BindingState.ACTIVE


def test_a_dead_letter_is_kept_whole_and_not_doubled(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        [first, second] = uow.cases.add_dead_letters([_letter(), _letter(digest="e")])
        assert uow.cases.add_dead_letters([_letter(code="later")]) == [first]
        kept = uow.cases.dead_letter(first)
        assert kept is not None
        assert (kept.code, kept.evidence, kept.state, kept.created_at) == (
            "c",
            {"http": 400},
            "open",
            uow.now,
        )
        assert [x.id for x in uow.cases.dead_letters(limit=1)] == [first]
        assert [x.id for x in uow.cases.dead_letters(after=first)] == [second]


def test_letters_without_binding_or_digest_stand_alone(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        ids = uow.cases.add_dead_letters(
            [_letter(None), _letter(None), _letter(digest=""), _letter(digest="")]
        )
    assert len(set(ids)) == 4


def test_a_closed_letter_is_closed_once_and_may_come_again(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        [first] = uow.cases.add_dead_letters([_letter()])
        assert uow.cases.close_dead_letter(first, "discarded", "me", "not needed")
        assert not uow.cases.close_dead_letter(first, "replayed", "me", "")
        [again] = uow.cases.add_dead_letters([_letter()])
        assert again != first
        assert [x.id for x in uow.cases.dead_letters("discarded")] == [first]


def test_a_later_success_supersedes(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        uow.cases.add_dead_letters([_letter(1), _letter(2)])
        uow.cases.add_exceptions([ExceptionCase("ambiguous", "", "", 5, 1)])
        assert uow.cases.supersede([1]) == 2
        assert uow.cases.supersede([1]) == 0
        assert [x.binding_id for x in uow.cases.dead_letters()] == [2]
        assert uow.cases.exceptions() == []


def test_an_exception_is_kept_whole_and_resolved_once(stores: SqlStores, pair: int) -> None:
    case = ExceptionCase("ambiguous", "text", "advice", 5, 1, [{"binding": 3}], "d")
    with stores.begin(pair) as uow:
        [number] = uow.cases.add_exceptions([case])
        assert uow.cases.add_exceptions([case]) == [number]
        assert uow.cases.add_exceptions([ExceptionCase("other", "", "", 5, 1, digest="d")]) != [number]
        assert uow.cases.close_exception(number, {"join": 3}, "me")
        assert not uow.cases.close_exception(number, {"join": 4}, "me")
        kept = uow.cases.exception(number)
        assert kept is not None
        assert (kept.state, kept.suggestions, kept.resolution) == ("resolved", [{"binding": 3}], {"join": 3})


def test_cases_of_other_pairs_stay_out_of_sight(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        [letter] = uow.cases.add_dead_letters([_letter()])
        [case] = uow.cases.add_exceptions([ExceptionCase("ambiguous", "", "")])
    with stores.begin(stores.ensure_pair(f"beside {pair}")) as uow:
        assert (uow.cases.dead_letter(letter), uow.cases.exception(case)) == (None, None)
        assert not uow.cases.close_dead_letter(letter, "discarded", "me", "")


def test_a_wait_for_a_bound_record_is_none(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1, side=Side.SALESFORCE)
    with stores.begin(pair) as uow:
        assert not uow.cases.wait(1, 1, Side.SALESFORCE, "Account", "1")
        lane = uow.lanes.load([lane_id])[lane_id]
        _bind(lane)
        uow.lanes.save([lane])
        assert uow.cases.wait(1, 2, Side.SALESFORCE, "Account", "1")
        assert not uow.cases.wait(1, 2, Side.SALESFORCE, "Account", "unheard of")
        assert uow.cases.take_overdue_waits(uow.now, 9) == []
        assert uow.cases.take_overdue_waits(uow.now + 1, 1) == [(1, 1, "1")]
        assert uow.cases.take_overdue_waits(uow.now + 1, 9) == [(1, 2, "unheard of")], "each is told once"
        assert uow.cases.take_overdue_waits(uow.now + 1, 9) == []


def test_waits_that_are_needed_no_more_end(stores: SqlStores, pair: int) -> None:
    needed = (21, Side.SALESFORCE, "1")
    with stores.begin(pair) as uow:
        uow.cases.wait(21, 21, Side.SALESFORCE, "Account", "1")
        uow.cases.wait(21, 21, Side.SALESFORCE, "Account", "2")
        uow.cases.wait(22, 22, Side.SALESFORCE, "Account", "2")
        uow.cases.drop_waits([21], [needed])
        assert uow.cases.waiters(Side.SALESFORCE, ["1", "2"]) == [21, 22]
        assert uow.cases.release(Side.SALESFORCE, ["2"]) == [22]
        uow.cases.told_of_wait(*needed)
        assert uow.cases.waiters(Side.SALESFORCE, ["1"]) == [], "they know"
        assert uow.cases.release(Side.SALESFORCE, ["1"]) == [21], "and go on all the same"


def test_what_is_needed_is_as_urgent_as_who_needs_it(stores: SqlStores, pair: int) -> None:
    first, second = make_lanes(stores, pair, 2)
    live(stores, pair)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load([first, second])
        uow.outbox.put_all([(i, write_for(lanes[i]), WorkClass.BATCH) for i in (first, second)])
        uow.lanes.wake([first, second], WorkClass.BATCH)
    with stores.begin(pair) as uow:
        uow.lanes.urge(second, WorkClass.EVENT)
        uow.lanes.urge(second, WorkClass.BATCH)
        assert uow.lanes.work_classes([first, second]) == {first: WorkClass.BATCH, second: WorkClass.EVENT}
    with stores.begin(pair) as uow:
        assert list(uow.outbox.claimable(Side.SALESFORCE, 1)) == [second]
        assert uow.lanes.lock_ready(1) == [second]


def test_a_binding_releases_its_waiters_once(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        for lane in (11, 12):
            uow.cases.wait(lane, lane, Side.SALESFORCE, "Account", "1")
            uow.cases.wait(lane, lane, Side.SALESFORCE, "Account", "1")
        uow.cases.wait(13, 13, Side.ZOHO, "contact", "1")
        assert uow.cases.release(Side.SALESFORCE, ["1", ""]) == [11, 12]
        assert uow.cases.release(Side.SALESFORCE, ["1"]) == []
        assert uow.cases.release(Side.SALESFORCE, []) == []


def test_a_waiter_and_its_binder_never_miss_each_other(stores: SqlStores, pair: int) -> None:
    """Both begin at the same moment, twenty times: one of them sees what the other did."""
    ids = make_lanes(stores, pair, 20, side=Side.SALESFORCE)
    for turn, lane_id in enumerate(ids):
        record = load_one(stores, pair, lane_id).root.on(Side.SALESFORCE).record_id
        start = Barrier(2)

        def wait(record: str = record, start: Barrier = start) -> bool:
            start.wait()
            with stores.begin(pair) as uow:
                return uow.cases.wait(99, 99, Side.SALESFORCE, "Account", record)

        def bind(
            lane_id: int = lane_id,
            record: str = record,
            start: Barrier = start,
            *,
            first: bool = turn % 2 == 0,
        ) -> list[int]:
            start.wait()
            with stores.begin(pair) as uow:
                uow.lanes.lock([lane_id])
                released = uow.cases.release(Side.SALESFORCE, [record]) if first else []
                lane = uow.lanes.load([lane_id])[lane_id]
                _bind(lane)
                uow.lanes.save([lane])
                return released or uow.cases.release(Side.SALESFORCE, [record])

        with ThreadPoolExecutor(2) as pool:
            waiting, binding = pool.submit(wait), pool.submit(bind)
            assert waiting.result() or binding.result() == [99]


def test_the_newest_override_of_a_field_stands_until_it_is_ended(stores: SqlStores, pair: int) -> None:
    [lane_id] = make_lanes(stores, pair, 1)
    binding = load_one(stores, pair, lane_id).root.binding_id
    with stores.begin(pair) as uow:
        first = uow.overrides.set(binding, "name", "A", "typo", "me", None)
        uow.overrides.set(binding, "name", "B", "typo", "me", uow.now + 60_000)
        uow.overrides.set(binding, "price", {"$decimal": "1.50"}, "r", "me", None)
        uow.overrides.set(binding, "phone", None, "wrong", "me", None)
        over = uow.overrides.set(binding, "email", "x", "r", "me", uow.now)
        assert [one.id for one in uow.overrides.due(10)] == [over]
        assert uow.overrides.end(over)
        assert not uow.overrides.end(over)
        assert uow.overrides.due(10) == []
    overrides = load_one(stores, pair, lane_id).root.overrides
    assert {name: str(value) for name, value in overrides.items()} == {
        "name": "B",
        "price": "1.50",
        "phone": "None",
    }
    assert overrides["phone"] is None
    with stores.reading(pair) as uow:
        assert {one.field for one in uow.overrides.of([binding])} == {"name", "price", "phone"}
        assert [one.id for one in uow.overrides.page(standing=False)] == [first, over]
        assert len(uow.overrides.page(standing=True, limit=2)) == 2
        found = uow.overrides.one(over)
    assert found is not None
    assert (found.value, found.reason, found.author) == ("x", "r", "me")
