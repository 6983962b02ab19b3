"""Opportunities and their lines: stages, sums, and which price book counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceResourceNotFound

from tests.contract.sandbox_salesforce.catalogue import opportunity, opportunity_line, price, refused, stocked
from tests.contract.sandbox_salesforce.running_org import Running


def picked(record: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(record[name] for name in names)


def test_what_follows_from_the_stage(org: Running) -> None:
    client = org.client()
    deal = opportunity(client, Amount=200)
    stage = ("IsClosed", "IsWon", "Probability", "ForecastCategory", "ForecastCategoryName")
    made = client.Opportunity.get(deal)
    assert deal.startswith("006")
    assert picked(made, *stage) == (False, False, 10.0, "Pipeline", "Pipeline")
    assert picked(made, "ExpectedRevenue", "LastStageChangeDate") == (20.0, None)
    assert picked(made, "Fiscal", "FiscalYear", "FiscalQuarter") == ("2026 4", 2026, 4)
    client.Opportunity.update(deal, {"StageName": "Closed Won", "CloseDate": "2027-02-01"})
    won = client.Opportunity.get(deal)
    assert picked(won, *stage) == (True, True, 100.0, "Closed", "Closed")
    assert picked(won, "ExpectedRevenue", "LastStageChangeDate") == (200.0, won["LastModifiedDate"])
    assert picked(won, "Fiscal", "FiscalYear", "FiscalQuarter") == ("2027 1", 2027, 1)
    client.Opportunity.update(deal, {"StageName": "Qualification", "Probability": 35})
    assert client.Opportunity.get(deal)["Probability"] == 35.0
    client.Opportunity.update(deal, {"ForecastCategoryName": "Best Case"})
    assert client.Opportunity.get(deal)["ForecastCategory"] == "BestCase"


def test_stages_are_a_table(org: Running) -> None:
    client = org.client()
    rows = client.query(
        "SELECT MasterLabel, IsClosed, IsWon, DefaultProbability, ForecastCategoryName FROM OpportunityStage"
        " WHERE IsActive = true ORDER BY SortOrder"
    )["records"]
    names = [field for field in client.Opportunity.describe()["fields"] if field["name"] == "StageName"]
    assert [row["MasterLabel"] for row in rows] == [v["value"] for v in names[0]["picklistValues"]]
    assert (rows[-2]["IsWon"], rows[-2]["DefaultProbability"]) == (True, 100.0)
    assert (rows[-1]["IsClosed"], rows[-1]["IsWon"], rows[-1]["ForecastCategoryName"]) == (
        True,
        False,
        "Omitted",
    )
    status, code, _, _ = refused(lambda: client.OpportunityStage.create({"MasterLabel": "Mine"}))
    assert (status, code) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        ({"StageName": None}, "REQUIRED_FIELD_MISSING", ["StageName"]),
        ({"CloseDate": None}, "REQUIRED_FIELD_MISSING", ["CloseDate"]),
        ({"Name": ""}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Name": "x" * 121}, "STRING_TOO_LONG", ["Name"]),
        ({"StageName": "Dreaming"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["StageName"]),
        ({"Probability": 101}, "NUMBER_OUTSIDE_VALID_RANGE", ["Probability"]),
        ({"ExpectedRevenue": 5}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["ExpectedRevenue"]),
        ({"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsWon"]),
        ({"HasOpportunityLineItem": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["HasOpportunityLineItem"]),
        ({"ForecastCategory": "Closed"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["ForecastCategory"]),
    ],
)
def test_refused_opportunities(org: Running, fields: dict[str, Any], code: str, named: list[str]) -> None:
    answer = refused(lambda: opportunity(org.client(), **fields))
    assert (answer[0], answer[1], answer[3]) == (400, code, named)


def test_any_stage_passes_where_the_picklist_is_open(start: Callable[..., Running]) -> None:
    client = start(restricted_stages=False).client()
    made = client.Opportunity.get(opportunity(client, StageName="Dreaming"))
    assert picked(made, "IsClosed", "Probability", "ForecastCategory") == (False, 0.0, "Pipeline")


def test_lines_are_priced_and_summed(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    deal = opportunity(client, Pricebook2Id=stock.trade_book, Amount=999)
    first = opportunity_line(client, deal, stock.trade_price, Quantity=3, UnitPrice=9.99)
    line = client.OpportunityLineItem.get(first)
    assert line["Id"].startswith("00k")
    assert picked(line, "TotalPrice", "ListPrice", "UnitPrice") == (29.97, 8.0, 9.99)
    assert picked(line, "Name", "ProductCode", "Product2Id") == ("Deal Bolt M8", "B-8", stock.product)
    second = opportunity_line(client, deal, stock.trade_price, Quantity=4, TotalPrice=90)
    assert client.OpportunityLineItem.get(second)["UnitPrice"] == 22.5
    sums = ("Amount", "TotalOpportunityQuantity", "HasOpportunityLineItem", "ExpectedRevenue")
    assert picked(client.Opportunity.get(deal), *sums) == (119.97, 7.0, True, 12.0)
    client.OpportunityLineItem.update(first, {"Quantity": 1})
    assert client.OpportunityLineItem.get(first)["TotalPrice"] == 9.99
    client.OpportunityLineItem.delete(second)
    assert picked(client.Opportunity.get(deal), *sums) == (9.99, 1.0, True, 1.0)
    org.do(lambda: org.org.undelete("OpportunityLineItem", second))
    assert client.Opportunity.get(deal)["Amount"] == 99.99
    for gone in (first, second):
        client.OpportunityLineItem.delete(gone)
    assert picked(client.Opportunity.get(deal), *sums) == (0.0, 0.0, False, 0.0)


def test_a_discount_lowers_the_total(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    deal = opportunity(client, Pricebook2Id=stock.trade_book)
    line = opportunity_line(client, deal, stock.trade_price, Quantity=3, UnitPrice=10, Discount=12.5)
    shown = client.OpportunityLineItem.get(line)
    assert picked(shown, "TotalPrice", "Subtotal", "UnitPrice") == (26.25, 30.0, 10.0)
    client.OpportunityLineItem.update(line, {"TotalPrice": 52.5})
    assert client.OpportunityLineItem.get(line)["UnitPrice"] == 20.0
    full = {"Discount": 100, "TotalPrice": 5}
    assert refused(lambda: client.OpportunityLineItem.update(line, full))[1] == "FIELD_INTEGRITY_EXCEPTION"


def test_the_sum_of_the_lines_is_not_written(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    deal = opportunity(client, Pricebook2Id=stock.trade_book)
    opportunity_line(client, deal, stock.trade_price)
    assert client.Opportunity.update(deal, {"Amount": 5, "NextStep": "Call"}) == 204
    assert picked(client.Opportunity.get(deal), "Amount", "NextStep") == (20.0, "Call")


def test_the_sum_of_the_lines_may_be_refused(start: Callable[..., Running]) -> None:
    org = start(amount_with_lines_refused=True)
    stock = stocked(org)
    deal = opportunity(stock.client, Pricebook2Id=stock.trade_book)
    opportunity_line(stock.client, deal, stock.trade_price)
    status, code, _, fields = refused(lambda: stock.client.Opportunity.update(deal, {"Amount": 5}))
    assert (status, code, fields) == (400, "FIELD_INTEGRITY_EXCEPTION", ["Amount"])


def test_lines_need_the_opportunitys_price_book(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    deal = opportunity(client)
    assert refused(lambda: opportunity_line(client, deal, stock.trade_price)) == (
        400,
        "FIELD_INTEGRITY_EXCEPTION",
        "The opportunity has no price book, so no product can be added",
        ["PricebookEntryId"],
    )
    client.Opportunity.update(deal, {"Pricebook2Id": stock.standard_book})
    assert refused(lambda: opportunity_line(client, deal, stock.trade_price)) == (
        400,
        "FIELD_INTEGRITY_EXCEPTION",
        "pricebook entry is in a different pricebook than the one assigned to the opportunity",
        ["PricebookEntryId"],
    )
    opportunity_line(client, deal, stock.standard_price)
    status, code, _, fields = refused(
        lambda: client.Opportunity.update(deal, {"Pricebook2Id": stock.trade_book})
    )
    assert (status, code, fields) == (400, "FIELD_INTEGRITY_EXCEPTION", ["Pricebook2Id"])
    client.PricebookEntry.update(stock.standard_price, {"IsActive": False})
    assert refused(lambda: opportunity_line(client, deal, stock.standard_price))[2] == (
        "pricebook entry is inactive"
    )


def test_refused_lines(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    deal = opportunity(client, Pricebook2Id=stock.trade_book)
    lines = client.OpportunityLineItem
    base = {"OpportunityId": deal, "PricebookEntryId": stock.trade_price, "Quantity": 1}
    for fields, code, named in (
        ({**base}, "REQUIRED_FIELD_MISSING", ["UnitPrice"]),
        ({**base, "UnitPrice": 1, "TotalPrice": 1}, "FIELD_INTEGRITY_EXCEPTION", ["UnitPrice", "TotalPrice"]),
        ({**base, "UnitPrice": 1, "Quantity": 0}, "FIELD_INTEGRITY_EXCEPTION", ["Quantity"]),
        ({**base, "UnitPrice": 1, "Quantity": None}, "REQUIRED_FIELD_MISSING", ["Quantity"]),
        ({**base, "UnitPrice": 1, "OpportunityId": None}, "REQUIRED_FIELD_MISSING", ["OpportunityId"]),
        ({**base, "UnitPrice": 1, "PricebookEntryId": None}, "REQUIRED_FIELD_MISSING", ["PricebookEntryId"]),
        ({**base, "UnitPrice": 1, "ListPrice": 1}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["ListPrice"]),
        (
            {**base, "UnitPrice": 1, "Product2Id": stock.product},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            ["Product2Id"],
        ),
        (
            {**base, "UnitPrice": 1, "OpportunityId": stock.product},
            "FIELD_INTEGRITY_EXCEPTION",
            ["OpportunityId"],
        ),
    ):
        answer = refused(lambda fields=fields: lines.create(fields))
        assert (answer[0], answer[1], answer[3]) == (400, code, named), fields
    line = opportunity_line(client, deal, stock.trade_price)
    for name, value in (("OpportunityId", deal), ("PricebookEntryId", stock.trade_price)):
        answer = refused(lambda name=name, value=value: lines.update(line, {name: value}))
        assert (answer[1], answer[3]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", [name])


def test_lines_by_product_and_by_first_price(start: Callable[..., Running]) -> None:
    org = start(line_by_product=True, line_sets_price_book=True)
    stock = stocked(org)
    client = stock.client
    deal = opportunity(client)
    by_product = {"OpportunityId": deal, "Product2Id": stock.product, "Quantity": 1, "UnitPrice": 5}
    assert refused(lambda: client.OpportunityLineItem.create(by_product))[3] == ["Product2Id"]
    opportunity_line(client, deal, stock.trade_price)
    assert client.Opportunity.get(deal)["Pricebook2Id"] == stock.trade_book
    line = client.OpportunityLineItem.create(by_product)["id"]
    assert client.OpportunityLineItem.get(line)["PricebookEntryId"] == stock.trade_price
    both = {**by_product, "PricebookEntryId": stock.trade_price}
    assert refused(lambda: client.OpportunityLineItem.create(both))[3] == ["PricebookEntryId", "Product2Id"]


def test_an_account_takes_its_opportunities_and_their_lines_along(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    account = client.Account.create({"Name": "A"})["id"]
    deal = opportunity(client, AccountId=account, Pricebook2Id=stock.trade_book)
    line = opportunity_line(client, deal, stock.trade_price)
    assert client.Account.delete(account) == 204
    for getter, record_id in ((client.Opportunity.get, deal), (client.OpportunityLineItem.get, line)):
        with pytest.raises(SalesforceResourceNotFound):
            getter(record_id)
    gone = client.query(f"SELECT Amount FROM Opportunity WHERE Id = '{deal}'", include_deleted=True)[
        "records"
    ]
    assert gone[0]["Amount"] == 20.0
    with pytest.raises(Exception, match="UNDELETE_FAILED"):
        org.do(lambda: org.org.undelete("OpportunityLineItem", line))
    org.do(lambda: org.org.undelete("Account", account))
    assert client.OpportunityLineItem.get(line)["TotalPrice"] == 20.0
    assert client.Opportunity.get(deal)["Amount"] == 20.0


def test_a_merge_moves_opportunities_and_orders(org: Running) -> None:
    client = org.client()
    winner, loser = (client.Account.create({"Name": name})["id"] for name in ("A", "B"))
    deal = opportunity(client, AccountId=loser)
    bought = client.Order.create({"AccountId": loser, "EffectiveDate": "2026-12-01", "Status": "Draft"})["id"]
    org.do(lambda: org.org.merge("Account", winner, [loser], {}))
    assert client.Opportunity.get(deal)["AccountId"] == winner
    assert client.Order.get(bought)["AccountId"] == winner


def test_amounts_round_half_up(org: Running) -> None:
    stock = stocked(org)
    deal = opportunity(stock.client, Pricebook2Id=stock.trade_book)
    line = opportunity_line(stock.client, deal, stock.trade_price, Quantity=0.5, UnitPrice=2.01)
    assert stock.client.OpportunityLineItem.get(line)["TotalPrice"] == 1.01
    free = price(
        stock.client,
        stock.standard_book,
        stock.client.Product2.create({"Name": "Free", "IsActive": True})["id"],
        UnitPrice=0,
    )
    assert stock.client.PricebookEntry.get(free)["UnitPrice"] == 0.0
