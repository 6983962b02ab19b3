"""Both organisations in memory, shared by the processes of a benchmark, as `ports.Gateway`.

All that ever changes is one phone number a customer and side; it stands in a file every process maps.
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.connectors.zoho.records import contact_records
from integration.errors import BadInput, Rejected
from integration.ports import (
    Deletions,
    FindAnswer,
    FindRequest,
    Page,
    ReadAnswer,
    ReadRequest,
    WriteAnswer,
    WriteRequest,
)
from tests.benchmarks.people import (
    BASE_MS,
    KEY_CUSTOM,
    KEY_FIELD,
    account_id,
    contact_id,
    number_of,
    salesforce_records,
    zoho_records,
)

ROW = struct.Struct("<q24s")
PHONE = {Side.SALESFORCE: "Phone", Side.ZOHO: "billing_address.phone"}
PAGE = 500


class Phones:
    """(time of modification, phone) of every customer on both sides."""

    def __init__(self, path: Path, customers: int) -> None:
        self.customers = customers
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 2 * customers * ROW.size)

    @classmethod
    def create(cls, path: Path, customers: int) -> Phones:
        """Everybody's first number, equal on both sides."""
        rows = b"".join(ROW.pack(BASE_MS, f"+44 20 {n:08d}".encode()) for n in range(customers))
        path.write_bytes(rows * 2)
        return cls(path, customers)

    def get(self, side: Side, n: int) -> tuple[int, str]:
        """(epoch milliseconds, phone)."""
        at, phone = ROW.unpack_from(self._map, self._place(side, n))
        return at, phone.rstrip(b"\0").decode()

    def set(self, side: Side, n: int, phone: str, at: int) -> None:
        """A person or the line changes it."""
        ROW.pack_into(self._map, self._place(side, n), at, phone.encode())

    def _place(self, side: Side, n: int) -> int:
        return (n + (self.customers if side is Side.ZOHO else 0)) * ROW.size


@dataclass(frozen=True)
class Target:
    """What both targets have in common; both systems tell whole seconds."""

    phones: Phones

    def keyed(self, entity: str) -> bool:
        return True

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        return [FindAnswer(request) for request in requests]

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        return Page(())

    def deleted_since(self, entity: str, since_ms: int) -> Deletions:
        return Deletions((), since_ms)

    def open_documents(self, record_id: str) -> bool:
        return False

    def _changed(self, side: Side, request: WriteRequest) -> int:
        """Take an update of the phone. Raises Rejected for every other write: none is expected."""
        n, phone = number_of(request.record_id), request.fields.get(PHONE[side])
        if request.operation is not Operation.UPDATE or not isinstance(phone, str):
            raise Rejected("benchmark.write", f"{request.operation} of {sorted(request.fields)}")
        self.phones.set(side, n, phone, now_second())
        return n


class SalesforceTarget(Target):
    """An org: 200 records a call, answers ids."""

    side = Side.SALESFORCE

    def batch_limit(self, operation: Operation, entity: str) -> int:
        return 100 if operation is Operation.FIND else 200

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        return [ReadAnswer(r, tuple(self._records(number_of(r.record_id)))) for r in requests]

    def _records(self, n: int) -> list[NativeRecord]:
        at, phone = self.phones.get(self.side, n)
        return salesforce_records(n, phone, at)

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        return [WriteAnswer(account_id(self._changed(self.side, r))) for r in requests]

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        raise BadInput("salesforce.no_records", "Salesforce sends fields")

    def list_page(self, entity: str, page: str) -> Page:
        start = int(page or 0)
        numbers = range(start, min(start + PAGE, self.phones.customers))
        records = [r for n in numbers for r in self._records(n) if r.entity == entity]
        return Page(tuple(records), str(start + PAGE) if start + PAGE < self.phones.customers else "")

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        return [name for name in fields if name in ("CurrencyIsoCode", "IsPersonAccount")]

    def writable_fields(self, entity: str) -> frozenset[str]:
        return frozenset((*salesforce_records(0, "", 0)[0].image, KEY_FIELD))

    def organization_id(self) -> str:
        return "00D000000000001AAA"


class ZohoTarget(Target):
    """An organisation: one contact a call, answers it whole."""

    side = Side.ZOHO

    def batch_limit(self, operation: Operation, entity: str) -> int:
        return 1

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        return [ReadAnswer(r, tuple(self._records(number_of(r.record_id)))) for r in requests]

    def _records(self, n: int) -> list[NativeRecord]:
        at, phone = self.phones.get(self.side, n)
        return zoho_records(n, phone, at)

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        numbers = [self._changed(self.side, request) for request in requests]
        return [WriteAnswer(contact_id(n), tuple(self._records(n))) for n in numbers]

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        contact = event_body.get("contact")
        if not isinstance(contact, dict):
            raise BadInput("zoho.no_contact", "the event holds no contact")
        return contact_records(contact, (KEY_CUSTOM,))

    def list_page(self, entity: str, page: str) -> Page:
        start = int(page or 0)
        numbers = range(start, min(start + PAGE, self.phones.customers))
        records = [replace(self._records(n)[0], whole=False) for n in numbers]
        return Page(tuple(records), str(start + PAGE) if start + PAGE < self.phones.customers else "")

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        return []

    def writable_fields(self, entity: str) -> frozenset[str]:
        return frozenset(("contact_name", "billing_address.phone", KEY_CUSTOM))

    def organization_id(self) -> str:
        return "10234695"

    def currency_codes(self) -> dict[str, str]:
        """Currency id → code."""
        return {"460000000000097": "GBP"}


def now_second() -> int:
    """This second's beginning, epoch milliseconds."""
    return int(time.time()) * 1_000
