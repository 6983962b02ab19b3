"""`ports.Gateway` over a Zoho Inventory organisation in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.connectors.zoho import fields as known
from integration.connectors.zoho import search
from integration.connectors.zoho.paging import PageToken
from integration.connectors.zoho.records import (
    contact_body,
    contact_records,
    in_order_of,
    person_body,
    persons_body,
    split_primary,
)
from integration.errors import (
    BadInput,
    ConfigurationFault,
    DuplicateKey,
    Fault,
    Gone,
    NameTaken,
    Throttled,
    Unauthorized,
)
from integration.ports import (
    Clock,
    Deletions,
    FindAnswer,
    FindRequest,
    Page,
    ReadAnswer,
    ReadRequest,
    WriteAnswer,
    WriteRequest,
)
from tests.fakes.calls import Calls
from tests.fakes.zoho_book import KEY_FIELD, Contact, ZohoBook
from tests.fakes.zoho_forms import detail, instant, row

Request = TypeVar("Request")
Answer = TypeVar("Answer")
FOUND_BY = {"contact_name": "name", "search_text": "key"}
"""What a call that searches a column is named after."""


class FakeZoho:
    """One connected organisation: answers like the real connector, counts calls, fails where it is told to.

    It shows contacts in the form of the API, and reads and writes them as the connector does.
    `has_keys`: whether a create carries a key that Zoho keeps unique, which is known once it was asked for.
    """

    side = Side.ZOHO

    def __init__(
        self,
        clock: Clock,
        *,
        customs: tuple[str, ...] = (),
        has_keys: bool = True,
        lag_ms: int = 0,
        page_size: int = 200,
    ) -> None:
        self.book = ZohoBook(clock, lag_ms, customs)
        self.calls = Calls()
        self.has_keys = has_keys
        self._page_size = page_size
        self._customs = (KEY_FIELD, *customs)
        self._asked = False

    def batch_limit(self, operation: Operation, entity: str) -> int:
        """One: no endpoint writes several contacts."""
        return 1

    def keyed(self, entity: str) -> bool:
        """Only contacts have a unique field; before the first search or create nothing is known of it."""
        return self._asked and self.has_keys and entity == "contact"

    # ------------------------------------------------------------- reading

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """One call a contact, which shows its persons."""
        return _each(requests, self._read, lambda request, fault: ReadAnswer(request, fault=fault))

    def _read(self, request: ReadRequest) -> ReadAnswer:
        _only_contacts(request.entity)
        try:
            contact = self._get(request.record_id)
        except Gone:
            gone = NativeRecord(Side.ZOHO, "contact", request.record_id, deleted=True)
            return ReadAnswer(request, (gone,))
        return ReadAnswer(request, tuple(self._records(contact)))

    def _get(self, contact_id: str) -> Contact:
        if not (contact_id.isascii() and contact_id.isdigit()):
            raise Gone("zoho.gone", "not an id of Zoho")
        return self.calls.make("read", "contact", 1, lambda: self.book.get(contact_id))

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        """One call per kind of evidence, at most three a request; rows are summaries of what the index
        finds.
        """
        return _each(requests, self._find, lambda request, fault: FindAnswer(request, fault=fault))

    def _find(self, request: FindRequest) -> FindAnswer:
        _only_contacts(request.entity)
        self._asked = True
        by_key: dict[str, NativeRecord] = {}
        others: dict[str, NativeRecord] = {}
        for query in search.queries(request):
            what = FOUND_BY.get(query.column, query.column)
            rows = self.calls.make("find", what, 1, lambda query=query: self.book.search(query.params))
            for shown in map(row, rows):
                record = contact_records(shown)[0]
                if search.carries_key(record, KEY_FIELD, request.key):
                    by_key[record.record_id] = record
                elif search.fits(query, shown, frozenset(query.params)):
                    others[record.record_id] = record
        return FindAnswer(request, tuple(by_key.values()), tuple(others.values()))

    # ------------------------------------------------------------- writing

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        """Every request is a call."""
        return _each(requests, self._write, lambda _request, fault: WriteAnswer(fault=fault))

    def _write(self, request: WriteRequest) -> WriteAnswer:
        writers: dict[tuple[str, Operation], Callable[[WriteRequest], WriteAnswer]] = {
            ("contact", Operation.CREATE): self._create,
            ("contact", Operation.UPDATE): self._update,
            ("contact", Operation.ACTIVATE): self._set_status,
            ("contact", Operation.DEACTIVATE): self._set_status,
            ("contact", Operation.DELETE): self._delete,
            ("contact_person", Operation.CREATE): self._create_person,
            ("contact_person", Operation.UPDATE): self._update_person,
            ("contact_person", Operation.MAKE_PRIMARY): self._update_person,
            ("contact_person", Operation.DELETE): self._delete,
        }
        writer = writers.get((request.entity, request.operation))
        if writer is None:
            raise ConfigurationFault(
                "zoho.no_such_write", f"{request.operation} of {request.entity} is no write here"
            )
        if request.operation is not Operation.CREATE and not request.record_id.isdigit():
            raise ConfigurationFault("zoho.no_record", "this write needs the id of a Zoho record")
        return writer(request)

    def _call(self, request: WriteRequest, run: Callable[[], Answer]) -> Answer:
        return self.calls.make("write", f"{request.operation} {request.entity}", 1, run)

    def _create(self, request: WriteRequest) -> WriteAnswer:
        own, primary = split_primary(request.fields)
        body, persons = _contact_body(own, request.key), persons_body(primary, request.children)
        self._asked = True
        return self._call(request, lambda: self._made(request, body, persons))

    def _made(
        self, request: WriteRequest, body: dict[str, Any], persons: list[dict[str, Any]]
    ) -> WriteAnswer:
        known = self.book.holder(request.key) if request.key and self.has_keys else None
        if known is not None and not persons:
            return self._answer(self._save(body, known["contact_id"]))
        try:
            made = self._save({**body, "contact_persons": persons} if persons else body)
        except (NameTaken, DuplicateKey):
            if known is None or in_order_of(persons, self._records(known)[1:]) is None:
                raise
            return self._answer(self._save(body, known["contact_id"]), persons)
        return self._answer(made, persons, created=True)

    def _save(self, body: Mapping[str, Any], contact_id: str = "") -> Contact:
        return self.book.save(body, contact_id, source="api", keeps_address=False)

    def _update(self, request: WriteRequest) -> WriteAnswer:
        body = _contact_body(request.fields, request.key)
        return self._call(request, lambda: self._answer(self._save(body, request.record_id)))

    def _answer(
        self, contact: Contact, persons: Sequence[Mapping[str, Any]] = (), *, created: bool = False
    ) -> WriteAnswer:
        root, *shown = self._records(contact)
        ordered = in_order_of(persons, shown) or shown
        return WriteAnswer(root.record_id, (root, *ordered), created)

    def _set_status(self, request: WriteRequest) -> WriteAnswer:
        status = "active" if request.operation is Operation.ACTIVATE else "inactive"
        self._call(request, lambda: self.book.set_status(request.record_id, status))
        return WriteAnswer(request.record_id)

    def _delete(self, request: WriteRequest) -> WriteAnswer:
        remove = self.book.delete if request.entity == "contact" else self.book.delete_person
        self._call(request, lambda: remove(request.record_id))
        return WriteAnswer(request.record_id)

    def _create_person(self, request: WriteRequest) -> WriteAnswer:
        if not request.parent_id:
            raise ConfigurationFault("zoho.no_parent", "a contact person is made under a contact")
        body = person_body(request.fields)
        made = self._call(request, lambda: self.book.add_person(request.parent_id, body))
        return WriteAnswer(made, created=True)

    def _update_person(self, request: WriteRequest) -> WriteAnswer:
        primary = {"is_primary_contact": True} if request.operation is Operation.MAKE_PRIMARY else {}
        body = {**person_body(request.fields), **primary}
        self._call(request, lambda: self.book.change_person(request.record_id, body))
        return WriteAnswer(request.record_id)

    # ------------------------------------------------------------- showing

    def _records(self, contact: Contact) -> list[NativeRecord]:
        return contact_records(detail(contact), self._customs)

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        """The contact and its persons inside a webhook's body."""
        contact = event_body.get("contact")
        if entity != "contact" or not isinstance(contact, dict):
            raise BadInput("zoho.no_contact", "the event holds no contact")
        return contact_records(contact, self._customs)

    # ------------------------------------------------------------- listing

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """Summaries, newest first, down to the second of `since_ms`."""
        _only_contacts(entity)
        floor = since_ms - since_ms % 1_000
        rows = sorted(self.book.contacts.values(), key=lambda c: (instant(c), c["contact_id"]), reverse=True)
        return self._page(f"changed {entity}", [c for c in rows if instant(c) >= floor], page)

    def list_page(self, entity: str, page: str) -> Page:
        """Summaries of all contacts in the order they were made."""
        _only_contacts(entity)
        return self._page(f"all {entity}", list(self.book.contacts.values()), page)

    def _page(self, what: str, rows: Sequence[Contact], page: str) -> Page:
        token = PageToken.parse(page)
        start = (token.number - 1) * self._page_size
        part = self.calls.make("list", what, 1, lambda: rows[start : start + self._page_size])
        records = tuple(contact_records(row(contact))[0] for contact in part)
        context = {"has_more_page": start + len(part) < len(rows)}
        return Page(records, token.following([record.record_id for record in records], context, 5_000))

    def deleted_since(self, entity: str, since_ms: int) -> Deletions:
        """Zoho lists no deleted records."""
        return Deletions((), since_ms)

    # ------------------------------------------------------------- organisation

    def open_documents(self, record_id: str) -> bool:
        """Whether the contact has transactions. Raises Gone."""
        return bool(self._get(record_id)["has_transaction"])

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        """Those that are neither documented nor custom fields somebody defined."""
        there = known.PERSON if entity == "contact_person" else known.CONTACT | set(self._customs)
        return [name for name in fields if name not in there]

    def writable_fields(self, entity: str) -> frozenset[str]:
        """Custom fields and what every contact has."""
        if entity == "contact_person":
            return known.WRITABLE_PERSON
        _only_contacts(entity)
        return known.WRITABLE_CONTACT | set(self._customs)

    def organization_id(self) -> str:
        """The organisation; a token that is not accepted shows here as well."""
        return self.calls.make("read", "organization", 1, lambda: "10234695")


def _each(
    requests: Sequence[Request], send: Callable[[Request], Answer], failed: Callable[[Request, Fault], Answer]
) -> list[Answer]:
    """Every request is a call of its own; what stops all of them is raised unless some were answered."""
    answers: list[Answer] = []
    stopped: Fault | None = None
    for request in requests:
        try:
            answers.append(failed(request, stopped) if stopped is not None else send(request))
        except Fault as fault:
            if isinstance(fault, Throttled | Unauthorized):
                if not answers:
                    raise
                stopped = fault
            answers.append(failed(request, fault))
    return answers


def _contact_body(fields: Mapping[str, Json], key: str) -> dict[str, Any]:
    """The body the API takes. Raises ConfigurationFault on fields that cannot be written."""
    body = contact_body({**fields, KEY_FIELD: key} if key else fields)
    return body if body.get("currency_code", "-") else {n: v for n, v in body.items() if n != "currency_code"}


def _only_contacts(entity: str) -> None:
    if entity != "contact":
        raise ConfigurationFault("zoho.no_such_entity", f"{entity} is not read by itself here")
