"""Runs the jobs of an org one after the other, in slices so short that calls are answered in between."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import logging
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.bulk.csv_rows import CsvError, CsvWriter
from integration.sandbox.salesforce.bulk.jobs import (
    COMPLETE,
    FAILED,
    RUNNING,
    UPLOADED,
    IngestJob,
    Job,
    QueryJob,
)
from integration.sandbox.salesforce.bulk.loading import Loading
from integration.sandbox.salesforce.bulk.packed import PackedRows
from integration.sandbox.salesforce.bulk.selection import Selection
from integration.sandbox.salesforce.limits import BulkUsage

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

_ROWS_PASSED_OVER = 2_000
_ROWS_WRITTEN = 200
# A call takes several rounds of the loop; with no pause between slices each round would wait for one.
_PAUSE_SECONDS = 0.001
_log = logging.getLogger(__name__)


class Worker:
    """One task that lives while there is something to do."""

    def __init__(self, org: SalesforceOrg, jobs: Mapping[str, Job], usage: BulkUsage) -> None:
        self._org, self._jobs, self._usage = org, jobs, usage
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Starts the task where there is a job for it and an event loop; without one, the next call does."""
        if self._task is not None and not self._task.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._next() is not None:
            # A context of its own: what is scripted for the call that woke it is not meant for its rows.
            self._task = loop.create_task(self._run(), context=contextvars.Context())
            return
        waiting = [job.due for job in self._jobs.values() if job.state == UPLOADED]
        if waiting:
            loop.call_later(max(0.0, min(waiting) - self._org.clock.monotonic()), self.wake)

    async def stop(self) -> None:
        """Ends between two slices; a job that runs goes on after a dump and a load."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _next(self) -> Job | None:
        now = self._org.clock.monotonic()
        for job in self._jobs.values():
            if job.state == RUNNING or (job.state == UPLOADED and job.due <= now):
                return job
        return None

    async def _run(self) -> None:
        while (job := self._next()) is not None:
            job.state = RUNNING
            await self._work(job)
        self._task = None
        self.wake()

    def _is(self, job: Job, state: str) -> bool:
        """Whether the job is still there and in that state; anything may happen while the task waits."""
        return self._jobs.get(job.id) is job and job.state == state

    async def _work(self, job: Job) -> None:
        try:
            if isinstance(job, IngestJob):
                await self._load(job)
            elif isinstance(job, QueryJob):
                await self._select(job)
        except CsvError as error:
            self._end(job, FAILED, str(error))
        except ApiError as error:
            self._end(job, FAILED, f"InvalidBatch : Failed to process query: {error}")
        except Exception:  # noqa: BLE001 - logged and told with an error id
            # A job is a process of its own: whatever breaks it must not stop the others.
            error_id = uuid.uuid4().hex
            _log.exception("job %s broke, ErrorId %s", job.id, error_id)
            self._end(job, FAILED, f"InternalServerError : an unexpected error occurred, ErrorId {error_id}")

    def _end(self, job: Job, state: str, error: str | None = None) -> None:
        if self._is(job, RUNNING):
            job.state, job.error, job.stamp = state, error, self._org.stamp()

    async def _load(self, job: IngestJob) -> None:
        loading = Loading(self._org, self._usage, job)
        loading.begin()
        for start in range(0, job.rows_done, _ROWS_PASSED_OVER):
            loading.skip(min(_ROWS_PASSED_OVER, job.rows_done - start))
            await asyncio.sleep(_PAUSE_SECONDS)
        while self._is(job, RUNNING):
            if not loading.step():
                self._end(job, COMPLETE)
                job.upload = None
            # Records stay for good. Left to the collector, each of its full rounds would look at all of them.
            gc.freeze()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _select(self, job: QueryJob) -> None:
        began = time.monotonic()
        with_deleted = job.operation == "queryAll"
        selection = Selection(self._org, job.query, job.user_id, with_deleted=with_deleted)
        writer = CsvWriter(job.column_delimiter, job.line_ending)
        job.rows, job.processed = PackedRows(), 0
        for start in range(0, len(selection), _ROWS_WRITTEN):
            await asyncio.sleep(_PAUSE_SECONDS)
            if not self._is(job, RUNNING):
                return
            for cells in selection.cells(start, start + _ROWS_WRITTEN):
                job.rows.add(writer.rows([cells]))
            job.processed = job.rows.count
        job.total_time = int((time.monotonic() - began) * 1000)
        self._usage.result_bytes.add(job.rows.size)
        self._end(job, COMPLETE)
