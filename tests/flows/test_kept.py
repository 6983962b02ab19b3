"""A line that was put away goes on from there as if nothing had come after."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.fakes.clock import FakeClock
from tests.flows.agreement import assert_agreement
from tests.flows.kept import put_away, take_out
from tests.flows.line import SETTLE_MS, Line
from tests.flows.people import family, joined


@pytest.fixture
def own_line(tmp_path: Path) -> Iterator[Line]:
    """A line with a database of its own, because all of it is put away."""
    url, clock = f"sqlite:///{tmp_path / 'own.db'}", FakeClock()
    upgrade(url)
    stores = SqlStores(url, settle_ms=SETTLE_MS, clock=clock.now_ms)
    yield Line(stores, clock)
    stores.close()


def shown(line: Line) -> tuple[Any, ...]:
    """What a test can see of a line."""
    events = [(event.event.key, event.outcome, event.reason) for event in line.events()]
    seen = (line.accounts, line.contacts, line.customers, line.bindings(), events, line.clock.now_ms())
    return copy.deepcopy(seen)


def test_a_line_is_taken_out_as_it_was_put_away(own_line: Line) -> None:
    account, customer = joined(own_line)
    own_line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0123"}, account)
    kept, before, log = put_away(own_line), shown(own_line), list(own_line.salesforce.org.log)
    own_line.change(settle_ms=1)
    own_line.zoho.calls.lose_answer()
    own_line.zoho.book.delete(customer)
    family(own_line)
    assert shown(own_line) != before
    take_out(own_line, kept)
    assert shown(own_line) == before
    assert (own_line.salesforce.org.log, own_line.zoho.calls.spoilt) == (log, [])
    assert own_line.settings.settle_ms == SETTLE_MS


def test_from_one_beginning_the_same_end_comes_again(own_line: Line) -> None:
    account, _ = joined(own_line)
    kept, ends = put_away(own_line), []
    for _ in range(3):
        take_out(own_line, kept)
        own_line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
        own_line.customer("Kiln Farm Shop")
        own_line.settle()
        assert_agreement(own_line)
        ends.append(shown(own_line))
    assert ends[0] == ends[1] == ends[2]
