"""Flows of the org: fields set in the transaction that saves a record, so that its own event tells them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.dml import Records
from integration.sandbox.salesforce.schema import ObjectDef, Schema
from integration.sandbox.salesforce.tables import Row
from integration.sandbox.salesforce.transactions import Transaction

_ON = frozenset({"CREATE", "UPDATE"})


@dataclass(frozen=True)
class Automation:
    """Sets fields on every record of an object that was created or updated."""

    object_name: str
    fields: Mapping[str, Any]
    on: tuple[str, ...] = ("CREATE", "UPDATE")


class Automations:
    """The rules in force, run in the order they were declared."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._rules: list[Automation] = []

    def declare(self, object_name: str, fields: Mapping[str, Any], on: Iterable[str]) -> int:
        """One more rule; answers how many there are.

        :raises BadInstructionError: no such object, field or kind of change
        """
        definition = self._schema.find(object_name)
        rule = Automation(object_name if definition is None else definition.name, dict(fields), tuple(on))
        if definition is None or not rule.fields or not rule.on or not _ON.issuperset(rule.on):
            raise BadInstructionError(f"an automation has an object, fields to set and `on` of {sorted(_ON)}")
        for name in rule.fields:
            field = definition.find(name)
            if field is None or not field.updateable:
                raise BadInstructionError(f"{definition.name} has no field {name!r} that a flow may set")
        self._rules.append(rule)
        return len(self._rules)

    def meeting(self, definition: ObjectDef, kind: str) -> Iterator[Automation]:
        """The rules that a save of that kind sets off."""
        return (r for r in self._rules if r.object_name == definition.name and kind in r.on)

    def clear(self) -> None:
        self._rules.clear()

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self._rules]

    def load(self, state: Iterable[Mapping[str, Any]]) -> None:
        self._rules = [Automation(raw["object_name"], raw["fields"], tuple(raw["on"])) for raw in state]


class FlowRecords(Records):
    """Saves after which the flows run; a flow's own change sets off no flow."""

    flows: Automations | None = None

    def create(self, txn: Transaction, definition: ObjectDef, incoming: Mapping[str, Any]) -> Row:
        return self._run(txn, definition, super().create(txn, definition, incoming), "CREATE")

    def update(
        self, txn: Transaction, definition: ObjectDef, record_id: str, incoming: Mapping[str, Any]
    ) -> Row:
        return self._run(txn, definition, super().update(txn, definition, record_id, incoming), "UPDATE")

    def _run(self, txn: Transaction, definition: ObjectDef, row: Row, kind: str) -> Row:
        """The record as the flows leave it. A value the org refuses fails the save that set them off."""
        for rule in self.flows.meeting(definition, kind) if self.flows else ():
            try:
                row = super().update(txn, definition, row.id, rule.fields)
            except ApiError as error:
                raise _flow_failed(error) from error
        return row


def _flow_failed(error: ApiError) -> ApiError:
    message = f"We can't save this record because the flow failed. {error}"
    return ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=[])
