"""Every sales order of the organisation: writing, deleting, and what other documents do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.lines import clean_lines, without_lines
from integration.sandbox.zoho.documents.naming import Named
from integration.sandbox.zoho.documents.party_terms import addresses_after, party_terms
from integration.sandbox.zoho.documents.record import NOTHING
from integration.sandbox.zoho.documents.remembered import Remembered
from integration.sandbox.zoho.documents.trade_book import TradeBook
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.order_fields import ORDER_FIELDS
from integration.sandbox.zoho.sales.order_rules import check_editable, check_lines
from integration.sandbox.zoho.sales.statuses import (
    CONFIRMED,
    DRAFT,
    Counted,
    Money,
    Progress,
    Statuses,
    statuses_of,
)

ENTITY, LABEL = "salesorder", "Sales Order"


class OrderBook(TradeBook[SalesOrder]):
    """Orders by id, number, customer and item; every change keeps the stock ledger and the customer true."""

    entity, label, number_key, party = ENTITY, LABEL, "salesorder_number", "customer"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground, SalesOrder, "SO-")
        self.methods, self.people = Named(ground.premises.next_id), Named(ground.premises.next_id)
        self._statuses = Remembered(self._worked_out)
        # Filled by whoever knows the documents that show the order's number.
        self.renumbered: Callable[[str], None] = lambda _: None

    # Reading

    def statuses(self, order: SalesOrder) -> Statuses:
        """The five statuses."""
        return self._statuses.of(order)

    # Changing

    def update(
        self, order_id: str, body: Mapping[str, Any], source: str, *, own_number: bool = False
    ) -> SalesOrder:
        """Change what the body names; `line_items` are the whole new list where it names them.

        :raises ApiError: the order is locked, or what the body says is wrong
        """
        number = self.get(order_id).number
        changed = super().update(order_id, body, source, own_number=own_number)
        if changed.number != number:
            self.renumbered(order_id)
        return changed

    def delete(self, order_id: str, source: str) -> None:
        """The order goes for good. :raises ApiError: packages, shipments or invoices were made from it."""
        order = self.check_deletable(order_id)
        self._removed(order, source)
        self.settle(order.customer_id)

    def progressed(self, order_id: str, progress: Mapping[str, Progress], money: Money, source: str) -> None:
        """Packages, shipments, invoices or purchases of the order are now like this."""
        order = self.register.find(order_id)
        if order is not None:
            amounts = {"invoiced": money.invoiced, "balance": money.balance}
            self._followed(order, source, progress=progress or NOTHING, **amounts)

    # Keeping

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {**super().dump(), "methods": self.methods.dump(), "people": self.people.dump()}

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump; the stock ledger keeps its own."""
        self._statuses.clear()
        super().load(state)
        self.methods.load(state.get("methods", {}))
        self.people.load(state.get("people", {}))

    def _check_editable(self, order: SalesOrder) -> None:
        check_editable(order, self.statuses(order), self._switches)

    def _worked_out(self, order: SalesOrder) -> Statuses:
        counted = (
            Counted(line.quantity, order.of(line), self._ground.is_goods(line.item_id))
            for line in order.lines
        )
        return statuses_of(order.stage, counted, order.money, self._switches)

    def _written(self, order: SalesOrder, body: Mapping[str, Any]) -> SalesOrder:
        own, rest = ORDER_FIELDS.clean(body, self._switches)
        order = self._for_customer(order, body)
        location_id = self._ground.location_after(order.location_id, body)
        draft = order.changed(**own, location_id=location_id, values={**order.values, **self._people(rest)})
        if "line_items" in body:
            rules = self._ground.rules(draft.exchange_rate, location_id)
            lines = clean_lines(body["line_items"], order.lines, rules)
            check_lines(order, lines, self._switches)
            draft = draft.changed(lines=lines)
        return self._priced(self._customised(draft, body))

    def _for_customer(self, order: SalesOrder, body: Mapping[str, Any]) -> SalesOrder:
        """Everything that the contact has a say in: currency, addresses, persons."""
        terms = party_terms(self._ground, order, "customer", body)
        keys = ("billing_address", "shipping_address")
        return order.changed(**terms.values, **addresses_after(terms, order, keys, body, self._ground))

    def _people(self, rest: dict[str, Any]) -> dict[str, Any]:
        """Delivery methods and salespersons exist once they are named; an id must be one of those."""
        self.methods.id_of(rest.get("delivery_method", ""))
        if rest.get("salesperson_name"):
            rest["salesperson_id"] = self.people.id_of(rest["salesperson_name"])
        elif rest.get("salesperson_id"):
            name = self.people.name_of(rest["salesperson_id"])
            if name is None:
                raise faults.invalid_value("salesperson_id")
            rest["salesperson_name"] = name
        return rest

    def store(self, order: SalesOrder, source: str, *, at_once: bool = False) -> None:  # noqa: ARG002
        before = self.register.find(order.record_id)
        self.register.put(order, at_once=at_once)
        self._settle_stock(order, before)
        if before is None or before.customer_id != order.customer_id:
            self.settle(order.customer_id)
            if before is not None:
                self.settle(before.customer_id)

    def _settle_stock(self, order: SalesOrder, before: SalesOrder | None) -> None:
        stock, order_id = self._ground.stock, order.record_id
        stock.mention(order_id, {line.item_id for line in order.lines})
        if order.stage != CONFIRMED:
            if before is not None and before.stage != DRAFT:
                stock.release(order_id)
            return
        for line in without_lines(before.lines, order.lines) if before is not None else ():
            stock.commit(order_id, line.line_item_id, line.item_id, line.location_id, 0, 0)
        for line in order.lines:
            if self._ground.is_tracked(line.item_id):
                done = order.of(line)
                uninvoiced = line.quantity - done.invoiced
                unshipped = line.quantity - done.shipped - done.dropshipped
                stock.commit(
                    order_id, line.line_item_id, line.item_id, line.location_id, float(uninvoiced),
                    float(max(unshipped, Decimal(0))),
                )  # fmt: skip
