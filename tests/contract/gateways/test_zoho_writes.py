"""Writes to a Zoho organisation, to the real one and to the one in memory alike."""

from __future__ import annotations

from typing import Any

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.errors import ConfigurationFault, DuplicateKey, Gone, NameTaken, Rejected
from integration.ports import WriteAnswer, WriteRequest
from tests.contract.gateways.sameness import looks
from tests.contract.gateways.zoho_worlds import ZohoWorld
from tests.contract.zoho_parts import ACME, KEY

EVENT = WorkClass.EVENT
UPDATE, PERSON = Operation.UPDATE, "contact_person"
BO = {"first_name": "Bo", "last_name": "Second", "email": "bo@acme.example"}


def test_a_contact_with_persons_is_made_and_answered_whole(zoho: ZohoWorld) -> None:
    before = zoho.calls()
    answer = zoho.create(ACME, key=KEY, children=(BO,))
    assert zoho.calls() - before == 1
    root, primary, second = answer.records
    assert answer.created
    assert answer.record_id == root.record_id
    expected = {name: value for name, value in ACME.items() if value not in (None, "")}
    assert expected.items() <= root.image.items()
    assert root.image["billing_address.state"] is None
    assert root.image["cf_salesforce_id"] == KEY
    assert root.image["primary_person.contact_person_id"] == primary.record_id
    assert (primary.image["is_primary_contact"], second.image["is_primary_contact"]) == (True, False)
    assert (second.entity, second.parent_id, second.image["email"]) == (PERSON, root.record_id, BO["email"])
    assert root.whole
    assert root.at == second.at > 1_600_000_000_000
    assert zoho.read(root.record_id) == answer.records


def test_a_created_contact_looks_the_same_everywhere(both_books: tuple[ZohoWorld, ZohoWorld]) -> None:
    real, fake = (looks(book.create(ACME, key=KEY, children=(BO,)).records) for book in both_books)
    assert fake == real


def test_a_keyed_create_twice_is_one_contact(zoho: ZohoWorld) -> None:
    first = zoho.create({"contact_name": "Solo Ltd"}, key=KEY)
    assert first.created
    again = zoho.create({"contact_name": "Solo Limited"}, key=KEY)
    assert again.record_id == first.record_id
    assert zoho.alive() == ["Solo Limited"]


@pytest.mark.parametrize("renamed", [False, True])
def test_a_create_repeated_after_a_lost_answer_makes_nothing_twice(zoho: ZohoWorld, renamed: bool) -> None:
    """The name is met first, or after a person renamed the record the unique key: both lead to our record."""
    first = zoho.create(ACME, key=KEY, children=(BO,))
    if renamed:
        zoho.edit({"contact_name": "Renamed"}, first.record_id)
    again = zoho.create(ACME, key=KEY, children=(BO,))
    assert not again.created
    assert [record.record_id for record in again.records] == [record.record_id for record in first.records]
    assert zoho.alive() == ["Acme Widgets"]


def test_a_repeated_create_does_not_guess_who_is_who(zoho: ZohoWorld) -> None:
    """Somebody added a person meanwhile: the refusal stands, and the line reads the record it is about."""
    first = zoho.create(ACME, key=KEY)
    zoho.write(Operation.CREATE, PERSON, parent_id=first.record_id, fields={"last_name": "Newcomer"})
    with pytest.raises(NameTaken):
        zoho.create(ACME, key=KEY)
    assert len(zoho.read(first.record_id)) == 3


def test_persons_are_answered_in_the_order_they_were_sent(zoho: ZohoWorld) -> None:
    children = (
        {"last_name": "One"},
        {"last_name": "Two", "is_primary_contact": True},
        {"last_name": "Three", "is_primary_contact": None},
    )
    persons = zoho.create({"contact_name": "Acme"}, key=KEY, children=children).records[1:]
    assert [person.image["last_name"] for person in persons] == ["One", "Two", "Three"]
    assert [person.image["is_primary_contact"] for person in persons] == [False, True, False]


def test_a_name_that_is_somebody_elses_is_told(zoho: ZohoWorld) -> None:
    zoho.create(ACME, key=KEY)
    for fields in (ACME, {"contact_name": "Acme Widgets"}, {"contact_name": " acme WIDGETS"}):
        with pytest.raises(NameTaken) as caught:
            zoho.create(fields, key="001Sb00000000BBBB1")
        assert caught.value.code == "zoho.name_taken"
    other = zoho.create({"contact_name": "Other"})
    with pytest.raises(NameTaken):
        zoho.write(UPDATE, record_id=other.record_id, fields={"contact_name": "Acme Widgets"})
    vendor = zoho.create({"contact_name": "Acme Widgets", "contact_type": "vendor"})
    assert vendor.created, "a vendor may be called like a customer"


def test_a_key_of_another_record_is_told(zoho: ZohoWorld) -> None:
    zoho.create(ACME, key=KEY)
    other = zoho.create({"contact_name": "Other"})
    with pytest.raises(DuplicateKey) as caught:
        zoho.write(UPDATE, record_id=other.record_id, fields={}, key=KEY)
    assert caught.value.code == "zoho.duplicate_key"


def test_rows_fail_by_themselves(zoho: ZohoWorld) -> None:
    zoho.create({"contact_name": "Taken"})
    names = ("One", "Taken", "Two")
    requests = [WriteRequest("contact", Operation.CREATE, fields={"contact_name": name}) for name in names]
    one, taken, two = zoho.gateway.write(requests, EVENT)
    assert (one.fault, two.fault) == (None, None)
    assert isinstance(taken.fault, NameTaken)
    assert zoho.alive() == ["Taken", "One", "Two"]


# ------------------------------------------------------------------- update


def test_an_update_changes_what_it_names_and_leaves_persons_alone(zoho: ZohoWorld) -> None:
    made = zoho.create(ACME, key=KEY, children=({"last_name": "Second"},))
    before = {record.record_id: record.image for record in made.records}
    zoho.next_second()
    fields = {
        "website": None, "cf_region": "", "cf_key_account": False, "payment_terms": 15,
        "billing_address.address": "2 Side Street", "billing_address.city": "Shelbyville",
    }  # fmt: skip
    answer = zoho.write(UPDATE, record_id=made.record_id, fields=fields)
    image = answer.records[0].image
    assert (image["website"], image["cf_region"], image["cf_key_account"]) == (None, None, False)
    assert (image["contact_name"], image["cf_salesforce_id"]) == ("Acme Widgets", KEY)
    assert (image["billing_address.city"], image["billing_address.zip"]) == ("Shelbyville", None)
    assert (answer.created, answer.record_id) == (False, made.record_id)
    assert answer.records[0].at > made.records[0].at
    for person in answer.records[1:]:
        assert person.image == before[person.record_id]


def test_an_update_may_stamp_our_key(zoho: ZohoWorld) -> None:
    made = zoho.create({"contact_name": "Theirs"})
    answer = zoho.write(UPDATE, record_id=made.record_id, fields={"website": "x.example"}, key=KEY)
    assert answer.records[0].image["cf_salesforce_id"] == KEY


def test_status_calls(zoho: ZohoWorld) -> None:
    made = zoho.create({"contact_name": "Acme"})
    answer = zoho.write(Operation.DEACTIVATE, record_id=made.record_id)
    assert answer == WriteAnswer(made.record_id), "it tells no time"
    assert zoho.read(made.record_id)[0].image["status"] == "inactive"
    zoho.write(Operation.ACTIVATE, record_id=made.record_id)
    assert zoho.read(made.record_id)[0].image["status"] == "active"


def test_a_deleted_contact_is_gone(zoho: ZohoWorld) -> None:
    made = zoho.create({"contact_name": "Acme"})
    assert zoho.write(Operation.DELETE, record_id=made.record_id) == WriteAnswer(made.record_id)
    assert zoho.read(made.record_id)[0].deleted
    for operation in (UPDATE, Operation.DELETE, Operation.DEACTIVATE):
        with pytest.raises(Gone) as caught:
            zoho.write(operation, record_id=made.record_id)
        assert caught.value.code == "zoho.gone"


def test_a_contact_with_transactions_stays(zoho: ZohoWorld) -> None:
    made = zoho.create({"contact_name": "Acme"})
    zoho.give_transaction(made.record_id)
    with pytest.raises(Rejected) as caught:
        zoho.write(Operation.DELETE, record_id=made.record_id)
    assert caught.value.code == "zoho.has_transactions"
    assert zoho.alive() == ["Acme"]


def test_persons_go_through_their_own_endpoints(zoho: ZohoWorld) -> None:
    made = zoho.create(ACME)
    parent, ada = made.record_id, made.records[1].record_id
    bo = zoho.write(Operation.CREATE, PERSON, parent_id=parent, fields=BO)
    assert bo == WriteAnswer(bo.record_id, created=True)
    changed = zoho.write(
        UPDATE, PERSON, record_id=bo.record_id, parent_id=parent, fields={"phone": "123 456"}
    )
    assert changed == WriteAnswer(bo.record_id)
    image = zoho.read(parent)[2].image
    assert (image["phone"], image["email"]) == ("123 456", "bo@acme.example")
    zoho.write(Operation.MAKE_PRIMARY, PERSON, record_id=bo.record_id, parent_id=parent)
    root, *persons = zoho.read(parent)
    assert root.image["primary_person.contact_person_id"] == bo.record_id
    assert [person.image["is_primary_contact"] for person in persons] == [False, True]
    zoho.write(Operation.MAKE_PRIMARY, PERSON, record_id=ada, parent_id=parent)
    assert zoho.write(Operation.DELETE, PERSON, record_id=bo.record_id) == WriteAnswer(bo.record_id)
    assert [record.record_id for record in zoho.read(parent)[1:]] == [ada]
    for operation in (UPDATE, Operation.MAKE_PRIMARY, Operation.DELETE):
        with pytest.raises(Gone):
            zoho.write(operation, PERSON, record_id=bo.record_id)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"contact_name": "x" * 201}, "zoho.too_long"),
        ({"contact_name": "A", "payment_terms": "soon"}, "zoho.invalid_value"),
        ({"contact_name": "A", "cf_nobody": "x"}, "zoho.unknown_field"),
        ({"contact_name": "A", "cf_region": "x" * 256}, "zoho.too_long"),
        ({"contact_name": "A", "currency_code": "XTS"}, "zoho.unknown_currency"),
        ({"contact_name": "A", "customer_sub_type": "crowd"}, "zoho.invalid_value"),
        ({"contact_name": "A", "billing_address.zip": "x" * 51}, "zoho.too_long"),
        ({"contact_name": "A", "primary_person.email": "no address"}, "zoho.invalid_value"),
        ({"contact_name": "A", "primary_person.phone": "555 0100"}, "zoho.invalid_value"),
        ({"contact_name": None}, "zoho.invalid_value"),
        ({}, "zoho.invalid_value"),
    ],
)
def test_what_zoho_refuses_is_rejected_with_a_reason(
    zoho: ZohoWorld, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(Rejected) as caught:
        zoho.create(fields)
    assert type(caught.value) is Rejected
    assert caught.value.code == code
    assert "no address" not in repr(caught.value.evidence)
    assert zoho.alive() == []


def test_a_refused_write_leaves_no_trace(zoho: ZohoWorld) -> None:
    made = zoho.create(ACME, key=KEY)
    bad = {"website": "https://new.example", "billing_address.zip": "x" * 51}
    with pytest.raises(Rejected):
        zoho.write(UPDATE, record_id=made.record_id, fields=bad)
    with pytest.raises(Rejected):
        zoho.write(UPDATE, PERSON, record_id=made.records[1].record_id, fields={"email": "no address"})
    assert zoho.read(made.record_id) == made.records


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (WriteRequest("contact", UPDATE, "1", fields={"status": "inactive"}), "zoho.not_writable"),
        (WriteRequest("contact", UPDATE, "1", fields={"shoe_size": "9"}), "zoho.not_writable"),
        (WriteRequest("contact", UPDATE, "1", fields={"primary_person.email": "a"}), "zoho.not_writable"),
        (WriteRequest("contact", UPDATE, "", fields={"website": "a"}), "zoho.no_record"),
        (WriteRequest("contact", UPDATE, "x", fields={"website": "a"}), "zoho.no_record"),
        (WriteRequest("contact", Operation.FIND), "zoho.no_such_write"),
        (WriteRequest("item", Operation.CREATE), "zoho.no_such_write"),
        (WriteRequest(PERSON, Operation.CREATE, fields={"email": "a"}), "zoho.no_parent"),
        (WriteRequest(PERSON, UPDATE, "1", fields={"cf_x": "a"}), "zoho.not_writable"),
    ],
)
def test_what_no_call_exists_for_is_a_fault_of_configuration(
    zoho: ZohoWorld, request_: WriteRequest, code: str
) -> None:
    [answer] = zoho.gateway.write([request_], EVENT)
    assert isinstance(answer.fault, ConfigurationFault)
    assert answer.fault.code == code
    assert zoho.calls() == 0
