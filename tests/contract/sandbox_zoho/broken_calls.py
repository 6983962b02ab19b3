"""Calls that are almost right: a good body for every endpoint, spoilt at random."""

from __future__ import annotations

import random
import re
from typing import Any

import orjson

from integration.sandbox.zoho.api import ENDPOINTS
from integration.sandbox.zoho.endpoint import Endpoint
from tests.contract.sandbox_zoho.in_process import InProcess, Json

WRONG: tuple[Any, ...] = (
    None, 0, -1, 1, 2.5, 1e30, -1e-9, 1e-7, 2**63, "", "x", "-5", "1e5", "nan", "inf", "1_000", "٣", "2026-02-30",
    "2026-W01-1", "20260101", "0001-01-01", "9999-12-31", "x" * 60, "x" * 1000, "x" * 70_000, [], {}, [[]], [{}],
    {"a": 1}, [1], ["x"], [None], True, False, "%", "_", "\u0000", "\U0001f600", {"value": {}}, [{"label": "a"}],
    "12.345678901", "1" * 400, 10**13, "\n", "10%", "100.1%", "-1%", 10,
)  # fmt: skip
RAW = (
    b"", b"{", b"[]", b"1", b"null", b'"x"', b"NaN", b'{"a":NaN}', b'{"quantity":Infinity}', b"\xff\xfe",
    b'{"a":"\\ud800"}', b"[" * 5000, b'{"a":1e999}', b'{"line_items":[1]}', b"[1]", b'[{"api_name":1}]',
)  # fmt: skip
QUERY = (
    "item_id", "salesorder_id", "package_ids", "item_ids", "salesorder_ids", "filter_by", "page", "per_page",
    "sort_column", "sort_order", "last_modified_time", "entity", "ignore_auto_number_generation", "JSONString",
    "history_ids", "date", "rate", "total", "name_contains", "search_text", "type", "status",
)  # fmt: skip


class Spoiler:
    """An organisation with one of everything, and calls to all of its endpoints."""

    def __init__(self, seed: int, **switches: str) -> None:
        self.zoho, self.chance, self.made = InProcess(**switches), random.Random(seed), 0
        self.known: dict[str, list[str]] = {}
        good = self.zoho.good
        person = {"first_name": "P", "email": "p@example.com"}
        made = good("POST", "/contacts", {"contact_name": "C", "contact_persons": [person]})["contact"]
        self.customer, self.person = made["contact_id"], made["primary_contact_id"]
        self.vendor = good("POST", "/contacts", {"contact_name": "V", "contact_type": "vendor"})["contact"][
            "contact_id"
        ]
        stock = {"item_type": "inventory", "initial_stock": 100_000, "initial_stock_rate": 3, "rate": 10}
        self.item = good("POST", "/items", {"name": "I", **stock})["item"]["item_id"]
        self.tax = good("POST", "/settings/taxes", {"tax_name": "T", "tax_percentage": 19})["tax"][0][
            "tax_id"
        ]
        self.place = self.zoho.org.locations.named({}).location_id
        fields = [
            field
            for field in good("GET", "/settings/fields", entity="contact")["fields"]
            if field["is_custom_field"]
        ]
        self.field = fields[0]["api_name"]
        self.ids = [
            self.customer,
            self.vendor,
            self.person,
            self.item,
            self.tax,
            self.place,
            "1",
            "9" * 25,
            "0",
        ]

    def name(self) -> str:
        self.made += 1
        return f"n{self.made}"

    def order(self) -> Json:
        """A confirmed order of five."""
        for record in (f"contacts/{self.customer}", f"items/{self.item}"):
            self.zoho.call("POST", f"/{record}/active")
        body = {"customer_id": self.customer, "line_items": [{"item_id": self.item, "quantity": 5}]}
        order: Json = self.zoho.good("POST", "/salesorders", body)["salesorder"]
        if self.chance.random() < 0.8:
            self.zoho.call("POST", f"/salesorders/{order['salesorder_id']}/status/confirmed")
        return order

    def call(self) -> tuple[Endpoint, int]:
        """One call; answers the endpoint and the status."""
        endpoint = self.chance.choice(ENDPOINTS)
        path = re.sub(r"\{(\w+)\}", lambda found: self._id(found[1]), endpoint.path)
        if endpoint.method == "DELETE" and any(path.endswith(f"/{each}") for each in self.ids):
            # Everything else leans on these.
            path = path.rpartition("/")[0] + "/2"
        query: dict[str, str] = {}
        body = self._body(endpoint, query)
        content, headers = b"", {}
        if endpoint.method == "PUT" and "{" not in endpoint.path:
            headers = {"X-Unique-Identifier-Key": self.field, "X-Unique-Identifier-Value": self.name(),
                       "X-Upsert": self.chance.choice(("true", "false"))}  # fmt: skip
        if endpoint.method in {"POST", "PUT"}:
            how = self.chance.random()
            spoilt = body if how < 0.2 else self._spoilt(body)
            content = self.chance.choice(RAW) if how > 0.93 else orjson.dumps(spoilt)
        for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
            query[self.chance.choice(QUERY)] = str(self.chance.choice((*WRONG, *self.ids)))
        if "{" not in endpoint.path and "_ids" not in query and self.chance.random() < 0.5:
            query |= {
                f"{kind}_ids": ",".join(self._id(f"{kind}_id") for _ in "ab")
                for kind in ("item", "salesorder")
            }
        query.setdefault("item_id", self.item)
        status, answer = self.zoho.raw(endpoint.method, path, content, headers, **query)
        if endpoint.method != "DELETE":
            self._learn(answer)
        return endpoint, status

    def _id(self, name: str) -> str:
        ids = self.known.get({"variant_id": "item_id"}.get(name, name))
        found: str = self.chance.choice(ids if ids and self.chance.random() < 0.9 else self.ids)
        return found

    def _learn(self, answer: Any) -> None:
        """Remember every id by its key."""
        if isinstance(answer, list):
            for each in answer[:3]:
                self._learn(each)
        for key, value in answer.items() if isinstance(answer, dict) else ():
            if key.endswith("_id") and isinstance(value, str) and value.isdigit():
                known = self.known.setdefault(key, [])
                # Newer ones push older ones out: many are deleted by then.
                self.known[key] = [*known[-5:], value]
            elif isinstance(value, dict | list):
                self._learn(value)

    def _body(self, endpoint: Endpoint, query: dict[str, str]) -> Any:
        line = {"item_id": self.item, "quantity": 2, "rate": 9.5, "discount": "10%", "tax_id": self.tax,
                "location_id": self.place, "description": "d", "item_custom_fields": [{"label": "a", "value": "b"}]}  # fmt: skip
        address = {"address": "a", "city": "c", "zip": "1"}
        path = endpoint.path
        if "customfields" in path:
            return [{"api_name": self.field, "value": self.name()}]
        if path.startswith(("/packages", "/shipmentorders", "/invoices")) and self.chance.random() < 0.9:
            return self._of_an_order(path, query)
        for start, body in (
            ("/contacts/contactpersons", {"contact_id": self.customer, "first_name": "F", "email": "e@example.com",
                                          "communication_preference": {"is_sms_enabled": True}}),
            ("/contacts", {"contact_name": self.name(), "payment_terms": 5, "billing_address": address,
                           "contact_persons": [{"first_name": "F"}], "tags": [], "notes": "n", "tax_id": self.tax,
                           "opening_balances": [{"location_id": self.place, "opening_balance_amount": 1}],
                           "custom_fields": [{"api_name": self.field, "value": self.name()}], "default_templates": {}}),
            ("/items", {"name": self.name(), "sku": self.name(), "rate": 5, "item_type": "inventory", "upc": "012345678905",
                        "locations": [{"location_id": self.place, "initial_stock": 5, "initial_stock_rate": 1}],
                        "package_details": {"length": 1, "weight_unit": "kg"}, "tax_id": self.tax, "tags": [],
                        "item_tax_preferences": [{"tax_id": self.tax, "tax_specification": "intra"}],
                        "reorder_level": 4, "vendor_id": self.vendor, "custom_fields": []}),
            ("/variants", {"locations": [{"location_id": self.place, "initial_stock": 5, "initial_stock_rate": 1}]}),
            ("/inventoryadjustments", {"date": "2027-01-01", "reason": "r", "adjustment_type": "quantity", "custom_fields": [],
                                       "line_items": [{"item_id": self.item, "quantity_adjusted": 3, "location_id": self.place}]}),
            ("/salesorders", {"customer_id": self.customer, "line_items": [line], "date": "2027-01-02", "discount": 3,
                              "shipping_charge": 4, "adjustment": -1, "billing_address": address, "custom_fields": [],
                              "contact_persons_associated": [{"contact_person_id": self.person}], "exchange_rate": 1,
                              "salesperson_name": "S", "delivery_method": "m",
                              "is_inclusive_tax": True, "discount_type": "entity_level"} if "comments" not in path else {"description": "c"}),
            ("/customerpayments", {"customer_id": self.customer, "amount": 3, "date": "2027-01-02", "payment_mode": "cash",
                                   "invoices": [{"invoice_id": self._id("invoice_id"), "amount_applied": 1}]}),
            ("/locations", {"location_name": self.name(), "address": address, "type": "general"}),
            ("/settings/taxgroups", {"tax_group_name": self.name(), "taxes": self.tax}),
            ("/settings/taxes", {"tax_name": self.name(), "tax_percentage": 5, "tax_type": "tax"}),
            ("/settings/fields", {"label": self.name(), "entity": "item", "data_type": "string", "values": []}),
            ("/settings/webhooks", {"webhook_name": self.name(), "url": "http://127.0.0.1:9/x", "entity": "item", "method": "POST",
                                    "headers": [{"param_name": "a", "param_value": "b"}], "secret": "abcdefghijkl"}),
            ("/settings/workflows", {"workflow_name": self.name(), "rule_type": "add", "entity": "item", "rule": {},
                                     "instant_actions": [{"action_type": "webhook", "action_id": self._id("webhook_id")}]}),
            ("/retrypolicies", {"policy_name": self.name(), "action_type": "webhook", "retry_type": "fixed",
                                "base_interval": 1, "base_interval_unit": "minutes", "interval_modifier": 1, "retry_count": 2}),
        ):  # fmt: skip
            if path.startswith(start):
                found: Json = body
                return found
        return {}

    def _of_an_order(self, path: str, query: dict[str, str]) -> Json:
        order = self.order()
        query["salesorder_id"] = order["salesorder_id"]
        line = order["line_items"][0]["line_item_id"]
        if path.startswith("/packages"):
            return {
                "date": "2027-01-03",
                "line_items": [{"so_line_item_id": line, "quantity": 2}],
                "notes": "n",
            }
        if path.startswith("/shipmentorders"):
            packages = list(self.zoho.org.sales.packages.register.all())
            package = self.chance.choice(packages) if packages else None
            if package is not None:
                query |= {"salesorder_id": package.order_id, "package_ids": package.record_id}
            return {"delivery_method": "m", "date": "2027-01-04", "shipping_charge": 3, "contact_persons": []}
        return {
            "line_items": [{"salesorder_item_id": line, "quantity": 2}],
            "date": "2027-01-05",
            "payment_terms": 3,
        }

    def _spoilt(self, body: Any) -> Any:
        if isinstance(body, dict):
            found, key = dict(body), self.chance.choice([*body, "x"])
            if found.get(key) and isinstance(found[key], dict | list) and self.chance.random() < 0.6:
                found[key] = self._spoilt(found[key])
            elif self.chance.random() < 0.15:
                found.pop(key, None)
            else:
                found[key] = self.chance.choice((*WRONG, *self.ids))
            return found
        if isinstance(body, list) and body:
            first = body[0]
            spoilt = (
                self._spoilt(first)
                if isinstance(first, dict | list) and self.chance.random() < 0.8
                else self.chance.choice(WRONG)
            )
            return [spoilt, *body[1:]]
        return self.chance.choice(WRONG)
