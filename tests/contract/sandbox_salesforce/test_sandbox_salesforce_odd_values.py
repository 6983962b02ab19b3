"""Numbers, dates and times that look nearly right, and amounts that no field can hold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_salesforce.catalogue import order, order_item, refused, stocked
from tests.contract.sandbox_salesforce.running_org import Running


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("AnnualRevenue", "1_000"),
        ("AnnualRevenue", "٣"),
        ("AnnualRevenue", "NaN"),
        ("NumberOfEmployees", "2.5"),
    ],
)
def test_numbers_are_written_as_json_writes_them(org: Running, field: str, value: str) -> None:
    status, code, _, _ = refused(lambda: org.client().Account.create({"Name": "A", field: value}))
    assert (status, code) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("day", ["2026-W01-1", "2026-1-01", "2026-02-30"])
def test_dates_are_written_in_one_way(org: Running, day: str) -> None:
    status, code, _, _ = refused(lambda: org.client().Contact.create({"LastName": "A", "Birthdate": day}))
    assert (status, code) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("day", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_times_that_an_offset_leads_out_of_the_calendar(org: Running, day: str) -> None:
    status, code, _, _ = refused(lambda: org.client().Contact.create({"LastName": "A", "Birthdate": day}))
    assert (status, code) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize(("given", "kept"), [(-0.0, "0.0"), (1e3, "1000.0"), ("0.10", "0.1"), (-2.5, "-2.5")])
def test_numbers_may_be_written_in_many_ways_and_zero_has_no_sign(
    org: Running, given: Any, kept: str
) -> None:
    stock = stocked(org)
    stock.client.PricebookEntry.update(stock.trade_price, {"UnitPrice": given})
    assert repr(stock.client.PricebookEntry.get(stock.trade_price)["UnitPrice"]) == kept


def test_an_amount_that_no_field_can_hold(org: Running) -> None:
    stock = stocked(org)
    sold = order(
        stock.client, stock.client.Account.create({"Name": "A"})["id"], Pricebook2Id=stock.trade_book
    )
    huge = {"Quantity": 9e15, "UnitPrice": 9e15}
    status, code, _, _ = refused(lambda: order_item(stock.client, sold, stock.trade_price, **huge))
    assert (status, code) == (400, "NUMBER_OUTSIDE_VALID_RANGE")
    assert stock.client.Order.get(sold)["TotalAmount"] == 0.0
