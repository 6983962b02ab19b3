"""Bills: what is owed to vendors, with the accounting stock that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.book import PricedBook
from integration.sandbox.zoho.documents.due import due_date
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.lines import Line, clean_lines
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.parties import check_party, currency_of, party_id
from integration.sandbox.zoho.documents.taken_over import PURCHASE, left_over, priced_as_ordered, take
from integration.sandbox.zoho.fields import clean_list
from integration.sandbox.zoho.purchases.order_fields import BILL_FIELDS
from integration.sandbox.zoho.purchases.order_rules import check_issued
from integration.sandbox.zoho.purchases.purchase_book import PurchaseBook
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.receive import VOID, Bill
from integration.sandbox.zoho.register import Mark

_INHERITED = ("discount_type", "is_discount_before_tax", "is_inclusive_tax", "exchange_rate", "tax_rounding")
# Amounts of an order as a whole go with its first bill.
_ONCE = ("discount", "shipping_charge", "adjustment")


class BillBook(PricedBook[Bill]):
    """Bills by id, number, vendor and purchase orders; their numbers are the vendors' own."""

    entity, label, number_key = "bill", "Bill", "bill_number"

    def __init__(self, ground: Ground, orders: PurchaseBook, refresh: Callable[..., None]) -> None:
        super().__init__(ground, Bill, Numbering(self.number_key, "", 1, ground.switches))
        self._orders, self._refresh = orders, refresh
        self.settle: Callable[[str], None] = lambda _: None

    def unbilled(self, order: PurchaseOrder) -> dict[str, Decimal]:
        """What is left to bill, by line id: drafts have their part, too."""
        return {line.line_item_id: line.quantity - order.of(line).on_bills for line in order.lines}

    def create(self, body: Mapping[str, Any], source: str, order_ids: Iterable[str] = ()) -> Bill:
        """A new bill, of the purchase orders where some are named: of what is left where it has no lines.

        :raises ApiError: an order is not issued, of another vendor or billed, or the body is wrong
        """
        named = clean_list("purchaseorder_ids", body.get("purchaseorder_ids") or [])
        orders = [self._orders.get(each) for each in dict.fromkeys([*order_ids, *map(str, named)])]
        for order in orders:
            check_issued(order, "billed", self._switches)
        draft = self._written(self._blank(body, source, orders), body, orders)
        return self._added(draft, body, source, own=True)

    def set_stage(self, bill_id: str, stage: str, source: str) -> Bill:
        """Open, or void. :raises ApiError: it is that already, or its orders have less left by now."""
        bill = self.get(bill_id)
        if bill.stage == stage:
            raise refusals.wrong_status(self.label, stage, f"marked as {stage}", self._switches)
        if bill.stage == VOID:
            self._take(bill.lines, [self._orders.get(each) for each in bill.order_ids])
        return self.touch(bill.changed(stage=stage), source)

    def delete(self, bill_id: str, source: str) -> None:
        """The bill goes for good."""
        bill = self.get(bill_id)
        self._removed(bill, source)
        self._told(bill, source)

    def store(self, bill: Bill, source: str, *, at_once: bool = False) -> None:
        self.register.put(bill, at_once=at_once)
        counts = bill.counts(drafts=self._switches.zoho_draft_invoice_counts)
        self._ground.settle_stock(bill, self._ground.stock.bill, counts=counts)
        self._told(bill, source)

    def marks(self, bill: Bill) -> Iterable[Mark]:
        yield from super().marks(bill)
        yield "vendor_id", bill.vendor_id
        for order_id in bill.order_ids:
            yield "order_id", order_id

    def _told(self, bill: Bill, source: str) -> None:
        self.settle(bill.vendor_id)
        for order_id in bill.order_ids:
            self._refresh(order_id, source)

    def _blank(self, body: Mapping[str, Any], source: str, orders: list[PurchaseOrder]) -> Bill:
        ground, premises, now = self._ground, self._ground.premises, self._ground.premises.now()
        vendors = {order.vendor_id for order in orders}
        vendor_id = party_id("vendor_id", {"vendor_id": next(iter(vendors), ""), **body})
        if vendors - {vendor_id}:
            raise faults.invalid_value("vendor_id")
        contact = ground.party(vendor_id) if orders else ground.contacts.find(vendor_id)
        if not orders or contact is None:
            contact = check_party(contact, "vendor", self._switches)
        currency = ground.currency_of(contact)
        first = orders[0] if orders else None
        rate = currency_of(body, currency, first.exchange_rate if first else None)
        blank = Bill(
            premises.next_id(), now, now, source, "", vendor_id, ground.today(),
            order_ids=tuple(order.record_id for order in orders), stage=self._switches.zoho_bill_begins,
            currency_id=first.currency_id if first else currency.currency_id,
            tax_rounding=self._switches.zoho_tax_rounding,
        )  # fmt: skip
        taken = {key: getattr(first, key) for key in _INHERITED} if first else {}
        if first is not None and len(orders) == 1:
            once = _ONCE if not self.of_order(first.record_id) else ()
            taken |= {key: getattr(first, key) for key in once}
            if first.discount.percent:
                taken["discount"] = first.discount
        return blank.changed(**{**taken, "exchange_rate": rate})

    def _written(self, bill: Bill, body: Mapping[str, Any], orders: list[PurchaseOrder]) -> Bill:
        own, rest = BILL_FIELDS.clean(body, self._switches)
        draft = bill.changed(**own, values=rest)
        draft = draft.changed(due_date=due_date(draft.date, body), lines=self._lines(draft, body, orders))
        draft = self._customised(draft, body)
        self._custom.require_mandatory(draft.custom)
        return self._priced(draft)

    def _lines(self, bill: Bill, body: Mapping[str, Any], orders: list[PurchaseOrder]) -> tuple[Line, ...]:
        ground = self._ground
        ordered = {line.line_item_id: line for order in orders for line in order.lines}
        if orders and not body.get("line_items"):
            left = {key: quantity for order in orders for key, quantity in self.unbilled(order).items()}
            lines = left_over(PURCHASE, ordered.values(), left, ground.premises.next_id)
            if not lines:
                raise refusals.too_much(orders[0].number, "billed", self._switches)
            return lines
        location_id = ground.location_after(orders[0].location_id if orders else "", body)
        sent = priced_as_ordered(PURCHASE, body.get("line_items"), ordered, ground.places.shown)
        lines = clean_lines(sent, (), ground.rules(bill.exchange_rate, location_id, buying=True))
        self._take(lines, orders)
        return lines

    def _take(self, lines: Iterable[Line], orders: list[PurchaseOrder]) -> None:
        ordered = {line.line_item_id: line for order in orders for line in order.lines}
        left = {key: quantity for order in orders for key, quantity in self.unbilled(order).items()}
        for line in lines:
            self._orders.accounts.check(line.account_id, "account_id")
            take(PURCHASE, line, ordered, left, "billed", self._switches)

    def _taken(self, draft: Bill) -> Callable[[str], bool]:
        def taken(number: str) -> bool:
            found = self.register.holders("number", number.casefold())
            same = any(self.get(each).vendor_id == draft.vendor_id for each in found)
            return same and self._switches.zoho_bill_number_unique

        return taken
