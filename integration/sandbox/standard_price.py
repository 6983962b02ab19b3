"""Standard prices of products that are put into the Salesforce stand-in as if they had long been there."""

from __future__ import annotations

from functools import cached_property

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.systems import StandIn


class StandardPrices:
    """Plants prices into the one standard price book."""

    def __init__(self, salesforce: StandIn) -> None:
        self._salesforce = salesforce

    def plant(self, product_id: str, price: float | str, age_days: float) -> None:
        """Give the product its price. :raises RefusedError: the org does not take it."""
        fields = {
            "Pricebook2Id": self._book, "Product2Id": product_id, "UnitPrice": price, "IsActive": True,
        }  # fmt: skip
        self._salesforce.plant("PricebookEntry", fields, age_days)

    @cached_property
    def _book(self) -> str:
        for book in self._salesforce.records("Pricebook2"):
            if book.get("IsStandard"):
                return str(book["Id"])
        raise BadInstructionError("the org has no standard price book")
