"""Invoices and payments as far as they drive orders, lines and the accounting stock."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.trading import Shop, error, statuses


@pytest.fixture
def shop(zoho: Running) -> Shop:
    return Shop(zoho)


def test_an_order_is_invoiced_and_paid_in_parts(shop: Shop) -> None:
    order = shop.order()
    order_id = order["salesorder_id"]
    first = shop.invoice(order, 1)
    assert (first["invoice_number"], first["total"], first["status"]) == ("INV-000001", 10.0, "draft")
    after = shop.read(order_id)
    assert statuses(after) == ("confirmed", "confirmed", "partially_invoiced", "unpaid", "pending")
    assert (after["line_items"][0]["quantity_invoiced"], after["line_items"][0]["is_invoiced"]) == (1.0, True)
    # The accounting ledger alone is moved.
    assert shop.stock() == (9.0, 2.0, 10.0, 3.0)
    shop.pay(first, 4)
    assert statuses(shop.read(order_id))[3] == "partially_paid"
    assert shop.zoho.get(f"/invoices/{first['invoice_id']}")["invoice"]["balance"] == 6.0
    shop.pay(first, 6)
    assert statuses(shop.read(order_id)) == (
        "confirmed",
        "confirmed",
        "partially_invoiced",
        "partially_paid",
        "pending",
    )
    rest = shop.invoice(order)
    assert (rest["total"], rest["line_items"][0]["quantity"]) == (20.0, 2.0)
    assert statuses(shop.read(order_id)) == ("confirmed", "closed", "invoiced", "partially_paid", "pending")
    assert error(shop.zoho.call("PUT", f"/salesorders/{order_id}", {"notes": "late"})) == (400, 36_023)
    shop.pay(rest, 20)
    after = shop.read(order_id)
    assert statuses(after) == ("confirmed", "closed", "invoiced", "paid", "pending")
    assert [(row["status"], row["balance"]) for row in after["invoices"]] == [("paid", 0.0), ("paid", 0.0)]
    assert after["balance"] == 0.0
    (row,) = shop.zoho.get("/salesorders")["salesorders"]
    assert (row["total_invoiced_amount"], row["quantity_invoiced"], row["balance"]) == (30.0, 3.0, 0.0)
    # What is closed can still be shipped.
    shop.ship(order, shop.pack(order, 3))
    assert statuses(shop.read(order_id)) == ("shipped", "closed", "invoiced", "paid", "shipped")
    assert shop.stock() == (7.0, 0.0, 7.0, 0.0)


def test_an_invoice_of_the_whole_order_is_worth_what_the_order_is(shop: Shop) -> None:
    order = shop.order(discount="10%", shipping_charge=5, adjustment=-1)
    made = shop.zoho.call("POST", "/invoices/fromsalesorder", salesorder_id=order["salesorder_id"])
    assert (made.status_code, made.json()["message"]) == (201, "The invoice has been created.")
    invoice = made.json()["invoice"]
    assert invoice["total"] == order["total"] == 31.0
    assert invoice["line_items"][0]["salesorder_item_id"] == order["line_items"][0]["line_item_id"]
    assert error(shop.zoho.call("POST", "/invoices/fromsalesorder")) == (400, 4)
    assert error(
        shop.zoho.call("POST", "/invoices/fromsalesorder", salesorder_id=order["salesorder_id"])
    ) == (400, 36_014)


def test_invoices_ask_for_no_more_than_is_left(shop: Shop) -> None:
    order, draft = shop.order(), shop.order(status="draft")
    line_id, order_id = order["line_items"][0]["line_item_id"], order["salesorder_id"]
    cases = [
        ({"line_items": [{"salesorder_item_id": line_id, "quantity": 4}]}, (400, 36_014)),
        ({"line_items": [{"salesorder_item_id": line_id, "quantity": 2}] * 2}, (400, 36_014)),
        ({"line_items": [{"salesorder_item_id": "1", "item_id": shop.lamp, "quantity": 1}]}, (400, 2)),
        ({"line_items": [{"salesorder_item_id": line_id, "quantity": 0}]}, (400, 4)),
        ({"customer_id": "1"}, (400, 2)),
        ({"payment_terms": -1}, (400, 2)),
        ({"date": "9999-12-31", "payment_terms": 1}, (400, 2)),
    ]
    for body, expected in cases:
        assert error(shop.zoho.call("POST", "/invoices", body, salesorder_id=order_id)) == expected, body
    assert error(shop.zoho.call("POST", "/invoices", {}, salesorder_id=draft["salesorder_id"])) == (
        400,
        36_026,
    )
    assert error(shop.zoho.call("POST", "/invoices", {})) == (400, 4)


def test_voiding_or_deleting_an_invoice_takes_everything_back(shop: Shop) -> None:
    order = shop.order()
    order_id = order["salesorder_id"]
    for undo in ("void", "delete"):
        invoice = shop.invoice(order)
        path = f"/invoices/{invoice['invoice_id']}"
        assert (shop.stock()[0], statuses(shop.read(order_id))[1]) == (7.0, "closed")
        assert error(shop.zoho.call("POST", f"/salesorders/{order_id}/status/void")) == (400, 36_026)
        payment = shop.pay(invoice, 30)
        assert error(shop.zoho.call("DELETE", path)) == (400, 36_021)
        assert error(shop.zoho.call("POST", f"{path}/status/void")) == (400, 36_026)
        shop.zoho.delete(f"/customerpayments/{payment['payment_id']}")
        if undo == "void":
            assert shop.zoho.post(f"{path}/status/void")["code"] == 0
            assert shop.zoho.get(path)["invoice"]["status"] == "void"
            assert error(shop.zoho.call("POST", f"{path}/status/sent")) == (400, 36_026)
        else:
            assert shop.zoho.delete(path)["message"] == "The invoice has been deleted."
        assert shop.stock() == (10.0, 3.0, 10.0, 3.0)
        assert statuses(shop.read(order_id)) == (
            "confirmed",
            "confirmed",
            "not_invoiced",
            "unpaid",
            "pending",
        )
    assert shop.zoho.post(f"/salesorders/{order_id}/status/void")["code"] == 0


def test_payments_are_for_invoices_that_ask_for_them(shop: Shop) -> None:
    draft, invoice = shop.invoice(shop.order(), sent=False), shop.invoice(shop.order())

    def paid(
        amount: float, applied: float, of: str = invoice["invoice_id"], customer: str = shop.customer_id
    ) -> tuple[int, int]:
        shares = [{"invoice_id": of, "amount_applied": applied}]
        body = {"customer_id": customer, "amount": amount, "invoices": shares}
        return error(shop.zoho.call("POST", "/customerpayments", body))

    assert paid(40, 31) == (400, 2)
    assert paid(5, 6) == (400, 2)
    assert paid(5, 0) == (400, 2)
    assert paid(5, 5, draft["invoice_id"]) == (400, 36_026)
    assert paid(5, 5, "1") == (404, 1002)
    assert paid(5, 5, customer=shop.zoho.customer("Someone Else")["contact_id"]) == (400, 2)
    payment = shop.pay(invoice, 30)
    assert shop.zoho.get(f"/customerpayments/{payment['payment_id']}")["payment"] == payment
    assert payment["invoices"][0]["amount_applied"] == 30.0


def test_an_invoice_can_stand_alone_and_falls_due(shop: Shop) -> None:
    body = shop.body(date="2020-01-01", payment_terms=14)
    invoice = shop.zoho.call("POST", "/invoices", body).json()["invoice"]
    assert (invoice["due_date"], invoice["salesorder_id"], invoice["total"]) == ("2020-01-15", "", 30.0)
    shop.zoho.post(f"/invoices/{invoice['invoice_id']}/status/sent")
    assert shop.stock() == (7.0, 0.0, 10.0, 0.0)
    (row,) = shop.zoho.get("/invoices", status="overdue")["invoices"]
    assert (row["invoice_id"], row["status"]) == (invoice["invoice_id"], "overdue")
    assert "line_items" not in row
    assert shop.zoho.get("/invoices", status="paid")["invoices"] == []
    assert error(shop.zoho.call("DELETE", f"/contacts/{shop.customer_id}")) == (400, 3037)
