"""A contact as it is kept: typed values, its persons, its times as whole seconds since 1970."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Contact:
    """State of one contact; what the API shows of it is made in `rendering`."""

    contact_id: str
    contact_type: str
    created: int
    modified: int
    source: str
    values: Json = field(default_factory=dict)
    billing_address: dict[str, str] = field(default_factory=dict)
    shipping_address: dict[str, str] = field(default_factory=dict)
    persons: list[Json] = field(default_factory=list)
    custom: Json = field(default_factory=dict)
    status: str = "active"
    has_transaction: bool = False
    deleted: bool = False

    @property
    def record_id(self) -> str:
        """The id under which the register keeps it."""
        return self.contact_id

    @property
    def name(self) -> str:
        """The display name that must be unique per type."""
        return str(self.values.get("contact_name", ""))

    @property
    def primary(self) -> Json:
        """The primary person, or an empty one."""
        return next((person for person in self.persons if person["is_primary_contact"]), {})

    def person(self, person_id: str) -> Json | None:
        """The person of that id, if it is one of this contact."""
        return next((person for person in self.persons if person["contact_person_id"] == person_id), None)

    def copy(self) -> Contact:
        """A draft to change; the original stays as it is until the draft is stored."""
        return copy.deepcopy(self)

    def dump(self) -> Json:
        """As JSON."""
        return dict(vars(self))

    @classmethod
    def load(cls, row: Mapping[str, Any]) -> Contact:
        """From a dump."""
        return cls(**row)
