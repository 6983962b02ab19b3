"""`ports.Gateway` over a Zoho Inventory organisation in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.errors import (
    BadInput,
    ConfigurationFault,
    DuplicateKey,
    Fault,
    NameTaken,
    Throttled,
    Unauthorized,
)
from integration.ports import (
    Clock,
    FindAnswer,
    FindRequest,
    Page,
    ReadAnswer,
    ReadRequest,
    WriteAnswer,
    WriteRequest,
)
from tests.fakes.calls import Calls
from tests.fakes.zoho_book import KEY_FIELD, PERSON, Contact, ZohoBook, custom, instant, persons_shown

Request = TypeVar("Request")
Answer = TypeVar("Answer")
NESTED = ("billing_address", "shipping_address", "contact_persons", "custom_fields", "contact_id")


class FakeZoho:
    """One connected organisation: answers like the real connector, counts calls, fails where it is told to.

    `has_keys`: whether a create carries a key that Zoho keeps unique.
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

    def batch_limit(self, operation: Operation, entity: str) -> int:
        """One: no endpoint writes several contacts."""
        return 1

    def keyed(self, entity: str) -> bool:
        """Only contacts have a unique field."""
        return self.has_keys and entity == "contact"

    # ------------------------------------------------------------- reading

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """One call a contact, which shows its persons."""
        return _each(requests, self._read, lambda request, fault: ReadAnswer(request, fault=fault))

    def _read(self, request: ReadRequest) -> ReadAnswer:
        if request.entity != "contact":
            raise ConfigurationFault("zoho.no_such_entity", f"{request.entity} is not read by itself here")

        def shown() -> tuple[NativeRecord, ...]:
            contact = self.book.contacts.get(request.record_id)
            if contact is None:
                return (NativeRecord(Side.ZOHO, "contact", request.record_id, deleted=True),)
            return tuple(self._records(contact))

        return ReadAnswer(request, self.calls.make("read", "contact", 1, shown))

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        """One call per kind of evidence, at most three a request; rows are summaries, as the index shows
        them.
        """
        return _each(requests, self._find, lambda request, fault: FindAnswer(request, fault=fault))

    def _find(self, request: FindRequest) -> FindAnswer:
        by_key: dict[str, NativeRecord] = {}
        others: dict[str, NativeRecord] = {}
        for kind in [kind for kind in ("name", "email", "phone") if getattr(request, kind)][:3]:
            wanted = getattr(request, kind)
            rows = self.calls.make("find", kind, 1, self.book.searchable)
            for contact in (row for row in rows if _fits(row, kind, wanted)):
                found = by_key if request.key and custom(contact, KEY_FIELD) == request.key else others
                found[contact["contact_id"]] = _summary(contact)
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
        if request.operation is not Operation.CREATE and not request.record_id:
            raise ConfigurationFault("zoho.no_record", "this write needs the id of a Zoho record")
        return self.calls.make("write", f"{request.operation} {request.entity}", 1, lambda: writer(request))

    def _create(self, request: WriteRequest) -> WriteAnswer:
        body, persons = _contact_body(request.fields, request.key), _persons_of(request)
        known = self.book.holder(request.key) if request.key and self.has_keys else None
        if known is not None and not persons:
            return self._answer(self.book.save(body, known["contact_id"]))
        try:
            made = self.book.save({**body, "contact_persons": persons} if persons else body)
        except (NameTaken, DuplicateKey):
            if known is None or not persons_shown(known, persons):
                raise
            return self._answer(self.book.save(body, known["contact_id"]))
        return self._answer(made, created=True)

    def _update(self, request: WriteRequest) -> WriteAnswer:
        return self._answer(self.book.save(_contact_body(request.fields, request.key), request.record_id))

    def _answer(self, contact: Contact, *, created: bool = False) -> WriteAnswer:
        return WriteAnswer(contact["contact_id"], tuple(self._records(contact)), created)

    def _set_status(self, request: WriteRequest) -> WriteAnswer:
        status = "active" if request.operation is Operation.ACTIVATE else "inactive"
        self.book.set_status(request.record_id, status)
        return WriteAnswer(request.record_id)

    def _delete(self, request: WriteRequest) -> WriteAnswer:
        if request.entity == "contact":
            self.book.delete(request.record_id)
        else:
            self.book.delete_person(request.record_id)
        return WriteAnswer(request.record_id)

    def _create_person(self, request: WriteRequest) -> WriteAnswer:
        if not request.parent_id:
            raise ConfigurationFault("zoho.no_parent", "a contact person is made under a contact")
        return WriteAnswer(
            self.book.add_person(request.parent_id, _person_body(request.fields)), created=True
        )

    def _update_person(self, request: WriteRequest) -> WriteAnswer:
        primary = {"is_primary_contact": True} if request.operation is Operation.MAKE_PRIMARY else {}
        self.book.change_person(request.record_id, {**_person_body(request.fields), **primary})
        return WriteAnswer(request.record_id)

    # ------------------------------------------------------------- showing

    def _records(self, contact: Contact) -> list[NativeRecord]:
        image = {n: v for n, v in contact.items() if n not in NESTED} | dict.fromkeys(
            (KEY_FIELD, *self.book.customs)
        )
        for name in ("billing_address", "shipping_address"):
            image |= {f"{name}.{key}": value for key, value in contact[name].items()}
        image |= {entry["api_name"]: entry["value"] for entry in contact["custom_fields"]}
        primary = next((p for p in contact["contact_persons"] if p["is_primary_contact"]), {})
        image |= {f"primary_person.{n}": primary.get(n) for n in (*PERSON, "contact_person_id")}
        at, contact_id = instant(contact), str(contact["contact_id"])
        root = NativeRecord(Side.ZOHO, "contact", contact_id, _empty(image), at)
        return [root, *(_person_record(person, contact_id, at) for person in contact["contact_persons"])]

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        """The contact and its persons inside a webhook's body."""
        contact = event_body.get("contact")
        if entity != "contact" or not isinstance(contact, dict):
            raise BadInput("zoho.no_contact", "the event holds no contact")
        return self._records(contact)

    # ------------------------------------------------------------- listing

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """Summaries, newest first, down to the second of `since_ms`."""
        floor = since_ms - since_ms % 1_000
        rows = sorted(self.book.contacts.values(), key=lambda c: (instant(c), c["contact_id"]), reverse=True)
        return self._page(f"changed {entity}", [c for c in rows if instant(c) >= floor], page)

    def list_page(self, entity: str, page: str) -> Page:
        """Summaries of all contacts in the order they were made."""
        return self._page(f"all {entity}", list(self.book.contacts.values()), page)

    def _page(self, what: str, rows: Sequence[Contact], page: str) -> Page:
        start = int(page or 0)
        part = self.calls.make("list", what, 1, lambda: rows[start : start + self._page_size])
        more = start + len(part) < len(rows)
        return Page(tuple(_summary(contact) for contact in part), str(start + len(part)) if more else "")

    def deleted_since(self, entity: str, since_ms: int) -> list[NativeRecord]:
        """Zoho lists no deleted records."""
        return []

    # ------------------------------------------------------------- organisation

    def open_documents(self, record_id: str) -> bool:
        """Whether the contact has transactions. Raises Gone."""
        return bool(
            self.calls.make("read", "contact", 1, lambda: self.book.get(record_id))["has_transaction"]
        )

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        """Custom fields nobody defined."""
        known = {KEY_FIELD, *self.book.customs} if entity == "contact" else set()
        return [name for name in dict.fromkeys(fields) if name.startswith("cf_") and name not in known]

    def writable_fields(self, entity: str) -> frozenset[str]:
        """Custom fields and what every contact has."""
        if entity == "contact_person":
            return frozenset((*PERSON, "is_primary_contact"))
        return frozenset(
            ("contact_name", "website", "notes", "billing_address.city", KEY_FIELD, *self.book.customs)
        )

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
    body: dict[str, Any] = {}
    customs = [{"api_name": KEY_FIELD, "value": key}] if key else []
    for name, value in fields.items():
        head, dot, tail = name.partition(".")
        if head == "primary_person":
            continue
        if name.startswith("cf_"):
            customs.append({"api_name": name, "value": value})
        elif dot:
            body.setdefault(head, {})[tail] = value
        elif name == "status":
            raise ConfigurationFault("zoho.not_writable", f"{name} cannot be written to Zoho")
        else:
            body[name] = value
    return {**body, "custom_fields": customs} if customs else body


def _persons_of(request: WriteRequest) -> list[dict[str, Any]]:
    head = "primary_person."
    primary = {n.removeprefix(head): v for n, v in request.fields.items() if n.startswith(head)}
    bodies = [{**_person_body(primary), "is_primary_contact": True}] if any(primary.values()) else []
    return [*bodies, *(_person_body(child) for child in request.children)]


def _person_body(fields: Mapping[str, Json]) -> dict[str, Any]:
    known = (*PERSON, "is_primary_contact")
    if wrong := [name for name in fields if name not in known]:
        raise ConfigurationFault("zoho.not_writable", f"{wrong[0]} cannot be written to Zoho")
    return {n: v for n, v in fields.items() if n != "is_primary_contact" or v is True}


def _person_record(person: Contact, contact_id: str, at: int) -> NativeRecord:
    image = _empty({name: value for name, value in person.items() if name != "contact_person_id"})
    return NativeRecord(
        Side.ZOHO, "contact_person", person["contact_person_id"], image, at, parent_id=contact_id
    )


def _summary(contact: Contact) -> NativeRecord:
    image = {name: value for name, value in contact.items() if name not in NESTED}
    image |= {entry["api_name"]: entry["value"] for entry in contact["custom_fields"]}
    return NativeRecord(
        Side.ZOHO, "contact", contact["contact_id"], _empty(image), instant(contact), whole=False
    )


def _empty(image: Mapping[str, Any]) -> dict[str, Json]:
    return {name: None if value == "" else value for name, value in image.items()}


def _fits(contact: Contact, kind: str, wanted: str) -> bool:
    if kind == "name":
        return _folded(contact["contact_name"]) == _folded(wanted)
    columns: Iterable[str] = ("email",) if kind == "email" else ("phone", "mobile")
    return any(_folded(p[c]) == _folded(wanted) for p in contact["contact_persons"] for c in columns)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
