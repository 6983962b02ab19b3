"""Every inventory adjustment, and the stock that it moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.adjustments.adjustment import (
    ADJUSTED,
    DRAFT,
    PENDING,
    QUANTITY,
    REJECTED,
    VALUE,
    Adjustment,
    AdjustmentLine,
    clean_adjustment,
    clean_line,
)
from integration.sandbox.zoho.adjustments.adjustment_list import adjustment_list
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.fields import clean_list
from integration.sandbox.zoho.items.item_book import ItemBook
from integration.sandbox.zoho.items.item_faults import below_zero
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.register import Mark, Register
from integration.sandbox.zoho.settings.accounts import PURCHASES
from integration.sandbox.zoho.settings.setup import Setup
from integration.sandbox.zoho.stock import Stock

ENTITY = "inventory_adjustment"
Moves = dict[tuple[str, str], float]
_NEXT = {
    "submit": ({DRAFT, REJECTED}, PENDING),
    "approve": ({PENDING}, ADJUSTED),
    "reject": ({PENDING}, REJECTED),
}


class AdjustmentBook:
    """Adjustments are deltas: an update takes the old lines back before it applies the new ones."""

    def __init__(self, premises: Premises, setup: Setup, stock: Stock, items: ItemBook) -> None:
        self._premises, self._switches = premises, premises.switches
        self._custom = premises.fields[ENTITY]
        self._setup, self._stock, self._items = setup, stock, items
        self.register: Register[Adjustment] = Register(premises, "Inventory Adjustment", _marks)
        self.list_spec = adjustment_list(self._switches)

    def get(self, adjustment_id: str) -> Adjustment:
        """The adjustment. :raises ApiError: 404, there is none."""
        return self.register.get(adjustment_id)

    # Changing

    def create(self, body: Mapping[str, Any], source: str, *, at: int | None = None) -> Adjustment:
        """A new adjustment; `at` (seconds since 1970) puts it into the past and says nothing to anybody."""
        for key in ("date", "reason", "adjustment_type", "line_items"):
            if not body.get(key):
                raise faults.missing_value(key)
        now = self._premises.now() if at is None else at
        draft = Adjustment(self._premises.next_id(), now, now, source)
        draft.status = DRAFT if self._switches.zoho_adjustment_approvals and at is None else ADJUSTED
        self._write(draft, body)
        self._custom.require_mandatory(draft.custom)
        self._check_stock(None, draft)
        self._store(draft, at_once=at is not None)
        if at is None:
            self._announce("add", source, draft)
        return draft

    def update(self, adjustment_id: str, body: Mapping[str, Any], source: str) -> Adjustment:
        """Change what the body names; `line_items` is the whole new list of lines."""
        before = self.get(adjustment_id)
        draft = before.copy()
        self._write(draft, body)
        self._check_stock(before, draft)
        return self._touch(draft, source)

    def act(self, adjustment_id: str, action: str, source: str) -> Adjustment:
        """`submit`, `approve` or `reject`.

        :raises ApiError: the organisation has no approvals, or the adjustment is not waiting for this
        """
        if not self._switches.zoho_adjustment_approvals:
            raise faults.unknown_url()
        before = self.get(adjustment_id)
        allowed, following = _NEXT[action]
        if before.status not in allowed:
            raise faults.invalid_value("status")
        draft = before.copy()
        draft.status = following
        self._check_stock(before, draft)
        return self._touch(draft, source)

    def delete(self, adjustment_id: str, source: str) -> None:
        """The adjustment goes and what it moved comes back."""
        gone = self.get(adjustment_id).copy()
        gone.deleted = True
        self.register.remove(gone)
        self._stock.reverse(adjustment_id)
        self._announce("delete", source, gone)

    # Keeping. The stock itself is kept with the items.

    def dump(self) -> list[dict[str, Any]]:
        """Every adjustment ever, as JSON."""
        return [each.dump() for each in (*self.register.all(), *self.register.all(deleted=True))]

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The adjustments of a dump instead of the present ones."""
        self.register.restore(Adjustment.load(row) for row in rows)

    def _write(self, draft: Adjustment, body: Mapping[str, Any]) -> None:
        cleaned = clean_adjustment(body, self._switches)
        for key in ("date", "reason", "adjustment_type"):
            if cleaned.get(key) == "":
                raise faults.missing_value(key)
        draft.kind = cleaned.pop("adjustment_type", draft.kind)
        if draft.kind == VALUE and not self._switches.zoho_value_adjustments:
            raise faults.invalid_value("adjustment_type")
        for key, value in cleaned.items():
            setattr(draft, key, value)
        self._check_reason(draft.reason)
        draft.location_id = self._setup.locations.named(body, draft.location_id).location_id
        if "line_items" in body:
            draft.lines = self._lines(draft, clean_list("line_items", body["line_items"]))
        if "custom_fields" in body:
            draft.custom = self._custom.merged(body["custom_fields"], draft.custom)

    def _check_reason(self, reason: str) -> None:
        reasons = self._setup.reasons
        if self._switches.zoho_adjustment_reasons == "refuse" and not reasons.knows(reason):
            raise faults.invalid_value("reason")
        reasons.id_of(reason)

    def _lines(self, draft: Adjustment, entries: list[Any]) -> tuple[AdjustmentLine, ...]:
        most = self._switches.zoho_adjustment_lines
        if not entries:
            raise faults.missing_value("line_items")
        if most and len(entries) > most:
            raise faults.invalid_value("line_items")
        current = {line.line_item_id: line for line in draft.lines}
        lines = tuple(self._line(draft, entry, current) for entry in entries)
        if len({line.line_item_id for line in lines}) < len(lines):
            raise faults.invalid_value("line_item_id")
        return lines

    def _line(self, draft: Adjustment, entry: Any, current: Mapping[str, AdjustmentLine]) -> AdjustmentLine:
        cleaned = clean_line(entry, self._switches)
        line_id = cleaned.get("line_item_id", "")
        before = current.get(line_id)
        if line_id and before is None:
            raise faults.invalid_value("line_item_id")
        item_id = cleaned.get("item_id") or (before.item_id if before else "")
        if not item_id:
            raise faults.missing_value("item_id")
        item = self._items.active(item_id) if before is None else self._items.get(item_id)
        if not item.is_tracked:
            raise faults.invalid_value("item_id")
        quantity, value = _amounts(draft.kind, cleaned, before, item.purchase_rate)
        account = cleaned.get("adjustment_account_id") or (before.account_id if before else "")
        self._setup.accounts.check(account, "adjustment_account_id")
        place = self._setup.locations.named(entry, before.location_id if before else draft.location_id)
        return AdjustmentLine(
            line_id or self._premises.next_id(), item_id, cleaned.get("name") or item.name,
            cleaned.get("description", before.description if before else ""),
            cleaned.get("unit") or item.unit, quantity, value,
            account or self._setup.accounts.id_of(PURCHASES), place.location_id,
        )  # fmt: skip

    def _check_stock(self, before: Adjustment | None, draft: Adjustment) -> None:
        """Stock that is below zero already may be raised, though not far enough."""
        if self._switches.zoho_negative_stock:
            return
        old = _moves(before)
        for (item_id, location_id), quantity in _moves(draft).items():
            change = round(quantity - old.get((item_id, location_id), 0), 6)
            if change < 0 and self._stock.level(item_id, location_id).accounting + change < 0:
                raise below_zero(self._items.get(item_id).name, self._switches)

    def _store(self, draft: Adjustment, *, at_once: bool = False) -> None:
        before = self.register.find(draft.record_id)
        kept = {line.line_item_id for line in draft.lines} if draft.moves else set()
        for line in before.lines if before is not None else ():
            if line.line_item_id not in kept:
                self._stock.adjust(draft.record_id, line.line_item_id, line.item_id, line.location_id, 0)
        self._stock.mention(draft.record_id, (line.item_id for line in draft.lines))
        for line in draft.lines if draft.moves else ():
            self._stock.adjust(
                draft.record_id, line.line_item_id, line.item_id, line.location_id, line.quantity
            )
        self.register.put(draft, at_once=at_once)

    def _touch(self, draft: Adjustment, source: str) -> Adjustment:
        draft.modified = self._premises.now()
        self._store(draft)
        self._announce("edit", source, draft)
        return draft

    def _announce(self, kind: str, source: str, adjustment: Adjustment) -> None:
        self._premises.announce(Change(kind, source, ENTITY, adjustment.record_id))


def _amounts(
    kind: str, cleaned: Mapping[str, Any], before: AdjustmentLine | None, cost: float
) -> tuple[float, float]:
    """Quantity and value of a line; the one that the kind is about must be named and not be 0."""
    key = "quantity_adjusted" if kind == QUANTITY else "value_adjusted"
    current = None if before is None else before.quantity if kind == QUANTITY else before.value
    amount = cleaned.get(key, current)
    if amount is None:
        raise faults.missing_value(key)
    if amount == 0:
        raise faults.invalid_value(key)
    return (amount, round(amount * cost, 2)) if kind == QUANTITY else (0.0, amount)


def _moves(adjustment: Adjustment | None) -> Moves:
    moves: Moves = {}
    if adjustment is not None and adjustment.moves:
        for line in adjustment.lines:
            key = (line.item_id, line.location_id)
            moves[key] = moves.get(key, 0) + line.quantity
    return moves


def _marks(_: Adjustment) -> Iterable[Mark]:
    return ()
