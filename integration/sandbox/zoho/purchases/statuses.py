"""The statuses of a purchase order: what people decided and what receives and bills did, in one table."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from integration.sandbox.switches import Switches

DRAFT, ISSUED, CANCELLED, CLOSED = "draft", "issued", "cancelled", "closed"
_NONE = Decimal(0)


class Progress(NamedTuple):
    """How much of a line has come in and how much of it was billed.

    `on_receives` and `on_bills` are on such documents whether they count yet or not.
    """

    received: Decimal = _NONE
    billed: Decimal = _NONE
    on_receives: Decimal = _NONE
    on_bills: Decimal = _NONE

    @property
    def touched(self) -> Decimal:
        """What the line may not fall below."""
        return max(self)


class Counted(NamedTuple):
    """A line as the table sees it; `goods` is false for a service, which never comes in at the door."""

    quantity: Decimal
    progress: Progress = Progress()
    goods: bool = True


class Statuses(NamedTuple):
    """The four that an answer tells; an empty text where nothing can be said yet."""

    status: str
    order_status: str
    received_status: str = ""
    billed_status: str = ""


def statuses_of(stage: str, lines: Iterable[Counted], switches: Switches) -> Statuses:
    """Everything that follows from the stage a person put the order in and from what came after."""
    if stage != ISSUED:
        return Statuses(stage, stage)
    counted = list(lines)
    goods = [line for line in counted if line.goods]
    received = _degree([(line.quantity, line.progress.received) for line in goods], "received")
    billed = _degree([(line.quantity, line.progress.billed) for line in counted], "billed")
    done = billed == "billed" and (received == "received" or not goods)
    headline = ISSUED if received == "to_be_received" else received
    if billed == "billed" and switches.zoho_purchase_headline == "billed":
        headline = "billed"
    return Statuses(headline, CLOSED if done else ISSUED, received, billed)


def _degree(pairs: list[tuple[Decimal, Decimal]], word: str) -> str:
    if not any(done for _, done in pairs):
        return f"to_be_{word}"
    return word if all(done >= quantity for quantity, done in pairs) else f"partially_{word}"
