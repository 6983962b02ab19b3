"""Custom fields of a record: what may be written into them and the three forms in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import invalid_element, invalid_value, missing_value, too_long
from integration.sandbox.zoho.fields import is_date

DATA_TYPES = frozenset({
    "string", "multiline", "email", "url", "phone", "check_box", "number", "decimal", "date", "dropdown",
})  # fmt: skip
ENTITIES = (
    "contact", "item", "salesorder", "purchaseorder", "invoice", "package", "inventory_adjustment",
    "purchasereceive", "bill",
)  # fmt: skip
Value = bool | int | float | str
_MAX_TEXT = {"string": 255, "email": 255, "url": 255, "phone": 255, "dropdown": 255, "multiline": 36_000}


@dataclass(frozen=True)
class CustomField:
    """One definition; `is_unique` is what the UI calls "Prevent duplicate values"."""

    field_id: str
    api_name: str
    label: str
    data_type: str
    is_unique: bool = False
    is_mandatory: bool = False
    options: tuple[str, ...] = ()
    index: int = 0
    entity: str = "contact"

    def shown(self) -> dict[str, Any]:
        """As GET /settings/fields tells it."""
        shown = {
            "field_id": self.field_id, "customfield_id": self.field_id, "api_name": self.api_name,
            "label": self.label, "data_type": self.data_type, "entity": self.entity, "is_active": True,
            "is_custom_field": True, "is_mandatory": self.is_mandatory, "is_unique": self.is_unique,
            "show_on_pdf": False, "index": self.index, "max_length": _MAX_TEXT.get(self.data_type, ""),
        }  # fmt: skip
        if self.data_type == "dropdown":
            shown["values"] = [
                {"name": name, "order": n, "is_active": True} for n, name in enumerate(self.options)
            ]
        return shown


class CustomFields:
    """The definitions of one entity, with what is done to values by them."""

    def __init__(self, definitions: Iterable[CustomField], switches: Switches) -> None:
        self._fields = {definition.api_name: definition for definition in definitions}
        self._switches = switches

    def get(self, api_name: str) -> CustomField | None:
        """The definition of that name."""
        return self._fields.get(api_name)

    def define(self, definition: CustomField) -> None:
        """Add a field; records start without a value."""
        self._fields[definition.api_name] = definition

    def all(self) -> list[CustomField]:
        """Every definition in the order of creation."""
        return list(self._fields.values())

    def merged(self, entries: object, current: Mapping[str, Any]) -> dict[str, Any]:
        """The values after a write of the array form.

        :raises ApiError: no list, an unknown field, or a value its type does not take
        """
        if not isinstance(entries, list):
            raise invalid_value("custom_fields")
        values = {} if self._switches.zoho_custom_fields_replace else dict(current)
        for entry in entries:
            definition = self._named(entry)
            value = self._clean(definition, entry.get("value"))
            if value is None:
                values.pop(definition.api_name, None)
            else:
                values[definition.api_name] = value
        return values

    def unique_marks(self, values: Mapping[str, Any]) -> list[tuple[CustomField, str]]:
        """The values that no other record may hold, in the form in which they are compared."""
        found = [(self._fields[name], str(value)) for name, value in values.items() if name in self._fields]
        return [(definition, self.unique_form(value)) for definition, value in found if definition.is_unique]

    def unique_form(self, value: str) -> str:
        """The form in which values of unique fields are compared."""
        return value.casefold() if self._switches.zoho_unique_ignore_case else value

    def require_mandatory(self, values: Mapping[str, Any]) -> None:
        """Refuse a record that lacks a mandatory value."""
        for definition in self._fields.values():
            if definition.is_mandatory and definition.api_name not in values:
                raise missing_value(definition.label)

    def array(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The `custom_fields` array: only fields that have a value."""
        return [_entry(self._fields[name], value) for name, value in values.items() if name in self._fields]

    def flat(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`cf_x` formatted and `cf_x_unformatted` typed, for fields that have a value."""
        flat: dict[str, Any] = {}
        for name, value in values.items():
            flat[name] = formatted(value)
            flat[f"{name}_unformatted"] = value
        return flat

    def dump(self) -> list[dict[str, Any]]:
        """The definitions as JSON."""
        return [asdict(definition) for definition in self._fields.values()]

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Definitions from a dump."""
        found = [CustomField(**{**row, "options": tuple(row["options"])}) for row in rows]
        self._fields = {definition.api_name: definition for definition in found}

    def _named(self, entry: object) -> CustomField:
        if not isinstance(entry, dict):
            raise invalid_value("custom_fields")
        for definition in self._fields.values():
            if (
                entry.get("api_name") == definition.api_name
                or str(entry.get("customfield_id", entry.get("field_id", ""))) == definition.field_id
                or entry.get("label") == definition.label
                or entry.get("index") == definition.index
            ):
                return definition
        name = entry.get("api_name") or entry.get("customfield_id") or entry.get("label") or "custom_fields"
        raise invalid_element(str(name), self._switches)

    def _clean(self, definition: CustomField, value: object) -> Value | None:
        """The typed value, or None where it is cleared."""
        if value is None or value == "":
            return None
        if definition.data_type == "check_box":
            return _truth(definition, value)
        if definition.data_type in {"number", "decimal"}:
            return _number(definition, value)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid_value(definition.label)
        return _text(definition, str(value))


def formatted(value: object) -> str:
    """A typed value as the UI shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _entry(definition: CustomField, value: object) -> dict[str, Any]:
    shown = formatted(value)
    if definition.data_type == "date":
        shown = date.fromisoformat(str(value)).strftime("%d %b %Y")
    return {
        "field_id": definition.field_id, "customfield_id": definition.field_id,
        "api_name": definition.api_name, "label": definition.label, "data_type": definition.data_type,
        "index": definition.index, "value": value, "value_formatted": shown,
        "search_entity": definition.entity,
        "placeholder": definition.api_name, "show_on_pdf": False, "show_in_all_pdf": False,
        "show_in_portal": False, "edit_on_portal": False, "show_in_store": False, "edit_on_store": False,
        "is_active": True, "is_dependent_field": False,
    }  # fmt: skip


def _truth(definition: CustomField, value: object) -> bool:
    known = {"true": True, "false": False}
    found = value if isinstance(value, bool) else known.get(str(value))
    if found is None:
        raise invalid_value(definition.label)
    return found


def _number(definition: CustomField, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid_value(definition.label)
    try:
        if definition.data_type == "decimal":
            return float(value)
        if isinstance(value, float) and not value.is_integer():
            raise invalid_value(definition.label)
        return int(value)
    except ValueError as error:
        raise invalid_value(definition.label) from error


def _text(definition: CustomField, value: str) -> str:
    limit = _MAX_TEXT.get(definition.data_type)
    if limit is not None and len(value) > limit:
        raise too_long(definition.label, limit)
    wrong = False
    if definition.data_type == "date":
        wrong = not is_date(value)
    elif definition.data_type == "dropdown":
        wrong = value not in definition.options
    elif definition.data_type == "email":
        wrong = "@" not in value
    if wrong:
        raise invalid_value(definition.label)
    return value


def parse_definition(spec: str, field_id: str, index: int) -> CustomField:
    """A definition from `[entity.]api_name:data_type[:unique][:mandatory][:label=..][:options=a|b]`.

    :raises ValueError: an unknown entity, type or word
    """
    path, *rest = spec.split(":")
    owner, _, api_name = path.rpartition(".")
    entity = owner or "contact"
    data_type = rest[0] if rest else "string"
    words = set(rest[1:])
    label = next((word[6:] for word in words if word.startswith("label=")), "")
    options = next((word[8:] for word in words if word.startswith("options=")), "")
    plain = {word for word in words if "=" not in word}
    known = entity in ENTITIES and data_type in DATA_TYPES and api_name.startswith("cf_")
    if not known or plain - {"unique", "mandatory"}:
        raise ValueError(
            f"custom field {spec!r}: [{'|'.join(ENTITIES)}.]cf_name:{'|'.join(sorted(DATA_TYPES))}"
            "[:unique][:mandatory]"
        )
    return CustomField(
        field_id, api_name, label or api_name[3:].replace("_", " ").title(), data_type,
        is_unique="unique" in plain, is_mandatory="mandatory" in plain,
        options=tuple(options.split("|")) if options else (), index=index, entity=entity,
    )  # fmt: skip
