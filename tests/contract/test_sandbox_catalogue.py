"""The generated catalogue: believable, the same for a seed, small in memory, true to what it says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from integration.sandbox.arguments import parse_arguments
from integration.sandbox.clock import SystemClock
from integration.sandbox.filling import fill
from integration.sandbox.generate_catalogue import PRODUCT_DIFFERENCES
from integration.sandbox.products import ProductSource
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.switches import Switches
from integration.sandbox.zoho import Limits, ZohoOrg
from integration.sandbox.zoho.profile import make_profile

REPOSITORY = Path(__file__).parents[2]


def filled(*argv: str) -> tuple[ZohoOrg, SalesforceOrg, dict[str, Any]]:
    clock = SystemClock()
    zoho = ZohoOrg(make_profile(7, Limits()), Switches(), clock, 7)
    salesforce = SalesforceOrg(OrgOptions(), clock)
    return zoho, salesforce, fill(parse_arguments(argv), zoho, salesforce)


@pytest.fixture(scope="module")
def both() -> tuple[ZohoOrg, SalesforceOrg, dict[str, Any]]:
    return filled("--items", "300", "--seed", "7")


def test_products_never_repeat_a_code() -> None:
    source = ProductSource(7)
    products = [source.product() for _ in range(3000)]
    for codes in ({p.name for p in products}, {p.sku for p in products}, {p.ean for p in products}):
        assert len(codes) == 3000
    for product in products:
        digits = [int(digit) for digit in product.ean]
        assert sum(digits[0::2]) + 3 * sum(digits[1::2]) == 10 * round(
            (sum(digits[0::2]) + 3 * sum(digits[1::2])) / 10
        )
        assert product.ean.startswith("20")
        assert 0 < product.cost < product.price
    assert any(re.search(r"\.\d{6}$", str(product.price)) for product in products)


def test_the_truth_names_every_product_once(both: tuple[ZohoOrg, SalesforceOrg, dict[str, Any]]) -> None:
    zoho, salesforce, truth = both
    catalogue = truth["catalogue"]
    pairs, only_sf, only_zoho = (catalogue[key] for key in ("shared", "only_salesforce", "only_zoho"))
    assert (len(pairs), len(only_sf), len(only_zoho)) == (180, 120, 120)
    items = [item for _, item, _ in pairs] + only_zoho
    products = [product for product, _, _ in pairs] + only_sf
    assert sorted(items) == sorted(row["item_id"] for row in zoho.records("item"))
    assert sorted(products) == sorted(row["Id"] for row in salesforce.records("Product2"))
    assert set(Counter(difference for *_, difference in pairs)) == set(PRODUCT_DIFFERENCES)


def test_a_shared_product_is_typed_twice(both: tuple[ZohoOrg, SalesforceOrg, dict[str, Any]]) -> None:
    zoho, salesforce, truth = both
    for product_id, item_id, difference in truth["catalogue"]["shared"]:
        product, item = salesforce.record("Product2", product_id), zoho.record("item", item_id)
        same_code, same_name = product["ProductCode"] == item["sku"], product["Name"] == item["name"]
        assert same_code is (difference not in {"sku_case", "no_sku"}), difference
        if difference in {"none", "sku_case", "no_sku"}:
            assert same_name
        if difference == "sku_case":
            assert product["ProductCode"].casefold() == item["sku"].casefold()
        if difference in {"word_order", "typo"}:
            assert not same_name


def test_every_product_has_its_standard_price(both: tuple[ZohoOrg, SalesforceOrg, dict[str, Any]]) -> None:
    _, salesforce, _ = both
    books = {row["Id"]: row["IsStandard"] for row in salesforce.records("Pricebook2")}
    entries = salesforce.records("PricebookEntry")
    assert {row["Product2Id"] for row in entries} == {row["Id"] for row in salesforce.records("Product2")}
    assert all(books[row["Pricebook2Id"]] and row["UnitPrice"] > 0 for row in entries)


def test_stock_lies_where_it_is_kept(both: tuple[ZohoOrg, SalesforceOrg, dict[str, Any]]) -> None:
    zoho, _, _ = both
    items = zoho.records("item")
    assert {item["item_type"] for item in items} == {"inventory", "sales_and_purchases"}
    assert any(item.get("stock_on_hand", 0) >= 250 for item in items)
    assert all("stock_on_hand" not in item for item in items if item["item_type"] != "inventory")


def test_the_same_seed_makes_the_same_catalogue(both: tuple[ZohoOrg, SalesforceOrg, dict[str, Any]]) -> None:
    zoho, _, truth = both
    again, _, same = filled("--items", "300", "--seed", "7")
    other, _, _ = filled("--items", "300", "--seed", "8")
    names = [[row["name"] for row in org.records("item")] for org in (zoho, again, other)]
    assert truth == same
    assert names[0] == names[1] != names[2]


_MEASURE = """
import gc
from tests.contract.test_sandbox_catalogue import filled
def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4096
filled("--items", "50", "--customers", "50")
before = resident()
kept = filled("--items", "3000", "--customers", "600")
print((resident() - before) / 3000)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_fifty_thousand_items_and_their_customers_fit_into_half_a_gigabyte() -> None:
    """Measured on a part: every item with its product, its price and a fifth of a customer in both systems."""
    found = subprocess.run(
        [sys.executable, "-c", _MEASURE], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    bytes_each = float(found.stdout)
    assert 50_000 * bytes_each < 400_000_000, f"{bytes_each:.0f} bytes"
