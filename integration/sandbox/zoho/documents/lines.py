"""Line items of a document: what a write may say about them and how it replaces those there are.

The list of a write is the whole new list: a line that carries the id of an existing one changes it, a line
without an id is new, an existing line that is not listed is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, NamedTuple

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents.money import NO_DISCOUNT, Discount, TaxRate
from integration.sandbox.zoho.documents.numeric import (
    clean_discount,
    clean_quantity,
    clean_rate,
    discount_kept,
)
from integration.sandbox.zoho.faults import ApiError, invalid_element, invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_text

CustomTexts = tuple[tuple[str, str], ...]
_TEXTS: Mapping[str, int | None] = {"name": 255, "description": 2000, "unit": 100}
_READ = frozenset({
    "line_item_id", "item_id", "rate", "purchase_rate", "quantity", "discount", "tax_id", "location_id",
    "warehouse_id", "item_order", "item_custom_fields", "account_id", "salesorder_item_id",
    "purchaseorder_item_id",
})  # fmt: skip
# Sent back by clients that read, change and write, or meant for editions this organisation does not have.
_PASSED_OVER = frozenset({
    "variant_id", "product_id", "sku", "group_name", "bcy_rate", "sales_rate", "discount_amount", "discounts",
    "tax_name", "tax_type", "tax_percentage", "line_item_taxes", "item_total", "item_sub_total",
    "item_total_inclusive_of_tax", "product_type", "line_item_type", "item_type", "is_invoiced", "tags",
    "custom_field_hash", "project_id", "pricebook_id", "package_details", "mapped_items", "image_id",
    "image_name", "image_type", "image_document_id", "location_name", "warehouse_name", "account_name",
    "is_receivable", "is_combo_product", "combo_type", "hsn_or_sac", "sat_item_key_code", "unitkey_code",
    "tds_tax_id", "header_id", "header_name", "attributes", "track_serial_number", "track_batch_number",
})  # fmt: skip


class OrderedItem(NamedTuple):
    """What a line takes from its item; `usable` is sellable for sales, purchasable for purchases."""

    item_id: str
    name: str
    rate: Decimal
    usable: bool = True
    active: bool = True
    sku: str = ""
    description: str = ""
    unit: str = ""
    tax_id: str = ""
    account_id: str = ""
    tracked: bool = False
    product_type: str = "goods"
    item_type: str = "inventory"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is kept; amounts follow from it (see `money`), progress from other documents."""

    line_item_id: str
    item_id: str
    name: str
    rate: Decimal
    quantity: Decimal
    description: str = ""
    unit: str = ""
    discount: Discount = NO_DISCOUNT
    tax_id: str = ""
    location_id: str = ""
    item_order: int = 0
    account_id: str = ""
    salesorder_item_id: str = ""
    purchaseorder_item_id: str = ""
    custom: CustomTexts = ()

    def dump(self) -> list[Any]:
        """As JSON, in the order of the fields: orders have many lines."""
        values = [getattr(self, each.name) for each in fields(self)]
        return [
            discount_kept(value) if isinstance(value, Discount)
            else str(value) if isinstance(value, Decimal)
            else value
            for value in values
        ]  # fmt: skip

    @classmethod
    def load(cls, row: Sequence[Any]) -> Line:
        """From a dump."""
        values = dict(zip((each.name for each in fields(cls)), row, strict=True))
        values["rate"], values["quantity"] = Decimal(values["rate"]), Decimal(values["quantity"])
        values["discount"] = clean_discount("discount", values["discount"])
        values["custom"] = tuple((label, text) for label, text in values["custom"])
        return cls(**values)


@dataclass(frozen=True)
class LineRules:
    """Where lines look things up.

    `item_of` answers the item as this kind of document sees it (with the sales or the purchase rate, in the
    document's currency); `rate_keys` are the keys a price may come under, the first one wins. Where items or
    locations have refusals of their own, `check` and `place_of` raise them: `check` for an item that is new
    to the document, `place_of` for what a line says of its location (with what it is otherwise).
    """

    switches: Switches
    next_id: Callable[[], str]
    item_of: Callable[[str], OrderedItem | None]
    tax_of: Callable[[str], TaxRate | None]
    locations: Collection[str] = ()
    rate_keys: tuple[str, ...] = ("rate",)
    check: Callable[[str], object] | None = None
    place_of: Callable[[Mapping[str, Any], str], str] | None = None


def clean_lines(sent: object, current: Sequence[Line], rules: LineRules) -> tuple[Line, ...]:
    """The lines after a write.

    :raises ApiError: no line, an unknown line id, item, tax or location, an item that is not for sale, a
        number out of range
    """
    if not isinstance(sent, list):
        raise invalid_value("line_items")
    if not sent:
        raise missing_value("line_items")
    known, found = {line.line_item_id: line for line in current}, []
    for position, entry in enumerate(sent):
        if not isinstance(entry, dict):
            raise invalid_value("line_items")
        _refuse_unknown(entry, rules.switches)
        line_id = entry.get("line_item_id")
        before = None
        if line_id not in (None, ""):
            before = known.pop(str(line_id), None)
            if before is None:
                code = rules.switches.zoho_unknown_line_code
                raise ApiError(400, code, f"Invalid value passed for line_item_id {line_id}")
        found.append(_line(entry, before, position, rules))
    return tuple(sorted(found, key=lambda line: line.item_order))


def without_lines(before: Iterable[Line], after: Iterable[Line]) -> list[Line]:
    """The lines that a write has dropped."""
    kept = {line.line_item_id for line in after}
    return [line for line in before if line.line_item_id not in kept]


def clean_custom_texts(sent: object) -> CustomTexts:
    """`item_custom_fields`: pairs of label and value, in the order given.

    :raises ApiError: no list of objects that have a label
    """
    if sent in (None, ""):
        return ()
    if not isinstance(sent, list):
        raise invalid_value("item_custom_fields")
    found: dict[str, str] = {}
    for entry in sent:
        label = entry.get("label") or entry.get("api_name") if isinstance(entry, dict) else None
        value = entry.get("value", "") if isinstance(entry, dict) else None
        if not isinstance(label, str) or isinstance(value, list | dict):
            raise invalid_value("item_custom_fields")
        found[label] = str(value).lower() if isinstance(value, bool) else str(value or "")
    return tuple((label, text) for label, text in found.items() if text)


def _refuse_unknown(entry: Mapping[str, Any], switches: Switches) -> None:
    if switches.zoho_unknown_keys != "reject":
        return
    for key in entry:
        if key in _READ or key in _TEXTS or key in _PASSED_OVER:
            continue
        if not key.startswith(("quantity_", "cf_")) and not key.endswith("_formatted"):
            raise invalid_element(key, switches)


def _line(entry: Mapping[str, Any], before: Line | None, position: int, rules: LineRules) -> Line:
    item = _item(entry, before, rules)
    same = before is not None and item.item_id == before.item_id
    kept = before if same and rules.switches.zoho_line_put == "keep" else None
    texts = {
        key: clean_text(key, entry[key], limit) if key in entry else getattr(kept or item, key)
        for key, limit in _TEXTS.items()
    }
    return Line(
        line_item_id=before.line_item_id if before is not None else rules.next_id(),
        item_id=item.item_id,
        rate=_rate(entry, kept.rate if kept else item.rate, rules),
        quantity=_quantity(entry, kept, rules.switches),
        discount=_kept(entry, "discount", kept, NO_DISCOUNT, clean_discount),
        tax_id=_tax(entry, kept.tax_id if kept else item.tax_id, rules),
        location_id=_location(entry, before.location_id if before else "", rules),
        item_order=_order(entry, position),
        account_id=_kept(entry, "account_id", kept, item.account_id, _id),
        salesorder_item_id=_kept(entry, "salesorder_item_id", before, "", _id),
        purchaseorder_item_id=_kept(entry, "purchaseorder_item_id", before, "", _id),
        custom=clean_custom_texts(entry["item_custom_fields"])
        if "item_custom_fields" in entry
        else (before.custom if before else ()),
        name=texts["name"] or item.name,
        description=texts["description"],
        unit=texts["unit"],
    )


def _item(entry: Mapping[str, Any], before: Line | None, rules: LineRules) -> OrderedItem:
    item_id = entry.get("item_id", before.item_id if before else None)
    if item_id in (None, ""):
        raise missing_value("item_id")
    if isinstance(item_id, bool) or not isinstance(item_id, str | int):
        raise invalid_value("item_id")
    renewed = before is None or before.item_id != str(item_id)
    if renewed and rules.check is not None:
        rules.check(str(item_id))
    item, switches = rules.item_of(str(item_id)), rules.switches
    if item is None:
        raise ApiError(switches.zoho_line_item_absent_status, 2006, "Item does not exist")
    if not renewed:
        # An item may have been retired since the line was written.
        return item
    if not item.active:
        raise ApiError(400, switches.zoho_line_item_code, f'The item "{item.name}" is inactive.')
    if not item.usable:
        raise ApiError(
            400, switches.zoho_line_item_code, f'The item "{item.name}" cannot be used in this transaction.'
        )
    return item


def _rate(entry: Mapping[str, Any], otherwise: Decimal, rules: LineRules) -> Decimal:
    for key in rules.rate_keys:
        if entry.get(key) not in (None, ""):
            return clean_rate(key, entry[key])
    return otherwise


def _quantity(entry: Mapping[str, Any], kept: Line | None, switches: Switches) -> Decimal:
    if "quantity" in entry:
        return clean_quantity("quantity", entry["quantity"], switches)
    if kept is not None:
        return kept.quantity
    if switches.zoho_line_quantity_required:
        raise missing_value("quantity")
    return Decimal(1)


def _tax(entry: Mapping[str, Any], otherwise: str, rules: LineRules) -> str:
    if "tax_id" not in entry:
        return otherwise
    tax_id = _id("tax_id", entry["tax_id"])
    if tax_id and rules.tax_of(tax_id) is None:
        raise invalid_value("tax_id")
    return tax_id


def _location(entry: Mapping[str, Any], otherwise: str, rules: LineRules) -> str:
    if rules.place_of is not None:
        return rules.place_of(entry, otherwise)
    for key in ("location_id", "warehouse_id"):
        if entry.get(key) not in (None, ""):
            location_id = _id(key, entry[key])
            if location_id not in rules.locations:
                raise invalid_value(key)
            return location_id
    return otherwise


def _order(entry: Mapping[str, Any], position: int) -> int:
    order = entry.get("item_order", position)
    if isinstance(order, bool) or not isinstance(order, int):
        raise invalid_value("item_order")
    return order


def _id(key: str, value: object) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid_value(key)
    return str(value)


def _kept(
    entry: Mapping[str, Any],
    key: str,
    before: Line | None,
    otherwise: Any,
    clean: Callable[[str, object], Any],
) -> Any:
    if key in entry:
        return clean(key, entry[key])
    return otherwise if before is None else getattr(before, key)
