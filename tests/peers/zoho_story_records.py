"""Customers, vendors, items and adjustments of the story told to the Zoho stand-in."""

from __future__ import annotations

from typing import Any

from tests.peers.zoho_story import Story, fresh

Json = dict[str, Any]


def contacts(story: Story) -> None:
    """A customer and a vendor who stay, and one who does not."""
    make_customer(story)
    story.call("PUT /contacts/{contact_id}", {"notes": "Pays late", "billing_address": _address()})
    story.call("GET /contacts/{contact_id}")
    story.call("GET /contacts")
    story.call("GET /contacts/{contact_id}/address")
    story.call("POST /contacts/{contact_id}/inactive")
    story.call("POST /contacts/{contact_id}/active")
    vendor = story.made("POST /contacts", {"contact_name": fresh("Mill"), "contact_type": "vendor"})
    story.keep(vendor, vendor_id="contact_id")
    _persons(story)
    customer = story.ids["contact_id"]
    story.keep(story.made("POST /contacts", {"contact_name": fresh("Brief")}), "contact_id")
    story.call("DELETE /contacts/{contact_id}")
    story.ids["contact_id"] = customer
    story.call("POST /contacts", _contact())


def make_customer(story: Story) -> None:
    """A customer with addresses and a person; their ids are kept."""
    made = story.made("POST /contacts", _contact())
    story.keep(made, "contact_id", customer_id="contact_id", delivery_customer_id="contact_id")
    story.keep(made["contact_persons"][0], "contact_person_id")
    story.keep(made["billing_address"], billing_address_id="address_id")
    story.keep(made["shipping_address"], shipping_address_id="address_id")


def _persons(story: Story) -> None:
    story.call("GET /contacts/{contact_id}/contactpersons")
    story.call("GET /contacts/{contact_id}/contactpersons/{contact_person_id}")
    body = {"contact_id": story.ids["contact_id"], "first_name": "Ada", "email": "ada@example.com"}
    stays = story.ids["contact_person_id"]
    story.keep(story.made("POST /contacts/contactpersons", body), "contact_person_id")
    story.call("PUT /contacts/contactpersons/{contact_person_id}", {**body, "last_name": "Byron"})
    story.call("POST /contacts/contactpersons/{contact_person_id}/primary")
    story.call("DELETE /contacts/contactpersons/{contact_person_id}")
    story.ids["contact_person_id"] = stays


def items(story: Story) -> None:
    """An item with stock that stays, and some that do not."""
    made = make_item(story)
    story.call("PUT /items/{item_id}", {"name": made["name"], "description": "Oak"})
    story.call("GET /items/{item_id}")
    story.call("GET /items")
    story.call("GET /itemdetails", item_ids=made["item_id"])
    value = [{"api_name": "cf_salesforce_id", "value": fresh("01t")}]
    story.call("PUT /item/{item_id}/customfields", value)
    story.call("POST /items/{item_id}/inactive")
    story.call("POST /items/{item_id}/active")
    story.call("POST /items/inactive", item_ids=made["item_id"])
    story.call("POST /items/active", item_ids=made["item_id"])
    _opening_stock(story)
    for key, query in (("DELETE /items/{item_id}", {}), ("DELETE /items", {"item_ids": ""})):
        body = {"name": fresh("Brief"), "sku": fresh("BRIEF"), "rate": 1}
        brief = story.made("POST /items", body)["item_id"]
        story.ids["item_id"] = brief
        story.call(key, **dict.fromkeys(query, brief))
    story.ids["item_id"] = made["item_id"]
    story.call("POST /items", _item(story))


def make_item(story: Story) -> Json:
    """An item with stock; its id and those of its accounts are kept."""
    made = story.made("POST /items", _item(story))
    story.keep(made, "item_id", "purchase_account_id", "inventory_account_id")
    return made


def _opening_stock(story: Story) -> None:
    story.ids["variant_id"] = story.ids["item_id"]
    story.call("GET /variants/{variant_id}/openingstock")
    stock = {"location_id": story.ids["location_id"], "initial_stock": 60, "initial_stock_rate": 4}
    story.call("PUT /variants/{variant_id}/openingstock", {"locations": [stock]})


def adjustments(story: Story) -> None:
    """One that is changed and taken back."""
    body = make_adjustment(story)
    story.call("GET /inventoryadjustments/{inventory_adjustment_id}")
    story.call("GET /inventoryadjustments")
    line = {**body["line_items"][0], "line_item_id": story.ids["line_item_id"]}
    story.call("PUT /inventoryadjustments/{inventory_adjustment_id}", {**body, "line_items": [line]})
    story.call("DELETE /inventoryadjustments/{inventory_adjustment_id}")


def make_adjustment(story: Story) -> Json:
    """The body of an adjustment by two; its id and its line's are kept."""
    body = {
        "date": "2026-11-02", "reason": "Damaged goods", "adjustment_type": "quantity",
        "line_items": [{"item_id": story.ids["item_id"], "quantity_adjusted": -2}],
    }  # fmt: skip
    made = story.made("POST /inventoryadjustments", body)
    story.keep(made, "inventory_adjustment_id")
    story.keep(made["line_items"][0], "line_item_id", "adjustment_account_id")
    return body


def _address() -> Json:
    return {
        "attention": "Goods in", "address": "1 Quay", "street2": "Shed 4", "city": "Springfield",
        "state": "Oregon", "zip": "97477", "country": "U.S.A", "phone": "555-0100", "fax": "",
    }  # fmt: skip


def _contact() -> Json:
    person = {"first_name": "Kim", "last_name": "Doe", "email": "kim@example.com", "is_primary_contact": True}
    return {
        "contact_name": fresh("Joinery"), "company_name": "Joinery", "contact_type": "customer",
        "website": "joinery.example.com", "payment_terms": 15, "notes": "New", "billing_address": _address(),
        "shipping_address": _address(), "contact_persons": [person],
        "custom_fields": [{"api_name": "cf_region", "value": "North"}],
    }  # fmt: skip


def _item(story: Story) -> Json:
    stock = {"location_id": story.ids["location_id"], "initial_stock": 50, "initial_stock_rate": 4}
    return {
        "name": fresh("Desk"), "sku": fresh("DESK"), "rate": 6.5, "purchase_rate": 4, "unit": "pcs",
        "item_type": "inventory", "product_type": "goods", "reorder_level": 5, "locations": [stock],
        "tax_id": story.ids["tax_id"], "description": "Pine", "upc": "111111111117",
    }  # fmt: skip
