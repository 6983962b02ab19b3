"""Scans of a Salesforce org, of the real one and of the one in memory alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import WorkClass
from integration.errors import BadInput
from integration.ports import Page, ReadRequest
from tests.contract.gateways.salesforce_worlds import SalesforceWorld

Make = Callable[..., SalesforceWorld]


def scan(next_page: Callable[[str], Page]) -> list[NativeRecord]:
    """All records of a scan, page by page."""
    seen: list[NativeRecord] = []
    page = ""
    for _ in range(20):
        found = next_page(page)
        assert len(found.records) <= 3
        assert all(record.whole and not record.deleted for record in found.records)
        seen += found.records
        page = found.next_page
        if not page:
            return seen
    raise AssertionError("the scan does not end")


def ids(records: list[NativeRecord]) -> list[str]:
    return [record.record_id for record in records]


def at_of(org: SalesforceWorld, account: str) -> int:
    """When it was modified."""
    [answer] = org.gateway.read([ReadRequest("Account", account)], WorkClass.EVENT)
    return answer.records[0].at


def test_changes_come_in_order_without_gaps_or_repeats(make_salesforce: Make) -> None:
    org = make_salesforce(page_size=3, overlap_seconds=0)
    made = [org.account(f"Mill {n}") for n in range(7)]
    deleted = org.account("Deleted")
    org.delete("Account", deleted)
    begun = at_of(org, made[0])
    org.next_second()
    org.edit("Account", {"Phone": "1"}, made[1])
    seen = scan(lambda page: org.gateway.changed_since("Account", begun, page))
    assert sorted(ids(seen)) == sorted(made)
    assert ids(seen)[-1] == made[1]
    places = [(record.place, record.record_id) for record in seen]
    assert places == sorted(places)
    later = scan(lambda page: org.gateway.changed_since("Account", at_of(org, made[1]), page))
    assert ids(later) == [made[1]], "the very moment belongs to it"
    assert org.gateway.changed_since("Account", org.now_ms() + 3_600_000, "").records == ()


def test_a_page_can_be_asked_for_again(make_salesforce: Make) -> None:
    org = make_salesforce(page_size=3, overlap_seconds=0)
    for n in range(5):
        org.account(f"Mill {n}")
    first = org.gateway.changed_since("Account", 0, "")
    second = org.gateway.changed_since("Account", 0, first.next_page)
    assert ids([*second.records]) == ids([*org.gateway.changed_since("Account", 0, first.next_page).records])
    assert not set(ids([*first.records])) & set(ids([*second.records]))


def test_the_first_page_overlaps(make_salesforce: Make) -> None:
    org = make_salesforce(overlap_seconds=60)
    account = org.account()
    at = at_of(org, account)
    assert ids([*org.gateway.changed_since("Account", at + 5_000, "").records]) == [account]
    assert org.gateway.changed_since("Account", at + 65_000, "").records == ()


def test_all_records_come_by_id(make_salesforce: Make) -> None:
    org = make_salesforce(page_size=3)
    made = [org.contact(f"Person {n}") for n in range(7)]
    org.delete("Contact", made.pop(3))
    assert ids(scan(lambda page: org.gateway.list_page("Contact", page))) == sorted(made)


def test_a_foreign_page_text_is_bad_input(org: SalesforceWorld) -> None:
    for ask in (
        lambda: org.gateway.changed_since("Account", 0, "' OR Name != '"),
        lambda: org.gateway.list_page("Account", "' OR Id != '"),
    ):
        with pytest.raises(BadInput):
            ask()


def test_deletions_are_told_when_their_span_is_over(org: SalesforceWorld) -> None:
    kept, first, loser = org.account("Kept"), org.account("First"), org.account("Loser")
    ann = org.contact("Ferry", AccountId=first)
    assert list(org.gateway.deleted_since("Account", org.now_ms()).records) == []
    org.next_second()
    second = org.now_ms() // 1_000
    org.delete("Account", first)
    at_once = list(org.gateway.deleted_since("Account", org.now_ms()).records)
    assert at_once == [] or org.now_ms() // 1_000 > second
    org.next_second()
    org.merge("Account", kept, loser)
    org.next_second()
    told = list(org.gateway.deleted_since("Account", org.now_ms() - 10_000).records)
    assert ids(told) == [first, loser], "oldest first"
    assert all(record.deleted and not record.merged_into and not record.image for record in told)
    assert all(record.at % 1_000 == 0 and record.at > 0 for record in told)
    assert ids(list(org.gateway.deleted_since("Contact", 0).records)) == [ann]
    org.undelete("Account", first)
    org.next_second()
    assert ids(list(org.gateway.deleted_since("Account", 0).records)) == [loser]


def test_deletions_are_told_again_for_five_minutes(org: SalesforceWorld) -> None:
    account = org.account()
    org.delete("Account", account)
    org.next_second()
    assert ids(list(org.gateway.deleted_since("Account", org.now_ms() + 60_000).records)) == [account]
