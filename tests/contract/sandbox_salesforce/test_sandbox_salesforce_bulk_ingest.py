"""Bulk API 2.0 ingest: operations, data, rows and results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.sandbox_salesforce.bulk_calls import (
    created,
    ended,
    error_of,
    loaded,
    rows,
    set_state,
    upload,
)
from tests.contract.sandbox_salesforce.raw_calls import Caller
from tests.contract.sandbox_salesforce.running_org import Running


def accounts(org: Running) -> list[Any]:
    return org.do(lambda: org.org.records("Account"))


def test_the_life_of_a_job(org: Running, call: Caller) -> None:
    job = created(call, lineEnding="LF", columnDelimiter="COMMA", contentType="CSV")
    assert job["id"].startswith("750")
    assert len(job["id"]) == 18
    assert job["contentUrl"] == f"services/data/v61.0/jobs/ingest/{job['id']}/batches"
    plain = {
        "operation": "insert", "object": "Account", "state": "Open", "concurrencyMode": "Parallel", "contentType": "CSV",
        "apiVersion": 61.0, "lineEnding": "LF", "columnDelimiter": "COMMA", "jobType": "V2Ingest",
        "createdById": org.do(lambda: org.org.integration_user),
    }  # fmt: skip
    assert {name: job[name] for name in plain} == plain
    upload(call, job, "Name,Zoho_Id__c\nA,1\n,2\nC,3\n")
    assert call("GET", f"jobs/ingest/{job['id']}").json()["state"] == "Open"
    closed = set_state(call, job, "UploadComplete")
    assert (closed.status_code, closed.json()["state"]) == (200, "UploadComplete")
    assert "contentUrl" not in closed.json()
    done = ended(call, job)
    assert done["state"] == "JobComplete"
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"], done["retries"]) == (3, 1, 0)
    assert {"totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"} <= set(done)
    good, [bad] = rows(call, job, "successfulResults"), rows(call, job, "failedResults")
    assert [tuple(row) for row in good] == [("sf__Id", "sf__Created", "Name", "Zoho_Id__c")] * 2
    assert {row["Name"]: row["sf__Id"] for row in good} == {row["Name"]: row["Id"] for row in accounts(org)}
    assert {row["sf__Created"] for row in good} == {"true"}
    missing = "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert bad == {"sf__Id": "", "sf__Error": missing, "Name": "", "Zoho_Id__c": "2"}
    assert rows(call, job, "unprocessedrecords") == rows(call, job, "unprocessedRecords") == []
    text = call("GET", f"jobs/ingest/{job['id']}/SUCCESSFULRESULTS/").text
    assert text.startswith('"sf__Id","sf__Created","Name","Zoho_Id__c"\n"001')
    assert call("GET", f"jobs/ingest/{job['id']}/otherResults").status_code == 404


def test_updates_upserts_and_deletes(org: Running, call: Caller) -> None:
    made = {
        row["Name"]: row["sf__Id"]
        for row in rows(call, loaded(call, "Name,Phone\nA,1\nB,2\nC,3\n"), "successfulResults")
    }
    update = loaded(
        call,
        f"Id,Phone,Fax\n{made['A']},#N/A,9\n{made['B'][:15]},,\n001000000000000AAA,1,\ngarbage,1,\n,1,\n{made['C']},1,\n{made['C']},2,\n",
        "update",
    )
    assert (update["numberRecordsProcessed"], update["numberRecordsFailed"]) == (7, 5)
    assert {record["Name"]: record["Phone"] for record in accounts(org)} == {"A": None, "B": "2", "C": "3"}
    assert {row["sf__Created"] for row in rows(call, update, "successfulResults")} == {"false"}
    codes = sorted(row["sf__Error"].partition(":")[0] for row in rows(call, update, "failedResults"))
    assert codes == [
        "DUPLICATE_VALUE",
        "DUPLICATE_VALUE",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
    ]
    keyed = "Name,Zoho_Id__c\nD,4\nE,5\nF,5\nG,\n"
    first = loaded(call, keyed, "upsert", externalIdFieldName="zoho_id__c")
    assert (first["externalIdFieldName"], first["numberRecordsFailed"]) == ("Zoho_Id__c", 3)
    assert [row["sf__Created"] for row in rows(call, first, "successfulResults")] == ["true"]
    again = loaded(call, "Name,Zoho_Id__c\nD2,4\nE,5\n", "upsert", externalIdFieldName="Zoho_Id__c")
    assert {row["Name"]: row["sf__Created"] for row in rows(call, again, "successfulResults")} == {
        "D2": "false",
        "E": "true",
    }
    gone = loaded(call, f"Id\n{made['A']}\n{made['A']}x\n", "delete")
    assert gone["numberRecordsFailed"] == 1
    again = loaded(call, f"id\n{made['A']}\n", "delete")
    assert rows(call, again, "failedResults") == [
        {"sf__Id": made["A"], "sf__Error": "ENTITY_IS_DELETED:entity is deleted:--", "id": made["A"]}
    ]
    assert org.do(org.org.counts)["Account"] == {"alive": 4, "deleted": 1}


def test_upsert_by_id(org: Running, call: Caller) -> None:
    made = call("POST", "sobjects/Account", json={"Name": "A"}).json()["id"]
    job = loaded(call, f"Id,Name\n{made},B\n,C\n", "upsert", externalIdFieldName="Id")
    assert {row["Name"]: row["sf__Created"] for row in rows(call, job, "successfulResults")} == {
        "B": "false",
        "C": "true",
    }


def test_hard_delete_needs_a_permission_and_leaves_nothing(
    org: Running, call: Caller, switched: Callable[..., None]
) -> None:
    answer = call("POST", "jobs/ingest", json={"object": "Account", "operation": "hardDelete"})
    assert error_of(answer) == (400, "FEATURENOTENABLED")
    switched(bulk_hard_delete=True)
    live, dead = (call("POST", "sobjects/Account", json={"Name": name}).json()["id"] for name in "AB")
    call("POST", "sobjects/Contact", json={"LastName": "P", "AccountId": live})
    call("DELETE", f"sobjects/Account/{dead}")
    before = len(org.events())
    job = loaded(call, f"Id\n{live}\n{dead}\n001000000000000AAA\n", "hardDelete")
    assert job["numberRecordsFailed"] == 1
    counts = org.do(org.org.counts)
    assert counts["Account"] == counts["Contact"] == {"alive": 0, "deleted": 0}
    told = {event["recordIds"][0] for event in org.events()[before:] if event["entityName"] == "Account"}
    assert told == {live}, "the recycle bin is emptied without events"


def test_parents_by_external_id_nulls_and_types(org: Running, call: Caller) -> None:
    parent = call("POST", "sobjects/Account", json={"Name": "A", "Zoho_Id__c": "7"}).json()["id"]
    data = (
        "LastName,Account.Zoho_Id__c,Email,Birthdate,HasOptedOutOfEmail,MailingLatitude\n"
        "good,7,a@example.com,1990-02-03,TRUE,1.5\n"
        "unknown,8,,,,\n"
        "email,7,nonsense,,,\n"
        "date,7,,yesterday,,\n"
        "boolean,7,,,maybe,\n"
        "number,7,,,,much\n"
    )
    job = loaded(call, data, entity="Contact")
    errors = {row["LastName"]: row["sf__Error"] for row in rows(call, job, "failedResults")}
    assert errors == {
        "unknown": "INVALID_FIELD:Foreign key external ID: 8 not found for field Zoho_Id__c in entity Account:--",
        "email": "INVALID_EMAIL_ADDRESS:Email: invalid email address: nonsense:Email --",
        "date": "INVALID_TYPE_ON_FIELD_IN_RECORD:Birthdate: value not of required type: yesterday:Birthdate --",
        "boolean": "INVALID_TYPE_ON_FIELD_IN_RECORD:Email Opt Out: value not of required type: maybe:HasOptedOutOfEmail --",
        "number": "INVALID_TYPE_ON_FIELD_IN_RECORD:MailingLatitude: value not of required type: much:MailingLatitude --",
    }
    [good] = rows(call, job, "successfulResults")
    shown = call("GET", f"sobjects/Contact/{good['sf__Id']}").json()
    assert [shown[n] for n in ("AccountId", "Birthdate", "HasOptedOutOfEmail", "MailingLatitude")] == [
        parent,
        "1990-02-03",
        True,
        1.5,
    ]
    clear = loaded(call, f"Id,Account.Zoho_Id__c,Email\n{good['sf__Id']},#N/A,\n", "update", "Contact")
    assert clear["numberRecordsFailed"] == 0
    shown = call("GET", f"sobjects/Contact/{good['sf__Id']}").json()
    assert (shown["AccountId"], shown["Email"]) == (None, "a@example.com")


def test_an_empty_cell_may_clear(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(bulk_empty_cells_clear=True)
    made = call("POST", "sobjects/Account", json={"Name": "A", "Phone": "1"}).json()["id"]
    loaded(call, f"Id,Phone\n{made},\n", "update")
    assert accounts(org)[0]["Phone"] is None


@pytest.mark.parametrize(
    ("name", "sign"),
    [("COMMA", ","), ("TAB", "\t"), ("SEMICOLON", ";"), ("PIPE", "|"), ("CARET", "^"), ("BACKQUOTE", "`")],
)
@pytest.mark.parametrize(("ending", "end"), [("LF", "\n"), ("CRLF", "\r\n")])
def test_every_delimiter_and_line_ending(
    org: Running, call: Caller, name: str, sign: str, ending: str, end: str
) -> None:
    text = f'first line\nsecond {sign} "quoted" é'
    cell = '"' + text.replace('"', '""') + '"'
    data = f"\ufeffName{sign}Description{end}A{sign}{cell}{end}{end}B{sign}x"
    job = loaded(call, data, columnDelimiter=name, lineEnding=ending)
    assert (job["state"], job["numberRecordsProcessed"]) == ("JobComplete", 2)
    good = {row["Name"]: row["Description"] for row in rows(call, job, "successfulResults", sign)}
    assert good == {"A": text, "B": "x"}
    raw = call("GET", f"jobs/ingest/{job['id']}/successfulResults").content
    assert raw.count(b"\r\n") == (3 if ending == "CRLF" else 0)
    assert accounts(org)[0]["Description"] == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("Name,Nonsense\nA,1\n", "InvalidBatch : Field name not found : Nonsense"),
        ("Name,BillingAddress\nA,1\n", "InvalidBatch : Field name not found : BillingAddress"),
        ("Name,Parent.Phone\nA,1\n", "InvalidBatch : Field name not found : Parent.Phone"),
        ("Name,Nobody.Zoho_Id__c\nA,1\n", "InvalidBatch : Field name not found : Nobody.Zoho_Id__c"),
        ("Name,name\nA,1\n", "InvalidBatch : Duplicate field name found : name"),
        (
            "Name,Phone\r\nA,1\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
        ("", "ClientInputError : the uploaded data has no header"),
        (b"Name\n\xff\xfe\n", "ClientInputError : the uploaded data is not UTF-8"),
    ],
)
def test_data_that_fails_the_job(org: Running, call: Caller, data: str | bytes, message: str) -> None:
    job = loaded(call, data)
    assert (job["state"], job["errorMessage"]) == ("Failed", message)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (0, 0)
    assert accounts(org) == []
    assert rows(call, job, "successfulResults") == rows(call, job, "failedResults") == []


def test_rows_before_and_after_a_broken_one(
    org: Running, call: Caller, switched: Callable[..., None]
) -> None:
    switched(bulk_transaction_records=2)
    job = loaded(call, 'Name\nA\nB\nC\n"D" x\nE\n')
    assert job["state"] == "Failed"
    assert job["errorMessage"].startswith("InvalidBatch : Failed to parse CSV")
    assert [record["Name"] for record in accounts(org)] == ["A", "B"], "saved slices stay"
    assert [row["Name"] for row in rows(call, job, "unprocessedRecords")] == ["C"]
    wide = loaded(call, "Name,Phone\nF,1\nG\n")
    assert wide["errorMessage"] == "InvalidBatch : a row has 1 columns where the header has 2"


def test_other_operations_want_other_columns(org: Running, call: Caller) -> None:
    job = loaded(call, "Id,Name\n001000000000000AAA,x\n", "delete")
    assert (job["state"], job["errorMessage"]) == (
        "Failed",
        "InvalidBatch : a delete job takes the column Id and no other",
    )
    given = loaded(call, "Id,Name\n001000000000000AAA,x\n")
    assert (
        rows(call, given, "failedResults")[0]["sf__Error"]
        == "INVALID_FIELD:cannot specify Id in an insert call:Id --"
    )


def test_a_large_job_in_slices(org: Running, call: Caller) -> None:
    data = "Name,Zoho_Id__c\n" + "".join(f"Account {n},{n}\n" for n in range(420)) + "Twice,5\n"
    job = loaded(call, data)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (421, 1)
    events = org.events()
    assert len(events) == 420
    per_transaction: dict[str, int] = {}
    for event in events:
        per_transaction[event["transactionKey"]] = per_transaction.get(event["transactionKey"], 0) + 1
    assert list(per_transaction.values()) == [200, 200, 20]
    assert {event["changeOrigin"] for event in events} == {"com/salesforce/api/bulkapi/61.0"}
    [bad] = rows(call, job, "failedResults")
    assert bad["sf__Error"].startswith(
        "DUPLICATE_VALUE:duplicate value found: Zoho_Id__c duplicates value on record with id: 001"
    )
    assert len(rows(call, job, "successfulResults")) == 420
    limits = call("GET", "limits").json()
    assert limits["DailyBulkApiBatches"] == {"Max": 15_000, "Remaining": 14_999}


def test_order_of_results_and_the_client_of_the_job(org: Running, switched: Callable[..., None]) -> None:
    call = Caller(org, **{"Sforce-Call-Options": "client=zsync"})
    job = loaded(call, "Name\nA\nB\n")
    assert [row["Name"] for row in rows(call, job, "successfulResults")] == ["B", "A"]
    assert {event["changeOrigin"] for event in org.events()} == {
        "com/salesforce/api/bulkapi/61.0;client=zsync"
    }
    switched(bulk_results_in_order=True)
    assert [row["Name"] for row in rows(call, loaded(call, "Name\nA\nB\n"), "successfulResults")] == [
        "A",
        "B",
    ]


def test_a_locked_row_fails_alone(org: Running, call: Caller) -> None:
    made = call("POST", "sobjects/Account", json={"Name": "A"}).json()["id"]
    org.do(lambda: org.incidents.happen({"kind": "record_error", "object": "Account", "id": made}))
    job = loaded(call, f"Id,Phone\n{made},1\n", "update")
    [bad] = rows(call, job, "failedResults")
    assert bad["sf__Error"] == "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"
    assert bad["sf__Id"] == made
