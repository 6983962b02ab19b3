"""Avro schemas of change events, and their ids."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fastavro import parse_schema

from integration.sandbox.salesforce.avro_write import encoder_of
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef

NAMESPACE = "com.sforce.eventbus"
CHANGE_TYPES = (
    "CREATE",
    "UPDATE",
    "DELETE",
    "UNDELETE",
    "GAP_CREATE",
    "GAP_UPDATE",
    "GAP_DELETE",
    "GAP_UNDELETE",
    "GAP_OVERFLOW",
    "SNAPSHOT",
)
_DOCS = {
    "string": "Data:Text",
    "textarea": "Data:StringPlusClob",
    "email": "Data:Email",
    "phone": "Data:Phone",
    "url": "Data:Url",
    "picklist": "Data:DynamicEnum",
    "combobox": "Data:DynamicEnum",
    "multipicklist": "Data:MultiEnum",
    "boolean": "Data:Boolean",
    "int": "Data:Integer",
    "double": "Data:Double",
    "currency": "Data:Currency",
    "percent": "Data:Percent",
    "datetime": "Data:DateTime",
    "date": "Data:DateOnly",
    "time": "Data:TimeOnly",
    "reference": "ForeignKey:EntityId",
    "address": "Data:Address",
    "location": "Data:Location",
    "personname": "Data:PersonName",
}
_TYPES = {
    "boolean": "boolean",
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "datetime": "long",
    "date": "long",
    "time": "long",
}
SWITCHABLE_NAME = "Data:Switchable_PersonName"
NAME_PARTS = ("Salutation", "FirstName", "LastName")


def event_fields(definition: ObjectDef) -> list[FieldDef]:
    """The fields of the change event after its header, in schema order."""
    return [f for f in definition.fields if f.in_events]


def change_event_schema(definition: ObjectDef, *, multi_as_array: bool) -> dict[str, Any]:
    """The writer schema of the object's change event."""
    named: set[str] = set()
    fields = [
        {
            "name": field.name,
            "type": ["null", *_types(definition, field, named, multi_as_array=multi_as_array)],
            "doc": _doc(field),
            "default": None,
        }
        for field in event_fields(definition)
    ]
    header = {"name": "ChangeEventHeader", "type": _header()}
    return {
        "type": "record",
        "name": definition.event_name,
        "namespace": NAMESPACE,
        "fields": [header, *fields],
    }


def platform_event_schema(name: str) -> dict[str, Any]:
    """A platform event with one text field next to the system's own."""
    return {
        "type": "record",
        "name": name,
        "namespace": NAMESPACE,
        "fields": [
            {"name": "CreatedDate", "type": "long", "doc": "CreatedDate:DateTime"},
            {"name": "CreatedById", "type": "string", "doc": "CreatedBy:EntityId"},
            {"name": "Payload__c", "type": ["null", "string"], "doc": "Data:Text", "default": None},
        ],
    }


def schema_id(schema: dict[str, Any]) -> str:
    """22 characters that depend on the content alone, so a new field makes a new id."""
    digest = hashlib.md5(json.dumps(schema).encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class EventSchemas:
    """Every schema ever used, by id; ids of old shapes stay readable."""

    def __init__(self, *, multi_as_array: bool) -> None:
        self._multi_as_array = multi_as_array
        self._texts: dict[str, str] = {}
        self._parsed: dict[str, Any] = {}
        self._encoders: dict[str, Callable[[Mapping[str, Any]], bytes]] = {}

    def of(self, definition: ObjectDef) -> str:
        """The id of the object's current schema."""
        return self.add(change_event_schema(definition, multi_as_array=self._multi_as_array))

    def add(self, schema: dict[str, Any]) -> str:
        identity = schema_id(schema)
        if identity not in self._texts:
            self._texts[identity] = json.dumps(schema)
            self._parsed[identity] = parse_schema(schema)
        return identity

    def text(self, identity: str) -> str | None:
        return self._texts.get(identity)

    def dump(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self._texts.values()]

    def load(self, schemas: Iterable[dict[str, Any]]) -> None:
        """Makes schemas of an earlier run readable again; the org's own stay known."""
        for schema in schemas:
            self.add(schema)

    def encode(self, identity: str, body: Mapping[str, Any]) -> bytes:
        """The body in the binary form of that schema."""
        known = self._encoders.get(identity)
        if known is None:
            known = self._encoders[identity] = encoder_of(json.loads(self._texts[identity]))
        return known(body)

    def parsed(self, identity: str) -> Any:
        return self._parsed[identity]


def _header() -> dict[str, Any]:
    texts = {"type": "array", "items": "string"}
    return {
        "type": "record",
        "name": "ChangeEventHeader",
        "fields": [
            {"name": "entityName", "type": "string"},
            {"name": "recordIds", "type": texts},
            {
                "name": "changeType",
                "type": {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)},
            },
            {"name": "changeOrigin", "type": "string"},
            {"name": "transactionKey", "type": "string"},
            {"name": "sequenceNumber", "type": "int"},
            {"name": "commitTimestamp", "type": "long"},
            {"name": "commitNumber", "type": "long"},
            {"name": "commitUser", "type": "string"},
            {"name": "nulledFields", "type": texts},
            {"name": "diffFields", "type": texts},
            {"name": "changedFields", "type": texts},
        ],
    }


def _doc(field: FieldDef) -> str:
    doc = field.event_doc or _DOCS[field.type]
    if not field.custom:
        return doc
    field_id = hashlib.sha256(field.name.encode()).hexdigest()[:12]
    return f"{doc}:00N{field_id}"


def _types(definition: ObjectDef, field: FieldDef, named: set[str], *, multi_as_array: bool) -> list[Any]:
    if field.type in {"address", "location"}:
        parts = [(str(p.part), _TYPES.get(p.type, "string")) for p in definition.parts(field.name)]
        return [_record("Address" if field.type == "address" else "Location", parts, named)]
    name_record = [(part, "string") for part in NAME_PARTS]
    if field.type == "personname":
        return [_record("PersonName", name_record, named)]
    if field.event_doc == SWITCHABLE_NAME:
        return ["string", _record("Switchable_PersonName", name_record, named)]
    if field.type == "multipicklist" and multi_as_array:
        return [{"type": "array", "items": "string"}]
    return [_TYPES.get(field.type, "string")]


def _record(name: str, parts: list[tuple[str, str]], named: set[str]) -> Any:
    """The record, or its name where the schema has defined it before: Avro forbids a second definition."""
    if name in named:
        return name
    named.add(name)
    fields = [{"name": part, "type": ["null", kind], "default": None} for part, kind in parts]
    return {"type": "record", "name": name, "fields": fields}
