"""Every sales order of the organisation: writing, deleting, and what other documents do to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents.addresses import address_of
from integration.sandbox.zoho.documents.lines import clean_lines
from integration.sandbox.zoho.documents.money import PricedLine, Totals, totals_of
from integration.sandbox.zoho.documents.naming import Named
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.parties import check_party, currency_of, party_id, persons_of
from integration.sandbox.zoho.register import Mark, Register
from integration.sandbox.zoho.sales import refusals
from integration.sandbox.zoho.sales.ground import Ground
from integration.sandbox.zoho.sales.order import NOTHING, SalesOrder
from integration.sandbox.zoho.sales.order_fields import clean_order
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


class OrderBook:
    """Orders by id, number, customer and item; every change keeps the stock ledger and the customer true."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._switches = ground, ground.switches
        self._custom = ground.premises.fields[ENTITY]
        self.register: Register[SalesOrder] = Register(ground.premises, LABEL, self._marks)
        self.numbers = Numbering("salesorder_number", "SO-", 5, ground.switches)
        self.methods, self.people = Named(ground.premises.next_id), Named(ground.premises.next_id)
        self._statuses: dict[str, tuple[SalesOrder, Statuses]] = {}
        self._combinations: dict[Statuses, Statuses] = {}
        # Filled by whoever knows the other documents: those made from an order, those of a customer, and
        # those that show the order's number.
        self.made_from: Callable[[str], bool] = lambda _: False
        self.settle: Callable[[str], None] = lambda _: None
        self.renumbered: Callable[[str], None] = lambda _: None

    # Reading

    def get(self, order_id: str) -> SalesOrder:
        """The order. :raises ApiError: 404, there is none."""
        return self.register.get(order_id)

    def statuses(self, order: SalesOrder) -> Statuses:
        """The five statuses; they are worked out once for each version of an order."""
        known = self._statuses.get(order.record_id)
        if known is not None and known[0] is order:
            return known[1]
        counted = (
            Counted(line.quantity, order.of(line), self._ground.is_goods(line.item_id))
            for line in order.lines
        )
        found = statuses_of(order.stage, counted, order.money, self._switches)
        # There are few different ones, and many orders.
        found = self._combinations.setdefault(found, found)
        self._statuses[order.record_id] = (order, found)
        return found

    def totals(self, order: SalesOrder) -> Totals:
        """The order's amounts."""
        rate = self._ground.taxes.rate
        lines = [
            PricedLine(line.quantity, line.rate, line.discount, rate(line.tax_id) if line.tax_id else None)
            for line in order.lines
        ]
        return totals_of(lines, order.terms(*self._ground.decimals(order.currency_id)))

    def holder(self, key: str, value: str) -> str | None:
        """Id of the order that holds the value, as it is compared, in a unique custom field."""
        return next(iter(self.register.holders(key, value)), None)

    # Changing

    def create(
        self,
        body: Mapping[str, Any],
        source: str,
        *,
        own_number: bool = False,
        at: int | None = None,
        stage: str = DRAFT,
    ) -> SalesOrder:
        """A new draft; `at` (seconds since 1970) puts it into the past and says nothing to anybody.

        Only one from the past begins in another stage.

        :raises ApiError: no customer or lines, or anything else about them that is wrong
        """
        premises = self._ground.premises
        contact = check_party(
            self._ground.contacts.find(party_id("customer_id", body)), "customer", self._switches
        )
        if "line_items" not in body:
            raise faults.missing_value("line_items")
        now = premises.now() if at is None else at
        blank = SalesOrder(
            premises.next_id(), now, now, source, "", contact.contact_id,
            self._ground.currency_of(contact).currency_id, self._ground.today(at), (),
            stage=stage, tax_rounding=self._switches.zoho_tax_rounding,
        )  # fmt: skip
        draft = self._written(blank, body)
        self._custom.require_mandatory(draft.custom)
        number = self.numbers.first(body.get("salesorder_number"), own=own_number, taken=self._taken)
        order = draft.changed(number=number)
        self._store(order, at_once=at is not None)
        if at is None:
            self._ground.announce("add", source, ENTITY, order.record_id)
        return order

    def update(
        self, order_id: str, body: Mapping[str, Any], source: str, *, own_number: bool = False
    ) -> SalesOrder:
        """Change what the body names; `line_items` are the whole new list where it names them.

        :raises ApiError: the order is locked, or what the body says is wrong
        """
        order = self.get(order_id)
        check_editable(order, self.statuses(order), self._switches)
        draft = self._written(order, body)
        if "salesorder_number" in body:
            number = self.numbers.changed(
                order.number, body["salesorder_number"], own=own_number, taken=self._taken
            )
            draft = draft.changed(number=number)
        changed = self.touch(draft, source)
        if changed.number != order.number:
            self.renumbered(order_id)
        return changed

    def delete(self, order_id: str, source: str) -> None:
        """The order goes for good. :raises ApiError: packages, shipments or invoices were made from it."""
        order = self.check_deletable(order_id)
        self.register.remove(order.changed(deleted=True))
        self._ground.stock.reverse(order_id)
        self.settle(order.customer_id)
        self._ground.announce("delete", source, ENTITY, order_id)

    def check_deletable(self, order_id: str) -> SalesOrder:
        """The order, if nothing was made from it. :raises ApiError: there is none, or something was."""
        order = self.get(order_id)
        if self.made_from(order_id):
            raise refusals.has_documents(LABEL, self._switches)
        return order

    def progressed(self, order_id: str, progress: Mapping[str, Progress], money: Money, source: str) -> None:
        """Packages, shipments, invoices or purchases of the order are now like this."""
        order = self.register.find(order_id)
        if order is None or (order.progress == progress and order.money == money):
            return
        modified = order.modified
        if self._switches.zoho_progress_touches_order:
            modified = self._ground.premises.now()
        changed = order.changed(
            progress=progress or NOTHING, invoiced=money.invoiced, balance=money.balance, modified=modified
        )
        self._store(changed)
        if self._switches.zoho_webhook_order_progress:
            self._ground.announce("edit", source, ENTITY, order_id)

    def touch(self, order: SalesOrder, source: str, *, fires: bool = True) -> SalesOrder:
        """Store a changed order as of now and tell of it."""
        changed = order.changed(modified=self._ground.premises.now())
        self._store(changed)
        if fires:
            self._ground.announce("edit", source, ENTITY, order.record_id)
        return changed

    # Keeping

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        orders = (*self.register.all(), *self.register.all(deleted=True))
        return {
            "orders": [order.dump() for order in orders],
            "last_number": self.numbers.last,
            "methods": self.methods.dump(),
            "people": self.people.dump(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump; the stock ledger keeps its own."""
        self._statuses.clear()
        self.register.restore(SalesOrder.load(row) for row in state["orders"])
        self.numbers.last = state["last_number"]
        self.methods.load(state["methods"])
        self.people.load(state["people"])

    def clear(self) -> None:
        """No orders; numbers begin again, ids do not."""
        self.load({"orders": [], "last_number": 0, "methods": {}, "people": {}})

    def _written(self, order: SalesOrder, body: Mapping[str, Any]) -> SalesOrder:
        own, rest = clean_order(body, self._switches)
        order = self._for_customer(order, body)
        location_id = order.location_id or self._ground.places.named({}).location_id
        if body.get("location_id") or body.get("warehouse_id"):
            location_id = self._ground.places.named(body).location_id
        draft = order.changed(**own, location_id=location_id, values={**order.values, **self._people(rest)})
        if "line_items" in body:
            rules = self._ground.rules(draft.exchange_rate, location_id)
            lines = clean_lines(body["line_items"], order.lines, rules)
            check_lines(order, lines, self._switches)
            draft = draft.changed(lines=lines)
        if "custom_fields" in body:
            draft = draft.changed(custom=self._custom.merged(body["custom_fields"], order.custom))
        self._check_unique(draft)
        totals = self.totals(draft)
        if totals.total < 0:
            raise faults.invalid_value("discount" if draft.discount else "adjustment")
        return draft.changed(total=totals.total)

    def _for_customer(self, order: SalesOrder, body: Mapping[str, Any]) -> SalesOrder:
        """Everything that the contact has a say in: currency, addresses, persons."""
        contacts = self._ground.contacts
        wanted = party_id("customer_id", body) if "customer_id" in body else order.customer_id
        contact = contacts.ever(order.customer_id)
        renewed = not order.number or wanted != order.customer_id
        if renewed:
            contact = check_party(contacts.find(wanted), "customer", self._switches)
        if wanted != order.customer_id and order.progress:
            raise faults.invalid_value("customer_id")
        assert contact is not None
        currency = self._ground.currency_of(contact) if renewed else self._ground.currency(order.currency_id)
        known = (contact.billing_address, contact.shipping_address)
        addresses = {
            key: address_of(key, body, known, default if renewed else getattr(order, key), self._switches)
            for key, default in zip(("billing_address", "shipping_address"), known, strict=True)
        }
        return order.changed(
            customer_id=contact.contact_id,
            currency_id=currency.currency_id,
            exchange_rate=currency_of(body, currency, None if renewed else order.exchange_rate),
            persons=persons_of(body, contact, () if renewed else order.persons),
            **addresses,
        )

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

    def _check_unique(self, draft: SalesOrder) -> None:
        for definition, value in self._custom.unique_marks(draft.custom):
            holders: Iterable[str] = self.register.holders(definition.api_name, value)
            if any(record_id != draft.record_id for record_id in holders):
                raise faults.custom_value_taken(definition.label, self._switches)

    def _taken(self, number: str) -> bool:
        return bool(self.register.holders("number", number.casefold()))

    def _store(self, order: SalesOrder, *, at_once: bool = False) -> None:
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
        kept = {line.line_item_id for line in order.lines}
        for line in before.lines if before is not None else ():
            if line.line_item_id not in kept:
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

    def _marks(self, order: SalesOrder) -> Iterable[Mark]:
        yield "number", order.number.casefold()
        yield "customer_id", order.customer_id
        statuses = self.statuses(order)
        yield "status", statuses.status
        yield "order_status", statuses.order_status
        if order.values.get("reference_number"):
            yield "reference_number", order.values["reference_number"].casefold()
        for item_id in {line.item_id for line in order.lines}:
            yield "item_id", item_id
        for definition, value in self._custom.unique_marks(order.custom):
            yield definition.api_name, value
