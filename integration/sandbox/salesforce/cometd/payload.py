"""Events as JSON: only what is there or has changed, dates as text, no bitmaps."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastavro import schemaless_reader

from integration.sandbox.salesforce.avro_schema import EventSchemas
from integration.sandbox.salesforce.bitmaps import decode_bitmap
from integration.sandbox.salesforce.event_log import LoggedEvent
from integration.sandbox.salesforce.values import EPOCH

Json = dict[str, Any]
_HEADER = "ChangeEventHeader"
_BITMAPS = ("nulledFields", "diffFields", "changedFields")


@dataclass(frozen=True)
class Field:
    """A field of a schema: its kind as the annotation says, and the parts of a compound."""

    name: str
    kind: str
    parts: tuple[str, ...]


class Payloads:
    """Renders logged events; `changed_fields` adds the names of what an update changed."""

    def __init__(self, schemas: EventSchemas, *, changed_fields: bool) -> None:
        self._schemas = schemas
        self._changed_fields = changed_fields
        self._fields: dict[str, list[Field]] = {}

    def data(self, event: LoggedEvent) -> Json:
        """The `data` of the message: schema id, payload and replay id."""
        body: Any = schemaless_reader(io.BytesIO(event.payload), self._schemas.parsed(event.schema_id), None)
        fields = self._shape(event.schema_id)
        payload = self._change(fields, body) if _HEADER in body else _present(fields, body)
        return {"schema": event.schema_id, "payload": payload, "event": {"replayId": event.position}}

    def _change(self, fields: list[Field], body: Json) -> Json:
        header = body.pop(_HEADER)
        changed, diffs = decode_bitmap(header["changedFields"]), decode_bitmap(header["diffFields"])
        shown = {name: value for name, value in header.items() if name not in _BITMAPS}
        # The schema counts the header as field 0.
        told: Json = {}
        if header["changeType"] in {"CREATE", "UNDELETE"}:
            told = _present(fields[1:], body)
        elif header["changeType"] == "UPDATE":
            told = _altered(fields, body, changed, {place for place, _ in diffs})
        if self._changed_fields:
            shown["changedFields"] = _names(fields, changed)
        return {_HEADER: shown, **told}

    def _shape(self, schema_id: str) -> list[Field]:
        if schema_id not in self._fields:
            schema = json.loads(self._schemas.text(schema_id) or "{}")
            self._fields[schema_id] = _fields(schema)
        return self._fields[schema_id]


def _fields(schema: Json) -> list[Field]:
    parts_of: dict[str, tuple[str, ...]] = {}
    found = []
    for raw in schema["fields"]:
        branches = raw["type"] if isinstance(raw["type"], list) else [raw["type"]]
        parts: tuple[str, ...] = ()
        for branch in branches:
            if isinstance(branch, Mapping) and branch["type"] == "record":
                parts_of[branch["name"]] = tuple(part["name"] for part in branch["fields"])
            # Later fields name a record that an earlier one has defined.
            name = branch["name"] if isinstance(branch, Mapping) and "name" in branch else branch
            parts = parts_of.get(name, parts) if isinstance(name, str) else parts
        found.append(Field(raw["name"], _kind(raw.get("doc", "")), parts))
    return found


def _kind(doc: str) -> str:
    """`DateTime` of `CreatedDate:DateTime`; a custom field's annotation goes on with its id."""
    return doc.partition(":")[2].partition(":")[0]


def _present(fields: list[Field], body: Json) -> Json:
    shown: Json = {}
    for field in fields:
        value = body.get(field.name)
        if isinstance(value, dict):
            value = {part: inner for part, inner in value.items() if inner is not None}
        if value is not None and value != {}:
            shown[field.name] = _value(field, value)
    return shown


def _altered(fields: list[Field], body: Json, changed: set[tuple[int, int | None]], diffs: set[int]) -> Json:
    shown: Json = {}
    for place, inner in sorted(changed, key=lambda pair: (pair[0], pair[1] or 0)):
        field = fields[place]
        value = body.get(field.name)
        if inner is None:
            shown[field.name] = {"diff": value} if place in diffs else _value(field, value)
        else:
            part = field.parts[inner]
            shown.setdefault(field.name, {})[part] = None if value is None else value.get(part)
    return shown


def _names(fields: list[Field], changed: set[tuple[int, int | None]]) -> list[str]:
    return [
        fields[place].name if inner is None else f"{fields[place].name}.{fields[place].parts[inner]}"
        for place, inner in sorted(changed, key=lambda pair: (pair[0], pair[1] or 0))
    ]


def _value(field: Field, value: Any) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if field.kind == "DateTime":
        moment = EPOCH + timedelta(milliseconds=value)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{value % 1000:03d}Z"
    if field.kind == "DateOnly":
        return f"{EPOCH + timedelta(milliseconds=value):%Y-%m-%d}"
    if field.kind == "TimeOnly":
        return f"{EPOCH + timedelta(milliseconds=value):%H:%M:%S}.{value % 1000:03d}Z"
    return value
