"""What a write of a document may contain beside its lines: keys, types, lengths, ranges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents.numeric import clean_amount, clean_discount
from integration.sandbox.zoho.faults import invalid_element, invalid_value
from integration.sandbox.zoho.fields import (
    clean_choice,
    clean_date,
    clean_flag,
    clean_id,
    clean_list,
    clean_text,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class FieldTable:
    """The keys of one kind of document: texts with their limits, ids, dates and flags that few have.

    `structured` are read by others; `projections` are keys of the answer that clients send back, taken and
    not looked at.
    """

    texts: Mapping[str, int | None]
    ids: Collection[str]
    dates: Collection[str]
    structured: Collection[str]
    projections: Collection[str]
    flags: Collection[str] = ()

    def clean(self, body: Mapping[str, Any], switches: Switches) -> tuple[Json, Json]:
        """What a write says: values of the document's own fields, and those kept in `values`.

        :raises ApiError: an unknown key, a wrong type, a text too long, a number out of range
        """
        own: Json = {}
        rest: Json = {}
        for key, value in body.items():
            if key in _OWN:
                own[key] = _OWN[key](key, value)
            elif key in self.texts:
                rest[key] = clean_text(key, value, self.texts[key])
            elif key == "reference_number":
                rest[key] = clean_text(key, value, switches.zoho_reference_length)
            elif key in {"documents", "tags"}:
                rest[key] = clean_list(key, value)
            elif (clean := self._plain(key)) is not None:
                rest[key] = clean(key, value)
            else:
                self._check_known(key, switches)
        return own, rest

    def _plain(self, key: str) -> Callable[[str, object], Any] | None:
        if key in self.ids:
            return clean_id
        if key in self.dates:
            return clean_date
        return clean_flag if key in self.flags else None

    def _check_known(self, key: str, switches: Switches) -> None:
        known = key in self.structured or key in self.projections
        known = known or key.startswith("cf_") or key.endswith("_formatted")
        if not known and switches.zoho_unknown_keys == "reject":
            raise invalid_element(key, switches)


def refuse_unknown(
    body: Mapping[str, Any], read: Collection[str], dropped: Collection[str], switches: Switches
) -> None:
    """Refuse keys that are neither read nor known to be dropped. :raises ApiError: `Invalid Element`."""
    if switches.zoho_unknown_keys != "reject":
        return
    for key in body:
        if key in read or key in dropped or key.startswith("cf_") or key.endswith("_formatted"):
            continue
        raise invalid_element(key, switches)


def day_and_notes(body: Mapping[str, Any]) -> Json:
    """What packages and receives say beside their lines. :raises ApiError: no date, or no text."""
    found: Json = {}
    if "date" in body:
        found["date"] = clean_day("date", body["date"])
    if "notes" in body:
        found["notes"] = clean_text("notes", body["notes"], None)
    return found


def clean_day(key: str, value: object) -> str:
    """A date that must not be empty. :raises ApiError: no date."""
    found = clean_date(key, value)
    if not found:
        raise invalid_value(key)
    return found


def _charge(key: str, value: object) -> Decimal:
    found = _adjustment(key, value)
    if found < 0:
        raise invalid_value(key)
    return found


def _adjustment(key: str, value: object) -> Decimal:
    return clean_amount(key, 0 if value in (None, "") else value)


def _level(key: str, value: object) -> str:
    return clean_choice(key, value, ("entity_level", "item_level"))


_OWN: Mapping[str, Callable[[str, object], Any]] = {
    "date": clean_day,
    "discount": clean_discount,
    "discount_type": _level,
    "is_discount_before_tax": clean_flag,
    "is_inclusive_tax": clean_flag,
    "shipping_charge": _charge,
    "adjustment": _adjustment,
}
