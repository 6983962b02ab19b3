"""Opening stock in the three forms in which clients write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import invalid_element, invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_list, clean_number
from integration.sandbox.zoho.items.border import Places
from integration.sandbox.zoho.items.item_fields import STOCK_KEYS
from integration.sandbox.zoho.stock import Opening


def read_openings(body: Mapping[str, Any], places: Places, switches: Switches) -> list[Opening] | None:
    """The opening stock that a body tells, place by place; None where it tells none.

    `locations[]` and `warehouses[]` belong to either kind of organisation, `initial_stock` at the top is for
    the primary place. Entries of an answer that is sent back tell no opening stock and are passed over.

    :raises ApiError: both forms at once, the form of the other kind of organisation, or a wrong value
    """
    mine = switches.zoho_stock_sites
    other = "warehouses" if mine == "locations" else "locations"
    if body.get(other):
        raise invalid_element(other, switches)
    entries = [] if body.get(mine) is None else clean_list(mine, body[mine])
    found = [_entry(entry, mine, places, switches) for entry in entries]
    told = [each for each in found if each is not None]
    if len({each.location_id for each in told}) < len(told):
        raise invalid_value(mine)
    at_the_top = any(_is_told(body, key) for key in ("initial_stock", "initial_stock_rate"))
    if told and at_the_top:
        raise invalid_element("initial_stock", switches)
    if not at_the_top:
        return told or None
    return [_opening(body, places.named({}).location_id)]


def first_stock_key(body: Mapping[str, Any]) -> str | None:
    """The first key of a body that tells opening stock, for an organisation or item that keeps none."""
    for key in ("initial_stock", "initial_stock_rate"):
        if _is_told(body, key) or any(
            _is_told(entry, key) for site in ("locations", "warehouses") for entry in _dicts(body.get(site))
        ):
            return key
    return None


def _entry(entry: object, key: str, places: Places, switches: Switches) -> Opening | None:
    if not isinstance(entry, dict):
        raise invalid_value(key)
    own_id = f"{key[:-1]}_id"
    unknown = next((name for name in entry if not _known(name, key)), None)
    if unknown is not None and switches.zoho_unknown_keys == "reject":
        raise invalid_element(unknown, switches)
    if not any(_is_told(entry, name) for name in ("initial_stock", "initial_stock_rate")):
        return None
    if not _is_told(entry, own_id):
        raise missing_value(own_id)
    return _opening(entry, places.named({own_id: entry.get(own_id)}).location_id)


def _known(name: str, key: str) -> bool:
    return name in STOCK_KEYS or name.startswith(f"{key[:-1]}_") or name in {"status", "is_primary"}


def _opening(values: Mapping[str, Any], location_id: str) -> Opening:
    numbers = []
    for key in ("initial_stock", "initial_stock_rate"):
        number = clean_number(key, values[key]) if _is_told(values, key) else 0.0
        if number < 0:
            raise invalid_value(key)
        numbers.append(number)
    return Opening(location_id, *numbers)


def _is_told(values: Mapping[str, Any], key: str) -> bool:
    return values.get(key) not in (None, "")


def _dicts(entries: object) -> list[dict[str, Any]]:
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
