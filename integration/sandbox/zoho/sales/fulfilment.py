"""Packages and shipments as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.zoho.documents.parts import Part, parts_read
from integration.sandbox.zoho.documents.record import NOTHING, Document


@dataclass(frozen=True, slots=True)
class Package(Document):
    """Goods of one order put together; `shipment_id` is empty until they leave the house."""

    order_id: str
    customer_id: str
    date: str
    packed: tuple[Part, ...] = ()
    notes: str = ""
    shipment_id: str = ""
    status: str = "not_shipped"

    @classmethod
    def read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a dump as the fields hold them."""
        return Document.read({**values, "packed": parts_read(values["packed"])})


@dataclass(frozen=True, slots=True)
class Shipment(Document):
    """Packages of one order on their way; `values` holds what the carrier needs, by its key in the API."""

    order_id: str
    customer_id: str
    date: str
    package_ids: tuple[str, ...] = ()
    status: str = "shipped"
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
