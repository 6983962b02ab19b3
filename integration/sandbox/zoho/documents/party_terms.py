"""Everything of a document that its customer or vendor has a say in: currency, exchange rate, persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.contact import Contact
from integration.sandbox.zoho.documents.addresses import Address, address_of
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.parties import check_party, currency_of, party_id, persons_of


class PartyTerms(NamedTuple):
    """The contact after a write, whether it is another than before, and the values that follow."""

    contact: Contact
    renewed: bool
    values: dict[str, Any]


def party_terms(ground: Ground, order: Any, kind: str, body: Mapping[str, Any]) -> PartyTerms:
    """Of an order that is for a contact of this kind: customer or vendor.

    :raises ApiError: no such contact, or one that cannot be used; another one when documents go by the order
    """
    key = f"{kind}_id"
    before = getattr(order, key)
    wanted = party_id(key, body) if key in body else before
    contact = ground.contacts.ever(before)
    renewed = not order.number or wanted != before
    if renewed:
        contact = check_party(ground.contacts.find(wanted), kind, ground.switches)
    if wanted != before and order.progress:
        raise faults.invalid_value(key)
    assert contact is not None
    currency = ground.currency_of(contact) if renewed else ground.currency(order.currency_id)
    values = {
        key: contact.contact_id,
        "currency_id": currency.currency_id,
        "exchange_rate": currency_of(body, currency, None if renewed else order.exchange_rate),
        "persons": persons_of(body, contact, () if renewed else order.persons),
    }
    return PartyTerms(contact, renewed, values)


def addresses_after(
    terms: PartyTerms, order: Any, keys: tuple[str, ...], body: Mapping[str, Any], ground: Ground
) -> dict[str, Address]:
    """The addresses of the order after a write, by key; another contact brings its own."""
    contact = terms.contact
    known = (contact.billing_address, contact.shipping_address)
    return {
        key: address_of(key, body, known, getattr(contact if terms.renewed else order, key), ground.switches)
        for key in keys
    }
