"""What a rule sees of a save, and what it may do: read any record, change other records along with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import ObjectDef, Value
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Row, Store
from integration.sandbox.salesforce.transactions import Transaction


@dataclass(frozen=True)
class Scene:
    """One transaction in one org; `audit` is what a change writes beside its fields."""

    txn: Transaction
    store: Store
    switches: SalesforceSwitches
    audit: Mapping[str, Value]

    def change(
        self, object_name: str, row: Row, changes: Mapping[str, Value], *, unseen: bool = False
    ) -> None:
        """Changes another record in the same transaction; `unseen` leaves its times of change alone."""
        if all(row.values.get(name) == value for name, value in changes.items()):
            return
        definition = self.store.schema.object(object_name)
        known = {name: value for name, value in changes.items() if definition.find(name) is not None}
        values = row.changed(known, {} if unseen else self.audit)
        self.txn.put(definition, Row(row.id, values, row.deleted_with), "UPDATE")


@dataclass(frozen=True)
class Saving(Scene):
    """One create (`before` is None) or update; `values` are what will be stored, and rules change them."""

    definition: ObjectDef
    before: Mapping[str, Value] | None
    values: dict[str, Value]
    given: frozenset[str]
    """The fields the caller named."""

    @property
    def creating(self) -> bool:
        return self.before is None

    def changes(self, *names: str) -> bool:
        """Whether one of the fields gets another value than it had; on create: any value at all."""
        before = self.before or {}
        return any(before.get(name) != self.values.get(name) for name in names)

    def changed_of_given(self) -> list[str]:
        """The fields the caller named and changes."""
        return sorted(name for name in self.given if self.changes(name))

    def parent(self, field_name: str) -> Row | None:
        """The live record a look-up names."""
        return self.store.live(self.values.get(field_name))


class Rules:
    """What an org does around the saves of one object; an object without rules has these empty ones."""

    def fill(self, saving: Saving) -> None:
        """Derives values; required fields may still be missing."""

    def check(self, saving: Saving) -> None:
        """Refuses what the org refuses; required fields are there. Raises ApiError."""

    def saved(self, saving: Saving, row: Row) -> None:
        """Changes other records after the save."""

    def deleting(self, scene: Scene, row: Row, *, along: bool) -> None:
        """Refuses a deletion; `along` tells that the parent takes the record along. Raises ApiError."""

    def gone(self, scene: Scene, row: Row) -> None:
        """Changes other records after the deletion."""

    def back(self, scene: Scene, row: Row, *, along: bool) -> None:
        """Refuses an undelete or changes records after it; `along` as in `deleting`. Raises ApiError."""


def integrity(message: str, *fields: str) -> ApiError:
    """Values that contradict each other or another record."""
    return ApiError("FIELD_INTEGRITY_EXCEPTION", message, fields=fields)


def missing(*fields: str) -> ApiError:
    """Values a create must carry."""
    names = ", ".join(fields)
    return ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{names}]", fields=fields)


def in_use(name: Value, plural: str, names: Iterable[Value]) -> ApiError:
    """A record that others need cannot be deleted."""
    listed = ", ".join(str(one) for one in names)
    message = (
        f"Your attempt to delete {name} could not be completed because it is associated with the following"
        f" {plural}.: {listed}"
    )
    return ApiError("DELETE_FAILED", message, fields=[])


def same_currency(saving: Saving, parent: Row, entry: Row) -> None:
    """A line takes its parent's currency, and its price has to be in it."""
    currency = parent.values.get("CurrencyIsoCode")
    if currency is not None:
        saving.values["CurrencyIsoCode"] = currency
    if entry.values.get("CurrencyIsoCode") != currency:
        raise integrity(
            "The currency of the price book entry must match the currency of the record it is added to",
            "PricebookEntryId",
        )
