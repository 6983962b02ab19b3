"""sObject Collections: up to 200 records in one call. Pure: builds the call, sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from integration.canonical.outcome import Operation
from integration.connectors.salesforce.ids import long_id
from integration.ports import WriteRequest

MOST_WRITTEN = 200

FieldsOf = Callable[[WriteRequest], dict[str, object]]


@dataclass(frozen=True)
class Call:
    """A Collections call; its results come in the order of its records."""

    method: str
    path: str
    label: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: object = None


def many(requests: Sequence[WriteRequest], key_field: str, fields_of: FieldsOf) -> Call:
    """The call for requests of one entity, operation and kind of address; rows fail one by one, not
    together.
    """
    first = requests[0]
    root = "composite/sobjects"
    if first.operation is Operation.DELETE:
        ids = ",".join(long_id(request.record_id) for request in requests)
        return Call("DELETE", root, root, {"ids": ids, "allOrNone": "false"})
    if first.operation is Operation.CREATE and first.key:
        rows = [_record(request, fields_of, {key_field: request.key}) for request in requests]
        path = f"{root}/{first.entity}/{key_field}"
        return Call("PATCH", path, path, body=_body(rows))
    if first.operation is Operation.CREATE:
        return Call("POST", root, root, body=_body([_record(request, fields_of, {}) for request in requests]))
    rows = [_record(request, fields_of, {"id": long_id(request.record_id)}) for request in requests]
    return Call("PATCH", root, root, body=_body(rows))


def _record(request: WriteRequest, fields_of: FieldsOf, address: Mapping[str, object]) -> dict[str, object]:
    return {"attributes": {"type": request.entity}, **fields_of(request), **address}


def _body(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {"allOrNone": False, "records": list(rows)}
