"""Clearing away goes in pages, never waits for the line, and leaves other pairs and young rows alone."""

from __future__ import annotations

from integration.canonical.outcome import Outcome
from integration.ports import EventEnd
from integration.ports.retention import Cleared, Shelf
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event, store_events

FAR = 10**15
DAY_MS = 86_400_000


def _ended(stores: SqlStores, pair: int, count: int) -> list[int]:
    ids = store_events(stores, pair, [event(f"{pair}-{n}") for n in range(count)])
    with stores.begin(pair) as uow:
        uow.inbox.finish([EventEnd(number, Outcome.UNCHANGED, "test") for number in ids])
    return ids


def _clear(
    stores: SqlStores, pair: int, shelf: Shelf, before: int, after: int = 0, limit: int = 10
) -> Cleared:
    with stores.begin(pair) as uow:
        return uow.retention.clear(shelf, before, after, limit)


def test_pages_follow_one_another_and_end(stores: SqlStores, pair: int) -> None:
    ids = _ended(stores, pair, 5)
    [open_event] = store_events(stores, pair, [event("open")])
    assert _clear(stores, pair, Shelf.EVENTS, FAR, 0, 3) == Cleared(3, ids[2])
    assert _clear(stores, pair, Shelf.EVENTS, FAR, ids[2], 3) == Cleared(2, open_event)
    assert _clear(stores, pair, Shelf.EVENTS, FAR, open_event, 3) == Cleared(0, None)
    with stores.reading(pair) as uow:
        assert uow.inbox.outcomes() == {"received": 1}


def test_young_rows_and_other_pairs_are_left_alone(stores: SqlStores, pair: int) -> None:
    other = stores.ensure_pair(f"other than {pair}")
    _ended(stores, pair, 2)
    _ended(stores, other, 2)
    with stores.reading(pair) as uow:
        young = uow.now - DAY_MS
    assert _clear(stores, pair, Shelf.EVENTS, young, 0, 1) == Cleared(0, None), "no page beyond is that old"
    assert _clear(stores, pair, Shelf.EVENTS, FAR).removed == 2
    with stores.reading(other) as uow:
        assert uow.inbox.outcomes() == {"unchanged": 2}


def test_what_somebody_holds_is_skipped_not_waited_for(postgres_stores: SqlStores, pair: int) -> None:
    first, _ = _ended(postgres_stores, pair, 2)
    with postgres_stores.begin(pair) as uow:
        uow.inbox.finish([EventEnd(first, Outcome.ECHO, "test")])
        uow.inbox.outcomes()  # sends the update, so that this unit holds the row
        assert _clear(postgres_stores, pair, Shelf.EVENTS, FAR).removed == 1
    assert _clear(postgres_stores, pair, Shelf.EVENTS, FAR).removed == 1


def test_runs_go_whether_they_ended_or_died_but_not_one_under_way(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        done = uow.pairs.start_run("census", "1", 0)
        assert done is not None
        uow.pairs.end_run(done, {})
        uow.pairs.start_run("census", "2", 0)
        uow.pairs.start_run("census", "3", DAY_MS)
        assert uow.retention.clear(Shelf.RUNS, uow.now, 0, 10).removed == 0
        assert uow.retention.clear(Shelf.RUNS, uow.now + 1, 0, 10).removed == 2
        assert [run.slot for run in uow.reports.runs()] == ["3"]
