"""Change events of a committed transaction, and the ones that only happen when something went wrong."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from integration.sandbox.salesforce.avro_schema import NAME_PARTS, SWITCHABLE_NAME, EventSchemas, event_fields
from integration.sandbox.salesforce.bitmaps import encode_bitmap
from integration.sandbox.salesforce.event_log import EventLog, LoggedEvent, NewEvent
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Value
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Row, differing
from integration.sandbox.salesforce.text_diff import diff_of
from integration.sandbox.salesforce.transactions import Change, Transaction
from integration.sandbox.salesforce.values import EPOCH

Parts: TypeAlias = tuple[tuple[str, str], ...]
_COMPOUND, _SWITCHABLE, _CONVERTED, _AS_IT_IS = "compound", "switchable", "converted", "as it is"
LARGEST_EVENT = 1_000_000
OVERFLOW_ID = "000000000000000AAA"
_UNSTREAMED_CHANGES = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp"})


@dataclass(frozen=True)
class Draft:
    """An event before it has a place in the log."""

    definition: ObjectDef
    kind: str
    record_ids: tuple[str, ...]
    body: dict[str, Any]
    nulled: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """What stays the same for every event of an object until its fields change."""

    definition: ObjectDef
    schema_id: str
    positions: Mapping[str, tuple[int, int | None]]
    """Place of every streamed field in the schema: (top, inside the compound)."""
    streamed: tuple[tuple[str, str, FieldDef, Parts], ...]
    """Every field of the event: its name, how it is told, and (name in the event, field) of its parts."""


class ChangeEvents:
    """Writes events for the objects selected for Change Data Capture."""

    def __init__(
        self,
        log: EventLog,
        schemas: EventSchemas,
        entities: frozenset[str],
        switches: SalesforceSwitches,
        rng: random.Random,
        pass_on: Callable[[NewEvent], object] | None = None,
    ) -> None:
        self._log = log
        self._pass_on = pass_on or log.append
        self._schemas = schemas
        self.entities = entities
        self._switches = switches
        self._random = rng
        self._commit_number = 0
        self._shapes: dict[str, Shape] = {}

    def shape(self, definition: ObjectDef) -> Shape:
        """The object's current event shape."""
        known = self._shapes.get(definition.name)
        if known is None or known.definition is not definition:
            known = Shape(
                definition, self._schemas.of(definition), _positions(definition), _with_parts(definition)
            )
            self._shapes[definition.name] = known
        return known

    def write(self, txn: Transaction) -> list[NewEvent]:
        """Tells one committed transaction, in the order of the sequence numbers; answers what it told."""
        drafts: list[tuple[int, Draft]] = []
        sequence = 0
        for change in self._arranged(txn.changes()):
            draft = self._draft(change)
            if draft is None:
                continue
            # Objects that are not streamed use up numbers, so subscribers see holes.
            sequence += 1
            if change.definition.name in self.entities:
                drafts.append((sequence, draft))
        drafts = self._within_limit(drafts)
        merged = self._merged(drafts) if self._switches.merge_equal_changes else drafts
        written = [
            self._written(number, draft, txn, origin=self._origin(draft, txn)) for number, draft in merged
        ]
        for event in written:
            self._pass_on(event)
        return written

    @staticmethod
    def _origin(draft: Draft, txn: Transaction) -> str:
        # An overflow tells of no record, and so of no road either.
        return "" if draft.kind == "GAP_OVERFLOW" else txn.origin_of(draft.record_ids[0])

    def abnormal(
        self, definition: ObjectDef, kind: str, record_ids: Iterable[str], txn: Transaction, sequence: int = 1
    ) -> LoggedEvent:
        """A header-only event: GAP_*, GAP_OVERFLOW, or an UPDATE with a wildcard id."""
        draft = Draft(definition, kind, tuple(record_ids), {})
        return self._log.append(self._written(sequence, draft, txn, origin=""))

    def undecodable(self, definition: ObjectDef) -> LoggedEvent:
        """An event whose bytes do not fit its schema."""
        header = {"entityName": definition.name, "undecodable": True}
        schema_id = self.shape(definition).schema_id
        return self._log.append(NewEvent(definition.name, str(uuid.uuid4()), schema_id, b"\xff" * 24, header))

    # -- parts ----------------------------------------------------------------------------------

    def _arranged(self, changes: list[Change]) -> list[Change]:
        """In a merge the loser was saved first, yet its DELETE is told last unless the switch says so."""
        merging = any(c.after.values.get("MasterRecordId") and c.kind == "DELETE" for c in changes)
        if not merging or self._switches.merge_deletes_first:
            return changes
        return sorted(changes, key=lambda change: change.kind == "DELETE")

    def _draft(self, change: Change) -> Draft | None:
        ids = (change.after.id,)
        if change.kind in {"CREATE", "UNDELETE"}:
            return Draft(change.definition, change.kind, ids, self._full_body(change))
        if change.kind == "DELETE":
            along = change.after.deleted_with not in {None, change.after.id}
            if along and not self._switches.cascade_delete_events:
                return None
            return Draft(change.definition, change.kind, ids, {})
        return self._update(change)

    def _update(self, change: Change) -> Draft | None:
        definition, before, after = change.definition, change.before, change.after
        if before is None:
            return None
        names = differing(before.values, after.values)
        told = [f for f in map(definition.field, names) if self._streamed(definition, f)]
        real = [f for f in told if f.name not in _UNSTREAMED_CHANGES]
        if not real and not self._switches.event_without_change:
            return None
        if "LastModifiedDate" not in {f.name for f in told}:
            told.append(definition.field("LastModifiedDate"))
        return self._update_draft(change, before, told)

    def _streamed(self, definition: ObjectDef, field: FieldDef) -> bool:
        # The text of a compound name follows from its parts, which are what the event tells.
        return field.name in self.shape(definition).positions and field.type != "personname"

    def _update_draft(self, change: Change, before: Row, told: list[FieldDef]) -> Draft:
        definition, values = change.definition, change.after.changed()
        diffs: list[str] = []
        if self._switches.text_diffs:
            for field in told:
                diff = diff_of(_text(before.values.get(field.name)), _text(values.get(field.name)))
                if field.type == "textarea" and diff is not None:
                    values[field.name] = diff
                    diffs.append(field.name)
        names = {field.name for field in told}
        partial = {name: value for name, value in values.items() if name in names}
        nulled = tuple(name for name in sorted(names) if values.get(name) is None)
        body = self._body(definition, partial)
        return Draft(
            definition, "UPDATE", (change.after.id,), body, nulled, tuple(diffs), tuple(sorted(names))
        )

    def _full_body(self, change: Change) -> dict[str, Any]:
        left_out = change.definition.create_event_without if change.kind == "CREATE" else ()
        values = change.after.changed(dict.fromkeys(left_out))
        return self._body(change.definition, values)

    def _body(self, definition: ObjectDef, values: Mapping[str, Value]) -> dict[str, Any]:
        """The fields that have a value; what is missing is null in the event."""
        body: dict[str, Any] = {}
        for name, kind, field, parts in self.shape(definition).streamed:
            if kind == _COMPOUND:
                found = {part: values[key] for part, key in parts if values.get(key) is not None}
                if found:
                    body[name] = found
            elif kind == _SWITCHABLE and values.get("LastName"):
                body[name] = {part: values.get(part) for part in NAME_PARTS}
            elif (value := values.get(name)) is not None:
                body[name] = value if kind == _AS_IT_IS else self._plain(field, value)
        return body

    def _plain(self, field: FieldDef, value: str | float) -> Any:
        if field.type == "date":
            return (date.fromisoformat(str(value)) - EPOCH.date()).days * 86_400_000
        if field.type == "multipicklist" and self._switches.multi_picklist_as_array:
            return str(value).split(";")
        return value

    @staticmethod
    def _merged(drafts: list[tuple[int, Draft]]) -> list[tuple[int, Draft]]:
        """Equal updates (and deletes) of one object become one event that names every record."""
        found: dict[Any, tuple[int, Draft]] = {}
        for number, draft in drafts:
            mergeable = draft.kind in {"UPDATE", "DELETE"}
            key = (
                (draft.definition.name, draft.kind, repr(draft.body), draft.changed) if mergeable else number
            )
            if key in found:
                first, earlier = found[key]
                ids = (*earlier.record_ids, *draft.record_ids)
                found[key] = (first, Draft(**{**vars(earlier), "record_ids": ids}))
            else:
                found[key] = (number, draft)
        return list(found.values())

    def _within_limit(self, drafts: list[tuple[int, Draft]]) -> list[tuple[int, Draft]]:
        """Beyond the changes one transaction may tell, one overflow event per object stands for the rest."""
        kept: list[tuple[int, Draft]] = []
        over: dict[str, tuple[int, Draft]] = {}
        left = self._switches.changes_per_transaction
        for number, draft in drafts:
            left -= max(1, len(draft.changed))
            if left >= 0:
                kept.append((number, draft))
            else:
                rest = Draft(draft.definition, "GAP_OVERFLOW", (OVERFLOW_ID,), {})
                over.setdefault(draft.definition.name, (number, rest))
        return [*kept, *over.values()]

    def _written(
        self, sequence: int, draft: Draft, txn: Transaction, *, origin: str | None = None
    ) -> NewEvent:
        schema_id = self.shape(draft.definition).schema_id
        if draft.kind.startswith("GAP_"):
            origin = ""
        header = self._header(sequence, draft, txn, txn.actor.origin if origin is None else origin)
        payload = self._schemas.encode(schema_id, {**draft.body, "ChangeEventHeader": header})
        if len(payload) > LARGEST_EVENT:
            gap = Draft(draft.definition, f"GAP_{draft.kind}", draft.record_ids, {})
            return self._written(sequence, gap, txn)
        return NewEvent(draft.definition.name, str(uuid.uuid4()), schema_id, payload, header)

    def _header(self, sequence: int, draft: Draft, txn: Transaction, origin: str) -> dict[str, Any]:
        positions = self.shape(draft.definition).positions
        # Real commit numbers exceed 2^53, which clients on doubles get wrong.
        floor = txn.stamp * 1_000_000
        self._commit_number = max(self._commit_number + 1, floor + self._random.randrange(1000))
        return {
            "entityName": draft.definition.name,
            "recordIds": list(draft.record_ids),
            "changeType": draft.kind,
            "changeOrigin": origin,
            "transactionKey": txn.key,
            "sequenceNumber": sequence,
            "commitTimestamp": txn.stamp,
            "commitNumber": self._commit_number,
            "commitUser": txn.actor.user_id,
            "nulledFields": encode_bitmap(positions[name] for name in draft.nulled),
            "diffFields": encode_bitmap(positions[name] for name in draft.diffs),
            "changedFields": encode_bitmap(positions[name] for name in draft.changed),
        }


def _positions(definition: ObjectDef) -> dict[str, tuple[int, int | None]]:
    found: dict[str, tuple[int, int | None]] = {}
    for number, field in enumerate(event_fields(definition), start=1):
        found[field.name] = (number, None)
        for inner, part in enumerate(definition.parts(field.name)):
            found[part.name] = (number, inner)
    return found


def _with_parts(definition: ObjectDef) -> tuple[tuple[str, str, FieldDef, Parts], ...]:
    return tuple((f.name, _telling(f), f, _parts(definition, f)) for f in event_fields(definition))


def _telling(field: FieldDef) -> str:
    if field.is_compound:
        return _COMPOUND
    if field.event_doc == SWITCHABLE_NAME:
        return _SWITCHABLE
    return _CONVERTED if field.type in {"date", "multipicklist"} else _AS_IT_IS


def _parts(definition: ObjectDef, field: FieldDef) -> Parts:
    return tuple((str(part.part), part.name) for part in definition.parts(field.name))


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
