"""A Salesforce org with people in it: the real connector over the sandbox, and the one in memory."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping

from integration.canonical.event import ArrivedEvent
from integration.canonical.values import Json, Side
from integration.connectors.salesforce.config import GatewayConfig
from integration.connectors.salesforce.gateway import SalesforceGateway
from integration.mapping import compile_mapping, default_documents
from integration.ports import Gateway
from tests.contract.salesforce_following import Inbox, following, stream_config
from tests.contract.salesforce_parts import Connection
from tests.deadline import wait_until
from tests.fakes.clock import FakeClock
from tests.fakes.salesforce import FakeSalesforce

KEY_FIELD = "Zoho_Id__c"
MAPPING = compile_mapping(default_documents(), version=0, absent={})
ABSENT = ("CurrencyIsoCode", "IsPersonAccount", "Is_Primary__c")
"""Fields the default mapping names and the sandbox's org does not have."""
OF_OTHER_KINDS = {
    "Account": ("AnnualRevenue", "NumberOfEmployees", "BillingLatitude"),
    "Contact": ("Birthdate",),
}
FIELDS = {
    entity: (*MAPPING.native_fields(Side.SALESFORCE, entity), *OF_OTHER_KINDS[entity], KEY_FIELD)
    for entity in ("Account", "Contact")
}
EVERYTHING = "/data/ChangeEvents"


class SalesforceWorld(ABC):
    """An org, the gateway on it, and what people do there."""

    gateway: Gateway

    @abstractmethod
    def edit(self, entity: str, fields: Mapping[str, Json], record_id: str = "") -> str:
        """A person creates (no id) or changes a record; answers its id."""

    @abstractmethod
    def delete(self, entity: str, record_id: str) -> None:
        """A person deletes a record."""

    @abstractmethod
    def merge(self, entity: str, winner: str, loser: str, fields: Mapping[str, Json] | None = None) -> None:
        """A person merges two records."""

    @abstractmethod
    def undelete(self, entity: str, record_id: str) -> None:
        """A person takes a record out of the recycle bin."""

    @abstractmethod
    def now_ms(self) -> int:
        """Time as the org has it."""

    @abstractmethod
    def next_second(self) -> None:
        """Let the second end: times of modification are told by whole seconds."""

    @abstractmethod
    def calls(self) -> int:
        """How many calls on records the gateway has made."""

    @abstractmethod
    def alive(self, entity: str) -> int:
        """How many living records of an entity there are."""

    @abstractmethod
    def events(self, most: int) -> list[ArrivedEvent]:
        """The first `most` events of the stream, in its order."""

    def account(self, name: str = "Harbour Mills Ltd", **fields: Json) -> str:
        """A person makes an Account."""
        return self.edit("Account", {"Name": name, **fields})

    def contact(self, last_name: str, **fields: Json) -> str:
        """A person makes a Contact."""
        return self.edit("Contact", {"LastName": last_name, **fields})


class RealSalesforce(SalesforceWorld):
    """The connector as it is wired, over the sandbox."""

    def __init__(self, connection: Connection, page_size: int, overlap_seconds: float) -> None:
        self._connection, self._sandbox = connection, connection.sandbox
        config = GatewayConfig(
            FIELDS, "our-client", page_size=page_size, poll_overlap_seconds=overlap_seconds
        )
        parts = connection.http, connection.tokens, connection.pace, connection.clock
        self.gateway = SalesforceGateway(config, *parts)

    def edit(self, entity: str, fields: Mapping[str, Json], record_id: str = "") -> str:
        return str(self._sandbox.edit("salesforce", entity, fields, record_id or None)["Id"])

    def delete(self, entity: str, record_id: str) -> None:
        self._sandbox.delete("salesforce", entity, record_id)

    def merge(self, entity: str, winner: str, loser: str, fields: Mapping[str, Json] | None = None) -> None:
        body = {"winner": winner, "losers": [loser], "fields": dict(fields or {})}
        self._sandbox.admin("POST", f"/merge/salesforce/{entity}", body)

    def undelete(self, entity: str, record_id: str) -> None:
        self._sandbox.incident("undelete", object=entity, id=record_id)

    def now_ms(self) -> int:
        return self._connection.clock.now_ms()

    def next_second(self) -> None:
        begun = time.time() // 1
        wait_until(lambda: time.time() // 1 > begun, 2, "the next second")

    def calls(self) -> int:
        return len(self._connection.rest_calls())

    def alive(self, entity: str) -> int:
        return sum(not row["deleted"] for row in self._sandbox.records("salesforce", entity))

    def events(self, most: int) -> list[ArrivedEvent]:
        inbox = Inbox()
        inbox.positions = {EVERYTHING: b""}
        config = stream_config(self._sandbox, EVERYTHING)
        with following(config, self._connection.tokens, inbox):
            wait_until(lambda: len(inbox.keys()) >= most, 10, f"{most} events")
        return inbox.events


class FakeSalesforceWorld(SalesforceWorld):
    """The org in memory."""

    def __init__(self, page_size: int, overlap_seconds: float) -> None:
        self._clock = FakeClock()
        self.gateway = self._fake = FakeSalesforce(
            self._clock,
            FIELDS,
            page_size=page_size,
            overlap_ms=round(overlap_seconds * 1_000),
            replication_ms=1_000,
            absent=ABSENT,
        )

    def edit(self, entity: str, fields: Mapping[str, Json], record_id: str = "") -> str:
        return self._fake.org.edit(entity, fields, record_id)

    def delete(self, entity: str, record_id: str) -> None:
        self._fake.org.delete(entity, record_id)

    def merge(self, entity: str, winner: str, loser: str, fields: Mapping[str, Json] | None = None) -> None:
        self._fake.org.merge(entity, winner, loser, fields)

    def undelete(self, entity: str, record_id: str) -> None:
        self._fake.org.undelete(entity, record_id)

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def next_second(self) -> None:
        self._clock.advance(1_000)

    def calls(self) -> int:
        return self._fake.calls.count()

    def alive(self, entity: str) -> int:
        return len(self._fake.org.alive(entity))

    def events(self, most: int) -> list[ArrivedEvent]:
        return self._fake.org.log
