"""sObject Collections: up to 200 records in one call, each with a result of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce.api import Caller, Json, RestApi
from integration.sandbox.salesforce.api_errors import ApiError, ErrorEntry, bad_json
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

    def create(self, caller: Caller, body: Any) -> list[Json]:
        batch = self._batch(body)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            definition = self._type_of(record)
            fields = _without(record, "attributes")
            if _id_of(record) is not None:
                raise ApiError("INVALID_FIELD", "cannot specify Id in an insert call", fields=["Id"])
            self._org.record_faults.check(definition, None, fields)
            return _success(self._org.saves.create(txn, definition, fields).id)

        return self._run(caller, batch, save)

    def update(self, caller: Caller, body: Any) -> list[Json]:
        batch = self._batch(body)
        repeated = _repeated(_long_id(record) for record in batch.records)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            definition = self._type_of(record)
            record_id = _id_of(record)
            if not isinstance(record_id, str) or not record_id:
                raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
            if not ids.looks_like_id(record_id):
                raise ApiError("MALFORMED_ID", f"malformed id {record_id}", fields=["Id"])
            if ids.to_long(record_id) in repeated:
                raise ApiError("DUPLICATE_VALUE", f"duplicate id in list: {record_id}", fields=["Id"])
            fields = _without(record, "attributes", "id")
            self._org.record_faults.check(definition, ids.to_long(record_id), fields)
            return _success(self._org.saves.update(txn, definition, record_id, fields).id)

        return self._run(caller, batch, save)

    def upsert(self, caller: Caller, definition: ObjectDef, field: FieldDef, body: Any) -> list[Json]:
        batch = self._batch(body)
        for record in batch.records:
            if self._type_of(record).name != definition.name:
                raise ApiError("INVALID_INPUT", "an upsert takes records of one type only")
        repeated = _repeated(_folded(_get(record, field.name)) for record in batch.records)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            return self._upsert_one(txn, definition, field, record, repeated)

        return self._run(caller, batch, save)

    def _upsert_one(
        self,
        txn: Transaction,
        definition: ObjectDef,
        field: FieldDef,
        record: Mapping[str, Any],
        repeated: frozenset[str],
    ) -> Json:
        value = _get(record, field.name)
        if _id_of(record) is not None:
            raise ApiError("INVALID_FIELD", "cannot specify Id in an upsert call", fields=["Id"])
        if value is None or value == "":
            raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified", fields=[])
        if _folded(value) in repeated:
            code = self._org.options.switches.repeated_external_id_code
            raise ApiError(code, f"Duplicate external id specified: {value}", fields=[field.name])
        fields = _without(record, "attributes", field.name)
        done = self._single.upsert_in(txn, definition, field, value, fields)
        if done.several:
            found = ", ".join(done.several)
            message = f"{field.name}: more than one record found for external id field: [{found}]"
            raise ApiError("DUPLICATE_EXTERNAL_ID", message, fields=[field.name])
        return {**_success(done.record_id), "created": done.created}

    def delete(self, caller: Caller, record_ids: Sequence[str], *, all_or_none: bool) -> list[Json]:
        _check_size(record_ids)

        def save(txn: Transaction, record: Mapping[str, Any]) -> Json:
            record_id = str(record["id"])
            definition = self._org.schema.by_prefix(record_id)
            if definition is None or ids.to_long(record_id) is None:
                raise ApiError("MALFORMED_ID", f"malformed id {record_id}", fields=[])
            self._org.record_faults.check(definition, ids.to_long(record_id), {})
            self._org.saves.delete(txn, definition, record_id)
            return _success(str(ids.to_long(record_id)))

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


def _get(record: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in record.items() if key.lower() == name.lower()), None)


def _id_of(record: Mapping[str, Any]) -> Any:
    return _get(record, "id")


def _long_id(record: Mapping[str, Any]) -> str | None:
    record_id = _id_of(record)
    return ids.to_long(record_id) if isinstance(record_id, str) else None


def _without(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    gone = {name.lower() for name in names}
    return {key: value for key, value in record.items() if key.lower() not in gone}


def _folded(value: Any) -> str | None:
    return None if value is None else str(value).strip().casefold()


def _repeated(values: Iterable[str | None]) -> frozenset[str]:
    return frozenset(value for value, count in Counter(values).items() if count > 1 and value is not None)


def _chunks(records: Sequence[Mapping[str, Any]], size: int) -> Iterable[list[Mapping[str, Any]]]:
    rest = iter(records)
    while chunk := list(islice(rest, max(size, 1))):
        yield chunk
