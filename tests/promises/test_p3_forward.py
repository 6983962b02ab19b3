"""P3 forward: what a target was given never gives way to something older, in whatever order news arrive and
however late a request of ours takes effect.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration.policy import fold
from integration.policy.position import Order
from tests.flows.agreement import assert_agreement
from tests.flows.line import SETTLE_MS, Line
from tests.flows.people import joined
from tests.promises.engines import ONE_ENGINE
from tests.promises.held import ROUND_MS, Held, without_settle_time, work_until


def website_in_zoho(line: Line) -> list[str]:
    """Every value the customer had there, one after another."""
    told = [hook.body["contact"]["website"] for hook in line.zoho.book.hooks]  # type: ignore[index, call-overload]
    return [str(value) for n, value in enumerate(told) if n == 0 or value != told[n - 1]]


def notes_in_salesforce(line: Line) -> list[str]:
    """Every value the Account was given there."""
    told = [event.body.get("fields") for event in line.salesforce.org.log]
    return [
        str(fields["Description"])
        for fields in told
        if isinstance(fields, dict) and fields.get("Description")
    ]


def assert_forward(seen: list[str], typed: list[str]) -> None:
    """What the target showed, in the order of typing."""
    order = [typed.index(value) for value in seen if value in typed]
    assert order == sorted(order), f"went back: {seen}"
    assert seen[-1] == typed[-1], f"went back: {seen}"


def an_older_webhook_comes_last(line: Line) -> None:
    _, customer = joined(line)
    for notes in ("first", "second"):
        line.clock.advance(2_000)
        line.zoho.book.save({"notes": notes}, customer)
    first, second = line.take_hooks()
    line.receive([second])
    line.settle()
    line.receive([first])
    line.settle()
    assert_forward(notes_in_salesforce(line), ["first", "second"])
    assert_agreement(line)


def an_event_comes_after_a_read_that_knew_more(line: Line) -> None:
    """The stream is behind: a poll reads the Account's newest state first."""
    account, customer = joined(line)
    line.poll()
    line.settle()
    seen = []
    for website in ("https://first.example", "https://second.example"):
        line.clock.advance(2_000)
        line.salesforce.org.edit("Account", {"Website": website}, account)
    late = [line.salesforce.org.log.pop() for _ in range(2)]
    line.poll()
    line.settle()
    seen.append(line.in_zoho(customer)["website"])
    for event in reversed(late):
        line.salesforce.org.log.append(event)
        line.settle()
        seen.append(line.in_zoho(customer)["website"])
    assert_forward(seen, ["https://first.example", "https://second.example"])
    assert_agreement(line)


def an_older_write_takes_effect_last(line: Line) -> None:
    """A write without an answer is still on its way when its record is edited again."""
    account, _ = joined(line)
    line.take_hooks()
    typed = ["https://first.example", "https://second.example"]
    held = Held(line.zoho.calls, "update contact")
    line.salesforce.org.edit("Account", {"Website": typed[0]}, account)
    line.listen()
    work_until(line, lambda: held.taken)
    sent = line.clock.now_ms()
    line.salesforce.org.edit("Account", {"Website": typed[1]}, account)
    line.listen()
    work_until(line, lambda: line.clock.now_ms() >= sent + SETTLE_MS - 2 * ROUND_MS)
    held.release()
    line.settle(deliver=False)
    assert_forward(website_in_zoho(line), typed)
    line.settle()
    assert_agreement(line)


Check = Callable[[Line], None]
CHECKS: list[Check] = [
    an_older_webhook_comes_last,
    an_event_comes_after_a_read_that_knew_more,
    an_older_write_takes_effect_last,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_never_back(line: Line, check: Check) -> None:
    check(line)


def order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever arrives last is taken for the latest."""
    monkeypatch.setattr(fold, "compare", lambda *_positions: Order.NEWER)


BROKEN = [
    (order, an_older_webhook_comes_last),
    (order, an_event_comes_after_a_read_that_knew_more),
    (without_settle_time, an_older_write_takes_effect_last),
]


@ONE_ENGINE
@pytest.mark.parametrize(("rule", "check"), BROKEN, ids=lambda one: one.__name__)
def test_it_is_broken_without(
    line: Line, rule: Callable[[pytest.MonkeyPatch], None], check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch)
    with pytest.raises(AssertionError, match=r"^went back:"):
        check(line)
