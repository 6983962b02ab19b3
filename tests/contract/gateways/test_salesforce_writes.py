"""Writes to a Salesforce org, to the real one and to the one in memory alike."""

from __future__ import annotations

from typing import Any

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json
from integration.errors import DuplicateKey, Fault, Gone, Rejected
from integration.ports import ReadRequest, WriteAnswer, WriteRequest
from tests.contract.gateways.salesforce_worlds import SalesforceWorld

EVENT = WorkClass.EVENT
CREATE, UPDATE, DELETE = Operation.CREATE, Operation.UPDATE, Operation.DELETE
NOBODY = "001000000999999AAA"


def create(key: str, entity: str = "Account", **fields: Any) -> WriteRequest:
    named = {"Name": f"Mill {key}"} if entity == "Account" else {"LastName": f"Ferry {key}"}
    return WriteRequest(entity, CREATE, fields=named | fields, key=key)


def update(record_id: str, key: str = "", **fields: Any) -> WriteRequest:
    return WriteRequest("Account", UPDATE, record_id, fields=fields, key=key)


def write(org: SalesforceWorld, *requests: WriteRequest) -> list[WriteAnswer]:
    return org.gateway.write(requests, EVENT)


def shown(org: SalesforceWorld, record_id: str, entity: str = "Account") -> dict[str, Json]:
    [answer] = org.gateway.read([ReadRequest(entity, record_id)], EVENT)
    return dict(answer.records[0].image)


def test_create_by_key_twice_is_one_record(org: SalesforceWorld) -> None:
    [first] = write(org, create("900/ä?#", Name="First"))
    [again] = write(org, create("900/ä?#", Name="Again"))
    assert (first.created, again.created) == (True, False)
    assert first == WriteAnswer(again.record_id, created=True), "ids are answered, never records"
    image = shown(org, again.record_id)
    assert (image["Name"], image["Zoho_Id__c"]) == ("Again", "900/ä?#")
    assert org.alive("Account") == 1


def test_the_key_among_the_fields_does_no_harm(org: SalesforceWorld) -> None:
    [answer] = write(org, create("901", Zoho_Id__c="901"))
    assert answer.fault is None
    assert shown(org, answer.record_id)["Zoho_Id__c"] == "901"


def test_create_without_a_key(org: SalesforceWorld) -> None:
    [answer] = write(org, WriteRequest("Account", CREATE, fields={"Name": "Keyless"}))
    assert answer.created
    assert shown(org, answer.record_id)["Zoho_Id__c"] is None


def test_values_of_every_kind_arrive(org: SalesforceWorld) -> None:
    sent = {
        "Phone": None, "Is_Active__c": False, "NumberOfEmployees": 7, "BillingLatitude": {"$decimal": "53.740"},
        "AnnualRevenue": {"$decimal": "1000000.00"}, "BillingStreet": "1 Quay\nDock 3", "BillingCity": " Hull  ",
        "BillingState": "", "Description": "שלום 🌊", "Fax": "   ",
    }  # fmt: skip
    [made] = write(org, create("902", **sent))
    image = shown(org, made.record_id)
    assert {name: image[name] for name in sent} == {
        **sent, "BillingLatitude": {"$decimal": "53.74"}, "AnnualRevenue": 1000000, "BillingCity": "Hull",
        "BillingState": None, "Fax": None,
    }  # fmt: skip
    under = {"AccountId": made.record_id, "Birthdate": {"$date": "1980-02-29"}}
    person = WriteRequest(
        "Contact", CREATE, key="903", parent_id=made.record_id, fields={"LastName": "Ferry", **under}
    )
    [child] = write(org, person)
    assert shown(org, child.record_id, "Contact")["Birthdate"] == "1980-02-29"
    [account] = org.gateway.read([ReadRequest("Account", made.record_id)], EVENT)
    assert account.records[1].parent_id == made.record_id


def test_an_update_blanks_and_stamps_and_leaves_the_rest(org: SalesforceWorld) -> None:
    account = org.account("Old", Phone="1", Fax="2")
    [answer] = write(org, update(account, "904", Name="New", Phone=None))
    image = shown(org, account)
    assert answer == WriteAnswer(account)
    assert (image["Name"], image["Phone"], image["Fax"], image["Zoho_Id__c"]) == ("New", None, "2", "904")


def test_status_is_a_checkbox_like_any_other(org: SalesforceWorld) -> None:
    account = org.account()
    for operation, active in ((Operation.DEACTIVATE, False), (Operation.ACTIVATE, True)):
        fields: dict[str, Json] = {"Is_Active__c": active}
        assert write(org, WriteRequest("Account", operation, account, fields=fields)) == [
            WriteAnswer(account)
        ]
        assert shown(org, account)["Is_Active__c"] is active


def test_two_hundred_rows_are_one_call(org: SalesforceWorld) -> None:
    write(org, create("0"))
    before = org.calls()
    answers = write(org, *(create(str(n)) for n in range(1, 201)))
    assert all(answer.created and answer.fault is None for answer in answers)
    assert org.calls() - before == 1
    more = write(org, *(update(answer.record_id, Fax="1") for answer in [*answers, *write(org, create("0"))]))
    assert [answer.fault for answer in more] == [None] * 201
    assert org.calls() - before == 4


def test_rows_fail_alone_and_keep_their_places(org: SalesforceWorld) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"Name": None}, "required_field_missing"),
        ({"Name": "x" * 256}, "string_too_long"),
        ({"Nope__c": "x"}, "invalid_field"),
        ({"BillingCity": "y" * 41}, "string_too_long"),
    ]
    rows = [create(f"b{n}", **fields) for n, (fields, _) in enumerate(bad)]
    answers = write(org, create("1"), *rows, create("2"))
    assert [answers[0].fault, answers[-1].fault] == [None, None]
    for answer, (fields, code) in zip(answers[1:-1], bad, strict=True):
        assert type(answer.fault) is Rejected
        assert answer.fault.code == f"salesforce.{code}"
        assert answer.record_id == ""
        assert "xxx" not in f"{answer.fault} {answer.fault.evidence} {answer.fault.advice}"
        if code != "invalid_field":
            assert answer.fault.evidence["fields"] == [*fields]
    assert org.alive("Account") == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"LastName": None}, "required_field_missing"),
        ({"Email": "no address"}, "invalid_email_address"),
        ({"FirstName": "x" * 41}, "string_too_long"),
        ({"Is_Active__c": None}, "invalid_type_on_field_in_record"),
        ({"LastName": 7}, "json_parser_error"),
        ({"AccountId": NOBODY}, "invalid_cross_reference_key"),
        ({"AccountId": "nonsense"}, "malformed_id"),
        ({"Name": "Computed"}, "invalid_field_for_insert_update"),
    ],
)
def test_what_an_org_refuses(org: SalesforceWorld, fields: dict[str, Any], code: str) -> None:
    [answer] = write(org, create("1", "Contact", **fields))
    assert type(answer.fault) is Rejected
    assert answer.fault.code == f"salesforce.{code}"
    assert org.alive("Contact") == 0


def test_a_contact_under_a_deleted_account(org: SalesforceWorld) -> None:
    account = org.account()
    org.delete("Account", account)
    [answer] = write(org, create("1", "Contact", AccountId=account))
    assert isinstance(answer.fault, Gone)
    assert answer.fault.code == "salesforce.entity_is_deleted"


def test_one_key_twice_in_a_batch_is_written_in_turn(org: SalesforceWorld) -> None:
    first, other, second = write(org, create("5", Name="First"), create("6"), create("5", Name="Second"))
    assert first.record_id == second.record_id != other.record_id
    assert shown(org, first.record_id)["Name"] == "Second"
    updates = [update(first.record_id, Name=name) for name in ("A", "B", "C")]
    assert [answer.fault for answer in write(org, *updates)] == [None] * 3
    assert shown(org, first.record_id)["Name"] == "C"


def test_writing_to_a_record_that_is_gone(org: SalesforceWorld) -> None:
    gone, alive = org.account("Gone"), org.account("Alive")
    org.delete("Account", gone)
    [single] = write(org, update(gone, Fax="1"))
    first, never, second = write(org, *(update(wanted, Fax="1") for wanted in (gone, NOBODY, alive)))
    for answer in (single, first):
        assert isinstance(answer.fault, Gone)
        assert (answer.fault.code, answer.record_id) == ("salesforce.entity_is_deleted", gone)
    assert isinstance(never.fault, Rejected)
    assert never.fault.code == "salesforce.invalid_cross_reference_key"
    assert second == WriteAnswer(alive)


def test_deleting_twice_is_a_success(org: SalesforceWorld) -> None:
    made = [org.account(f"Mill {n}") for n in range(3)]
    for wanted in (made[:1], made[:1], made):
        requests = [WriteRequest("Account", DELETE, record_id) for record_id in wanted]
        assert write(org, *requests) == [WriteAnswer(record_id) for record_id in wanted]
    assert org.alive("Account") == 0


def test_a_value_that_must_be_unique_names_its_owner(org: SalesforceWorld) -> None:
    owner, other = org.account("Owner", Zoho_Id__c="77"), org.account("Other")
    for request in (update(other, Zoho_Id__c="77"), update(other, "77")):
        [answer] = write(org, request)
        assert isinstance(answer.fault, DuplicateKey)
        assert answer.fault.code == "salesforce.duplicate_value"
        assert answer.fault.evidence["record_id"] == owner
        assert answer.fault.evidence["fields"] == ["Zoho_Id__c"]


def test_a_key_whose_record_was_deleted_is_free(org: SalesforceWorld) -> None:
    [first] = write(org, create("78"))
    org.delete("Account", first.record_id)
    [again] = write(org, create("78"))
    assert again.created
    assert again.record_id != first.record_id


def test_what_no_flow_may_ask(org: SalesforceWorld) -> None:
    with pytest.raises(ValueError, match="no operation"):
        write(org, WriteRequest("Account", Operation.FIND))
    with pytest.raises(ValueError, match="one by one"):
        write(org, WriteRequest("Account", CREATE, children=({"LastName": "x"},)))
    [answer] = write(org, update("../../limits", Name="x"))
    assert isinstance(answer.fault, Fault)
    assert answer.fault.code == "salesforce.malformed_id"
    assert org.calls() == 0
