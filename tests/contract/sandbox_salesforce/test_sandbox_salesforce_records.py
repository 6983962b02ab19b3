"""Single records through simple-salesforce: every success code and error body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from integration.sandbox.salesforce.ids import to_long
from tests.contract.sandbox_salesforce.running_org import Running

UNKNOWN_ACCOUNT = str(to_long("001Sb0000zzzzzz"))


def refused(call: Callable[[], Any]) -> tuple[int, dict[str, Any]]:
    """HTTP status and the one error of the answer's array."""
    with pytest.raises(SalesforceError) as raised:
        call()
    content = raised.value.content
    assert isinstance(content, list), content
    (entry,) = content
    return raised.value.status, entry


def test_create_read_update_delete(org: Running) -> None:
    accounts = org.client().Account
    made = accounts.create({"Name": "Acme Ltd", "BillingStreet": "1 High St", "BillingCity": "Leeds"})
    assert made["success"] is True
    assert made["errors"] == []
    record_id = made["id"]
    assert to_long(record_id) == record_id
    record = accounts.get(record_id)
    assert record["attributes"] == {
        "type": "Account",
        "url": f"/services/data/v61.0/sobjects/Account/{record_id}",
    }
    assert record["BillingAddress"]["street"] == "1 High St"
    assert record["BillingStreet"] == "1 High St"
    assert record["ShippingAddress"] is None
    assert record["Is_Active__c"] is True
    assert record["OwnerId"] == record["CreatedById"] == org.org.integration_user
    assert record["LastModifiedDate"].endswith(".000+0000")
    assert accounts.update(record_id[:15], {"Name": " New  name ", "BillingCity": ""}) == 204
    changed = accounts.get(record_id)
    assert changed["Name"] == "New  name"
    assert changed["BillingCity"] is None
    assert accounts.delete(record_id) == 204
    assert refused(lambda: accounts.get(record_id)) == (
        404,
        {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []},
    )


def test_chosen_fields(org: Running) -> None:
    client = org.client()
    record_id = client.Account.create({"Name": "A", "AnnualRevenue": 1200.4})["id"]
    found = client.restful(f"sobjects/Account/{record_id}", params={"fields": "name,AnnualRevenue"})
    assert {k: v for k, v in found.items() if k != "attributes"} == {
        "Name": "A",
        "AnnualRevenue": 1200.0,
        "Id": record_id,
    }
    status, entry = refused(
        lambda: client.restful(f"sobjects/Account/{record_id}", params={"fields": "Nope"})
    )
    assert (status, entry["errorCode"]) == (400, "INVALID_FIELD")


def test_contact_name_follows_its_parts(org: Running) -> None:
    contacts = org.client().Contact
    record_id = contacts.create({"FirstName": "Ada", "LastName": "Lovelace"})["id"]
    assert contacts.get(record_id)["Name"] == "Ada Lovelace"
    contacts.update(record_id, {"FirstName": None})
    assert contacts.get(record_id)["Name"] == "Lovelace"
    status, entry = refused(lambda: contacts.update(record_id, {"Name": "Other"}))
    assert (status, entry["errorCode"], entry["fields"]) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Name"])


def test_the_time_stamp_moves_and_the_creation_does_not(org: Running) -> None:
    accounts = org.client().Account
    record_id = accounts.create({"Name": "A"})["id"]
    before = accounts.get(record_id)
    org.clock.step(seconds=5)
    accounts.update(record_id, {"Name": "A"})
    after = accounts.get(record_id)
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["CreatedDate"] == before["CreatedDate"]


def test_times_may_carry_milliseconds(start: Callable[..., Running]) -> None:
    org = start(audit_times_in_milliseconds=True)
    stamps = {
        org.do(lambda: org.org.edit("Account", None, {"Name": "A"}))["SystemModstamp"] for _ in range(5)
    }
    assert any(not stamp.endswith(".000+0000") for stamp in stamps)


@pytest.mark.parametrize(
    ("fields", "code", "message", "named"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
        ({"Name": "  "}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
        (
            {"Name": "x" * 256},
            "STRING_TOO_LONG",
            f"Account Name: data value too large: {'x' * 256} (max length=255)",
            ["Name"],
        ),
        (
            {"Name": "A", "Nope__c": 1},
            "INVALID_FIELD",
            "No such column 'Nope__c' on sobject of type Account",
            None,
        ),
        (
            {"Name": "A", "NumberOfEmployees": 10**9},
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Employees: value outside of valid range on numeric field: 1000000000",
            ["NumberOfEmployees"],
        ),
        (
            {"Name": "A", "CleanStatus": "Spotless"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Clean Status: bad value for restricted picklist field: Spotless",
            ["CleanStatus"],
        ),
        (
            {"Name": "A", "ParentId": UNKNOWN_ACCOUNT},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            ["ParentId"],
        ),
        (
            {"Name": "A", "ParentId": "nonsense"},
            "MALFORMED_ID",
            "Parent Account ID: id value of incorrect type: nonsense",
            ["ParentId"],
        ),
    ],
)
def test_refused_creates(
    org: Running, fields: dict[str, Any], code: str, message: str, named: list[str] | None
) -> None:
    status, entry = refused(lambda: org.client().Account.create(fields))
    assert status == 400
    expected: dict[str, Any] = {"message": message, "errorCode": code}
    assert entry == (expected if named is None else {**expected, "fields": named})
    assert org.do(org.org.counts)["Account"] == {"alive": 0, "deleted": 0}


@pytest.mark.parametrize("value", [5, True, {"a": 1}, ["x"]])
def test_json_of_the_wrong_kind(org: Running, value: Any) -> None:
    status, entry = refused(lambda: org.client().Account.create({"Name": value}))
    assert (status, entry["errorCode"]) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("address", ["no at", "a@b", "a b@c.de", "a@b..de", "@c.de", "a@@c.de"])
def test_bad_email_addresses(org: Running, address: str) -> None:
    status, entry = refused(lambda: org.client().Contact.create({"LastName": "A", "Email": address}))
    assert (status, entry) == (
        400,
        {
            "message": f"Email: invalid email address: {address}",
            "errorCode": "INVALID_EMAIL_ADDRESS",
            "fields": ["Email"],
        },
    )


def test_an_open_picklist_takes_any_value_and_a_restricted_one_does_not(org: Running) -> None:
    accounts = org.client().Account
    record_id = accounts.create({"Name": "A", "Industry": "Space mining"})["id"]
    assert accounts.get(record_id)["Industry"] == "Space mining"


@pytest.mark.parametrize(
    "text", ["Ελλάδα 🎉", "שלום עולם", "名前" * 120, "a\tb", 'quote " and \\ back', "O'Neil"]
)
def test_text_of_any_script_comes_back_as_it_went(org: Running, text: str) -> None:
    accounts = org.client().Account
    assert accounts.get(accounts.create({"Name": text})["id"])["Name"] == text


def test_addressing_a_record(org: Running) -> None:
    client = org.client()
    contact = client.Contact.create({"LastName": "A"})["id"]
    status, entry = refused(lambda: client.Account.get(UNKNOWN_ACCOUNT))
    assert (status, entry["errorCode"]) == (404, "NOT_FOUND")
    status, entry = refused(lambda: client.Account.update(UNKNOWN_ACCOUNT, {"Name": "A"}))
    assert (status, entry["errorCode"]) == (404, "INVALID_CROSS_REFERENCE_KEY")
    status, entry = refused(lambda: client.Account.get("not-an-id"))
    assert (status, entry["message"]) == (
        404,
        "Provided external ID field does not exist or is not accessible: not-an-id",
    )
    status, entry = refused(lambda: client.Account.get(contact))
    assert (status, entry) == (
        400,
        {
            "message": f"Account ID: id value of incorrect type: {contact}",
            "errorCode": "MALFORMED_ID",
            "fields": ["Id"],
        },
    )


def test_writing_to_a_deleted_record(org: Running) -> None:
    accounts = org.client().Account
    record_id = accounts.create({"Name": "A"})["id"]
    accounts.delete(record_id)
    for call in (lambda: accounts.update(record_id, {"Name": "B"}), lambda: accounts.delete(record_id)):
        status, entry = refused(call)
        assert (status, entry["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_look_ups_are_checked(org: Running) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    person = client.Contact.create({"LastName": "P", "AccountId": account})["id"]
    status, entry = refused(lambda: client.Contact.create({"LastName": "Q", "AccountId": person}))
    assert (status, entry["errorCode"]) == (400, "FIELD_INTEGRITY_EXCEPTION")
    client.Account.delete(account)
    status, entry = refused(lambda: client.Contact.create({"LastName": "Q", "AccountId": account}))
    assert (status, entry["errorCode"]) == (400, "ENTITY_IS_DELETED")


def test_a_parent_by_its_external_id(org: Running) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A", "Zoho_Id__c": "77"})["id"]
    person = client.Contact.create({"LastName": "P", "Account": {"Zoho_Id__c": "77"}})["id"]
    assert client.Contact.get(person)["AccountId"] == account
    status, entry = refused(lambda: client.Contact.create({"LastName": "P", "Account": {"Zoho_Id__c": "78"}}))
    assert (status, entry["errorCode"]) == (400, "INVALID_FIELD")


def test_unique_external_ids_ignore_case(org: Running) -> None:
    accounts = org.client().Account
    first = accounts.create({"Name": "A", "Zoho_Id__c": "Key"})["id"]
    status, entry = refused(lambda: accounts.create({"Name": "B", "Zoho_Id__c": "kEY"}))
    message = f"duplicate value found: Zoho_Id__c duplicates value on record with id: {first[:15]}"
    assert (status, entry["errorCode"], entry["message"]) == (400, "DUPLICATE_VALUE", message)
    accounts.delete(first)
    assert accounts.create({"Name": "B", "Zoho_Id__c": "kEY"})["success"] is True


def test_upsert_creates_then_updates(org: Running) -> None:
    accounts = org.client().Account
    first = accounts.upsert("Zoho_Id__c/460000000026049", {"Name": "A"}, raw_response=True)
    assert (first.status_code, first.json()["created"]) == (201, True)
    second = accounts.upsert("Zoho_Id__c/460000000026049", {"Name": "B"}, raw_response=True)
    assert (second.status_code, second.json()) == (
        200,
        {"id": first.json()["id"], "success": True, "errors": [], "created": False},
    )
    assert accounts.get_by_custom_id("Zoho_Id__c", "460000000026049")["Name"] == "B"


def test_old_versions_answer_an_updating_upsert_without_body(org: Running) -> None:
    accounts = org.client(version="45.0").Account
    assert accounts.upsert("Zoho_Id__c/1", {"Name": "A"}) == 201
    second = accounts.upsert("Zoho_Id__c/1", {"Name": "B"}, raw_response=True)
    assert (second.status_code, second.content) == (204, b"")


@pytest.mark.parametrize(
    ("quoted", "value"), [("a%2Fb%20c", "a/b c"), ("50%25%23%3F", "50%#?"), ("%C3%A4", "ä")]
)
def test_upsert_keys_travel_percent_encoded(org: Running, quoted: str, value: str) -> None:
    accounts = org.client().Account
    assert accounts.upsert(f"Zoho_Id__c/{quoted}", {"Name": "A"}) == 201
    assert accounts.upsert(f"Zoho_Id__c/{quoted}", {"Name": "A"}) == 200
    (record,) = org.do(lambda: org.org.records("Account"))
    assert record["Zoho_Id__c"] == value


def test_refused_upserts(org: Running) -> None:
    accounts = org.client().Account
    status, entry = refused(lambda: accounts.upsert("Phone/1", {"Name": "A"}))
    assert (status, entry["errorCode"]) == (404, "NOT_FOUND")
    status, entry = refused(lambda: accounts.upsert("Zoho_Id__c/1", {"Name": "A", "Zoho_Id__c": "1"}))
    assert (status, entry["errorCode"], entry["fields"]) == (400, "INVALID_FIELD", ["Zoho_Id__c"])
    status, entry = refused(lambda: accounts.upsert("Zoho_Id__c/1?updateOnly=true", {"Name": "A"}))
    assert (status, entry["errorCode"]) == (404, "NOT_FOUND")
    status, entry = refused(lambda: accounts.upsert("Zoho_Id__c/" + "9" * 256, {"Name": "A"}))
    assert (status, entry["errorCode"]) == (400, "STRING_TOO_LONG")


def test_several_matches_write_nothing(start: Callable[..., Running]) -> None:
    legacy = {
        "name": "Account",
        "fields": [{"name": "Old__c", "type": "string", "length": 20, "external_id": True}],
    }
    org = start(definitions=(legacy,))
    accounts = org.client().Account
    made = [accounts.create({"Name": "A", "Old__c": "7"})["id"] for _ in range(2)]
    with pytest.raises(SalesforceMoreThanOneRecord) as raised:
        accounts.upsert("Old__c/7", {"Name": "B"})
    assert raised.value.content == [
        f"/services/data/v61.0/sobjects/Account/{record_id}" for record_id in made
    ]
    assert {accounts.get(record_id)["Name"] for record_id in made} == {"A"}


def test_deleting_an_account_takes_its_contacts_and_bringing_it_back_too(org: Running) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    gone_before = client.Contact.create({"LastName": "Old", "AccountId": account})["id"]
    person = client.Contact.create({"LastName": "P", "AccountId": account})["id"]
    client.Contact.delete(gone_before)
    client.Account.delete(account)
    with pytest.raises(SalesforceResourceNotFound):
        client.Contact.get(person)
    org.do(lambda: org.org.undelete("Account", account))
    assert client.Contact.get(person)["AccountId"] == account
    with pytest.raises(SalesforceResourceNotFound):
        client.Contact.get(gone_before)


def test_a_contact_may_come_back_without_its_account(org: Running) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    person = client.Contact.create({"LastName": "P", "AccountId": account})["id"]
    client.Account.delete(account)
    org.do(lambda: org.org.undelete("Contact", person))
    assert client.Contact.get(person)["AccountId"] is None


def test_users_are_read_only(org: Running) -> None:
    status, entry = refused(lambda: org.client().User.create({"Username": "a@b.de"}))
    assert (status, entry["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_malformed_requests(org: Running) -> None:
    headers = {"Authorization": f"Bearer {org.token()}"}
    url = f"{org.url}/services/data/v61.0/sobjects/Account"
    cases: list[tuple[str, str, dict[str, Any], int, str]] = [
        (
            "POST",
            url,
            {"data": "{", "headers": {"Content-Type": "application/json"}},
            400,
            "JSON_PARSER_ERROR",
        ),
        ("POST", url, {"json": [1]}, 400, "JSON_PARSER_ERROR"),
        ("POST", url, {"data": {"Name": "A"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("PUT", url, {"json": {}}, 405, "METHOD_NOT_ALLOWED"),
        ("GET", f"{org.url}/services/data/v61.0/nowhere", {}, 404, "NOT_FOUND"),
        ("GET", f"{org.url}/services/data/v5.0/limits", {}, 404, "NOT_FOUND"),
        ("GET", f"{org.url}/services/data/v61.0/sobjects/Nothing/describe", {}, 404, "NOT_FOUND"),
    ]
    for method, address, more, status, code in cases:
        sent = {**more, "headers": {**headers, **more.get("headers", {})}}
        answer = org.session().request(method, address, timeout=10, **sent)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code), (method, address)


def test_describe_tells_what_the_checks_enforce(org: Running) -> None:
    client = org.client()
    fields = {field["name"]: field for field in client.Account.describe()["fields"]}
    assert (fields["Name"]["length"], fields["Name"]["nillable"]) == (255, False)
    key = fields["Zoho_Id__c"]
    assert (key["externalId"], key["unique"], key["custom"], key["type"]) == (True, True, True, "string")
    assert fields["Is_Active__c"]["defaultValue"] is True
    assert fields["SystemModstamp"]["createable"] is False
    assert fields["BillingCity"]["compoundFieldName"] == "BillingAddress"
    assert fields["ParentId"]["referenceTo"] == ["Account"]
    assert "Banking" in {value["value"] for value in fields["Industry"]["picklistValues"]}
    contact = {field["name"]: field for field in client.Contact.describe()["fields"]}
    assert contact["Name"]["type"] == "string"
    assert (contact["Name"]["updateable"], contact["LastName"]["length"]) == (False, 80)
    names = {found["name"] for found in client.describe()["sobjects"]}
    assert {"Account", "Contact", "User", "Organization"} <= names
    assert client.Organization.get(org.org.org_id)["Name"] == org.options.org_name


def test_one_error_at_a_time_is_a_list(org: Running) -> None:
    with pytest.raises(SalesforceMalformedRequest) as raised:
        org.client().Account.create(
            {"Name": "A", "Id": UNKNOWN_ACCOUNT, "CreatedDate": "2020-01-01T00:00:00Z"}
        )
    assert raised.value.content[0]["fields"] == ["Id", "CreatedDate"]
