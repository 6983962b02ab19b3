"""Cursors and roles, pairs, mapping versions, runs, alarms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from integration.canonical.outcome import Mode
from integration.canonical.values import Side
from integration.errors import ConfigurationFault
from integration.ports import Cursor
from integration.stores.unit_of_work import SqlStores


def test_a_cursor_is_kept_whole(stores: SqlStores, pair: int) -> None:
    cursor = Cursor("stream", Side.SALESFORCE, b"\x00\xff", 5, 2, 9, {"page": "x", "n": [1]})
    with stores.begin(pair) as uow:
        assert uow.cursors.get(Side.SALESFORCE, "stream") is None
        uow.cursors.put(cursor)
        uow.cursors.put(Cursor("account", Side.SALESFORCE))
        assert uow.cursors.get(Side.SALESFORCE, "stream") == cursor
        assert [c.name for c in uow.cursors.all(Side.SALESFORCE)] == ["account", "stream"]
        assert uow.cursors.all(Side.ZOHO) == []


def test_a_role_is_held_by_lease_and_epoch(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        assert uow.cursors.claim(Side.ZOHO, "poller", "one", 60_000) == 1
        assert uow.cursors.claim(Side.ZOHO, "poller", "two", 60_000) is None
        assert uow.cursors.hold(Side.ZOHO, "poller", 1, 0)
    with stores.begin(pair) as uow:
        assert uow.cursors.claim(Side.ZOHO, "poller", "two", 60_000) == 2
        assert not uow.cursors.hold(Side.ZOHO, "poller", 1, 60_000)
        uow.cursors.release(Side.ZOHO, "poller", 1)
        assert uow.cursors.claim(Side.ZOHO, "poller", "one", 60_000) is None
        uow.cursors.release(Side.ZOHO, "poller", 2)
        assert uow.cursors.claim(Side.ZOHO, "poller", "one", 60_000) == 3
        uow.cursors.put(Cursor("poller", Side.ZOHO, watermark=8))
        kept = uow.cursors.get(Side.ZOHO, "poller")
        assert kept is not None
        assert (kept.watermark, kept.epoch, kept.lease_until) == (8, 3, uow.now + 60_000)


def test_a_role_has_one_holder_at_a_time(stores: SqlStores, pair: int) -> None:
    def claim(number: int) -> int | None:
        with stores.begin(pair) as uow:
            return uow.cursors.claim(Side.ZOHO, "listener", f"holder {number}", 60_000)

    with ThreadPoolExecutor(6) as pool:
        epochs = [epoch for epoch in pool.map(claim, range(6)) if epoch is not None]
    assert epochs == [1]


def test_a_pair_is_made_once(stores: SqlStores) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(stores.ensure_pair, ["made by four"] * 4))
    assert len(ids) == 1
    assert ids <= set(stores.pair_ids())
    assert stores.ensure_pair("made by four", Mode.LIVE) in ids
    with stores.reading(ids.pop()) as uow:
        assert set(uow.pairs.state().modes.values()) == {Mode.OBSERVE}


def test_the_pair_remembers_modes_brake_and_organisations(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        uow.pairs.set_mode(Side.ZOHO, Mode.LIVE, "me")
        uow.pairs.hold(Side.SALESFORCE, "too many")
        uow.pairs.set_organization(Side.ZOHO, "60001")
        state = uow.pairs.state()
    assert state.modes == {Side.SALESFORCE: Mode.OBSERVE, Side.ZOHO: Mode.LIVE}
    assert state.held == {Side.SALESFORCE: "too many", Side.ZOHO: ""}
    assert state.organization_ids == {Side.SALESFORCE: "", Side.ZOHO: "60001"}


def test_an_unknown_pair_is_told(stores: SqlStores) -> None:
    with pytest.raises(ConfigurationFault), stores.reading(10**9) as uow:
        uow.pairs.state()


def test_mapping_versions_are_numbered_per_pair(stores: SqlStores, pair: int) -> None:
    def add(text: str) -> int:
        with stores.begin(pair) as uow:
            return uow.pairs.add_mapping(text, "me")

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(add, "abcd"))
    assert sorted(numbers) == [1, 2, 3, 4]
    with stores.reading(pair) as uow:
        assert [uow.pairs.mapping(n) for n in numbers] == list("abcd")
        assert uow.pairs.state().mapping_version == 4
        assert [m.number for m in uow.reports.mappings()] == [4, 3, 2, 1]
        with pytest.raises(ConfigurationFault):
            uow.pairs.mapping(5)


def test_a_run_is_claimed_once_per_slot(stores: SqlStores, pair: int) -> None:
    def start(_: int) -> int | None:
        with stores.begin(pair) as uow:
            return uow.pairs.start_run("census", "2026-11-23", 60_000)

    with ThreadPoolExecutor(4) as pool:
        [run] = [number for number in pool.map(start, range(4)) if number is not None]
    with stores.begin(pair) as uow:
        uow.pairs.end_run(run, {"seen": 5})
        assert uow.pairs.start_run("census", "2026-11-23", 60_000) is None
        assert uow.pairs.start_run("census", "2026-11-24", 0) not in (None, run)
        assert [(r.slot, r.state, r.report) for r in uow.reports.runs()] == [
            ("2026-11-24", "running", {}),
            ("2026-11-23", "done", {"seen": 5}),
        ]
    with stores.begin(pair) as uow:  # the lease of the second ran out
        assert uow.pairs.start_run("census", "2026-11-24", 60_000) is not None
        assert uow.pairs.start_run("census", "2026-11-24", 60_000) is None


def test_equal_alarms_gather(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        uow.alarms.gather("refused", "old words", "", 3)
        uow.alarms.gather("refused", "new words", "Do this.")
        uow.alarms.gather("other", "others", "")
        assert uow.alarms.any_due(60_000)
        refused, other = uow.alarms.take(60_000, 30_000)
        assert (refused.text, refused.advice, refused.count) == ("new words", "Do this.", 4)
        assert uow.alarms.take(60_000, 30_000) == [], "another has them"
        uow.alarms.gather("refused", "new words", "Do this.", 1_000)
        uow.alarms.told([refused, other])
        assert not uow.alarms.any_due(60_000), "people hear of a kind once in a while"
        assert [alarm.count for alarm in uow.alarms.take(0, 30_000)] == [1_000]
        told = {(a.kind, a.total, a.gathered) for a in uow.reports.alarms()}
    assert told == {("refused", 1_004, 1_000), ("other", 1, 0)}


def test_an_alarm_outlives_who_was_to_tell_it(stores: SqlStores, pair: int) -> None:
    with stores.begin(pair) as uow:
        uow.alarms.gather("refused", "words", "")
        [taken] = uow.alarms.take(60_000, 0)  # its lease is over at once
        assert uow.alarms.take(60_000, 30_000) == [taken]
        uow.alarms.give_back([taken])
        assert uow.alarms.take(60_000, 30_000) == [taken]


def test_an_alarm_of_a_unit_that_broke_is_none(stores: SqlStores, pair: int) -> None:
    with suppress(RuntimeError), stores.begin(pair) as uow:
        uow.alarms.gather("refused", "words", "")
        raise RuntimeError
    with stores.reading(pair) as uow:
        assert not uow.alarms.any_due(0)
