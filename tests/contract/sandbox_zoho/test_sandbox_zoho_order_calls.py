"""Sales orders over the API: writing, reading, changing, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.trading import Shop, error, statuses


@pytest.fixture
def shop(zoho: Running) -> Shop:
    return Shop(zoho)


def test_a_new_order_is_a_numbered_draft_with_everything_of_its_customer(shop: Shop) -> None:
    sent = shop.zoho.call("POST", "/salesorders", shop.body(reference_number="PO 7"))
    assert (sent.status_code, sent.json()["message"]) == (201, "success")
    order = sent.json()["salesorder"]
    assert sent.headers["Location"] == f"/api/v3/salesorders/{order['salesorder_id']}"
    assert order["salesorder_number"] == "SO-00001"
    assert statuses(order) == ("draft", "draft", "", "", "")
    assert (order["current_sub_status"], order["source"], order["reference_number"]) == (
        "draft",
        "Api",
        "PO 7",
    )
    assert order["customer_name"] == "Muster Lighting"
    assert (order["billing_address"]["city"], order["shipping_address"]["city"]) == ("Linz", "Wels")
    assert (order["sub_total"], order["total"], order["total_quantity"]) == (30.0, 30.0, 3.0)
    (line,) = order["line_items"]
    assert (line["name"], line["sku"], line["rate"], line["unit"]) == ("Lamp", "LAMP-1", 10.0, "pcs")
    assert (line["item_total"], line["quantity_packed"], line["is_invoiced"]) == (30.0, 0.0, False)
    assert order == shop.read(order["salesorder_id"])


def test_amounts_follow_from_lines_discount_charges_and_tax(shop: Shop) -> None:
    tax = shop.zoho.get("/settings/taxes")["taxes"]
    standard = next(each for each in tax if each["tax_percentage"] == 20)
    order = shop.order(
        line_items=[{"item_id": shop.lamp, "quantity": 3, "tax_id": standard["tax_id"]}],
        discount="10%", shipping_charge=5, adjustment=-0.5, adjustment_description="rounding",
    )  # fmt: skip
    # 30.00 - 3.00 = 27.00, taxed 5.40; 27.00 + 5.40 + 5.00 - 0.50 = 36.90
    assert (order["discount"], order["discount_total"], order["tax_total"]) == ("10.00%", 3.0, 5.4)
    assert (order["total"], order["bcy_total"], order["tax_rounding"]) == (36.9, 36.9, "entity_level")
    assert [(each["tax_name"], each["tax_amount"]) for each in order["taxes"]] == [
        ("Standard Rate (20%)", 5.4)
    ]
    line = order["line_items"][0]
    assert (line["tax_name"], line["tax_percentage"], line["tax_type"]) == ("Standard Rate", 20.0, "tax")


def test_a_foreign_customer_is_invoiced_in_their_currency(shop: Shop) -> None:
    euro = next(
        each for each in shop.zoho.get("/settings/currencies")["currencies"] if each["currency_code"] == "EUR"
    )
    buyer = shop.zoho.customer("Foreign Buyer", currency_id=euro["currency_id"])["contact_id"]
    order = shop.order(customer_id=buyer)
    line = order["line_items"][0]
    # 10.00 of the base currency at 1.08
    assert (order["currency_code"], order["exchange_rate"], line["rate"]) == ("EUR", 1.08, 9.259259)
    assert (order["total"], order["bcy_total"], line["bcy_rate"]) == (27.78, 30.0, 10.0)
    assert shop.order(customer_id=buyer, exchange_rate=1.25)["line_items"][0]["rate"] == 8.0
    base = shop.zoho.get("/settings/currencies")["currencies"][0]["currency_id"]
    assert error(shop.zoho.call("POST", "/salesorders", shop.body(customer_id=buyer, currency_id=base))) == (
        400,
        2,
    )
    assert error(shop.zoho.call("POST", "/salesorders", shop.body(exchange_rate=1.5))) == (400, 2)


def test_what_few_orders_have_is_kept_too(shop: Shop) -> None:
    person = shop.customer["contact_persons"][0]["contact_person_id"]
    order = shop.order(
        zcrm_potential_id="4600000000001", salesperson_name="Robin", delivery_method="Rail",
        shipment_date="2027-01-15", notes="Ring twice", terms="30 days",
        contact_persons_associated=[{"contact_person_id": person, "communication_preference": {"is_email_enabled": False}}],
        line_items=[{"item_id": shop.lamp, "quantity": 1, "item_custom_fields": [{"label": "Engraving", "value": "A"}]}],
    )  # fmt: skip
    assert (order["zcrm_potential_id"], order["salesperson_name"], order["delivery_method"]) == (
        "4600000000001",
        "Robin",
        "Rail",
    )
    assert (order["shipment_date"], order["notes"], order["terms"]) == ("2027-01-15", "Ring twice", "30 days")
    assert "" not in (order["salesperson_id"], order["delivery_method_id"])
    (shown,) = order["contact_persons_associated"]
    assert (shown["contact_person_name"], shown["communication_preference"]["is_email_enabled"]) == (
        "Pat Muster",
        False,
    )
    assert order["line_items"][0]["item_custom_fields"] == [{"label": "Engraving", "value": "A"}]
    again = shop.order(salesperson_id=order["salesperson_id"], contact_persons=[person])
    assert (again["salesperson_name"], again["contact_persons"]) == ("Robin", [person])


def test_addresses_come_by_id_or_inline_within_a_shorter_limit(shop: Shop) -> None:
    billing = shop.customer["billing_address"]["address_id"]
    assert shop.order(shipping_address_id=billing)["shipping_address"]["city"] == "Linz"
    assert shop.order(shipping_address={"city": "Graz"})["shipping_address"]["city"] == "Graz"
    refused = shop.zoho.call("POST", "/salesorders", shop.body(shipping_address={"address": "x" * 100}))
    assert error(refused) == (400, 15)
    assert (
        refused.json()["message"] == 'Please ensure that the "shipping_address" has less than 100 characters.'
    )
    assert error(shop.zoho.call("POST", "/salesorders", shop.body(billing_address_id="1"))) == (400, 15_002)


def test_own_numbers_need_the_flag_and_are_unique(shop: Shop) -> None:
    def sent(number: str, **query: str) -> Any:
        return shop.zoho.call("POST", "/salesorders", shop.body(salesorder_number=number), **query)

    assert error(sent("A-1")) == (400, 4097)
    assert (
        sent("A-1", ignore_auto_number_generation="true").json()["salesorder"]["salesorder_number"] == "A-1"
    )
    assert error(sent("A-1", ignore_auto_number_generation="true")) == (400, 36_004)
    assert error(
        shop.zoho.call("POST", "/salesorders", shop.body(), ignore_auto_number_generation="true")
    ) == (400, 4)
    order = shop.order()
    path = f"/salesorders/{order['salesorder_id']}"
    assert shop.zoho.put(path, {"salesorder_number": order["salesorder_number"]})["code"] == 0
    assert error(shop.zoho.call("PUT", path, {"salesorder_number": "A-2"})) == (400, 4097)
    changed = shop.zoho.call("PUT", path, {"salesorder_number": "A-2"}, ignore_auto_number_generation="true")
    assert changed.json()["salesorder"]["salesorder_number"] == "A-2"


REFUSED: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"customer_id": ""}, (400, 4)),
    ({"customer_id": "1"}, (404, 1002)),
    ({"line_items": []}, (400, 4)),
    ({"line_items": "x"}, (400, 2)),
    ({"line_items": [{"item_id": "1", "quantity": 1}]}, (404, 2006)),
    ({"date": "01.02.2027"}, (400, 2)),
    ({"date": ""}, (400, 2)),
    ({"shipment_date": "2027-02-30"}, (400, 2)),
    ({"discount": "120%"}, (400, 2)),
    ({"discount": 31}, (400, 2)),
    ({"discount_type": "by_line"}, (400, 2)),
    ({"is_inclusive_tax": "yes"}, (400, 2)),
    ({"shipping_charge": -1}, (400, 2)),
    ({"shipping_charge": "5"}, (400, 2)),
    ({"adjustment": -31}, (400, 2)),
    ({"reference_number": "x" * 51}, (400, 15)),
    ({"salesperson_id": "12"}, (400, 2)),
    ({"contact_persons": ["12"]}, (400, 2)),
    ({"location_id": "12"}, (400, 2)),
    ({"custom_fields": [{"api_name": "cf_nothing", "value": "x"}]}, (400, 2)),
    ({"unheard_of": 1}, (400, 2)),
]


def test_a_wrong_order_is_refused_and_leaves_no_trace(shop: Shop) -> None:
    found = [
        (fields, error(shop.zoho.call("POST", "/salesorders", shop.body(**fields)))) for fields, _ in REFUSED
    ]
    assert found == REFUSED
    assert shop.zoho.get("/salesorders")["salesorders"] == []
    assert shop.order()["salesorder_number"] == "SO-00001"


def test_the_customer_is_a_customer_and_active(shop: Shop) -> None:
    vendor = shop.zoho.customer("Lamp Works", contact_type="vendor")["contact_id"]
    refused = shop.zoho.call("POST", "/salesorders", shop.body(customer_id=vendor))
    assert error(refused) == (400, 1036)
    assert refused.json()["message"] == (
        "Make sure that you have selected a contact of the correct contact type (customer/vendor)."
    )
    order = shop.order()
    shop.zoho.post(f"/contacts/{shop.customer_id}/inactive")
    assert error(shop.zoho.call("POST", "/salesorders", shop.body())) == (400, 3007)
    # An order that is there already goes on.
    assert shop.zoho.put(f"/salesorders/{order['salesorder_id']}", {"notes": "still"})["code"] == 0


def test_items_are_active_and_for_sale(shop: Shop) -> None:
    steel = shop.item(
        "Raw steel", item_type="purchases", initial_stock="", initial_stock_rate="", purchase_rate=2
    )
    refused = shop.zoho.call(
        "POST", "/salesorders", shop.body(line_items=[{"item_id": steel, "quantity": 1}])
    )
    assert error(refused) == (400, 2)
    shop.zoho.post(f"/items/{shop.lamp}/inactive")
    assert error(shop.zoho.call("POST", "/salesorders", shop.body())) == (400, 2)


def test_an_update_changes_what_it_names_and_replaces_the_lines(shop: Shop) -> None:
    desk = shop.item("Desk", rate=100)
    order = shop.order(
        line_items=[{"item_id": shop.lamp, "quantity": 3}, {"item_id": desk, "quantity": 1}], notes="n"
    )
    path, (lamp, _) = f"/salesorders/{order['salesorder_id']}", order["line_items"]
    sent = shop.zoho.call("PUT", path, {"reference_number": "R"})
    assert sent.json()["message"] == "Sales Order has been updated."
    updated = sent.json()["salesorder"]
    assert (updated["notes"], len(updated["line_items"]), updated["reference_number"]) == ("n", 2, "R")
    lines = [{"line_item_id": lamp["line_item_id"], "quantity": 2}, {"item_id": desk, "quantity": 4}]
    after = shop.zoho.put(path, {"line_items": lines})["salesorder"]["line_items"]
    assert [(each["name"], each["quantity"]) for each in after] == [("Lamp", 2.0), ("Desk", 4.0)]
    assert after[0]["line_item_id"] == lamp["line_item_id"]
    assert after[1]["line_item_id"] != order["line_items"][1]["line_item_id"]
    assert error(shop.zoho.call("PUT", path, {"line_items": [{"line_item_id": "1", "quantity": 1}]})) == (
        400,
        2,
    )
    assert error(shop.zoho.call("PUT", path, {"line_items": []})) == (400, 4)
    assert error(shop.zoho.call("PUT", "/salesorders/1", {})) == (404, 1002)


def test_a_whole_order_may_be_sent_back_as_it_was_read(shop: Shop) -> None:
    order = shop.order(discount="5%", shipping_address={"city": "Graz"}, notes="as it is")
    again = shop.zoho.put(f"/salesorders/{order['salesorder_id']}", order)["salesorder"]
    same = {key for key in order if key != "last_modified_time"}
    assert {key: again[key] for key in same} == {key: order[key] for key in same}


def test_unique_custom_fields_name_an_order(shop: Shop) -> None:
    key = {"X-Unique-Identifier-Key": "cf_salesforce_id", "X-Unique-Identifier-Value": "801x"}
    custom = {"custom_fields": [{"api_name": "cf_salesforce_id", "value": "801x"}]}
    assert error(shop.zoho.call("PUT", "/salesorders", shop.body(**custom), headers=key)) == (404, 1002)
    made = shop.zoho.put("/salesorders", shop.body(**custom), {**key, "X-Upsert": "true"})["salesorder"]
    assert (made["cf_salesforce_id"], made["salesorder_number"]) == ("801x", "SO-00001")
    assert error(shop.zoho.call("POST", "/salesorders", shop.body(**custom))) == (400, 110_817)
    updated = shop.zoho.put("/salesorders", {"notes": "found"}, key)["salesorder"]
    assert (updated["salesorder_id"], updated["notes"]) == (made["salesorder_id"], "found")
    (row,) = shop.zoho.get("/salesorders")["salesorders"]
    assert row["cf_salesforce_id"] == "801x"
    assert "custom_fields" not in row


def test_scopes_are_by_call(shop: Shop) -> None:
    zoho, order = shop.zoho, shop.order(status="draft")
    code = zoho.grant(grant_type="client_credentials", scope="ZohoInventory.salesorders.UPDATE",
                      soid=f"ZohoInventory.{zoho.zoho['organization_id']}")  # fmt: skip
    token = code.json()["access_token"]
    path = f"/salesorders/{order['salesorder_id']}"
    assert zoho.call("PUT", path, {"notes": "x"}, token=token).status_code == 200
    # Confirming is guarded by CREATE.
    assert error(zoho.call("POST", f"{path}/status/confirmed", token=token)) == (401, 57)


def test_comments_stand_under_an_order(shop: Shop) -> None:
    path = f"/salesorders/{shop.order()['salesorder_id']}/comments"
    made = shop.zoho.call("POST", path, {"description": "Call first"})
    assert (made.status_code, made.json()["comments"]["description"]) == (201, "Call first")
    assert [each["description"] for each in shop.zoho.get(path)["comments"]] == ["Call first"]
    assert error(shop.zoho.call("POST", path, {"description": " "})) == (400, 4)
    shop.zoho.delete(f"{path}/{made.json()['comments']['comment_id']}")
    assert shop.zoho.get(path)["comments"] == []
    assert error(shop.zoho.call("DELETE", f"{path}/1")) == (404, 1002)
