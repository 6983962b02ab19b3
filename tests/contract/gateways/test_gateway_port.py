"""What every implementation of the gateway port keeps, whichever system is behind it."""

from __future__ import annotations

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json
from integration.errors import BadInput
from integration.ports import FindAnswer
from tests.contract.gateways.peopled import Peopled

EVENT = WorkClass.EVENT


def records(peopled: Peopled) -> list[NativeRecord]:
    """The three customers and the person."""
    answers = peopled.gateway.read(peopled.reads(), EVENT)
    return [record for answer in answers for record in answer.records]


def test_reads_are_answered_in_order_repeats_included(peopled: Peopled) -> None:
    requests = [*peopled.reads()[::-1], peopled.reads()[0]]
    answers = peopled.gateway.read(requests, EVENT)
    assert [answer.request for answer in answers] == requests
    assert [answer.records[0].record_id for answer in answers] == [r.record_id for r in requests]
    assert all(answer.fault is None and answer.children_whole for answer in answers)


def test_a_customer_comes_first_and_its_person_after_it(peopled: Peopled) -> None:
    root, person, *others = records(peopled)
    assert [(r.side, r.entity) for r in (root, person)] == [
        (peopled.gateway.side, peopled.root),
        (peopled.gateway.side, peopled.child),
    ]
    assert (root.parent_id, person.parent_id) == ("", root.record_id)
    assert [other.entity for other in others] == [peopled.root] * 2
    assert all(r.whole and not r.deleted and not r.merged_into for r in (root, person, *others))


def test_times_are_whole_seconds(peopled: Peopled) -> None:
    assert all(record.at > 1_600_000_000_000 and record.at % 1_000 == 0 for record in records(peopled))
    assert all(record.place == record.at for record in records(peopled))


def test_values_have_one_form(peopled: Peopled) -> None:
    """Empty is None and never an empty text; a number that is not whole is a tagged decimal."""
    for record in records(peopled):
        odd = {name: value for name, value in record.image.items() if not _is_plain(value)}
        assert not odd, record.entity
        assert None in record.image.values()


def _is_plain(value: Json) -> bool:
    if isinstance(value, dict):
        return set(value) == {"$decimal"}
    return value is None or (isinstance(value, str | int) and value != "")


def test_a_listing_shows_every_customer_once(peopled: Peopled) -> None:
    seen: list[NativeRecord] = []
    page = ""
    for _ in range(peopled.total):
        found = peopled.gateway.list_page(peopled.root, page)
        seen += found.records
        page = found.next_page
        if not page:
            break
    assert not page
    ids = [record.record_id for record in seen]
    assert len(ids) == len(set(ids)) == peopled.total
    assert set(peopled.customers) <= set(ids)
    assert {(record.entity, record.side) for record in seen} == {(peopled.root, peopled.gateway.side)}


def test_a_row_of_a_listing_says_no_other_than_a_read(peopled: Peopled) -> None:
    listed = {r.record_id: r for r in peopled.gateway.list_page(peopled.root, "").records}
    [answer] = peopled.gateway.read(peopled.reads()[:1], EVENT)
    whole, row = answer.records[0], listed[peopled.customers[0]]
    shared = row.image.keys() & whole.image.keys()
    assert {name: row.image[name] for name in shared} == {name: whole.image[name] for name in shared}
    assert row.at == whole.at
    assert row.whole is (peopled.root == "Account"), "Zoho's lists are summaries"


def test_nobody_is_found_in_the_order_of_the_requests(peopled: Peopled) -> None:
    requests = [peopled.nobody(), peopled.nobody()]
    assert peopled.gateway.find(requests, EVENT) == [FindAnswer(request) for request in requests]
    assert peopled.gateway.find([], EVENT) == []


def test_what_is_shown_is_there_and_what_nobody_knows_is_absent(peopled: Peopled) -> None:
    root, person, *_ = records(peopled)
    for record in (root, person):
        shown = [name for name in record.image if "contact_person_id" not in name]
        assert set(peopled.gateway.absent_fields(record.entity, shown)) <= UNDOCUMENTED
    if peopled.total == len(peopled.customers):
        assert peopled.gateway.absent_fields(peopled.root, ["Nobody__c", "cf_nobody"]) == [
            "Nobody__c",
            "cf_nobody",
        ]


def test_a_body_without_records_is_bad_input(peopled: Peopled) -> None:
    try:
        found = peopled.gateway.records_of({"fields": {"Name": "Harbour"}}, peopled.root)
    except BadInput:
        return
    raise AssertionError(found)


def test_how_much_travels_in_a_call(peopled: Peopled) -> None:
    limits = {op: peopled.gateway.batch_limit(op, peopled.root) for op in Operation}
    expected = 200 if peopled.root == "Account" else 1
    assert limits[Operation.UPDATE] == limits[Operation.CREATE] == limits[Operation.DELETE] == expected
    assert limits[Operation.FIND] == (100 if peopled.root == "Account" else 1)


def test_who_the_organisation_is(peopled: Peopled) -> None:
    told = peopled.gateway.organization_id()
    assert told
    assert told == peopled.gateway.organization_id()


UNDOCUMENTED = frozenset({"entity_address_id"})
"""Shown by Zoho, and in no document."""
