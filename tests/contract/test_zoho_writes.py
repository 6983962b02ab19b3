"""The Zoho gateway against the stand-in: what it writes and how it is answered."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import Operation
from integration.connectors.zoho.config import Dialect
from integration.errors import ConfigurationFault, DuplicateKey, Gone, NameTaken, Rejected
from integration.ports import WriteRequest
from tests.contract.sandbox_process import Sandbox
from tests.contract.zoho_parts import (
    ACME,
    EVENT,
    KEY,
    Connected,
    Connector,
    connect,
    plain,
    plain_process,
    zoho,
)

__all__ = ["connect", "plain", "plain_process", "zoho"]  # fixtures

pytestmark = pytest.mark.redis


def test_a_contact_with_persons_is_made_in_one_call_and_answered_whole(zoho: Connected) -> None:
    children = ({"first_name": "Bo", "last_name": "Second", "email": "bo@acme.example"},)
    zoho.gateway.probe()
    before = len(zoho.api_calls())
    zoho.gateway.currency_codes()
    answer = zoho.create(ACME, key=KEY, children=children)
    assert zoho.api_calls()[before:] == [("GET", "/settings/currencies"), ("POST", "/contacts")]
    assert answer.created
    root, primary, second = answer.records
    assert root.record_id == answer.record_id
    expected = {name: value for name, value in ACME.items() if value not in (None, "")}
    assert expected.items() <= root.image.items()
    assert root.image["billing_address.state"] is None
    assert root.image["cf_salesforce_id"] == KEY
    assert root.image["primary_person.contact_person_id"] == primary.record_id
    assert (primary.image["is_primary_contact"], second.image["is_primary_contact"]) == (True, False)
    assert (second.entity, second.parent_id) == ("contact_person", root.record_id)
    assert second.image["email"] == "bo@acme.example"
    assert root.whole
    assert root.at == second.at > 1_600_000_000_000
    assert zoho.read(root.record_id) == answer.records


def test_a_contact_without_persons_is_upserted_by_key(zoho: Connected) -> None:
    first = zoho.create({"contact_name": "Solo Ltd"}, key=KEY)
    assert first.created
    again = zoho.create({"contact_name": "Solo Limited"}, key=KEY)
    assert again.record_id == first.record_id
    assert [row["contact_name"] for row in zoho.sandbox.records("zoho", "contact")] == ["Solo Limited"]
    assert set(zoho.api_calls()[2:]) == {("PUT", "/contacts")}


@pytest.mark.parametrize("renamed", [False, True])
def test_a_create_repeated_after_a_lost_answer_makes_nothing_twice(zoho: Connected, renamed: bool) -> None:
    """The name is met first, or after a person renamed the record the unique key: both lead to our record."""
    first = zoho.create(ACME, key=KEY)
    if renamed:
        zoho.sandbox.edit("zoho", "contact", {"contact_name": "Renamed"}, first.record_id)
    person_ids = [record.record_id for record in first.records[1:]]
    again = zoho.create(ACME, key=KEY)
    assert again.record_id == first.record_id
    assert not again.created
    assert [record.record_id for record in again.records[1:]] == person_ids, "persons were made anew"
    assert len(zoho.sandbox.records("zoho", "contact")) == 1


def test_a_repeated_create_does_not_guess_who_is_who(zoho: Connected) -> None:
    """Somebody added a person meanwhile: the refusal stands, and the line reads the record it is about."""
    first = zoho.create(ACME, key=KEY)
    zoho.write(
        Operation.CREATE, "contact_person", parent_id=first.record_id, fields={"last_name": "Newcomer"}
    )
    with pytest.raises(NameTaken):
        zoho.create(ACME, key=KEY)
    assert len(zoho.read(first.record_id)) == 3


def test_persons_are_answered_in_the_order_they_were_sent(zoho: Connected) -> None:
    children = (
        {"last_name": "One"},
        {"last_name": "Two", "is_primary_contact": True},
        {"last_name": "Three", "is_primary_contact": None},
    )
    answer = zoho.create({"contact_name": "Acme"}, key=KEY, children=children)
    persons = answer.records[1:]
    assert [person.image["last_name"] for person in persons] == ["One", "Two", "Three"]
    assert [person.image["is_primary_contact"] for person in persons] == [False, True, False]


def test_a_name_that_is_somebody_elses_is_told(zoho: Connected) -> None:
    zoho.create(ACME, key=KEY)
    with pytest.raises(NameTaken):
        zoho.create(ACME, key="001Sb00000000BBBB1")
    with pytest.raises(NameTaken):
        zoho.create({"contact_name": "Acme Widgets"}, key="001Sb00000000BBBB1")
    other = zoho.create({"contact_name": "Other"})
    with pytest.raises(NameTaken):
        zoho.write(Operation.UPDATE, record_id=other.record_id, fields={"contact_name": "Acme Widgets"})


def test_a_key_of_another_record_is_told(zoho: Connected) -> None:
    zoho.create(ACME, key=KEY)
    other = zoho.create({"contact_name": "Other"})
    with pytest.raises(DuplicateKey):
        zoho.write(Operation.UPDATE, record_id=other.record_id, fields={}, key=KEY)


def test_without_the_capability_a_create_is_a_post(plain: Connected) -> None:
    assert plain.gateway.probe() is False
    answer = plain.create({"contact_name": "Solo Ltd"}, key=KEY)
    assert answer.created
    assert plain.api_calls()[-1] == ("POST", "/contacts")
    assert answer.records[0].image["cf_salesforce_id"] == KEY
    with pytest.raises(Rejected):
        plain.create({"contact_name": "Solo Limited"}, key=KEY)
    assert len(plain.sandbox.records("zoho", "contact")) == 1


def test_the_probe_asks_once_and_changes_nothing(zoho: Connected) -> None:
    assert [zoho.gateway.probe() for _ in range(3)] == [True] * 3
    assert zoho.api_calls() == [("GET", "/settings/fields"), ("PUT", "/contacts")]
    assert zoho.sandbox.records("zoho", "contact") == []


def test_whether_a_create_is_keyed_is_known_without_a_call(zoho: Connected) -> None:
    assert not zoho.gateway.keyed("contact")
    assert zoho.api_calls() == []
    zoho.find(name="Acme")
    assert zoho.gateway.keyed("contact")
    assert not zoho.gateway.keyed("contact_person")


def test_the_probe_wants_a_unique_field(sandbox: Sandbox, connect: Connector) -> None:
    zoho = connect(sandbox, key_field="cf_region")
    assert zoho.gateway.probe() is False
    assert zoho.api_calls() == [("GET", "/settings/fields")]


def test_the_dialect_may_settle_the_capability(sandbox: Sandbox, connect: Connector) -> None:
    for told in ("yes", "no"):
        zoho = connect(sandbox, dialect=Dialect(keyed_upsert=told))
        assert zoho.gateway.probe() is (told == "yes")
        assert zoho.api_calls() == []


# ------------------------------------------------------------------- update


def test_an_update_changes_what_it_names_and_leaves_persons_alone(zoho: Connected) -> None:
    made = zoho.create(ACME, key=KEY, children=({"last_name": "Second"},))
    before = {record.record_id: record.image for record in made.records}
    fields = {
        "website": None, "cf_region": "", "cf_key_account": False, "payment_terms": 15,
        "billing_address.address": "2 Side Street", "billing_address.city": "Shelbyville",
        "billing_address.zip": "01102", "billing_address.country": "U.S.A.",
    }  # fmt: skip
    answer = zoho.write(Operation.UPDATE, record_id=made.record_id, fields=fields)
    image = answer.records[0].image
    assert (image["website"], image["cf_region"], image["cf_key_account"]) == (None, None, False)
    assert image["billing_address.city"] == "Shelbyville"
    assert image["contact_name"] == "Acme Widgets"
    assert image["cf_salesforce_id"] == KEY
    assert not answer.created
    for person in answer.records[1:]:
        assert person.image == before[person.record_id]


def test_an_update_may_stamp_our_key(zoho: Connected) -> None:
    made = zoho.create({"contact_name": "Theirs"})
    answer = zoho.write(Operation.UPDATE, record_id=made.record_id, fields={"website": "x.example"}, key=KEY)
    assert answer.records[0].image["cf_salesforce_id"] == KEY


def test_status_calls(zoho: Connected) -> None:
    made = zoho.create({"contact_name": "Acme"})
    answer = zoho.write(Operation.DEACTIVATE, record_id=made.record_id)
    assert answer.records == (), "it tells no time"
    assert zoho.read(made.record_id)[0].image["status"] == "inactive"
    zoho.write(Operation.ACTIVATE, record_id=made.record_id)
    assert zoho.read(made.record_id)[0].image["status"] == "active"


def test_a_deleted_contact_is_gone(zoho: Connected) -> None:
    made = zoho.create({"contact_name": "Acme"})
    assert zoho.write(Operation.DELETE, record_id=made.record_id).record_id == made.record_id
    [gone] = zoho.read(made.record_id)
    assert gone.deleted
    with pytest.raises(Gone):
        zoho.write(Operation.UPDATE, record_id=made.record_id, fields={"website": "x.example"})


def test_a_contact_with_transactions_stays(zoho: Connected) -> None:
    made = zoho.create({"contact_name": "Acme"})
    assert zoho.gateway.open_documents(made.record_id) is False
    zoho.sandbox.edit("zoho", "contact", {"has_transaction": True}, made.record_id)
    assert zoho.gateway.open_documents(made.record_id) is True
    with pytest.raises(Rejected) as caught:
        zoho.write(Operation.DELETE, record_id=made.record_id)
    assert caught.value.code == "zoho.has_transactions"
    with pytest.raises(Gone):
        zoho.gateway.open_documents("999")


def test_persons_go_through_their_own_endpoints(zoho: Connected) -> None:
    made = zoho.create(ACME)
    parent = made.record_id
    bo = zoho.write(
        Operation.CREATE,
        "contact_person",
        parent_id=parent,
        fields={"first_name": "Bo", "email": "bo@acme.example"},
    )
    assert bo.created
    answer = zoho.write(
        Operation.UPDATE,
        "contact_person",
        record_id=bo.record_id,
        parent_id=parent,
        fields={"phone": "123 456"},
    )
    assert (answer.record_id, answer.records) == (bo.record_id, ())
    image = zoho.read(parent)[2].image
    assert (image["phone"], image["email"]) == ("123 456", "bo@acme.example")
    zoho.write(Operation.MAKE_PRIMARY, "contact_person", record_id=bo.record_id, parent_id=parent)
    root, *persons = zoho.read(parent)
    assert root.image["primary_person.contact_person_id"] == bo.record_id
    assert len(persons) == 2
    zoho.write(
        Operation.MAKE_PRIMARY, "contact_person", record_id=made.records[1].record_id, parent_id=parent
    )
    zoho.write(Operation.DELETE, "contact_person", record_id=bo.record_id, parent_id=parent)
    assert [record.record_id for record in zoho.read(parent)[1:]] == [made.records[1].record_id]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"contact_name": "x" * 201}, "zoho.too_long"),
        ({"contact_name": "A", "payment_terms": "soon"}, "zoho.invalid_value"),
        ({"contact_name": "A", "cf_nobody": "x"}, "zoho.unknown_field"),
        ({"contact_name": "A", "currency_code": "XTS"}, "zoho.unknown_currency"),
        ({"contact_name": "A", "primary_person.email": "no address"}, "zoho.invalid_value"),
        ({"contact_name": None}, "zoho.invalid_value"),
    ],
)
def test_what_zoho_refuses_is_rejected_with_a_reason(
    zoho: Connected, fields: dict[str, str], code: str
) -> None:
    with pytest.raises(Rejected) as caught:
        zoho.create(fields)
    assert caught.value.code == code
    assert "no address" not in repr(caught.value.evidence)
    assert zoho.sandbox.records("zoho", "contact") == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (WriteRequest("contact", Operation.UPDATE, "1", fields={"status": "inactive"}), "zoho.not_writable"),
        (
            WriteRequest("contact", Operation.UPDATE, "1", fields={"primary_person.email": "a"}),
            "zoho.not_writable",
        ),
        (WriteRequest("contact", Operation.UPDATE, "", fields={"website": "a"}), "zoho.no_record"),
        (WriteRequest("contact", Operation.FIND), "zoho.no_such_write"),
        (WriteRequest("item", Operation.CREATE), "zoho.no_such_write"),
        (WriteRequest("contact_person", Operation.CREATE, fields={"email": "a"}), "zoho.no_parent"),
        (WriteRequest("contact_person", Operation.UPDATE, "1", fields={"cf_x": "a"}), "zoho.not_writable"),
    ],
)
def test_what_no_call_exists_for_is_a_fault_of_configuration(
    zoho: Connected, request_: WriteRequest, code: str
) -> None:
    [answer] = zoho.gateway.write([request_], EVENT)
    assert isinstance(answer.fault, ConfigurationFault)
    assert answer.fault.code == code
    assert zoho.api_calls() == []
