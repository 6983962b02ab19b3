"""Saves of one record among many, as Collections and Bulk jobs make them: the checks that a list adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce.api import RestApi, Upserted
from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef
from integration.sandbox.salesforce.transactions import Transaction

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

NONE_REPEATED: frozenset[str] = frozenset()


class RecordSaves:
    """Every method saves one record inside the caller's transaction or raises what is wrong with it."""

    def __init__(self, org: SalesforceOrg, single: RestApi) -> None:
        self._org = org
        self._single = single

    def create(self, txn: Transaction, definition: ObjectDef, fields: Mapping[str, Any]) -> str:
        if get(fields, "id") is not None:
            raise ApiError("INVALID_FIELD", "cannot specify Id in an insert call", fields=["Id"])
        self._org.record_faults.check(definition, None, fields)
        return self._org.saves.create(txn, definition, fields).id

    def update(
        self,
        txn: Transaction,
        definition: ObjectDef,
        record_id: Any,
        fields: Mapping[str, Any],
        repeated: frozenset[str],
    ) -> str:
        """:param repeated: ids (18 characters) that the list has more than once"""
        if not isinstance(record_id, str) or not record_id:
            raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
        if not ids.looks_like_id(record_id):
            raise ApiError("MALFORMED_ID", f"malformed id {record_id}", fields=["Id"])
        if ids.to_long(record_id) in repeated:
            raise ApiError("DUPLICATE_VALUE", f"duplicate id in list: {record_id}", fields=["Id"])
        self._org.record_faults.check(definition, ids.to_long(record_id), fields)
        return self._org.saves.update(txn, definition, record_id, fields).id

    def upsert(
        self,
        txn: Transaction,
        definition: ObjectDef,
        field: FieldDef,
        value: Any,
        fields: Mapping[str, Any],
        repeated: frozenset[str],
    ) -> Upserted:
        """:param repeated: folded external ids that the list has more than once"""
        if get(fields, "id") is not None:
            raise ApiError("INVALID_FIELD", "cannot specify Id in an upsert call", fields=["Id"])
        if value is None or value == "":
            raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified", fields=[])
        if folded(value) in repeated:
            code = self._org.options.switches.repeated_external_id_code
            raise ApiError(code, f"Duplicate external id specified: {value}", fields=[field.name])
        done = self._single.upsert_in(txn, definition, field, value, fields)
        if done.several:
            found = ", ".join(done.several)
            message = f"{field.name}: more than one record found for external id field: [{found}]"
            raise ApiError("DUPLICATE_EXTERNAL_ID", message, fields=[field.name])
        return done

    def delete(self, txn: Transaction, definition: ObjectDef | None, record_id: Any) -> str:
        """:param definition: the only object allowed, or None for whatever the id says"""
        text = record_id if isinstance(record_id, str) else ""
        found = definition or self._org.schema.by_prefix(text)
        long_id = ids.to_long(text)
        if not text:
            raise ApiError("MISSING_ARGUMENT", "Id not specified in a delete call", fields=["Id"])
        if found is None or long_id is None:
            raise ApiError("MALFORMED_ID", f"malformed id {text}", fields=[])
        self._org.record_faults.check(found, long_id, {})
        self._org.saves.delete(txn, found, text)
        return long_id


def get(record: Mapping[str, Any], name: str) -> Any:
    """The member of that name, whatever its case."""
    return next((value for key, value in record.items() if key.lower() == name.lower()), None)


def without(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    gone = {name.lower() for name in names}
    return {key: value for key, value in record.items() if key.lower() not in gone}


def long_id_of(record_id: Any) -> str | None:
    return ids.to_long(record_id) if isinstance(record_id, str) else None


def folded(value: Any) -> str | None:
    """An external id as it is compared within one list."""
    return None if value is None else str(value).strip().casefold()


def repeated_in(values: Iterable[str | None]) -> frozenset[str]:
    return frozenset(value for value, count in Counter(values).items() if count > 1 and value is not None)
