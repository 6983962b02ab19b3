"""Webhooks and stream events come late, twice, in any order or not at all: the end is the same (P1, P3, P4)."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.canonical.event import ArrivedEvent
from integration.policy import fold
from integration.policy.position import Order
from tests.crash.picture import picture_of
from tests.flows.agreement import assert_agreement
from tests.flows.kept import own_line, put_away, take_out
from tests.flows.line import Line
from tests.flows.people import joined

Story = tuple[Line, bytes, list[ArrivedEvent]]
FATES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=6, max_size=6)
"""For each webhook its place in the order, and how often it comes."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A customer whose people edited it six times, a second apart; none of the webhooks has arrived yet."""
    with own_line(tmp_path_factory.mktemp("deliveries")) as line:
        _, customer = joined(line)
        for number in range(6):
            field = {"notes": f"note {number}"} if number % 2 else {"website": f"https://m{number}.example"}
            line.zoho.book.save(field, customer)
            line.clock.advance(1_000)
        hooks = line.take_hooks()
        yield line, put_away(line), hooks


def deliver(line: Line, hooks: list[ArrivedEvent], fates: list[tuple[int, int]], seed: int) -> None:
    """By chance some work is done between two of them; what never comes is found by the poll."""
    chance = Random(seed)
    arriving = [
        (place, hook) for hook, (place, times) in zip(hooks, fates, strict=True) for _ in range(times)
    ]
    for _, hook in sorted(arriving, key=lambda one: one[0]):
        line.receive([hook])
        if chance.random() < 0.5:
            line.work()
    line.settle()
    line.poll()
    line.settle()


def check(line: Line) -> None:
    """The newest state stands on both sides, and nothing came back."""
    assert_agreement(line)
    [account] = line.accounts
    assert (account["Description"], account["Website"]) == ("note 5", "https://m4.example")
    assert line.reading(lambda uow: uow.reports.echo_writes()) == 0
    assert line.zoho.calls.writes == 0, "nothing is written back to where it was typed"


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=FATES, seed=st.integers(0, 1_000))
def test_any_order_any_number_any_loss(story: Story, fates: list[tuple[int, int]], seed: int) -> None:
    line, kept, hooks = story
    take_out(line, kept)
    line.forget_calls()
    deliver(line, hooks, fates, seed)
    check(line)


def backwards(line: Line, hooks: list[ArrivedEvent]) -> None:
    for hook in reversed(hooks):
        line.receive([hook])
        line.settle()


def test_backwards_one_by_one_the_target_never_goes_back(story: Story) -> None:
    line, kept, hooks = story
    take_out(line, kept)
    line.forget_calls()
    backwards(line, hooks)
    check(line)
    assert line.salesforce.calls.writes == 1, "all that is older is stale"


def test_it_would_go_back_without_positions(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "compare", lambda *_: Order.NEWER)
    line, kept, hooks = story
    take_out(line, kept)
    backwards(line, hooks)
    assert line.accounts[0]["Description"] != "note 5"


def test_the_stream_told_twice_has_no_effect(line: Line) -> None:
    account, _ = joined(line)
    line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.settle()
    before, log = picture_of(line), list(line.salesforce.org.log)
    line.forget_calls()
    line.salesforce.org.log.extend(log)
    line.settle()
    assert picture_of(line) == before
    assert line.salesforce.calls.writes + line.zoho.calls.writes == 0
    assert_agreement(line)
