"""How an item looks in answers: the whole record and a list row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integration.sandbox.zoho.contact import Contact
from integration.sandbox.zoho.items.item import Item
from integration.sandbox.zoho.items.item_fields import PACKAGE_SIZES, PACKAGE_UNITS
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.settings.accounts import INVENTORY, PURCHASES, SALES
from integration.sandbox.zoho.settings.locations import Place
from integration.sandbox.zoho.settings.setup import Setup
from integration.sandbox.zoho.stock import Level, Stock

Json = dict[str, Any]
_NO_PACKAGE = dict.fromkeys((*PACKAGE_SIZES, *PACKAGE_UNITS), "")
_CONSTANT = {
    "is_combo_product": False, "is_linked_with_zohocrm": False, "zcrm_product_id": "",
    "has_attachment": False, "image_name": "", "image_type": "", "image_document_id": "",
    "category_id": "", "category_name": "",
}  # fmt: skip
_REST_TEXTS = ("upc", "ean", "isbn", "part_number")
_PLACE_KEYS = ("stock_on_hand", "available_stock", "actual_available_stock")


class ItemShown:
    """Answers about items of one organisation."""

    def __init__(
        self,
        premises: Premises,
        setup: Setup,
        stock: Stock,
        time: Callable[[int], str],
        contact: Callable[[str], Contact | None],
    ) -> None:
        self._switches, self._custom = premises.switches, premises.fields["item"]
        self._setup, self._stock, self._time, self._contact = setup, stock, time, contact

    def row(self, item: Item) -> Json:
        """A list row: no array of custom fields, stock only where it is kept."""
        shown = self._both(item)
        shown |= {"item_name": item.name, **(item.rest.get("package_details") or _NO_PACKAGE)}
        if item.is_tracked:
            found = self._numbers(self._stock.total(item.record_id))
            shown |= {key: found[key] for key in _PLACE_KEYS}
            shown["reorder_level"] = _or_empty(item.reorder_level)
        shown |= self._custom.flat(item.custom)
        return shown

    def detail(self, item: Item) -> Json:
        """What GET /items/{id}, /itemdetails and webhooks show."""
        rest = item.rest
        shown = self._both(item)
        shown |= self._vendor(item)
        shown |= {
            "unit_id": self._setup.units.id_of(item.unit), "is_taxable": item.is_taxable,
            "pricebook_rate": item.rate, "sales_rate": item.rate, "sales_margin": "",
            "pricing_scheme": "unit", "price_brackets": [], "default_price_brackets": [],
            "documents": rest.get("documents", []), "custom_fields": self._custom.array(item.custom),
            "custom_field_hash": self._custom.flat(item.custom),
            "package_details": rest.get("package_details") or _NO_PACKAGE,
            "minimum_order_quantity": rest.get("minimum_order_quantity", ""),
            "maximum_order_quantity": rest.get("maximum_order_quantity", ""), "sales_channels": [],
            "item_tax_preferences": rest.get("item_tax_preferences", []),
            **{key: rest.get(key, "") for key in ("hsn_or_sac", "sat_item_key_code", "unitkey_code")},
        }  # fmt: skip
        if rest.get("purchase_tax_id"):
            shown |= self._tax(rest["purchase_tax_id"], "purchase_tax")
        if item.is_tracked:
            shown |= self._kept(item)
        return shown

    def opening(self, item_id: str) -> Json:
        """The opening stock by itself."""
        shown: Json = self._opening_total(item_id)
        shown |= {"serial_numbers": [], "batches": []}
        locations, key = self._setup.locations, self._setup.locations.key
        shown[f"{key[:-3]}s"] = [
            {**locations.shown(each.location_id), "initial_stock": each.quantity,
             "initial_stock_rate": each.rate}
            for each in self._stock.openings(item_id)
        ]  # fmt: skip
        return shown

    def _both(self, item: Item) -> Json:
        rest, accounts = item.rest, self._setup.accounts
        income = rest.get("account_id") or accounts.id_of(SALES)
        cost = rest.get("purchase_account_id") or accounts.id_of(PURCHASES)
        return {
            "item_id": item.record_id, "name": item.name, "unit": item.unit, "status": item.status,
            "source": item.source, **_CONSTANT, "description": item.description, "brand": item.brand,
            "manufacturer": item.manufacturer, "rate": item.rate, **self._tax(item.tax_id, "tax"),
            "purchase_account_id": cost if item.is_bought else "",
            "purchase_account_name": accounts.name_of(cost) if item.is_bought else "",
            "account_id": income if item.is_sold else "",
            "account_name": accounts.name_of(income) if item.is_sold else "",
            "purchase_description": item.purchase_description, "purchase_rate": item.purchase_rate,
            "can_be_sold": item.is_sold, "can_be_purchased": item.is_bought,
            "track_inventory": item.is_tracked, "item_type": item.item_type,
            "product_type": item.product_type, "is_returnable": rest.get("is_returnable", True),
            "sku": item.sku, **{key: rest.get(key, "") for key in _REST_TEXTS},
            "created_time": self._time(item.created), "last_modified_time": self._time(item.modified),
            "tags": rest.get("tags", []),
        }  # fmt: skip

    def _tax(self, tax_id: str, stem: str) -> Json:
        tax = self._setup.taxes.find(tax_id) if tax_id else None
        if tax is None:
            return {f"{stem}_id": "", f"{stem}_name": "", f"{stem}_percentage": "", f"{stem}_type": ""}
        return {
            f"{stem}_id": tax_id, f"{stem}_name": tax.name, f"{stem}_percentage": tax.percentage,
            f"{stem}_type": tax.kind,
        }  # fmt: skip

    def _vendor(self, item: Item) -> Json:
        vendor_id = item.rest.get("vendor_id", "")
        vendor = self._contact(vendor_id) if vendor_id else None
        name = "" if vendor is None else vendor.name
        preferred = [{"vendor_id": vendor_id, "vendor_name": name, "is_primary": True}] if vendor_id else []
        return {"vendor_id": vendor_id, "vendor_name": name, "preferred_vendors": preferred}

    def _kept(self, item: Item) -> Json:
        """What is told only of items that keep stock."""
        account = item.rest.get("inventory_account_id") or self._setup.accounts.id_of(INVENTORY)
        levels = {each.location_id: each for each in self._stock.levels(item.record_id)}
        places = [self._place(place, levels) for place in self._setup.locations.all()]
        return {
            "inventory_account_id": account,
            "inventory_account_name": self._setup.accounts.name_of(account),
            "reorder_level": _or_empty(item.reorder_level),
            **self._opening_total(item.record_id),
            **self._numbers(self._stock.total(item.record_id)),
            self._switches.zoho_stock_sites: places,
        }

    def _place(self, place: Place, levels: dict[str, Level]) -> Json:
        stem = self._setup.locations.key.removesuffix("_id")
        numbers = self._numbers(levels.get(place.location_id, Level(place.location_id)))
        keys = _PLACE_KEYS if stem == "location" else tuple(numbers)
        as_text = stem == "location" and self._switches.zoho_location_stock_as_text
        return {
            f"{stem}_id": place.location_id,
            f"{stem}_name": place.location_name,
            "status": "active" if place.is_active else "inactive",
            "is_primary": place.is_primary,
            **{f"{stem}_{key}": str(numbers[key]) if as_text else numbers[key] for key in keys},
        }

    def _numbers(self, level: Level) -> dict[str, float]:
        """Accounting numbers have plain names, physical ones begin with `actual_`."""
        less = self._switches.zoho_available_less_committed
        return {
            "stock_on_hand": float(level.accounting),
            "available_stock": float(level.accounting - (level.uninvoiced if less else 0)),
            "actual_available_stock": float(level.physical - (level.unshipped if less else 0)),
            "committed_stock": float(level.uninvoiced),
            "actual_committed_stock": float(level.unshipped),
            "available_for_sale_stock": float(level.accounting - level.uninvoiced),
            "actual_available_for_sale_stock": float(level.physical - level.unshipped),
        }

    def _opening_total(self, item_id: str) -> Json:
        openings = self._stock.openings(item_id)
        amount = float(sum(each.quantity for each in openings))
        return {"initial_stock": amount, "initial_stock_rate": openings[0].rate if openings else 0.0}


def _or_empty(number: float | None) -> float | str:
    return "" if number is None else number
