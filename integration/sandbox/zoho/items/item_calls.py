"""The API calls on items."""

from __future__ import annotations

from collections.abc import Callable

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.contact import Json
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import ApiError, invalid_value, missing_value
from integration.sandbox.zoho.filters import MOST_IDS
from integration.sandbox.zoho.items.item_faults import no_item
from integration.sandbox.zoho.keyed import keyed_put
from integration.sandbox.zoho.listing import list_page
from integration.sandbox.zoho.org import ZohoOrg

API = "api"
_ADDED, _SAVED = "The item has been added.", "Item details have been saved."


def list_items(org: ZohoOrg, call: Call) -> Answer:
    page = list_page(org.items.register, org.items.list_spec, call.query)
    rows = [org.item_shown.row(item) for item in page.records]
    return success(items=rows, page_context=page.context)


def create_item(org: ZohoOrg, call: Call) -> Answer:
    return _created(org, call.body(), org.switches.zoho_item_create_status)


def get_item(org: ZohoOrg, call: Call) -> Answer:
    return success(item=org.item_shown.detail(org.items.get(call.path["item_id"])))


def update_item(org: ZohoOrg, call: Call) -> Answer:
    return _updated(org, call.path["item_id"], call.body())


def upsert_item(org: ZohoOrg, call: Call) -> Answer:
    """PUT without an id: the record is named by the value of a unique custom field."""
    return keyed_put(
        call,
        org.fields["item"],
        "Item",
        org.items.holder,
        lambda item_id, body: _updated(org, item_id, body),
        lambda body, status: _created(org, body, status),
    )


def delete_item(org: ZohoOrg, call: Call) -> Answer:
    org.items.delete(call.path["item_id"], API)
    return success("The item has been deleted.")


def mark_active(org: ZohoOrg, call: Call) -> Answer:
    org.items.set_status(call.path["item_id"], "active", API)
    return success("The item has been marked as Active.")


def mark_inactive(org: ZohoOrg, call: Call) -> Answer:
    org.items.set_status(call.path["item_id"], "inactive", API)
    return success("The item has been marked as Inactive.")


def delete_items(org: ZohoOrg, call: Call) -> Answer:
    _one_by_one(org, call, lambda item_id: org.items.delete(item_id, API))
    return success("The items have been deleted.")


def mark_many_active(org: ZohoOrg, call: Call) -> Answer:
    _one_by_one(org, call, lambda item_id: org.items.set_status(item_id, "active", API))
    return success("The items have been marked as Active.")


def mark_many_inactive(org: ZohoOrg, call: Call) -> Answer:
    _one_by_one(org, call, lambda item_id: org.items.set_status(item_id, "inactive", API))
    return success("The items have been marked as Inactive.")


def item_details(org: ZohoOrg, call: Call) -> Answer:
    """The whole records of several items, in the order in which they are asked for."""
    item_ids = _ids(call, org.switches.zoho_itemdetails_most)
    found = [(item_id, org.items.find(item_id)) for item_id in item_ids]
    if org.switches.zoho_itemdetails_unknown == "refuse" and any(item is None for _, item in found):
        raise no_item(org.switches)
    return success(items=[org.item_shown.detail(item) for _, item in found if item is not None])


def set_custom_fields(org: ZohoOrg, call: Call) -> Answer:
    """The body is an array, not an object."""
    org.items.set_custom_fields(call.path["item_id"], call.array(), API)
    return success("Custom Fields Updated Successfully")


def get_opening_stock(org: ZohoOrg, call: Call) -> Answer:
    item = org.items.get(call.path["variant_id"])
    return success(opening_stock=org.item_shown.opening(item.record_id))


def set_opening_stock(org: ZohoOrg, call: Call) -> Answer:
    org.items.set_openings(call.path["variant_id"], call.body(), API)
    return success("The opening stock has been updated.")


def _created(org: ZohoOrg, body: Json, status: int) -> Answer:
    item = org.items.create(body, API)
    answer = success(_ADDED, status, item=org.item_shown.detail(item))
    location = {"Location": f"/api/v3/items/{item.record_id}"} if status == 201 else {}
    return Answer(answer.status, answer.body, location)


def _updated(org: ZohoOrg, item_id: str, body: Json) -> Answer:
    item = org.items.update(item_id, body, API)
    return success(_SAVED, item=org.item_shown.detail(item))


def _one_by_one(org: ZohoOrg, call: Call, work: Callable[[str], None]) -> None:
    """Each id by itself; the answer tells of no single one, so a client must look what became of them.

    :raises ApiError: nothing could be done; or, where the switch says `refuse`, the first id that could not
    """
    done, refusal = 0, None
    for item_id in _ids(call, MOST_IDS):
        try:
            work(item_id)
            done += 1
        except ApiError as error:
            if org.switches.zoho_bulk_items == "refuse":
                raise
            refusal = refusal or error
    if refusal is not None and not done:
        raise refusal


def _ids(call: Call, most: int) -> list[str]:
    found = [part.strip() for part in call.query.get("item_ids", "").split(",") if part.strip()]
    if not found:
        raise missing_value("item_ids")
    if any(not part.isdigit() for part in found) or (most and len(found) > most):
        raise invalid_value("item_ids")
    return list(dict.fromkeys(found))


ENDPOINTS = (
    Endpoint("GET", "/items", "items.READ", list_items),
    Endpoint("POST", "/items", "items.CREATE", create_item),
    Endpoint("PUT", "/items", "items.UPDATE", upsert_item),
    Endpoint("DELETE", "/items", "items.DELETE", delete_items),
    # A change of status is guarded by CREATE, not by UPDATE.
    Endpoint("POST", "/items/active", "items.CREATE", mark_many_active),
    Endpoint("POST", "/items/inactive", "items.CREATE", mark_many_inactive),
    Endpoint("GET", "/itemdetails", "items.READ", item_details),
    Endpoint("GET", "/items/{item_id}", "items.READ", get_item),
    Endpoint("PUT", "/items/{item_id}", "items.UPDATE", update_item),
    Endpoint("DELETE", "/items/{item_id}", "items.DELETE", delete_item),
    Endpoint("POST", "/items/{item_id}/active", "items.CREATE", mark_active),
    Endpoint("POST", "/items/{item_id}/inactive", "items.CREATE", mark_inactive),
    # The segment is singular here and here alone.
    Endpoint("PUT", "/item/{item_id}/customfields", "items.UPDATE", set_custom_fields),
    Endpoint("GET", "/variants/{variant_id}/openingstock", "items.READ", get_opening_stock),
    Endpoint("PUT", "/variants/{variant_id}/openingstock", "items.UPDATE", set_opening_stock),
)
