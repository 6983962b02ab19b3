"""Bulk API 2.0 ingest jobs: how they are made and filled, their states, refusals and allowances, what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.sandbox_salesforce.bulk_calls import (
    CSV,
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


def test_data_along_with_the_job(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    def parts(data: str) -> dict[str, Any]:
        job = json.dumps({"object": "Account", "operation": "insert", "contentType": "CSV"})
        return {"job": (None, job, "application/json"), "content": ("content", data, "text/csv")}

    answer = call("POST", "jobs/ingest", files=parts("Name\nA\n"))
    assert (answer.status_code, answer.json()["state"]) == (200, "UploadComplete")
    assert ended(call, answer.json())["numberRecordsProcessed"] == 1
    assert error_of(call("POST", "jobs/ingest", files={"job": parts("")["job"]})) == (
        400,
        "JSON_PARSER_ERROR",
    )
    assert error_of(
        call("POST", "jobs/ingest", files={**parts("Name\n"), "job": (None, "{", "application/json")})
    ) == (400, "JSON_PARSER_ERROR")
    assert error_of(call("POST", "jobs/ingest", files=parts("Name\n" + "A" * 100_000))) == (
        413,
        "REQUEST_TOO_LARGE",
    )
    assert len(accounts(org)) == 1


def test_states_are_checked(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(bulk_start_seconds=60.0)
    job = created(call)
    wrong = (400, "INVALIDJOBSTATE")
    assert error_of(call("DELETE", f"jobs/ingest/{job['id']}")) == wrong
    assert error_of(call("GET", f"jobs/ingest/{job['id']}/successfulResults")) == wrong
    assert error_of(set_state(call, job, "JobComplete")) == wrong
    assert error_of(
        call("PUT", f"/{job['contentUrl']}", data=b"x", headers={"Content-Type": "text/plain"})
    ) == (415, "UNSUPPORTED_MEDIA_TYPE")
    upload(call, job, "Name\nA\n")
    assert error_of(call("PUT", f"/{job['contentUrl']}", data=b"Name\nB\n", headers=CSV)) == wrong
    set_state(call, job, "UploadComplete")
    assert error_of(set_state(call, job, "UploadComplete")) == wrong
    assert error_of(call("PUT", f"/{job['contentUrl']}", data=b"Name\nB\n", headers=CSV)) == wrong
    assert set_state(call, job, "Aborted").json()["state"] == "Aborted"
    assert [row["Name"] for row in rows(call, job, "unprocessedrecords")] == ["A"]
    assert set_state(call, job, "Aborted").json() == [
        {"message": "Aborting already Aborted Job not allowed", "errorCode": "INVALIDJOBSTATE"}
    ]
    gone = call("DELETE", f"jobs/ingest/{job['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert error_of(call("GET", f"jobs/ingest/{job['id']}")) == (404, "NOT_FOUND")
    assert accounts(org) == []


def test_a_complete_job_is_not_aborted_and_may_be_deleted(org: Running, call: Caller) -> None:
    job = loaded(call, "Name\nA\n")
    answer = set_state(call, job, "Aborted")
    assert answer.json() == [
        {"message": "Aborting already Completed Job not allowed", "errorCode": "INVALIDJOBSTATE"}
    ]
    assert call("DELETE", f"jobs/ingest/{job['id']}").status_code == 204


def test_an_aborted_job_stops_where_it_is(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(bulk_transaction_records=1)
    job = created(call)
    upload(call, job, "Name\n" + "".join(f"A{n}\n" for n in range(800)))
    set_state(call, job, "UploadComplete")
    while call("GET", f"jobs/ingest/{job['id']}").json().get("numberRecordsProcessed", 0) == 0:
        pass
    aborted = set_state(call, job, "Aborted").json()
    assert aborted["state"] == "Aborted"
    done = ended(call, job)["numberRecordsProcessed"]
    assert 0 < done < 800
    assert len(accounts(org)) == len(rows(call, job, "successfulResults")) == done
    assert len(rows(call, job, "unprocessedrecords")) == 800 - done


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "insert"}, "JSON_PARSER_ERROR"),
        ({"object": "Nothing", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Account"}, "JSON_PARSER_ERROR"),
        ({"object": "Account", "operation": "merge"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "upsert", "externalIdFieldName": "Name"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "insert", "contentType": "XML"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "insert", "columnDelimiter": ","}, "INVALIDJOB"),
        ({"object": "Account", "operation": "insert", "lineEnding": "CR"}, "INVALIDJOB"),
    ],
)
def test_jobs_that_are_not_made(org: Running, call: Caller, body: dict[str, Any], code: str) -> None:
    assert error_of(call("POST", "jobs/ingest", json=body)) == (400, code)
    assert call("GET", "jobs/ingest").json()["records"] == []


def test_allowances_and_sizes(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(bulk_upload_bytes=40)
    job = created(call)
    assert error_of(call("PUT", f"/{job['contentUrl']}", data=b"Name\n" + b"A" * 26, headers=CSV)) == (
        413,
        "REQUEST_TOO_LARGE",
    )
    upload(call, job, b"Name\n" + b"A" * 25)
    switched(bulk_daily_batches=1, bulk_batch_records=2)
    over = loaded(call, "Name\nA\nB\nC\n")
    assert (over["state"], over["numberRecordsProcessed"]) == ("Failed", 2)
    assert over["errorMessage"] == "ExceededQuota : the daily number of batches is used up"
    assert [row["Name"] for row in rows(call, over, "unprocessedRecords")] == ["C"]
    answer = call("POST", "jobs/ingest", json={"object": "Account", "operation": "insert"})
    assert error_of(answer) == (400, "LIMIT_EXCEEDED")
    switched(bulk_daily_records=2)
    assert (
        loaded(call, "Name\nD\n")["errorMessage"] == "ExceededQuota : the daily number of records is used up"
    )


def test_the_list_of_jobs(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(bulk_jobs_per_page=2)
    made = [created(call)["id"] for _ in range(5)]
    found, path = [], "jobs/ingest"
    while path:
        page = call("GET", path).json()
        assert page["done"] is (page["nextRecordsUrl"] is None)
        found.append([job["id"] for job in page["records"]])
        path = page["nextRecordsUrl"]
    assert found == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    assert call("GET", "jobs/ingest?jobType=Classic").json()["records"] == []
    assert len(call("GET", "jobs/ingest?jobType=V2Ingest").json()["records"]) == 2
    assert call("GET", "jobs/query").json()["records"] == []


def test_jobs_are_forgotten_after_seven_days(org: Running, call: Caller) -> None:
    job = loaded(call, "Name\nA\n")

    def age(days: float) -> None:
        org.org.bulk.ingest_job(job["id"]).created -= int(days * 86_400_000)

    org.do(lambda: age(6.9))
    assert rows(call, job, "successfulResults")[0]["Name"] == "A"
    org.do(lambda: age(0.2))
    assert error_of(call("GET", f"jobs/ingest/{job['id']}")) == (404, "NOT_FOUND")


def test_jobs_survive_a_restart_and_go_on(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    done = loaded(call, "Name\nA\n,\n".replace(",", ""))
    waiting = created(call)
    upload(call, waiting, "Name\nB\nC\n")
    state = json.loads(json.dumps(org.do(org.org.dump)))
    org.do(org.org.reset)
    assert error_of(call("GET", f"jobs/ingest/{done['id']}")) == (404, "NOT_FOUND")
    assert call("GET", "limits").json()["DailyBulkApiBatches"]["Remaining"] == 15_000
    half = next(raw for raw in state["bulk"]["ingest"] if raw["id"] == waiting["id"])
    half.update({"state": "InProgress", "rows_done": 1, "processed": 1})
    org.do(lambda: org.org.load(state))
    assert [row["Name"] for row in rows(call, done, "successfulResults")] == ["A"]
    assert ended(call, waiting)["numberRecordsProcessed"] == 2
    assert [record["Name"] for record in accounts(org)] == ["A", "C"], (
        "the row that was done is not done again"
    )
    assert call("GET", "limits").json()["DailyBulkApiBatches"]["Remaining"] == 14_999


def test_calls_are_answered_while_a_job_runs(org: Running, call: Caller) -> None:
    job = created(call)
    upload(call, job, "Name\n" + "".join(f"A{n}\n" for n in range(700)))
    set_state(call, job, "UploadComplete")
    seen = set()
    while (found := call("GET", f"jobs/ingest/{job['id']}").json())["state"] != "JobComplete":
        seen.add(found.get("numberRecordsProcessed", 0))
    assert len(seen) > 2, "the job was seen on its way"
