"""simple-salesforce, unchanged, against the running sandbox: records, queries, composites and refusals."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tests.contract.sandbox_process import Sandbox
from tests.peers.simple_salesforce_login import client

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def salesforce(sandbox: Sandbox) -> Iterator[Salesforce]:
    """A client that is logged in."""
    with client(sandbox) as made:
        yield made


def fresh(word: str) -> str:
    """A text no other test has used."""
    return f"{word} py-{next(_numbers)}"


def test_a_record_lives_and_dies(salesforce: Salesforce) -> None:
    made = salesforce.Account.create({"Name": fresh("One"), "BillingCity": "Łódź"})
    assert (made["success"], made["errors"]) == (True, [])
    assert salesforce.Account.update(made["id"], {"Description": "changed"}) == 204
    read = salesforce.Account.get(made["id"])
    assert (read["Description"], read["BillingAddress"]["city"]) == ("changed", "Łódź")
    assert salesforce.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as gone:
        salesforce.Account.get(made["id"])
    assert gone.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_describe_and_metadata(salesforce: Salesforce) -> None:
    described = salesforce.Contact.describe()
    assert (described["name"], described["keyPrefix"]) == ("Contact", "003")
    assert salesforce.Contact.metadata()["objectDescribe"]["name"] == "Contact"
    assert {"Account", "Contact", "User"} <= {found["name"] for found in salesforce.describe()["sobjects"]}


def test_an_upsert_creates_then_changes(salesforce: Salesforce) -> None:
    key = f"Zoho_Id__c/{quote(fresh('a/b?c#d'), safe='')}"
    created = salesforce.Account.upsert(key, {"Name": fresh("Keyed")}, raw_response=True)
    assert (created.status_code, created.json()["created"]) == (201, True)
    changed = salesforce.Account.upsert(key, {"Description": "again"}, raw_response=True)
    assert (changed.status_code, changed.json()["created"]) == (200, False)
    assert changed.json()["id"] == created.json()["id"]


def test_a_record_is_read_by_its_external_id(salesforce: Salesforce) -> None:
    key = fresh("key").replace(" ", "-")
    made = salesforce.Account.create({"Name": fresh("Keyed"), "Zoho_Id__c": key})
    assert salesforce.Account.get_by_custom_id("Zoho_Id__c", key)["Id"] == made["id"]


def test_all_pages_are_read(salesforce: Salesforce) -> None:
    town = fresh("Town")
    records = [
        {"attributes": {"type": "Account"}, "Name": fresh("Row"), "BillingCity": town} for _ in range(2100)
    ]
    for first in range(0, len(records), 200):
        body = {"allOrNone": True, "records": records[first : first + 200]}
        results = salesforce.restful("composite/sobjects", method="POST", json=body)
        assert results is not None
        assert all(result["success"] for result in results)
    soql = format_soql("SELECT Id, Name FROM Account WHERE BillingCity = {}", town)
    page = salesforce.query(soql)
    assert (page["totalSize"], page["done"], len(page["records"])) == (2100, False, 2000)
    rest = salesforce.query_more(page["nextRecordsUrl"], identifier_is_url=True)
    assert (rest["done"], len(rest["records"])) == (True, 100)
    assert len(salesforce.query_all(soql)["records"]) == 2100
    assert len({row["Id"] for row in salesforce.query_all_iter(soql)}) == 2100


def test_deleted_rows_come_where_they_are_asked_for(salesforce: Salesforce) -> None:
    name = fresh("Gone")
    made = salesforce.Account.create({"Name": name})
    salesforce.Account.delete(made["id"])
    soql = format_soql("SELECT Id, IsDeleted FROM Account WHERE Name = {}", name)
    assert salesforce.query_all(soql)["totalSize"] == 0
    (found,) = salesforce.query_all(soql, include_deleted=True)["records"]
    assert (found["Id"], found["IsDeleted"]) == (made["id"], True)


def test_values_with_quotes_and_dates_are_understood(salesforce: Salesforce) -> None:
    name = fresh('O\'Neil \\ "Sons"')
    made = salesforce.Account.create({"Name": name})
    soql = format_soql(
        "SELECT Id FROM Account WHERE Name IN {} AND CreatedDate > {}",
        [name, "another"], datetime.now(UTC) - timedelta(hours=1),
    )  # fmt: skip
    assert [row["Id"] for row in salesforce.query(soql)["records"]] == [made["id"]]
    like = format_soql("SELECT Id FROM Account WHERE Name LIKE '{:like}%'", name)
    assert salesforce.query(like)["totalSize"] == 1


def test_what_changed_and_what_went_is_listed(salesforce: Salesforce) -> None:
    now = datetime.now(UTC)
    changed = salesforce.Account.updated(now - timedelta(hours=2), now + timedelta(minutes=2))
    gone = salesforce.Account.deleted(now - timedelta(hours=2), now + timedelta(minutes=2))
    assert {"ids", "latestDateCovered"} == set(changed or {})
    assert {"deletedRecords", "earliestDateAvailable", "latestDateCovered"} == set(gone or {})


def test_collections_through_restful(salesforce: Salesforce) -> None:
    records = [
        {"attributes": {"type": "Account"}, "Name": fresh("Good")},
        {"attributes": {"type": "Account"}, "Description": "no name"},
    ]
    body = {"allOrNone": False, "records": records}
    good, bad = salesforce.restful("composite/sobjects", method="POST", json=body) or ()
    assert good["success"] is True
    assert bad == {
        "success": False,
        "errors": [{
            "statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [Name]",
            "fields": ["Name"],
        }],
    }  # fmt: skip
    params = {"ids": f"{good['id']},001000000000000AAA", "fields": "Id,Name"}
    read = salesforce.restful("composite/sobjects/Account", params=params)
    assert read is not None
    assert (read[0]["Id"], read[1]) == (good["id"], None)


def test_every_answer_tells_what_was_used(salesforce: Salesforce) -> None:
    salesforce.limits()
    used = salesforce.api_usage["api-usage"]
    assert used.used > 0
    assert used.total == 100_000


def test_refusals_have_the_class_of_their_status(salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as bad:
        salesforce.Account.create({"Name": fresh("Odd"), "Nothing__c": 1})
    assert bad.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceMalformedRequest) as bad:
        salesforce.query("SELECT FROM Account")
    assert bad.value.content[0]["errorCode"] == "MALFORMED_QUERY"
    with pytest.raises(SalesforceResourceNotFound) as missing:
        salesforce.Account.get("001000000000000AAA")
    assert missing.value.content[0]["errorCode"] == "NOT_FOUND"
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Nothing__c.create({"Name": "x"})


def test_text_that_is_no_json_is_refused(salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as bad:
        salesforce.restful(
            "sobjects/Account", method="POST", data="{", headers={"Content-Type": "application/json"}
        )
    assert bad.value.content[0]["errorCode"] == "JSON_PARSER_ERROR"
