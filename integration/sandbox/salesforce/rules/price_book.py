"""Price books: one of them is the standard book, and that one stays."""

from __future__ import annotations

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.rules.saving import Rules, Scene, in_use
from integration.sandbox.salesforce.tables import Row, Store

_USERS = (("Opportunity", "opportunities", "Name"), ("Order", "orders", "OrderNumber"))


def standard_book(store: Store) -> Row | None:
    """The org's one standard price book."""
    return next((row for row in store.table("Pricebook2") if row.values["IsStandard"]), None)


class PriceBookRules(Rules):
    """Pricebook2."""

    def deleting(self, scene: Scene, row: Row, *, along: bool) -> None:
        del along
        if row.values["IsStandard"]:
            raise ApiError("DELETE_FAILED", "The standard price book cannot be deleted", fields=[])
        if not scene.switches.used_price_book_delete_refused:
            return
        for object_name, plural, shown in _USERS:
            users = scene.store.pointing(object_name, "Pricebook2Id", row.id)
            if users:
                raise in_use(row.values["Name"], plural, [user.values[shown] for user in users])
