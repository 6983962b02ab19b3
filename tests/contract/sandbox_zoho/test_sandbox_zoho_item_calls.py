"""Items over HTTP: the rules a client runs into."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from tests.contract.sandbox_zoho.running import Running, sandbox
from tests.contract.sandbox_zoho.trading import Shop

OFFSET_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}$")
STOCK_KEYS = {"stock_on_hand", "available_stock", "actual_available_stock", "reorder_level"}


def refused(response: requests.Response, status: int, code: int) -> str:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    message: str = response.json()["message"]
    return message


def make(zoho: Running, name: str = "Desk lamp", **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = zoho.post("/items", {"name": name, **fields})["item"]
    return made


def in_use(zoho: Running, item_id: str) -> None:
    """An adjustment names the item from now on."""
    body = {
        "date": "2026-05-01", "reason": "Stock count", "adjustment_type": "quantity",
        "line_items": [{"item_id": item_id, "quantity_adjusted": 1}],
    }  # fmt: skip
    zoho.post("/inventoryadjustments", body)


def test_create_answers_201_with_the_whole_record(zoho: Running) -> None:
    answer = zoho.call("POST", "/items", {"name": "Desk lamp", "rate": 21.651038, "sku": "LAMP-1"})
    assert (answer.status_code, answer.json()["message"]) == (201, "The item has been added.")
    item = answer.json()["item"]
    assert answer.headers["Location"] == f"/api/v3/items/{item['item_id']}"
    assert re.fullmatch(r"\d{15,19}", item["item_id"])
    assert (item["rate"], item["sku"], item["status"], item["source"]) == (
        21.651038,
        "LAMP-1",
        "active",
        "api",
    )
    assert OFFSET_TIME.match(item["created_time"])
    assert (item["brand"], item["tax_id"], "reorder_level" in item) == ("", "", False)
    assert (item["custom_fields"], item["account_name"], item["purchase_account_name"]) == ([], "Sales", "")


def test_put_changes_only_the_keys_it_names(zoho: Running) -> None:
    item = make(zoho, rate=9.5, brand="North", upc="036000291452")
    answer = zoho.call("PUT", f"/items/{item['item_id']}", {"description": "x"})
    assert (answer.status_code, answer.json()["message"]) == (200, "Item details have been saved.")
    after = answer.json()["item"]
    assert (after["description"], after["rate"], after["brand"], after["upc"]) == (
        "x",
        9.5,
        "North",
        "036000291452",
    )


def test_a_whole_answer_sent_back_changes_nothing(zoho: Running) -> None:
    places = [place["location_id"] for place in zoho.get("/locations")["locations"]]
    stock = [{"location_id": places[1], "initial_stock": 5, "initial_stock_rate": 2.5}]
    item = make(
        zoho, item_type="inventory", locations=stock, package_details={"weight": 2, "weight_unit": "g"}
    )
    after = zoho.put(f"/items/{item['item_id']}", item)["item"]
    changing = ("last_modified_time",)
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in item.items() if k not in changing
    }


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, 4, "Invalid value passed for name"),
        ({"name": "  "}, 4, "Invalid value passed for name"),
        ({"name": "x" * 101}, 15, 'Please ensure that the "name" has less than 100 characters.'),
        ({"name": 7}, 2, "Invalid value passed for Name"),
        ({"name": "A", "rate": "9.50"}, 2, "Invalid value passed for Rate"),
        ({"name": "A", "rate": -1}, 2, "Invalid value passed for Rate"),
        ({"name": "A", "item_type": "goods"}, 2, "Invalid value passed for Item Type"),
        ({"name": "A", "product_type": "thing"}, 2, "Invalid value passed for Product Type"),
        ({"name": "A", "product_type": "service", "item_type": "inventory"}, 2, "Invalid value passed for Product Type"),
        ({"name": "A", "can_be_sold": "yes"}, 2, "Invalid value passed for Can Be Sold"),
        ({"name": "A", "can_be_sold": False, "can_be_purchased": False}, 2, "Invalid value passed for Item Type"),
        ({"name": "A", "upc": "12345"}, 2, "Invalid value passed for Upc"),
        ({"name": "A", "ean": "12345678901x"}, 2, "Invalid value passed for Ean"),
        ({"name": "A", "tax_id": "1"}, 2, "Invalid value passed for Tax Id"),
        ({"name": "A", "account_id": "1"}, 2, "Invalid value passed for Account Id"),
        ({"name": "A", "unit_id": "1"}, 2, "Invalid value passed for Unit Id"),
        ({"name": "A", "vendor_id": "1"}, 2, "Invalid value passed for Vendor Id"),
        ({"name": "A", "item_tax_preferences": [{"tax_id": "1", "tax_specification": "intra"}]}, 2, "Invalid value passed for Tax Id"),
        ({"name": "A", "package_details": {"weight_unit": "stone"}}, 2, "Invalid value passed for Weight Unit"),
        ({"name": "A", "group_name": "Bags"}, 2, "Invalid Element group_name"),
        ({"name": "A", "price": 1}, 2, "Invalid Element price"),
        ({"name": "A", "initial_stock": 1}, 2, "Invalid Element initial_stock"),
        ({"name": "A", "item_type": "inventory", "initial_stock": -1}, 2, "Invalid value passed for Initial Stock"),
        ({"name": "A", "item_type": "inventory", "locations": [{"location_id": "1", "initial_stock": 1}]}, 2, "Invalid value passed for Location Id"),
        ({"name": "A", "item_type": "inventory", "locations": [{"initial_stock": 1}]}, 4, "Invalid value passed for location_id"),
        ({"name": "A", "item_type": "inventory", "warehouses": [{"warehouse_id": "1", "initial_stock": 1}]}, 2, "Invalid Element warehouses"),
        ({"name": "A", "custom_fields": [{"api_name": "cf_none", "value": "x"}]}, 2, "Invalid Element cf_none"),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_and_leaves_no_trace(
    zoho: Running, body: dict[str, Any], code: int, message: str
) -> None:
    assert refused(zoho.call("POST", "/items", body), 400, code) == message
    assert zoho.get("/items")["items"] == []


def test_names_and_skus_are_unique_also_on_put(zoho: Running) -> None:
    make(zoho, "Desk lamp", sku="LAMP-1")
    other = make(zoho, "Floor lamp", sku="LAMP-2")
    wording = refused(zoho.call("POST", "/items", {"name": "DESK LAMP"}), 400, 1001)
    assert wording == 'Item "DESK LAMP" already exists'
    assert refused(zoho.call("POST", "/items", {"name": "B", "sku": "lamp-1"}), 400, 1001).startswith(
        'Item "lamp-1"'
    )
    path = f"/items/{other['item_id']}"
    refused(zoho.call("PUT", path, {"name": "Desk lamp"}), 400, 1001)
    refused(zoho.call("PUT", path, {"sku": "LAMP-1"}), 400, 1001)
    zoho.put(path, {"name": "Floor Lamp", "sku": "lamp-2"})
    zoho.put(path, {"sku": ""})
    make(zoho, "Third", sku="LAMP-2")


def test_an_item_that_does_not_exist_is_404_2006(zoho: Running) -> None:
    for method, path, body in (
        ("GET", "/items/123", None), ("PUT", "/items/123", {"rate": 1}), ("DELETE", "/items/123", None),
        ("POST", "/items/123/active", None), ("PUT", "/item/123/customfields", []),
    ):  # fmt: skip
        assert refused(zoho.call(method, path, body), 404, 2006) == "Item does not exist"


def test_a_deleted_item_frees_its_name_and_is_gone(zoho: Running) -> None:
    item = make(zoho, sku="A")
    assert zoho.delete(f"/items/{item['item_id']}")["message"] == "The item has been deleted."
    refused(zoho.call("GET", f"/items/{item['item_id']}"), 404, 2006)
    make(zoho, sku="A")


def test_an_item_with_transactions_stays_and_keeps_its_type(zoho: Running) -> None:
    item = make(zoho, item_type="inventory")
    in_use(zoho, item["item_id"])
    path = f"/items/{item['item_id']}"
    wording = refused(zoho.call("DELETE", path), 400, 2049)
    assert (
        wording
        == "Items which are a part of other transactions cannot be deleted. Instead, mark them as inactive"
    )
    wording = refused(zoho.call("PUT", path, {"product_type": "service", "item_type": "sales"}), 400, 2076)
    assert wording == "Product type cannot be changed for Items having transactions"
    refused(zoho.call("PUT", path, {"item_type": "sales_and_purchases"}), 400, 2076)
    zoho.post(f"{path}/inactive")
    assert zoho.get(path)["item"]["status"] == "inactive"


def test_the_transactions_of_an_item(zoho: Running) -> None:
    shop = Shop(zoho)
    other = shop.item("Other")
    draft, order = shop.order(status="draft"), shop.order()
    found = zoho.get("/items/transactions/salesorders", item_id=shop.lamp)["salesorders"]
    assert [row["salesorder_id"] for row in found] == [order["salesorder_id"], draft["salesorder_id"]]
    wanted = ("order_status", "customer_name", "item_quantity", "item_price", "item_total_price", "unit")
    assert [found[0][key] for key in wanted] == ["confirmed", "Muster Lighting", 3.0, 10.0, 30.0, "pcs"]
    rows = zoho.get("/items/transactions/salesorders", item_id=shop.lamp, status="draft")["salesorders"]
    assert [row["salesorder_id"] for row in rows] == [draft["salesorder_id"]]
    assert (
        zoho.get("/items/transactions/salesorders", item_id=shop.lamp, customer_id="1")["salesorders"] == []
    )
    assert zoho.get("/items/transactions/salesorders", item_id=other)["salesorders"] == []
    assert zoho.get("/items/transactions/purchaseorders", item_id=shop.lamp)["purchaseorders"] == []
    refused(zoho.call("GET", "/items/transactions/invoices"), 400, 4)
    refused(zoho.call("GET", "/items/transactions/invoices", item_id="1"), 404, 2006)
    refused(zoho.call("DELETE", f"/items/{shop.lamp}"), 400, 2049)


def test_an_unused_item_may_become_a_service(zoho: Running) -> None:
    item = make(zoho, item_type="inventory")
    after = zoho.put(f"/items/{item['item_id']}", {"product_type": "service", "item_type": "sales"})["item"]
    assert (after["product_type"], after["track_inventory"], STOCK_KEYS & after.keys()) == (
        "service",
        False,
        set(),
    )


@pytest.mark.parametrize(
    ("flags", "item_type"),
    [
        ({}, "sales"),
        ({"can_be_purchased": True}, "sales_and_purchases"),
        ({"can_be_sold": False, "can_be_purchased": True}, "purchases"),
        ({"track_inventory": True}, "inventory"),
        ({"item_type": "purchases", "can_be_sold": True}, "purchases"),
    ],
)
def test_flags_make_the_type_unless_it_is_named(zoho: Running, flags: dict[str, Any], item_type: str) -> None:
    item = make(zoho, **flags)
    assert item["item_type"] == item_type
    assert item["can_be_sold"] is (item_type != "purchases")
    assert item["can_be_purchased"] is (item_type != "sales")
    assert item["track_inventory"] is (item_type == "inventory")


def test_stock_keys_are_there_only_where_stock_is_kept(zoho: Running) -> None:
    make(zoho, "Advice", product_type="service", reorder_level=3)
    make(zoho, "Lamp", item_type="inventory", initial_stock=260, initial_stock_rate=1.5, reorder_level=3)
    rows = {row["name"]: row for row in zoho.get("/items")["items"]}
    assert STOCK_KEYS & rows["Advice"].keys() == set()
    assert {key: rows["Lamp"][key] for key in STOCK_KEYS} == {
        "stock_on_hand": 260.0, "available_stock": 260.0, "actual_available_stock": 260.0, "reorder_level": 3.0,
    }  # fmt: skip
    detail = zoho.get(f"/items/{rows['Lamp']['item_id']}")["item"]
    assert (detail["initial_stock"], detail["initial_stock_rate"]) == (260.0, 1.5)
    assert (detail["inventory_account_name"], detail["committed_stock"]) == ("Inventory Asset", 0.0)
    first, second = detail["locations"]
    assert (first["is_primary"], first["location_stock_on_hand"]) == (True, "260.0")
    assert (second["is_primary"], second["location_actual_available_stock"]) == (False, "0.0")
    assert set(first) == {
        "location_id", "location_name", "status", "is_primary", "location_stock_on_hand",
        "location_available_stock", "location_actual_available_stock",
    }  # fmt: skip


def test_opening_stock_by_location_and_not_in_two_forms_at_once(zoho: Running) -> None:
    first, second = (place["location_id"] for place in zoho.get("/locations")["locations"])
    stock = [
        {"location_id": first, "initial_stock": 5, "initial_stock_rate": 2},
        {"location_id": second, "initial_stock": 7.25, "initial_stock_rate": 2},
    ]
    item = make(zoho, item_type="inventory", locations=stock)
    assert item["stock_on_hand"] == 12.25
    assert [place["location_stock_on_hand"] for place in item["locations"]] == ["5.0", "7.25"]
    both = {"name": "B", "item_type": "inventory", "locations": stock, "initial_stock": 1}
    assert refused(zoho.call("POST", "/items", both), 400, 2) == "Invalid Element initial_stock"
    twice = {"name": "B", "item_type": "inventory", "locations": [stock[0], stock[0]]}
    refused(zoho.call("POST", "/items", twice), 400, 2)


def test_the_opening_stock_endpoint(zoho: Running) -> None:
    item = make(zoho, item_type="inventory", initial_stock=5, initial_stock_rate=2)
    path = f"/variants/{item['item_id']}/openingstock"
    found = zoho.get(path)["opening_stock"]
    assert (found["initial_stock"], found["initial_stock_rate"], len(found["locations"])) == (5.0, 2.0, 1)
    answer = zoho.call("PUT", path, {"initial_stock": 8, "initial_stock_rate": 3})
    assert answer.json() == {"code": 0, "message": "The opening stock has been updated."}
    assert zoho.get(f"/items/{item['item_id']}")["item"]["stock_on_hand"] == 8.0
    refused(zoho.call("PUT", path, {}), 400, 4)
    refused(zoho.call("PUT", path, {"stock": 1}), 400, 2)


def test_taxes_vendors_and_units_are_told_by_name(zoho: Running) -> None:
    tax = next(tax for tax in zoho.get("/settings/taxes")["taxes"] if tax["tax_name"] == "Reduced Rate")
    vendor = zoho.customer("Lamp Works", contact_type="vendor")
    item = make(zoho, tax_id=tax["tax_id"], vendor_id=vendor["contact_id"], unit="pcs", can_be_purchased=True)
    assert (item["tax_name"], item["tax_percentage"], item["tax_type"]) == ("Reduced Rate", 5.0, "tax")
    assert (item["vendor_name"], item["preferred_vendors"][0]["vendor_id"]) == (
        "Lamp Works",
        vendor["contact_id"],
    )
    other = make(zoho, "Other", unit_id=item["unit_id"])
    assert (other["unit"], other["unit_id"]) == ("pcs", item["unit_id"])
    customer = zoho.customer("Buyer")
    refused(zoho.call("POST", "/items", {"name": "X", "vendor_id": customer["contact_id"]}), 400, 2)


def test_item_details_answers_many_in_the_order_asked(zoho: Running) -> None:
    first, second = (make(zoho, name)["item_id"] for name in ("A", "B"))
    found = zoho.get("/itemdetails", item_ids=f"{second},{first},{second},999")["items"]
    assert [item["item_id"] for item in found] == [second, first]
    assert found[0] == zoho.get(f"/items/{second}")["item"]
    refused(zoho.call("GET", "/itemdetails"), 400, 4)
    refused(zoho.call("GET", "/itemdetails", item_ids="x"), 400, 2)
    refused(zoho.call("GET", "/itemdetails", item_ids=",".join(map(str, range(101)))), 400, 2)


def test_one_by_one_status_changes(zoho: Running) -> None:
    path = f"/items/{make(zoho)['item_id']}"
    assert zoho.post(f"{path}/inactive")["message"] == "The item has been marked as Inactive."
    assert zoho.get(path)["item"]["status"] == "inactive"
    assert [row["status"] for row in zoho.get("/items")["items"]] == ["inactive"]
    assert zoho.post(f"{path}/active")["message"] == "The item has been marked as Active."


def test_bulk_calls_tell_of_no_single_id(zoho: Running) -> None:
    ids = [make(zoho, name, item_type="inventory")["item_id"] for name in ("A", "B", "C")]
    in_use(zoho, ids[0])
    every = ",".join([*ids, "999"])
    answer = zoho.call("POST", "/items/inactive", item_ids=every)
    assert answer.json() == {"code": 0, "message": "The items have been marked as Inactive."}
    assert {row["status"] for row in zoho.get("/items")["items"]} == {"inactive"}
    assert (
        zoho.call("POST", "/items/active", item_ids=every).json()["message"]
        == "The items have been marked as Active."
    )
    answer = zoho.call("DELETE", "/items", item_ids=every)
    assert answer.json() == {"code": 0, "message": "The items have been deleted."}
    assert [row["item_id"] for row in zoho.get("/items")["items"]] == [ids[0]]
    refused(zoho.call("DELETE", "/items", item_ids=ids[0]), 400, 2049)
    refused(zoho.call("DELETE", "/items", item_ids="999"), 404, 2006)
    refused(zoho.call("DELETE", "/items"), 400, 4)


def test_scopes_are_by_call(zoho: Running) -> None:
    item_id = make(zoho)["item_id"]
    scope = "ZohoInventory.items.READ,ZohoInventory.items.UPDATE"
    granted = zoho.grant(
        grant_type="client_credentials", scope=scope, soid=f"ZohoInventory.{zoho.zoho['organization_id']}"
    )
    token = granted.json()["access_token"]
    assert zoho.call("PUT", f"/items/{item_id}", {"rate": 1}, token=token).status_code == 200
    refused(zoho.call("POST", f"/items/{item_id}/inactive", token=token), 401, 57)
    refused(zoho.call("DELETE", f"/items/{item_id}", token=token), 401, 57)
    refused(zoho.call("GET", "/locations", token=token), 401, 57)


@pytest.fixture(scope="module")
def keyed() -> Any:
    fields = (
        "--zoho-custom-field",
        "item.cf_sf_id:string:unique",
        "--zoho-custom-field",
        "item.cf_note:string",
    )
    with sandbox(*fields, "--switch", "zoho_search_lag_seconds=0", "--zoho-per-minute", "10000") as running:
        yield running


def test_custom_fields_are_changed_alone_and_told_flat_in_rows(keyed: Running) -> None:
    item = make(keyed, "Alone", rate=3, custom_fields=[{"api_name": "cf_note", "value": "n"}])
    path = f"/item/{item['item_id']}/customfields"
    answer = keyed.call("PUT", path, [{"label": "Sf Id", "value": "01tA"}])
    assert answer.json() == {"code": 0, "message": "Custom Fields Updated Successfully"}
    after = keyed.get(f"/items/{item['item_id']}")["item"]
    assert {each["api_name"]: each["value"] for each in after["custom_fields"]} == {
        "cf_note": "n",
        "cf_sf_id": "01tA",
    }
    assert after["custom_field_hash"]["cf_sf_id_unformatted"] == "01tA"
    assert "cf_sf_id" not in after
    row = keyed.get("/items", name="Alone")["items"][0]
    assert (row["cf_sf_id"], row["cf_note"], "custom_fields" in row) == ("01tA", "n", False)
    refused(keyed.call("PUT", path, {"custom_fields": []}), 400, 4)
    other = make(keyed, "Other")
    refused(
        keyed.call(
            "PUT", f"/item/{other['item_id']}/customfields", [{"api_name": "cf_sf_id", "value": "01tA"}]
        ),
        400,
        110_817,
    )


def test_items_are_updated_and_made_by_a_unique_field(keyed: Running) -> None:
    def put(value: str, body: dict[str, Any], **more: str) -> requests.Response:
        named = {"X-Unique-Identifier-Key": "cf_sf_id", "X-Unique-Identifier-Value": value, **more}
        return keyed.call("PUT", "/items", body, headers=named)

    upsert = {"X-Upsert": "true"}
    key = {"api_name": "cf_sf_id", "value": "01tK"}
    refused(put("01tK", {"name": "Keyed"}), 404, 1002)
    refused(put("01tK", {"rate": 1}, **upsert), 400, 4)
    made = put("01tK", {"name": "Keyed", "custom_fields": [key]}, **upsert)
    assert (made.status_code, made.json()["message"]) == (200, "The item has been added.")
    changed = put("01tK", {"rate": 5}, **upsert)
    assert (changed.status_code, changed.json()["message"]) == (200, "Item details have been saved.")
    assert changed.json()["item"]["item_id"] == made.json()["item"]["item_id"]
    refused(keyed.call("POST", "/items", {"name": "Twin", "custom_fields": [key]}), 400, 110_817)
    wrong = {"X-Unique-Identifier-Key": "cf_note", "X-Unique-Identifier-Value": "n"}
    assert (
        refused(keyed.call("PUT", "/items", {"name": "X"}, headers=wrong), 400, 2)
        == "Invalid Element cf_note"
    )


def test_a_person_edits_items_and_lists_them_over_the_admin_endpoint(zoho: Running) -> None:
    made = zoho.edit("item", {"name": "Lamp", "stock_on_hand": 4, "rate": 2})
    assert (made["source"], made["stock_on_hand"], made["item_type"]) == ("user", 4.0, "inventory")
    changed = zoho.edit("item", {"rate": 3, "status": "inactive"}, made["item_id"])
    assert (changed["rate"], changed["status"]) == (3.0, "inactive")


def test_unbuilt_item_addresses_answer_404(zoho: Running) -> None:
    item_id = make(zoho)["item_id"]
    assert refused(zoho.call("GET", f"/items/{item_id}/image"), 404, 5) == "Invalid URL Passed"
    refused(zoho.call("POST", f"/items/{item_id}"), 405, 37)
