"""P2 once: whatever is repeated, redelivered or answered ambiguously, the other side gets one record for one.

Each case is a way to make a second one; the same case does make a second one when the rule that forbids it is
taken away.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from integration.errors import NameTaken
from integration.flows import match
from integration.flows.answer import Finisher
from integration.flows.validate import RequestBuilder
from tests.fakes.zoho_book import Contact
from tests.flows.agreement import assert_agreement
from tests.flows.databases import MakesLine
from tests.flows.line import SETTLE_MS, Line
from tests.promises.engines import ONE_ENGINE
from tests.promises.held import ROUND_MS, Held, without_settle_time, work_until

Check = Callable[[MakesLine], None]
LAG_MS = 30_000


def assert_once(line: Line) -> None:
    """One Account, one customer, joined."""
    made = (len(line.accounts), len(line.customers))
    assert made == (1, 1), f"made twice: {made[0]} Accounts, {made[1]} customers"
    assert_agreement(line)


def silently(line: Line) -> None:
    """Work it off without any word from the systems; what they have to tell arrives afterwards."""
    line.listen()
    line.settle(deliver=False)
    line.settle()


def names_may_repeat(line: Line) -> None:
    """The organisation lets two customers have one name, so that nothing but our rules forbids a second."""
    check = line.zoho.book._check

    def tolerant(draft: Contact) -> None:
        with suppress(NameTaken):
            check(draft)

    line.zoho.book._check = tolerant  # type: ignore[method-assign]


def answer_lost_in_zoho(make_line: MakesLine) -> None:
    """No unique key, and a search index that lags behind what was made."""
    line = make_line(has_keys=False, lag_ms=LAG_MS)
    names_may_repeat(line)
    line.zoho.calls.lose_answer("write", "create contact")
    line.account()
    silently(line)
    assert_once(line)


def answer_lost_in_salesforce(make_line: MakesLine) -> None:
    line = make_line()
    line.salesforce.calls.lose_answer("write", "create Account")
    line.customer()
    line.receive()
    line.settle(deliver=False)
    line.settle()
    assert_once(line)


def request_comes_late(make_line: MakesLine) -> None:
    """It takes effect long after its sender gave it up, but within the settle time."""
    line = make_line(has_keys=False)
    names_may_repeat(line)
    held = Held(line.zoho.calls, "create contact")
    line.account()
    line.listen()
    work_until(line, lambda: held.taken)
    sent = line.clock.now_ms()
    work_until(line, lambda: line.clock.now_ms() >= sent + SETTLE_MS - 2 * ROUND_MS)
    held.release()
    silently(line)
    assert_once(line)


def known_only_to_the_search(make_line: MakesLine) -> None:
    """The same customer stands in Zoho already, and nobody told of it."""
    line = make_line(has_keys=False)
    names_may_repeat(line)
    line.customer(billing_address={"city": "Hull"})
    line.take_hooks()
    line.account(BillingCity="Hull")
    silently(line)
    assert_once(line)


def key_stands_in_for_the_search(make_line: MakesLine) -> None:
    """The index does not show what was made, but the organisation keeps our key unique."""
    line = make_line(lag_ms=600_000)
    names_may_repeat(line)
    line.zoho.calls.lose_answer("write", "create contact")
    line.account()
    silently(line)
    assert_once(line)


def webhooks_before_the_answer(make_line: MakesLine) -> None:
    """What was made is told twice while the answer to its create is still missing."""
    line = make_line(has_keys=False, lag_ms=LAG_MS)
    names_may_repeat(line)
    line.zoho.calls.lose_answer("write", "create contact")
    line.account()
    line.listen()
    work_until(line, lambda: line.customers)
    hooks = line.take_hooks()
    for _ in range(2):
        line.receive(hooks)
        line.work()
    line.settle()
    line.receive(hooks)
    line.settle()
    assert_once(line)


def stream_before_the_answer(make_line: MakesLine) -> None:
    """The same on the other side: the stream tells of the Account first."""
    line = make_line()
    line.salesforce.calls.lose_answer("write", "create Account")
    line.customer()
    line.receive()
    work_until(line, lambda: line.accounts)
    assert line.listen() == 1
    line.settle()
    assert_once(line)


CHECKS: list[Check] = [
    answer_lost_in_zoho,
    answer_lost_in_salesforce,
    request_comes_late,
    known_only_to_the_search,
    key_stands_in_for_the_search,
    webhooks_before_the_answer,
    stream_before_the_answer,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_made_once(make_line: MakesLine, check: Check) -> None:
    check(make_line)


# ------------------------------------------------------------------- without the rules


def search_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    """One empty search right away is taken for a no (A10)."""
    monkeypatch.setattr(Finisher, "_keyed", lambda _self: True)


def look_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks the target whether it has the record."""
    intend = match._intend

    def unasked(bench: Any, lane: Any, *args: Any) -> None:
        intend(bench, lane, *args)
        lane.root.intent.searched_at = lane.root.intent.searched_at or 1

    monkeypatch.setattr(match, "_intend", unasked)


def unique_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A create does not say whose copy it makes."""
    create = RequestBuilder.create

    def unkeyed(self: RequestBuilder, *args: Any) -> Any:
        checked = create(self, *args)
        checked.write.key = ""
        return checked

    monkeypatch.setattr(RequestBuilder, "create", unkeyed)


def own_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrives is not compared with what we are about to make, or made just now (A14)."""
    monkeypatch.setattr(match, "_candidates", lambda *_args: [])


BROKEN = [
    (search_lag, answer_lost_in_zoho),
    (without_settle_time, request_comes_late),
    (look_before, known_only_to_the_search),
    (unique_key, key_stands_in_for_the_search),
    (own_lanes, webhooks_before_the_answer),
]


@ONE_ENGINE
@pytest.mark.parametrize(("rule", "check"), BROKEN, ids=lambda one: one.__name__)
def test_it_is_broken_without(
    make_line: MakesLine,
    rule: Callable[[pytest.MonkeyPatch], None],
    check: Check,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule(monkeypatch)
    with pytest.raises(AssertionError, match=r"^made twice:"):
        check(make_line)
