"""Runs an ingest job: rows to saves, some hundred at a time, with a result for each row."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.bulk.columns import Columns
from integration.sandbox.salesforce.bulk.csv_rows import CsvError, CsvRows, CsvWriter
from integration.sandbox.salesforce.bulk.jobs import IngestJob
from integration.sandbox.salesforce.limits import BulkUsage
from integration.sandbox.salesforce.record_saves import (
    NONE_REPEATED,
    RecordSaves,
    folded,
    get,
    long_id_of,
    repeated_in,
    without,
)
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.transactions import Actor, Transaction

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

Cells = Sequence[str]
Save = Callable[[Transaction, dict[str, Any]], tuple[str, bool]]
"""Saves one row; answers the record's id and whether it is new."""


@dataclass
class _Outcome:
    """Results of some rows, as cells."""

    good: list[list[str]] = field(default_factory=list)
    bad: list[list[str]] = field(default_factory=list)


class Loading:
    """One run of a job, from the row where an earlier run ended. Raises CsvError for bad data."""

    def __init__(self, org: SalesforceOrg, usage: BulkUsage, job: IngestJob) -> None:
        self._org, self._usage, self._job = org, usage, job
        self._definition: ObjectDef = org.schema.object(job.object)
        self._saves = RecordSaves(org, org.api)
        self._writer = CsvWriter(job.column_delimiter, job.line_ending)
        origin = f"com/salesforce/api/bulkapi/{job.api_version}"
        self._actor = Actor(job.user_id, f"{origin};client={job.client}" if job.client else origin)
        pieces = job.upload.read() if job.upload is not None else iter(())
        self._rows = CsvRows(pieces, job.column_delimiter, job.line_ending)
        self._columns: Columns | None = None

    def begin(self) -> None:
        """Reads the header."""
        names = next(self._rows, None)
        if names is None:
            raise CsvError("ClientInputError : the uploaded data has no header")
        names = [name.strip() for name in names]
        self._job.columns = tuple(names)
        if self._job.operation in {"delete", "hardDelete"} and [n.lower() for n in names] != ["id"]:
            raise CsvError(f"InvalidBatch : a {self._job.operation} job takes the column Id and no other")
        clears = self._org.options.switches.bulk_empty_cells_clear
        self._columns = Columns(names, self._definition, self._org.schema, empty_clears=clears)

    def skip(self, count: int) -> None:
        """Passes over rows that have their results."""
        for _ in islice(self._rows, count):
            pass

    def step(self) -> bool:
        """Saves the next rows in one transaction; whether there were any."""
        job, switches = self._job, self._org.options.switches
        size = max(1, switches.bulk_transaction_records)
        left = switches.bulk_batch_records - job.rows_done % switches.bulk_batch_records
        if left == switches.bulk_batch_records:
            self._check_allowance()
        rows = list(islice(self._rows, min(size, left)))
        if not rows:
            return False
        if left == switches.bulk_batch_records:
            self._usage.batches.add()
        began = time.monotonic()
        self._note(self._saved(rows), len(rows))
        job.total_time += int((time.monotonic() - began) * 1000)
        return True

    def _check_allowance(self) -> None:
        switches = self._org.options.switches
        if self._usage.batches.used() >= switches.bulk_daily_batches:
            raise CsvError("ExceededQuota : the daily number of batches is used up")
        if self._usage.records.used() >= switches.bulk_daily_records:
            raise CsvError("ExceededQuota : the daily number of records is used up")

    def _note(self, outcome: _Outcome, count: int) -> None:
        job = self._job
        job.rows_done += count
        job.processed += count
        job.failed += len(outcome.bad)
        job.stamp = self._org.stamp()
        self._usage.records.add(count)
        if not self._org.options.switches.bulk_results_in_order:
            outcome.good.reverse()
            outcome.bad.reverse()
        job.successful.write(self._writer.rows(outcome.good).encode())
        job.failures.write(self._writer.rows(outcome.bad).encode())

    # -- rows -----------------------------------------------------------------------------------

    def _saved(self, rows: Sequence[Cells]) -> _Outcome:
        columns = self._columns
        if columns is None:
            raise RuntimeError("a job saves rows after its header")
        incoming = [columns.incoming(cells) for cells in rows]
        save, gone = self._save_of(incoming)
        outcome = _Outcome()
        with self._org.transaction(self._actor) as txn:
            for cells, fields in zip(rows, incoming, strict=True):
                self._one(txn, save, cells, fields, outcome)
        if gone is not None:
            self._purge(txn, gone)
        return outcome

    def _one(
        self, txn: Transaction, save: Save, cells: Cells, fields: dict[str, Any], outcome: _Outcome
    ) -> None:
        try:
            with txn.savepoint():
                record_id, created = save(txn, fields)
        except ApiError as error:
            known = get(fields, "id") if self._job.operation != "insert" else None
            outcome.bad.append([str(known or ""), self._told(error, cells), *cells])
        else:
            outcome.good.append([record_id, "true" if created else "false", *cells])

    def _told(self, error: ApiError, cells: Cells) -> str:
        if error.code == "JSON_PARSER_ERROR" and self._columns is not None:
            error = self._columns.mistyped(cells) or error
        return ";".join(
            f"{entry.code}:{entry.message}:{''.join(f'{name} ' for name in entry.fields or ())}--"
            for entry in error.entries
        )

    def _save_of(self, incoming: Sequence[dict[str, Any]]) -> tuple[Save, list[str] | None]:
        """How a row is saved, and where hardDelete collects the ids that are to go for good."""
        operation, definition = self._job.operation, self._definition
        if operation == "insert":
            return lambda txn, fields: (self._saves.create(txn, definition, fields), True), None
        if operation == "upsert":
            return self._upsert_of(incoming), None
        if operation == "update":
            repeated = repeated_in(long_id_of(get(fields, "id")) for fields in incoming)
            return lambda txn, fields: (self._update(txn, fields, repeated), False), None
        if operation == "delete":
            return lambda txn, fields: (self._saves.delete(txn, definition, get(fields, "id")), False), None
        gone: list[str] = []
        return lambda txn, fields: (self._hard_delete(txn, fields, gone), False), gone

    def _update(self, txn: Transaction, fields: dict[str, Any], repeated: frozenset[str]) -> str:
        return self._saves.update(txn, self._definition, get(fields, "id"), without(fields, "id"), repeated)

    def _upsert_of(self, incoming: Sequence[dict[str, Any]]) -> Save:
        key = self._definition.field(str(self._job.external_id))
        if key.name == "Id":
            repeated = repeated_in(long_id_of(get(fields, "id")) for fields in incoming)

            def by_id(txn: Transaction, fields: dict[str, Any]) -> tuple[str, bool]:
                if get(fields, "id") is None:
                    return self._saves.create(txn, self._definition, fields), True
                return self._update(txn, fields, repeated), False

            return by_id
        same = repeated_in(folded(get(fields, key.name)) for fields in incoming)

        def by_key(txn: Transaction, fields: dict[str, Any]) -> tuple[str, bool]:
            value, rest = get(fields, key.name), without(fields, key.name)
            done = self._saves.upsert(txn, self._definition, key, value, rest, same or NONE_REPEATED)
            return done.record_id, done.created

        return by_key

    def _hard_delete(self, txn: Transaction, fields: dict[str, Any], gone: list[str]) -> str:
        record_id = long_id_of(get(fields, "id")) or ""
        row = self._org.store.table(self._definition.name).get(record_id)
        # What lies in the recycle bin already goes without an event.
        if row is None or not row.deleted:
            record_id = self._saves.delete(txn, self._definition, get(fields, "id"))
        gone.append(record_id)
        return record_id

    def _purge(self, txn: Transaction, gone: Sequence[str]) -> None:
        """Takes the records for good, with those that were deleted along with them just now."""
        chosen = set(gone)
        for change in txn.changes():
            if change.after.deleted and change.after.deleted_with in chosen:
                self._org.store.table(change.definition.name).drop(change.after.id)
        for record_id in chosen:
            self._org.store.table(self._definition.name).drop(record_id)


def unprocessed(job: IngestJob) -> Iterator[bytes]:
    """The rows of a job that ended before them, under the header of the upload."""
    writer = CsvWriter(job.column_delimiter, job.line_ending)
    if job.columns:
        yield writer.rows([job.columns]).encode()
    if job.upload is None:
        return
    rows = CsvRows(job.upload.read(), job.column_delimiter, job.line_ending)
    try:
        header = next(rows, None)
        if header is not None and not job.columns:
            yield writer.rows([header]).encode()
        for _ in islice(rows, job.rows_done):
            pass
        for row in rows:
            yield writer.rows([row]).encode()
    except CsvError:
        # The job failed at this very place: behind it nothing can be told apart.
        return
