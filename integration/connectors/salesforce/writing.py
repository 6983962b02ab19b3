"""Writes: one record by its own call, many in Collections calls of at most 200."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from integration.canonical.outcome import Operation, WorkClass
from integration.connectors.salesforce import native
from integration.connectors.salesforce.client import Client, quoted, unreadable
from integration.connectors.salesforce.collections import MOST_WRITTEN, Call, many
from integration.connectors.salesforce.faults import row_fault
from integration.connectors.salesforce.ids import is_record_id, long_id
from integration.errors import Ambiguous, DuplicateKey, Fault, Gone, Rejected, Retryable
from integration.ports import WriteAnswer, WriteRequest

UPDATES = frozenset({Operation.UPDATE, Operation.ACTIVATE, Operation.DEACTIVATE})

_LOCKED = frozenset({"salesforce.unable_to_lock_row", "salesforce.cannot_insert_update_activate_entity"})
"""Transient troubles of one record, as opposed to those of a whole call."""

Row = tuple[int, WriteRequest]
"""A request and its place among the answers."""
Answers = dict[int, WriteAnswer]


class Writer:
    """Sends writes; every row gets its own answer."""

    def __init__(self, client: Client, key_field: str) -> None:
        self._client = client
        self._key_field = key_field

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        """Send requests of one entity and operation, answers in order.

        Raises Fault when the only call failed as a whole; with several calls a failure stays with the rows
        it hit, so that what the others answered is not lost.
        """
        faults = [_unusable(request) for request in requests]
        answers = {
            place: WriteAnswer(record_id=requests[place].record_id, fault=fault)
            for place, fault in enumerate(faults)
            if fault is not None
        }
        rows = [(place, request) for place, request in enumerate(requests) if faults[place] is None]
        answers |= self._send_all(list(_calls(rows)), work)
        for place in [
            place for place, answer in answers.items() if self._raced(requests[place], answer.fault)
        ]:
            # Two upserts of one key at once: the slower one is refused, and finds the record
            # when sent once more.
            answers |= self._send_all([[(place, requests[place])]], work)
        return [answers[place] for place in range(len(requests))]

    def _send_all(self, calls: list[list[Row]], work: WorkClass) -> Answers:
        answers: Answers = {}
        alone = len(calls) == 1
        while calls:
            rows = calls.pop(0)
            try:
                answers |= self._send(rows, work)
            except Rejected:
                # Refused as a whole for the sake of some row, nothing was written: halve
                # until that row is alone.
                middle = len(rows) // 2
                calls[:0] = [rows[:middle], rows[middle:]]
                alone = False
            except Fault as fault:
                if alone:
                    raise
                answers |= {place: WriteAnswer(record_id=row.record_id, fault=fault) for place, row in rows}
        return answers

    def _send(self, rows: Sequence[Row], work: WorkClass) -> Answers:
        """One outside call. Raises Rejected only for many rows."""
        if len(rows) > 1:
            return self._send_many(rows, work)
        [(place, request)] = rows
        try:
            return {place: self._send_one(request, work)}
        except Fault as fault:
            if isinstance(fault, Gone) and request.operation is Operation.DELETE:
                return {place: WriteAnswer(record_id=long_id(request.record_id))}
            if isinstance(fault, Rejected) or fault.code in _LOCKED:
                return {place: WriteAnswer(record_id=request.record_id, fault=fault)}
            raise

    def _send_one(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        root = f"sobjects/{request.entity}"
        if request.operation is Operation.CREATE and request.key:
            return self._upsert_one(request, work)
        if request.operation is Operation.CREATE:
            answer = self._client.call("POST", f"{root}/", work, label=root, body=self._fields(request))
            return WriteAnswer(record_id=_id_in(answer, "POST", root), created=True)
        body = None if request.operation is Operation.DELETE else self._fields(request)
        method = "DELETE" if body is None else "PATCH"
        self._client.call(method, f"{root}/{request.record_id}", work, label=f"{root}/id", body=body)
        return WriteAnswer(record_id=long_id(request.record_id))

    def _upsert_one(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        path = f"sobjects/{request.entity}/{self._key_field}"
        place = f"{path}/{quoted(request.key)}"
        answer = self._client.call("PATCH", place, work, label=f"{path}/key", body=self._fields(request))
        created = isinstance(answer, Mapping) and bool(answer.get("created"))
        if not answer:  # some API versions say nothing about an update, not even which record it was
            answer = self._client.call("GET", place, work, label=f"{path}/key", params={"fields": "Id"})
        return WriteAnswer(record_id=_id_in(answer, "PATCH", path), created=created)

    def _send_many(self, rows: Sequence[Row], work: WorkClass) -> Answers:
        call = many([request for _, request in rows], self._key_field, self._fields)
        results = self._client.call(
            call.method, call.path, work, label=call.label, params=call.params, body=call.body
        )
        if not isinstance(results, list) or len(results) != len(rows):
            raise Ambiguous(
                "salesforce.answer_unreadable", "a Collections call answered for other rows than sent"
            )
        return {
            place: _row_answer(request, result, call)
            for (place, request), result in zip(rows, results, strict=True)
        }

    def _fields(self, request: WriteRequest) -> dict[str, object]:
        """The body of one record, without its address: id and the key of an upsert may not stand in it."""
        upsert = request.operation is Operation.CREATE and bool(request.key)
        kept = {name: value for name, value in request.fields.items() if name != "Id"}
        if upsert:
            kept.pop(self._key_field, None)
        elif request.key:
            kept[self._key_field] = request.key
        return native.for_body(kept)

    def _raced(self, request: WriteRequest, fault: Fault | None) -> bool:
        if (
            not isinstance(fault, DuplicateKey)
            or not request.key
            or request.operation is not Operation.CREATE
        ):
            return False
        return fault.code == "salesforce.duplicate_value" and fault.evidence.get("fields") == [
            self._key_field
        ]


def _id_in(answer: object, method: str, label: str) -> str:
    found = (answer.get("id") or answer.get("Id")) if isinstance(answer, Mapping) else None
    if not isinstance(found, str) or not is_record_id(found):
        raise unreadable(method, label)
    return long_id(found)


def _row_answer(request: WriteRequest, result: object, call: Call) -> WriteAnswer:
    if not isinstance(result, Mapping):
        fault: Fault = Retryable("salesforce.row_unclear", "a row was answered with something else")
    elif result.get("success"):
        created = request.operation is Operation.CREATE and bool(result.get("created", True))
        return WriteAnswer(record_id=long_id(str(result.get("id") or request.record_id)), created=created)
    else:
        errors = result.get("errors")
        fault = row_fault(errors if isinstance(errors, list) else (), method=call.method, path=call.label)
    if isinstance(fault, Gone) and request.operation is Operation.DELETE:
        return WriteAnswer(record_id=long_id(request.record_id))
    return WriteAnswer(record_id=request.record_id, fault=fault)


def _unusable(request: WriteRequest) -> Fault | None:
    """Why a request cannot be sent at all. Raises ValueError for what no flow may ask of this system."""
    if request.children:
        raise ValueError("children of a Salesforce record are written one by one")
    if request.operation is Operation.CREATE:
        return None
    if request.operation not in UPDATES and request.operation is not Operation.DELETE:
        raise ValueError(f"Salesforce has no operation {request.operation.value!r}")
    if not is_record_id(request.record_id):
        return Rejected(
            "salesforce.malformed_id", f"not an id of {request.entity}", advice="Repair the binding."
        )
    return None


def _calls(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Cut rows into calls: one kind each, no record twice in one call, records of one parent side by side.

    Earlier requests of a record come in earlier calls. Neighbours of one parent are kept together because
    saving a child locks its parent: two calls that share a parent would hinder each other.
    """
    turns: dict[int, dict[tuple[str, Operation, bool], list[Row]]] = {}
    seen: dict[tuple[str, Operation, bool, str], int] = {}
    for place, request in rows:
        name = long_id(request.record_id) or request.key.casefold()
        kind = (
            request.entity,
            request.operation,
            request.operation is Operation.CREATE and bool(request.key),
        )
        turn = seen.get((*kind, name), 0) if name else 0
        seen[*kind, name] = turn + 1
        turns.setdefault(turn, {}).setdefault(kind, []).append((place, request))
    for found in (found for _, kinds in sorted(turns.items()) for found in kinds.values()):
        ordered = sorted(found, key=lambda row: (row[1].parent_id, row[1].record_id, row[0]))
        for start in range(0, len(ordered), MOST_WRITTEN):
            yield ordered[start : start + MOST_WRITTEN]
