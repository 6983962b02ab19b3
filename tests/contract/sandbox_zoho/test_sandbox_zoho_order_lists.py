"""GET /salesorders and GET /packages: filters, order, pages and what is ignored in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.trading import Shop, error


@pytest.fixture
def shop(zoho: Running) -> Shop:
    return Shop(zoho)


def numbers(zoho: Running, **query: Any) -> list[str]:
    return [row["salesorder_number"] for row in zoho.get("/salesorders", **query)["salesorders"]]


def cases(
    a: str, b: str, c: str, ids: list[str], buyer: str, desk: str
) -> list[tuple[dict[str, Any], list[str]]]:
    """Queries with the numbers of the orders that they find, the newest first."""
    return [
        ({}, [c, b, a]),
        ({"sort_order": "A"}, [a, b, c]),
        ({"sort_column": "total"}, [a, c, b]),
        ({"sort_column": "total", "sort_order": "D"}, [b, c, a]),
        ({"sort_column": "date"}, [a, c, b]),
        ({"sort_column": "reference_number"}, [a, b, c]),
        ({"sort_column": "customer_name", "sort_order": "D"}, [b, c, a]),
        ({"sort_column": "shipment_date"}, [c, b, a]),
        ({"sort_column": "salesorder_number"}, [a, b, c]),
        ({"sort_column": "nonsense"}, [c, b, a]),
        ({"salesorder_number": b}, [b]),
        ({"salesorder_number_startswith": "SO-"}, [c, b, a]),
        ({"salesorder_number_contains": "0002"}, [b]),
        ({"salesorder_number_in": f"{a},{c}"}, [c, a]),
        ({"salesorder_number_not_in": f"{a},{c}"}, [b]),
        ({"reference_number": "po-2"}, [b]),
        ({"reference_number_contains": "PO"}, [b, a]),
        ({"reference_number_in": "PO-2,Web 3"}, [c, b]),
        ({"customer_id": buyer}, [b]),
        ({"customer_name_startswith": "zen"}, [b]),
        ({"item_id": desk}, [b]),
        ({"item_name_contains": "amp"}, [c, a]),
        ({"status": "shipped"}, [c]),
        ({"filter_by": "Status.Draft"}, [a]),
        ({"filter_by": "Status.Confirmed"}, [b]),
        ({"filter_by": "Status.Unheard"}, [c, b, a]),
        ({"date": "2027-01-20"}, [b]),
        ({"date_start": "2027-01-15", "date_end": "2027-01-20"}, [c, b]),
        ({"date_after": "2027-01-15", "date_before": "2027-01-21"}, [b]),
        ({"shipment_date_start": "2027-01-31"}, [a]),
        ({"total_greater_than": 30}, [b]),
        ({"total_less_equals": 30}, [c, a]),
        ({"salesorder_ids": f"{ids[0]},{ids[2]}"}, [c, a]),
        ({"zcrm_potential_id": "77"}, [b]),
        ({"search_text": "web"}, [c]),
        ({"search_text": "hidden"}, []),
        ({"last_modified_time": "2020-01-01T00:00:00+0000"}, [c, b, a]),
        ({"last_modified_time": "2090-01-01T00:00:00+0000"}, []),
        ({"unheard_of": "x"}, [c, b, a]),
    ]  # fmt: skip


def test_orders_are_found_by_every_filter_and_sorted_by_every_column(shop: Shop) -> None:
    zoho = shop.zoho
    buyer = zoho.customer("Zenith Stores")["contact_id"]
    desk = shop.item("Desk", rate=250)
    one = shop.order(status="draft", reference_number="PO-10", date="2027-01-10", shipment_date="2027-02-01")
    two = shop.order(customer_id=buyer, reference_number="PO-2", date="2027-01-20", shipment_date="2027-01-25",
                     line_items=[{"item_id": desk, "quantity": 1}], zcrm_potential_id="77")  # fmt: skip
    three = shop.order(reference_number="Web 3", date="2027-01-15", notes="hidden")
    shop.ship(three, shop.pack(three, 3))
    a, b, c = (each["salesorder_number"] for each in (one, two, three))
    ids = [each["salesorder_id"] for each in (one, two, three)]
    for query, expected in cases(a, b, c, ids, buyer, desk):
        got = numbers(zoho, **query)
        # Records of one second have no order among themselves by time.
        timed = query.get("sort_column", "created_time") not in (
            "total",
            "date",
            "shipment_date",
            "salesorder_number",
        )
        assert (sorted(got) if timed else got) == (sorted(expected) if timed else expected), query
    assert error(zoho.call("GET", "/salesorders", date="soon")) == (400, 2)
    assert error(zoho.call("GET", "/salesorders", total_less_than="nan")) == (400, 2)
    assert error(zoho.call("GET", "/salesorders", last_modified_time="soon")) == (400, 2)
    assert error(zoho.call("GET", "/salesorders", salesorder_ids=",".join(map(str, range(201))))) == (400, 2)


def test_rows_are_summaries_in_pages_without_a_total(shop: Shop) -> None:
    for _ in range(3):
        shop.order(status="draft")
    page = shop.zoho.get("/salesorders", per_page=2, reference_number_contains="")
    assert page["page_context"] == {
        "page": 1, "per_page": 2, "has_more_page": True, "report_name": "Sales Orders", "applied_filter": "Status.All",
        "custom_fields": [], "sort_column": "created_time", "sort_order": "D",
    }  # fmt: skip
    row = page["salesorders"][0]
    assert (
        not {"line_items", "billing_address", "notes", "custom_fields", "packages", "invoices"} & row.keys()
    )
    assert (row["quantity"], row["total"], row["customer_name"]) == (3.0, 30.0, "Muster Lighting")
    last = shop.zoho.get("/salesorders", per_page=2, page=2, salesorder_number_contains="SO")
    assert (len(last["salesorders"]), last["page_context"]["has_more_page"]) == (1, False)
    assert last["page_context"]["search_criteria"][0]["comparator"] == "contains"


def test_packages_ignore_exact_forms_in_silence(shop: Shop) -> None:
    first, second = shop.order(), shop.order()
    one, two = shop.pack(first, 1), shop.pack(second, 2)
    shop.ship(second, two, delivery_method="Rail", tracking_number="TN 2", date="2027-03-01")

    def found(**query: Any) -> set[str]:
        return {row["package_number"] for row in shop.zoho.get("/packages", **query)["packages"]}

    a, b = one["package_number"], two["package_number"]
    both = {a, b}
    for exact in (
        "salesorder_id",
        "salesorder_number",
        "packing_number",
        "customer_name",
        "delivery_method",
        "date",
    ):
        assert found(**{exact: "x"}) == both, exact
    assert found(packing_number_contains=a[-2:]) == {a}
    assert found(salesorder_number_startswith=second["salesorder_number"]) == {b}
    assert found(delivery_method_startswith="ra") == {b}
    assert (
        found(status="shipped")
        == found(filter_by="Status.Shipped")
        == found(shipment_date_start="2027-01-01")
        == {b}
    )
    assert found(filter_by="Status.NotShipped") == {a}
    assert found(date_before="2020-01-01") == set()
    assert found(customer_id="1") == set()
    assert found(search_text="rail") == {b}
    by_quantity = shop.zoho.get("/packages", sort_column="quantity", sort_order="D")
    assert [row["quantity"] for row in by_quantity["packages"]] == [2.0, 1.0]
    assert by_quantity["page_context"]["report_name"] == "Packages"
    assert "line_items" not in by_quantity["packages"][0]
