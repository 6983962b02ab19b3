"""What a job is and how the API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from integration.sandbox.salesforce.bulk.packed import PackedRows, PackedText
from integration.sandbox.salesforce.values import show_millis

Json = dict[str, Any]
OPEN = "Open"
UPLOADED = "UploadComplete"
RUNNING = "InProgress"
COMPLETE = "JobComplete"
FAILED = "Failed"
ABORTED = "Aborted"
ENDED = frozenset({COMPLETE, FAILED, ABORTED})


@dataclass
class Job:
    """What both kinds of job have; times are epoch milliseconds, durations milliseconds."""

    id: str
    operation: str
    object: str
    column_delimiter: str
    line_ending: str
    api_version: str
    user_id: str
    client: str | None
    created: int
    stamp: int
    state: str = OPEN
    error: str | None = None
    processed: int = 0
    total_time: int = 0
    due: float = 0.0
    """When the job may run, on the monotonic clock of this process."""

    def shown(self) -> Json:
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user_id,
            "createdDate": show_millis(self.created),
            "systemModstamp": show_millis(self.stamp),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.api_version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.column_delimiter,
        }

    def counters(self) -> Json:
        """What a job shows from the moment on in which it runs."""
        if self.state in {OPEN, UPLOADED}:
            return {}
        told: Json = {"retries": 0, "totalProcessingTime": self.total_time}
        return {**told, "numberRecordsProcessed": self.processed}

    def _plain(self) -> Json:
        return {f.name: getattr(self, f.name) for f in fields(Job) if f.name != "due"}


@dataclass
class IngestJob(Job):
    """Rows to be saved. What was uploaded is dropped once every row has its result."""

    external_id: str | None = None
    failed: int = 0
    rows_done: int = 0
    batches: int = 0
    columns: tuple[str, ...] = ()
    upload: PackedText | None = None
    successful: PackedText = field(default_factory=PackedText)
    failures: PackedText = field(default_factory=PackedText)

    def shown(self) -> Json:
        found = {**super().shown(), "jobType": "V2Ingest"}
        if self.external_id is not None:
            found["externalIdFieldName"] = self.external_id
        if self.state == OPEN:
            found["contentUrl"] = f"services/data/v{self.api_version}/jobs/ingest/{self.id}/batches"
        if self.error is not None:
            found["errorMessage"] = self.error
        return found

    def counters(self) -> Json:
        found = super().counters()
        if not found:
            return {}
        times = {"apiActiveProcessingTime": self.total_time, "apexProcessingTime": 0}
        return {**found, **times, "numberRecordsFailed": self.failed}

    def dump(self) -> Json:
        upload = None if self.upload is None else self.upload.dump()
        own = {name: getattr(self, name) for name in ("external_id", "failed", "rows_done", "batches")}
        texts = {"successful": self.successful.dump(), "failures": self.failures.dump(), "upload": upload}
        return {**self._plain(), **own, **texts, "columns": list(self.columns)}

    @classmethod
    def loaded(cls, raw: Mapping[str, Any]) -> IngestJob:
        upload = None if raw["upload"] is None else PackedText.loaded(raw["upload"])
        texts = {name: PackedText.loaded(raw[name]) for name in ("successful", "failures")}
        return cls(**{**raw, **texts, "columns": tuple(raw["columns"]), "upload": upload})


@dataclass
class QueryJob(Job):
    """A query whose rows are written as CSV once and read in pages."""

    query: str = ""
    header: str = ""
    rows: PackedRows = field(default_factory=PackedRows)

    def shown(self) -> Json:
        found = {**super().shown(), "jobType": "V2Query"}
        return found if self.error is None else {**found, "errorMessage": self.error}

    def dump(self) -> Json:
        return {**self._plain(), "query": self.query, "header": self.header, "rows": self.rows.dump()}

    @classmethod
    def loaded(cls, raw: Mapping[str, Any]) -> QueryJob:
        return cls(**{**raw, "rows": PackedRows.loaded(raw["rows"])})
