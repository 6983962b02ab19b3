"""The two addresses of a document: one of the contact's by id, one given inline, or the contact's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.contact_fields import ADDRESS
from integration.sandbox.zoho.faults import ApiError, invalid_element, invalid_value, too_long

INLINE_LENGTH = 100
Address = Mapping[str, str]


def address_of(
    key: str, body: Mapping[str, Any], known: Iterable[Address], current: Address, switches: Switches
) -> Address:
    """The address `key` (`billing_address`, `shipping_address`) after a write.

    `known` are the addresses of the contact, `current` is what stays when the write names none.
    A stored address is never changed in place, so documents may hold the contact's own object.

    :raises ApiError: an id the contact does not have, a text of 100 characters or more
    """
    address_id = body.get(f"{key}_id")
    if address_id not in (None, ""):
        for address in known:
            if address.get("address_id") == str(address_id):
                return address
        raise ApiError(400, switches.zoho_unknown_address_code, "The address does not belong to the contact.")
    if body.get(key) in (None, ""):
        return current
    return _inline(key, body[key], switches)


def _inline(key: str, sent: object, switches: Switches) -> Address:
    if not isinstance(sent, dict):
        raise invalid_value(key)
    given = {}
    for name, text in sent.items():
        if name not in ADDRESS and name != "address_id":
            if switches.zoho_unknown_keys == "reject":
                raise invalid_element(name, switches)
            continue
        if not isinstance(text, str | None):
            raise invalid_value(key)
        # The message names the address, not the part of it that is too long.
        if text is not None and len(text) >= INLINE_LENGTH:
            raise too_long(key, INLINE_LENGTH)
        given[name] = text or ""
    return {"address_id": "", **dict.fromkeys(ADDRESS, ""), **given}
