"""Change events written by hand: schemas as the event bus gives them, payloads, bitmaps."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro

TYPES = [
    "CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE",
    "GAP_OVERFLOW", "SNAPSHOT",
]  # fmt: skip


def field(name: str, avro: Any, kind: str = "") -> dict[str, Any]:
    """A nullable field of an event schema, with its annotation when `kind` is given."""
    item: dict[str, Any] = {"name": name, "type": ["null", *(avro if isinstance(avro, list) else [avro])]}
    item["default"] = None
    return item | ({"doc": f"Data:{kind}:00N000000000001"} if kind else {})


def record(name: str, **children: str) -> dict[str, Any]:
    """A compound type; children carry no annotation."""
    return {
        "type": "record",
        "name": name,
        "fields": [field(child, avro) for child, avro in children.items()],
    }


HEADER = {
    "type": "record",
    "name": "ChangeEventHeader",
    "fields": [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": {"type": "array", "items": "string"}},
        {"name": "changeType", "type": {"type": "enum", "name": "ChangeType", "symbols": TYPES}},
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long"},
        {"name": "commitUser", "type": "string"},
        {"name": "nulledFields", "type": {"type": "array", "items": "string"}},
        {"name": "diffFields", "type": {"type": "array", "items": "string"}},
        {"name": "changedFields", "type": {"type": "array", "items": "string"}},
    ],
}
ADDRESS = record(
    "Address", Street="string", City="string", State="string", Latitude="double", Xyz="string"
)  # fmt: skip
PERSON = record("PersonName", Salutation="string", FirstName="string", LastName="string")

FIELDS = [
    {"name": "ChangeEventHeader", "type": HEADER},
    field("Name", ["string", record("Switchable_PersonName", FirstName="string", LastName="string")],
          "Switchable_PersonName"),
    field("BillingAddress", ADDRESS, "Address"),
    field("Contact_Name", PERSON, "PersonName"),
    field("Depot__c", record("Location", Latitude="double", Longitude="double"), "Location"),
    field("Site__c", record("CustomAddress", Street="string", City="string"), "Address"),
    field("Revenue", "double", "Currency"),
    field("Employees", "int", "Integer"),
    field("Active__c", "boolean", "Boolean"),
    field("Founded__c", "long", "DateOnly"),
    field("Opens__c", "long", "TimeOnly"),
    field("Colours__c", {"type": "array", "items": "string"}, "MultiEnum"),
    field("Description", "string", "StringPlusClob"),
    field("LastModifiedDate", "long", "DateTime"),
]  # fmt: skip
PLACES = {item["name"]: place for place, item in enumerate(FIELDS)}


def schema_json(fields: list[dict[str, Any]] | None = None, name: str = "AccountChangeEvent") -> str:
    """A schema as the bus tells it."""
    found = {"type": "record", "name": name, "namespace": "com.sforce.eventbus", "fields": fields or FIELDS}
    return json.dumps(found)


def header(change_type: str = "UPDATE", **changes: Any) -> dict[str, Any]:
    """A header with nothing in its bitmaps."""
    return {
        "entityName": "Account", "recordIds": ["0015f00002J9YYEAA3"], "changeType": change_type,
        "changeOrigin": "com/salesforce/api/rest/61.0;client=us", "transactionKey": "tx-1",
        "sequenceNumber": 3,
        "commitTimestamp": 1_700_000_000_123, "commitNumber": 1_652_977_933_433_528_300,
        "commitUser": "0055f000008YpLzAAK", "nulledFields": [], "diffFields": [], "changedFields": [],
    } | changes  # fmt: skip


def payload(head: dict[str, Any], fields: list[dict[str, Any]] | None = None, **values: Any) -> bytes:
    """An event as bytes."""
    stream = io.BytesIO()
    schema = fastavro.parse_schema(json.loads(schema_json(fields)), named_schemas={})
    fastavro.schemaless_writer(stream, schema, {"ChangeEventHeader": head, **values})
    return stream.getvalue()


def bitmap(*places: int) -> str:
    """Field numbers as the header writes them: whole bytes, upper case."""
    digits = f"{sum(1 << place for place in places):X}"
    return "0x" + digits.zfill(len(digits) + len(digits) % 2)


def bits(*names: str) -> str:
    """The bitmap of top-level fields."""
    return bitmap(*(PLACES[name] for name in names))
