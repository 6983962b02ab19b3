"""Bodies made of published examples, with what in them belongs to somebody else's organisation replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.peers.openapi import Operation
from tests.peers.zoho_story import Story, fresh
from tests.peers.zoho_story_orders import (
    make_package,
    make_purchase_order,
    make_receive,
    make_sales_order,
    make_shipment,
)
from tests.peers.zoho_story_records import make_adjustment, make_customer, make_item
from tests.peers.zoho_story_settings import make_location, make_tax

# What an example mentions and this organisation does not have, by the reason for leaving it out.
LEFT_OUT = {
    **dict.fromkeys(("custom_fields", "item_custom_fields", "shipmentorder_custom_fields"),
                    "names fields that this organisation has not defined"),
    **dict.fromkeys(("default_templates", "template_id"), "templates of mails and prints are kept nowhere"),
    "documents": "files are kept nowhere",
    **dict.fromkeys(("opening_balances",), "money is not kept in books here"),
    **dict.fromkeys(("enable_portal",), "the organisation has no customer portal"),
    **dict.fromkeys(("serial_numbers", "batches", "storages"), "serial numbers and batches are not tracked"),
    "mapped_items": "kits are not part of the stand-in",
    "pricebook_id": "there are no price lists",
    **dict.fromkeys(("group_id", "group_name", "attribute_name1", "attribute_option_name1", "attribute_id1",
                     "attribute_option_id1"), "the item belongs to no group"),
    **dict.fromkeys(("unit_id", "unit_group_id", "default_sales_unit_conversion_id",
                     "default_purchase_unit_conversion_id"), "units are texts here"),
    **dict.fromkeys(("image_id", "image_name", "image_type"), "pictures are kept nowhere"),
    **dict.fromkeys(
        ("salesorder_id", "salesorder_item_id", "is_drop_shipment"),
        "what is shipped by the vendor is ordered for a sales order, which the example does not make",
    ),
    "delivery_org_address_id": "goods go to one place, and the example names two",
    "auto_number_generation_id": "numbers are not kept by location",
    "salesperson_id": "sales people are known by name",
    **dict.fromkeys(("reverse_charge_tax_id",), "belongs to another edition"),
}  # fmt: skip

# Examples that cannot be sent as they are, whatever ids they are given.
UNUSABLE = {
    "PUT /item/{item_id}/customfields": "the example names no field",
    "PUT /variants/{variant_id}/openingstock": "no property has an example",
}


def left_out(operation: Operation) -> bool:
    """Whether the example is not sent: it cannot be, or the story of approvals sends just that."""
    return operation.key in UNUSABLE or operation.path.endswith("/reject")


_FRESH = ("contact_name", "name", "sku", "tax_name", "tax_group_name", "location_name")
_NUMBERS = (
    "salesorder_number",
    "purchaseorder_number",
    "package_number",
    "shipment_number",
    "receive_number",
)
_OWN_NUMBER = {"ignore_auto_number_generation": "true"}


def prepare(told: Story, operation: Operation) -> tuple[Story, dict[str, str]]:
    """A story of its own with the records that the call needs, and what the call wants in its query."""
    story = Story(told.running, ids=dict(told.ids))
    makers, names = _NEEDS.get(operation.key, ((), ()))
    for make in makers:
        make(story)
    numbered = any(name in operation.example() for name in _NUMBERS)
    return story, {name: story.ids[name] for name in names} | (_OWN_NUMBER if numbered else {})


def _confirm(story: Story) -> None:
    story.call("POST /salesorders/{salesorder_id}/status/confirmed")


def _issue(story: Story) -> None:
    story.call("POST /purchaseorders/{purchaseorder_id}/status/issued")


_SOLD = (make_sales_order, _confirm)
_ORDERED = (make_purchase_order, _issue)
_SHIPPING = ("salesorder_id", "package_ids")
_NEEDS: dict[str, tuple[tuple[Callable[[Story], object], ...], tuple[str, ...]]] = {
    "PUT /contacts/{contact_id}": ((make_customer,), ()),
    "POST /contacts/contactpersons": ((make_customer,), ()),
    "PUT /contacts/contactpersons/{contact_person_id}": ((make_customer,), ()),
    "PUT /items/{item_id}": ((make_item,), ()),
    "PUT /locations/{location_id}": ((make_location,), ()),
    "PUT /settings/taxes/{tax_id}": ((make_tax,), ()),  # a tax in use keeps its rate
    "PUT /inventoryadjustments/{inventory_adjustment_id}": ((make_adjustment,), ()),
    "PUT /salesorders/{salesorder_id}": ((make_sales_order,), ()),
    "POST /packages": (_SOLD, ("salesorder_id",)),
    "PUT /packages/{package_id}": ((*_SOLD, make_package), ("salesorder_id",)),
    "POST /shipmentorders": ((*_SOLD, make_package), _SHIPPING),
    "PUT /shipmentorders/{shipmentorder_id}": ((*_SOLD, make_package, make_shipment), _SHIPPING),
    "PUT /purchaseorders/{purchaseorder_id}": ((make_purchase_order,), ()),
    "POST /purchasereceives": (_ORDERED, ("purchaseorder_id",)),
    "PUT /purchasereceives/{purchasereceive_id}": ((*_ORDERED, make_receive), ("purchaseorder_id",)),
}


def mentioned(shown: Any) -> Iterator[str]:
    """Every name in an example."""
    for inner in shown if isinstance(shown, list) else shown.values() if isinstance(shown, dict) else ():
        yield from mentioned(inner)
    if isinstance(shown, dict):
        yield from shown


def body_of(story: Story, operation: Operation) -> Any:
    """The body to send."""
    body = _ours(story, operation.example())
    if "taxgroups" in operation.path:
        body["taxes"] = story.ids["taxes"]  # a group of one is none
    if operation.module == "purchaseorders":
        body.pop("contact_persons_associated", None)  # the person of the story is a customer's
    if operation.module == "locations":
        body["type"] = "general"  # the example names both
    return body


def _ours(story: Story, shown: Any) -> Any:
    if isinstance(shown, list):
        return [_ours(story, one) for one in shown]
    if not isinstance(shown, dict):
        return shown
    return {name: _value(story, name, value) for name, value in shown.items() if name not in LEFT_OUT}


def _value(story: Story, name: str, value: Any) -> Any:
    if name in story.ids:
        return story.ids[name]
    if name in _FRESH or name in _NUMBERS:
        return fresh(str(value))
    return _ours(story, value)
