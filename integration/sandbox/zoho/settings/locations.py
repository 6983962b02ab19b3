"""The places where stock lies: locations, which older organisations know as warehouses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.fields import clean_choice, clean_flag, clean_id, clean_list, clean_text
from integration.sandbox.zoho.items.border import Location
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.settings.setting_faults import location_in_use, setting_taken

Json = dict[str, Any]
KINDS = ("general", "line_item_only")
ADDRESS = ("attention", "street_address1", "street_address2", "city", "state", "state_code", "zip", "country")
_TEXTS = {"location_name": 100, "email": 100, "phone": 50}
_IDS = ("parent_location_id", "tax_settings_id", "auto_number_generation_id", "autonumbergenerationgroup_id")
_PROJECTIONS = frozenset({"location_id", "status", "is_primary", "associated_users", "fax", "website"})
_FIRST_NUMBER = 38_081


@dataclass(frozen=True)
class Place:
    """One location with everything that its own calls tell of it."""

    location_id: str
    location_name: str
    type: str = "general"
    email: str = ""
    phone: str = ""
    parent_location_id: str = ""
    tax_settings_id: str = ""
    auto_number_generation_id: str = ""
    associated_series_ids: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    is_all_users_selected: bool = True
    address: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(ADDRESS, ""))
    is_primary: bool = False
    is_active: bool = True

    @property
    def brief(self) -> Location:
        """As documents and items see it."""
        return Location(self.location_id, self.location_name, self.is_primary, self.is_active)


class Locations:
    """Every location; there is always a primary one, and it is active."""

    def __init__(self, premises: Premises) -> None:
        self._premises, self._switches = premises, premises.switches
        self._documents: list[Callable[[str], bool]] = []
        self.clear()

    def clear(self) -> None:
        """The two locations that the organisation starts with."""
        prefix = self._premises.profile.id_prefix
        first = Place(f"{prefix}{_FIRST_NUMBER:012d}", "Main Warehouse", is_primary=True)
        second = Place(f"{prefix}{_FIRST_NUMBER + 2:012d}", "North Depot")
        self._places = {place.location_id: place for place in (first, second)}

    @property
    def key(self) -> str:
        """`location_id`, or `warehouse_id` in an organisation that has not moved to locations."""
        return f"{self._switches.zoho_stock_sites[:-1]}_id"

    def get(self, location_id: str) -> Place:
        """The location. :raises ApiError: 404, there is none."""
        place = self._places.get(location_id)
        if place is None:
            raise faults.absent("Location")
        return place

    def all(self) -> list[Place]:
        """Every location, the primary one first."""
        return sorted(self._places.values(), key=lambda place: (not place.is_primary, place.location_id))

    @property
    def primary(self) -> Location:
        """Where stock lies that nobody placed elsewhere."""
        return next(place.brief for place in self._places.values() if place.is_primary)

    # As lines of documents see it (`items.border.Places`)

    def named(self, body: Mapping[str, Any], default: str = "") -> Location:
        """The location that a body names, else the default, else the primary one.

        :raises ApiError: an unknown or inactive location, or the key of the other kind of organisation
        """
        key = self.key
        other = "warehouse_id" if key == "location_id" else "location_id"
        if body.get(other):
            raise faults.invalid_element(other, self._switches)
        location_id = clean_id(key, body.get(key)) or default
        if not location_id:
            return self.primary
        place = self._places.get(location_id)
        if place is None or not place.is_active:
            raise faults.invalid_value(key)
        return place.brief

    def address(self, location_id: str) -> Mapping[str, str] | None:
        """The address of the location; None where there is none of that id."""
        place = self._places.get(location_id)
        return None if place is None else place.address

    def shown(self, location_id: str) -> Json:
        """The keys that tell the location of a document or line in answers."""
        place = self._places.get(location_id)
        stem = self.key.removesuffix("_id")
        return {self.key: location_id, f"{stem}_name": "" if place is None else place.location_name}

    # Changing

    def used_by(self, documents: Callable[[str], bool]) -> None:
        """Ask `documents` whether any of them names the location: it stays then."""
        self._documents.append(documents)

    def create(self, body: Mapping[str, Any]) -> Place:
        """A new location. :raises ApiError: no name, a taken one, or a wrong value."""
        if not body.get("location_name"):
            raise faults.missing_value("location_name")
        place = replace(Place("", ""), **self._cleaned(body, ""))
        return self._put(replace(place, location_id=self._premises.next_id()))

    def update(self, location_id: str, body: Mapping[str, Any]) -> Place:
        """Change what the body names."""
        place = self.get(location_id)
        return self._put(replace(place, **self._cleaned(body, location_id)))

    def set_active(self, location_id: str, *, active: bool) -> None:
        """Open or close it; the primary location stays open."""
        place = self.get(location_id)
        if place.is_primary and not active:
            raise location_in_use(self._switches)
        self._put(replace(place, is_active=active))

    def make_primary(self, location_id: str) -> None:
        """From now on stock that nobody places lies here."""
        if not self.get(location_id).is_active:
            raise faults.invalid_value("location_id")
        for place in list(self._places.values()):
            self._put(replace(place, is_primary=place.location_id == location_id))

    def delete(self, location_id: str, *, is_used: bool) -> None:
        """The location goes.

        :raises ApiError: it is the primary one, stock ever lay there, or a document names it
        """
        is_named = any(documents(location_id) for documents in self._documents)
        if self.get(location_id).is_primary or is_used or is_named:
            raise location_in_use(self._switches)
        del self._places[location_id]

    # Keeping

    def dump(self) -> list[Json]:
        """As JSON."""
        return [asdict(place) for place in self._places.values()]

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The locations of a dump instead of the present ones."""
        listed = ("associated_series_ids", "user_ids")
        found = [Place(**{**row, **{key: tuple(row[key]) for key in listed}}) for row in rows]
        self._places = {place.location_id: place for place in found}

    def _put(self, place: Place) -> Place:
        self._places[place.location_id] = place
        return place

    def _cleaned(self, body: Mapping[str, Any], own_id: str) -> Json:
        cleaned: Json = {}
        for key, value in body.items():
            if key in _TEXTS:
                cleaned[key] = clean_text(key, value, _TEXTS[key]).strip()
            elif key in _IDS:
                name = "auto_number_generation_id" if key == "autonumbergenerationgroup_id" else key
                cleaned[name] = clean_id(key, value)
            elif key == "type":
                cleaned[key] = clean_choice(key, value, KINDS)
            elif key == "is_all_users_selected":
                cleaned[key] = clean_flag(key, value)
            elif key == "associated_series_ids":
                cleaned[key] = tuple(clean_id(key, each) for each in clean_list(key, value))
            elif key == "user_ids":
                cleaned[key] = tuple(part for part in clean_text(key, value, None).split(",") if part)
            elif key == "address":
                cleaned[key] = _address(value)
            elif key not in _PROJECTIONS and self._switches.zoho_unknown_keys == "reject":
                raise faults.invalid_element(key, self._switches)
        self._check(cleaned, own_id)
        return cleaned

    def _check(self, cleaned: Json, own_id: str) -> None:
        name = cleaned.get("location_name")
        if name is not None:
            if not name:
                raise faults.missing_value("location_name")
            others = (place for place in self._places.values() if place.location_id != own_id)
            if any(place.location_name.casefold() == name.casefold() for place in others):
                raise setting_taken("location", name, self._switches)
        parent = cleaned.get("parent_location_id")
        if parent and (parent not in self._places or parent == own_id):
            raise faults.invalid_value("parent_location_id")


def _address(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise faults.invalid_value("address")
    return {key: clean_text(key, value.get(key), 255) for key in ADDRESS}
