"""P5 paced: all workers together stay within what both systems allow; what cannot be sent yet waits in SQL,
people go before events and events before batches, and a batch gets its turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType

import pytest

from integration.canonical.outcome import WorkClass
from integration.connectors import pace_share
from integration.connectors.pace import RedisPace
from integration.errors import Throttled
from integration.flows import answer
from integration.stores import ranks
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line
from tests.flows.people import joined
from tests.promises.engines import ONE_ENGINE
from tests.unit.pace_caller import FileUsage, Row, call_for
from tests.unit.pace_parts import (
    BATCH,
    EVENT,
    LOOKUP,
    granted,
    make,
    most_in_any_window,
    most_in_flight,
)

Rule = Callable[[pytest.MonkeyPatch], None]
LimitCheck = Callable[[str, FileUsage], None]
PER_MINUTE, IN_FLIGHT, WINDOW, SECONDS = 20, 4, 0.2, 0.7


@pytest.fixture
def usage(tmp_path: Path) -> FileUsage:
    """Where granted calls are counted."""
    return FileUsage(tmp_path / "usage")


# ------------------------------------------------------------------- the limits


def limits_hold(redis_url: str, usage: FileUsage) -> None:
    """Three limiters with three threads each, as three processes would have, on one Redis."""
    limits = {"per_minute": PER_MINUTE, "in_flight": IN_FLIGHT, "minute_seconds": WINDOW}
    paces = [make(redis_url, usage, lease_seconds=0.1, **limits) for _ in range(3)]
    rows: list[Row] = []
    threads = [
        threading.Thread(
            target=lambda pace=pace: rows.extend(call_for(pace, [EVENT, BATCH, LOOKUP], SECONDS))
        )
        for pace in paces
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) > PER_MINUTE, "hardly anybody called"
    fullest = most_in_any_window(rows, WINDOW)
    assert fullest <= PER_MINUTE, f"too many: {fullest} calls in one window"
    assert most_in_flight(rows) <= IN_FLIGHT, f"too many: {most_in_flight(rows)} at once"


def people_find_a_call(redis_url: str, usage: FileUsage) -> None:
    """A fifth of all calls is theirs, however much the events would take."""
    pace = make(redis_url, usage, minute_seconds=30, wait_seconds=0.02)
    while granted(pace, EVENT):
        continue
    assert [granted(pace, LOOKUP) for _ in range(4)] == [True] * 4, (
        "too late: events took what was kept for people"
    )


@pytest.mark.redis
@pytest.mark.parametrize("check", [limits_hold, people_find_a_call], ids=lambda one: one.__name__)
def test_limits_are_shared(redis_url: str, usage: FileUsage, check: LimitCheck) -> None:
    check(redis_url, usage)


def limiter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks may call."""
    monkeypatch.setattr(RedisPace, "take", lambda *_args: nullcontext())


def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """First come, first served."""
    monkeypatch.setattr(pace_share, "SHARES", MappingProxyType(dict.fromkeys(WorkClass, 0.0)))


BROKEN_LIMITS = [(limiter, limits_hold), (shares, people_find_a_call)]


@pytest.mark.redis
@pytest.mark.parametrize(("rule", "check"), BROKEN_LIMITS, ids=lambda one: one.__name__)
def test_limits_are_broken_without(
    redis_url: str, usage: FileUsage, rule: Rule, check: LimitCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch)
    with pytest.raises(AssertionError, match=r"^(too|given up too)"):
        check(redis_url, usage)


# ------------------------------------------------------------------- the backlog

LATER_SECONDS = 120


def backlog_waits(line: Line) -> None:
    """Zoho takes nothing for two minutes: the write stays in SQL, untried, and is sent when it may be."""
    account, customer = joined(line)
    line.forget_calls()
    line.zoho.calls.spoil(Throttled("zoho.minute_limit", seconds=LATER_SECONDS, scope="minute"), "write")
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0002"}, account)
    line.listen()
    for _ in range(LATER_SECONDS // 10 - 1):
        while line.work():
            continue
        line.clock.advance(10_000)
    assert line.zoho.calls.writes == 1, "too early: tried before its time"
    assert line.depths() == {"zoho": 1}, "given up too soon: a limit is no refusal"
    assert line.outcomes()["waiting"] == 1
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["phone"] == "+44 20 7946 0002"
    assert_agreement(line)


def batches_wait_their_turn(line: Line) -> None:
    """An event overtakes a batch that came first, and no event overtakes one that waited long."""
    first, second = (lane_of(line, name) for name in ("Harbour Mills Ltd", "Quay Traders Ltd"))
    assert taken(line, first, second, 1_000) == [second], "too late: an event waits behind a batch"
    assert taken(line, first, second, max(ranks.PATIENCE_MS.values()) + 1_000) == [first]


def taken(line: Line, batch: int, event: int, milliseconds: int) -> list[int]:
    """Which of two lanes a worker takes first: one woken by a batch, one that much later by an event."""
    with line.stores.begin(line.pair_id, "test") as uow:
        uow.lanes.wake([batch], BATCH)
    line.clock.advance(milliseconds)
    with line.stores.begin(line.pair_id, "test") as uow:
        uow.lanes.wake([event], EVENT)
    with line.stores.begin(line.pair_id, "test") as uow:
        found = uow.lanes.lock_ready(1)
    line.settle()
    return found


def lane_of(line: Line, name: str) -> int:
    account, _ = joined(line, name)
    found: int = line.reading(lambda uow: uow.reports.lanes_of(account)[0].lane_id)
    return found


CHECKS = [backlog_waits, batches_wait_their_turn]


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.__name__)
def test_a_backlog_waits_in_sql(line: Line, check: Callable[[Line], None]) -> None:
    check(line)


def due_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal for want of a call is like any other that may be repeated."""

    class Other(Throttled):
        """Nobody raises it."""

    monkeypatch.setattr(answer, "Throttled", Other)


def classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is as urgent as everything else."""
    monkeypatch.setattr(ranks, "PATIENCE_MS", dict.fromkeys(ranks.PATIENCE_MS, 0))


BROKEN_BACKLOG = [(due_times, backlog_waits), (classes, batches_wait_their_turn)]


@ONE_ENGINE
@pytest.mark.parametrize(("rule", "check"), BROKEN_BACKLOG, ids=lambda one: one.__name__)
def test_a_backlog_is_broken_without(
    line: Line, rule: Rule, check: Callable[[Line], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch)
    with pytest.raises(AssertionError, match=r"^(too|given up too)"):
        check(line)
