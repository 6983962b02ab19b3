"""Flows of the org: fields set in the transaction that saves a record, so that its own event tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.dml import Records
from integration.sandbox.salesforce.schema import Schema
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

    def __init__(self, saves: Records, schema: Schema) -> None:
        self._saves = saves
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

    def run(self, txn: Transaction) -> None:
        """Sets what the rules say. A value the org refuses fails the whole transaction, as a flow would."""
        if not self._rules:
            return
        for change in txn.changes():
            for rule in self._rules:
                if rule.object_name != change.definition.name or change.kind not in rule.on:
                    continue
                try:
                    self._saves.update(txn, change.definition, change.after.id, rule.fields)
                except ApiError as error:
                    raise _flow_failed(error) from error

    def clear(self) -> None:
        self._rules.clear()

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self._rules]

    def load(self, state: Iterable[Mapping[str, Any]]) -> None:
        self._rules = [Automation(raw["object_name"], raw["fields"], tuple(raw["on"])) for raw in state]


def _flow_failed(error: ApiError) -> ApiError:
    message = f"We can't save this record because the flow failed. {error}"
    return ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=[])
