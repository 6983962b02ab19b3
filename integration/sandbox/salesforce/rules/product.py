"""Products: prices carry their name and code; a product that was sold stays."""

from __future__ import annotations

from integration.sandbox.salesforce.rules.saving import Rules, Saving, Scene, in_use
from integration.sandbox.salesforce.tables import Row

_SHOWN_BY_PRICES = ("Name", "ProductCode")
_LINES = (("OpportunityLineItem", "opportunity products"), ("OrderItem", "order products"))


class ProductRules(Rules):
    """Product2."""

    def saved(self, saving: Saving, row: Row) -> None:
        if saving.creating or not saving.changes(*_SHOWN_BY_PRICES):
            return
        shown = {name: saving.values[name] for name in _SHOWN_BY_PRICES}
        # Deleted prices show the product's name as well, should they come back.
        table = saving.store.table("PricebookEntry")
        for price in table.find(table.definition.field("Product2Id"), row.id, with_deleted=True):
            saving.change("PricebookEntry", price, shown, unseen=True)

    def deleting(self, scene: Scene, row: Row, *, along: bool) -> None:
        if along or not scene.switches.used_product_delete_refused:
            return
        for line_object, plural in _LINES:
            lines = scene.store.pointing(line_object, "Product2Id", row.id)
            if lines:
                shown = [line.values.get("Name") or line.values.get("OrderItemNumber") for line in lines]
                raise in_use(row.values["Name"], plural, shown)
