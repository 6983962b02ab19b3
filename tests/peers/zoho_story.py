"""A story told to the Zoho stand-in: customers, items, orders and what becomes of them, every call once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contract.sandbox_zoho.running import Running

Json = dict[str, Any]
_numbers = itertools.count(1)


class RefusedError(Exception):
    """A call of the story was refused, so that what builds on it cannot be told."""


@dataclass(frozen=True)
class Told:
    """One call and its answer."""

    status: int
    body: Json


@dataclass
class Story:
    """Calls by their published name (`PUT /items/{item_id}`), the last answer kept; ids by the name of their field."""

    running: Running
    told: dict[str, Told] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)

    def call(self, key: str, body: Any = None, **query: Any) -> Json:
        """The answer of one call, ids filled into its path. :raises RefusedError: any other than success."""
        method, path = key.split(" ")
        filled = re.sub(r"\{(\w+)\}", lambda name: self.ids[name[1]], path)
        answer = self.running.call(method, filled, body, **query)
        told = Told(answer.status_code, answer.json())
        if told.status >= 300 or told.body.get("code") != 0:
            raise RefusedError(f"{key} {body or ''}: {told.status} {told.body}")
        self.told[key] = told
        return told.body

    def keep(self, record: Json, *names: str, **others: str) -> None:
        """Remember ids of a record, under another name where one is given."""
        self.ids |= {name: record[name] for name in names}
        self.ids |= {name: record[source] for name, source in others.items()}

    def tell(self, *parts: Callable[[Story], None]) -> None:
        """Part after part; what is refused ends its part and is kept for those who ask why."""
        for part in parts:
            try:
                part(self)
            except (RefusedError, KeyError) as error:
                self.ended[part.__name__] = f"{part.__name__} ended: {error!r}"


def fresh(word: str) -> str:
    """A text no other record bears."""
    return f"{word} {next(_numbers)} of the story"


def settings(story: Story) -> None:
    """Who the organisation is, its currencies, taxes, places and people."""
    story.keep(story.call("GET /organizations")["organizations"][0], "organization_id")
    story.call("GET /organizations/{organization_id}")
    currency = next(
        each for each in story.call("GET /settings/currencies")["currencies"] if each["is_base_currency"]
    )
    story.keep(currency, "currency_id")
    story.call("GET /settings/currencies/{currency_id}")


def taxes(story: Story) -> None:
    story.keep(story.call("GET /settings/taxes")["taxes"][0], "tax_id")
    story.call("GET /settings/taxes/{tax_id}")


def locations(story: Story) -> None:
    story.keep(story.call("GET /locations")["locations"][0], "location_id")


def users(story: Story) -> None:
    story.keep(story.call("GET /users")["users"][0], "user_id")
    story.call("GET /users/{user_id}")
    story.call("GET /users/me")


def contacts(story: Story) -> None:
    """A customer and a vendor who stay, and one who does not."""
    made = story.call("POST /contacts", _contact())["contact"]
    story.keep(made, "contact_id", customer_id="contact_id")
    story.keep(made["contact_persons"][0], "contact_person_id")
    story.call("PUT /contacts/{contact_id}", {"notes": "Pays late", "billing_address": _address()})
    story.call("GET /contacts/{contact_id}")
    story.call("GET /contacts")
    story.call("GET /contacts/{contact_id}/address")
    story.call("POST /contacts/{contact_id}/inactive")
    story.call("POST /contacts/{contact_id}/active")
    vendor = story.call("POST /contacts", {"contact_name": fresh("Mill"), "contact_type": "vendor"})["contact"]
    story.keep(vendor, vendor_id="contact_id")
    _persons(story)
    customer = story.ids["contact_id"]
    story.keep(story.call("POST /contacts", {"contact_name": fresh("Brief")})["contact"], "contact_id")
    story.call("DELETE /contacts/{contact_id}")
    story.ids["contact_id"] = customer
    story.call("POST /contacts", _contact())


def _persons(story: Story) -> None:
    story.call("GET /contacts/{contact_id}/contactpersons")
    story.call("GET /contacts/{contact_id}/contactpersons/{contact_person_id}")
    body = {"contact_id": story.ids["contact_id"], "first_name": "Ada", "email": "ada@example.com"}
    made = story.call("POST /contacts/contactpersons", body)["contact_person"]
    stays = story.ids["contact_person_id"]
    story.keep(made[0] if isinstance(made, list) else made, "contact_person_id")
    story.call("PUT /contacts/contactpersons/{contact_person_id}", {**body, "last_name": "Byron"})
    story.call("POST /contacts/contactpersons/{contact_person_id}/primary")
    story.call("DELETE /contacts/contactpersons/{contact_person_id}")
    story.ids["contact_person_id"] = stays


def items(story: Story) -> None:
    """An item with stock that stays, and some that do not."""
    made = story.call("POST /items", _item(story))["item"]
    story.keep(made, "item_id")
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
    for key, query in (("DELETE /items/{item_id}", {}), ("DELETE /items", {"item_ids": ""})):
        body = {"name": fresh("Brief"), "sku": fresh("BRIEF"), "rate": 1}
        brief = story.call("POST /items", body)["item"]["item_id"]
        story.ids["item_id"] = brief
        story.call(key, **{name: brief for name in query})
    story.ids["item_id"] = made["item_id"]
    story.call("GET /items/{item_id}")
    story.told["POST /items"] = Told(story.told["POST /items"].status, {**story.told["POST /items"].body, "item": made})


def adjustments(story: Story) -> None:
    body = {
        "date": "2026-11-02", "reason": "Damaged goods", "adjustment_type": "quantity",
        "line_items": [{"item_id": story.ids["item_id"], "quantity_adjusted": -2}],
    }  # fmt: skip
    made = story.call("POST /inventoryadjustments", body)["inventory_adjustment"]
    story.keep(made, "inventory_adjustment_id")
    story.call("GET /inventoryadjustments/{inventory_adjustment_id}")
    story.call("GET /inventoryadjustments")
    line = {**body["line_items"][0], "line_item_id": made["line_items"][0]["line_item_id"]}  # type: ignore[index]
    story.call("PUT /inventoryadjustments/{inventory_adjustment_id}", {**body, "line_items": [line]})
    story.call("DELETE /inventoryadjustments/{inventory_adjustment_id}")


def sales(story: Story) -> None:
    """An order that is packed, shipped and delivered; others that come to nothing."""
    made = story.call("POST /salesorders", _sales_order(story))["salesorder"]
    story.keep(made, "salesorder_id")
    story.keep(made["line_items"][0], so_line_item_id="line_item_id")
    story.call("PUT /salesorders/{salesorder_id}", {"notes": "Ring twice"})
    story.call("GET /salesorders/{salesorder_id}")
    story.call("GET /salesorders")
    story.call("POST /salesorders/{salesorder_id}/status/confirmed")
    _shipping(story)
    order = story.ids["salesorder_id"]
    for keys in (
        ("POST /salesorders/{salesorder_id}/status/void", "DELETE /salesorders/{salesorder_id}"),
        ("POST /salesorders/status/confirmed", "DELETE /salesorders"),
    ):
        brief = story.call("POST /salesorders", _sales_order(story))["salesorder"]["salesorder_id"]
        story.ids["salesorder_id"] = brief
        for key in keys:
            story.call(key, **({} if "{" in key else {"salesorder_ids": brief}))
    story.ids["salesorder_id"] = order


def _shipping(story: Story) -> None:
    line = {"so_line_item_id": story.ids["so_line_item_id"], "quantity": 2}
    body = {"date": "2026-11-03", "line_items": [line]}
    query = {"salesorder_id": story.ids["salesorder_id"]}
    package = story.call("POST /packages", body, **query)["package"]
    story.keep(package, "package_id")
    line["line_item_id"] = package["line_items"][0]["line_item_id"]
    story.call("PUT /packages/{package_id}", {**body, "notes": "Fragile"}, **query)
    story.call("GET /packages/{package_id}")
    story.call("GET /packages")
    shipment = {"date": "2026-11-04", "delivery_method": "FedEx", "tracking_number": "TRK-1"}
    query["package_ids"] = story.ids["package_id"]
    made = story.call("POST /shipmentorders", shipment, **query)["shipmentorder"]
    story.ids["shipmentorder_id"] = made.get("shipmentorder_id") or made["shipment_id"]
    story.call("GET /shipmentorders/{shipmentorder_id}")
    story.call("PUT /shipmentorders/{shipmentorder_id}", {**shipment, "notes": "Left today"}, **query)
    story.call("POST /shipmentorders/{shipmentorder_id}/status/delivered")
    story.call("DELETE /shipmentorders/{shipmentorder_id}")
    story.call("DELETE /packages/{package_id}")


def purchases(story: Story) -> None:
    """An order that is received, and one that is cancelled."""
    made = story.call("POST /purchaseorders", _purchase_order(story))["purchaseorder"]
    story.keep(made, "purchaseorder_id")
    story.call("PUT /purchaseorders/{purchaseorder_id}", {"notes": "Ring twice"})
    story.call("GET /purchaseorders/{purchaseorder_id}")
    story.call("GET /purchaseorders")
    story.call("POST /purchaseorders/{purchaseorder_id}/status/issued")
    line = {"line_item_id": made["line_items"][0]["line_item_id"], "quantity": 2}
    body = {"date": "2026-11-05", "line_items": [line]}
    query = {"purchaseorder_id": made["purchaseorder_id"]}
    received = story.call("POST /purchasereceives", body, **query)["purchasereceive"]
    story.ids["purchasereceive_id"] = received.get("purchasereceive_id") or received["receive_id"]
    story.call("GET /purchasereceives/{purchasereceive_id}")
    story.call("PUT /purchasereceives/{purchasereceive_id}", {**body, "notes": "All there"}, **query)
    story.call("DELETE /purchasereceives/{purchasereceive_id}")
    brief = story.call("POST /purchaseorders", _purchase_order(story))["purchaseorder"]
    story.keep(brief, "purchaseorder_id")
    story.call("POST /purchaseorders/{purchaseorder_id}/status/issued")
    story.call("POST /purchaseorders/{purchaseorder_id}/status/cancelled")
    story.call("DELETE /purchaseorders/{purchaseorder_id}")
    story.keep(made, "purchaseorder_id")


PARTS = (settings, taxes, locations, users, contacts, items, adjustments, sales, purchases)


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


def _sales_order(story: Story) -> Json:
    line = {"item_id": story.ids["item_id"], "quantity": 2, "rate": 7, "tax_id": story.ids["tax_id"]}
    return {
        "customer_id": story.ids["customer_id"], "date": "2026-11-01", "shipment_date": "2026-11-04",
        "reference_number": fresh("REF"), "line_items": [line], "shipping_charge": 7, "notes": "Thanks",
    }  # fmt: skip


def _purchase_order(story: Story) -> Json:
    line = {"item_id": story.ids["item_id"], "quantity": 2, "rate": 4}
    return {
        "vendor_id": story.ids["vendor_id"], "date": "2026-11-01", "expected_delivery_date": "2026-11-08",
        "reference_number": fresh("REF"), "line_items": [line], "notes": "Thanks",
    }  # fmt: skip
