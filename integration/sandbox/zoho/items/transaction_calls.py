"""GET /items/transactions/...: the orders and invoices that have a line for an item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import missing_value
from integration.sandbox.zoho.org import ZohoOrg

Json = dict[str, Any]
_SALE, _PURCHASE = "customer", "vendor"
_MONEY = ("currency_id", "currency_code", "currency_symbol")


def _listing(entity: str, side: str, status: str, *more: str) -> Callable[[ZohoOrg, Call], Answer]:
    """A list of one kind of document: the newest first unless `sort_column` says otherwise; one page."""
    shown = (f"{entity}_id", f"{side}_name", f"{side}_id", status, _number(entity), "date", *_MONEY, *more)
    sorts = ("date", _number(entity), f"{side}_name")

    def work(org: ZohoOrg, call: Call) -> Answer:
        item_id = call.query.get("item_id", "")
        if not item_id:
            raise missing_value("item_id")
        documents = _documents(org, entity, org.items.get(item_id).record_id)
        for key in ("status", f"{side}_id"):
            if call.query.get(key):
                documents = [each for each in documents if each.get(key) == call.query[key]]
        column = call.query.get("sort_column", "")
        if column in sorts:
            documents.sort(key=lambda each: str(each.get(column, "")).casefold())
        rows = [{**{key: each.get(key, "") for key in shown}, **_lines(each, item_id)} for each in documents]
        return Answer(200, {**success().body, f"{entity}s": rows})

    return work


def _documents(org: ZohoOrg, entity: str, item_id: str) -> list[Json]:
    module = org.modules.get(entity)
    if module is None:
        return []
    found = [module.detail(each) for each in reversed(org.stock.documents(item_id))]
    return [document for document in found if document is not None]


def _lines(document: Json, item_id: str) -> Json:
    """The lines of the item as one: quantities and totals added up, unit and price of the first."""
    lines = [line for line in document.get("line_items", []) if line.get("item_id") == item_id]
    first = lines[0] if lines else {}
    return {
        "item_quantity": sum(line.get("quantity", 0) for line in lines),
        "unit": first.get("unit", ""),
        "item_price": first.get("rate", 0.0),
        "item_total_price": round(sum(line.get("item_total", 0) for line in lines), 2),
    }


def _number(entity: str) -> str:
    return f"{entity}_number"


list_sales_orders = _listing("salesorder", _SALE, "order_status", "sales_channel")
list_purchase_orders = _listing("purchaseorder", _PURCHASE, "status")
list_invoices = _listing("invoice", _SALE, "status")

_PATH = "/items/transactions"
ENDPOINTS = (
    Endpoint("GET", f"{_PATH}/salesorders", "salesorders.READ", list_sales_orders),
    Endpoint("GET", f"{_PATH}/purchaseorders", "purchaseorders.READ", list_purchase_orders),
    Endpoint("GET", f"{_PATH}/invoices", "invoices.READ", list_invoices),
)
