"""All documents of sale together, and what each of them means for the orders and customers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.sales.comments import Comments
from integration.sandbox.zoho.sales.invoice import VOID
from integration.sandbox.zoho.sales.invoice_book import InvoiceBook
from integration.sandbox.zoho.sales.order_book import OrderBook
from integration.sandbox.zoho.sales.order_status import OrderDesk
from integration.sandbox.zoho.sales.package_book import DELIVERED, PackageBook
from integration.sandbox.zoho.sales.payment_book import PaymentBook
from integration.sandbox.zoho.sales.shipment_book import ShipmentBook
from integration.sandbox.zoho.sales.statuses import Money, Progress

Wanted = Mapping[str, Decimal]
_NONE = Decimal(0)


class Sales:
    """Orders with their packages, shipments, invoices and payments."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.orders = OrderBook(ground)
        self.desk = OrderDesk(self.orders, ground.switches)
        self.packages = PackageBook(ground, self.orders, self.refresh)
        self.shipments = ShipmentBook(ground, self.orders, self.packages, self.refresh)
        self.invoices = InvoiceBook(ground, self.orders, self.refresh)
        self.payments = PaymentBook(ground, self.invoices)
        self.comments = Comments(ground)
        # By order, by purchase order: whether it goes straight to the customer, and how much of which line.
        self.purchases: dict[str, dict[str, tuple[bool, dict[str, Decimal]]]] = {}
        self.orders.made_from = self._made_from
        self.orders.settle = self.invoices.settle = self.payments.settle = self._settle
        self.orders.renumbered = self._renumbered
        ground.contacts.on_rename(self._renamed)
        ground.taxes.used_by(self._has_tax)
        ground.places.used_by(self._lies_at)

    def refresh(self, order_id: str, source: str) -> None:
        """Count anew what other documents have done to the lines of the order."""
        if self.orders.register.find(order_id) is not None:
            self.orders.progressed(order_id, self._progress(order_id), self._money(order_id), source)

    def link_purchase(
        self, order_id: str, purchase_id: str, quantities: Wanted, source: str, *, is_drop_shipment: bool
    ) -> None:
        """A purchase order buys so much for these lines (by line id); nothing where it is gone or cancelled.

        :raises ApiError: there is no such order
        """
        self.orders.get(order_id)
        links = self.purchases.setdefault(order_id, {})
        links.pop(purchase_id, None)
        if quantities:
            links[purchase_id] = (is_drop_shipment, dict(quantities))
        if not links:
            del self.purchases[order_id]
        self.refresh(order_id, source)

    def dump_purchases(self) -> list[Any]:
        """The links to purchase orders as JSON."""
        return [
            [order_id, purchase_id, straight, {line: str(quantity) for line, quantity in wanted.items()}]
            for order_id, links in self.purchases.items()
            for purchase_id, (straight, wanted) in links.items()
        ]

    def load_purchases(self, rows: list[Any]) -> None:
        """From a dump."""
        self.purchases = {}
        for order_id, purchase_id, straight, wanted in rows:
            quantities = {line: Decimal(text) for line, text in wanted.items()}
            self.purchases.setdefault(order_id, {})[purchase_id] = (straight, quantities)

    def _renamed(self, customer_id: str) -> None:
        for register in (self.orders.register, self.packages.register, self.invoices.register):
            register.reindex(register.holders("customer_id", customer_id))

    def _has_tax(self, tax_ids: Collection[str]) -> bool:
        orders = (order.lines for order in self.orders.register.all())
        invoices = (invoice.lines for invoice in self.invoices.register.all())
        return any(line.tax_id in tax_ids for lines in chain(orders, invoices) for line in lines)

    def _lies_at(self, location_id: str) -> bool:
        return any(
            location_id in (order.location_id, *(line.location_id for line in order.lines))
            for order in self.orders.register.all()
        )

    def _renumbered(self, order_id: str) -> None:
        self.packages.register.reindex(self.packages.register.holders("order_id", order_id))

    def _progress(self, order_id: str) -> dict[str, Progress]:
        found: dict[str, Progress] = {}

        def add(line_id: str, **more: Decimal) -> None:
            before = found.get(line_id, Progress())
            found[line_id] = before._replace(
                **{key: getattr(before, key) + quantity for key, quantity in more.items()}
            )

        for package in self.packages.of_order(order_id):
            for packed in package.packed:
                shipped = packed.quantity if package.shipment_id else _NONE
                delivered = packed.quantity if package.status == DELIVERED else _NONE
                add(packed.order_line_id, packed=packed.quantity, shipped=shipped, delivered=delivered)
        drafts = self.ground.switches.zoho_draft_invoice_counts
        for invoice in self.invoices.of_order(order_id):
            for line in invoice.lines if invoice.stage != VOID else ():
                if line.salesorder_item_id:
                    counted = line.quantity if invoice.counts(drafts=drafts) else _NONE
                    add(line.salesorder_item_id, invoiced=counted, on_invoices=line.quantity)
        for straight, wanted in self.purchases.get(order_id, {}).values():
            for line_id, quantity in wanted.items():
                add(line_id, **{"dropshipped" if straight else "backordered": quantity})
        return found

    def _money(self, order_id: str) -> Money:
        drafts = self.ground.switches.zoho_draft_invoice_counts
        counted = [each for each in self.invoices.of_order(order_id) if each.counts(drafts=drafts)]
        return Money(
            sum((each.total for each in counted), _NONE), sum((each.balance for each in counted), _NONE)
        )

    def _made_from(self, order_id: str) -> bool:
        invoices = [each for each in self.invoices.of_order(order_id) if each.stage != VOID]
        packages = self.packages.register.holders("order_id", order_id)
        return bool(packages or invoices or self.purchases.get(order_id))

    def _settle(self, customer_id: str) -> None:
        books = (self.orders.register, self.invoices.register, self.payments.register)
        has = any(book.holders("customer_id", customer_id) for book in books)
        self.ground.settle_party(customer_id, has_documents=has)
