"""Short constructors for field definitions, one per kind of field."""

from __future__ import annotations

from typing import Any

from integration.sandbox.salesforce.schema import FieldDef


def text(name: str, length: int, **more: Any) -> FieldDef:
    return FieldDef(name, "string", length=length, **more)


def long_text(name: str, length: int, **more: Any) -> FieldDef:
    return FieldDef(name, "textarea", length=length, event_doc="Data:StringPlusClob", **more)


def email(name: str, **more: Any) -> FieldDef:
    return FieldDef(name, "email", length=80, **more)


def phone(name: str, **more: Any) -> FieldDef:
    return FieldDef(name, "phone", length=40, **more)


def url(name: str, **more: Any) -> FieldDef:
    return FieldDef(name, "url", length=255, **more)


def picklist(name: str, *values: str, length: int = 255, **more: Any) -> FieldDef:
    return FieldDef(name, "picklist", length=length, picklist=values, **more)


def checkbox(name: str, *, default: bool = False, **more: Any) -> FieldDef:
    return FieldDef(name, "boolean", nillable=False, default=default, **more)


def whole(name: str, digits: int = 8, **more: Any) -> FieldDef:
    return FieldDef(name, "int", precision=digits, **more)


def number(name: str, precision: int = 18, scale: int = 0, **more: Any) -> FieldDef:
    return FieldDef(name, "double", precision=precision, scale=scale, **more)


def money(name: str, precision: int = 18, scale: int = 2, **more: Any) -> FieldDef:
    return FieldDef(name, "currency", precision=precision, scale=scale, **more)


def percent(name: str, precision: int = 5, scale: int = 2, **more: Any) -> FieldDef:
    return FieldDef(name, "percent", precision=precision, scale=scale, **more)


def auto_number(name: str, shown: str, *, start: int = 1, **more: Any) -> FieldDef:
    """A number the org gives, shown like `IS-{00000}`: as many digits at least as there are zeros."""
    field = FieldDef(name, "string", length=80, nillable=False, auto_number=shown, auto_start=start, **more)
    return read_only(field)


def date(name: str, **more: Any) -> FieldDef:
    return FieldDef(name, "date", **more)


def moment(name: str, **more: Any) -> FieldDef:
    return FieldDef(name, "datetime", **more)


def reference(name: str, *targets: str, relationship: str | None = None, **more: Any) -> FieldDef:
    relation = relationship or name.removesuffix("Id")
    return FieldDef(name, "reference", length=18, reference_to=targets, relationship=relation, **more)


def external_key(name: str, length: int = 255, **more: Any) -> FieldDef:
    """A custom text field that is External ID and Unique, ignoring case."""
    more = {"event_doc": "Data:Text", **more}
    return FieldDef(name, "string", length=length, external_id=True, unique=True, **more)


def read_only(definition: FieldDef) -> FieldDef:
    """The same field, set by the system alone."""
    return FieldDef(**{**vars(definition), "createable": False, "updateable": False})


def address(name: str, *, in_events: bool = True) -> tuple[FieldDef, ...]:
    """A compound address `<X>Address` and its flat fields `<X>Street`, `<X>City`, ..."""
    prefix = name.removesuffix("Address")
    kinds = (
        FieldDef(f"{prefix}Street", "textarea", length=255, part="Street"),
        text(f"{prefix}City", 40, part="City"),
        text(f"{prefix}State", 80, part="State"),
        text(f"{prefix}PostalCode", 20, part="PostalCode"),
        text(f"{prefix}Country", 80, part="Country"),
        number(f"{prefix}Latitude", 18, 15, part="Latitude"),
        number(f"{prefix}Longitude", 18, 15, part="Longitude"),
        picklist(f"{prefix}GeocodeAccuracy", *_ACCURACY, length=40, restricted=True, part="GeocodeAccuracy"),
    )
    parts = tuple(FieldDef(**{**vars(kind), "part_of": name, "in_events": False}) for kind in kinds)
    return (read_only(FieldDef(name, "address", in_events=in_events)), *parts)


_ACCURACY = (
    "Address",
    "NearAddress",
    "Block",
    "Street",
    "ExtendedZip",
    "Zip",
    "Neighborhood",
    "City",
    "County",
    "State",
    "Unknown",
)
