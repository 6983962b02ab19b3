"""What a write of an item may contain: keys, types and lengths. Nothing here looks at other records.

Opening stock is read in `opening`, custom fields by their definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import invalid_element, invalid_value
from integration.sandbox.zoho.fields import (
    clean_choice,
    clean_flag,
    clean_id,
    clean_list,
    clean_number,
    clean_text,
)
from integration.sandbox.zoho.items.item import BOTH, INVENTORY, PURCHASES, SALES, Item

TEXTS = (
    "sku", "unit", "description", "purchase_description", "brand", "manufacturer", "isbn", "part_number",
    "hsn_or_sac", "sat_item_key_code", "unitkey_code",
)  # fmt: skip
FLAGS = ("is_taxable", "is_returnable", "can_be_sold", "can_be_purchased", "track_inventory")
IDS = ("tax_id", "purchase_tax_id", "account_id", "purchase_account_id", "inventory_account_id", "vendor_id",
       "unit_id")  # fmt: skip
QUANTITIES = ("reorder_level", "minimum_order_quantity", "maximum_order_quantity")
ITEM_TYPES = (INVENTORY, SALES, PURCHASES, BOTH)
PRODUCT_TYPES = ("goods", "service")
PACKAGE_SIZES = ("length", "width", "height", "weight")
PACKAGE_UNITS = {"weight_unit": ("kg", "g", "lb", "oz"), "dimension_unit": ("cm", "in")}
STOCK_KEYS = frozenset({"locations", "warehouses", "initial_stock", "initial_stock_rate"})
# Keys of the answer that clients send back: projections of other data, taken and not looked at.
_PROJECTIONS = frozenset({
    "item_id", "item_name", "source", "status", "is_combo_product", "is_linked_with_zohocrm",
    "zcrm_product_id", "tax_name", "tax_percentage", "tax_type", "purchase_tax_name",
    "purchase_tax_percentage", "purchase_tax_type", "account_name", "purchase_account_name",
    "inventory_account_name", "has_attachment", "image_name", "image_type", "image_id", "image_document_id",
    "created_time", "last_modified_time", "category_name", "pricebook_rate", "sales_rate", "sales_margin",
    "pricing_scheme", "price_brackets", "default_price_brackets", "vendor_name", "preferred_vendors",
    "custom_field_hash", "sales_channels", "stock_on_hand", "available_stock", "actual_available_stock",
    "committed_stock", "actual_committed_stock", "available_for_sale_stock",
    "actual_available_for_sale_stock", *PACKAGE_SIZES, *PACKAGE_UNITS,
})  # fmt: skip
# Item groups, categories and conversions of units are features this organisation has not got.
_FEATURES = frozenset({
    "group_id", "group_name", "category_id", "unit_group_id", "unit_group_name",
    "default_sales_unit_conversion_id", "default_purchase_unit_conversion_id",
    *(f"attribute_{kind}{n}" for kind in ("id", "name", "option_id", "option_name") for n in (1, 2, 3)),
})  # fmt: skip
_UPC_DIGITS, _EAN_DIGITS = 12, 13


def clean_item(body: Mapping[str, Any], switches: Switches) -> dict[str, Any]:
    """The values of a write by key; what is left out stays as it is.

    :raises ApiError: an unknown key, a wrong type, a text too long
    """
    cleaned: dict[str, Any] = {}
    for key, value in body.items():
        check = _CHECKS.get(key)
        if check is not None:
            cleaned[key] = check(key, value)
        elif key == "name":
            cleaned[key] = clean_text(key, value, switches.zoho_item_name_length).strip()
        elif key in _FEATURES:
            if value not in (None, "", []):
                raise invalid_element(key, switches)
        elif not _taken(key) and switches.zoho_unknown_keys == "reject":
            raise invalid_element(key, switches)
    return cleaned


def item_type(cleaned: Mapping[str, Any], current: Item | None, default: str) -> str:
    """The type after a write: what it names, or what its flags say; `default` for a new item without either.

    Clients send back whole answers with one key changed: a type that is named overrules the flags.
    """
    named = cleaned.get("item_type")
    if named:
        return str(named)
    flags = [cleaned.get(key) for key in ("track_inventory", "can_be_sold", "can_be_purchased")]
    if flags == [None, None, None]:
        return default if current is None else current.item_type
    tracked, sold, bought = flags
    if tracked is None:
        tracked = current is not None and current.is_tracked and sold is not False and bought is not False
    if tracked:
        return INVENTORY
    if sold is None:
        sold = True if current is None else current.is_sold
    if bought is None:
        bought = False if current is None else current.is_bought
    if not sold and not bought:
        raise invalid_value("item_type")
    return BOTH if sold and bought else SALES if sold else PURCHASES


def _taken(key: str) -> bool:
    return (
        key in _PROJECTIONS
        or key in STOCK_KEYS
        or key == "custom_fields"
        or key.startswith("cf_")
        or key.endswith("_formatted")
    )


def _price(key: str, value: object) -> float:
    if value is None or value == "":
        return 0.0
    found = clean_number(key, value)
    if found < 0:
        raise invalid_value(key)
    return found


def _quantity(key: str, value: object) -> float | None:
    return None if value is None or value == "" else _price(key, value)


def _digits(key: str, value: object, longest: int, *, exactly: bool = False) -> str:
    text = (
        str(value) if isinstance(value, int) and not isinstance(value, bool) else clean_text(key, value, None)
    )
    if text and (not text.isascii() or not text.isdigit() or len(text) > longest):
        raise invalid_value(key)
    if text and exactly and len(text) != longest:
        raise invalid_value(key)
    return text


def _package(key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid_value(key)
    found: dict[str, Any] = {}
    for name in PACKAGE_SIZES:
        size = _quantity(name, value.get(name))
        found[name] = "" if size is None else size
    for name, choices in PACKAGE_UNITS.items():
        found[name] = clean_choice(name, value[name], choices) if value.get(name) else choices[0]
    return found


def _tax_preferences(key: str, value: object) -> list[dict[str, str]]:
    found = []
    for entry in clean_list(key, value):
        if not isinstance(entry, dict):
            raise invalid_value(key)
        specification = clean_choice("tax_specification", entry.get("tax_specification"), ("intra", "inter"))
        found.append({"tax_id": clean_id("tax_id", entry.get("tax_id")), "tax_specification": specification})
    return found


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    **{key: partial(clean_text, limit=None) for key in TEXTS},
    "sku": lambda key, value: clean_text(key, value, None).strip(),
    "rate": _price,
    "purchase_rate": _price,
    **dict.fromkeys(QUANTITIES, _quantity),
    **dict.fromkeys(FLAGS, clean_flag),
    **dict.fromkeys(IDS, clean_id),
    "item_type": partial(clean_choice, choices=ITEM_TYPES),
    "product_type": partial(clean_choice, choices=PRODUCT_TYPES),
    "upc": partial(_digits, longest=_UPC_DIGITS, exactly=True),
    "ean": partial(_digits, longest=_EAN_DIGITS),
    "package_details": _package,
    "item_tax_preferences": _tax_preferences,
    "tags": clean_list,
    "documents": clean_list,
}
