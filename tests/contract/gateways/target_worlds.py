"""The benchmark's targets: customers that are there from the start, of whom only the phone changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.ports import ReadRequest, WriteAnswer, WriteRequest
from tests.benchmarks.people import account_id, contact_id
from tests.benchmarks.targets import PHONE, Phones, SalesforceTarget, ZohoTarget

CUSTOMERS = 1_201


@dataclass(frozen=True)
class Target:
    """One target; `customer` gives the id of a customer by number."""

    gateway: SalesforceTarget | ZohoTarget

    @property
    def root(self) -> str:
        """The entity of customers."""
        return "Account" if self.gateway.side is Side.SALESFORCE else "contact"

    def customer(self, number: int) -> str:
        """The id of a customer; every second one, from 0 on, has a person."""
        return account_id(number) if self.gateway.side is Side.SALESFORCE else contact_id(number)

    def read_request(self, number: int) -> ReadRequest:
        return ReadRequest(self.root, self.customer(number))

    def call(self, number: int, phone: str) -> WriteAnswer:
        """Write a phone number."""
        fields = {PHONE[self.gateway.side]: phone}
        request = WriteRequest(self.root, Operation.UPDATE, self.customer(number), fields=fields)
        [answer] = self.gateway.write([request], WorkClass.EVENT)
        return answer


def make_target(kind: str, path: Path) -> Target:
    """A target over a file of its own."""
    phones = Phones.create(path / f"{kind}.phones", CUSTOMERS)
    return Target(SalesforceTarget(phones) if kind == "salesforce" else ZohoTarget(phones))
