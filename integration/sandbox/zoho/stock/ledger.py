"""The two stock ledgers, per item and location, and the documents that move them.

Bills and invoices move the accounting ledger, receives and shipments the physical one, opening stock and
adjustments both. A confirmed sales order moves neither: it commits what is still to be invoiced and shipped.

A document says how things stand, not what has changed: every quantity is that of the line as a whole, so
saying it twice is saying it once, 0 takes it back, and `reverse` takes back all a document ever said.
Quantities are what the document shows, never negative but for adjustments. They keep six decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

DECIMALS = 6
_COMMIT = "commit"


class Opening(NamedTuple):
    """What lay at a location when the item was created, and the price of one piece."""

    location_id: str
    quantity: float
    rate: float


class Movement(NamedTuple):
    """What one line of a document does to one item at one location."""

    item_id: str
    location_id: str
    accounting: float = 0
    physical: float = 0
    uninvoiced: float = 0
    unshipped: float = 0

    @property
    def is_nothing(self) -> bool:
        """Whether the line moves nothing (any more)."""
        return not any(self[2:])


class Level(NamedTuple):
    """How an item stands at one location; `location_id` is empty where all are added up.

    `accounting` and `physical` are on hand in either ledger; `uninvoiced` and `unshipped` are what confirmed
    sales orders still want of them.
    """

    location_id: str
    accounting: float = 0
    physical: float = 0
    uninvoiced: float = 0
    unshipped: float = 0

    def moved(self, by: Movement, sign: int) -> Level:
        """The level after the movement, or before it with sign -1."""
        here, there = self[1:], by[2:]
        return Level(
            self.location_id, *(round(a + sign * b, DECIMALS) for a, b in zip(here, there, strict=True))
        )


class Stock:
    """Levels of every item and the movements they come from."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[str], None]] = []
        self.clear()

    def clear(self) -> None:
        """No stock, no movements; those who listen go on listening."""
        self._openings: dict[str, tuple[Opening, ...]] = {}
        # Only items that moved are in here: the others stand as they were opened.
        self._levels: dict[str, tuple[Level, ...]] = {}
        self._movements: dict[str, dict[tuple[str, str], Movement]] = {}
        self._mentions: dict[str, frozenset[str]] = {}
        self._mentioned: dict[str, set[str]] = {}

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call the listener with the id of each item whose levels a document changed."""
        self._listeners.append(listener)

    # Items

    def open(self, item_id: str, openings: Iterable[Opening]) -> None:
        """The opening stock of an item, instead of what it was before; later movements stay."""
        before = self._openings.pop(item_id, ())
        found = tuple(openings)
        if found:
            self._openings[item_id] = found
        if item_id in self._levels:
            for opening, sign in [*((each, -1) for each in before), *((each, 1) for each in found)]:
                self._apply(_opened(item_id, opening), sign)

    def openings(self, item_id: str) -> tuple[Opening, ...]:
        """The opening stock, location by location."""
        return self._openings.get(item_id, ())

    def forget(self, item_id: str) -> None:
        """The item is gone; no document names it."""
        self._openings.pop(item_id, None)
        self._levels.pop(item_id, None)

    def levels(self, item_id: str) -> tuple[Level, ...]:
        """The levels at each location where the item ever lay."""
        found = self._levels.get(item_id)
        if found is not None:
            return found
        openings = self._openings.get(item_id, ())
        return tuple(Level(each.location_id, each.quantity, each.quantity) for each in openings)

    def level(self, item_id: str, location_id: str) -> Level:
        """The level at one location."""
        for found in self.levels(item_id):
            if found.location_id == location_id:
                return found
        return Level(location_id)

    def was_at(self, item_id: str, location_id: str) -> bool:
        """Whether the item ever lay at the location."""
        found: Iterable[Level | Opening] = self._levels.get(item_id) or self._openings.get(item_id, ())
        return any(each.location_id == location_id for each in found)

    def total(self, item_id: str) -> Level:
        """The levels of all locations together."""
        found = self._levels.get(item_id)
        if found is None:
            opened = round(sum(each.quantity for each in self._openings.get(item_id, ())), DECIMALS)
            return Level("", opened, opened)
        return Level("", *(round(sum(column), DECIMALS) for column in list(zip(*found, strict=True))[1:]))

    def lies_at(self, location_id: str) -> bool:
        """Whether anything ever lay or moved at the location."""
        opened = any(each.location_id == location_id for found in self._openings.values() for each in found)
        return opened or any(
            each.location_id == location_id and any(each[1:])
            for found in self._levels.values()
            for each in found
        )

    # Documents. `line_id` is the id of the line that the document itself uses.

    def commit(
        self, order_id: str, line_id: str, item_id: str, location_id: str, uninvoiced: float, unshipped: float
    ) -> None:
        """A confirmed sales order still wants so much: of the accounting ledger, of the physical one."""
        movement = Movement(item_id, location_id, uninvoiced=uninvoiced, unshipped=unshipped)
        self._say(order_id, _COMMIT, line_id, movement)

    def release(self, order_id: str) -> None:
        """The sales order wants nothing any more: it is void, closed or a draft."""
        for kind, line_id in list(self._movements.get(order_id, ())):
            if kind == _COMMIT:
                self._take_back(order_id, kind, line_id)

    def ship(self, shipment_id: str, line_id: str, item_id: str, location_id: str, quantity: float) -> None:
        """A shipment took so much out of the house."""
        self._say(shipment_id, "ship", line_id, Movement(item_id, location_id, physical=-quantity))

    def invoice(self, invoice_id: str, line_id: str, item_id: str, location_id: str, quantity: float) -> None:
        """An invoice sold so much."""
        self._say(invoice_id, "invoice", line_id, Movement(item_id, location_id, accounting=-quantity))

    def receive(self, receive_id: str, line_id: str, item_id: str, location_id: str, quantity: float) -> None:
        """A purchase receive brought so much into the house."""
        self._say(receive_id, "receive", line_id, Movement(item_id, location_id, physical=quantity))

    def bill(self, bill_id: str, line_id: str, item_id: str, location_id: str, quantity: float) -> None:
        """A bill bought so much."""
        self._say(bill_id, "bill", line_id, Movement(item_id, location_id, accounting=quantity))

    def adjust(
        self, adjustment_id: str, line_id: str, item_id: str, location_id: str, quantity: float
    ) -> None:
        """An inventory adjustment found so much more, or with a negative number less."""
        movement = Movement(item_id, location_id, accounting=quantity, physical=quantity)
        self._say(adjustment_id, "adjust", line_id, movement)

    def reverse(self, document_id: str) -> None:
        """The document is deleted or void: whatever it moved, committed or named is taken back."""
        for kind, line_id in list(self._movements.get(document_id, ())):
            self._take_back(document_id, kind, line_id)
        self.mention(document_id, ())

    # Use in documents

    def mention(self, document_id: str, item_ids: Iterable[str]) -> None:
        """The document has lines for these items and no others, whether it moves stock or not.

        An item that is mentioned can be neither deleted nor given another product type.
        """
        before = self._mentions.pop(document_id, frozenset())
        found = frozenset(item_ids)
        if found:
            self._mentions[document_id] = found
        for item_id in found - before:
            self._mentioned.setdefault(item_id, set()).add(document_id)
        for item_id in before - found:
            self._mentioned[item_id].discard(document_id)
            if not self._mentioned[item_id]:
                del self._mentioned[item_id]

    def documents(self, item_id: str) -> list[str]:
        """Ids of the documents that have a line for the item, of whatever kind, the oldest first."""
        return sorted(self._mentioned.get(item_id, ()))

    def is_used(self, item_id: str) -> bool:
        """Whether any document has a line for the item."""
        return item_id in self._mentioned

    # Keeping

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "openings": {
                item_id: [list(each) for each in found] for item_id, found in self._openings.items()
            },
            "movements": [
                [document_id, kind, line_id, *movement]
                for document_id, lines in self._movements.items()
                for (kind, line_id), movement in lines.items()
            ],
            "mentions": {document_id: sorted(found) for document_id, found in self._mentions.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """The stock of a dump instead of the present one; nobody is told."""
        self.clear()
        for item_id, found in state["openings"].items():
            self._openings[item_id] = tuple(Opening(*each) for each in found)
        for document_id, kind, line_id, *rest in state["movements"]:
            movement = Movement(*rest)
            self._movements.setdefault(document_id, {})[kind, line_id] = movement
            self._apply(movement, 1)
        for document_id, item_ids in state["mentions"].items():
            self.mention(document_id, item_ids)

    def _say(self, document_id: str, kind: str, line_id: str, movement: Movement) -> None:
        lines = self._movements.setdefault(document_id, {})
        before = lines.get((kind, line_id))
        if before == movement:
            return
        touched = {movement.item_id}
        if before is not None:
            self._apply(before, -1)
            touched.add(before.item_id)
        if movement.is_nothing:
            lines.pop((kind, line_id), None)
            if not lines:
                del self._movements[document_id]
        else:
            lines[kind, line_id] = movement
            self._apply(movement, 1)
        if before is not None or not movement.is_nothing:
            self._tell(touched)

    def _take_back(self, document_id: str, kind: str, line_id: str) -> None:
        before = self._movements[document_id][kind, line_id]
        self._say(document_id, kind, line_id, Movement(before.item_id, before.location_id))

    def _apply(self, movement: Movement, sign: int) -> None:
        levels = {each.location_id: each for each in self.levels(movement.item_id)}
        there = levels.get(movement.location_id, Level(movement.location_id))
        levels[movement.location_id] = there.moved(movement, sign)
        self._levels[movement.item_id] = tuple(levels.values())

    def _tell(self, item_ids: Iterable[str]) -> None:
        for item_id in sorted(item_ids):
            for listener in self._listeners:
                listener(item_id)


def _opened(item_id: str, opening: Opening) -> Movement:
    return Movement(item_id, opening.location_id, accounting=opening.quantity, physical=opening.quantity)
