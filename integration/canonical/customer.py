"""Customers and their persons as records; inside the line they travel flat, see `values`.

A field that was never set is absent, one that is None is empty: `flatten` keeps the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field

from integration.canonical.reference import Reference
from integration.canonical.values import Fields, Value

CUSTOM = "custom"


class _Flat(BaseModel):
    """A frozen record that can be written as dotted fields and read from them."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def flatten(self) -> Fields:
        """Dotted names of the fields that are set: `billing_address.city`, `custom.region`."""
        flat: Fields = {}
        for name in sorted(self.model_fields_set):
            value = getattr(self, name)
            if isinstance(value, _Flat):
                flat.update({f"{name}.{inner}": v for inner, v in value.flatten().items()})
            elif isinstance(value, Mapping):
                flat.update({f"{name}.{inner}": v for inner, v in value.items()})
            elif isinstance(value, Reference):
                flat[name] = str(value)
            else:
                flat[name] = value
        return flat

    @classmethod
    def unflatten(cls, fields: Mapping[str, Value]) -> Self:
        """The inverse of `flatten`. Raises ValueError on a field this record does not have."""
        tree: dict[str, Any] = {}
        for name, value in fields.items():
            head, dot, rest = name.partition(".")
            if dot:
                tree.setdefault(head, {})[rest] = value
            else:
                tree[head] = value
        for name, part in tree.items():
            inner = cls._part(name)
            if inner is not None and isinstance(part, dict):
                tree[name] = inner.unflatten(part)
        return cls.model_validate(tree)

    @classmethod
    def _part(cls, name: str) -> type[_Flat] | None:
        declared = cls.model_fields.get(name)
        choices = get_args(declared.annotation) if declared else ()
        return next((c for c in choices if isinstance(c, type) and issubclass(c, _Flat)), None)


class Address(_Flat):
    """A postal address; `street` may have several lines."""

    attention: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    phone: str | None = None
    fax: str | None = None


class Person(_Flat):
    """A person of a customer."""

    salutation: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    designation: str | None = None
    department: str | None = None
    is_primary: bool | None = None
    custom: dict[str, Value] = Field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """First and last name, as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class Customer(_Flat):
    """A business or an individual; an individual is its own `primary_person`."""

    name: str | None = None
    website: str | None = None
    notes: str | None = None
    phone: str | None = None
    fax: str | None = None
    currency: str | None = None
    is_active: bool | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    primary_person: Person | None = None
    custom: dict[str, Value] = Field(default_factory=dict)
