"""The API calls on locations, on warehouses as they were called before, and on users."""

from __future__ import annotations

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.contact import Json
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import absent, unknown_url
from integration.sandbox.zoho.listing import page_bounds, page_context
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.settings.location_shown import location_detail, location_row, warehouse_row
from integration.sandbox.zoho.settings.locations import Locations


def list_locations(org: ZohoOrg, call: Call) -> Answer:
    """All of them on one page, or those of one type."""
    kind = call.query.get("location_type", "")
    places = [place for place in _locations(org).all() if kind in {"", place.type}]
    return success(locations=[location_row(place) for place in places])


def create_location(org: ZohoOrg, call: Call) -> Answer:
    """The key of the answer is in the plural although there is one."""
    place = _locations(org).create(call.body())
    return success("Location has been created.", 201, locations=location_row(place))


def get_location(org: ZohoOrg, call: Call) -> Answer:
    return success(location=location_detail(_locations(org).get(call.path["location_id"])))


def update_location(org: ZohoOrg, call: Call) -> Answer:
    place = _locations(org).update(call.path["location_id"], call.body())
    return success("Location has been updated.", locations=location_row(place))


def delete_location(org: ZohoOrg, call: Call) -> Answer:
    location_id = call.path["location_id"]
    _locations(org).delete(location_id, is_used=org.stock.lies_at(location_id))
    return success("The location has been deleted..")


def mark_active(org: ZohoOrg, call: Call) -> Answer:
    _locations(org).set_active(call.path["location_id"], active=True)
    return success("The location has been marked as active.")


def mark_inactive(org: ZohoOrg, call: Call) -> Answer:
    _locations(org).set_active(call.path["location_id"], active=False)
    return success("The location has been marked as inactive.")


def mark_primary(org: ZohoOrg, call: Call) -> Answer:
    _locations(org).make_primary(call.path["location_id"])
    return success("The location has been marked as primary.")


def list_location_users(org: ZohoOrg, call: Call) -> Answer:
    """Who works there: everybody, unless the location names some."""
    place, user = _locations(org).get(call.path["location_id"]), _user(org)
    there = place.is_all_users_selected or user["user_id"] in place.user_ids
    shown = {key: user[key] for key in ("user_id", "name", "user_role", "status", "photo_url")}
    rows = [{**shown, "email": org.profile.user_email, "mobile": ""}] if there else []
    number, size = page_bounds(call.query)
    context = page_context(number, size, has_more=False, sort="name", descending=False, report="Users")
    return success(users=rows if number == 1 else [], page_context=context)


def list_warehouses(org: ZohoOrg, _: Call) -> Answer:
    return success(warehouses=[warehouse_row(place) for place in org.locations.all()])


def list_users(org: ZohoOrg, _: Call) -> Answer:
    """The one person who works here."""
    user = _user(org)
    row = {
        key: user[key]
        for key in ("user_id", "role_id", "name", "user_role", "user_type", "status", "photo_url")
    }
    return success(users=[{**row, "email": org.profile.user_email, "is_current_user": True}])


def get_user(org: ZohoOrg, call: Call) -> Answer:
    user = _user(org)
    if call.path["user_id"] != user["user_id"]:
        raise absent("User")
    return success(user=user)


def current_user(org: ZohoOrg, _: Call) -> Answer:
    return success(user=_user(org))


def _locations(org: ZohoOrg) -> Locations:
    """:raises ApiError: the organisation still has warehouses, and no calls on locations."""
    if org.switches.zoho_stock_sites != "locations":
        raise unknown_url()
    return org.locations


def _user(org: ZohoOrg) -> Json:
    profile = org.profile
    return {
        "user_id": f"{profile.id_prefix}{36_867:012d}", "name": profile.user_name,
        "email_ids": [{"email": profile.user_email, "is_selected": True}], "status": "active",
        "user_role": "admin", "user_type": "zoho", "role_id": f"{profile.id_prefix}{6_005:012d}",
        "photo_url": "", "is_claimant": False, "created_time": "2024-01-15", "custom_fields": [],
    }  # fmt: skip


ENDPOINTS = (
    Endpoint("GET", "/locations", "settings.READ", list_locations),
    Endpoint("POST", "/locations", "settings.CREATE", create_location),
    Endpoint("GET", "/locations/{location_id}", "settings.READ", get_location),
    Endpoint("PUT", "/locations/{location_id}", "settings.UPDATE", update_location),
    Endpoint("DELETE", "/locations/{location_id}", "settings.DELETE", delete_location),
    Endpoint("POST", "/locations/{location_id}/active", "settings.CREATE", mark_active),
    Endpoint("POST", "/locations/{location_id}/inactive", "settings.CREATE", mark_inactive),
    Endpoint("POST", "/locations/{location_id}/markasprimary", "settings.CREATE", mark_primary),
    Endpoint("GET", "/locations/{location_id}/users", "settings.READ", list_location_users),
    Endpoint("GET", "/settings/warehouses", "settings.READ", list_warehouses),
    Endpoint("GET", "/users", "settings.READ", list_users),
    Endpoint("GET", "/users/me", "settings.READ", current_user),
    Endpoint("GET", "/users/{user_id}", "settings.READ", get_user),
)
