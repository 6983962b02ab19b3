"""What the event stream could not tell is read, and nothing asked for meanwhile is forgotten."""

from __future__ import annotations

import pytest

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Json, Side
from integration.errors import ClaimLost, Retryable
from integration.flows.accept import stream_position
from integration.flows.listen import take_role
from integration.flows.poll import catch_up, poll_salesforce
from integration.ports import Deletions
from tests.flows.line import Line
from tests.flows.people import joined

TOPIC = "/data/AccountChangeEvent"


def overflow(line: Line) -> None:
    """The stream says that more happened to Accounts than it tells."""
    at = line.clock.now_ms()
    body: dict[str, Json] = {"change_type": "GAP_OVERFLOW", "committed_at": at}
    event = ArrivedEvent(
        Side.SALESFORCE, f"overflow {at}", "Account", "", EventKind.OVERFLOW, Channel.STREAM, at, body
    )
    line.receive([event])
    line.work()


def untold(line: Line, account: str, website: str) -> None:
    """An edit no event of its own tells about."""
    told = len(line.salesforce.org.log)
    line.salesforce.org.edit("Account", {"Website": website}, account)
    del line.salesforce.org.log[told:]


def test_an_overflow_tells_of_everything_its_long_transaction_saved(line: Line) -> None:
    account, customer = joined(line)
    untold(line, account, "https://long.example")
    line.clock.advance(300_000)
    overflow(line)
    catch_up(line.services)
    line.settle(deliver=False)
    assert line.in_zoho(customer)["website"] == "https://long.example"


def test_an_overflow_during_the_delta_read_of_another_is_not_forgotten(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, customer = joined(line)
    deleted_since = line.salesforce.deleted_since

    def meanwhile(entity: str, since_ms: int) -> Deletions:
        monkeypatch.undo()
        untold(line, account, "https://later.example")
        line.clock.advance(1_000)
        overflow(line)
        return deleted_since(entity, since_ms)

    overflow(line)
    monkeypatch.setattr(line.salesforce, "deleted_since", meanwhile)
    assert catch_up(line.services) == 0
    assert catch_up(line.services) == 1
    assert catch_up(line.services) == 0
    line.settle(deliver=False)
    assert line.in_zoho(customer)["website"] == "https://later.example"


def test_a_scan_taken_up_again_still_asks_for_the_deletions_of_its_start(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(line)
    asked: list[int] = []

    def away(_entity: str, since_ms: int) -> Deletions:
        asked.append(since_ms)
        raise Retryable("network.connect", "away")

    monkeypatch.setattr(line.salesforce, "deleted_since", away)
    for _ in range(2):
        with pytest.raises(Retryable):
            poll_salesforce(line.services, "Account")
    first, second = asked
    assert second == first


def test_a_listener_that_was_replaced_cannot_give_up_the_place_of_the_new_one(line: Line) -> None:
    replaced = take_role(line.services, "first", 1_000)
    line.clock.advance(2_000)
    listening = take_role(line.services, "second", 60_000)
    assert replaced is not None
    assert listening is not None
    listening.sink(TOPIC, [], b"\x09")
    with pytest.raises(ClaimLost):
        replaced.position_lost(TOPIC)
    assert stream_position(line.services, TOPIC) == b"\x09"


def test_deletions_the_org_tells_late_are_asked_for_again(line: Line) -> None:
    """Its answer says up to when it tells all; what was saved since moves the scan on, not the deletions."""
    account, customer = joined(line)
    line.salesforce.deletions_lag_ms = 1_800_000
    told = len(line.salesforce.org.log)
    line.salesforce.org.delete("Account", account)
    line.clock.advance(1_200_000)
    line.account("Another Ltd")
    del line.salesforce.org.log[told:]
    line.poll()
    line.settle(deliver=False)
    assert line.in_zoho(customer)["status"] == "active"
    line.clock.advance(1_800_000)
    line.poll()
    line.settle(deliver=False)
    assert line.in_zoho(customer)["status"] == "inactive"
