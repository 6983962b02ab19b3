"""The jobs of an org: made, filled, ended and forgotten. What they do is done by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce.api import Caller
from integration.sandbox.salesforce.api_errors import ApiError, not_found
from integration.sandbox.salesforce.bulk.csv_rows import CsvWriter
from integration.sandbox.salesforce.bulk.job_request import read_ingest, read_query
from integration.sandbox.salesforce.bulk.jobs import (
    ABORTED,
    ENDED,
    OPEN,
    RUNNING,
    UPLOADED,
    IngestJob,
    Job,
    Json,
    QueryJob,
)
from integration.sandbox.salesforce.bulk.packed import PackedText
from integration.sandbox.salesforce.bulk.selection import Selection
from integration.sandbox.salesforce.bulk.worker import Worker
from integration.sandbox.salesforce.ids import IdSource, to_long
from integration.sandbox.salesforce.limits import BulkUsage

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

_PREFIX = "750"
_MILLIS = 1000
_DONE = {"JobComplete": "Completed", "Failed": "Failed", "Aborted": "Aborted"}


class BulkApi:
    """Jobs by id in the order in which they were made."""

    def __init__(self, org: SalesforceOrg, id_source: IdSource) -> None:
        self._org, self._ids = org, id_source
        self._jobs: dict[str, Job] = {}
        self.usage = BulkUsage(org)
        self._worker = Worker(org, self._jobs, self.usage)

    # -- all jobs -------------------------------------------------------------------------------

    def ingest_job(self, job_id: str) -> IngestJob:
        """Raises NOT_FOUND."""
        found = self._find(job_id)
        if not isinstance(found, IngestJob):
            raise not_found()
        return found

    def query_job(self, job_id: str) -> QueryJob:
        """Raises NOT_FOUND."""
        found = self._find(job_id)
        if not isinstance(found, QueryJob):
            raise not_found()
        return found

    def _find(self, job_id: str) -> Job | None:
        self._forget_old()
        return self._jobs.get(to_long(job_id) or "")

    def listed(self, kind: type[Job], after: str | None) -> tuple[list[Job], str | None]:
        """A page of jobs, newest first, behind the job of that id; and the id to go on after, if any."""
        self._forget_old()
        jobs = [job for job in reversed(self._jobs.values()) if isinstance(job, kind)]
        if after is not None:
            jobs = [job for job in jobs if job.id < after]
        most = self._org.options.switches.bulk_jobs_per_page
        return jobs[:most], jobs[most - 1].id if len(jobs) > most else None

    def abort(self, job: Job) -> None:
        """Raises INVALIDJOBSTATE for a job that has ended. Rows saved so far stay."""
        if job.state in ENDED:
            raise wrong_state(f"Aborting already {_DONE[job.state]} Job not allowed")
        job.state, job.stamp = ABORTED, self._org.stamp()

    def delete(self, job: Job) -> None:
        """Raises INVALIDJOBSTATE for a job that is open or runs."""
        if job.state in {OPEN, RUNNING}:
            raise wrong_state(f"Deleting a Job in state {job.state} not allowed")
        del self._jobs[job.id]

    def _start(self, job: Job) -> None:
        clock = self._org.clock
        job.state, job.stamp = UPLOADED, self._org.stamp()
        job.due = clock.monotonic() + clock.scaled(self._org.options.switches.bulk_start_seconds)
        self._worker.wake()

    def _forget_old(self) -> None:
        span = self._org.options.switches.bulk_job_days * self._org.clock.day_seconds
        limit = self._org.stamp() - int(span * _MILLIS)
        for job in list(self._jobs.values()):
            if job.created > limit:
                return
            del self._jobs[job.id]

    # -- rows to save ---------------------------------------------------------------------------

    def create_ingest(self, caller: Caller, body: Mapping[str, Any]) -> IngestJob:
        """A new job in state Open. Raises what is wrong with the request."""
        asked = read_ingest(body, self._org.schema)
        switches = self._org.options.switches
        if asked["operation"] == "hardDelete" and not switches.bulk_hard_delete:
            message = (
                "hardDelete operation requires special user profile permission, please contact your"
                " system administrator"
            )
            raise ApiError("FEATURENOTENABLED", message)
        if self.usage.batches.used() >= switches.bulk_daily_batches:
            raise _used_up("batches", switches.bulk_daily_batches, self.usage.batches.used())
        job = IngestJob(**self._about(caller), **asked)
        self._jobs[job.id] = job
        return job

    def check_upload(self, job: IngestJob) -> None:
        """Raises INVALIDJOBSTATE unless the job waits for its one upload."""
        if job.state != OPEN or job.upload is not None:
            raise wrong_state("Uploading data is allowed once and only to a Job in state Open")

    def receive(self, job: IngestJob, data: PackedText) -> None:
        self.check_upload(job)
        job.upload, job.stamp = data, self._org.stamp()

    def check_size(self, size: int) -> None:
        """Raises 413 for more bytes than base64 would let through."""
        if -(-size // 3) * 4 > self._org.options.switches.bulk_upload_bytes:
            raise ApiError("REQUEST_TOO_LARGE", "The uploaded data is too large", status=413)

    def close(self, job: IngestJob) -> None:
        """The upload is complete; the job runs when its turn comes. Raises INVALIDJOBSTATE."""
        if job.state != OPEN:
            raise wrong_state(f"Closing already {_DONE.get(job.state, 'Closed')} Job not allowed")
        self._start(job)

    # -- queries --------------------------------------------------------------------------------

    def create_query(self, caller: Caller, body: Mapping[str, Any]) -> QueryJob:
        """A new job that runs at once. Raises the errors of its query, which is looked at now."""
        asked = read_query(body)
        switches = self._org.options.switches
        used = self.usage.query_jobs.used()
        if used >= switches.bulk_daily_query_jobs:
            raise _used_up("v2 query jobs", switches.bulk_daily_query_jobs, used)
        with_deleted = asked["operation"] == "queryAll"
        selection = Selection(self._org, asked["query"], caller.user_id, with_deleted=with_deleted)
        self.usage.query_jobs.add()
        job = QueryJob(**self._about(caller), **asked, object=selection.object_name, state=UPLOADED)
        job.header = CsvWriter(job.column_delimiter, job.line_ending).rows([selection.names])
        self._jobs[job.id] = job
        self._start(job)
        return job

    def _about(self, caller: Caller) -> Json:
        self._forget_old()
        stamp = self._org.stamp()
        return {
            "id": self._ids.next(_PREFIX),
            "api_version": caller.version,
            "user_id": caller.user_id,
            "client": caller.client,
            "created": stamp,
            "stamp": stamp,
        }

    # -- whole state ----------------------------------------------------------------------------

    async def stop(self) -> None:
        await self._worker.stop()

    def clear(self) -> None:
        self._jobs.clear()
        self.usage.clear()

    def dump(self) -> Json:
        ingest = [job.dump() for job in self._jobs.values() if isinstance(job, IngestJob)]
        queries = [job.dump() for job in self._jobs.values() if isinstance(job, QueryJob)]
        return {"ingest": ingest, "query": queries, "usage": self.usage.dump()}

    def load(self, state: Mapping[str, Any]) -> None:
        self._jobs.clear()
        jobs: list[Job] = [IngestJob.loaded(raw) for raw in state.get("ingest", ())]
        jobs += [QueryJob.loaded(raw) for raw in state.get("query", ())]
        self._jobs.update({job.id: job for job in sorted(jobs, key=lambda job: job.id)})
        self.usage.load(state.get("usage", ()))
        self._worker.wake()


def wrong_state(message: str) -> ApiError:
    return ApiError("INVALIDJOBSTATE", message)


def _used_up(what: str, most: int, used: int) -> ApiError:
    return ApiError("LIMIT_EXCEEDED", f"Max bulk {what} ({most}) per 24 hrs has been reached ({used})")
