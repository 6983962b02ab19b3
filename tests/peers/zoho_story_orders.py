"""Orders of the story told to the Zoho stand-in, and what is packed, shipped and received."""

from __future__ import annotations

from typing import Any

from tests.peers.zoho_story import Story, fresh

Json = dict[str, Any]
Query = dict[str, str]


def sales(story: Story) -> None:
    """An order that is packed, shipped and delivered; others that come to nothing."""
    make_sales_order(story)
    story.call("PUT /salesorders/{salesorder_id}", {"notes": "Ring twice"})
    story.call("GET /salesorders")
    story.call("POST /salesorders/{salesorder_id}/status/confirmed")
    _ship(story)
    story.call("POST /shipmentorders/{shipmentorder_id}/status/delivered")
    story.call("GET /salesorders/{salesorder_id}")
    for kind in ("salesorders", "invoices"):
        story.call(f"GET /items/transactions/{kind}", item_id=story.ids["item_id"])
    make_sales_order(story)
    story.call("POST /salesorders/{salesorder_id}/status/confirmed")
    _ship(story)
    story.call("DELETE /shipmentorders/{shipmentorder_id}")
    story.call("DELETE /packages/{package_id}")
    for keys in (
        ("POST /salesorders/{salesorder_id}/status/void", "DELETE /salesorders/{salesorder_id}"),
        ("POST /salesorders/status/confirmed", "DELETE /salesorders"),
    ):
        make_sales_order(story)
        for key in keys:
            story.call(key, **({} if "{" in key else {"salesorder_ids": story.ids["salesorder_id"]}))


def make_sales_order(story: Story) -> None:
    """A draft; its id and its line's are kept."""
    made = story.made("POST /salesorders", _sales_order(story))
    story.keep(made, "salesorder_id")
    story.keep(made["line_items"][0], "line_item_id", so_line_item_id="line_item_id")


def _ship(story: Story) -> None:
    body, query = make_package(story)
    story.call("PUT /packages/{package_id}", {**body, "notes": "Fragile"}, **query)
    story.call("GET /packages/{package_id}")
    story.call("GET /packages")
    shipment, query = make_shipment(story)
    story.call("GET /shipmentorders/{shipmentorder_id}")
    story.call("PUT /shipmentorders/{shipmentorder_id}", {**shipment, "notes": "Left today"}, **query)


def make_package(story: Story) -> tuple[Json, Query]:
    """Body and query that change the package of the order; its id and its line's are kept."""
    line = {"so_line_item_id": story.ids["so_line_item_id"], "quantity": 2}
    body = {"date": "2026-11-03", "line_items": [line]}
    query = {"salesorder_id": story.ids["salesorder_id"]}
    made = story.made("POST /packages", body, **query)
    story.keep(made, "package_id", package_ids="package_id")
    story.keep(made["line_items"][0], "line_item_id")
    line["line_item_id"] = story.ids["line_item_id"]
    return body, query


def make_shipment(story: Story) -> tuple[Json, Query]:
    """Body and query that change the shipment of the package; its id is kept."""
    body = {"date": "2026-11-04", "delivery_method": "FedEx", "tracking_number": "TRK-1"}
    query = {name: story.ids[name] for name in ("salesorder_id", "package_ids")}
    made = story.made("POST /shipmentorders", body, **query)
    story.keep(made, shipmentorder_id="shipment_id")
    return body, query


def purchases(story: Story) -> None:
    """An order that is received, and one that is cancelled."""
    make_purchase_order(story)
    story.call("PUT /purchaseorders/{purchaseorder_id}", {"notes": "Ring twice"})
    story.call("GET /purchaseorders/{purchaseorder_id}")
    story.call("GET /purchaseorders")
    story.call("GET /items/transactions/purchaseorders", item_id=story.ids["item_id"])
    story.call("POST /purchaseorders/{purchaseorder_id}/status/issued")
    body, query = make_receive(story)
    story.call("GET /purchasereceives/{purchasereceive_id}")
    story.call("PUT /purchasereceives/{purchasereceive_id}", {**body, "notes": "All there"}, **query)
    story.call("DELETE /purchasereceives/{purchasereceive_id}")
    make_purchase_order(story)
    story.call("POST /purchaseorders/{purchaseorder_id}/status/issued")
    story.call("POST /purchaseorders/{purchaseorder_id}/status/cancelled")
    story.call("DELETE /purchaseorders/{purchaseorder_id}")


def make_purchase_order(story: Story) -> None:
    """A draft; its id and its line's are kept."""
    made = story.made("POST /purchaseorders", _purchase_order(story))
    story.keep(made, "purchaseorder_id")
    story.keep(made["line_items"][0], "line_item_id", "account_id")


def make_receive(story: Story) -> tuple[Json, Query]:
    """Body and query that change the receive of the order; its id is kept."""
    body = {"date": "2026-11-05", "line_items": [{"line_item_id": story.ids["line_item_id"], "quantity": 2}]}
    query = {"purchaseorder_id": story.ids["purchaseorder_id"]}
    made = story.made("POST /purchasereceives", body, **query)
    story.ids["purchasereceive_id"] = made.get("purchasereceive_id") or made["receive_id"]
    return body, query


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
