"""How a location looks in answers, also under its old name of warehouse."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.settings.locations import Place

Json = dict[str, Any]


def location_row(place: Place) -> Json:
    """In the list, and after a create or an update."""
    return {
        **_shared(place),
        "is_primary": place.is_primary,
        "status": _status(place),
        "auto_number_generation_id": place.auto_number_generation_id,
    }


def location_detail(place: Place) -> Json:
    """By itself; some keys have other names than in the list."""
    return {
        **_shared(place), "fax": "", "website": "", "tax_reg_no": "", "is_primary_location": place.is_primary,
        "is_location_active": place.is_active,
        "autonumbergenerationgroup_id": place.auto_number_generation_id, "autonumbergenerationgroup_name": "",
        "customer_id": "", "customer_name": "", "vendor_id": "", "vendor_name": "",
        "location_identification_number": "", "location_identification_label": "",
    }  # fmt: skip


def warehouse_row(place: Place) -> Json:
    """As organisations saw it before there were locations."""
    address = place.address
    return {
        "warehouse_id": place.location_id, "warehouse_name": place.location_name,
        "attention": address["attention"], "address": address["street_address1"],
        "address2": address["street_address2"],
        **{key: address[key] for key in ("city", "state", "country", "zip")}, "phone": place.phone,
        "email": place.email, "is_primary": place.is_primary, "status": _status(place),
    }  # fmt: skip


def _shared(place: Place) -> Json:
    return {
        "location_id": place.location_id, "location_name": place.location_name, "type": place.type,
        "email": place.email, "phone": place.phone, "address": dict(place.address),
        "parent_location_id": place.parent_location_id, "tax_settings_id": place.tax_settings_id,
        "associated_series_ids": list(place.associated_series_ids),
        "is_all_users_selected": place.is_all_users_selected,
        "associated_users": [{"user_id": user_id, "user_name": ""} for user_id in place.user_ids],
    }  # fmt: skip


def _status(place: Place) -> str:
    return "active" if place.is_active else "inactive"
