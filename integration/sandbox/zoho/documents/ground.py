"""What documents stand on: contacts, items, locations, taxes and the stock ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.contact import Contact
from integration.sandbox.zoho.contact_book import ContactBook
from integration.sandbox.zoho.documents.lines import LineRules, OrderedItem
from integration.sandbox.zoho.documents.parties import rate_in
from integration.sandbox.zoho.documents.record import PricedDocument
from integration.sandbox.zoho.documents.shown import decimals_of
from integration.sandbox.zoho.documents.tax_rates import TaxRates
from integration.sandbox.zoho.items.border import Places, Wares
from integration.sandbox.zoho.items.item import Item
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.profile import Currency
from integration.sandbox.zoho.stock import Stock

Quantities = Callable[[str, str, str, str, float], None]
"""A word of the ledger: document, line, item, location and how much."""


@dataclass(frozen=True)
class Ground:
    """Shared by all documents; `time` renders seconds since 1970 in the organisation's zone."""

    premises: Premises
    contacts: ContactBook
    wares: Wares
    places: Places
    taxes: TaxRates
    stock: Stock
    time: Callable[[int], str]

    @property
    def switches(self) -> Switches:
        """The switches of the organisation."""
        return self.premises.switches

    def today(self, at: int | None = None) -> str:
        """The day of the moment, or the present one, in the organisation's time zone."""
        return self.time(self.premises.now() if at is None else at)[:10]

    def announce(self, kind: str, source: str, entity: str, record_id: str) -> None:
        """Tell the workflow rules."""
        self.premises.announce(Change(kind, source, entity, record_id))

    def party(self, contact_id: str) -> Contact | None:
        """The customer or vendor, alive or deleted."""
        return self.contacts.ever(contact_id)

    def party_name(self, contact_id: str) -> str:
        """The customer's or vendor's present name."""
        found = self.contacts.ever(contact_id)
        return "" if found is None else found.name

    def currency_of(self, contact: Contact) -> Currency:
        """The contact's currency; the organisation's where none was chosen."""
        return self.currency(str(contact.values.get("currency_id", "")))

    def currency(self, currency_id: str) -> Currency:
        """The currency of that id; an unknown one is the organisation's."""
        profile = self.premises.profile
        return next(
            (each for each in profile.currencies if each.currency_id == currency_id), profile.base_currency
        )

    def decimals(self, currency_id: str) -> tuple[int, int]:
        """Decimals of amounts in the currency and in the base currency."""
        return decimals_of(self.currency(currency_id)), decimals_of(self.premises.profile.base_currency)

    def rules(self, exchange_rate: Decimal, location_id: str, *, buying: bool = False) -> LineRules:
        """How lines of a document with this exchange rate are read; it lies at this location.

        Where it is `buying`, items have their purchase rate and must be for purchase.
        """

        def item_of(item_id: str) -> OrderedItem | None:
            item = self.wares.ever(item_id)
            if item is None:
                return None
            return _bought(item, exchange_rate) if buying else _sold(item, exchange_rate)

        def place_of(entry: Mapping[str, Any], otherwise: str) -> str:
            return self.places.named(entry, otherwise or location_id).location_id

        keys = ("rate", "purchase_rate") if self.switches.zoho_purchase_rate_key == "rate" else _TURNED
        return LineRules(
            self.switches, self.premises.next_id, item_of, self.taxes.rate, place_of=place_of,
            rate_keys=keys if buying else ("rate",),
            check=self.wares.for_purchase if buying else self.wares.for_sale,
        )  # fmt: skip

    def location_after(self, current: str, body: Mapping[str, Any]) -> str:
        """Where a document lies after a write; a new one at the primary location unless it says otherwise.

        :raises ApiError: an unknown or inactive location
        """
        if body.get("location_id") or body.get("warehouse_id"):
            return self.places.named(body).location_id
        return current or self.places.named({}).location_id

    def is_tracked(self, item_id: str) -> bool:
        """Whether stock is kept of the item."""
        item = self.wares.ever(item_id)
        return item is not None and item.is_tracked

    def settle_stock(self, document: PricedDocument, say: Quantities, *, counts: bool) -> None:
        """Say to the ledger what an invoice or a bill moves; nothing as long as it does not count."""
        self.stock.mention(document.record_id, {line.item_id for line in document.lines})
        for line in document.lines:
            if self.is_tracked(line.item_id):
                quantity = float(line.quantity) if counts else 0.0
                say(document.record_id, line.line_item_id, line.item_id, line.location_id, quantity)

    def is_goods(self, item_id: str) -> bool:
        """Whether the item can be packed at all."""
        item = self.wares.ever(item_id)
        return item is None or item.product_type == "goods"

    def sku(self, item_id: str) -> str:
        """The item's present SKU."""
        item = self.wares.ever(item_id)
        return "" if item is None else item.sku

    def settle_party(self, contact_id: str, *, has_documents: bool) -> None:
        """Whether the contact can be deleted follows from the documents there are."""
        if self.contacts.find(contact_id) is not None:
            self.contacts.set_transaction(contact_id, has_documents)


_TURNED = ("purchase_rate", "rate")


def _sold(item: Item, exchange_rate: Decimal) -> OrderedItem:
    return OrderedItem(
        item.record_id, item.name, rate_in(item.rate, exchange_rate), usable=item.is_sold,
        active=item.status == "active", sku=item.sku, description=item.description, unit=item.unit,
        tax_id=item.tax_id if item.is_taxable else "", tracked=item.is_tracked,
        product_type=item.product_type, item_type=item.item_type,
    )  # fmt: skip


def _bought(item: Item, exchange_rate: Decimal) -> OrderedItem:
    tax_id = item.rest.get("purchase_tax_id") or item.tax_id
    return _sold(item, exchange_rate)._replace(
        rate=rate_in(item.purchase_rate, exchange_rate), usable=item.is_bought,
        description=item.purchase_description, tax_id=tax_id if item.is_taxable else "",
        account_id=item.rest.get("purchase_account_id", ""),
    )  # fmt: skip
