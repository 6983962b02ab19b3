"""Purchase orders as a client writes and reads them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_zoho.buying import Buyer, statuses
from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.trading import error

Json = dict[str, Any]


@pytest.fixture
def buyer(zoho: Running) -> Buyer:
    return Buyer(zoho)


def test_a_new_order_is_a_numbered_draft_with_everything_of_its_vendor(buyer: Buyer) -> None:
    sent = buyer.body(reference_number="REF-1", ship_via="Truck", attention="Kim", delivery_date="2027-02-01",
                      expected_delivery_date="2027-02-03", notes="N", terms="T")  # fmt: skip
    made = buyer.zoho.call("POST", "/purchaseorders", sent)
    assert (made.status_code, made.json()["code"], made.json()["message"]) == (
        201, 0, "Purchase Order has been added.",
    )  # fmt: skip
    order = made.json()["purchaseorder"]
    assert made.headers["Location"] == f"/api/v3/purchaseorders/{order['purchaseorder_id']}"
    assert order["purchaseorder_number"] == "PO-00001"
    assert statuses(order) == ("draft", "draft", "", "")
    assert (order["vendor_id"], order["vendor_name"]) == (buyer.vendor_id, "Muster Supplies")
    assert order["billing_address"]["address"] == "1 Sample Road"
    assert {key: order[key] for key in sent if key not in {"line_items", "vendor_id"}} == {
        key: value for key, value in sent.items() if key not in {"line_items", "vendor_id"}
    }
    assert order["ship_via_id"]
    assert (order["total"], order["source"], order["currency_code"]) == (20.0, "Api", "USD")
    [line] = order["line_items"]
    assert (line["rate"], line["quantity"], line["item_total"], line["description"]) == (
        4.0, 5.0, 20.0, "From Graz",
    )  # fmt: skip
    assert (line["quantity_received"], line["quantity_billed"], line["quantity_intransit"]) == (0.0, 0.0, 0.0)
    assert (line["account_name"], line["is_receivable"], line["salesorder_item_id"]) == (
        "Inventory Asset", True, "",
    )  # fmt: skip
    assert (order["purchasereceives"], order["bills"], order["salesorders"]) == ([], [], [])
    assert (order["is_received"], order["is_po_marked_as_received"], order["can_mark_as_bill"]) == (
        False, False, False,
    )  # fmt: skip
    assert buyer.read(order["purchaseorder_id"]) == order


def test_rows_are_summaries(buyer: Buyer) -> None:
    order = buyer.order()
    receive = buyer.receive(order, 2)
    [row] = buyer.zoho.get("/purchaseorders")["purchaseorders"]
    assert (row["purchaseorder_number"], row["vendor_name"], row["total"], row["quantity"]) == (
        "PO-00001", "Muster Supplies", 20.0, 5.0,
    )  # fmt: skip
    assert statuses(row) == ("partially_received", "issued", "partially_received", "to_be_billed")
    assert (row["quantity_received"], row["quantity_yet_to_receive"]) == (2.0, 3.0)
    assert row["receives"] == [
        {"receive_id": receive["receive_id"], "receive_number": receive["receive_number"]}
    ]
    assert not {"line_items", "billing_address", "custom_fields", "notes"} & set(row)


def test_a_wrong_order_is_refused_and_leaves_no_trace(buyer: Buyer) -> None:
    zoho, line = buyer.zoho, {"item_id": buyer.bulb, "quantity": 1}
    cases: list[tuple[Json, tuple[int, int]]] = [
        ({"line_items": [line]}, (400, 4)),
        ({"vendor_id": buyer.vendor_id}, (400, 4)),
        ({"vendor_id": "1", "line_items": [line]}, (404, 1002)),
        (buyer.body(line_items=[]), (400, 4)),
        (buyer.body(line_items=[{"item_id": "1", "quantity": 1}]), (404, 2006)),
        (buyer.body(line_items=[{"item_id": buyer.bulb}]), (400, 4)),
        (buyer.body(quantity=0), (400, 4)),
        (buyer.body(line_items=[{**line, "rate": -1}]), (400, 2)),
        (buyer.body(line_items=[{**line, "account_id": "1"}]), (400, 2)),
        (buyer.body(line_items=[{**line, "salesorder_item_id": "1"}]), (400, 2)),
        (buyer.body(line_items=[{**line, "colour": "red"}]), (400, 2)),
        (buyer.body(date="tomorrow"), (400, 2)),
        (buyer.body(delivery_date="2027-13-01"), (400, 2)),
        (buyer.body(ship_via=1), (400, 2)),
        (buyer.body(attention="x" * 201), (400, 15)),
        (buyer.body(is_drop_shipment="yes"), (400, 2)),
        (buyer.body(is_drop_shipment=True), (400, 4)),
        (buyer.body(is_backorder=True), (400, 4)),
        (buyer.body(salesorder_id="1"), (404, 1002)),
        (buyer.body(delivery_org_address_id="1"), (400, 2)),
        (buyer.body(delivery_customer_id="1"), (404, 1002)),
        (buyer.body(location_id="1"), (400, 2)),
        (buyer.body(exchange_rate=2), (400, 2)),
        (buyer.body(colour="red"), (400, 2)),
        (buyer.body(billing_address={"address": "x" * 100}), (400, 15)),
    ]
    for body, expected in cases:
        assert error(zoho.call("POST", "/purchaseorders", body)) == expected, body
    assert zoho.get("/purchaseorders")["purchaseorders"] == []
    assert buyer.order(status="draft")["purchaseorder_number"] == "PO-00001"


def test_the_vendor_is_a_vendor_and_active(buyer: Buyer) -> None:
    zoho = buyer.zoho
    customer = zoho.customer("Muster Lighting")["contact_id"]
    refused = zoho.call("POST", "/purchaseorders", buyer.body(vendor_id=customer))
    assert refused.json() == {
        "code": 1036,
        "message": "Make sure that you have selected a contact of the correct contact type (customer/vendor).",
    }
    assert refused.status_code == 400
    order = buyer.order(status="draft")
    zoho.post(f"/contacts/{buyer.vendor_id}/inactive")
    refused = zoho.call("POST", "/purchaseorders", buyer.body())
    assert (error(refused), refused.json()["message"]) == (
        (400, 3007), 'The vendor "Muster Supplies" is inactive.',
    )  # fmt: skip
    zoho.put(f"/purchaseorders/{order['purchaseorder_id']}", {"notes": "still ours"})


def test_items_are_active_and_for_purchase(buyer: Buyer) -> None:
    zoho = buyer.zoho
    sold = zoho.post("/items", {"name": "Advice", "item_type": "sales", "rate": 1})["item"]["item_id"]
    lines = [{"item_id": sold, "quantity": 1}]
    assert error(zoho.call("POST", "/purchaseorders", buyer.body(line_items=lines))) == (400, 2)
    zoho.post(f"/items/{buyer.bulb}/inactive")
    assert error(zoho.call("POST", "/purchaseorders", buyer.body())) == (400, 2)


def test_a_price_comes_under_two_keys_and_the_item_knows_one(buyer: Buyer) -> None:
    def rate(**fields: float) -> float:
        lines = [{"item_id": buyer.bulb, "quantity": 1, **fields}]
        line: Json = buyer.order(status="draft", line_items=lines)["line_items"][0]
        assert "purchase_rate" not in line
        found: float = line["rate"]
        return found

    assert rate() == 4.0
    assert rate(rate=5.123456) == 5.123456
    assert rate(purchase_rate=6) == 6.0
    assert rate(rate=5, purchase_rate=6) == 5.0


def test_a_foreign_vendor_is_paid_in_their_currency(buyer: Buyer) -> None:
    zoho = buyer.zoho
    euro = next(
        each for each in zoho.get("/settings/currencies")["currencies"] if each["currency_code"] == "EUR"
    )
    vendor = zoho.customer("Beispiel", contact_type="vendor", currency_id=euro["currency_id"])["contact_id"]
    lines = [{"item_id": buyer.bulb, "quantity": 3}, {"item_id": buyer.bulb, "quantity": 1, "rate": 0.333333}]
    order = buyer.order(vendor_id=vendor, exchange_rate=1.25, line_items=lines)
    assert (order["currency_code"], order["currency_symbol"], order["exchange_rate"]) == ("EUR", "€", 1.25)
    # 4.00 in the base currency are 3.20; 3 * 3.20 + 0.33 = 9.93, and 12.4125 in the base currency.
    assert [line["rate"] for line in order["line_items"]] == [3.2, 0.333333]
    assert [line["bcy_rate"] for line in order["line_items"]] == [4.0, 0.416666]
    assert (order["total"], order["bcy_total"]) == (9.93, 12.41)
    [row] = zoho.get("/purchaseorders")["purchaseorders"]
    assert (row["total"], row["bcy_total"]) == (9.93, 12.41)
    bill = buyer.bill(order, "B-1")
    assert (bill["currency_code"], bill["exchange_rate"], bill["total"], bill["bcy_total"]) == (
        "EUR", 1.25, 9.93, 12.41,
    )  # fmt: skip


def test_own_numbers_need_the_flag_and_are_unique(buyer: Buyer) -> None:
    zoho, own = buyer.zoho, buyer.body(purchaseorder_number="OWN-1")
    assert error(zoho.call("POST", "/purchaseorders", own)) == (400, 4097)
    flag = {"ignore_auto_number_generation": "true"}
    made = zoho.call("POST", "/purchaseorders", own, **flag)
    assert made.json()["purchaseorder"]["purchaseorder_number"] == "OWN-1"
    assert error(zoho.call("POST", "/purchaseorders", own, **flag)) == (400, 36_004)
    assert error(zoho.call("POST", "/purchaseorders", buyer.body(), **flag)) == (400, 4)
    path = f"/purchaseorders/{made.json()['purchaseorder']['purchaseorder_id']}"
    zoho.put(path, {"purchaseorder_number": "OWN-1"})
    assert error(zoho.call("PUT", path, {"purchaseorder_number": "OWN-2"})) == (400, 4097)
    changed = zoho.call("PUT", path, {"purchaseorder_number": "OWN-2"}, **flag)
    assert changed.json()["purchaseorder"]["purchaseorder_number"] == "OWN-2"


def test_an_update_changes_what_it_names_and_replaces_the_lines(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order(reference_number="REF-1")
    path, [line] = f"/purchaseorders/{order['purchaseorder_id']}", order["line_items"]
    answer = zoho.put(path, {"notes": "by road"})
    assert answer["message"] == "Purchase Order has been updated."
    assert (answer["purchaseorder"]["notes"], answer["purchaseorder"]["reference_number"]) == (
        "by road",
        "REF-1",
    )
    shade = buyer.item("Shade", purchase_rate=1)
    lines = [{"line_item_id": line["line_item_id"], "item_id": buyer.bulb, "quantity": 6},
             {"item_id": shade, "quantity": 2}]  # fmt: skip
    changed = zoho.put(path, {"line_items": lines})["purchaseorder"]
    assert [each["quantity"] for each in changed["line_items"]] == [6.0, 2.0]
    assert changed["line_items"][0]["line_item_id"] == line["line_item_id"]
    renewed = zoho.put(path, {"line_items": [{"item_id": shade, "quantity": 1}]})["purchaseorder"]
    assert [each["name"] for each in renewed["line_items"]] == ["Shade"]
    gone = [{"line_item_id": line["line_item_id"], "item_id": buyer.bulb, "quantity": 1}]
    assert error(zoho.call("PUT", path, {"line_items": gone})) == (400, 2)
    assert error(zoho.call("PUT", "/purchaseorders/1", {})) == (404, 1002)


def test_a_whole_order_may_be_sent_back_as_it_was_read(buyer: Buyer) -> None:
    order = buyer.order(ship_via="Truck")
    buyer.receive(order, 1)
    before = buyer.read(order["purchaseorder_id"])
    after = buyer.zoho.put(f"/purchaseorders/{order['purchaseorder_id']}", before)["purchaseorder"]
    assert {**after, "last_modified_time": ""} == {**before, "last_modified_time": ""}


def test_goods_go_to_a_place_or_to_a_customer(buyer: Buyer) -> None:
    zoho = buyer.zoho
    place = zoho.post("/locations", {"location_name": "Depot", "address": {"city": "Linz"}})["locations"]
    customer = zoho.customer("Muster Lighting", shipping_address={"city": "Wels"})["contact_id"]
    order = buyer.order(delivery_org_address_id=place["location_id"])
    assert (order["delivery_org_address_id"], order["delivery_customer_id"]) == (place["location_id"], "")
    assert order["delivery_address"]["city"] == "Linz"
    assert error(zoho.call("DELETE", f"/locations/{place['location_id']}")) == (400, 2)
    path = f"/purchaseorders/{order['purchaseorder_id']}"
    changed = zoho.put(path, {"delivery_customer_id": customer})["purchaseorder"]
    assert (changed["delivery_org_address_id"], changed["delivery_customer_name"]) == ("", "Muster Lighting")
    assert changed["delivery_address"]["city"] == "Wels"
    both = {"delivery_customer_id": customer, "delivery_org_address_id": place["location_id"]}
    assert error(zoho.call("PUT", path, both)) == (400, 2)
    assert error(zoho.call("PUT", path, {"delivery_customer_id": buyer.vendor_id})) == (400, 1036)


def test_unique_custom_fields_name_an_order(buyer: Buyer) -> None:
    zoho = buyer.zoho
    key = {"X-Unique-Identifier-Key": "cf_salesforce_id", "X-Unique-Identifier-Value": "801A"}
    fields = [{"api_name": "cf_salesforce_id", "value": "801A"}]
    missing = zoho.call("PUT", "/purchaseorders", buyer.body(), headers=key)
    assert (missing.status_code, missing.json()) == (
        404, {"code": 1002, "message": "Purchase Order does not exist."},
    )  # fmt: skip
    sent = buyer.body(custom_fields=fields)
    made = zoho.call("PUT", "/purchaseorders", sent, headers={**key, "X-Upsert": "true"})
    assert (made.status_code, made.json()["message"]) == (200, "Purchase Order has been added.")
    assert error(zoho.call("POST", "/purchaseorders", sent)) == (400, 110_817)
    changed = zoho.put("/purchaseorders", {"notes": "found"}, headers=key)["purchaseorder"]
    assert (changed["purchaseorder_id"], changed["notes"]) == (
        made.json()["purchaseorder"]["purchaseorder_id"], "found",
    )  # fmt: skip
    assert changed["cf_salesforce_id"] == "801A"
    [row] = zoho.get("/purchaseorders")["purchaseorders"]
    assert row["cf_salesforce_id"] == "801A"


def test_issue_and_cancel(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order(status="draft")
    path = f"/purchaseorders/{order['purchaseorder_id']}"
    answer = zoho.post(f"{path}/status/issued")
    assert answer == {"code": 0, "message": "The purchase order has been marked as issued."}
    assert statuses(buyer.read(order["purchaseorder_id"])) == (
        "issued", "issued", "to_be_received", "to_be_billed",
    )  # fmt: skip
    again = zoho.call("POST", f"{path}/status/issued")
    assert (error(again), again.json()["message"]) == (
        (400, 36_026), "The Purchase Order is issued and cannot be marked as issued.",
    )  # fmt: skip
    answer = zoho.post(f"{path}/status/cancelled")
    assert answer == {"code": 0, "message": "The purchase order has been marked as cancelled."}
    assert statuses(buyer.read(order["purchaseorder_id"])) == ("cancelled", "cancelled", "", "")
    for step in ("issued", "cancelled"):
        assert error(zoho.call("POST", f"{path}/status/{step}")) == (400, 36_026)
    locked = zoho.call("PUT", path, {"notes": "late"})
    assert locked.json() == {
        "code": 36_023, "message": "Purchase Orders which are cancelled cannot be edited.",
    }  # fmt: skip


def test_delete_and_what_follows_for_vendor_and_item(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order()
    assert error(zoho.call("DELETE", f"/contacts/{buyer.vendor_id}")) == (400, 3037)
    assert error(zoho.call("DELETE", f"/items/{buyer.bulb}")) == (400, 2049)
    path = f"/purchaseorders/{order['purchaseorder_id']}"
    assert zoho.delete(path) == {"code": 0, "message": "The purchase order has been deleted."}
    gone = zoho.call("GET", path)
    assert (gone.status_code, gone.json()) == (
        404, {"code": 1002, "message": "Purchase Order does not exist."},
    )  # fmt: skip
    zoho.delete(f"/contacts/{buyer.vendor_id}")
    zoho.delete(f"/items/{buyer.bulb}")


def test_approval_is_off_unless_the_organisation_wants_it(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order(status="draft")
    path = f"/purchaseorders/{order['purchaseorder_id']}"
    for step in ("submit", "approve", "approve/final", "reject"):
        refused = zoho.call("POST", f"{path}/{step}")
        assert (error(refused), refused.json()["message"]) == (
            (400, 36_040), "Approval is not enabled for purchase orders.",
        )  # fmt: skip
    for step in ("submit", "approve"):
        several = zoho.call("POST", f"/purchaseorders/{step}", purchaseorder_ids=order["purchaseorder_id"])
        assert error(several) == (400, 36_040)
        assert error(zoho.call("POST", f"/purchaseorders/{step}")) == (400, 4)


def test_scopes_are_by_call(buyer: Buyer) -> None:
    zoho, order = buyer.zoho, buyer.order(status="draft")
    made = zoho.grant(grant_type="client_credentials", scope="ZohoInventory.purchaseorders.UPDATE",
                      soid=f"ZohoInventory.{zoho.zoho['organization_id']}")  # fmt: skip
    token = made.json()["access_token"]
    path = f"/purchaseorders/{order['purchaseorder_id']}"
    assert zoho.call("PUT", path, {"notes": "x"}, token=token).status_code == 200
    assert error(zoho.call("POST", f"{path}/submit", token=token)) == (400, 36_040)
    for method, target in (("GET", path), ("POST", f"{path}/status/issued"), ("DELETE", path)):
        assert error(zoho.call(method, target, token=token)) == (401, 57)
    for target in ("/purchasereceives", "/bills"):
        assert error(zoho.call("POST", target, {}, token=token)) == (401, 57)


def test_every_filter_and_sort_of_the_list(buyer: Buyer) -> None:
    zoho = buyer.zoho
    other = zoho.customer("Beispiel Metals", contact_type="vendor")["contact_id"]
    shade = buyer.item("Shade", purchase_rate=1)
    cf = [{"api_name": "cf_salesforce_id", "value": "801A"}]
    buyer.order(reference_number="REF-1", date="2027-01-01", delivery_date="2027-03-01", custom_fields=cf)
    lines = [{"item_id": shade, "quantity": 2}]
    buyer.order(status="draft", vendor_id=other, line_items=lines, date="2027-01-02",
                delivery_date="2027-02-01")  # fmt: skip

    def found(**query: Any) -> list[str]:
        rows = zoho.get("/purchaseorders", **query)["purchaseorders"]
        return [row["purchaseorder_number"] for row in rows]

    both, first, second = ["PO-00002", "PO-00001"], ["PO-00001"], ["PO-00002"]
    cases: list[tuple[Json, list[str]]] = [
        ({}, both), ({"purchaseorder_number": "po-00001"}, first),
        ({"purchaseorder_number_startswith": "PO-0"}, both),
        ({"purchaseorder_number_contains": "0002"}, second),
        ({"reference_number": "ref-1"}, first), ({"reference_number_contains": "F-"}, first),
        ({"vendor_id": other}, second), ({"vendor_name": "beispiel metals"}, second),
        ({"vendor_name_startswith": "Muster"}, first), ({"item_id": shade}, second),
        ({"status": "issued"}, first), ({"date": "2027-01-02"}, second), ({"total": "20"}, first),
        ({"total_less_than": "20"}, second), ({"custom_field": "801a"}, first),
        ({"custom_field_startswith": "80"}, first), ({"search_text": "metals"}, second),
        ({"filter_by": "Status.Draft"}, second), ({"filter_by": "Status.Issued"}, first),
        ({"last_modified_time": "2099-01-01T00:00:00+0000"}, []),
        ({"date_start": "2027-01-02", "shipped_status": "x", "purchaseorder_number_in": "x"}, both),
        ({"sort_column": "vendor_name"}, second + first),
        ({"sort_column": "purchaseorder_number"}, first + second),
        ({"sort_column": "date", "sort_order": "D"}, second + first),
        ({"sort_column": "delivery_date"}, second + first), ({"sort_column": "total"}, second + first),
    ]  # fmt: skip
    for query, expected in cases:
        assert found(**query) == expected, query
    zoho.put(f"/purchaseorders/{buyer.zoho.get('/purchaseorders')['purchaseorders'][1]['purchaseorder_id']}",
             {"notes": "touched last"})  # fmt: skip
    answer = zoho.get("/purchaseorders", sort_column="last_modified_time", sort_order="A")
    context = answer["page_context"]
    assert (context["sort_column"], context["report_name"]) == ("created_time", "Purchase Orders")
    assert zoho.get("/purchaseorders")["page_context"]["sort_order"] == "D"
