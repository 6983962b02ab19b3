"""A random walk over customers, prices and documents, and what has to hold wherever it leads."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from integration.sandbox.clock import Clock
from integration.sandbox.errors import RefusedError
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg

Record = dict[str, Any]
_CENT = Decimal("0.01")


class Walk:
    """An org, and the ids of everything that was ever made in it."""

    def __init__(self, options: OrgOptions, seed: int) -> None:
        self.org = SalesforceOrg(options, Clock())
        self.refused = 0
        self._random = random.Random(seed)
        self._made: dict[str, list[str]] = {"Pricebook2": [self.org.standard_price_book]}
        for name in ("Account", "Product2") * 2:
            self._made.setdefault(name, []).append(self.org.edit(name, None, {"Name": name})["Id"])
        for product in self._made["Product2"]:
            given = {"Pricebook2Id": self._made["Pricebook2"][0], "Product2Id": product, "UnitPrice": 5}
            price = self.org.edit("PricebookEntry", None, {**given, "IsActive": True})
            self._made.setdefault("PricebookEntry", []).append(price["Id"])

    def step(self) -> None:
        """One save, deletion, undelete or merge, right or wrong."""
        steps: tuple[Callable[[str], None], ...] = (self._create, self._update, self._delete, self._undelete)
        entity = self._random.choices(tuple(_FIELDS), (2, 2, 1, 4, 3, 5, 3, 5))[0]
        (chosen,) = self._random.choices((*steps, self._merge), (9, 5, 2, 2, 1))
        try:
            chosen(entity)
        except RefusedError:
            self.refused += 1

    def _create(self, entity: str) -> None:
        record = self.org.edit(entity, None, self._fields(entity))
        self._made.setdefault(entity, []).append(record["Id"])

    def _update(self, entity: str) -> None:
        fields = self._fields(entity)
        kept = self._random.sample(sorted(fields), self._random.randint(1, 2))
        self.org.edit(entity, self._any(entity), {name: fields[name] for name in kept})

    def _delete(self, entity: str) -> None:
        self.org.delete(entity, self._any(entity))

    def _undelete(self, entity: str) -> None:
        gone = sorted(self.org.store.table(entity).deleted_ids)
        if gone:
            self.org.undelete(entity, self._random.choice(gone))

    def _merge(self, _entity: str) -> None:
        winner, loser = self._random.sample(self._made["Account"], 2)
        self.org.merge("Account", winner, [loser], {})

    def _any(self, entity: str) -> str:
        return self._random.choice(self._made.get(entity, ["001000000000000AAA"])[-8:])

    def _fields(self, entity: str) -> Record:
        found: Record = {}
        for name, choices in _FIELDS[entity].items():
            value = self._random.choice(choices)
            found[name] = self._any(value[1:]) if isinstance(value, str) and value[:1] == "@" else value
        return found


_BOOK = ("@Pricebook2",)
_FIELDS: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "Account": {"Name": ("A", "B"), "ParentId": (None, "@Account")},
    "Product2": {"Name": ("Bolt", "Nut"), "IsActive": (True,)},
    "Pricebook2": {"Name": ("Trade",), "IsActive": (True,)},
    "PricebookEntry": {
        "Pricebook2Id": _BOOK,
        "Product2Id": ("@Product2",),
        "IsActive": (True, True, False),
        "UnitPrice": (1, 9.99, 0.5),
    },
    "Opportunity": {
        "Name": ("Deal",),
        "StageName": ("Prospecting", "Closed Won"),
        "CloseDate": ("2026-12-31",),
        "AccountId": (None, "@Account"),
        "Pricebook2Id": _BOOK,
        "Amount": (None, 7),
    },
    "OpportunityLineItem": {
        "OpportunityId": ("@Opportunity",),
        "PricebookEntryId": ("@PricebookEntry",),
        "Quantity": (1, 2.5, 0),
        "UnitPrice": (3.33, 10, 9e14),
    },
    "Order": {
        "AccountId": ("@Account",),
        "EffectiveDate": ("2026-12-01",),
        "Status": ("Draft", "Draft", "Activated"),
        "Pricebook2Id": _BOOK,
    },
    "OrderItem": {
        "OrderId": ("@Order",),
        "PricebookEntryId": ("@PricebookEntry",),
        "Quantity": (1, 2.5, -1),
        "UnitPrice": (3.33, 10, 9e14),
    },
}


def wrongs(org: SalesforceOrg) -> list[str]:
    """What does not hold, worked out from nothing but the live records as the API shows them."""
    live = {name: [r for r in org.records(name) if not r["deleted"]] for name in _FIELDS}
    known = {record["Id"]: record for records in live.values() for record in records}
    found = [
        f"{name} {record['Id']} without its {field}"
        for name, field in _NEEDED
        for record in live[name]
        if record[field] not in known
    ]
    return [*found, *_wrong_prices(org, live["PricebookEntry"]), *_wrong_sums(live, org)]


_NEEDED = (
    ("PricebookEntry", "Pricebook2Id"),
    ("PricebookEntry", "Product2Id"),
    ("OpportunityLineItem", "OpportunityId"),
    ("Order", "AccountId"),
    ("OrderItem", "OrderId"),
)


def _wrong_prices(org: SalesforceOrg, prices: list[Record]) -> list[str]:
    places = [(price["Pricebook2Id"], price["Product2Id"]) for price in prices]
    found = [f"two prices for {place}" for place in set(places) if places.count(place) > 1]
    standard = org.standard_price_book
    return found + [f"no standard price for {product}" for _, product in set(places) - {
        place for place in places if (standard, place[1]) in places
    }]  # fmt: skip


def _wrong_sums(live: Mapping[str, list[Record]], org: SalesforceOrg) -> list[str]:
    found: list[str] = []
    for parent, child, field, total in (
        ("Opportunity", "OpportunityLineItem", "OpportunityId", "Amount"),
        ("Order", "OrderItem", "OrderId", "TotalAmount"),
    ):
        for record in live[parent]:
            lines = [line for line in live[child] if line[field] == record["Id"]]
            expected = _money(sum((_exact(line["TotalPrice"]) for line in lines), Decimal()))
            if (lines or parent == "Order") and record[total] != expected:
                found.append(f"{parent} {record['Id']} sums to {record[total]}, its lines to {expected}")
            books = {_book(org, line["PricebookEntryId"]) for line in lines}
            if books - {record["Pricebook2Id"]}:
                found.append(f"{parent} {record['Id']} has lines of another price book")
            if parent == "Opportunity" and record["HasOpportunityLineItem"] != bool(lines):
                found.append(f"{parent} {record['Id']} is wrong about having lines")
            if record.get("StatusCode") == "Activated" and not lines:
                found.append(f"{parent} {record['Id']} is active without items")
            if parent == "Opportunity" and record["Amount"] is not None:
                share = _exact(record["Amount"]) * _exact(record["Probability"]) / 100
                if record["ExpectedRevenue"] != _money(share):
                    found.append(f"{parent} {record['Id']} expects {record['ExpectedRevenue']}, not {share}")
    return found


def _book(org: SalesforceOrg, price_id: str) -> str:
    return str(org.record("PricebookEntry", price_id)["Pricebook2Id"])


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _money(value: Decimal) -> float:
    return float(value.quantize(_CENT, ROUND_HALF_UP))
