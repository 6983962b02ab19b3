"""A Zoho Inventory organisation in memory: contacts in the form the API shows them, people, webhooks."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Side
from integration.errors import DuplicateKey, Gone, NameTaken, Rejected
from integration.ports import Clock

KEY_FIELD = "cf_salesforce_id"
ADDRESS = dict.fromkeys(
    ("attention", "address", "street2", "city", "state", "zip", "country", "phone", "fax"), ""
)
PERSON = dict.fromkeys(
    ("salutation", "first_name", "last_name", "email", "phone", "mobile", "designation", "department"), ""
)
PLAIN = ("contact_name", "company_name", "contact_type", "customer_sub_type", "website", "notes")
CURRENCIES = ("USD", "EUR", "GBP")
NAME_LENGTH = 200

Contact = dict[str, Any]


@dataclass
class ZohoBook:
    """State and behaviour. Times are whole seconds; webhooks wait in `hooks` until a test delivers them.

    `lag_ms`: how long a change stays unseen by searches.
    """

    clock: Clock
    lag_ms: int = 0
    customs: tuple[str, ...] = ()
    contacts: dict[str, Contact] = field(default_factory=dict)
    deleted: dict[str, Contact] = field(default_factory=dict)
    hooks: list[ArrivedEvent] = field(default_factory=list)
    _index: list[tuple[int, str, Contact | None]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # ------------------------------------------------------------- people and the API

    def get(self, contact_id: str) -> Contact:
        """The contact. Raises Gone."""
        if contact_id not in self.contacts:
            raise Gone("zoho.gone", "the record does not exist")
        return self.contacts[contact_id]

    def save(self, body: Mapping[str, Any], contact_id: str = "") -> Contact:
        """Create (no id) or change a contact by a body of the API; `contact_persons` replaces all persons.

        Raises Rejected, or NameTaken and DuplicateKey.
        """
        draft = copy.deepcopy(self.get(contact_id)) if contact_id else self._blank()
        for name, value in body.items():
            self._set(draft, name, value)
        self._check(draft)
        return self._store(draft, "add" if not contact_id else "edit")

    def set_status(self, contact_id: str, status: str) -> None:
        """Active or inactive; saying it again changes nothing."""
        contact = copy.deepcopy(self.get(contact_id))
        if contact["status"] != status:
            contact["status"] = status
            self._store(contact, "edit")

    def delete(self, contact_id: str) -> None:
        """For good. Raises Rejected when it has transactions."""
        contact = self.get(contact_id)
        if contact["has_transaction"]:
            raise Rejected("zoho.has_transactions", "part of other transactions")
        self.deleted[contact_id] = self.contacts.pop(contact_id)
        self._index.append((self.clock.now_ms() + self.lag_ms, contact_id, None))
        self._tell(contact, "delete")

    def add_person(self, contact_id: str, fields: Mapping[str, Any]) -> str:
        """One more person; answers its id."""
        contact = copy.deepcopy(self.get(contact_id))
        person = self._person(fields)
        contact["contact_persons"].append(person)
        if person["is_primary_contact"] or len(contact["contact_persons"]) == 1:
            _make_primary(contact, person["contact_person_id"])
        self._store(contact, "edit")
        return str(person["contact_person_id"])

    def change_person(self, person_id: str, fields: Mapping[str, Any]) -> None:
        """Change what is named; `is_primary_contact` takes only true. Raises Gone."""
        contact = copy.deepcopy(self.owner_of(person_id))
        person = next(p for p in contact["contact_persons"] if p["contact_person_id"] == person_id)
        person.update({n: _plain(v) for n, v in fields.items() if n != "is_primary_contact"})
        if fields.get("is_primary_contact") is True:
            _make_primary(contact, person_id)
        self._store(contact, "edit")

    def delete_person(self, person_id: str) -> None:
        """A person goes; another one becomes primary. Raises Gone."""
        contact = copy.deepcopy(self.owner_of(person_id))
        contact["contact_persons"] = [
            p for p in contact["contact_persons"] if p["contact_person_id"] != person_id
        ]
        if contact["contact_persons"] and not any(
            p["is_primary_contact"] for p in contact["contact_persons"]
        ):
            contact["contact_persons"][0]["is_primary_contact"] = True
        self._store(contact, "edit")

    def owner_of(self, person_id: str) -> Contact:
        """The contact a person belongs to. Raises Gone."""
        for contact in self.contacts.values():
            if any(p["contact_person_id"] == person_id for p in contact["contact_persons"]):
                return contact
        raise Gone("zoho.gone", "the person does not exist")

    def searchable(self) -> list[Contact]:
        """Contacts as the lagging search index shows them now."""
        seen: dict[str, Contact] = {}
        for visible_at, contact_id, shown in self._index:
            if visible_at <= self.clock.now_ms():
                seen.pop(contact_id, None)
                if shown is not None:
                    seen[contact_id] = shown
        return list(seen.values())

    def holder(self, key: str) -> Contact | None:
        """The contact that holds our key."""
        return next((c for c in self.contacts.values() if custom(c, KEY_FIELD) == key), None)

    # ------------------------------------------------------------- inside

    def _blank(self) -> Contact:
        return {
            **dict.fromkeys(PLAIN, ""),
            "contact_id": f"46000000{next(self._numbers):08d}",
            "contact_type": "customer",
            "customer_sub_type": "business",
            "currency_code": "USD",
            "status": "active",
            "has_transaction": False,
            "billing_address": dict(ADDRESS),
            "shipping_address": dict(ADDRESS),
            "custom_fields": [],
            "contact_persons": [],
            "created_time": self._stamp(),
        }

    def _set(self, draft: Contact, name: str, value: Any) -> None:
        if name in ("billing_address", "shipping_address"):
            draft[name] = {**draft[name], **{k: _plain(v) for k, v in value.items()}}
        elif name == "custom_fields":
            for entry in value:
                self._set_custom(draft, entry["api_name"], entry["value"])
        elif name == "contact_persons":
            draft[name] = [self._person(person) for person in value]
            first = next(
                (p for p in draft[name] if p["is_primary_contact"]), draft[name][0] if draft[name] else None
            )
            if first is not None:
                _make_primary(draft, first["contact_person_id"])
        elif name in (*PLAIN, "currency_code", "has_transaction"):
            draft[name] = _plain(value)
        else:
            raise Rejected("zoho.unknown_field", "no such element", evidence={"field": name})

    def _set_custom(self, draft: Contact, name: str, value: Any) -> None:
        if name not in (KEY_FIELD, *self.customs):
            raise Rejected("zoho.unknown_field", "no such custom field", evidence={"field": name})
        draft["custom_fields"] = [c for c in draft["custom_fields"] if c["api_name"] != name]
        draft["custom_fields"].append({"api_name": name, "value": _plain(value)})

    def _person(self, fields: Mapping[str, Any]) -> Contact:
        given = {name: _plain(value) for name, value in fields.items() if name != "contact_person_id"}
        person_id = fields.get("contact_person_id") or f"47000000{next(self._numbers):08d}"
        return {"is_primary_contact": False, **PERSON, **given, "contact_person_id": person_id}

    def _check(self, draft: Contact) -> None:
        name = str(draft["contact_name"])
        if not name.strip():
            raise Rejected("zoho.invalid_value", "a name is needed", evidence={"field": "contact_name"})
        if len(name) > NAME_LENGTH:
            raise Rejected("zoho.too_long", "a text is longer than Zoho takes")
        if draft["currency_code"] not in CURRENCIES:
            raise Rejected("zoho.unknown_currency", "no such currency")
        for other in self.contacts.values():
            if other["contact_id"] == draft["contact_id"]:
                continue
            if other["contact_type"] == draft["contact_type"] and _name(other) == _name(draft):
                raise NameTaken("zoho.name_taken", "another customer owns the name")
            if custom(draft, KEY_FIELD) and custom(other, KEY_FIELD) == custom(draft, KEY_FIELD):
                raise DuplicateKey("zoho.duplicate_key", "another contact owns the key")

    def _store(self, draft: Contact, happened: str) -> Contact:
        draft["last_modified_time"] = self._stamp()
        contact_id = draft["contact_id"]
        self.contacts[contact_id] = draft
        self._index.append((self.clock.now_ms() + self.lag_ms, contact_id, copy.deepcopy(draft)))
        self._tell(draft, happened)
        return draft

    def _stamp(self) -> str:
        moment = datetime.fromtimestamp(self.clock.now_ms() // 1_000, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")

    def _tell(self, contact: Contact, happened: str) -> None:
        body = {"contact": copy.deepcopy(contact)}
        rule = "contact-deleted" if happened == "delete" else "contact-saved"
        raw = json.dumps(body, sort_keys=True).encode()
        at = instant(contact)
        self.hooks.append(
            ArrivedEvent(
                Side.ZOHO,
                f"{rule}:contact:{contact['contact_id']}:{at}:{hashlib.sha256(raw).hexdigest()}",
                "contact",
                str(contact["contact_id"]),
                EventKind.DELETE if happened == "delete" else EventKind.RECORD,
                Channel.WEBHOOK,
                at,
                body,
            )
        )


def custom(contact: Contact, name: str) -> Any:
    """The value of a custom field, empty where it has none."""
    return next((c["value"] for c in contact["custom_fields"] if c["api_name"] == name), "")


def instant(contact: Contact) -> int:
    """Epoch milliseconds of its last modification."""
    return round(datetime.fromisoformat(contact["last_modified_time"]).timestamp() * 1_000)


def persons_shown(contact: Contact, sent: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the contact has just the persons that were sent."""
    left = list(contact["contact_persons"])
    for body in sent:
        fits = [
            p
            for p in left
            if all(p.get(n) == _plain(v) for n, v in body.items() if n != "is_primary_contact")
        ]
        if not fits:
            return False
        left.remove(fits[0])
    return not left


def _make_primary(contact: Contact, person_id: str) -> None:
    for person in contact["contact_persons"]:
        person["is_primary_contact"] = person["contact_person_id"] == person_id


def _name(contact: Contact) -> str:
    return str(contact["contact_name"]).strip().casefold()


def _plain(value: Any) -> Any:
    return "" if value is None else value
