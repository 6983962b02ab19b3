"""The lists as the reference documents them: what filters and columns look at in a record that GET shows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from tests.contract.sandbox_zoho.list_oracle import Documented, Json, Texts, moment

_ADDRESS = ("address", "street2", "city", "state", "zip", "country")
_PERSON = ("first_name", "last_name", "email", "phone")


def _text(record: Json, key: str) -> tuple[str]:
    return (str(record.get(key) or ""),)


def _at(key: str) -> Texts:
    return partial(_text, key=key)


def _of_persons(record: Json, key: str) -> Iterable[str]:
    return [person[key] for person in record["contact_persons"]]


def _of_addresses(record: Json) -> Iterable[str]:
    both = (record["billing_address"], record["shipping_address"])
    return [address[key] for address in both for key in _ADDRESS]


def _folded(record: Json, key: str) -> str:
    return str(record.get(key) or "").casefold()


def _of_shipment(package: Json, key: str) -> str:
    return _folded(package["shipment_order"], key)


def _plain(record: Json, key: str) -> str:
    return str(record.get(key) or "")


def _number(record: Json, key: str) -> float:
    return float(record.get(key) or 0)


def _time(record: Json, key: str) -> float:
    return moment(record[key])


def _is(record: Json, key: str, word: str) -> bool:
    return bool(record[key] == word)


_TIMES = {key: partial(_time, key=key) for key in ("created_time", "last_modified_time")}
CONTACTS = Documented(
    path="/contacts", key="contacts", id_key="contact_id",
    texts={
        "contact_name": _at("contact_name"), "company_name": _at("company_name"), "address": _of_addresses,
        **{key: partial(_of_persons, key=key) for key in _PERSON},
    },
    search=lambda record: (record["contact_name"], record["notes"]),
    views={
        "Status.All": lambda _: True, "Status.Crm": lambda _: False,
        "Status.Active": partial(_is, key="status", word="active"),
        "Status.Inactive": partial(_is, key="status", word="inactive"),
    },
    sorts={
        **{key: partial(_folded, key=key) for key in ("contact_name", "first_name", "last_name", "email")},
        "outstanding_receivable_amount": partial(_number, key="outstanding_receivable_amount"), **_TIMES,
    },
    default=("contact_name", "A"), modified=False,
)  # fmt: skip


def _low(record: Json) -> bool:
    if not record["track_inventory"] or record.get("reorder_level", "") == "":
        return False
    return bool(record["stock_on_hand"] <= record["reorder_level"])


_ITEM_TYPES = {
    "Sales": "sales", "Purchases": "purchases", "SalesAndPurchases": "sales_and_purchases",
    "Inventory": "inventory",
}  # fmt: skip
ITEMS = Documented(
    path="/items", key="items", id_key="item_id",
    texts={"name": _at("name"), "sku": _at("sku")},
    numbers={"rate": "rate", "purchase_rate": "purchase_rate"},
    ids={
        **{key: _at(key) for key in ("status", "item_id", "vendor_id", "tax_id", "account_id")},
        "group_id": lambda _: (), "category_id": lambda _: (), "zcrm_product_id": lambda _: (),
    },
    search=lambda record: [record[key] for key in ("name", "sku", "upc", "ean", "isbn", "part_number")],
    views={
        "Status.All": lambda _: True, "ItemType.All": lambda _: True,
        "Status.Unmapped": lambda _: True, "Status.Uncategorized": lambda _: True,
        "Status.Grouped": lambda _: False, "Status.Lowstock": _low,
        "Status.Active": partial(_is, key="status", word="active"),
        "Status.Inactive": partial(_is, key="status", word="inactive"),
        **{f"ItemType.{view}": partial(_is, key="item_type", word=word)
           for view, word in _ITEM_TYPES.items()},
        "ItemType.NonInventory": lambda item: (
            item["item_type"] != "inventory" and item["product_type"] == "goods"),
        "ItemType.Service": partial(_is, key="product_type", word="service"),
    },
    sorts={
        **{key: partial(_folded, key=key) for key in ("name", "sku")},
        **{key: partial(_number, key=key)
           for key in ("rate", "purchase_rate", "reorder_level", "stock_on_hand")},
        **_TIMES,
    },
    default=("name", "A"),
)  # fmt: skip


def _line_items(record: Json, key: str) -> Iterable[str]:
    return [line[key] for line in record["line_items"]]


_ORDER_WORDS = (
    "draft", "confirmed", "open", "void", "partially_shipped", "shipped", "fulfilled", "invoiced",
    "partially_invoiced",
)  # fmt: skip
ORDERS = Documented(
    path="/salesorders", key="salesorders", id_key="salesorder_id",
    texts={
        **{key: _at(key) for key in ("salesorder_number", "reference_number", "customer_name")},
        "item_name": partial(_line_items, key="name"),
    },
    numbers={"total": "total"},
    dates={"date": "date", "shipment_date": "shipment_date"},
    ids={
        **{key: _at(key) for key in ("customer_id", "status", "zcrm_potential_id")},
        "item_id": partial(_line_items, key="item_id"),
    },
    among=frozenset({"salesorder_number", "reference_number"}),
    search=lambda order: [order[key] for key in ("salesorder_number", "reference_number", "customer_name")],
    views={
        "Status.All": lambda _: True, "Status.Closed": partial(_is, key="order_status", word="closed"),
        **{"Status." + word.title().replace("_", ""): partial(_is, key="status", word=word)
           for word in _ORDER_WORDS},
    },
    sorts={
        **{key: partial(_folded, key=key)
           for key in ("customer_name", "salesorder_number", "reference_number")},
        **{key: partial(_plain, key=key) for key in ("date", "shipment_date")},
        "total": partial(_number, key="total"), **_TIMES,
    },
    default=("created_time", "D"),
)  # fmt: skip
PACKAGES = Documented(
    path="/packages", key="packages", id_key="package_id",
    texts={
        **{key: _at(key) for key in ("package_number", "salesorder_number", "customer_name")},
        "delivery_method": lambda package: _text(package["shipment_order"], "delivery_method"),
    },
    dates={"date": "date", "shipment_date": "shipment_date"},
    ids={key: _at(key) for key in ("customer_id", "status", "salesorder_id")},
    search=lambda package: (
        package["package_number"], package["salesorder_number"], package["customer_name"],
        package["shipment_order"].get("delivery_method", ""),
    ),
    views={"Status.All": lambda _: True},
    sorts={
        **{key: partial(_folded, key=key)
           for key in ("package_number", "salesorder_number", "customer_name")},
        "date": partial(_plain, key="date"),
        **{key: partial(_of_shipment, key=key) for key in ("delivery_method", "tracking_number")},
        **_TIMES,
    },
    default=("created_time", "D"), modified=False,
)  # fmt: skip
INVOICES = Documented(
    path="/invoices", key="invoices", id_key="invoice_id",
    texts={key: _at(key) for key in ("invoice_number", "reference_number", "customer_name")},
    numbers={"total": "total", "balance": "balance"},
    dates={"date": "date", "due_date": "due_date"},
    ids={key: _at(key) for key in ("customer_id", "status")},
    search=lambda each: [each[key] for key in ("invoice_number", "reference_number", "customer_name")],
    views={"Status.All": lambda _: True, "Status.Draft": partial(_is, key="status", word="draft"),
           "Status.Paid": partial(_is, key="status", word="paid")},
    sorts={
        **{key: partial(_folded, key=key) for key in ("customer_name", "invoice_number")},
        **{key: partial(_plain, key=key) for key in ("date", "due_date")},
        **{key: partial(_number, key=key) for key in ("total", "balance")}, **_TIMES,
    },
    default=("created_time", "D"),
)  # fmt: skip
EVERY = (CONTACTS, ITEMS, ORDERS, PACKAGES, INVOICES)
