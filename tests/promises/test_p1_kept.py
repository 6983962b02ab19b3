"""P1 kept: what was acknowledged is worked to its end, wherever the process that had it in hand dies.

A process dies at a named place, another one takes over; nobody is told anything but what stands in SQL. The
same holds without a death while a rule is taken away, and not with one: the rule is what keeps the event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration.canonical.outcome import Outcome
from integration.flows import sweep, write
from integration.stores import lanes
from tests.crash.crashing import Crash, Place, Places
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line
from tests.flows.people import joined
from tests.promises.engines import ONE_ENGINE

Deed = Callable[[Line], None]
Rule = Callable[[pytest.MonkeyPatch], None]
ROUNDS, ROUND_MS = 40, 3_000
"""Two minutes: longer than any lease, settle time and pause of a line in a test."""


def an_edit(line: Line) -> None:
    """An acknowledged change of an Account that is joined."""
    account, _ = joined(line)
    line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)


def a_lost_webhook(line: Line) -> None:
    """A change only a poll noticed, so that its record must be read."""
    _, customer = joined(line)
    line.clock.advance(5_000)
    line.zoho.book.save({"notes": "pays late"}, customer)
    line.take_hooks()
    line.poll()
    assert line.outcomes().get("received"), "the poll found nothing"


def a_new_account(line: Line) -> None:
    line.account()


def finish(line: Line) -> None:
    """Work as long as something stands somewhere, for a limited time; the systems tell what they have."""
    for _ in range(ROUNDS):
        if not line.listen() + line.receive().new + line.work():
            if line.at_rest():
                return
            line.clock.advance(ROUND_MS)


def assert_kept(line: Line, deed: Deed, place: Place | None) -> None:
    """After a death at that place another process ends everything."""
    deed(line)
    line.listen()
    if place is not None:
        line.watch = Places(target=place).watch
        with pytest.raises(Crash):
            finish(line)
        line.watch = lambda services: services
    finish(line)
    open_events = [event.event.key for event in line.events() if not isinstance(event.outcome, Outcome)]
    assert not open_events, f"lost: {open_events}"
    assert not line.depths(), f"lost: {line.depths()}"
    assert_agreement(line)


def at(name: str, when: str = "after commit") -> Place:
    return Place(when, name, 0)


CASES = [
    (an_edit, at("transform.fold")),
    (an_edit, at("validate")),
    (an_edit, at("write.claim")),
    (an_edit, at("zoho write update contact", "after call")),
    (an_edit, at("write.finish", "before commit")),
    (a_lost_webhook, at("read.claim")),
    (a_lost_webhook, at("read.fold", "before commit")),
    (a_new_account, at("zoho write create contact", "after call")),
]


def named(value: Any) -> str:
    return str(getattr(value, "__name__", value))


@pytest.mark.parametrize(("deed", "place"), CASES, ids=named)
def test_another_process_finishes(line: Line, deed: Deed, place: Place) -> None:
    assert_kept(line, deed, place)


# ------------------------------------------------------------------- the wake-up


def assert_heard(line: Line, deed: Deed) -> None:
    """Redis forgot every ring, so only what the sweep says wakes a worker."""
    deed(line)
    line.listen()
    for _ in range(ROUNDS):
        line.bell.rung.clear()
        sweep.sweep(line.services)
        if line.bell.rung:
            line.work()
        elif line.at_rest():
            break
        line.clock.advance(ROUND_MS)
    assert not line.depths(), f"lost: {line.depths()}"


@pytest.mark.parametrize("deed", [an_edit, a_lost_webhook, a_new_account], ids=named)
def test_a_lost_ring_is_made_good(line: Line, deed: Deed) -> None:
    assert_heard(line, deed)


# ------------------------------------------------------------------- without the rules


def recovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes over a write whose claim ran out."""
    monkeypatch.setattr(write, "recover", lambda *_args: 0)


def leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claimed read is its claimer's for ever."""

    def free(self: lanes.SqlLanes) -> list[Any]:
        row = lanes.lanes.c
        return [
            self._tx.mine(lanes.lanes),
            row.joined_into.is_(None),
            row.not_before <= self._tx.now,
            row.lease_until == 0,
        ]

    monkeypatch.setattr(lanes.SqlLanes, "_free", free)


BROKEN = [
    (recovery, an_edit, at("write.claim")),
    (recovery, an_edit, at("zoho write update contact", "after call")),
    (recovery, a_new_account, at("zoho write create contact", "after call")),
    (leases, a_lost_webhook, at("read.claim")),
]


@ONE_ENGINE
@pytest.mark.parametrize(("rule", "deed", "place"), BROKEN, ids=named)
def test_it_is_broken_without(
    line: Line, rule: Rule, deed: Deed, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch)
    with pytest.raises(AssertionError, match=r"^lost:"):
        assert_kept(line, deed, place)


@ONE_ENGINE
@pytest.mark.parametrize(("rule", "deed"), [(recovery, an_edit), (leases, a_lost_webhook)], ids=named)
def test_nobody_misses_it_while_nobody_dies(
    line: Line, rule: Rule, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch)
    assert_kept(line, deed, None)


def sweeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep rings for nobody."""
    monkeypatch.setattr(lanes.SqlLanes, "due", lambda _self: {})


@ONE_ENGINE
@pytest.mark.parametrize("deed", [an_edit, a_new_account], ids=named)
def test_a_lost_ring_is_lost_without_the_sweep(
    line: Line, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeping(monkeypatch)
    with pytest.raises(AssertionError, match=r"^lost:"):
        assert_heard(line, deed)
