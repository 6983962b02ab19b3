"""Bulk jobs over plain HTTP, as the reference describes them."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.contract.sandbox_salesforce.raw_calls import Caller
from tests.deadline import wait_until

CSV = {"Content-Type": "text/csv"}
ENDED = ("JobComplete", "Failed", "Aborted")


def created(call: Caller, operation: str = "insert", entity: str = "Account", **more: Any) -> dict[str, Any]:
    answer = call("POST", "jobs/ingest", json={"object": entity, "operation": operation, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def upload(call: Caller, job: dict[str, Any], data: str | bytes) -> None:
    raw = data.encode() if isinstance(data, str) else data
    answer = call("PUT", f"/{job['contentUrl']}", data=raw, headers=CSV)
    assert (answer.status_code, answer.content) == (201, b""), answer.text


def set_state(call: Caller, job: dict[str, Any], state: str, kind: str = "ingest") -> Any:
    return call("PATCH", f"jobs/{kind}/{job['id']}", json={"state": state})


def ended(call: Caller, job: dict[str, Any], kind: str = "ingest") -> dict[str, Any]:
    """The job once it has ended."""

    def found() -> dict[str, Any] | None:
        shown: dict[str, Any] = call("GET", f"jobs/{kind}/{job['id']}").json()
        return shown if shown["state"] in ENDED else None

    done = wait_until(found, what="the end of the job")
    assert done is not None
    return done


def loaded(
    call: Caller, data: str | bytes, operation: str = "insert", entity: str = "Account", **more: Any
) -> dict[str, Any]:
    """A job from its beginning to its end."""
    job = created(call, operation, entity, **more)
    upload(call, job, data)
    assert set_state(call, job, "UploadComplete").json()["state"] == "UploadComplete"
    return ended(call, job)


def rows(call: Caller, job: dict[str, Any], kind: str, delimiter: str = ",") -> list[dict[str, str]]:
    answer = call("GET", f"jobs/ingest/{job['id']}/{kind}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "Sforce-Limit-Info" in answer.headers
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline=""), delimiter=delimiter))


def selected(call: Caller, query: str, **more: Any) -> dict[str, Any]:
    """A query job that is complete."""
    answer = call("POST", "jobs/query", json={"operation": "query", "query": query, **more})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "UploadComplete"
    job = ended(call, answer.json(), "query")
    assert job["state"] == "JobComplete", job
    return job


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]
