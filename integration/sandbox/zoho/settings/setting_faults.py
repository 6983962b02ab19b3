"""Refusals about locations and taxes; nobody has shown their codes, so switches hold them."""

from __future__ import annotations

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import ApiError


def setting_taken(kind: str, name: str, switches: Switches) -> ApiError:
    """Another location or tax has the name."""
    return ApiError(400, switches.zoho_setting_taken_code, f'The {kind} "{name}" already exists.')


def location_in_use(switches: Switches) -> ApiError:
    """The primary location, or one with stock."""
    return ApiError(
        400, switches.zoho_setting_in_use_code,
        "The primary location and locations with transactions can be neither deleted nor closed.",
    )  # fmt: skip


def tax_in_use(switches: Switches) -> ApiError:
    """A tax of an item, of a group or of a document."""
    return ApiError(
        400,
        switches.zoho_setting_in_use_code,
        "Taxes of items, tax groups or transactions can be neither deleted nor given another rate.",
    )
