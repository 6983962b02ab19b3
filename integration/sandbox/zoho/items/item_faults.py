"""Refusals about items: HTTP status, code and message."""

from __future__ import annotations

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import ApiError


def no_item(switches: Switches) -> ApiError:
    """No item of that id."""
    return ApiError(switches.zoho_item_absent_status, switches.zoho_item_absent_code, "Item does not exist")


def item_taken(value: str, switches: Switches) -> ApiError:
    """Another item has the name or the SKU; the wording goes with the code."""
    code = switches.zoho_duplicate_item_code
    if code == 1000:
        return ApiError(400, code, "The item name already exist")
    return ApiError(400, code, f'Item "{value}" already exists')


def item_in_use() -> ApiError:
    """An item that stands on documents stays."""
    return ApiError(
        400, 2049,
        "Items which are a part of other transactions cannot be deleted. Instead, mark them as inactive",
    )  # fmt: skip


def type_is_fixed() -> ApiError:
    """Documents were written for goods or for a service, for stock or for none."""
    return ApiError(400, 2076, "Product type cannot be changed for Items having transactions")


def inactive_item(name: str, switches: Switches) -> ApiError:
    """A new document names an item that is not for use any more."""
    return ApiError(400, switches.zoho_inactive_item_code, f'The item "{name}" is inactive.')


def below_zero(name: str, switches: Switches) -> ApiError:
    """An adjustment takes more than there is."""
    return ApiError(400, switches.zoho_negative_stock_code, f'The stock of "{name}" would fall below zero.')
