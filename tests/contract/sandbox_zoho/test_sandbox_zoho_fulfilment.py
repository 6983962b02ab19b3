"""Packages and shipments over the API, and what they do to orders, lines and stock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.trading import Shop, error, statuses


@pytest.fixture
def shop(zoho: Running) -> Shop:
    return Shop(zoho)


def done(order: dict[str, Any]) -> tuple[float, float, float]:
    line = order["line_items"][0]
    return line["quantity_packed"], line["quantity_shipped"], line["quantity_delivered"]


def test_an_order_is_packed_shipped_and_delivered_in_parts(shop: Shop) -> None:
    order = shop.order()
    order_id = order["salesorder_id"]
    first, second = shop.pack(order, 2), shop.pack(order, 1)
    assert (first["package_number"], first["status"], first["salesorder_number"]) == (
        "PKG-00001",
        "not_shipped",
        "SO-00001",
    )
    after = shop.read(order_id)
    assert (done(after), after["shipped_status"], after["status"]) == (
        (3.0, 0.0, 0.0),
        "pending",
        "confirmed",
    )
    assert shop.stock() == (10.0, 3.0, 10.0, 3.0)
    shipment = shop.ship(order, first, tracking_number="TN 1", carrier="Rail", date="2027-02-01")
    assert (shipment["shipment_number"], shipment["status"], shipment["tracking_number"]) == (
        "SHP-00001",
        "shipped",
        "TN 1",
    )
    assert [line["quantity"] for line in shipment["line_items"]] == [2.0]
    after = shop.read(order_id)
    assert (done(after), statuses(after)[0], statuses(after)[4]) == (
        (3.0, 2.0, 0.0),
        "partially_shipped",
        "partially_shipped",
    )
    # The physical ledger alone is moved, and only what has left is no longer committed in it.
    assert shop.stock() == (10.0, 3.0, 8.0, 1.0)
    row = next(each for each in after["packages"] if each["package_id"] == first["package_id"])
    assert (row["status"], row["shipment_number"], row["tracking_number"], row["carrier"], row["shipment_date"]) == (
        "shipped", "SHP-00001", "TN 1", "Rail", "2027-02-01",
    )  # fmt: skip
    shop.ship(order, second)
    assert statuses(shop.read(order_id))[4] == "shipped"
    said = shop.zoho.post(f"/shipmentorders/{shipment['shipment_id']}/status/delivered")
    assert said["message"] == "The Shipment Order has been marked as Delivered."
    after = shop.read(order_id)
    assert (done(after), after["status"]) == ((3.0, 3.0, 2.0), "shipped")
    shop.zoho.post(f"/shipmentorders/{after['packages'][1]['shipment_id']}/status/delivered")
    assert statuses(shop.read(order_id)) == ("fulfilled", "confirmed", "not_invoiced", "unpaid", "fulfilled")
    assert shop.stock() == (10.0, 3.0, 7.0, 0.0)
    package = shop.zoho.get(f"/packages/{first['package_id']}")["package"]
    assert (package["status"], package["shipment_order"]["status"]) == ("delivered", "delivered")


def test_the_order_stands_in_the_query_alone(shop: Shop) -> None:
    order, other = shop.order(), shop.order()
    lines = [{"so_line_item_id": order["line_items"][0]["line_item_id"], "quantity": 1}]
    body = {"salesorder_id": other["salesorder_id"], "line_items": lines}
    assert error(shop.zoho.call("POST", "/packages", body)) == (400, 4)
    package = shop.zoho.call("POST", "/packages", body, salesorder_id=order["salesorder_id"]).json()[
        "package"
    ]
    assert package["salesorder_id"] == order["salesorder_id"]
    shipment = {
        "delivery_method": "Rail",
        "package_ids": [package["package_id"]],
        "salesorder_id": order["salesorder_id"],
    }
    assert error(shop.zoho.call("POST", "/shipmentorders", shipment)) == (400, 4)
    assert error(
        shop.zoho.call("POST", "/shipmentorders", shipment, salesorder_id=order["salesorder_id"])
    ) == (400, 4)
    foreign = {"salesorder_id": other["salesorder_id"], "package_ids": package["package_id"]}
    assert error(shop.zoho.call("POST", "/shipmentorders", shipment, **foreign)) == (400, 2)


def test_packages_take_no_more_than_there_is(shop: Shop) -> None:
    draft, order = shop.order(status="draft"), shop.order()
    line_id = order["line_items"][0]["line_item_id"]

    def packed(lines: Any, of: dict[str, Any] = order, **fields: Any) -> tuple[int, int]:
        return error(
            shop.zoho.call(
                "POST", "/packages", {"line_items": lines, **fields}, salesorder_id=of["salesorder_id"]
            )
        )

    assert packed([{"so_line_item_id": draft["line_items"][0]["line_item_id"], "quantity": 1}], draft) == (
        400,
        36_026,
    )
    assert packed([{"so_line_item_id": line_id, "quantity": 4}]) == (400, 36_014)
    assert packed([{"so_line_item_id": line_id, "quantity": 2}] * 2) == (400, 36_014)
    assert packed([{"so_line_item_id": line_id, "quantity": 0}]) == (400, 4)
    assert packed([{"so_line_item_id": line_id}]) == (400, 4)
    assert packed([{"quantity": 1}]) == (400, 4)
    assert packed([{"so_line_item_id": "1", "quantity": 1}]) == (400, 2)
    assert packed([]) == (400, 4)
    assert packed([{"so_line_item_id": line_id, "quantity": 1}], date="tomorrow") == (400, 2)
    assert packed([{"so_line_item_id": line_id, "quantity": 1}], colour="red") == (400, 2)
    assert error(shop.zoho.call("POST", "/packages", {}, salesorder_id="1")) == (404, 1002)
    shop.pack(order, 2)
    assert packed([{"so_line_item_id": line_id, "quantity": 2}]) == (400, 36_014)
    work = shop.item(
        "Fitting", product_type="service", item_type="sales", initial_stock="", initial_stock_rate=""
    )
    served = shop.order(line_items=[{"item_id": work, "quantity": 1}])
    assert packed([{"so_line_item_id": served["line_items"][0]["line_item_id"], "quantity": 1}], served) == (
        400,
        36_014,
    )


def test_a_package_changes_until_it_leaves(shop: Shop) -> None:
    order = shop.order()
    package = shop.pack(order, 2)
    path = f"/packages/{package['package_id']}"
    line = package["line_items"][0]
    lines = [
        {"line_item_id": line["line_item_id"], "so_line_item_id": line["so_line_item_id"], "quantity": 3}
    ]
    changed = shop.zoho.put(path, {"date": "2027-03-01", "line_items": lines, "notes": "fragile"})["package"]
    assert (changed["date"], changed["notes"], changed["total_quantity"]) == ("2027-03-01", "fragile", 3.0)
    assert changed["line_items"][0]["line_item_id"] == line["line_item_id"]
    assert done(shop.read(order["salesorder_id"]))[0] == 3.0
    lines[0]["quantity"] = 4
    assert error(shop.zoho.call("PUT", path, {"line_items": lines})) == (400, 36_014)
    shipment = shop.ship(order, package)
    assert error(shop.zoho.call("PUT", path, {"line_items": lines})) == (400, 36_026)
    assert error(shop.zoho.call("DELETE", path)) == (400, 36_021)
    assert (
        shop.zoho.delete(f"/shipmentorders/{shipment['shipment_id']}")["message"]
        == "The Shipment Order has been deleted."
    )
    assert shop.stock() == (10.0, 3.0, 10.0, 3.0)
    assert shop.zoho.delete(path)["code"] == 0
    after = shop.read(order["salesorder_id"])
    assert (done(after), after["packages"], after["shipped_status"]) == ((0.0, 0.0, 0.0), [], "pending")


def test_a_shipment_can_be_changed_and_takes_other_packages(shop: Shop) -> None:
    order = shop.order()
    first, second = shop.pack(order, 1), shop.pack(order, 2)
    shipment = shop.ship(order, first)
    path = f"/shipmentorders/{shipment['shipment_id']}"
    changed = shop.zoho.call(
        "PUT", path, {"delivery_method": "Ship", "tracking_number": "X"}, package_ids=second["package_id"]
    )
    assert changed.json()["shipment_order"]["tracking_number"] == "X"
    assert done(shop.read(order["salesorder_id"])) == (3.0, 2.0, 0.0)
    assert shop.stock()[2] == 8.0
    assert shop.zoho.get(path)["shipment_order"]["delivery_method"] == "Ship"
    again = {"salesorder_id": order["salesorder_id"], "package_ids": second["package_id"]}
    assert error(shop.zoho.call("POST", "/shipmentorders", {"delivery_method": "Rail"}, **again)) == (
        400,
        36_026,
    )
    assert error(
        shop.zoho.call("POST", "/shipmentorders", {}, **{**again, "package_ids": first["package_id"]})
    ) == (400, 4)
    assert error(
        shop.zoho.call(
            "POST", "/shipmentorders", {"delivery_method": "Rail"}, **{**again, "package_ids": "1"}
        )
    ) == (404, 1002)
    shop.zoho.post(f"{path}/status/delivered")
    assert error(shop.zoho.call("POST", f"{path}/status/delivered")) == (400, 36_026)
    assert error(shop.zoho.call("DELETE", path)) == (400, 36_026)


def test_lines_that_are_packed_keep_their_item_and_their_quantity(shop: Shop) -> None:
    desk = shop.item("Desk")
    order = shop.order()
    shop.pack(order, 2)
    path, line_id = f"/salesorders/{order['salesorder_id']}", order["line_items"][0]["line_item_id"]

    def put(*lines: dict[str, Any]) -> Any:
        return shop.zoho.call("PUT", path, {"line_items": lines})

    assert error(put({"item_id": desk, "quantity": 1})) == (400, 36_025)
    assert error(put({"line_item_id": line_id, "item_id": desk, "quantity": 3})) == (400, 36_025)
    assert error(put({"line_item_id": line_id, "quantity": 1})) == (400, 36_025)
    assert error(shop.zoho.call("DELETE", path)) == (400, 36_021)
    other = shop.zoho.customer("Another Buyer")["contact_id"]
    assert error(shop.zoho.call("PUT", path, {"customer_id": other})) == (400, 2)
    assert put({"line_item_id": line_id, "quantity": 2}, {"item_id": desk, "quantity": 1}).status_code == 200
    package = shop.read(order["salesorder_id"])["packages"][0]
    shop.ship(order, package)
    assert error(shop.zoho.call("POST", f"{path}/status/void")) == (400, 36_026)


def test_what_was_packed_of_a_void_order_stays_in_the_house(shop: Shop) -> None:
    order = shop.order()
    package = shop.pack(order, 1)
    shop.zoho.post(f"/salesorders/{order['salesorder_id']}/status/void")
    query = {"salesorder_id": order["salesorder_id"], "package_ids": package["package_id"]}
    assert error(shop.zoho.call("POST", "/shipmentorders", {"delivery_method": "Rail"}, **query)) == (
        400,
        36_026,
    )
    path = f"/packages/{package['package_id']}"
    assert error(shop.zoho.call("PUT", path, {"line_items": package["line_items"]})) == (400, 36_026)
    assert shop.zoho.delete(path)["code"] == 0
    assert shop.stock() == (10.0, 0.0, 10.0, 0.0)
