"""Items of orders: priced from the order's book, locked with the order, summed into it."""

from __future__ import annotations

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.options import names_in
from integration.sandbox.salesforce.rules.money import total
from integration.sandbox.salesforce.rules.opportunity_line import refuse_other_book, same_book
from integration.sandbox.salesforce.rules.order import refuse_locked, roll_up, roll_up_one
from integration.sandbox.salesforce.rules.saving import (
    Rules,
    Saving,
    Scene,
    integrity,
    missing,
    same_currency,
)
from integration.sandbox.salesforce.standard_objects.states import ACTIVATED
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Row


class OrderItemRules(Rules):
    """OrderItem."""

    def __init__(self, switches: SalesforceSwitches) -> None:
        self._open = frozenset(names_in(switches.activated_item_open_fields))

    def check(self, saving: Saving) -> None:
        order = saving.parent("OrderId")
        if order is not None and order.values["StatusCode"] == ACTIVATED:
            if saving.creating:
                raise _locked(saving, "added to")
            refuse_locked(saving, self._open, "order")
        if float(saving.values["Quantity"] or 0) <= 0:
            raise integrity("The quantity of an order product must be more than zero", "Quantity")
        if saving.values["UnitPrice"] is None:
            raise missing("UnitPrice")
        if saving.creating and order is not None:
            self._take_over(saving, order)
        saving.values["TotalPrice"] = total(saving.values["Quantity"], saving.values["UnitPrice"])
        saving.values["AvailableQuantity"] = saving.values["Quantity"]

    def saved(self, saving: Saving, row: Row) -> None:
        roll_up_one(saving, saving.before, row.values)

    def deleting(self, scene: Scene, row: Row, *, along: bool) -> None:
        order = scene.store.live(row.values["OrderId"])
        if not along and order is not None and order.values["StatusCode"] == ACTIVATED:
            raise _locked(scene, "deleted from")

    def gone(self, scene: Scene, row: Row) -> None:
        roll_up_one(scene, row.values, None)

    def back(self, scene: Scene, row: Row, *, along: bool) -> None:
        order = scene.store.live(row.values["OrderId"])
        if not along and order is not None and order.values["StatusCode"] == ACTIVATED:
            raise _locked(scene, "added to")
        refuse_other_book(scene, row, "order", "OrderId")
        roll_up(scene, str(row.values["OrderId"]))

    @staticmethod
    def _take_over(saving: Saving, order: Row) -> None:
        price = saving.parent("PricebookEntryId")
        if price is None:
            raise missing("PricebookEntryId")
        same_book(saving, "Order", order, price)
        same_currency(saving, order, price)
        saving.values.update(Product2Id=price.values["Product2Id"], ListPrice=price.values["UnitPrice"])


def _locked(scene: Scene, what: str) -> ApiError:
    message = f"Products cannot be {what} an activated order"
    return ApiError(scene.switches.locked_record_code, message, fields=[])
