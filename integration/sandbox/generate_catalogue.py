"""A catalogue in both systems, with the truth about which item is which product.

Products that both systems know are typed twice, as people do it: a SKU in other letters, words in another
order, an abbreviation, no SKU at all on one side.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from integration.sandbox.products import Product, ProductSource
from integration.sandbox.standard_price import StandardPrices
from integration.sandbox.systems import Json, StandIn
from integration.sandbox.typing_differences import misspelt

_OLDEST_DAYS, _YOUNGEST_DAYS = 900, 10
INACTIVE_SHARE = 0.03
_SHORTER = {"Solid State Drive": "SSD", "Network Cable": "Patch Cable", "Memory Module": "RAM", "inch": "in"}
PRODUCT_DIFFERENCES = ("none", "none", "none", "none", "sku_case", "no_sku", "word_order", "shorter", "typo")


def generate_catalogue(
    count: int, seed: int, zoho: StandIn, salesforce: StandIn | None, *, overlap: float = 0.6
) -> Json:
    """Put `count` products into each system; `overlap` of them are known to both.

    Answers `{"shared": [[product2, item, difference]], "only_salesforce": [ids], "only_zoho": [ids]}`. Every
    product of Salesforce has its standard price.
    """
    return _Generator(seed, zoho, salesforce).fill(count, overlap)


class _Generator:
    def __init__(self, seed: int, zoho: StandIn, salesforce: StandIn | None) -> None:
        self._random = random.Random(f"catalogue:{seed}")
        self._products = ProductSource(seed)
        self._zoho, self._salesforce = zoho, salesforce
        self._prices = None if salesforce is None else StandardPrices(salesforce)

    def fill(self, count: int, overlap: float) -> Json:
        shared = round(count * overlap)
        return {
            "shared": [self._shared() for _ in range(shared)],
            "only_salesforce": [self._product2(self._products.product()) for _ in range(count - shared)],
            "only_zoho": [self._only_zoho() for _ in range(count - shared)],
        }

    def _shared(self) -> list[str]:
        product = self._products.product()
        difference = self._random.choice(PRODUCT_DIFFERENCES)
        item = self._item(product)
        changed = _DIFFERENCES[difference](product, self._random)
        return [self._product2(product, **changed), item, difference]

    def _only_zoho(self) -> str:
        return self._item(self._products.product())

    def _item(self, product: Product) -> str:
        fields: Json = {
            "name": product.name, "sku": product.sku, "rate": float(product.price),
            "purchase_rate": float(product.cost), "unit": product.kind.unit, "brand": product.brand,
            "description": product.description, "part_number": product.model, "ean": product.ean,
            "product_type": "goods" if product.kind.tracked else "service",
            "item_type": "inventory" if product.kind.tracked else "sales_and_purchases",
        }  # fmt: skip
        if product.kind.tracked:
            fields["initial_stock"] = product.stock
            fields["initial_stock_rate"] = float(product.cost)
        return self._zoho.plant("item", fields, self._age())

    def _product2(self, product: Product, **changed: str) -> str:
        age = self._age()
        active = self._random.random() >= INACTIVE_SHARE
        if self._salesforce is None or self._prices is None:
            return ""
        fields = {
            "Name": product.name, "ProductCode": product.sku, "Description": product.description,
            "Family": product.kind.name, "QuantityUnitOfMeasure": product.kind.unit, "IsActive": active,
            **changed,
        }  # fmt: skip
        known = {key: value for key, value in fields.items() if value != ""}
        product_id = self._salesforce.plant("Product2", known, age)
        self._prices.plant(product_id, float(product.price), age)
        return product_id

    def _age(self) -> float:
        return self._random.uniform(_YOUNGEST_DAYS, _OLDEST_DAYS)


def _other_order(product: Product, rng: random.Random) -> dict[str, str]:
    words = [product.kind.name, *product.values, product.model]
    rng.shuffle(words)
    return {"Name": " ".join([*words, product.brand])}


def _shorter(product: Product, _: random.Random) -> dict[str, str]:
    name = product.name
    for long, short in _SHORTER.items():
        name = name.replace(long, short)
    return {"Name": name.replace(" mm", "mm").replace(" kW", "kW")}


def _typo(product: Product, rng: random.Random) -> dict[str, str]:
    return {"Name": product.name.replace(product.kind.name, misspelt(product.kind.name, rng))}


_DIFFERENCES: Mapping[str, Callable[[Product, random.Random], dict[str, Any]]] = {
    "none": lambda _, __: {},
    "sku_case": lambda product, _: {"ProductCode": product.sku.lower()},
    "no_sku": lambda _, __: {"ProductCode": ""},
    "word_order": _other_order,
    "shorter": _shorter,
    "typo": _typo,
}
