"""Bulk API 2.0 query jobs: CSV in pages, and what SOQL may not be used."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from integration.sandbox.salesforce.bulk.selection import number_text
from tests.contract.sandbox_salesforce.bulk_calls import ended, error_of, selected, set_state
from tests.contract.sandbox_salesforce.raw_calls import Caller
from tests.contract.sandbox_salesforce.running_org import Running


def page(call: Caller, job: dict[str, Any], **params: Any) -> tuple[list[list[str]], str, str]:
    answer = call("GET", f"jobs/query/{job['id']}/results", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "Sforce-Limit-Info" in answer.headers
    found = list(csv.reader(io.StringIO(answer.content.decode(), newline="")))
    return found, answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]


def made(call: Caller, *records: dict[str, Any]) -> list[str]:
    return [call("POST", "sobjects/Account", json=record).json()["id"] for record in records]


def test_the_life_of_a_query_job(org: Running, call: Caller) -> None:
    answer = call("POST", "jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"})
    job = answer.json()
    plain = {
        "operation": "query", "object": "Account", "state": "UploadComplete", "concurrencyMode": "Parallel",
        "contentType": "CSV", "apiVersion": 61.0, "lineEnding": "LF", "columnDelimiter": "COMMA", "jobType": "V2Query",
    }  # fmt: skip
    assert (answer.status_code, {name: job[name] for name in plain}) == (200, plain)
    assert job["id"].startswith("750")
    done = ended(call, job, "query")
    assert (done["state"], done["numberRecordsProcessed"], done["retries"]) == ("JobComplete", 0, 0)
    assert page(call, job) == ([["Id"]], "0", "null"), "no rows are a header and nothing else"
    assert call("GET", f"jobs/ingest/{job['id']}").status_code == 404
    listed = call("GET", "jobs/query").json()
    assert ([one["id"] for one in listed["records"]], listed["done"]) == ([job["id"]], True)
    answer = set_state(call, job, "Aborted", "query")
    assert answer.json() == [
        {"message": "Aborting already Completed Job not allowed", "errorCode": "INVALIDJOBSTATE"}
    ]
    gone = call("DELETE", f"jobs/query/{job['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert error_of(call("GET", f"jobs/query/{job['id']}")) == (404, "NOT_FOUND")
    assert call("GET", "limits").json()["DailyBulkV2QueryJobs"] == {"Max": 10_000, "Remaining": 9_999}


def test_values_as_csv(org: Running, call: Caller) -> None:
    parent, child = made(
        call,
        {"Name": 'say "hi",\nyou', "AnnualRevenue": 139_000_000, "NumberOfEmployees": 5, "Zoho_Id__c": "1"},
        {"Name": "B", "AnnualRevenue": 12, "Parent": {"Zoho_Id__c": "1"}},
    )
    query = "select Id, name, AnnualRevenue, NumberOfEmployees, Phone, Is_Active__c, Parent.Name, Owner.CreatedDate FROM Account ORDER BY Id"
    job = selected(call, query)
    shown = call("GET", f"sobjects/User/{org.do(lambda: org.org.integration_user)}").json()["CreatedDate"]
    zulu = shown.replace("+0000", "Z")
    header, *found = page(call, job)[0]
    assert header == [
        "Id",
        "Name",
        "AnnualRevenue",
        "NumberOfEmployees",
        "Phone",
        "Is_Active__c",
        "Parent.Name",
        "Owner.CreatedDate",
    ]
    assert found == [
        [parent, 'say "hi",\nyou', "1.39E8", "5", "", "true", "", zulu],
        [child, "B", "12.0", "", "", "true", 'say "hi",\nyou', zulu],
    ]
    raw = call("GET", f"jobs/query/{job['id']}/results").text
    assert raw.startswith('"Id","Name",')
    assert f'"{parent}","say ""hi"",\nyou","1.39E8","5","","true","",' in raw


def test_other_forms_of_values_and_data(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(bulk_scientific_numbers=False, bulk_datetimes_end_in_z=False)
    made(call, {"Name": "A", "AnnualRevenue": 139_000_000})
    job = selected(
        call, "SELECT AnnualRevenue, CreatedDate FROM Account", columnDelimiter="PIPE", lineEnding="CRLF"
    )
    raw = call("GET", f"jobs/query/{job['id']}/results").text
    assert raw.startswith('"AnnualRevenue"|"CreatedDate"\r\n"139000000.0"|"')
    assert raw.endswith('+0000"\r\n')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (9_999_999.5, "9999999.5"),
        (1e7, "1.0E7"),
        (-123_456_789.25, "-1.2345678925E8"),
        (0.0005, "5.0E-4"),
        (1e21, "1.0E21"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text


def test_pages_by_locator(org: Running, call: Caller) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": f"A{n:03}"} for n in range(200)]
    for start in range(2):
        assert call("POST", "composite/sobjects", json={"records": records[start:]}).status_code == 200
    job = selected(call, "SELECT Name FROM Account ORDER BY Name")
    seen, sizes, locator = [], [], ""
    while locator != "null":
        found, count, locator = page(call, job, maxRecords=150, **({"locator": locator} if locator else {}))
        assert found[0] == ["Name"], "every page has the header"
        assert int(count) == len(found) - 1
        sizes.append(int(count))
        seen += [row[0] for row in found[1:]]
    assert sizes == [150, 150, 99]
    assert seen == sorted(f"A{n:03}" for start in range(2) for n in range(start, 200))
    assert error_of(call("GET", f"jobs/query/{job['id']}/results?locator=garbage")) == (
        400,
        "INVALID_QUERY_LOCATOR",
    )
    assert error_of(call("GET", f"jobs/query/{job['id']}/results?maxRecords=0")) == (400, "INVALID_INPUT")


def test_pages_without_a_size(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(bulk_query_page_rows=1)
    made(call, {"Name": "A"}, {"Name": "B"})
    job = selected(call, "SELECT Name FROM Account")
    assert page(call, job)[1:] == ("1", "MQ")
    assert page(call, job, locator="MQ") == ([["Name"], ["B"]], "1", "null")


def test_deleted_records_with_query_all(org: Running, call: Caller) -> None:
    first, _ = made(call, {"Name": "A"}, {"Name": "B"})
    call("DELETE", f"sobjects/Account/{first}")
    query = "SELECT Name, IsDeleted FROM Account ORDER BY Name"
    assert page(call, selected(call, query))[0][1:] == [["B", "false"]]
    assert page(call, selected(call, query, operation="queryAll"))[0][1:] == [["A", "true"], ["B", "false"]]


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "SELECT Id, BillingAddress FROM Account",
            "API_ERROR",
            "Selecting compound data not supported in Bulk Query",
        ),
        (
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            "API_ERROR",
            "Aggregate Relationships not supported in Bulk Query",
        ),
        ("SELECT COUNT() FROM Account", "API_ERROR", "Aggregate functions not supported in Bulk Query"),
        ("SELECT Name FROM Account GROUP BY Name", "API_ERROR", "GROUP BY not supported in Bulk Query"),
        ("SELECT Name FROM Account LIMIT 1 OFFSET 1", "API_ERROR", "OFFSET not supported in Bulk Query"),
        ("SELECT Nonsense FROM Account", "INVALID_FIELD", None),
        ("SELECT Id FROM Nothing", "INVALID_TYPE", None),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", None),
    ],
)
def test_queries_that_are_refused(
    org: Running, call: Caller, query: str, code: str, message: str | None
) -> None:
    answer = call("POST", "jobs/query", json={"operation": "query", "query": query})
    assert error_of(answer) == (400, code)
    assert message in {None, answer.json()[0]["message"]}
    assert call("GET", "jobs/query").json()["records"] == []


def test_words_inside_literals_are_no_clauses(org: Running, call: Caller) -> None:
    made(call, {"Name": "OFFSET group by"})
    job = selected(call, "SELECT Name FROM Account WHERE Name = 'OFFSET group by'")
    assert page(call, job)[1] == "1"


def test_requests_that_are_refused(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    assert error_of(call("POST", "jobs/query", json={"operation": "query"})) == (400, "JSON_PARSER_ERROR")
    body = {"operation": "insert", "query": "SELECT Id FROM Account"}
    assert error_of(call("POST", "jobs/query", json=body)) == (400, "INVALIDJOB")
    switched(bulk_daily_query_jobs=0)
    answer = call("POST", "jobs/query", json={**body, "operation": "query"})
    assert answer.json() == [
        {
            "message": "Max bulk v2 query jobs (0) per 24 hrs has been reached (0)",
            "errorCode": "LIMIT_EXCEEDED",
        }
    ]


def test_a_job_that_waits_is_aborted_without_holding_up_others(
    org: Running, call: Caller, switched: Callable[..., None]
) -> None:
    switched(bulk_start_seconds=60.0)
    body = {"operation": "query", "query": "SELECT Id FROM Account"}
    job = call("POST", "jobs/query", json=body).json()
    assert error_of(call("GET", f"jobs/query/{job['id']}/results")) == (400, "INVALIDJOBSTATE")
    assert error_of(set_state(call, job, "UploadComplete", "query")) == (400, "INVALIDJOBSTATE")
    switched(bulk_start_seconds=0.05)
    assert ended(call, call("POST", "jobs/query", json=body).json(), "query")["state"] == "JobComplete"
    assert set_state(call, job, "Aborted", "query").json()["state"] == "Aborted"
    assert error_of(call("GET", f"jobs/query/{job['id']}/results")) == (400, "INVALIDJOBSTATE")
    assert call("DELETE", f"jobs/query/{job['id']}").status_code == 204


def test_results_stay_as_they_were_and_survive_a_restart(org: Running, call: Caller) -> None:
    [one] = made(call, {"Name": "A"})
    job = selected(call, "SELECT Name FROM Account")
    call("PATCH", f"sobjects/Account/{one}", json={"Name": "B"})
    assert page(call, job)[0] == [["Name"], ["A"]]
    state = json.loads(json.dumps(org.do(org.org.dump)))
    org.do(org.org.reset)
    org.do(lambda: org.org.load(state))
    assert page(call, job)[0] == [["Name"], ["A"]]
