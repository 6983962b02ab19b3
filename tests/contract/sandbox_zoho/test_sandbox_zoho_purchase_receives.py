"""What comes in and what is billed: quantities, statuses and the two stock ledgers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_zoho.buying import Buyer, statuses
from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.trading import Shop, error

Json = dict[str, Any]
STAYS = (
    'The item "Bulb" has been received or billed. It can be neither removed nor reduced below that quantity.'
)


@pytest.fixture
def buyer(zoho: Running) -> Buyer:
    return Buyer(zoho)


def _post_receive(buyer: Buyer, order_id: str, *lines: Json) -> Any:
    return buyer.zoho.call(
        "POST", "/purchasereceives", {"line_items": list(lines)}, purchaseorder_id=order_id
    )


def test_goods_come_in_by_and_by(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order()
    order_id, line_id = order["purchaseorder_id"], order["line_items"][0]["line_item_id"]
    receive = buyer.receive(order, 2, date="2027-01-05", notes="by truck", receive_number="R-9")
    assert (receive["receive_number"], receive["date"], receive["notes"]) == ("R-9", "2027-01-05", "by truck")
    assert (receive["purchaseorder_id"], receive["purchaseorder_number"]) == (order_id, "PO-00001")
    assert (receive["vendor_id"], receive["billing_address"]["city"]) == (buyer.vendor_id, "Graz")
    [part] = receive["line_items"]
    assert (part["item_id"], part["name"], part["quantity"]) == (buyer.bulb, "Bulb", 2.0)
    assert part["purchaseorder_item_id"] == line_id != part["line_item_id"]
    assert zoho.get(f"/purchasereceives/{receive['receive_id']}")["purchase_receive"] == receive
    after = buyer.read(order_id)
    assert statuses(after) == ("partially_received", "issued", "partially_received", "to_be_billed")
    assert (after["line_items"][0]["quantity_received"], after["is_received"]) == (2.0, False)
    assert [each["receive_number"] for each in after["purchasereceives"]] == ["R-9"]
    assert buyer.stock() == (0.0, 2.0)
    refused = _post_receive(buyer, order_id, {"line_item_id": line_id, "quantity": 3.5})
    assert (error(refused), refused.json()["message"]) == (
        (400, 36_014), 'The quantity of "Bulb" is more than what is left to be received.',
    )  # fmt: skip
    assert buyer.receive(order, 3)["receive_number"] == "PR-00001"
    after = buyer.read(order_id)
    assert statuses(after) == ("received", "issued", "received", "to_be_billed")
    assert (after["is_received"], buyer.stock()) == (True, (0.0, 5.0))


def test_a_receive_changes_and_goes(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order()
    receive = buyer.receive(order, 2)
    path, [part] = f"/purchasereceives/{receive['receive_id']}", receive["line_items"]
    kept = [{"line_item_id": part["line_item_id"], "quantity": 5}]
    changed = zoho.put(path, {"line_items": kept, "notes": "recounted"})["purchase_receive"]
    assert (changed["line_items"][0]["quantity"], changed["notes"]) == (5.0, "recounted")
    assert changed["line_items"][0]["line_item_id"] == part["line_item_id"]
    assert buyer.stock() == (0.0, 5.0)
    more = [{"line_item_id": part["line_item_id"], "quantity": 5.000001}]
    assert error(zoho.call("PUT", path, {"line_items": more})) == (400, 36_014)
    assert zoho.put(path, changed)["purchase_receive"]["line_items"] == changed["line_items"]
    anew = [{"line_item_id": order["line_items"][0]["line_item_id"], "quantity": 1}]
    renewed = zoho.put(path, {"line_items": anew})["purchase_receive"]
    assert renewed["line_items"][0]["line_item_id"] != part["line_item_id"]
    assert buyer.stock() == (0.0, 1.0)
    assert zoho.delete(path) == {"code": 0, "message": "The Purchase Receive has been deleted."}
    assert buyer.stock() == (0.0, 0.0)
    after = buyer.read(order["purchaseorder_id"])
    assert statuses(after) == ("issued", "issued", "to_be_received", "to_be_billed")
    gone = zoho.call("GET", path)
    assert (gone.status_code, gone.json()) == (
        404, {"code": 1002, "message": "Purchase Receive does not exist."},
    )  # fmt: skip


def test_the_order_stands_in_the_query_alone(buyer: Buyer) -> None:
    zoho, order, other = buyer.zoho, buyer.order(), buyer.order()
    lines = [{"line_item_id": order["line_items"][0]["line_item_id"], "quantity": 1}]
    body = {"purchaseorder_id": order["purchaseorder_id"], "line_items": lines}
    assert error(zoho.call("POST", "/purchasereceives", body)) == (400, 4)
    body["purchaseorder_id"] = other["purchaseorder_id"]
    made = zoho.call("POST", "/purchasereceives", body, purchaseorder_id=order["purchaseorder_id"])
    assert made.json()["purchase_receive"]["purchaseorder_id"] == order["purchaseorder_id"]
    assert error(zoho.call("GET", "/purchasereceives")) == (405, 37)


def test_receives_take_no_more_than_there_is(buyer: Buyer) -> None:
    zoho = buyer.zoho
    draft = buyer.order(status="draft")
    line = {"line_item_id": draft["line_items"][0]["line_item_id"], "quantity": 1}
    refused = _post_receive(buyer, draft["purchaseorder_id"], line)
    assert (error(refused), refused.json()["message"]) == (
        (400, 36_026), "The Purchase Order is draft and cannot be received.",
    )  # fmt: skip
    service = zoho.post("/items", {"name": "Fitting", "product_type": "service", "rate": 1,
                                   "item_type": "sales_and_purchases"})["item"]["item_id"]  # fmt: skip
    lines = [{"item_id": buyer.bulb, "quantity": 2}, {"item_id": service, "quantity": 1}]
    order = buyer.order(line_items=lines)
    order_id, (lamp, fitting) = order["purchaseorder_id"], order["line_items"]
    lamp_id = {"line_item_id": lamp["line_item_id"]}
    cases: list[tuple[list[Json], tuple[int, int]]] = [
        ([], (400, 4)),
        ([{"quantity": 1}], (400, 4)),
        ([lamp_id], (400, 4)),
        ([{"line_item_id": "1", "quantity": 1}], (400, 2)),
        ([{**lamp_id, "quantity": 0}], (400, 4)),
        ([{**lamp_id, "quantity": -1}], (400, 4)),
        ([{**lamp_id, "quantity": 1, "item_id": service}], (400, 2)),
        ([{**lamp_id, "quantity": 1, "colour": "red"}], (400, 2)),
        ([{**lamp_id, "quantity": 1.5}, {**lamp_id, "quantity": 1}], (400, 36_014)),
        ([{"line_item_id": fitting["line_item_id"], "quantity": 1}], (400, 36_014)),
    ]
    for lines, expected in cases:
        assert error(_post_receive(buyer, order_id, *lines)) == expected, lines
    assert error(_post_receive(buyer, "1", {**lamp_id, "quantity": 1})) == (404, 1002)
    assert buyer.stock() == (0.0, 0.0)
    assert (fitting["is_receivable"], statuses(buyer.read(order_id))[0]) == (False, "issued")
    buyer.receive(order, 2)
    assert statuses(buyer.read(order_id))[2] == "received"


def test_goods_lie_where_their_line_says(buyer: Buyer) -> None:
    main, north = [each["location_id"] for each in buyer.zoho.get("/locations")["locations"]]
    lines = [{"item_id": buyer.bulb, "quantity": 1},
             {"item_id": buyer.bulb, "quantity": 2, "location_id": main}]  # fmt: skip
    order = buyer.order(location_id=north, line_items=lines)
    assert [each["location_id"] for each in order["line_items"]] == [north, main]
    buyer.receive(order, 1, line=0)
    buyer.receive(order, 2, line=1)
    buyer.bill(order, "B-1")
    sites = buyer.zoho.get(f"/items/{buyer.bulb}")["item"]["locations"]
    levels = {
        each["location_id"]: (
            float(each["location_stock_on_hand"]), float(each["location_actual_available_stock"]),
        )
        for each in sites
    }  # fmt: skip
    assert levels == {main: (2.0, 2.0), north: (1.0, 1.0)}


def test_an_order_is_billed_in_parts_and_closed(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order()
    order_id = order["purchaseorder_id"]
    bill = buyer.bill(order, "B-1", 2)
    assert (bill["bill_number"], bill["status"], bill["total"], bill["balance"]) == ("B-1", "draft", 8.0, 8.0)
    assert bill["purchaseorders"] == [{"purchaseorder_id": order_id, "purchaseorder_number": "PO-00001"}]
    after = buyer.read(order_id)
    assert statuses(after) == ("issued", "issued", "to_be_received", "partially_billed")
    assert (after["line_items"][0]["quantity_billed"], after["can_mark_as_bill"]) == (2.0, True)
    assert buyer.stock() == (2.0, 0.0)
    answer = zoho.post(f"/bills/{bill['bill_id']}/status/open")
    assert answer["code"] == 0
    assert zoho.get(f"/bills/{bill['bill_id']}")["bill"]["status"] == "open"
    assert error(zoho.call("POST", f"/bills/{bill['bill_id']}/status/open")) == (400, 36_026)
    rest = buyer.bill(order, "B-2")
    assert (rest["total_quantity"], rest["total"]) == (3.0, 12.0)
    assert statuses(buyer.read(order_id)) == ("billed", "issued", "to_be_received", "billed")
    buyer.receive(order, 5)
    after = buyer.read(order_id)
    assert statuses(after) == ("billed", "closed", "received", "billed")
    assert ([each["bill_number"] for each in after["bills"]], buyer.stock()) == (["B-1", "B-2"], (5.0, 5.0))
    locked = zoho.call("PUT", f"/purchaseorders/{order_id}", {"notes": "late"})
    assert locked.json() == {"code": 36_023, "message": "Purchase Orders which are closed cannot be edited."}


def test_voiding_or_deleting_a_bill_takes_everything_back(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order()
    order_id, bill = order["purchaseorder_id"], buyer.bill(order, "B-1")
    path = f"/bills/{bill['bill_id']}"
    zoho.post(f"{path}/status/void")
    shown = zoho.get(path)["bill"]
    assert (shown["status"], shown["balance"], buyer.stock()) == ("void", 0.0, (0.0, 0.0))
    assert statuses(buyer.read(order_id))[3] == "to_be_billed"
    assert error(zoho.call("POST", f"{path}/status/void")) == (400, 36_026)
    other = buyer.bill(order, "B-2", 4)
    assert error(zoho.call("POST", f"{path}/status/open")) == (400, 36_014)
    assert zoho.delete(f"/bills/{other['bill_id']}") == {"code": 0, "message": "The bill has been deleted."}
    zoho.post(f"{path}/status/open")
    assert buyer.stock() == (5.0, 0.0)
    assert [each["bill_number"] for each in zoho.get("/bills", bill_number="none")["bills"]] == ["B-1"]
    assert error(zoho.call("GET", f"/bills/{other['bill_id']}")) == (404, 1002)


def test_wrong_bills_are_refused(buyer: Buyer) -> None:
    zoho, order, draft = buyer.zoho, buyer.order(), buyer.order(status="draft")
    other = zoho.customer("Beispiel", contact_type="vendor")["contact_id"]
    order_id, line_id = order["purchaseorder_id"], order["line_items"][0]["line_item_id"]
    buyer.bill(order, "B-1", 1)

    def line(**fields: Any) -> Json:
        return {"bill_number": "B-2", "line_items": [fields]}

    cases: list[tuple[Json, tuple[int, int]]] = [
        ({}, (400, 4)),
        ({"bill_number": "B-1"}, (400, 36_004)),
        ({"bill_number": "B-2", "vendor_id": other}, (400, 2)),
        ({"bill_number": "B-2", "colour": "red"}, (400, 2)),
        ({"bill_number": "B-2", "payment_terms": -1}, (400, 2)),
        ({"bill_number": "B-2", "purchaseorder_ids": ["1"]}, (404, 1002)),
        ({"bill_number": "B-2", "purchaseorder_ids": [draft["purchaseorder_id"]]}, (400, 36_026)),
        (line(purchaseorder_item_id=line_id, quantity=5), (400, 36_014)),
        (line(purchaseorder_item_id=draft["line_items"][0]["line_item_id"], item_id=buyer.bulb, quantity=1),
         (400, 2)),
        (line(purchaseorder_item_id=line_id, item_id=buyer.item("Shade"), quantity=1), (400, 2)),
    ]  # fmt: skip
    for body, expected in cases:
        assert error(zoho.call("POST", "/bills", body, purchaseorder_id=order_id)) == expected, body
    assert error(zoho.call("POST", "/bills", line(item_id=buyer.bulb, quantity=1))) == (400, 4)
    alone = {**line(item_id=buyer.bulb, quantity=2, rate=3), "vendor_id": other, "date": "2027-01-01"}
    alone |= {"bill_number": "B-1", "payment_terms": 30}
    made = zoho.call("POST", "/bills", alone)
    assert (made.status_code, made.json()["bill"]["due_date"], made.json()["bill"]["total"]) == (
        201, "2027-01-31", 6.0,
    )  # fmt: skip
    assert error(zoho.call("DELETE", f"/contacts/{other}")) == (400, 3037)


def test_what_receives_and_bills_go_by_stays(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order()
    path, [line] = f"/purchaseorders/{order['purchaseorder_id']}", order["line_items"]
    receive, bill = buyer.receive(order, 2), buyer.bill(order, "B-1", 3)
    kept = {"line_item_id": line["line_item_id"], "item_id": buyer.bulb}
    for lines in ([{**kept, "quantity": 2}], [{"item_id": buyer.bulb, "quantity": 5}],
                  [{**kept, "item_id": buyer.item("Shade"), "quantity": 5}]):  # fmt: skip
        refused = zoho.call("PUT", path, {"line_items": lines})
        assert (error(refused), refused.json()["message"]) == (
            (400, 36_025),
            STAYS,
        )
    zoho.put(path, {"line_items": [{**kept, "quantity": 3}]})
    other = zoho.customer("Beispiel", contact_type="vendor")["contact_id"]
    assert error(zoho.call("PUT", path, {"vendor_id": other})) == (400, 2)
    assert error(zoho.call("POST", f"{path}/status/cancelled")) == (400, 36_026)
    refused = zoho.call("DELETE", path)
    assert refused.json() == {
        "code": 36_021,
        "message": "The Purchase Order cannot be deleted as there are transactions associated with it.",
    }
    zoho.delete(f"/purchasereceives/{receive['receive_id']}")
    zoho.delete(f"/bills/{bill['bill_id']}")
    zoho.delete(path)


def test_approval_of_receives_is_off_too(buyer: Buyer) -> None:
    receive = buyer.receive(buyer.order(), 1)
    for step in ("submit", "approve", "approve/final", "reject"):
        refused = buyer.zoho.call("POST", f"/purchasereceives/{receive['receive_id']}/{step}")
        assert (error(refused), refused.json()["message"]) == (
            (400, 36_040), "Approval is not enabled for purchase receives.",
        )  # fmt: skip


def test_a_sales_order_shows_what_is_bought_for_it(buyer: Buyer) -> None:
    shop, zoho = Shop(buyer.zoho), buyer.zoho
    sale = shop.order()
    [line] = sale["line_items"]
    wanted = {"item_id": shop.lamp, "salesorder_item_id": line["line_item_id"]}

    def buys(quantity: float, **fields: Any) -> Json:
        lines = [{**wanted, "quantity": quantity}]
        return buyer.body(salesorder_id=sale["salesorder_id"], line_items=lines, **fields)

    purchasable = {"item_type": "inventory", "purchase_rate": 4}
    zoho.put(f"/items/{shop.lamp}", purchasable)
    draft = shop.order(status="draft")["salesorder_id"]
    assert error(zoho.call("POST", "/purchaseorders", buyer.body(salesorder_id=draft))) == (400, 36_026)
    both = buys(1, is_backorder=True, is_drop_shipment=True)
    assert error(zoho.call("POST", "/purchaseorders", both)) == (400, 2)
    back = zoho.post("/purchaseorders", buys(1, is_backorder=True))["purchaseorder"]
    assert (back["is_backorder"], back["salesorders"][0]["salesorder_number"]) == (True, "SO-00001")
    assert shop.read(sale["salesorder_id"])["line_items"][0]["quantity_backordered"] == 1.0
    assert error(zoho.call("POST", "/purchaseorders", buys(3, is_drop_shipment=True))) == (400, 36_014)
    drop = zoho.post("/purchaseorders", buys(2, is_drop_shipment=True))["purchaseorder"]
    assert (drop["delivery_customer_id"], drop["delivery_address"]["city"]) == (shop.customer_id, "Wels")
    after = shop.read(sale["salesorder_id"])
    assert (after["is_dropshipped"], after["is_backordered"]) == (True, True)
    assert {each["purchaseorder_id"] for each in after["purchaseorders"]} == {
        back["purchaseorder_id"], drop["purchaseorder_id"],
    }  # fmt: skip
    before = buyer.stock(shop.lamp)
    for order in (back, drop):
        zoho.post(f"/purchaseorders/{order['purchaseorder_id']}/status/issued")
    buyer.receive(drop, 2)
    assert buyer.stock(shop.lamp) == before
    buyer.receive(back, 1)
    assert buyer.stock(shop.lamp) == (before[0], before[1] + 1)
    for path in (f"/purchaseorders/{back['purchaseorder_id']}", f"/salesorders/{sale['salesorder_id']}"):
        assert error(zoho.call("DELETE", path)) == (400, 36_021)


def test_a_purchase_that_is_cancelled_or_deleted_is_no_link(buyer: Buyer) -> None:
    shop, zoho = Shop(buyer.zoho), buyer.zoho
    sale = shop.order()
    named = {"item_id": shop.lamp, "salesorder_item_id": sale["line_items"][0]["line_item_id"], "quantity": 3}
    body = buyer.body(salesorder_id=sale["salesorder_id"], line_items=[named], is_backorder=True)
    for method, step in (("POST", "/status/cancelled"), ("DELETE", "")):
        made = zoho.post("/purchaseorders", body)["purchaseorder"]["purchaseorder_id"]
        assert error(zoho.call("POST", "/purchaseorders", body)) == (400, 36_014)
        assert zoho.call(method, f"/purchaseorders/{made}{step}").status_code == 200
        assert shop.read(sale["salesorder_id"])["purchaseorders"] == []
    zoho.delete(f"/salesorders/{sale['salesorder_id']}")
