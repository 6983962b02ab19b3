"""Locations as a module of the organisation; the other settings are kept together with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.settings.location_shown import location_detail
from integration.sandbox.zoho.settings.setup import Setup
from integration.sandbox.zoho.stock import Stock

Json = dict[str, Any]


class LocationModule:
    """The places where stock lies; a deleted one leaves nothing behind."""

    entity, id_key = "location", "location_id"

    def __init__(self, setup: Setup, stock: Stock) -> None:
        self._setup, self._stock = setup, stock

    def counts(self) -> Json:
        return {"alive": len(self._setup.locations.all()), "deleted": 0}

    def ids(self) -> Iterable[str]:
        return [place.location_id for place in self._setup.locations.all()]

    def detail(self, record_id: str) -> Json | None:
        for place in self._setup.locations.all():
            if place.location_id == record_id:
                return location_detail(place)
        return None

    def is_deleted(self, record_id: str) -> bool:  # noqa: ARG002 - as every module
        return False

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:  # noqa: ARG002 - as every module
        locations = self._setup.locations
        place = locations.create(fields) if record_id is None else locations.update(record_id, fields)
        return place.location_id

    def delete(self, record_id: str, source: str) -> None:  # noqa: ARG002 - as every module
        self._setup.locations.delete(record_id, is_used=self._stock.lies_at(record_id))

    def set_status(self, record_id: str, status: str, source: str) -> None:  # noqa: ARG002 - as every module
        if status not in {"active", "inactive"}:
            raise BadInstructionError(f"status is active or inactive, not {status!r}")
        self._setup.locations.set_active(record_id, active=status == "active")

    def plant(self, fields: Mapping[str, Any], at: int) -> str:  # noqa: ARG002 - as every module
        return self._setup.locations.create(fields).location_id

    def dump(self) -> Json:
        return self._setup.dump()

    def load(self, state: Mapping[str, Any]) -> None:
        self._setup.load(state)

    def clear(self) -> None:
        self._setup.clear()
