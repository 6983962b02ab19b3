"""The statuses of a sales order: what people decided and what other documents did, in one table."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from integration.sandbox.switches import Switches

DRAFT, CONFIRMED, VOID = "draft", "confirmed", "void"
_NONE = Decimal(0)


class Progress(NamedTuple):
    """How much of a line other documents have taken care of.

    `on_invoices` is on invoices whether they count yet or not, `invoiced` on those that do.
    """

    packed: Decimal = _NONE
    shipped: Decimal = _NONE
    delivered: Decimal = _NONE
    invoiced: Decimal = _NONE
    on_invoices: Decimal = _NONE
    backordered: Decimal = _NONE
    dropshipped: Decimal = _NONE

    @property
    def touched(self) -> Decimal:
        """What the line may not fall below."""
        return max(self)


class Counted(NamedTuple):
    """A line as the table sees it; `goods` is false for a service, which nobody ships."""

    quantity: Decimal
    progress: Progress = Progress()
    goods: bool = True


class Money(NamedTuple):
    """What is invoiced of an order and what of that is still to be paid."""

    invoiced: Decimal = _NONE
    balance: Decimal = _NONE


class Statuses(NamedTuple):
    """The five that an answer tells; an empty text where nothing can be said yet."""

    status: str
    order_status: str
    invoiced_status: str = ""
    paid_status: str = ""
    shipped_status: str = ""


def statuses_of(stage: str, lines: Iterable[Counted], money: Money, switches: Switches) -> Statuses:
    """Everything that follows from the stage a person put the order in and from what came after."""
    if stage == VOID:
        return Statuses(VOID, switches.zoho_void_order_status)
    if stage != CONFIRMED:
        return Statuses(stage, stage)
    counted = list(lines)
    invoiced, shipped = _invoiced(counted), _shipped([line for line in counted if line.goods])
    paid = _paid(invoiced, money)
    closed = invoiced == "invoiced" and (paid == "paid" or switches.zoho_order_closes_on == "invoiced")
    word = switches.zoho_confirmed_word
    if word == "confirmed":
        headline = word if shipped == "pending" else shipped
    else:
        headline = word if invoiced == "not_invoiced" else invoiced
    return Statuses(headline, "closed" if closed else word, invoiced, paid, shipped)


def _invoiced(lines: list[Counted]) -> str:
    if all(line.progress.invoiced >= line.quantity for line in lines):
        return "invoiced"
    return "partially_invoiced" if any(line.progress.invoiced for line in lines) else "not_invoiced"


def _shipped(goods: list[Counted]) -> str:
    if not goods or not any(line.progress.shipped or line.progress.dropshipped for line in goods):
        return "pending"
    if any(line.progress.shipped + line.progress.dropshipped < line.quantity for line in goods):
        return "partially_shipped"
    done = all(line.progress.delivered + line.progress.dropshipped >= line.quantity for line in goods)
    return "fulfilled" if done else "shipped"


def _paid(invoiced: str, money: Money) -> str:
    if invoiced != "not_invoiced" and money.balance <= 0:
        return "paid" if invoiced == "invoiced" else "partially_paid"
    return "partially_paid" if money.balance < money.invoiced else "unpaid"
