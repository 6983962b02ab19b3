"""Three customers in every implementation of the gateway port; the first of them has a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integration.ports import FindRequest, Gateway, ReadRequest
from tests.contract.gateways.salesforce_worlds import SalesforceWorld
from tests.contract.gateways.target_worlds import CUSTOMERS, Target
from tests.contract.gateways.zoho_worlds import ZohoWorld

NAMES = ("Harbour Mills Ltd", "Quay Traders Ltd", "Dock Sample Ltd")


@dataclass(frozen=True)
class Peopled:
    """A gateway on `total` customers; `customers` are ids of three, `child` is the entity of persons."""

    gateway: Gateway
    root: str
    child: str
    customers: Sequence[str]
    total: int

    def reads(self) -> list[ReadRequest]:
        """One request for each of the three."""
        return [ReadRequest(self.root, record_id) for record_id in self.customers]

    def nobody(self) -> FindRequest:
        """A search that finds nothing."""
        return FindRequest(
            self.root, key="nobody", name="Nobody", email="no@body.example", phone="000 000 999"
        )


def _salesforce(make: Callable[..., SalesforceWorld]) -> Peopled:
    org = make(page_size=2)
    ids = [org.account(name) for name in NAMES]
    org.contact("Ferry", FirstName="Ann", AccountId=ids[0])
    return Peopled(org.gateway, "Account", "Contact", ids, len(ids))


def _zoho(make: Callable[..., ZohoWorld]) -> Peopled:
    book = make(page_size=2)
    ids = [book.edit({"contact_name": name}) for name in NAMES]
    book.edit_person({"first_name": "Ann", "last_name": "Ferry"}, contact_id=ids[0])
    return Peopled(book.gateway, "contact", "contact_person", ids, len(ids))


def _target(target: Target) -> Peopled:
    ids = [target.customer(number) for number in (0, 1, 3)]
    child = "Contact" if target.root == "Account" else "contact_person"
    return Peopled(target.gateway, target.root, child, ids, CUSTOMERS)


PEOPLED: Mapping[str, tuple[str, Callable[[Any], Peopled]]] = {
    "real salesforce": ("make_real_salesforce", _salesforce),
    "fake salesforce": ("make_fake_salesforce", _salesforce),
    "salesforce target": ("salesforce_target", _target),
    "real zoho": ("make_real_zoho", _zoho),
    "fake zoho": ("make_fake_zoho", _zoho),
    "zoho target": ("zoho_target", _target),
}
