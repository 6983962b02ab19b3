"""Whatever people do to orders, and in whatever order: ledgers, quantities and statuses agree afterwards."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from integration.sandbox.switches import Switches, assigned
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.profile import Limits, make_profile
from tests.contract.sandbox_zoho.trading import HandClock

STOCK = 1000.0


class Walk:
    """A person without a plan, in an organisation with two items."""

    def __init__(self, seed: int, **switches: str) -> None:
        found = assigned(Switches(), switches)
        self.org, self.chance = ZohoOrg(make_profile(7, Limits()), found, HandClock(), 7), random.Random(seed)
        self.sales = self.org.sales
        self.customer_id = self.org.contacts.create({"contact_name": "Muster"}, "api").contact_id
        stock = {"initial_stock": STOCK, "initial_stock_rate": 4, "item_type": "inventory"}
        self.items = [
            self.org.items.create({"name": name, "rate": 10, **stock}, "api").record_id
            for name in ("Lamp", "Desk")
        ]
        self.steps = [
            self.write, self.edit, self.confirm, self.confirm, self.void, self.pack, self.repack, self.unpack, self.ship, self.unship,
            self.deliver, self.unship, self.invoice, self.send, self.drop_invoice, self.pay, self.refund,
        ]  # fmt: skip

    def step(self) -> str:
        """Something; answers what it was, empty where it was refused or there was nothing to do it to."""
        chosen = self.chance.choice(self.steps)
        try:
            chosen()
        except (ApiError, IndexError):
            return ""
        return chosen.__name__

    def order(self) -> str:
        return self.any(self.sales.orders)

    def any(self, book: object) -> str:
        ids = [record.record_id for record in book.register.all()]  # type: ignore[attr-defined]
        found: str = self.chance.choice(ids)
        return found

    def write(self) -> None:
        if len(self.sales.orders.register) < 8:
            lines = [{"item_id": item, "quantity": 4} for item in self.items]
            self.sales.orders.create({"customer_id": self.customer_id, "line_items": lines}, "user")

    def edit(self) -> None:
        order = self.sales.orders.get(self.order())
        lines = [
            {"line_item_id": line.line_item_id, "quantity": self.chance.randint(1, 6)}
            for line in order.lines
            if self.chance.random() < 0.9
        ]
        if self.chance.random() < 0.3:
            lines.append({"item_id": self.chance.choice(self.items), "quantity": 2})
        self.sales.orders.update(order.record_id, {"line_items": lines}, "user")

    def confirm(self) -> None:
        self.sales.desk.confirm(self.order(), "user")

    def void(self) -> None:
        if self.chance.random() < 0.2:
            self.sales.desk.void(self.order(), "user")

    def pack(self) -> None:
        order = self.sales.orders.get(self.order())
        line = self.chance.choice(order.lines)
        lines = [{"so_line_item_id": line.line_item_id, "quantity": self.chance.randint(1, 3)}]
        self.sales.packages.create(order.record_id, {"line_items": lines}, "user")

    def repack(self) -> None:
        package = self.sales.packages.get(self.any(self.sales.packages))
        lines = [
            {"line_item_id": line.line_item_id, "quantity": self.chance.randint(1, 4)}
            for line in package.packed
        ]
        self.sales.packages.update(package.record_id, {"line_items": lines}, "user")

    def unpack(self) -> None:
        self.sales.packages.delete(self.any(self.sales.packages), "user")

    def ship(self) -> None:
        package = self.sales.packages.get(self.any(self.sales.packages))
        body = {"delivery_method": "Rail"}
        self.sales.shipments.create(package.order_id, [package.record_id], body, "user")

    def unship(self) -> None:
        self.sales.shipments.delete(self.any(self.sales.shipments), "user")

    def deliver(self) -> None:
        self.sales.shipments.deliver(self.any(self.sales.shipments), "user")

    def invoice(self) -> None:
        order = self.sales.orders.get(self.order())
        line = self.chance.choice(order.lines)
        lines = [{"salesorder_item_id": line.line_item_id, "quantity": self.chance.randint(1, 3)}]
        body = {"line_items": lines} if self.chance.random() < 0.8 else {}
        self.sales.invoices.create(body, "user", order_id=order.record_id)

    def send(self) -> None:
        stage = "void" if self.chance.random() < 0.2 else "sent"
        self.sales.invoices.set_stage(self.any(self.sales.invoices), stage, "user")

    def drop_invoice(self) -> None:
        self.sales.invoices.delete(self.any(self.sales.invoices), "user")

    def pay(self) -> None:
        invoice = self.sales.invoices.get(self.any(self.sales.invoices))
        share = {
            "invoice_id": invoice.record_id,
            "amount_applied": self.chance.choice((5, float(invoice.balance))),
        }
        body = {"customer_id": invoice.customer_id, "amount": 500, "invoices": [share]}
        self.sales.payments.create(body, "user")

    def refund(self) -> None:
        self.sales.payments.delete(self.any(self.sales.payments), "user")

    def check(self) -> None:
        """Count everything from the documents themselves."""
        shipped, sold = self.shipped(), self.sold()
        unshipped, uninvoiced = dict.fromkeys(self.items, 0.0), dict.fromkeys(self.items, 0.0)
        for order in self.sales.orders.register.all():
            assert set(order.progress) <= {line.line_item_id for line in order.lines}
            for line in order.lines:
                done = order.of(line)
                assert line.quantity >= done.packed >= done.shipped >= done.delivered >= 0
                assert line.quantity >= done.invoiced >= 0
                if order.stage == "confirmed":
                    unshipped[line.item_id] += float(line.quantity - done.shipped)
                    uninvoiced[line.item_id] += float(line.quantity - done.invoiced)
        for item in self.items:
            level = self.org.stock.total(item)
            expected = (STOCK - sold[item], STOCK - shipped[item], uninvoiced[item], unshipped[item])
            assert tuple(level[1:]) == expected

    def shipped(self) -> dict[str, float]:
        """What lies in packages that have left."""
        found = dict.fromkeys(self.items, 0.0)
        for package in self.sales.packages.register.all():
            order = self.sales.orders.get(package.order_id)
            for packed in package.packed if package.shipment_id else ():
                line = order.line(packed.order_line_id)
                assert line is not None
                found[line.item_id] += float(packed.quantity)
        return found

    def sold(self) -> dict[str, float]:
        """What stands on invoices that count."""
        found = dict.fromkeys(self.items, 0.0)
        drafts = self.org.switches.zoho_draft_invoice_counts
        for invoice in self.sales.invoices.register.all():
            for line in invoice.lines if invoice.counts(drafts=drafts) else ():
                found[line.item_id] += float(line.quantity)
        return found


@pytest.mark.parametrize("drafts_count", ["true", "false"])
def test_ledgers_and_quantities_follow_from_the_documents(drafts_count: str) -> None:
    taken: Counter[str] = Counter()
    for seed in range(5):
        walk = Walk(seed, zoho_draft_invoice_counts=drafts_count)
        for _ in range(250):
            taken[walk.step()] += 1
            walk.check()
    # A walk that gets nowhere proves nothing.
    assert {name: count for name, count in taken.items() if count < 3} == {}
    assert set(taken) == {"", *(step.__name__ for step in walk.steps)}
