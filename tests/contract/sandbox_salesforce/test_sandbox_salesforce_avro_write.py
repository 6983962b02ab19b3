"""The compiled encoder writes what fastavro writes and reads."""

from __future__ import annotations

import io
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer

from integration.sandbox.salesforce import OrgOptions
from integration.sandbox.salesforce.avro_schema import CHANGE_TYPES, change_event_schema
from integration.sandbox.salesforce.avro_write import encoder_of
from integration.sandbox.salesforce.standard_objects import build_schema

HEADER: dict[str, Any] = {
    "entityName": "Account", "recordIds": ["001", "002"], "changeType": "UNDELETE", "changeOrigin": "", "transactionKey": "k" * 36,
    "sequenceNumber": 1, "commitTimestamp": 1_790_000_000_000, "commitNumber": 2**62, "commitUser": "005", "nulledFields": [],
    "diffFields": ["0x01"], "changedFields": ["0x" + "F" * 100],
}  # fmt: skip
VALUES = {"string": "é" * 40, "int": -3, "long": -(2**40), "double": 12.5, "boolean": True}


def filled(schema: Any) -> Any:
    if isinstance(schema, list):
        return filled(schema[-1])
    if isinstance(schema, str):
        return VALUES.get(schema, {"City": "Leeds"})
    if schema["type"] == "array":
        return ["a", "b"]
    return {field["name"]: filled(field["type"]) for field in schema["fields"]}


@pytest.mark.parametrize("name", ["Account", "Contact"])
@pytest.mark.parametrize("multi", [True, False])
def test_events_read_as_written(name: str, multi: bool) -> None:
    schema: dict[str, Any] = change_event_schema(
        build_schema(OrgOptions()).object(name), multi_as_array=multi
    )
    parsed, encode = parse_schema(schema), encoder_of(schema)
    full = {field["name"]: filled(field["type"]) for field in schema["fields"][1:]}
    for body in ({}, full, {"Name" if name == "Account" else "Phone": "plain"}):
        event = {**body, "ChangeEventHeader": HEADER}
        buffer = io.BytesIO()
        schemaless_writer(buffer, parsed, event)
        assert encode(event) == buffer.getvalue()
        read: Any = schemaless_reader(io.BytesIO(encode(event)), parsed, None)
        assert read["ChangeEventHeader"] == HEADER


def test_every_kind_of_change_and_size_of_number() -> None:
    schema: dict[str, Any] = {
        "type": "record", "name": "n.R",
        "fields": [{"name": "k", "type": {"type": "enum", "name": "K", "symbols": list(CHANGE_TYPES)}}, {"name": "x", "type": ["null", "double", "long"]}, {"name": "n", "type": "long"}],
    }  # fmt: skip
    parsed, encode = parse_schema(schema), encoder_of(schema)
    for kind in CHANGE_TYPES:
        for number in (0, 1, -1, 63, 64, -64, -65, 2**31, -(2**63), 2**63 - 1):
            record = {"k": kind, "x": number / 4, "n": number}
            assert schemaless_reader(io.BytesIO(encode(record)), parsed, None) == record


def test_a_field_that_must_be_there_is_missed() -> None:
    encode = encoder_of({"type": "record", "name": "R", "fields": [{"name": "n", "type": "long"}]})
    with pytest.raises(TypeError):
        encode({})
