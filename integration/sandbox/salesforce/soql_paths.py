"""Field paths of queries: what they name and what they read from rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Value
from integration.sandbox.salesforce.soql_errors import no_such_column, no_such_relationship
from integration.sandbox.salesforce.soql_tree import Named
from integration.sandbox.salesforce.tables import Row, Store

_DEEPEST_PATH = 5
_FINAL_SIGMA, _SIGMA = "\u03c2", "\u03c3"
_AS_WRITTEN = frozenset({"id", "reference", "date"})


@dataclass(frozen=True)
class Scope:
    """What names in one query may begin with: its object's name or its alias."""

    definition: ObjectDef
    alias: str | None = None

    def without_prefix(self, parts: list[str]) -> list[str]:
        """The path's parts without the object or alias in front."""
        if len(parts) < 2:
            return parts
        first = parts[0].lower()
        own = first == (self.alias or "").lower()
        named = first == self.definition.name.lower() and self.definition.relationship(parts[0]) is None
        return parts[1:] if own or named else parts


@dataclass(frozen=True)
class Path:
    """A field, maybe of a parent: the look-ups to follow and the field at their end."""

    text: str
    steps: tuple[FieldDef, ...]
    definition: ObjectDef
    field: FieldDef

    @property
    def key(self) -> tuple[str, ...]:
        """What two spellings of one path have in common."""
        return (*(step.name for step in self.steps), self.field.name)


class Paths:
    """Resolves field paths and reads them from rows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def resolve(self, scope: Scope, named: Named) -> Path:
        """Raises INVALID_FIELD for an unknown field or relationship."""
        *relations, last = scope.without_prefix(named.text.split("."))
        steps: list[FieldDef] = []
        owner = scope.definition
        for relation in relations:
            step = owner.relationship(relation)
            target = None if step is None else self._store.schema.find(step.reference_to[0])
            if step is None or target is None or len(steps) == _DEEPEST_PATH:
                raise no_such_relationship(relation, named.at)
            steps.append(step)
            owner = target
        field = owner.find(last)
        if field is None:
            raise no_such_column(last, owner.name, named.at)
        return Path(named.text, tuple(steps), owner, field)

    def end(self, path: Path, row: Row) -> Row | None:
        """The row at the end of the look-ups, or None where one is empty."""
        for step in path.steps:
            found = self.parent(step, row)
            if found is None:
                return None
            row = found
        return row

    def parent(self, step: FieldDef, row: Row) -> Row | None:
        """The row a look-up points to."""
        parent_id = row.values.get(step.name)
        if parent_id is None:
            return None
        if len(step.reference_to) == 1:
            return self._store.table(step.reference_to[0]).get(str(parent_id))
        found = self._store.get(str(parent_id))
        return None if found is None else found[1]

    def value(self, path: Path, row: Row) -> Value:
        end = row if not path.steps else self.end(path, row)
        return None if end is None else end.values.get(path.field.name)

    def reader(self, path: Path) -> Callable[[Row], Value]:
        """Reads the value as it is compared: text without case, a missing parent's checkbox as not set."""
        field, name = path.field, path.field.name
        if path.steps:
            if field.type == "boolean":
                return lambda row: bool(self.value(path, row))
            return lambda row: comparable(field, self.value(path, row))
        if field.type == "boolean":
            return lambda row: bool(row.values.get(name))
        if folds(field):
            return lambda row: fold(value) if isinstance(value := row.values.get(name), str) else value
        return lambda row: row.values.get(name)

    def sort_reader(self, path: Path, rates: Mapping[str, float]) -> Callable[[Row], Any]:
        """Reads the value as it is ordered: money of several currencies converted, no parent as no value."""
        if path.steps and path.field.type == "boolean":
            return lambda row: self.value(path, row)
        if path.field.type == "currency" and rates:
            return self.converted(path, rates)
        return self.reader(path)

    def converted(self, path: Path, rates: Mapping[str, float]) -> Callable[[Row], float | None]:
        """Reads an amount in the corporate currency."""

        def read(row: Row) -> float | None:
            end = self.end(path, row)
            amount = None if end is None else end.values.get(path.field.name)
            if end is None or amount is None:
                return None
            return float(amount) / rates.get(str(end.values.get("CurrencyIsoCode")), 1.0)

        return read


def folds(field: FieldDef) -> bool:
    """Whether the field's texts are compared without case."""
    return field.type not in _AS_WRITTEN and not field.case_sensitive


def comparable(field: FieldDef, value: Value) -> Value:
    """Text as it is compared and sorted."""
    return fold(value) if isinstance(value, str) and folds(field) else value


def fold(text: str) -> str:
    """The text without case, as many characters as before: a LIKE pattern counts them."""
    lower = text.lower()
    if lower.isascii():
        return lower
    if len(lower) != len(text):
        lower = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    # Which form a final sigma has depends on what follows; a pattern ends elsewhere than the text.
    return lower.replace(_FINAL_SIGMA, _SIGMA)
