"""Customers and catalogues from CSV, over the admin endpoint and on the command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from integration.sandbox.clock import Clock
from integration.sandbox.csv_load import CsvLoad
from integration.sandbox.csv_rows import decoded, rows_of, sniffed
from integration.sandbox.errors import BadInstructionError, RefusedError
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg
from tests.contract.sandbox_zoho.running import Receiver, Running

CONTACTS = """\
contact_name,payment_terms,is_taxable,billing_address.city,billing_address.zip,cf_region,contact_persons[0].email
"Ash, Beech & Co",15,true,Leeds,00123,North,ash@example.com
Cedar,,,,,,
"Quo""ted",x,,,,,
Cedar,,,,,,
short,1
Elm,45,no,York,1,South,elm@example.com
"""


def load(pair: Running, what: str, text: str | bytes, **query: Any) -> requests.Response:
    url = f"{pair.about['admin_url']}/load/{what}"
    content = text.encode() if isinstance(text, str) else text
    return pair.http.post(url, data=content, params=query, headers={"Content-Type": "text/csv"}, timeout=30)


def contacts(pair: Running) -> dict[str, dict[str, Any]]:
    rows = pair.admin("GET", "/records/zoho/contact").json()["records"]
    return {row["contact_name"]: row for row in rows}


def test_contacts_with_nested_typed_and_custom_fields_and_lines_that_are_not_taken(
    pair: Running, inbox: Receiver
) -> None:
    pair.admin("PUT", "/webhooks", {"rules": [{"rule": "saved", "url": f"{inbox.url}/saved"}]})
    answer = load(pair, "zoho/contact", CONTACTS)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["made"], told["refused"]) == (3, 3)
    reasons = {each["line"]: each["reason"] for each in told["lines"]}
    assert reasons[4] == "Invalid value passed for Payment Terms"
    assert reasons[5].startswith('The customer "Cedar" already exists')
    assert reasons[6] == "2 values for 7 columns"
    found = contacts(pair)
    assert sorted(found) == ["Ash, Beech & Co", "Cedar", "Elm"]
    ash = found["Ash, Beech & Co"]
    assert (ash["payment_terms"], ash["billing_address"]["zip"]) == (15, "00123")
    assert (ash["email"], ash["cf_region"]) == ("ash@example.com", "North")
    age = datetime.now(UTC) - datetime.fromisoformat(ash["created_time"])
    assert timedelta(days=29) < age < timedelta(days=31)
    assert pair.admin("GET", "/webhooks/history").json()["counts"]["events"] == 0
    assert pair.admin("GET", "/calls").json()["calls"] == []


def test_accounts_and_contacts_that_name_their_account_by_its_key(pair: Running) -> None:
    accounts = (
        "Name;NumberOfEmployees;AnnualRevenue;BillingCity;Zoho_Id__c\nOak;12;1500;Bath;z1\nFir;many;;;z2\n"
    )
    told = load(pair, "salesforce/Account", accounts).json()
    assert told["made"] == 1
    assert told["lines"][0]["line"] == 3
    assert "many" in told["lines"][0]["reason"]
    people = "LastName\tAccount.Zoho_Id__c\nAshton\tz1\nBirch\tz9\n"
    told = load(pair, "salesforce/Contact", people).json()
    assert (told["made"], told["refused"], told["lines"][0]["line"]) == (1, 1, 3)
    assert "Foreign key external ID: z9 not found" in told["lines"][0]["reason"]
    (account,) = pair.admin("GET", "/records/salesforce/Account").json()["records"]
    (person,) = pair.admin("GET", "/records/salesforce/Contact").json()["records"]
    assert (account["NumberOfEmployees"], account["AnnualRevenue"]) == (12, 1500)
    assert person["AccountId"] == account["Id"]


def test_items_with_their_stock(pair: Running) -> None:
    text = (
        "name,sku,rate,purchase_rate,unit,description,item_type,product_type,initial_stock,initial_stock_rate\n"
        "Shelf,SH-1,12.50,7,pcs,00815,inventory,goods,40,7\n"
        "Shelf,SH-2,cheap,7,pcs,,inventory,goods,,\n"
        "Bracket,SH-1,1,1,pcs,,inventory,goods,,\n"
    )
    told = load(pair, "zoho/item", text).json()
    assert (told["made"], [each["line"] for each in told["lines"]]) == (1, [3, 4])
    (item,) = pair.admin("GET", "/records/zoho/item").json()["records"]
    assert (item["rate"], item["purchase_rate"], item["description"]) == (12.5, 7.0, "00815")
    assert (item["sku"], item["stock_on_hand"]) == ("SH-1", 40.0)


def test_columns_are_mapped_or_left_out(pair: Running) -> None:
    body = {
        "csv": "Firma|Ort|Intern\nLinde|Kiel|x\n",
        "mapping": {"Firma": "contact_name", "Ort": "billing_address.city", "Intern": None},
        "age_days": 400,
    }
    assert pair.admin("POST", "/load/zoho/contact", body).json()["made"] == 1
    assert contacts(pair)["Linde"]["billing_address"]["city"] == "Kiel"


@pytest.mark.parametrize(
    ("what", "content", "query", "told"),
    [
        ("zoho/thing", "a\n1", {}, "thing"),
        ("sap/contact", "a\n1", {}, "sap"),
        ("salesforce/Thing", "a\n1", {}, "Thing"),
        ("zoho/contact", "", {}, "name of its own"),
        ("zoho/contact", "a,a\n1,2", {}, "name of its own"),
        ("zoho/contact", "a,\n1,2", {}, "name of its own"),
        ("zoho/contact", "a[\n1", {}, "no name of a field"),
        ("zoho/contact", b"contact_name\nok\ncaf\xe9\n", {}, "line 3 is no UTF-8"),
        ("zoho/contact", "contact_name\nA", {"age_days": "old"}, "age_days is a number"),
        ("zoho/contact", "contact_name\nA", {"delimiter": "#"}, "delimiter"),
        ("zoho/contact", "contact_name\nA", {"colour": "red"}, "colour"),
    ],
)
def test_a_file_that_cannot_be_loaded(
    pair: Running, what: str, content: str | bytes, query: dict[str, str], told: str
) -> None:
    answer = load(pair, what, content, **query)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert contacts(pair) == {}


def test_rows_by_their_lines() -> None:
    text = 'a,b\n1,"two\nlines"\n\n3,"x"y\n5,6\n7,"open\n'
    found = [(row.line, dict(row.cells), bool(row.problem)) for row in rows_of(text)]
    assert found == [
        (2, {"a": "1", "b": "two\nlines"}, False), (5, {}, True), (6, {"a": "5", "b": "6"}, False),
        (7, {}, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "mark"), [("a;b,c;d", ";"), ('"a;b;c",d', ","), ("a\tb", "\t"), ("a|b", "|"), ("a", ",")]
)
def test_the_delimiter_is_seen_in_the_header(header: str, mark: str) -> None:
    assert sniffed(header) == mark


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert next(iter(rows_of(decoded(b"\xef\xbb\xbfa\r\n1\r\n")))).cells == {"a": "1"}


def test_thousands_of_lines_take_their_time_and_no_more() -> None:
    org = SalesforceOrg(OrgOptions(), Clock())
    text = "Name,BillingCity,Zoho_Id__c\n" + "".join(f"Company {n},City {n % 50},{n}\n" for n in range(2_000))
    loading = CsvLoad(org, "Account")
    began = time.process_time()
    assert sum(1 for _ in loading.run(text, {})) == 2_000
    # Of the processor's time, which others do not use up; generous, to catch a quadratic slip.
    assert time.process_time() - began < 10
    assert (loading.made, loading.refusals) == (2_000, 0)


def test_only_the_first_thousand_refusals_are_told() -> None:
    org = SalesforceOrg(OrgOptions(), Clock())
    loading = CsvLoad(org, "Account")
    for _ in loading.run("Name,Nope\n" + "x,y\n" * 1_200, {}):
        pass
    assert (loading.made, loading.refusals, len(loading.refused)) == (0, 1_200, 1_000)
    with pytest.raises(BadInstructionError, match="no columns"):
        list(loading.run("Name\nx\n", {"Firma": "Name"}))


class Catalogue:
    """Stands for an org with products and one standard price book; takes no price below zero."""

    def __init__(self) -> None:
        self.planted: list[tuple[str, dict[str, Any]]] = []

    def check_entity(self, _: str) -> None:
        """Every entity is known."""

    def records(self, entity: str) -> list[dict[str, Any]]:
        assert entity == "Pricebook2"
        return [{"Id": "b1", "IsStandard": False}, {"Id": "b2", "IsStandard": True}]

    def plant(self, entity: str, fields: dict[str, Any], _: float) -> str:
        if str(fields.get("UnitPrice", "")).startswith("-"):
            raise RefusedError("too cheap", [])
        self.planted.append((entity, fields))
        return f"id{len(self.planted)}"


def test_a_product_gets_its_standard_price() -> None:
    org = Catalogue()
    loading = CsvLoad(org, "Product2")  # type: ignore[arg-type]
    for _ in loading.run("Name,UnitPrice\nShelf,12.50\nFree,\nOdd,-1\n", {}):
        pass
    price = {"Pricebook2Id": "b2", "Product2Id": "id1", "UnitPrice": "12.50", "IsActive": True}
    names = [{"Name": name} for name in ("Shelf", "Free", "Odd")]
    assert org.planted == [
        ("Product2", names[0]), ("PricebookEntry", price), ("Product2", names[1]), ("Product2", names[2]),
    ]  # fmt: skip
    told = "the product was made, its price was refused: too cheap"
    assert (loading.made, loading.refused) == (3, [{"line": 4, "reason": told}])
