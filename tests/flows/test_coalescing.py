"""Folding many edits in one go ends where working them one by one ends, with fewer writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.canonical.outcome import Outcome
from integration.flows import transform
from integration.ports import EventEnd, StoredEvent
from tests.crash.picture import picture_of
from tests.flows.agreement import assert_agreement
from tests.flows.kept import own_line, put_away, take_out
from tests.flows.line import Line
from tests.flows.people import joined

Start = tuple[Line, bytes, str, str]
SALESFORCE = st.tuples(
    st.sampled_from(["Description", "Fax", "BillingCity"]), st.sampled_from(["1", "2", "3", None])
)
ZOHO = st.tuples(
    st.sampled_from(["website"]), st.sampled_from(["https://a.example", "https://b.example", ""])
)
EDITS = st.lists(SALESFORCE | ZOHO, min_size=1, max_size=8)
"""Each field is edited on one side only: of two sides that edit one field, which is the later depends on when."""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A joined customer, put away, with its two ids."""
    with own_line(tmp_path_factory.mktemp("folded")) as line:
        account, customer = joined(line)
        yield line, put_away(line), account, customer


def edited(start: Start, edits: list[tuple[str, str | None]], *, one_by_one: bool) -> tuple[object, int]:
    """Both systems after these edits, and how many writes it took."""
    line, kept, account, customer = start
    take_out(line, kept)
    line.forget_calls()
    for name, value in edits:
        if name == "website":
            line.zoho.book.save({name: value}, customer)
        else:
            line.salesforce.org.edit("Account", {name: value}, account)
        line.clock.advance(1_000)
        if one_by_one:
            line.settle()
    line.settle()
    assert_agreement(line)
    return picture_of(line), line.salesforce.calls.writes + line.zoho.calls.writes


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_folded_in_one_go_is_worked_one_by_one(start: Start, edits: list[tuple[str, str | None]]) -> None:
    folded, few = edited(start, edits, one_by_one=False)
    worked, many = edited(start, edits, one_by_one=True)
    assert folded == worked
    assert few <= many


def test_a_burst_takes_one_write_where_one_by_one_takes_many(start: Start) -> None:
    burst: list[tuple[str, str | None]] = [("Description", str(number)) for number in range(10)]
    folded, few = edited(start, burst, one_by_one=False)
    worked, many = edited(start, burst, one_by_one=True)
    assert folded == worked
    assert (few, many) == (1, 10)


def keep_oldest(folding: Any, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """What must not be: the first of a burst stands for the rest."""
    for later in events[1:]:
        folding.ends.append(EventEnd(later.id, Outcome.FOLDED, "", folded_into=events[0].id))
    return list(events[:1])


@pytest.mark.parametrize(
    "burst",
    [[("website", "https://a.example"), ("website", "https://b.example")], [("Fax", "1"), ("Fax", "2")]],
    ids=["records", "changes"],
)
def test_it_is_broken_where_the_oldest_stands_for_the_rest(
    start: Start, burst: list[tuple[str, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked, _ = edited(start, burst, one_by_one=True)
    assert edited(start, burst, one_by_one=False)[0] == worked
    monkeypatch.setattr(transform, "_newest_last", keep_oldest)
    with pytest.raises(AssertionError):
        edited(start, burst, one_by_one=False)
