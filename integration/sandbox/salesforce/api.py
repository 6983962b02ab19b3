"""What the REST resources do, without HTTP: one method per kind of call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce.api_errors import ApiError, no_such_column, not_found
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef
from integration.sandbox.salesforce.soql_result import attributes
from integration.sandbox.salesforce.tables import Row
from integration.sandbox.salesforce.transactions import Actor, Transaction
from integration.sandbox.salesforce.values import render, render_compound

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

Json = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who calls, through which API version, under which client id of the call options."""

    user_id: str
    version: str
    client: str | None = None

    def actor(self, *, with_client: bool = True) -> Actor:
        return Actor(self.user_id, rest_origin(self.version, self.client if with_client else None))


def rest_origin(version: str, client: str | None) -> str:
    """`com/salesforce/api/rest/61.0;client=zsync`."""
    origin = f"com/salesforce/api/rest/{version}"
    return f"{origin};client={client}" if client else origin


def client_of(call_options: str) -> str | None:
    """The client id of a `Sforce-Call-Options` header; both separators are in use."""
    for option in call_options.replace(",", ";").split(";"):
        name, _, value = option.partition("=")
        if name.strip().lower() == "client" and value.strip():
            return value.strip()
    return None


@dataclass(frozen=True)
class Upserted:
    """An upsert's end: the record, and whether it is new; or the ids of several matches."""

    record_id: str
    created: bool
    several: tuple[str, ...] = ()


class RestApi:
    """Single-record calls."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    def object(self, name: str) -> ObjectDef:
        definition = self._org.schema.find(name)
        if definition is None:
            raise not_found()
        return definition

    def create(self, caller: Caller, definition: ObjectDef, incoming: Mapping[str, Any]) -> str:
        with self._org.transaction(caller.actor()) as txn:
            self._org.record_faults.check(definition, None, incoming)
            return self._org.saves.create(txn, definition, incoming).id

    def update(
        self, caller: Caller, definition: ObjectDef, record_id: str, incoming: Mapping[str, Any]
    ) -> None:
        with self._org.transaction(caller.actor()) as txn:
            self._org.record_faults.check(definition, record_id, incoming)
            self._org.saves.update(txn, definition, record_id, incoming)

    def delete(self, caller: Caller, definition: ObjectDef, record_id: str) -> None:
        with self._org.transaction(caller.actor()) as txn:
            self._org.record_faults.check(definition, record_id, {})
            self._org.saves.delete(txn, definition, record_id)

    def upsert(
        self,
        caller: Caller,
        definition: ObjectDef,
        field: FieldDef,
        text: str,
        incoming: Mapping[str, Any],
        *,
        update_only: bool,
    ) -> Upserted:
        """Raises what the save raises; several matches are told, not raised, and write nothing."""
        self._check_upsert_body(field, incoming)
        with self._org.transaction(caller.actor()) as txn:
            return self.upsert_in(txn, definition, field, text, incoming, update_only=update_only)

    def upsert_in(
        self,
        txn: Transaction,
        definition: ObjectDef,
        field: FieldDef,
        value: Any,
        incoming: Mapping[str, Any],
        *,
        update_only: bool = False,
    ) -> Upserted:
        """The upsert itself, inside a transaction of the caller."""
        matches = self._org.saves.by_key(definition, field, value)
        if len(matches) > 1:
            return Upserted("", created=False, several=tuple(row.id for row in matches))
        if matches:
            self._org.record_faults.check(definition, matches[0].id, {**incoming, field.name: value})
            self._org.saves.update(txn, definition, matches[0].id, incoming)
            return Upserted(matches[0].id, created=False)
        if update_only:
            raise not_found()
        full = {**incoming, field.name: value}
        self._org.record_faults.check(definition, None, full)
        return Upserted(self._org.saves.create(txn, definition, full).id, created=True)

    def _check_upsert_body(self, field: FieldDef, incoming: Mapping[str, Any]) -> None:
        names = {name.lower() for name in incoming}
        banned = ["Id"] if "id" in names else []
        if self._org.options.switches.reject_external_id_in_body and field.name.lower() in names:
            banned.append(field.name)
        if banned:
            message = f"The {banned[0]} field should not be specified in the sobject data."
            raise ApiError("INVALID_FIELD", message, fields=banned)

    def by_key(self, definition: ObjectDef, field: FieldDef, text: str) -> Sequence[Row]:
        return self._org.saves.by_key(definition, field, text)

    def shown(
        self, definition: ObjectDef, row: Row, version: str, names: Sequence[str] | None = None
    ) -> Json:
        """The record as GET shows it. Raises INVALID_FIELD for a field it does not have."""
        fields = list(definition.fields) if names is None else [self._field(definition, n) for n in names]
        body: Json = {"attributes": attributes(definition, row.id, version)}
        for field in fields:
            body[field.name] = shown_value(definition, field, row)
        if names is not None:
            body["Id"] = row.id
        return body

    @staticmethod
    def _field(definition: ObjectDef, name: str) -> FieldDef:
        field = definition.find(name.strip())
        if field is None:
            raise no_such_column(name.strip(), definition.name)
        return field


def shown_value(definition: ObjectDef, field: FieldDef, row: Row) -> Any:
    if field.type in {"address", "location"}:
        return render_compound(definition, field, row.values)
    return render(field, row.values.get(field.name))
