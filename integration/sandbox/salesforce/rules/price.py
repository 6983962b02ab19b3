"""Prices: the standard price comes first, and others may follow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.rules.price_book import standard_book
from integration.sandbox.salesforce.rules.saving import Rules, Saving, Scene, in_use, integrity
from integration.sandbox.salesforce.schema import Value
from integration.sandbox.salesforce.tables import Row

_LINES = (("OpportunityLineItem", "opportunity products"), ("OrderItem", "order products"))


class PriceRules(Rules):
    """PricebookEntry."""

    def fill(self, saving: Saving) -> None:
        product = saving.parent("Product2Id")
        if saving.creating and product is not None:
            saving.values["Name"] = product.values["Name"]
            saving.values["ProductCode"] = product.values["ProductCode"]
        if not saving.values["UseStandardPrice"]:
            return
        self._refuse_own_price(saving)
        named = saving.values["Pricebook2Id"] is not None and product is not None
        if named and not _is_standard(saving, saving.values):
            saving.values["UnitPrice"] = _needed_standard_price(saving, saving.values).values["UnitPrice"]

    def check(self, saving: Saving) -> None:
        if saving.before is not None and saving.before["UseStandardPrice"]:
            self._refuse_own_price(saving)
        if not saving.creating:
            return
        self._refuse_repetition(saving, saving.values, None)
        if not _is_standard(saving, saving.values):
            _needed_standard_price(saving, saving.values)

    def saved(self, saving: Saving, row: Row) -> None:
        if not saving.changes("UnitPrice") or not _is_standard(saving, row.values):
            return
        for price in _prices_of(saving, row.values):
            if price.id != row.id and price.values["UseStandardPrice"]:
                saving.change("PricebookEntry", price, {"UnitPrice": row.values["UnitPrice"]})

    def deleting(self, scene: Scene, row: Row, *, along: bool) -> None:
        if along:
            return
        others = [price for price in _prices_of(scene, row.values) if price.id != row.id]
        if others and scene.switches.standard_price_delete_refused and _is_standard(scene, row.values):
            message = "The standard price cannot be deleted while the product has prices in other price books"
            raise ApiError("DELETE_FAILED", message, fields=[])
        if scene.switches.used_price_delete_refused:
            for line_object, plural in _LINES:
                lines = scene.store.pointing(line_object, "PricebookEntryId", row.id)
                if lines:
                    raise in_use(row.values["Name"], plural, [line.id for line in lines])

    def back(self, scene: Scene, row: Row, *, along: bool) -> None:
        del along
        self._refuse_repetition(scene, row.values, row.id)
        if _is_standard(scene, row.values):
            return
        standard = _needed_standard_price(scene, row.values, active=False)
        if row.values["UseStandardPrice"]:
            scene.change("PricebookEntry", row, {"UnitPrice": standard.values["UnitPrice"]})

    @staticmethod
    def _refuse_own_price(saving: Saving) -> None:
        # Even the update that ends the use of the standard price may not bring a price with it.
        if "UnitPrice" in saving.given and not _is_standard(saving, saving.values):
            raise integrity(
                "UnitPrice cannot be set on a price book entry that uses the standard price", "UnitPrice"
            )

    @staticmethod
    def _refuse_repetition(scene: Scene, values: Mapping[str, Value], own_id: str | None) -> None:
        for price in _prices_of(scene, values):
            if price.id != own_id and price.values["Pricebook2Id"] == values["Pricebook2Id"]:
                message = "This price definition already exists in this price book"
                raise ApiError(scene.switches.repeated_price_code, message, fields=[])


def price_in(scene: Scene, book: Value, product: Value, currency: Value) -> Row | None:
    """The product's price in that book and currency."""
    wanted = {"Product2Id": product, "CurrencyIsoCode": currency}
    return next((p for p in _prices_of(scene, wanted) if p.values["Pricebook2Id"] == book), None)


def _prices_of(scene: Scene, values: Mapping[str, Value]) -> Iterator[Row]:
    """Every live price of the product in the same currency, whichever the book."""
    found = scene.store.pointing("PricebookEntry", "Product2Id", str(values["Product2Id"]))
    currency = values.get("CurrencyIsoCode")
    return (price for price in found if price.values.get("CurrencyIsoCode") == currency)


def _is_standard(scene: Scene, values: Mapping[str, Value]) -> bool:
    book = standard_book(scene.store)
    return book is not None and values["Pricebook2Id"] == book.id


def _needed_standard_price(scene: Scene, values: Mapping[str, Value], *, active: bool = True) -> Row:
    """The product's standard price, which new prices need active. Raises STANDARD_PRICE_NOT_DEFINED."""
    book, currency = standard_book(scene.store), values.get("CurrencyIsoCode")
    price = None if book is None else price_in(scene, book.id, values["Product2Id"], currency)
    if price is None or (active and not price.values["IsActive"]):
        raise ApiError("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product", fields=[])
    return price
