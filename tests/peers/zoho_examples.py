"""Bodies made of published examples, with what in them belongs to somebody else's organisation replaced."""

from __future__ import annotations

from typing import Any

from tests.peers.openapi import Operation
from tests.peers.zoho_story import Story, fresh

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
    "salesperson_id": "sales people are known by name",
    **dict.fromkeys(("reverse_charge_tax_id",), "belongs to another edition"),
}  # fmt: skip

_NAMES = {"contact_name": "Example", "name": "Example", "sku": "EXAMPLE"}


def prepare(story: Story, operation: Operation) -> dict[str, str]:
    """What the operation wants in its query."""
    del story, operation
    return {}


def body_of(story: Story, operation: Operation) -> Any:
    """The body to send."""
    return _ours(story, operation, operation.example())


def _ours(story: Story, operation: Operation, shown: Any) -> Any:
    if isinstance(shown, list):
        return [_ours(story, operation, one) for one in shown]
    if not isinstance(shown, dict):
        return shown
    kept = {}
    for name, value in shown.items():
        if name in LEFT_OUT:
            continue
        if name in story.ids:
            kept[name] = story.ids[name]
        elif name in _NAMES and isinstance(value, str):
            kept[name] = fresh(_NAMES[name])
        else:
            kept[name] = _ours(story, operation, value)
    return kept
