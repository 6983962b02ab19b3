"""Random records, changed at random, and random queries: every list is what a look at each record makes of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.contract.sandbox_zoho.in_process import InProcess
from tests.contract.sandbox_zoho.list_oracle import COMPARISONS, Documented, Json, expected
from tests.contract.sandbox_zoho.listed_modules import CONTACTS, EVERY, INVOICES, ITEMS, ORDERS, PACKAGES

WORDS = ("Oak", "oak desk", "Übung", "STRASSE", "straße", "100%", "a_b", "a%b", "x,y", "İz", "lamp", "鋼", "O'Hara", "-", "0")  # fmt: skip
NUMBERS = (0, 1, 2.5, 10, 10.000001, 99.99)
SUFFIXES = ("", "_startswith", "_contains")


class Bustle:
    """An organisation in which something changes all the time."""

    def __init__(self, seed: int, **switches: str) -> None:
        self.zoho = InProcess(zoho_package_exact_filters="true", **switches)
        self.chance = random.Random(seed)
        self.made = 0
        self.steps = [
            self.contact, self.item, self.order, self.order, self.confirm, self.confirm, self.pack, self.ship,
            self.invoice, self.send, self.pay, self.adjust, self.rename_contact, self.change_item,
            self.change_order, self.switch, self.track, self.delete, self.void,
        ]  # fmt: skip
        self.tax_id = self.zoho.good("POST", "/settings/taxes", {"tax_name": "T", "tax_percentage": 7})[
            "tax"
        ][0]["tax_id"]
        for _ in range(6):
            self.contact()
            self.item()

    def step(self) -> None:
        """One change, or one that is refused; time may go by."""
        # A refusal is an answer like any other here; there may be nothing yet to change.
        with suppress(IndexError):
            self.chance.choice(self.steps)()
        self.zoho.move(self.chance.choice((0, 0, 1, 3600, 90_000)))

    def any(self, of: Documented) -> str:
        return self.chance.choice(list(self.ids(of)))

    def ids(self, of: Documented) -> Iterator[str]:
        entity = {"/contacts": "contact", "/items": "item", "/salesorders": "salesorder", "/packages": "package",
                  "/invoices": "invoice", "/shipmentorders": "shipmentorder"}[of.path]  # fmt: skip
        module = self.zoho.org.modules[entity]
        return (each for each in module.ids() if not module.is_deleted(each))

    def words(self) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 3)))

    def name(self) -> str:
        self.made += 1
        return f"{self.words()} {self.made}"

    def contact(self) -> None:
        person = {"first_name": self.words(), "last_name": self.words(), "email": f"{self.made}@Example.com"}
        body = {
            "contact_name": self.name(), "company_name": self.words(), "notes": self.words(),
            "billing_address": {"city": self.words(), "zip": str(self.made)},
            "contact_persons": [person] * self.chance.randint(0, 2),
        }  # fmt: skip
        self.zoho.call("POST", "/contacts", body)

    def item(self) -> None:
        kind = self.chance.choice(("inventory", "inventory", "sales", "sales_and_purchases", "purchases"))
        body = {"name": self.name(), "rate": self.chance.choice(NUMBERS), "item_type": kind,
                "purchase_rate": self.chance.choice(NUMBERS)}  # fmt: skip
        if kind == "inventory":
            body |= {"initial_stock": self.chance.randint(0, 20), "initial_stock_rate": 1}
            body |= {"reorder_level": 5} if self.chance.random() < 0.5 else {}
        elif self.chance.random() < 0.5:
            body["product_type"] = "service"
        if self.chance.random() < 0.6:
            body["sku"] = self.name()
        if self.chance.random() < 0.4:
            body |= {"tax_id": self.tax_id, "part_number": self.words()}
        self.zoho.call("POST", "/items", body)

    def lines(self) -> list[Json]:
        return [{"item_id": self.any(ITEMS), "quantity": self.chance.randint(1, 4)}
                for _ in range(self.chance.randint(1, 3))]  # fmt: skip

    def day(self) -> str:
        return f"2027-0{self.chance.randint(1, 3)}-1{self.chance.randint(0, 3)}"

    def order(self) -> None:
        body = {"customer_id": self.any(CONTACTS), "line_items": self.lines(), "date": self.day()}
        if self.chance.random() < 0.5:
            body |= {"reference_number": self.words(), "shipment_date": self.day(), "zcrm_potential_id": "77"}
        self.zoho.call("POST", "/salesorders", body)

    def confirm(self) -> None:
        self.zoho.call("POST", f"/salesorders/{self.any(ORDERS)}/status/confirmed")

    def void(self) -> None:
        if self.chance.random() < 0.3:
            self.zoho.call("POST", f"/salesorders/{self.any(ORDERS)}/status/void")

    def shown(self, of: Documented, record_id: str) -> Json:
        found: Json = self.zoho.good("GET", f"{of.path}/{record_id}")
        record: Json = next(value for key, value in found.items() if key not in {"code", "message"})
        return record

    def pack(self) -> None:
        order = self.shown(ORDERS, self.any(ORDERS))
        line = self.chance.choice(order["line_items"])
        body = {"line_items": [{"so_line_item_id": line["line_item_id"], "quantity": 1}]}
        self.zoho.call("POST", "/packages", body, salesorder_id=order["salesorder_id"])

    def ship(self) -> None:
        package = self.shown(PACKAGES, self.any(PACKAGES))
        body = {"delivery_method": self.words(), "tracking_number": self.words(), "date": self.day()}
        self.zoho.call("POST", "/shipmentorders", body, salesorder_id=package["salesorder_id"],
                       package_ids=package["package_id"])  # fmt: skip

    def track(self) -> None:
        shipments = list(self.zoho.org.sales.shipments.register.all())
        shipment = self.chance.choice(shipments)
        body = {"delivery_method": self.words(), "tracking_number": self.words(), "date": self.day()}
        path = f"/shipmentorders/{shipment.record_id}"
        if self.chance.random() < 0.2:
            self.zoho.call("DELETE", path)
        else:
            query = {"salesorder_id": shipment.order_id, "package_ids": ",".join(shipment.package_ids)}
            self.zoho.call("PUT", path, body, **query)

    def invoice(self) -> None:
        self.zoho.call("POST", "/invoices", {}, salesorder_id=self.any(ORDERS))

    def send(self) -> None:
        word = "void" if self.chance.random() < 0.2 else "sent"
        self.zoho.call("POST", f"/invoices/{self.any(INVOICES)}/status/{word}")

    def pay(self) -> None:
        invoice = self.shown(INVOICES, self.any(INVOICES))
        share = {"invoice_id": invoice["invoice_id"], "amount_applied": min(5, invoice["balance"])}
        self.zoho.call("POST", "/customerpayments",
                       {"customer_id": invoice["customer_id"], "amount": 5, "invoices": [share]})  # fmt: skip

    def adjust(self) -> None:
        line = {"item_id": self.any(ITEMS), "quantity_adjusted": self.chance.choice((-3, 2, 9))}
        body = {"date": self.day(), "reason": "count", "adjustment_type": "quantity", "line_items": [line]}
        self.zoho.call("POST", "/inventoryadjustments", body)

    def rename_contact(self) -> None:
        body: Json = {"contact_name": self.name(), "notes": self.words()}
        if self.chance.random() < 0.3:
            body["contact_persons"] = [{"first_name": self.words(), "email": f"{self.made}@example.org"}]
        self.zoho.call("PUT", f"/contacts/{self.any(CONTACTS)}", body)

    def change_item(self) -> None:
        body = {"name": self.name(), "sku": self.name(), "rate": self.chance.choice(NUMBERS)}
        self.zoho.call("PUT", f"/items/{self.any(ITEMS)}", body)

    def change_order(self) -> None:
        body = self.chance.choice(
            ({"reference_number": self.words()}, {"line_items": self.lines()}, {"date": self.day(), "discount": 1},
             {"customer_id": self.any(CONTACTS)})
        )  # fmt: skip
        self.zoho.call("PUT", f"/salesorders/{self.any(ORDERS)}", body)

    def switch(self) -> None:
        of = self.chance.choice((CONTACTS, ITEMS))
        word = "inactive" if self.chance.random() < 0.4 else "active"
        self.zoho.call("POST", f"{of.path}/{self.any(of)}/{word}")

    def delete(self) -> None:
        if self.chance.random() < 0.3:
            of = self.chance.choice(EVERY)
            self.zoho.call("DELETE", f"{of.path}/{self.any(of)}")


class Asking:
    """Queries about the records that there are."""

    def __init__(self, of: Documented, records: list[Json], chance: random.Random) -> None:
        self.of, self.records, self.chance = of, records, chance

    def query(self) -> dict[str, str]:
        """Up to three conditions, an order, and words that mean nothing."""
        chance, found = self.chance, {}
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            name, value = self.condition()
            found[name] = value
        if chance.random() < 0.5:
            found["sort_column"] = chance.choice((*self.of.sorts, "no_such_column", ""))
        if chance.random() < 0.5:
            found["sort_order"] = chance.choice(("A", "D", "a", "d", "ascending", "descending"))
        if chance.random() < 0.2:
            found[chance.choice(("colour", "name_endswith", "filter", "cf_x"))] = chance.choice(WORDS)
        if chance.random() < 0.3:
            found["filter_by"] = chance.choice((*self.of.views, "Status.Nonsense", ""))
        return found

    def condition(self) -> tuple[str, str]:
        """A filter that the list documents, with a value that mostly finds something."""
        of = self.of
        kinds: list[Callable[[Json], tuple[str, str]]] = [
            self.text, self.text, self.text, self.search, *[self.number, self.number] * bool(of.numbers),
            *[self.date, self.date] * bool(of.dates), *[self.id, self.id] * bool(of.ids),
            *[self.among] * bool(of.among), *[self.modified] * of.modified,
        ]  # fmt: skip
        return self.chance.choice(kinds)(self.chance.choice(self.records))

    def text(self, record: Json) -> tuple[str, str]:
        column = self.chance.choice(list(self.of.texts))
        return column + self.chance.choice(SUFFIXES), self.part(list(self.of.texts[column](record)))

    def search(self, record: Json) -> tuple[str, str]:
        return "search_text", self.part(list(self.of.search(record)))

    def number(self, record: Json) -> tuple[str, str]:
        column = self.chance.choice(list(self.of.numbers))
        value = self.value(record, self.of.numbers[column], ("0", "10", "-1", "1e3"))
        return column + self.chance.choice(COMPARISONS), value

    def date(self, record: Json) -> tuple[str, str]:
        column = self.chance.choice(list(self.of.dates))
        suffix = self.chance.choice(("", "_start", "_end", "_before", "_after"))
        return column + suffix, self.value(record, self.of.dates[column], ("2027-02-11", "1999-01-01"))

    def id(self, record: Json) -> tuple[str, str]:
        column = self.chance.choice(list(self.of.ids))
        return column, next(iter(self.of.ids[column](record)), "") or "5"

    def among(self, _: Json) -> tuple[str, str]:
        column = self.chance.choice(sorted(self.of.among))
        texts = [next(iter(self.of.texts[column](each))) for each in self.chance.choices(self.records, k=3)]
        return column + self.chance.choice(("_in", "_not_in")), ",".join(texts)

    def modified(self, record: Json) -> tuple[str, str]:
        return "last_modified_time", self.value(record, "last_modified_time", ("2026-01-01T00:00:00+0000",))

    def value(self, record: Json, key: str, others: tuple[str, ...]) -> str:
        found = str(record.get(key) or "")
        return found if found and self.chance.random() < 0.7 else self.chance.choice(others)

    def part(self, texts: list[str]) -> str:
        text = self.chance.choice(texts or ["x"])
        how = self.chance.random()
        if how < 0.2:
            return self.chance.choice(WORDS)
        if how < 0.5:
            text = text.swapcase() if how < 0.35 else text[: self.chance.randint(0, len(text))]
        elif how < 0.7:
            text = text[self.chance.randint(0, len(text)) :]
        return text[:100]


def pages(zoho: InProcess, of: Documented, query: dict[str, str], size: int) -> list[str]:
    """Ids on all pages together."""
    found: list[str] = []
    for number in range(1, 1000):
        status, body = zoho.call("GET", of.path, page=str(number), per_page=str(size), **query)
        assert status == 200, (of.path, query, body)
        context, rows = body["page_context"], body[of.key]
        assert (context["page"], context["per_page"]) == (number, min(size, 200))
        assert context["sort_column"] == (
            query.get("sort_column") if query.get("sort_column") in of.sorts else of.default[0]
        )
        assert len(rows) == min(size, 200) if context["has_more_page"] else len(rows) <= min(size, 200)
        found += [row[of.id_key] for row in rows]
        if not context["has_more_page"]:
            return found
    raise AssertionError("it never ends")


def compare(bustle: Bustle, of: Documented, queries: int) -> Counter[str]:
    """Ask that many times; answers how often each condition found something."""
    records = [bustle.shown(of, record_id) for record_id in bustle.ids(of)]
    asking = Asking(of, records, bustle.chance)
    queries = queries if records else 0
    found: Counter[str] = Counter()
    for _ in range(queries):
        query = asking.query()
        wanted = expected(of, records, query)
        told = pages(bustle.zoho, of, query, bustle.chance.choice((1, 3, 7, 200, 1000)))
        assert told == wanted, (of.path, query)
        found.update(list(query) if wanted else ())
    return found


@pytest.mark.parametrize("seed", range(2))
def test_lists_are_what_a_look_at_each_record_makes_of_them(seed: int) -> None:
    bustle, found = Bustle(seed), Counter[Any]()
    for _ in range(15):
        for _ in range(15):
            bustle.step()
        for of in EVERY:
            found.update({(of.path, name): count for name, count in compare(bustle, of, 6).items()})
    assert {of.path for of in EVERY} == {path for path, _ in found}


def test_filters_see_the_records_of_a_moment_ago() -> None:
    """Every list answers what it did before the last changes, as far as those records still pass the rest."""
    bustle = Bustle(5, zoho_search_lag_seconds="30")
    for _ in range(150):
        bustle.step()
    bustle.zoho.move(31)
    for of in (CONTACTS, ITEMS, ORDERS):
        before = [bustle.shown(of, record_id) for record_id in bustle.ids(of)]
        asking = Asking(of, before, bustle.chance)
        queries: list[dict[str, str]] = []
        while len(queries) < 15:
            name, value = bustle.chance.choice((asking.text, asking.search))(bustle.chance.choice(before))
            queries.append({name: value})
        told = [set(pages(bustle.zoho, of, query, 7)) for query in queries]
        changes = {CONTACTS.path: bustle.rename_contact, ITEMS.path: bustle.change_item}
        for _ in range(10):
            changes.get(of.path, bustle.change_order)()
        assert [set(pages(bustle.zoho, of, query, 7)) for query in queries] == told
        bustle.zoho.move(31)
        after = [bustle.shown(of, record_id) for record_id in bustle.ids(of)]
        assert [pages(bustle.zoho, of, query, 7) for query in queries] == [
            expected(of, after, query) for query in queries
        ]


@pytest.mark.parametrize("of", EVERY, ids=lambda of: of.key)
def test_page_numbers_of_every_list_are_positive_integers(of: Documented) -> None:
    zoho = Bustle(1).zoho
    for key, label in (("page", "Page"), ("per_page", "Per Page")):
        for value in ("0", "-1", "x", "1.5", "", "+1", " 1", "1_0", "\u0661", "9" * 30, str(2**31)):
            refusal = (400, {"code": 2, "message": f"Invalid value passed for {label}"})
            assert zoho.call("GET", of.path, **{key: value}) == refusal, (key, value)
    context = zoho.good("GET", of.path, per_page="201", page=str(2**31 - 1))["page_context"]
    assert (context["per_page"], context["has_more_page"]) == (200, False)


@pytest.mark.parametrize("of", EVERY, ids=lambda of: of.key)
def test_values_of_filters_have_a_hundred_characters_at_most(of: Documented) -> None:
    zoho = Bustle(1).zoho
    for name in ("search_text", *(column + suffix for column in of.texts for suffix in SUFFIXES)):
        assert zoho.call("GET", of.path, **{name: "x" * 100})[0] == 200
        refusal = {"code": 15, "message": f'Please ensure that the "{name}" has less than 100 characters.'}
        assert zoho.call("GET", of.path, **{name: "x" * 101}) == (400, refusal)
