"""Change events from bytes to flat native fields: Avro, header bitmaps, compound fields. Pure.

Facts: salesforce developer guide, "Event Deserialization Considerations" and the Change Data Capture guide.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException

from integration.canonical.values import Json
from integration.connectors.salesforce import native
from integration.connectors.salesforce.ids import long_id
from integration.errors import BadInput

FieldTypes = Mapping[str, str]
"""Describe's type per field, used where a schema has no annotation."""

HEADER = "ChangeEventHeader"
WHOLE = ("CREATE", "UNDELETE")
"""Change types whose events hold every field, empty ones as null."""

_UNREADABLE = (EOFError, LookupError, ValueError, TypeError, OverflowError, MemoryError, struct.error)


@dataclass(frozen=True)
class EventField:
    """One field of an event schema: `kind` from its annotation, `children` of a compound field, native name
    by child.

    `plain_too` marks a field that is a text for some records and a compound for others (Account.Name).
    """

    name: str
    kind: str = ""
    children: Mapping[str, str] = field(default_factory=dict)
    plain_too: bool = False


@dataclass(frozen=True)
class EventSchema:
    """A writer schema, ready to read with; `fields` in the schema's order, the header included."""

    schema_id: str
    name: str
    reader: Any
    fields: tuple[EventField, ...]

    @property
    def annotated(self) -> bool:
        """Whether every simple field tells its type."""
        return all(item.kind or item.children for item in self.fields if item.name != HEADER)


@dataclass(frozen=True)
class DecodedEvent:
    """One change event: what its header says and the native fields it tells about (None: known to be
    empty).

    `partial`: the fields do not say everything (a text came as a difference, a compound field without its
    parts), so the record must be read.
    """

    entity: str
    record_ids: tuple[str, ...]
    change_type: str
    origin: str
    transaction_key: str
    sequence: int
    committed_at: int
    modified_at: int | None
    author: str
    fields: dict[str, Json]
    partial: bool


def parse_schema(schema_id: str, schema_json: str) -> EventSchema:
    """Read a writer schema. Raises BadInput."""
    try:
        raw = json.loads(schema_json)
        reader = fastavro.parse_schema(raw, named_schemas={})
        records = _records(raw["fields"])
        fields = tuple(_event_field(item, records) for item in raw["fields"])
        name = str(raw["name"])
    except (SchemaParseException, *_UNREADABLE) as problem:
        raise BadInput(
            "salesforce.schema_unreadable", f"schema {schema_id}: {type(problem).__name__}"
        ) from None
    if not fields or fields[0].name != HEADER:
        raise BadInput("salesforce.schema_unreadable", f"schema {schema_id} is not that of a change event")
    return EventSchema(schema_id, name, reader, fields)


def decode_event(schema: EventSchema, payload: bytes, types: FieldTypes | None = None) -> DecodedEvent:
    """Read one payload with its own writer schema. Raises BadInput."""
    try:
        return _decode(schema, payload, types or {})
    except _UNREADABLE as problem:
        # The cause is not chained: its text may quote the record.
        raise BadInput(
            "salesforce.event_unreadable", f"schema {schema.schema_id}: {type(problem).__name__}"
        ) from None


def expand_bitmaps(bitmaps: Sequence[str], width: int) -> set[tuple[int, int | None]]:
    """Field numbers a header list stands for: (field, None) or (compound field, child).

    The first text covers top-level fields when it starts with `0x`; `4-0x03` covers children of field 4.
    Bit i of the hexadecimal number is field i. Raises ValueError.
    """
    found: set[tuple[int, int | None]] = set()
    for text in bitmaps:
        parent, separator, digits = text.rpartition("-")
        if not digits.lower().startswith("0x"):
            raise ValueError("not a bitmap")
        bits = _bits(int(digits, 16))
        if separator:
            found |= {(int(parent), bit) for bit in bits}
        else:
            found |= {(bit, None) for bit in bits}
    if any(top >= width for top, _ in found):
        raise ValueError("a bitmap names a field the schema does not have")
    return found


def _bits(number: int) -> list[int]:
    return [place for place in range(number.bit_length()) if number >> place & 1]


def _branches(item: Mapping[str, Any]) -> list[Any]:
    return item["type"] if isinstance(item["type"], list) else [item["type"]]


def _is_record(branch: object) -> bool:
    return isinstance(branch, dict) and branch.get("type") == "record"


def _records(items: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Parts of every record type. Avro describes a type once: later fields say only its name."""
    described = [branch for item in items for branch in _branches(item) if _is_record(branch)]
    return {
        str(one["name"]).rpartition(".")[2]: [str(part["name"]) for part in one["fields"]]
        for one in described
    }


def _event_field(item: Mapping[str, Any], records: Mapping[str, Sequence[str]]) -> EventField:
    branches = _branches(item)
    parts = str(item.get("doc") or "").split(":")
    kind = parts[1] if len(parts) > 1 else ""
    named = [str(branch["name"] if _is_record(branch) else branch).rpartition(".")[2] for branch in branches]
    record = next((records[name] for name in named if name in records), None)
    if record is None or item["name"] == HEADER:
        return EventField(item["name"], kind)
    return EventField(item["name"], kind, _native_children(item["name"], record), "string" in branches)


def _native_children(name: str, children: Sequence[str]) -> dict[str, str]:
    """Flat field name of each part of a compound field, as describe calls it.

    Standard addresses drop their last word (BillingAddress.City → BillingCity), custom compounds wrap the
    part (Depot__c.City → Depot__City__s), person names stand alone (Name.LastName → LastName).
    """
    if name.endswith("__c"):
        return {child: f"{name[:-3]}__{child}__s" for child in children}
    if name.endswith("Address"):
        return {child: name.removesuffix("Address") + child for child in children}
    return {child: child for child in children}


def _decode(schema: EventSchema, payload: bytes, types: FieldTypes) -> DecodedEvent:
    stream = io.BytesIO(payload)
    record = fastavro.schemaless_reader(stream, schema.reader, None)
    if not isinstance(record, dict) or stream.tell() != len(payload):
        raise ValueError("the payload does not fit its schema")
    header = record[HEADER]
    change_type = str(header["changeType"])
    known = None if change_type in WHOLE else _touched(schema, header)
    modified = record.get("LastModifiedDate")
    return DecodedEvent(
        entity=header["entityName"],
        record_ids=tuple(long_id(record_id) for record_id in header["recordIds"]),
        change_type=change_type,
        origin=header.get("changeOrigin") or "",
        transaction_key=header["transactionKey"],
        sequence=header["sequenceNumber"],
        committed_at=header["commitTimestamp"],
        modified_at=modified if isinstance(modified, int) else None,
        author=header.get("commitUser") or "",
        fields=_fields(schema, record, known, types),
        partial=bool(header.get("diffFields")) or _unclear(schema, record, known),
    )


def _touched(schema: EventSchema, header: Mapping[str, Any]) -> set[tuple[int, int | None]]:
    width = len(schema.fields)
    touched: set[tuple[int, int | None]] = set()
    for name in ("changedFields", "nulledFields", "diffFields"):
        touched |= expand_bitmaps(header.get(name) or (), width)
    return touched


def _unclear(
    schema: EventSchema, record: Mapping[str, Any], touched: set[tuple[int, int | None]] | None
) -> bool:
    """Whether a compound field is named as a whole while only some of its parts have values.

    Its other parts may be emptied or unchanged: nothing in the event tells.
    """
    if touched is None:
        return False
    return any(
        (place, None) in touched and isinstance(value, dict) and None in value.values()
        for place, item in enumerate(schema.fields)
        if item.children and item.name != HEADER
        for value in (record[item.name],)
    )


def _fields(
    schema: EventSchema,
    record: Mapping[str, Any],
    touched: set[tuple[int, int | None]] | None,
    types: FieldTypes,
) -> dict[str, Json]:
    """Every field with a value, and those without one that are known to be empty (`touched` None: all of
    them).
    """
    found: dict[str, Json] = {}
    for place, item in enumerate(schema.fields):
        if item.name == HEADER:
            continue
        value = record[item.name]
        if isinstance(value, dict) or (value is None and item.children and not item.plain_too):
            found |= _children(place, item, value, touched)
        elif value is not None or touched is None or (place, None) in touched:
            found[item.name] = native.from_stream(value, item.kind or types.get(item.name, ""))
    return found


def _children(
    place: int, item: EventField, value: Mapping[str, Any] | None, touched: set[tuple[int, int | None]] | None
) -> dict[str, Json]:
    """Parts of a compound field. In an update a part that is null is empty only when a bitmap says so.

    A bit for the whole compound with nothing inside means that all its parts were emptied.
    """
    found: dict[str, Json] = {}
    emptied = touched is None or (value is None and (place, None) in touched)
    for number, (child, name) in enumerate(item.children.items()):
        part = None if value is None else value[child]
        if part is not None or emptied or (touched is not None and (place, number) in touched):
            found[name] = native.from_stream(part, "")
    return found
