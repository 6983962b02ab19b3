"""What an org's objects and fields are: plain data, so that further objects need no code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, TypeAlias

Value: TypeAlias = str | int | float | bool | None
"""A stored value: datetimes are epoch milliseconds, dates `YYYY-MM-DD`, times milliseconds of the day."""

TEXT_TYPES = frozenset(
    {
        "string",
        "textarea",
        "email",
        "phone",
        "url",
        "picklist",
        "combobox",
        "multipicklist",
        "encryptedstring",
    }
)
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
COMPOUND_TYPES = frozenset({"address", "location", "personname"})
VIRTUAL_TYPES = frozenset({"address", "location"})
ADDRESS_PARTS = (
    "Street",
    "City",
    "State",
    "PostalCode",
    "Country",
    "Latitude",
    "Longitude",
    "GeocodeAccuracy",
)


class SchemaError(ValueError):
    """A schema definition that contradicts itself."""


@dataclass(frozen=True)
class FieldDef:
    """One field. `default` is given on create; `part_of` and `part` name the compound it belongs to."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    default: Value = None
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    child_relationship: str | None = None
    """What the parent calls the records that point to it through this field: the name of sub-queries."""
    on_parent_delete: str = "clear"
    """`clear` empties the look-up, `cascade` deletes the child, `restrict` refuses the parent's deletion,
    `keep` leaves the id of what is gone."""
    part_of: str | None = None
    part: str | None = None
    in_events: bool = True
    event_doc: str | None = None
    """Overrides the `doc` annotation of the change event's field."""
    calculated: bool = False
    auto_number: str = ""
    """How the org numbers records, such as `IS-{00000}`; empty: it does not."""
    auto_start: int = 1

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def required(self) -> bool:
        """Whether a create must carry it."""
        return not self.nillable and self.createable and self.default is None and self.type != "boolean"

    @property
    def is_compound(self) -> bool:
        return self.type in COMPOUND_TYPES

    @property
    def shown_label(self) -> str:
        return self.label or self.name.removesuffix("__c").replace("_", " ")


@dataclass(frozen=True)
class ObjectDef:
    """One object. Field order is the order of its change event; `name_field` is its display name."""

    name: str
    key_prefix: str
    fields: tuple[FieldDef, ...]
    label: str = ""
    label_plural: str = ""
    name_field: str = "Name"
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    mergeable: bool = False
    derived_name: tuple[str, ...] = ()
    """Fields whose non-empty values joined by blanks are the read-only name."""
    create_event_without: tuple[str, ...] = ()
    """Fields whose values the CREATE event leaves out."""
    _by_name: dict[str, FieldDef] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({f.name.lower(): f for f in self.fields})

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def event_name(self) -> str:
        """Name of the change event: `AccountChangeEvent`, `Thing__ChangeEvent`."""
        base = self.name.removesuffix("__c")
        return f"{base}__ChangeEvent" if self.custom else f"{base}ChangeEvent"

    def find(self, name: str) -> FieldDef | None:
        """The field of that name; case does not matter, as in the API."""
        return self._by_name.get(name.lower())

    def field(self, name: str) -> FieldDef:
        return self._by_name[name.lower()]

    def stored(self) -> Iterator[FieldDef]:
        """Fields that hold a value of their own; addresses are views of their parts."""
        return (f for f in self.fields if f.type not in VIRTUAL_TYPES)

    def parts(self, compound: str) -> Iterator[FieldDef]:
        return (f for f in self.fields if f.part_of == compound)

    def references(self) -> Iterator[FieldDef]:
        return (f for f in self.fields if f.type == "reference")

    def relationship(self, name: str) -> FieldDef | None:
        """The look-up field behind a relationship name such as `Account` or `Owner`."""
        return next((f for f in self.references() if (f.relationship or "").lower() == name.lower()), None)

    # Computed once: every save asks for them.

    @cached_property
    def unique_fields(self) -> tuple[FieldDef, ...]:
        return tuple(f for f in self.fields if f.unique)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Fields that may not be empty after a save."""
        return tuple(f.name for f in self.fields if not f.nillable and f.createable and f.type != "boolean")

    @cached_property
    def numbered(self) -> tuple[FieldDef, ...]:
        return tuple(f for f in self.fields if f.auto_number)

    @cached_property
    def self_references(self) -> tuple[FieldDef, ...]:
        # Users are their own creators; only a look-up that somebody writes makes a loop.
        return tuple(f for f in self.references() if f.updateable and self.name in f.reference_to)

    @cached_property
    def defaults(self) -> dict[str, Value]:
        """Every stored field with its default."""
        return {f.name: bool(f.default) if f.type == "boolean" else f.default for f in self.stored()}

    def with_fields(self, added: Iterable[FieldDef]) -> ObjectDef:
        """The object with more fields at the end; a field of the same name takes the old one's place."""
        by_name = {f.name: f for f in self.fields}
        by_name.update({f.name: f for f in added})
        return replace(self, fields=tuple(by_name.values()))

    def without_fields(self, names: Iterable[str]) -> ObjectDef:
        gone = frozenset(names)
        return replace(self, fields=tuple(f for f in self.fields if f.name not in gone))


_FIELD_KEYS = frozenset(f.name for f in fields(FieldDef))
_OBJECT_KEYS = frozenset(f.name for f in fields(ObjectDef) if f.init) - {"fields"}


class Schema:
    """The objects of one org, found by name or key prefix."""

    def __init__(self, objects: Iterable[ObjectDef]) -> None:
        self._objects: dict[str, ObjectDef] = {}
        self._by_prefix: dict[str, ObjectDef] = {}
        for definition in objects:
            self.put(definition)

    def __iter__(self) -> Iterator[ObjectDef]:
        return iter(self._objects.values())

    def put(self, definition: ObjectDef) -> None:
        self._objects[definition.name.lower()] = definition
        self._by_prefix[definition.key_prefix] = definition

    def find(self, name: str) -> ObjectDef | None:
        return self._objects.get(name.lower())

    def object(self, name: str) -> ObjectDef:
        return self._objects[name.lower()]

    def by_prefix(self, record_id: str) -> ObjectDef | None:
        return self._by_prefix.get(record_id[:3])

    def children_of(self, name: str) -> Iterator[tuple[ObjectDef, FieldDef]]:
        """Every look-up field that may point to the object."""
        return ((o, f) for o in self for f in o.references() if name in f.reference_to)

    def child(self, name: str, relationship: str) -> tuple[ObjectDef, FieldDef] | None:
        """The child object and its look-up behind a sub-query's name such as `Contacts`; case is ignored."""
        wanted = relationship.lower()
        found = self.children_of(name)
        return next(((o, f) for o, f in found if (f.child_relationship or "").lower() == wanted), None)

    def declare(self, definition: Mapping[str, Any], system_fields: Iterable[FieldDef]) -> None:
        """Adds an object, or fields to a known one.

        Shape: `{"name": "Order", "key_prefix": "801", "fields": [{"name": ..., "type": ...}, ...], ...}`
        with the attributes of `ObjectDef` and `FieldDef`. Raises `SchemaError` for anything else.
        """
        added = [field_from(raw) for raw in definition.get("fields", ())]
        known = self.find(str(definition.get("name", "")))
        if known is not None:
            self.put(known.with_fields(added))
            return
        extra = set(definition) - _OBJECT_KEYS - {"fields"}
        if extra or "name" not in definition or "key_prefix" not in definition:
            raise SchemaError(f"object definition needs name and key_prefix and knows no {sorted(extra)}")
        plain = {key: _frozen(value) for key, value in definition.items() if key != "fields"}
        names = {f.name for f in added}
        system = [f for f in system_fields if f.name not in names]
        self.put(ObjectDef(fields=(*added, *system), **plain))


def field_from(raw: Mapping[str, Any]) -> FieldDef:
    """A field definition from plain data. Raises `SchemaError` for an attribute no field has."""
    extra = set(raw) - _FIELD_KEYS
    if extra or not {"name", "type"} <= set(raw):
        raise SchemaError(f"field definition needs name and type and knows no {sorted(extra)}")
    field = FieldDef(**{key: _frozen(value) for key, value in raw.items()})
    if field.type != "reference":
        return field
    relation = field.name.removesuffix("__c") + "__r" if field.custom else field.name.removesuffix("Id")
    return replace(field, length=18, relationship=field.relationship or relation)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
