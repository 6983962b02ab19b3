"""simple-salesforce, unchanged, against the running sandbox: Bulk API 2.0."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import SalesforceBulkV2LoadError, SalesforceMalformedRequest

from tests.contract.sandbox_process import Sandbox
from tests.peers.simple_salesforce_login import client

WAIT: Any = 0.05
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def salesforce(sandbox: Sandbox) -> Iterator[Salesforce]:
    """A client that is logged in."""
    with client(sandbox) as made:
        yield made


def fresh(word: str) -> str:
    """A text no other test has used."""
    return f"{word} bulk-{next(_numbers)}"


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_are_inserted_and_told_one_by_one(salesforce: Salesforce) -> None:
    town = fresh("Town")
    records = [{"Name": fresh('Bulk, "quoted"\nName'), "BillingCity": town} for _ in range(25)]
    (done,) = salesforce.bulk2.Account.insert(records=records, wait=WAIT)
    job = done["job_id"]
    assert done == {
        "numberRecordsFailed": 0, "numberRecordsProcessed": 25, "numberRecordsTotal": 25, "job_id": job
    }  # fmt: skip
    made = rows(salesforce.bulk2.Account.get_successful_records(job))
    assert {row["sf__Created"] for row in made} == {"true"}
    assert sorted(row["Name"] for row in made) == sorted(record["Name"] for record in records)
    soql = format_soql("SELECT Id FROM Account WHERE BillingCity = {}", town)
    assert {row["Id"] for row in salesforce.query_all(soql)["records"]} == {row["sf__Id"] for row in made}


def test_bad_rows_fail_alone_with_their_reason(salesforce: Salesforce) -> None:
    records = [{"Name": fresh("Good"), "NumberOfEmployees": "7"}, {"Name": "", "NumberOfEmployees": "8"}]
    (done,) = salesforce.bulk2.Account.insert(records=records, wait=WAIT)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    (failed,) = rows(salesforce.bulk2.Account.get_failed_records(done["job_id"]))
    assert failed["sf__Error"].startswith("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name")
    assert (failed["sf__Id"], failed["NumberOfEmployees"]) == ("", "8")
    assert rows(salesforce.bulk2.Account.get_unprocessed_records(done["job_id"])) == []


def test_rows_are_updated_upserted_and_deleted(salesforce: Salesforce, tmp_path: Path) -> None:
    key = fresh("key")
    (done,) = salesforce.bulk2.Account.upsert(
        records=[{"Name": fresh("Keyed"), "Zoho_Id__c": key}], external_id_field="Zoho_Id__c", wait=WAIT
    )
    (made,) = rows(salesforce.bulk2.Account.get_successful_records(done["job_id"]))
    assert made["sf__Created"] == "true"
    (done,) = salesforce.bulk2.Account.upsert(
        records=[{"Description": "again", "Zoho_Id__c": key}], external_id_field="Zoho_Id__c", wait=WAIT
    )
    (again,) = rows(salesforce.bulk2.Account.get_successful_records(done["job_id"]))
    assert (again["sf__Id"], again["sf__Created"]) == (made["sf__Id"], "false")
    salesforce.bulk2.Account.update(records=[{"Id": made["sf__Id"], "Description": "#N/A"}], wait=WAIT)
    assert salesforce.Account.get(made["sf__Id"])["Description"] is None
    (done,) = salesforce.bulk2.Account.delete(records=[{"Id": made["sf__Id"]}], wait=WAIT)
    assert done["numberRecordsFailed"] == 0
    (done,) = salesforce.bulk2.Account.delete(records=[{"Id": made["sf__Id"]}], wait=WAIT)
    assert done["numberRecordsFailed"] == 1


def test_results_of_a_query_come_in_pages(salesforce: Salesforce, tmp_path: Path) -> None:
    town = fresh("Town")
    records = [{"Name": fresh("Row"), "BillingCity": town} for _ in range(30)]
    salesforce.bulk2.Account.insert(records=records, wait=WAIT)
    soql = format_soql("SELECT Id, Name, Owner.Username FROM Account WHERE BillingCity = {}", town)
    pages = [rows(str(page)) for page in salesforce.bulk2.Account.query(soql, max_records=12, wait=WAIT)]
    assert [len(page) for page in pages] == [12, 12, 6]
    assert sorted(row["Name"] for page in pages for row in page) == sorted(row["Name"] for row in records)
    assert all("@" in row["Owner.Username"] for page in pages for row in page)
    files = salesforce.bulk2.Account.download(soql, str(tmp_path), max_records=20, wait=WAIT)
    assert [found["number_of_records"] for found in files] == [20, 10]


def test_deleted_rows_come_where_all_are_asked_for(salesforce: Salesforce) -> None:
    name = fresh("Gone")
    salesforce.Account.delete(salesforce.Account.create({"Name": name})["id"])
    soql = format_soql("SELECT Id, IsDeleted FROM Account WHERE Name = {}", name)
    (page,) = salesforce.bulk2.Account.query_all(soql, wait=WAIT)
    assert [row["IsDeleted"] for row in rows(str(page))] == ["true"]
    (page,) = salesforce.bulk2.Account.query(soql, wait=WAIT)
    assert rows(str(page)) == []


def test_a_job_that_cannot_be_is_refused(salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest):
        salesforce.bulk2.Nothing__c.insert(records=[{"Name": "x"}], wait=WAIT)
    with pytest.raises((SalesforceMalformedRequest, SalesforceBulkV2LoadError)):
        list(salesforce.bulk2.Account.query("SELECT BillingAddress FROM Account", wait=WAIT))
