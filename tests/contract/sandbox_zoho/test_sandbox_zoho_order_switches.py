"""What nobody knows of orders, either way: the organisation without HTTP, with its switches turned."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integration.sandbox.zoho.answers import Call
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.sales import fulfilment_calls, order_calls
from tests.contract.sandbox_zoho.inside import Inside, refused

Json = dict[str, Any]


class Shop(Inside):
    """An organisation with a customer, a lamp and an order."""

    def __init__(self, **switches: str) -> None:
        super().__init__(**switches)
        self.customer_id = self.org.contacts.create({"contact_name": "Muster"}, "api").contact_id
        stock = {"initial_stock": 10, "initial_stock_rate": 4, "item_type": "inventory"}
        self.lamp = self.org.items.create({"name": "Lamp", "rate": 10, **stock}, "api").record_id
        self.order_id = self.org.sales.orders.create(self.body(), "api").record_id

    def body(self, quantity: int = 3, **fields: Any) -> Json:
        lines = [{"item_id": self.lamp, "quantity": quantity}]
        return {"customer_id": self.customer_id, "line_items": lines, **fields}

    def status(self, word: str) -> None:
        self.org.modules["salesorder"].set_status(self.order_id, word, "user")

    def order(self) -> Json:
        found = self.org.modules["salesorder"].detail(self.order_id)
        assert found is not None
        return found


def test_confirming_again_may_be_harmless() -> None:
    shop = Shop(confirm_again_refused="false")
    shop.status("confirmed")
    shop.told()
    shop.org.sales.desk.confirm(shop.order_id, "api")
    assert (shop.order()["status"], shop.told()) == ("confirmed", [])


@pytest.mark.parametrize(
    ("stops", "refusals"),
    [("packed", {"packed", "shipped", "invoiced"}), ("shipped", {"shipped", "invoiced"}), ("never", set())],
)
def test_when_an_order_cannot_be_void_any_more(stops: str, refusals: set[str]) -> None:
    found = set()
    for step in ("packed", "shipped", "invoiced"):
        shop = Shop(void_refused_from=stops)
        shop.status(step)
        try:
            shop.status("void")
        except ApiError:
            found.add(step)
    assert found == refusals


def test_approval_stands_between_draft_and_confirmed() -> None:
    shop = Shop(sales_approval="true")
    desk = shop.org.sales.desk
    assert refused(desk.confirm, shop.order_id, "api") == 36_026
    assert refused(desk.approve, shop.order_id, "api") == 36_026
    desk.submit(shop.order_id, "api")
    assert (shop.order()["status"], shop.order()["order_status"]) == ("pending_approval", "pending_approval")
    desk.reject(shop.order_id, "api")
    assert shop.order()["status"] == "draft"
    desk.submit(shop.order_id, "api")
    desk.approve(shop.order_id, "api")
    assert shop.order()["status"] == "approved"
    desk.confirm(shop.order_id, "api")
    assert shop.order()["status"] == "confirmed"


def test_a_draft_invoice_may_count_for_nothing() -> None:
    for counts, invoiced, on_hand in (("true", "invoiced", 7.0), ("false", "not_invoiced", 10.0)):
        shop = Shop(draft_invoice_counts=counts)
        shop.status("confirmed")
        invoice = shop.org.sales.invoices.create({}, "api", order_id=shop.order_id)
        assert (shop.order()["invoiced_status"], shop.org.stock.total(shop.lamp).accounting) == (
            invoiced,
            on_hand,
        )
        # It has its part of the order all the same.
        assert refused(lambda: shop.org.sales.invoices.create({}, "api", order_id=shop.order_id)) == 36_014  # noqa: B023
        shop.org.sales.invoices.set_stage(invoice.record_id, "sent", "api")
        assert (shop.order()["invoiced_status"], shop.org.stock.total(shop.lamp).accounting) == (
            "invoiced",
            7.0,
        )


def test_packages_and_shipments_touch_their_order_or_not_and_tell_of_it_or_not() -> None:
    shop = Shop()
    shop.status("confirmed")
    shop.told()
    before = shop.order()["last_modified_time"]
    shop.wait(60)
    shop.status("shipped")
    assert (before, shop.order()["last_modified_time"]) == (
        "2027-01-10T07:00:00-0500",
        "2027-01-10T07:01:00-0500",
    )
    assert shop.order()["created_time"] == before
    assert shop.told() == [("add", "package"), ("add", "shipmentorder")]
    other = Shop(progress_touches_order="false", webhook_order_progress="true")
    other.status("confirmed")
    other.wait(60)
    other.told()
    other.status("packed")
    assert other.order()["last_modified_time"] == before
    assert other.told() == [("edit", "salesorder"), ("add", "package")]


def test_confirming_fires_an_edit_rule_or_not() -> None:
    for fires, expected in (("true", [("edit", "salesorder")]), ("false", [])):
        shop = Shop(webhook_status_is_edit=fires)
        shop.told()
        shop.status("confirmed")
        assert shop.told() == expected


def test_taxes_are_rounded_where_the_organisation_says_and_orders_remember() -> None:
    shop = Shop(tax_rounding="item_level")
    assert shop.order()["tax_rounding"] == "item_level"


def test_bulk_deletes_may_go_one_by_one() -> None:
    for all_or_none, left in (("true", 2), ("false", 1)):
        shop = Shop(bulk_delete_all_or_none=all_or_none)
        shop.status("packed")
        draft = shop.org.sales.orders.create(shop.body(), "api").record_id
        call = Call("DELETE", {"salesorder_ids": f"{draft},{shop.order_id}"}, {}, {})
        assert refused(order_calls.delete_orders, shop.org, call) == 36_021
        assert len(shop.org.sales.orders.register) == left


def test_purchase_orders_that_buy_for_an_order_show_in_it() -> None:
    shop = Shop()
    shop.status("confirmed")
    line_id = shop.order()["line_items"][0]["line_item_id"]
    sales, wanted = shop.org.sales, {line_id: shop.org.sales.orders.get(shop.order_id).lines[0].quantity}
    sales.link_purchase(shop.order_id, "901", wanted, "api", is_drop_shipment=False)
    order = shop.order()
    assert (order["is_backordered"], order["line_items"][0]["quantity_backordered"]) == (True, 3.0)
    assert order["purchaseorders"] == [{"purchaseorder_id": "901"}]
    assert refused(sales.orders.delete, shop.order_id, "api") == 36_021
    sales.link_purchase(shop.order_id, "901", wanted, "api", is_drop_shipment=True)
    order = shop.order()
    assert (order["is_dropshipped"], order["shipped_status"], order["is_backordered"]) == (
        True,
        "fulfilled",
        False,
    )
    assert (
        refused(
            sales.packages.create,
            shop.order_id,
            {"line_items": [{"so_line_item_id": line_id, "quantity": 1}]},
            "api",
        )
        == 36_014
    )
    sales.link_purchase(shop.order_id, "901", {}, "api", is_drop_shipment=True)
    assert shop.order()["purchaseorders"] == []


def test_everything_outlives_a_restart() -> None:
    shop = Shop()
    shop.org.sales.orders.update(
        shop.order_id, {"discount": "5%", "salesperson_name": "Robin", "notes": "n"}, "api"
    )
    shop.org.sales.comments.add(shop.order_id, {"description": "first"})
    line_id = shop.order()["line_items"][0]["line_item_id"]
    shop.status("confirmed")
    body = {"line_items": [{"so_line_item_id": line_id, "quantity": 2}]}
    package = shop.org.sales.packages.create(shop.order_id, body, "api")
    shop.org.sales.shipments.create(shop.order_id, [package.record_id], {"delivery_method": "Rail"}, "api")
    shop.status("paid")
    gone = shop.org.sales.orders.create(shop.body(), "api")
    shop.org.sales.orders.delete(gone.record_id, "api")
    state = json.loads(json.dumps(shop.org.dump()))
    other = Shop()
    other.org.load(state)
    for entity in ("salesorder", "package", "shipmentorder", "invoice", "customerpayment"):
        assert other.org.records(entity) == shop.org.records(entity) != []
    assert other.org.stock.total(shop.lamp) == shop.org.stock.total(shop.lamp)
    assert other.org.sales.comments.of(shop.order_id) == shop.org.sales.comments.of(shop.order_id)
    assert other.org.dump()["modules"] == shop.org.dump()["modules"]
    assert other.org.sales.orders.create(shop.body(), "api").number == "SO-00003"
    other.org.reset()
    assert [other.org.records(entity) for entity in ("salesorder", "package", "invoice")] == [[], [], []]


def test_orders_are_planted_in_the_past_and_nobody_is_told() -> None:
    shop = Shop()
    shop.told()
    fields = shop.body(4, status="confirmed", salesorder_number="OLD-1")
    order_id = shop.org.plant("salesorder", fields, 30)
    planted = shop.org.record("salesorder", order_id)
    assert (planted["created_time"], planted["date"]) == ("2026-12-11T07:00:00-0500", "2026-12-11")
    assert (planted["status"], planted["salesorder_number"], shop.told()) == ("confirmed", "OLD-1", [])
    assert shop.org.stock.total(shop.lamp).unshipped == 4.0


def test_answers_about_packages_and_shipments_have_the_shape_of_the_switch() -> None:
    for answer, key, kind in (("object", "shipment_order", dict), ("array", "shipmentorder", list)):
        shop = Shop(package_answer=answer, shipment_key=key)
        shop.status("shipped")
        package = next(iter(shop.org.sales.packages.register.all()))
        shown = fulfilment_calls.get_package(shop.org, Call("GET", {}, {}, {"package_id": package.record_id}))
        assert isinstance(shown.body["package"], kind)
        call = Call("GET", {}, {}, {"shipment_id": package.shipment_id})
        assert fulfilment_calls.get_shipment(shop.org, call).body[key]["shipment_id"] == package.shipment_id


def test_exact_filters_of_packages_may_count() -> None:
    for honoured, found in (("true", 0), ("false", 1)):
        shop = Shop(package_exact_filters=honoured)
        shop.status("packed")
        answer = fulfilment_calls.list_packages(shop.org, Call("GET", {"salesorder_id": "1"}, {}, {}))
        assert len(answer.body["packages"]) == found
