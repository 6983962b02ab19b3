"""Lines of opportunities: priced from the opportunity's book, summed into the opportunity."""

from __future__ import annotations

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.rules.money import exact, rounded, total
from integration.sandbox.salesforce.rules.opportunity import roll_up, roll_up_one
from integration.sandbox.salesforce.rules.price import price_in
from integration.sandbox.salesforce.rules.saving import (
    Rules,
    Saving,
    Scene,
    integrity,
    missing,
    same_currency,
)
from integration.sandbox.salesforce.tables import Row

_LONGEST_NAME = 376


class OpportunityLineRules(Rules):
    """OpportunityLineItem."""

    def fill(self, saving: Saving) -> None:
        if saving.creating:
            self._find_price(saving)
        if {"UnitPrice", "TotalPrice"} <= saving.given:
            raise integrity("Only one of UnitPrice and TotalPrice can be given", "UnitPrice", "TotalPrice")

    def check(self, saving: Saving) -> None:
        if not saving.values["Quantity"]:
            raise integrity("The quantity of a product cannot be zero", "Quantity")
        if saving.creating:
            self._take_over(saving)
        self._price(saving)

    def saved(self, saving: Saving, row: Row) -> None:
        roll_up_one(saving, saving.before, row.values)

    def gone(self, scene: Scene, row: Row) -> None:
        roll_up_one(scene, row.values, None)

    def back(self, scene: Scene, row: Row, *, along: bool) -> None:
        del along
        refuse_other_book(scene, row, "opportunity", "OpportunityId")
        roll_up(scene, row.values["OpportunityId"])

    @staticmethod
    def _find_price(saving: Saving) -> None:
        """A line may name its product instead of a price, which is then the one of the opportunity's book."""
        product, opportunity = saving.values["Product2Id"], saving.parent("OpportunityId")
        if product is None or opportunity is None:
            return
        if saving.values["PricebookEntryId"] is not None:
            raise integrity(
                "Only one of PricebookEntryId and Product2Id can be given", "PricebookEntryId", "Product2Id"
            )
        book, currency = opportunity.values["Pricebook2Id"], opportunity.values.get("CurrencyIsoCode")
        price = price_in(saving, book, product, currency)
        if price is None:
            raise integrity("The product has no price in the opportunity's price book", "Product2Id")
        saving.values["PricebookEntryId"] = price.id

    @staticmethod
    def _take_over(saving: Saving) -> None:
        opportunity, price = saving.parent("OpportunityId"), saving.parent("PricebookEntryId")
        if price is None or opportunity is None:
            raise missing("PricebookEntryId")
        same_book(saving, "Opportunity", opportunity, price)
        same_currency(saving, opportunity, price)
        name = f"{opportunity.values['Name']} {price.values['Name']}"
        saving.values.update(
            Product2Id=price.values["Product2Id"],
            ProductCode=price.values["ProductCode"],
            ListPrice=price.values["UnitPrice"],
            Name=name[:_LONGEST_NAME],
        )

    @staticmethod
    def _price(saving: Saving) -> None:
        values = saving.values
        share = 1 - exact(values["Discount"]) / 100
        if "TotalPrice" in saving.given and values["TotalPrice"] is not None:
            if not share:
                raise integrity("A line without any price left has no price for one", "Discount")
            values["UnitPrice"] = rounded(exact(values["TotalPrice"]) / (exact(values["Quantity"]) * share))
        elif values["UnitPrice"] is None:
            raise missing("UnitPrice")
        else:
            values["TotalPrice"] = total(values["Quantity"], values["UnitPrice"], values["Discount"])
        values["Subtotal"] = total(values["Quantity"], values["UnitPrice"])


def same_book(saving: Saving, object_name: str, parent: Row, price: Row) -> None:
    """The parent has a price book, the price is in it and may be used. Raises FIELD_INTEGRITY_EXCEPTION."""
    label = object_name.lower()
    if parent.values["Pricebook2Id"] is None and saving.switches.line_sets_price_book:
        saving.change(object_name, parent, {"Pricebook2Id": price.values["Pricebook2Id"]})
    elif parent.values["Pricebook2Id"] is None:
        raise integrity(f"The {label} has no price book, so no product can be added", "PricebookEntryId")
    elif parent.values["Pricebook2Id"] != price.values["Pricebook2Id"]:
        message = f"pricebook entry is in a different pricebook than the one assigned to the {label}"
        raise integrity(message, "PricebookEntryId")
    if not price.values["IsActive"]:
        raise integrity("pricebook entry is inactive", "PricebookEntryId")


def refuse_other_book(scene: Scene, row: Row, label: str, field_name: str) -> None:
    """Raises UNDELETE_FAILED for a line whose parent has another price book or currency by now."""
    parent = scene.store.live(row.values[field_name])
    found = scene.store.get(str(row.values["PricebookEntryId"]))
    if parent is None or found is None:
        return
    price = found[1]
    for name in ("Pricebook2Id", "CurrencyIsoCode"):
        if parent.values.get(name) != price.values.get(name):
            raise ApiError("UNDELETE_FAILED", f"{name} of the {label} is another by now", fields=[])
