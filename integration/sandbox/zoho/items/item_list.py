"""GET /items: what items can be filtered and sorted by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.filters import (
    Reader,
    Test,
    id_filter,
    modified_filter,
    no_filter,
    number_filters,
    own_id_filter,
    search_filter,
    text_filters,
)
from integration.sandbox.zoho.items.item import BOTH, INVENTORY, PURCHASES, SALES, Item
from integration.sandbox.zoho.listing import ListSpec
from integration.sandbox.zoho.register import Mark
from integration.sandbox.zoho.settings.accounts import PURCHASES as COST_OF_GOODS
from integration.sandbox.zoho.settings.accounts import SALES as INCOME
from integration.sandbox.zoho.settings.name_list import NameList
from integration.sandbox.zoho.settings.setup import Setup
from integration.sandbox.zoho.stock import Stock

Check = Callable[[Item], bool]
_VIEW_MARKS: Mapping[str, Mark | None] = {
    "Status.Inactive": ("status", "inactive"),
    "Status.Grouped": None,
    "ItemType.Sales": ("item_type", SALES),
    "ItemType.Purchases": ("item_type", PURCHASES),
    "ItemType.SalesAndPurchases": ("item_type", BOTH),
    "ItemType.Service": ("product_type", "service"),
}


def item_list(setup: Setup, stock: Stock, switches: Switches) -> ListSpec[Item]:
    """The list as this organisation's switches have it."""
    return ListSpec(
        report_name="Items",
        default_sort="name",
        sorts={
            "name": lambda item: item.name.casefold(),
            "sku": lambda item: item.sku.casefold(),
            "rate": lambda item: item.rate,
            "purchase_rate": lambda item: item.purchase_rate,
            "created_time": lambda item: item.created,
            "last_modified_time": lambda item: item.modified,
            "reorder_level": lambda item: item.reorder_level or 0.0,
            "stock_on_hand": lambda item: stock.total(item.record_id).accounting,
        },
        filters=_filters(setup, stock, switches),
        filter_by={**_views(), "Status.Lowstock": _low(stock, switches)},
        view_marks=_VIEW_MARKS,
    )


def _filters(setup: Setup, stock: Stock, switches: Switches) -> dict[str, Reader]:
    accounts = setup.accounts
    income, cost = accounts.id_of(INCOME), accounts.id_of(COST_OF_GOODS)
    filters: dict[str, Reader] = {
        **text_filters("name", lambda item: (item.name,), mark="name"),
        **text_filters("sku", lambda item: (item.sku,), mark="sku"),
        **search_filter(_searched),
        **number_filters("rate", lambda item: item.rate),
        **number_filters("purchase_rate", lambda item: item.purchase_rate),
        **id_filter("status", lambda item: (item.status,), mark="status", unmarked="active"),
        **own_id_filter("item_id", lambda item: item.record_id),
        **id_filter("vendor_id", lambda item: (item.rest.get("vendor_id", ""),)),
        **id_filter("tax_id", lambda item: (item.tax_id,)),
        **id_filter(
            "account_id", lambda item: (item.rest.get("account_id", income),) if item.is_sold else ()
        ),
        **id_filter(
            "purchase_account_id",
            lambda item: (item.rest.get("purchase_account_id", cost),) if item.is_bought else (),
        ),
        **modified_filter(lambda item: item.modified, inclusive=switches.zoho_modified_filter_inclusive),
        "brand_ids": _named_filter(setup.brands, lambda item: item.brand),
        "manufacturer_ids": _named_filter(setup.manufacturers, lambda item: item.manufacturer),
    }
    # No item of this organisation is in a group or category or linked with the CRM.
    for absent in ("group_id", "category_id", "zcrm_product_id"):
        filters |= no_filter(absent)
    for place in ("location_id", "warehouse_id"):
        filters[place] = _place_filter(stock)
    return filters


def _searched(item: Item) -> tuple[str, ...]:
    rest = item.rest
    codes = [rest[key] for key in ("upc", "ean", "isbn", "part_number") if key in rest] if rest else ()
    return (item.name, item.sku, *codes)


def _place_filter(stock: Stock) -> Reader:
    return lambda wanted: Test(lambda item: stock.was_at(item.record_id, wanted), lags=False)


def _named_filter(names: NameList, name: Callable[[Item], str]) -> Reader:
    def read(wanted: str) -> Test:
        known = {names.name_of(part.strip()) for part in wanted.split(",")} - {None}
        forms = {found.casefold() for found in known if found is not None}
        return Test(lambda item: name(item).casefold() in forms, lags=False)

    return read


def _views() -> dict[str, Check | None]:
    return {
        "Status.All": None,
        "Status.Active": lambda item: item.status == "active",
        "Status.Inactive": lambda item: item.status == "inactive",
        "Status.Unmapped": None,
        "Status.Uncategorized": None,
        "Status.Grouped": lambda _: False,
        "ItemType.All": None,
        "ItemType.Sales": lambda item: item.item_type == SALES,
        "ItemType.Purchases": lambda item: item.item_type == PURCHASES,
        "ItemType.SalesAndPurchases": lambda item: item.item_type == BOTH,
        "ItemType.Inventory": lambda item: item.item_type == INVENTORY,
        "ItemType.NonInventory": lambda item: item.item_type != INVENTORY and item.product_type == "goods",
        "ItemType.Service": lambda item: item.product_type == "service",
    }


def _low(stock: Stock, switches: Switches) -> Check:
    def is_low(item: Item) -> bool:
        if not item.is_tracked or item.reorder_level is None:
            return False
        on_hand = stock.total(item.record_id).accounting
        return on_hand < item.reorder_level or (
            switches.zoho_low_stock_inclusive and on_hand == item.reorder_level
        )

    return is_low
