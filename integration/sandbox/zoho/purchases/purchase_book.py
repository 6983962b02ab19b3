"""Every purchase order of the organisation: writing, deleting, and what other documents do to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.lines import clean_lines
from integration.sandbox.zoho.documents.naming import Named
from integration.sandbox.zoho.documents.party_terms import addresses_after, party_terms
from integration.sandbox.zoho.documents.record import NOTHING
from integration.sandbox.zoho.documents.remembered import Remembered
from integration.sandbox.zoho.documents.trade_book import TradeBook
from integration.sandbox.zoho.purchases.delivery import Delivery
from integration.sandbox.zoho.purchases.order_fields import ORDER_FIELDS
from integration.sandbox.zoho.purchases.order_rules import LABEL, check_editable, check_lines
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.sale_links import SaleLinks
from integration.sandbox.zoho.purchases.statuses import (
    CANCELLED,
    Counted,
    Progress,
    Statuses,
    statuses_of,
)
from integration.sandbox.zoho.settings.accounts import Accounts


class PurchaseBook(TradeBook[PurchaseOrder]):
    """Purchase orders by id, number, vendor and item; they move no stock themselves."""

    entity, label, number_key, party = "purchaseorder", LABEL, "purchaseorder_number", "vendor"

    def __init__(self, ground: Ground, links: SaleLinks, delivery: Delivery) -> None:
        super().__init__(ground, PurchaseOrder, "PO-")
        self._links, self._delivery = links, delivery
        self.methods, self.accounts = Named(ground.premises.next_id), Accounts(ground.premises.profile)
        self._statuses = Remembered(self._worked_out)

    def statuses(self, order: PurchaseOrder) -> Statuses:
        """The four statuses."""
        return self._statuses.of(order)

    def delete(self, order_id: str, source: str) -> None:
        """The order goes for good. :raises ApiError: goods came in for it, or it was billed."""
        order = self.check_deletable(order_id)
        self._removed(order, source)
        self._links.tell(order.changed(deleted=True), None, source)
        self.settle(order.vendor_id)

    def progressed(self, order_id: str, progress: Mapping[str, Progress], source: str) -> None:
        """Receives and bills of the order are now like this."""
        order = self.register.find(order_id)
        if order is not None:
            self._followed(order, source, progress=progress or NOTHING)

    def check_wanted(self, order: PurchaseOrder) -> None:
        """Refuse to buy more than the sales order wants. :raises ApiError: it has less left."""
        if order.stage != CANCELLED:
            self._links.check(order)

    def store(self, order: PurchaseOrder, source: str, *, at_once: bool = False) -> None:
        before = self.register.find(order.record_id)
        self.register.put(order, at_once=at_once)
        self._ground.stock.mention(order.record_id, {line.item_id for line in order.lines})
        self._links.tell(order, before, source)
        for vendor_id in {order.vendor_id, before.vendor_id if before else order.vendor_id}:
            self.settle(vendor_id)

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {**super().dump(), "methods": self.methods.dump()}

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump; sales orders keep what is bought for them."""
        self._statuses.clear()
        super().load(state)
        self.methods.load(state.get("methods", {}))

    def _written(self, order: PurchaseOrder, body: Mapping[str, Any]) -> PurchaseOrder:
        ground = self._ground
        own, rest = ORDER_FIELDS.clean(body, self._switches)
        terms = party_terms(ground, order, "vendor", body)
        addresses = addresses_after(terms, order, ("billing_address",), body, ground)
        location_id = ground.location_after(order.location_id, body)
        values = {**order.values, **rest}
        self.methods.id_of(values.get("ship_via", ""))
        draft = order.changed(**own, **terms.values, **addresses, location_id=location_id, values=values)
        draft = self._delivery.read(self._links.read(draft, body), body)
        if "line_items" in body:
            rules = ground.rules(draft.exchange_rate, location_id, buying=True)
            lines = clean_lines(body["line_items"], order.lines, rules)
            check_lines(order, lines, self._switches)
            for line in lines:
                self.accounts.check(line.account_id, "account_id")
            draft = draft.changed(lines=lines)
        self.check_wanted(draft)
        return self._priced(self._customised(draft, body))

    def _check_editable(self, order: PurchaseOrder) -> None:
        check_editable(order, self.statuses(order), self._switches)

    def _worked_out(self, order: PurchaseOrder) -> Statuses:
        counted = (
            Counted(line.quantity, order.of(line), self._ground.is_goods(line.item_id))
            for line in order.lines
        )
        return statuses_of(order.stage, counted, self._switches)
