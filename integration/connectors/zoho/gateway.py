"""Zoho Inventory as the line sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.connectors.zoho import fields as known
from integration.connectors.zoho import search
from integration.connectors.zoho.client import DayLeft, ZohoClient
from integration.connectors.zoho.config import ZohoConfig
from integration.connectors.zoho.organization import CustomFields, Organization
from integration.connectors.zoho.paging import PageToken
from integration.connectors.zoho.poll import cut, delta_params, listing_params, page_of
from integration.connectors.zoho.records import CONTACT, CONTACT_PERSON, contact_records
from integration.connectors.zoho.writes import Writes
from integration.errors import BadInput, ConfigurationFault, Fault, Gone, Retryable, Throttled, Unauthorized
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

Request = TypeVar("Request")
Answer = TypeVar("Answer")

STOPPING = (Throttled, Unauthorized)
"""Faults that the next request of the same call would meet as well."""


class ZohoGateway:
    """ports.Gateway for one organisation; safe for threads."""

    side = Side.ZOHO

    def __init__(self, client: ZohoClient, config: ZohoConfig) -> None:
        self._client = client
        self._config = config
        self._organization = Organization(client, config)
        self._writes = Writes(client, self._organization, config)
        self._custom_fields = config.custom_fields | {config.key_field}

    def batch_limit(self, operation: Operation, entity: str) -> int:  # noqa: ARG002 - the port asks for both
        """One: no endpoint writes several contacts with different data."""
        return 1

    def keyed(self, entity: str) -> bool:
        """Whether the last probe found creates of this entity keyed; asks nobody, so unknown is no."""
        return entity == CONTACT and self._organization.keyed()

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """Contacts with their persons; one that is gone is answered as deleted."""
        return _each(
            requests,
            lambda request: self._read(request, work),
            lambda request, fault: ReadAnswer(request, fault=fault),
        )

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        """Search by name, e-mail and phone, at most three calls a request; our key shows in the rows.

        Lists lag behind writes, and e-mail and phone hits may concern a person that the summary does not
        show.
        """
        return _each(
            requests,
            lambda request: self._find(request, work),
            lambda request, fault: FindAnswer(request, fault=fault),
        )

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        """Send the requests one by one."""
        return _each(
            requests,
            lambda request: self._writes.write(request, work),
            lambda _request, fault: WriteAnswer(fault=fault),
        )

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        """The contact and its persons inside a webhook's body. Raises BadInput when it has none."""
        contact = event_body.get(CONTACT)
        if entity != CONTACT or not isinstance(contact, dict):
            raise BadInput("zoho.no_contact", "the event holds no contact")
        return contact_records(contact, self._custom_fields)

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """Summaries, newest first, down to `since_ms`; the last page has no `next_page`."""
        _only_contacts(entity)
        token = PageToken.parse(page)
        params = delta_params(token, self._config.page_size)
        reply = self._client.call("GET", "/contacts", WorkClass.EVENT, params=params)
        return cut(page_of(reply, token, self._config.most_pages), since_ms)

    def deleted_since(self, entity: str, since_ms: int) -> Deletions:  # noqa: ARG002 - the port asks for both
        """Nothing: Zoho lists no deleted records; they are seen by a delete rule's webhook or by reading."""
        return Deletions((), since_ms)

    def list_page(self, entity: str, page: str) -> Page:
        """Summaries of all contacts in the order they were made; what is absent must be read before it
        counts as gone.
        """
        _only_contacts(entity)
        token = PageToken.parse(page)
        params = listing_params(token, self._config.page_size)
        reply = self._client.call("GET", "/contacts", WorkClass.BATCH, params=params)
        return page_of(reply, token, self._config.most_pages)

    def open_documents(self, record_id: str) -> bool:
        """Whether the contact has transactions, or money is open either way. Raises Gone when it does not
        exist.
        """
        contact = self._client.call("GET", f"/contacts/{_id(record_id)}", WorkClass.EVENT).record(CONTACT)
        amounts = (
            "outstanding_receivable_amount",
            "outstanding_payable_amount",
            "unused_credits_receivable_amount",
            "unused_credits_payable_amount",
        )
        return contact.get("has_transaction") is True or any(contact.get(name) for name in amounts)

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        """Fields that are neither documented nor a custom field of this organisation.

        Where the definitions cannot be had, a custom field counts as there when a contact shows it; an
        organisation without contacts then has none absent, because nothing is known.
        """
        documented = known.PERSON if entity == CONTACT_PERSON else known.CONTACT
        unknown = [name for name in fields if name not in documented]
        if not any(known.is_custom(name) for name in unknown):
            return unknown
        customs = self._organization.custom_fields()
        if not customs.whole and not customs.unique:
            return [name for name in unknown if not known.is_custom(name)]
        return [name for name in unknown if name not in customs.unique]

    def writable_fields(self, entity: str) -> frozenset[str]:
        """Documented write fields, and the custom fields of this organisation."""
        if entity == CONTACT_PERSON:
            return known.WRITABLE_PERSON
        _only_contacts(entity)
        return known.WRITABLE_CONTACT | self._organization.custom_fields().unique.keys()

    def organization_id(self) -> str:
        """The configured id once the connection has shown that it reaches it."""
        return self._organization.organization_id()

    def currency_codes(self) -> dict[str, str]:
        """Currency id → code."""
        return self._organization.currency_codes()

    def custom_fields(self) -> CustomFields:
        """The custom fields of contacts, and which of them take a value only once."""
        return self._organization.custom_fields()

    def probe(self) -> bool:
        """Whether a contact can be created and found by our key."""
        return self._organization.probe()

    def day_left(self) -> DayLeft | None:
        """What Zoho's last answer said of the day's calls; None where it says nothing."""
        return self._client.day_left

    def _read(self, request: ReadRequest, work: WorkClass) -> ReadAnswer:
        _only_contacts(request.entity)
        try:
            reply = self._client.call("GET", f"/contacts/{_id(request.record_id)}", work)
        except Gone:
            gone = NativeRecord(Side.ZOHO, request.entity, request.record_id, deleted=True)
            return ReadAnswer(request, (gone,))
        try:
            records = contact_records(reply.record(CONTACT), self._custom_fields)
        except BadInput:
            raise Retryable("zoho.unreadable", "the answer does not show the contact") from None
        return ReadAnswer(request, tuple(records), children_whole=records[0].whole)

    def _find(self, request: FindRequest, work: WorkClass) -> FindAnswer:
        _only_contacts(request.entity)
        self._organization.probe()  # a create may follow, and `keyed` will be asked where no call is allowed
        by_key: dict[str, NativeRecord] = {}
        others: dict[str, NativeRecord] = {}
        for query in search.queries(request):
            reply = self._client.call("GET", "/contacts", work, params={**query.params, "per_page": "50"})
            applied = search.applied_filters(reply.record("page_context"))
            for row in reply.rows("contacts"):
                record = contact_records(row)[0]
                if search.carries_key(record, self._config.key_field, request.key):
                    by_key[record.record_id] = record
                elif search.fits(query, row, applied):
                    others[record.record_id] = record
        return FindAnswer(request, tuple(by_key.values()), tuple(others.values()))


def _each(
    requests: Sequence[Request], send: Callable[[Request], Answer], failed: Callable[[Request, Fault], Answer]
) -> list[Answer]:
    """Answers in order. What stops everything is raised if nothing was sent yet, else it ends the remaining
    rows.
    """
    answers: list[Answer] = []
    stopped: Fault | None = None
    for request in requests:
        try:
            answers.append(failed(request, stopped) if stopped is not None else send(request))
        except STOPPING as fault:
            if not answers:
                raise
            stopped = fault
            answers.append(failed(request, fault))
        except Fault as fault:
            answers.append(failed(request, fault))
    return answers


def _only_contacts(entity: str) -> None:
    if entity != CONTACT:
        raise ConfigurationFault("zoho.no_such_entity", f"{entity} is not read by itself here")


def _id(record_id: str) -> str:
    if not (record_id.isascii() and record_id.isdigit()):
        raise Gone("zoho.gone", "not an id of Zoho")
    return record_id
