"""sObject Collections: up to 200 records in one call, each with a result of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce.api import Caller, Json, RestApi
from integration.sandbox.salesforce.api_errors import ApiError, ErrorEntry, bad_json
from integration.sandbox.salesforce.record_saves import (
    RecordSaves,
    folded,
    get,
    long_id_of,
    repeated_in,
    without,
)
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef
from integration.sandbox.salesforce.transactions import Transaction

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

MOST_RECORDS = 200
ROLLED_BACK = ErrorEntry(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
    (),
)
Save = Callable[[Transaction, Mapping[str, Any]], Json]


@dataclass(frozen=True)
class Batch:
    """A parsed request body."""

    records: Sequence[Mapping[str, Any]]
    all_or_none: bool


class _AllOrNoneError(ApiError):
    """Carries the results of a call that is undone as a whole."""

    def __init__(self, results: list[Json]) -> None:
        super().__init__(ROLLED_BACK.code, ROLLED_BACK.message)
        self.results = results


class CollectionsApi:
    """Saves, deletes and reads of many records. HTTP is 200 even where every record failed."""

    def __init__(self, org: SalesforceOrg, single: RestApi) -> None:
        self._org = org
        self._single = single
        self._saves = RecordSaves(org, single)

    def create(self, caller: Caller, body: Any) -> list[Json]:
        batch = self._batch(body)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            definition = self._type_of(record)
            return _success(self._saves.create(txn, definition, without(record, "attributes")))

        return self._run(caller, batch, save)

    def update(self, caller: Caller, body: Any) -> list[Json]:
        batch = self._batch(body)
        repeated = repeated_in(long_id_of(get(record, "id")) for record in batch.records)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            definition, record_id = self._type_of(record), get(record, "id")
            fields = without(record, "attributes", "id")
            return _success(self._saves.update(txn, definition, record_id, fields, repeated))

        return self._run(caller, batch, save)

    def upsert(self, caller: Caller, definition: ObjectDef, field: FieldDef, body: Any) -> list[Json]:
        batch = self._batch(body)
        for record in batch.records:
            if self._type_of(record).name != definition.name:
                raise ApiError("INVALID_INPUT", "an upsert takes records of one type only")
        repeated = repeated_in(folded(get(record, field.name)) for record in batch.records)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            value, fields = get(record, field.name), without(record, "attributes", field.name)
            done = self._saves.upsert(txn, definition, field, value, fields, repeated)
            return {**_success(done.record_id), "created": done.created}

        return self._run(caller, batch, save)

    def delete(self, caller: Caller, record_ids: Sequence[str], *, all_or_none: bool) -> list[Json]:
        _check_size(record_ids)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            return _success(self._saves.delete(txn, None, record["id"]))

        records = [{"attributes": {"type": record_id[:3]}, "id": record_id} for record_id in record_ids]
        return self._run(caller, Batch(records, all_or_none), save)

    def retrieve(
        self, definition: ObjectDef, record_ids: Sequence[str], names: Sequence[str], version: str
    ) -> list[Json | None]:
        """Records in the order asked for, null for ids that do not exist or are deleted."""
        if len(record_ids) > 2000:
            raise ApiError("EXCEEDED_ID_LIMIT", "cannot retrieve more than 2000 records")
        table = self._org.store.table(definition.name)
        found: list[Json | None] = []
        for record_id in record_ids:
            row = table.get(ids.to_long(record_id) or "")
            alive = row is not None and not row.deleted
            found.append(self._single.shown(definition, row, version, names) if row and alive else None)
        return found

    # -- parts ----------------------------------------------------------------------------------

    def _run(self, caller: Caller, batch: Batch, save: Save) -> list[Json]:
        switches = self._org.options.switches
        actor = caller.actor(with_client=switches.collections_carry_client)
        self._check_types(batch.records)
        results: list[Json] = []
        size = MOST_RECORDS if batch.all_or_none else switches.collections_transaction_records
        try:
            for chunk in _chunks(batch.records, size):
                with self._org.transaction(actor) as txn:
                    done = [self._one(txn, record, save) for record in chunk]
                    if batch.all_or_none:
                        _insist_on_all(done)
                results.extend(done)
        except _AllOrNoneError as undone:
            return [_rolled_back(result) for result in undone.results]
        return results

    @staticmethod
    def _one(txn: Transaction, record: Mapping[str, Any], save: Save) -> Json:
        try:
            with txn.savepoint():
                return save(txn, record)
        except ApiError as error:
            return {"success": False, "errors": [entry.as_save_result() for entry in error.entries]}

    def _check_types(self, records: Sequence[Mapping[str, Any]]) -> None:
        most = self._org.options.switches.collections_type_chunks
        names = [str(record.get("attributes", {}).get("type")) for record in records]
        chunks = sum(1 for n, name in enumerate(names) if n == 0 or names[n - 1] != name)
        if chunks > most:
            message = f"the type of records changes more than {most} times in one call"
            raise ApiError("EXCEEDED_MAX_TYPES_LIMIT", message)

    def _type_of(self, record: Mapping[str, Any]) -> ObjectDef:
        attributes = record.get("attributes")
        name = attributes.get("type") if isinstance(attributes, Mapping) else None
        definition = self._org.schema.find(str(name)) if name else None
        if definition is None:
            raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.", fields=[])
        return definition

    @staticmethod
    def _batch(body: Any) -> Batch:
        records = body.get("records") if isinstance(body, Mapping) else None
        if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
            raise bad_json("the request body needs a list named records")
        _check_size(records)
        for record in records:
            attributes = record.get("attributes")
            if not isinstance(attributes, Mapping) or not isinstance(attributes.get("type"), str):
                raise bad_json("every record needs attributes with its type")
        all_or_none = body.get("allOrNone", False)
        if not isinstance(all_or_none, bool):
            raise bad_json("allOrNone is true or false")
        return Batch(records, all_or_none)


def _check_size(items: Sequence[Any]) -> None:
    if not items:
        raise ApiError("INVALID_INPUT", "no records given")
    if len(items) > MOST_RECORDS:
        message = f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call"
        raise ApiError("EXCEEDED_ID_LIMIT", message)


def _insist_on_all(results: list[Json]) -> None:
    if not all(result["success"] for result in results):
        raise _AllOrNoneError(results)


def _rolled_back(result: Json) -> Json:
    return {"success": False, "errors": [ROLLED_BACK.as_save_result()]} if result["success"] else result


def _success(record_id: str) -> Json:
    return {"id": record_id, "success": True, "errors": []}


def _chunks(records: Sequence[Mapping[str, Any]], size: int) -> Iterable[list[Mapping[str, Any]]]:
    rest = iter(records)
    while chunk := list(islice(rest, max(size, 1))):
        yield chunk
