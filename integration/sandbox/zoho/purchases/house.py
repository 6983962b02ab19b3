"""All documents of purchase together, and what each of them means for the orders and vendors."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from itertools import chain

from integration.sandbox.zoho.documents.approval import Desk
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.purchases.bill_book import BillBook
from integration.sandbox.zoho.purchases.delivery import Delivery
from integration.sandbox.zoho.purchases.desk import PurchaseDesk
from integration.sandbox.zoho.purchases.purchase_book import PurchaseBook
from integration.sandbox.zoho.purchases.receive import VOID, Receive
from integration.sandbox.zoho.purchases.receive_book import ReceiveBook
from integration.sandbox.zoho.purchases.sale_links import SaleLinks
from integration.sandbox.zoho.purchases.statuses import Progress
from integration.sandbox.zoho.sales.house import Sales


class Purchases:
    """Purchase orders with their receives and bills."""

    def __init__(self, ground: Ground, sales: Sales) -> None:
        self.ground, self.sales = ground, sales
        self.delivery = Delivery(ground, sales)
        self.orders = PurchaseBook(ground, SaleLinks(sales), self.delivery)
        self.receives = ReceiveBook(ground, self.orders, self.refresh)
        self.bills = BillBook(ground, self.orders, self.refresh)
        self.desk = PurchaseDesk(self.orders, ground.switches)
        self.receive_desk: Desk[Receive] = Desk(
            self.receives, ground.switches, approval=ground.switches.zoho_receive_approval
        )
        self.orders.made_from = self._made_from
        self.orders.settle = self.bills.settle = self._settle
        ground.contacts.on_rename(self._renamed)
        ground.taxes.used_by(self._has_tax)
        ground.places.used_by(self._lies_at)

    def refresh(self, order_id: str, source: str) -> None:
        """Count anew what other documents have done to the lines of the order."""
        self.orders.progressed(order_id, self._progress(order_id), source)

    def _progress(self, order_id: str) -> dict[str, Progress]:
        found: dict[str, Progress] = {}

        def add(line_id: str, quantity: Decimal, on: str, counted: str) -> None:
            before = found.get(line_id, Progress())
            more = {on: getattr(before, on) + quantity}
            if counted:
                more[counted] = getattr(before, counted) + quantity
            found[line_id] = before._replace(**more)

        for receive in self.receives.of_order(order_id):
            for part in receive.received:
                add(part.order_line_id, part.quantity, "on_receives", "received" if receive.counts else "")
        drafts, order = self.ground.switches.zoho_draft_invoice_counts, self.orders.register.ever(order_id)
        for bill in self.bills.of_order(order_id):
            for line in bill.lines if bill.stage != VOID else ():
                # A bill may be for several orders.
                if order is not None and order.line(line.purchaseorder_item_id) is not None:
                    counted = "billed" if bill.counts(drafts=drafts) else ""
                    add(line.purchaseorder_item_id, line.quantity, "on_bills", counted)
        return found

    def _renamed(self, vendor_id: str) -> None:
        self.orders.register.reindex(self.orders.register.holders("vendor_id", vendor_id))

    def _has_tax(self, tax_ids: Collection[str]) -> bool:
        orders = (order.lines for order in self.orders.register.all())
        bills = (bill.lines for bill in self.bills.register.all())
        return any(line.tax_id in tax_ids for lines in chain(orders, bills) for line in lines)

    def _lies_at(self, location_id: str) -> bool:
        return any(
            location_id in (order.location_id, order.delivery_org_address_id)
            or any(line.location_id == location_id for line in order.lines)
            for order in self.orders.register.all()
        )

    def _made_from(self, order_id: str) -> bool:
        bills = [each for each in self.bills.of_order(order_id) if each.stage != VOID]
        return bool(bills or self.receives.register.holders("order_id", order_id))

    def _settle(self, vendor_id: str) -> None:
        books = (self.orders.register, self.bills.register)
        has = any(book.holders("vendor_id", vendor_id) for book in books)
        self.ground.settle_party(vendor_id, has_documents=has)
