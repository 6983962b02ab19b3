"""Reads, searches and scans of a Zoho organisation, of the real one and of the one in memory alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.errors import BadInput, ConfigurationFault, Gone
from integration.ports import FindRequest, Page, ReadRequest
from tests.contract.gateways.sameness import looks
from tests.contract.gateways.zoho_worlds import ZohoWorld
from tests.contract.zoho_parts import ACME, KEY

Make = Callable[..., ZohoWorld]
Both = tuple[ZohoWorld, ZohoWorld]
EVENT = WorkClass.EVENT
ADA: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Sample",
    "email": "ada@acme.example",
    "mobile": "555 0100",
}
FULL: dict[str, Any] = {
    "contact_name": "Acme Widgets", "customer_sub_type": "business", "website": "https://acme.example",
    "notes": "pays late", "payment_terms": 30, "billing_address": {"city": "Springfield", "zip": "01101"},
    "contact_persons": [ADA, {"last_name": "Second", "designation": "Buyer"}],
    "custom_fields": [
        {"api_name": "cf_key_account", "value": True},
        {"api_name": "cf_salesforce_id", "value": KEY},
    ],
}  # fmt: skip


@pytest.mark.parametrize("body", [FULL, {"contact_name": "Bare"}], ids=["full", "bare"])
def test_contacts_look_the_same_everywhere(both_books: Both, body: dict[str, Any]) -> None:
    """Read whole, in a list, found, and answered to a write: every field, its blank form and its kind."""
    shown = []
    for book in both_books:
        contact_id = book.edit(body)
        book.set_status(contact_id, "inactive")
        forms = [book.read(contact_id), book.gateway.list_page("contact", "").records]
        forms += [
            book.gateway.changed_since("contact", 0, "").records,
            book.find(name=body["contact_name"]).others,
        ]
        forms += [book.write(Operation.UPDATE, record_id=contact_id, fields={"cf_region": "North"}).records]
        shown.append([looks(records) for records in forms])
    real, fake = shown
    assert fake == real


def test_a_custom_field_emptied_is_shown_empty(zoho: ZohoWorld) -> None:
    contact_id = zoho.edit(FULL)
    zoho.edit({"custom_fields": [{"api_name": "cf_key_account", "value": ""}]}, contact_id)
    image = zoho.read(contact_id)[0].image
    assert (image["cf_key_account"], image["cf_region"], image["cf_salesforce_id"]) == (None, None, KEY)
    [row] = zoho.gateway.list_page("contact", "").records
    assert "cf_key_account" not in row.image
    assert "notes" not in row.image


def test_a_contact_comes_with_its_persons_in_their_order(zoho: ZohoWorld) -> None:
    contact_id = zoho.edit(FULL)
    zoho.edit_person({"first_name": "Third"}, contact_id=contact_id)
    root, *persons = zoho.read(contact_id)
    assert [person.image["is_primary_contact"] for person in persons] == [True, False, False]
    assert [person.parent_id for person in persons] == [contact_id] * 3
    assert {person.at for person in persons} == {root.at}
    assert root.image["primary_person.contact_person_id"] == persons[0].record_id
    assert root.image["email"] == root.image["primary_person.email"] == "ada@acme.example"
    assert persons[2].image["last_name"] is None


def test_when_the_primary_person_goes_nobody_takes_its_place(zoho: ZohoWorld) -> None:
    contact_id = zoho.edit(FULL)
    zoho.delete("contact_person", zoho.read(contact_id)[1].record_id)
    root, second = zoho.read(contact_id)
    assert second.image["is_primary_contact"] is False
    assert root.image["primary_person.contact_person_id"] is None
    assert root.image["primary_person.email"] is root.image["email"] is None


def test_what_is_gone_is_told_as_deleted(zoho: ZohoWorld) -> None:
    contact_id, kept = zoho.edit({"contact_name": "Gone"}), zoho.edit({"contact_name": "Kept"})
    zoho.delete("contact", contact_id)
    requests = [ReadRequest("contact", one) for one in (contact_id, "42", "nonsense", kept)]
    *gone, last = zoho.gateway.read(requests, EVENT)
    for answer, request in zip(gone, requests, strict=False):
        assert answer.records == (NativeRecord(Side.ZOHO, "contact", request.record_id, deleted=True),)
    assert last.records[0].record_id == kept
    assert list(zoho.gateway.deleted_since("contact", 0).records) == []


def test_persons_are_not_read_by_themselves(zoho: ZohoWorld) -> None:
    [answer] = zoho.gateway.read([ReadRequest("contact_person", "42")], EVENT)
    assert isinstance(answer.fault, ConfigurationFault)
    for ask in (
        lambda: zoho.gateway.list_page("contact_person", ""),
        lambda: zoho.gateway.changed_since("contact_person", 0, ""),
    ):
        with pytest.raises(ConfigurationFault):
            ask()


def test_every_read_is_a_call(zoho: ZohoWorld) -> None:
    ids = [zoho.edit({"contact_name": f"N{n}"}) for n in range(3)]
    before = zoho.calls()
    zoho.gateway.read([ReadRequest("contact", one) for one in ids], EVENT)
    assert zoho.calls() - before == 3


def test_open_documents(zoho: ZohoWorld) -> None:
    contact_id = zoho.edit({"contact_name": "Acme"})
    assert zoho.gateway.open_documents(contact_id) is False
    zoho.give_transaction(contact_id)
    assert zoho.gateway.open_documents(contact_id) is True
    for nobody in ("999", "nonsense"):
        with pytest.raises(Gone):
            zoho.gateway.open_documents(nobody)


# ------------------------------------------------------------------- find


def found(zoho: ZohoWorld, **request: str) -> list[str]:
    """Ids of what was found, our key left aside."""
    answer = zoho.find(**request)
    assert not any(record.whole for record in (*answer.by_key, *answer.others))
    return [record.record_id for record in answer.others]


def test_find_by_name_email_and_phone(zoho: ZohoWorld) -> None:
    children = ({"last_name": "S", "email": "second@acme.example", "phone": "+1 555 0199"},)
    acme = zoho.create(ACME, key=KEY, children=children).record_id
    zoho.create({"contact_name": "Acme Widgets Two"})
    for request in (
        {"name": "  acme WIDGETS "}, {"email": "ADA@acme.example"}, {"email": "second@acme.example"},
        {"phone": "+1 555 0100"}, {"phone": "+1 555 0199"},
    ):  # fmt: skip
        assert found(zoho, **request) == [acme], request
    for request in (
        {"name": "Acme"}, {"email": "acme.example"}, {"phone": "+1 555 01"}, {"phone": "0100"}, {"phone": "15550100"},
    ):  # fmt: skip
        assert found(zoho, **request) == [], request
    nothing = zoho.find(name="Nobody", email="no@body.example", phone="000 000 999", key="001none")
    assert (nothing.by_key, nothing.others) == ((), ())


def test_a_mobile_number_is_not_what_the_phone_filter_looks_at(zoho: ZohoWorld) -> None:
    zoho.create(
        {"contact_name": "Acme", "primary_person.last_name": "S", "primary_person.mobile": "555 0100 200"}
    )
    assert found(zoho, phone="555 0100 200") == []


def test_a_record_with_our_key_is_found_as_such(zoho: ZohoWorld) -> None:
    acme = zoho.create(ACME, key=KEY).record_id
    answer = zoho.find(name="Acme Widgets", key=KEY)
    assert ([record.record_id for record in answer.by_key], answer.others) == ([acme], ())
    assert zoho.find(name="Other", key=KEY).by_key == (), "no filter looks for our key"


def test_a_search_costs_at_most_three_calls(zoho: ZohoWorld) -> None:
    costs = []
    for request in (
        {"name": "A B", "email": "a@b.example", "phone": "555 0100 200", "key": KEY},
        {"name": "A B", "key": KEY}, {"key": KEY}, {"name": "A B", "phone": "12"}, {},
    ):  # fmt: skip
        before = zoho.calls()
        zoho.find(**request)
        costs.append(zoho.calls() - before)
    assert costs == [3, 2, 1, 1, 0]


def test_long_names_are_found_and_told_apart(zoho: ZohoWorld) -> None:
    long = "L" * 150
    made = zoho.create({"contact_name": long}).record_id
    zoho.create({"contact_name": long + "x"})
    assert found(zoho, name=long) == [made]


def test_names_that_differ_within_are_others(zoho: ZohoWorld) -> None:
    zoho.create({"contact_name": "Acme  Widgets"})
    assert found(zoho, name="Acme Widgets") == []


def test_what_was_found_is_shown_as_it_is_now(zoho: ZohoWorld) -> None:
    contact_id = zoho.edit({"contact_name": "Acme"})
    zoho.set_status(contact_id, "inactive")
    [row] = zoho.find(name="Acme").others
    assert row.image["status"] == "inactive"
    zoho.delete("contact", contact_id)
    assert found(zoho, name="Acme") == []


def test_persons_are_not_searched_for(zoho: ZohoWorld) -> None:
    [answer] = zoho.gateway.find([FindRequest("contact_person", name="Ada")], EVENT)
    assert isinstance(answer.fault, ConfigurationFault)


def test_whether_a_create_is_keyed_is_known_after_a_search(zoho: ZohoWorld) -> None:
    assert not zoho.gateway.keyed("contact")
    assert zoho.calls() == 0
    zoho.find(name="Acme")
    assert zoho.gateway.keyed("contact")
    assert not zoho.gateway.keyed("contact_person")


# ------------------------------------------------------------------- lists


def pages(zoho: ZohoWorld, listing: str, *arguments: object) -> list[Page]:
    made: list[Page] = []
    token = ""
    while not made or token:
        made.append(getattr(zoho.gateway, listing)("contact", *arguments, token))
        token = made[-1].next_page
        assert len(made) < 10
    return made


def test_lists_of_everything_go_by_creation(make_zoho: Make) -> None:
    zoho = make_zoho(page_size=3)
    ids = [zoho.edit({"contact_name": f"N{9 - number}"}) for number in range(7)]
    zoho.next_second()
    zoho.set_status(ids[2], "inactive")
    listed = pages(zoho, "list_page")
    assert [len(page.records) for page in listed] == [3, 3, 1]
    assert [record.record_id for page in listed for record in page.records] == ids


def test_the_delta_is_newest_first_and_ends_at_the_watermark(make_zoho: Make) -> None:
    zoho = make_zoho(page_size=2)
    ids = [zoho.edit({"contact_name": f"N{number}"}) for number in range(5)]
    zoho.next_second()
    zoho.edit_person({"last_name": "Newcomer"}, contact_id=ids[1])
    seen = [record for page in pages(zoho, "changed_since", 0) for record in page.records]
    assert sorted(record.record_id for record in seen) == ids
    assert seen[0].record_id == ids[1]
    places = [(record.at, record.record_id) for record in seen]
    assert places == sorted(places, reverse=True)
    newest = seen[0].at
    [recent] = zoho.gateway.changed_since("contact", newest + 999, "").records
    assert recent.record_id == ids[1], "a second is as good as its end"
    before = zoho.calls()
    assert zoho.gateway.changed_since("contact", newest + 1_000, "") == Page(())
    assert zoho.calls() == before + 1


def test_a_foreign_page_text_is_bad_input(zoho: ZohoWorld) -> None:
    for ask in (
        lambda: zoho.gateway.changed_since("contact", 0, "x"),
        lambda: zoho.gateway.list_page("contact", "0:1"),
    ):
        with pytest.raises(BadInput):
            ask()


# ------------------------------------------------------------------- fields


def test_absent_and_writable_fields(zoho: ZohoWorld) -> None:
    asked = ["contact_name", "cf_region", "cf_nobody", "shoe_size", "primary_person.email"]
    assert zoho.gateway.absent_fields("contact", asked) == ["cf_nobody", "shoe_size"]
    assert zoho.gateway.absent_fields("contact_person", ["email", "shoe_size"]) == ["shoe_size"]
    assert "email" in zoho.gateway.writable_fields("contact_person")


def test_which_fields_may_be_written(both_books: Both) -> None:
    real, fake = (
        {e: book.gateway.writable_fields(e) for e in ("contact", "contact_person")} for book in both_books
    )
    assert fake == real


def test_a_body_of_a_webhook_is_read_as_far_as_it_goes(zoho: ZohoWorld) -> None:
    [bare] = zoho.gateway.records_of({"contact": {"contact_id": "42"}}, "contact")
    assert (bare.record_id, bare.whole, bare.at) == ("42", False, 0)
    for body in ({"contact": {}}, {"contact": "42"}, {"item": {"item_id": "1"}}):
        with pytest.raises(BadInput):
            zoho.gateway.records_of(body, "contact")
