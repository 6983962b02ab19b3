"""Every item of the organisation, with the rules that look at more than one record."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.contact import Contact
from integration.sandbox.zoho.items import item_faults
from integration.sandbox.zoho.items.item import INVENTORY, NOTHING, Item
from integration.sandbox.zoho.items.item_fields import STOCK_KEYS, clean_item, item_type
from integration.sandbox.zoho.items.item_list import item_list
from integration.sandbox.zoho.items.opening import first_stock_key, read_openings
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.register import Mark, Register
from integration.sandbox.zoho.settings.setup import Setup
from integration.sandbox.zoho.stock import Opening, Stock

ENTITY = "item"
_OWN = frozenset({
    "name", "sku", "rate", "purchase_rate", "unit", "description", "purchase_description", "brand",
    "manufacturer", "product_type", "tax_id", "reorder_level", "is_taxable",
})  # fmt: skip
# Few different texts on many items: each is kept once.
_SHARED = ("unit", "brand", "manufacturer", "item_type", "product_type")
_ASKED = frozenset({"item_type", "can_be_sold", "can_be_purchased", "track_inventory", "unit_id"})


class ItemBook:
    """Items by id, name, SKU and unique value; their stock is in the ledger."""

    def __init__(
        self, premises: Premises, setup: Setup, stock: Stock, contact: Callable[[str], Contact | None]
    ) -> None:
        self._premises, self._switches = premises, premises.switches
        self._custom = premises.fields[ENTITY]
        self._setup, self._stock, self._contact = setup, stock, contact
        self.register: Register[Item] = Register(premises, "Item", self._marks)
        self.list_spec = item_list(setup, stock, self._switches)
        stock.listen(self._stock_moved)

    def clear(self) -> None:
        """No items and no stock."""
        self.register.clear()
        self._stock.clear()

    # Reading

    def get(self, item_id: str) -> Item:
        """The item. :raises ApiError: there is none."""
        item = self.register.find(item_id)
        if item is None:
            raise item_faults.no_item(self._switches)
        return item

    def find(self, item_id: str) -> Item | None:
        """The item if it is alive."""
        return self.register.find(item_id)

    def ever(self, item_id: str) -> Item | None:
        """The item, alive or deleted."""
        return self.register.ever(item_id)

    def holder(self, key: str, value: str) -> str | None:
        """Id of the item that holds the value, as it is compared, in a unique custom field."""
        return next(iter(self.register.holders(key, value)), None)

    def for_sale(self, item_id: str) -> Item:
        """The item of a line of sale. :raises ApiError: there is none, it is inactive or not sold."""
        item = self.active(item_id)
        if not item.is_sold:
            raise faults.invalid_value("item_id")
        return item

    def for_purchase(self, item_id: str) -> Item:
        """The item of a line of purchase. :raises ApiError: there is none, it is inactive or not bought."""
        item = self.active(item_id)
        if not item.is_bought:
            raise faults.invalid_value("item_id")
        return item

    def active(self, item_id: str) -> Item:
        """The item of a new document. :raises ApiError: there is none or it is inactive."""
        item = self.get(item_id)
        if item.status != "active":
            raise item_faults.inactive_item(item.name, self._switches)
        return item

    # Changing

    def create(self, body: Mapping[str, Any], source: str, *, at: int | None = None) -> Item:
        """A new item; `at` (seconds since 1970) puts it into the past and says nothing to anybody."""
        now = self._premises.now() if at is None else at
        cleaned = clean_item(body, self._switches)
        if not cleaned.get("name"):
            raise faults.missing_value("name")
        draft = Item("", now, now, source)
        draft.item_type = item_type(cleaned, None, self._switches.zoho_item_type_default)
        openings = self._openings(body, draft)
        self._write(draft, cleaned, body)
        self._custom.require_mandatory(draft.custom)
        self._check_unique(draft)
        draft.record_id = self._premises.next_id()
        if openings is not None:
            self._stock.open(draft.record_id, openings)
        self.register.put(draft, at_once=at is not None)
        if at is None:
            self._announce("add", source, draft)
        return draft

    def update(self, item_id: str, body: Mapping[str, Any], source: str) -> Item:
        """Change what the body names; whatever it leaves out stays."""
        before = self.get(item_id)
        cleaned = clean_item(body, self._switches)
        if cleaned.get("name") == "":
            raise faults.missing_value("name")
        draft = before.copy()
        draft.item_type = item_type(cleaned, before, before.item_type)
        openings = self._changed_openings(body, draft)
        self._write(draft, cleaned, body)
        self._check_type(before, draft)
        self._check_unique(draft)
        if openings is not None:
            self._stock.open(item_id, openings)
        return self._touch(draft, source)

    def set_custom_fields(self, item_id: str, entries: object, source: str) -> Item:
        """Change custom fields and nothing else."""
        draft = self.get(item_id).copy()
        draft.custom = self._custom.merged(entries, draft.custom) or NOTHING
        self._check_unique(draft)
        return self._touch(draft, source)

    def set_openings(self, item_id: str, body: Mapping[str, Any], source: str) -> None:
        """Another opening stock of an item that keeps stock; the rest of the item stays."""
        draft = self.get(item_id).copy()
        unknown = next((key for key in body if key not in STOCK_KEYS), None)
        if unknown is not None and self._switches.zoho_unknown_keys == "reject":
            raise faults.invalid_element(unknown, self._switches)
        openings = self._openings(body, draft)
        if openings is None:
            raise faults.missing_value("initial_stock")
        self._stock.open(item_id, openings)
        self._touch(draft, source)

    def set_status(self, item_id: str, status: str, source: str) -> None:
        """Active or inactive; saying it again changes nothing."""
        item = self.get(item_id)
        if item.status != status:
            draft = item.copy()
            draft.status = sys.intern(status)
            self._touch(draft, source, fires=self._switches.zoho_webhook_status_is_edit)

    def delete(self, item_id: str, source: str) -> None:
        """The item goes for good. :raises ApiError: it stands on documents."""
        gone = self.get(item_id).copy()
        if self._stock.is_used(item_id):
            raise item_faults.item_in_use()
        gone.deleted = True
        self.register.remove(gone)
        self._stock.forget(item_id)
        self._announce("delete", source, gone)

    # Keeping

    def dump(self) -> dict[str, Any]:
        """Every item ever and all stock, as JSON."""
        every = (*self.register.all(), *self.register.all(deleted=True))
        return {"items": [item.dump() for item in every], "stock": self._stock.dump()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Items and stock of a dump instead of the present ones."""
        self._stock.load(state["stock"])
        self.register.restore(self._shared(Item.load(row)) for row in state["items"])

    def _openings(self, body: Mapping[str, Any], draft: Item) -> list[Opening] | None:
        told = first_stock_key(body)
        if told is not None and not self._switches.zoho_inventory_tracking:
            raise faults.invalid_element(told, self._switches)
        if told is not None and not draft.is_tracked:
            if self._switches.zoho_stock_on_untracked == "reject":
                raise faults.invalid_element(told, self._switches)
            return None
        return read_openings(body, self._setup.locations, self._switches)

    def _changed_openings(self, body: Mapping[str, Any], draft: Item) -> list[Opening] | None:
        """The opening stock of a PUT; what an answer told and the client sends back is no change."""
        current = self._stock.openings(draft.record_id)
        if "locations" not in body or not first_stock_key({"locations": body["locations"]}):
            amount = sum(each.quantity for each in current)
            rate = current[0].rate if current else 0.0
            told = (body.get("initial_stock") or 0.0, body.get("initial_stock_rate") or 0.0)
            if told == (amount, rate):
                body = {key: value for key, value in body.items() if not key.startswith("initial_stock")}
        openings = self._openings(body, draft)
        mode = self._switches.zoho_opening_stock_put
        if openings is None or openings == list(current) or mode == "ignore":
            return None
        if mode == "reject":
            raise faults.invalid_element(first_stock_key(body) or "initial_stock", self._switches)
        return openings

    def _write(self, draft: Item, cleaned: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        self._check_references(cleaned)
        for key in _OWN & cleaned.keys():
            setattr(draft, key, cleaned[key])
        if cleaned.get("unit_id") and not cleaned.get("unit"):
            draft.unit = self._unit(cleaned["unit_id"])
        rest = {key: value for key, value in cleaned.items() if key not in _OWN and key not in _ASKED}
        if rest:
            merged = {**draft.rest, **rest}
            draft.rest = {
                key: value for key, value in merged.items() if value not in ("", None, [])
            } or NOTHING
        if "custom_fields" in body:
            draft.custom = self._custom.merged(body["custom_fields"], draft.custom) or NOTHING
        self._shared(draft)
        self._check_kind(draft)

    def _shared(self, draft: Item) -> Item:
        for key in _SHARED:
            setattr(draft, key, sys.intern(getattr(draft, key)))
        setup = self._setup
        for names, name in (
            (setup.units, draft.unit),
            (setup.brands, draft.brand),
            (setup.manufacturers, draft.manufacturer),
        ):
            names.id_of(name)
        return draft

    def _check_references(self, cleaned: Mapping[str, Any]) -> None:
        for key in ("tax_id", "purchase_tax_id"):
            if cleaned.get(key):
                self._setup.taxes.named(cleaned[key], key)
        for entry in cleaned.get("item_tax_preferences", ()):
            self._setup.taxes.named(entry["tax_id"])
        for key in ("account_id", "purchase_account_id", "inventory_account_id"):
            self._setup.accounts.check(cleaned.get(key, ""), key)
        if cleaned.get("vendor_id"):
            vendor = self._contact(cleaned["vendor_id"])
            if vendor is None or vendor.contact_type != "vendor":
                raise faults.invalid_value("vendor_id")

    def _check_kind(self, draft: Item) -> None:
        if draft.is_tracked and draft.product_type == "service":
            raise faults.invalid_value("product_type")
        if draft.is_tracked and not self._switches.zoho_inventory_tracking:
            raise faults.invalid_value("item_type")
        if draft.is_tracked and self._switches.zoho_item_accounts_needed:
            for key in ("purchase_account_id", "inventory_account_id"):
                if key not in draft.rest:
                    raise faults.missing_value(key)

    def _check_type(self, before: Item, draft: Item) -> None:
        starts_or_stops = self._switches.zoho_item_type_fixed and before.is_tracked != draft.is_tracked
        other_product = before.product_type != draft.product_type
        if (starts_or_stops or other_product) and self._stock.is_used(draft.record_id):
            raise item_faults.type_is_fixed()

    def _check_unique(self, draft: Item) -> None:
        switches = self._switches
        for other in self._others(draft, "name", draft.name.casefold()):
            same = switches.zoho_names_ignore_case or other.name == draft.name
            if same and not switches.zoho_duplicate_item_names:
                raise item_faults.item_taken(draft.name, switches)
        if draft.sku:
            for other in self._others(draft, "sku", draft.sku.casefold()):
                if switches.zoho_sku_ignore_case or other.sku == draft.sku:
                    raise item_faults.item_taken(draft.sku, switches)
        for definition, value in self._custom.unique_marks(draft.custom):
            if any(self._others(draft, definition.api_name, value)):
                raise faults.custom_value_taken(definition.label, switches)

    def _others(self, draft: Item, kind: str, value: str) -> Iterable[Item]:
        holders = self.register.holders(kind, value)
        return (self.register.get(item_id) for item_id in holders if item_id != draft.record_id)

    def _unit(self, unit_id: str) -> str:
        name = self._setup.units.name_of(unit_id)
        if name is None:
            raise faults.invalid_value("unit_id")
        return name

    def _touch(self, draft: Item, source: str, *, fires: bool = True) -> Item:
        draft.modified = self._premises.now()
        self.register.put(draft)
        if fires:
            self._announce("edit", source, draft)
        return draft

    def _stock_moved(self, item_id: str) -> None:
        """Lists sorted by stock have the item elsewhere now, whether or not it counts as modified."""
        item = self.register.find(item_id)
        if item is None:
            return
        if self._switches.zoho_stock_moves_modified:
            item = item.copy()
            item.modified = self._premises.now()
        self.register.put(item)
        if self._switches.zoho_webhook_stock_is_edit:
            self._announce("edit", "api", item)

    def _announce(self, kind: str, source: str, item: Item) -> None:
        self._premises.announce(Change(kind, source, ENTITY, item.record_id))

    def _marks(self, item: Item) -> Iterable[Mark]:
        yield "name", item.name.casefold()
        if item.sku:
            yield "sku", item.sku.casefold()
        if item.status != "active":
            yield "status", item.status
        if item.product_type != "goods":
            yield "product_type", item.product_type
        if item.item_type != INVENTORY:
            yield "item_type", item.item_type
        for definition, value in self._custom.unique_marks(item.custom):
            yield definition.api_name, value
