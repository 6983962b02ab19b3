"""Salesforce as the flows see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.connectors.http import Http
from integration.connectors.salesforce.client import Client, Tokens
from integration.connectors.salesforce.collections import MOST_WRITTEN
from integration.connectors.salesforce.config import GatewayConfig
from integration.connectors.salesforce.describe import Describe
from integration.connectors.salesforce.poll import Poll
from integration.connectors.salesforce.reading import MOST_FOUND, UNKNOWN_FIELD, Finder, Reader, Table
from integration.connectors.salesforce.writing import Writer
from integration.errors import BadInput, Fault
from integration.ports import (
    Clock,
    Deletions,
    FindAnswer,
    FindRequest,
    Pace,
    Page,
    ReadAnswer,
    ReadRequest,
    WriteAnswer,
    WriteRequest,
)


class SalesforceGateway:
    """`ports.Gateway` for one org; thread-safe. `http` is for this org alone."""

    side = Side.SALESFORCE

    def __init__(self, config: GatewayConfig, http: Http, tokens: Tokens, pace: Pace, clock: Clock) -> None:
        self._client = Client(http, tokens, pace, config.api_version, config.client_name)
        self.describe = Describe(self._client, clock, config.describe_seconds)
        table = Table(self._client, self.describe, config)
        self._reader = Reader(table)
        self._finder = Finder(table, self.describe, config)
        self._key_field = config.key_field
        self._writer = Writer(self._client, config.key_field)
        self._poll = Poll(self._client, table, config, clock)

    def batch_limit(self, operation: Operation, entity: str) -> int:  # noqa: ARG002 - the port's shape
        """How many requests of this kind travel in one outside call."""
        return MOST_FOUND if operation is Operation.FIND else MOST_WRITTEN

    def keyed(self, entity: str) -> bool:
        """Whether the key field is there as a unique external id: then creating twice makes one record."""
        info = self.describe.fields(entity).get(self._key_field)
        return info is not None and info.external_id and info.unique

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """Read records whole, an Account with its Contacts: two calls for up to 200 of one entity."""
        return self._reader.read(requests, work)

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        """Search for records; as many as fit into one query are one call."""
        return self._finder.find(requests, work)

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        """Send requests of one entity and operation; Salesforce answers ids, not records."""
        answers = self._writer.write(requests, work)
        for entity in {
            request.entity
            for request, answer in zip(requests, answers, strict=True)
            if isinstance(answer.fault, Fault) and answer.fault.code == UNKNOWN_FIELD
        }:
            self.describe.forget(entity)
        return answers

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:  # noqa: ARG002
        """Salesforce sends fields, never whole records. Raises BadInput."""
        raise BadInput("salesforce.no_records", f"an event of {entity} holds no records of their own")

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """One page of records by SystemModstamp, ascending and whole; the first page overlaps."""
        return self._poll.changed_since(entity, since_ms, page)

    def deleted_since(self, entity: str, since_ms: int) -> Deletions:
        """Records deleted since then; a read tells whether a merge did it."""
        return self._poll.deleted_since(entity, since_ms)

    def list_page(self, entity: str, page: str) -> Page:
        """One page of all living records by id, whole."""
        return self._poll.list_page(entity, page)

    def open_documents(self, record_id: str) -> bool:  # noqa: ARG002 - the port's shape
        """Nothing in Salesforce forbids putting an account away."""
        return False

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        """Those of the named fields that the org does not have."""
        return self.describe.absent(entity, fields)

    def writable_fields(self, entity: str) -> frozenset[str]:
        """Fields that may be written."""
        return self.describe.writable(entity)

    def organization_id(self) -> str:
        """The org's 18-character id."""
        return self._client.organization_id()

    def limits(self) -> Mapping[str, Any]:
        """What the org says is left of its limits, by name: {"DailyApiRequests": {"Max": …, "Remaining":
        …}, …}.
        """
        answer = self._client.call("GET", "limits/", WorkClass.LOOKUP, label="limits")
        return dict(answer)
