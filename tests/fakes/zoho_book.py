"""A Zoho Inventory organisation in memory: contacts in the form the API shows them, people, webhooks."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Side
from integration.errors import DuplicateKey, Gone, NameTaken, Rejected
from integration.ports import Clock
from tests.fakes.zoho_forms import ADDRESS, CURRENCIES, PERSON, Contact, custom, detail, instant

KEY_FIELD = "cf_salesforce_id"
ADDRESSES = ("billing_address", "shipping_address")
TEXTS = {
    "contact_name": 200, "company_name": 200, "website": None, "notes": None, "language_code": 100,
    "payment_terms_label": 100, "facebook": None, "twitter": None,
}  # fmt: skip
CHOICES = {"contact_type": ("customer", "vendor"), "customer_sub_type": ("business", "individual")}
CUSTOM_LENGTH = 255
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


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

    def save(
        self,
        body: Mapping[str, Any],
        contact_id: str = "",
        *,
        source: str = "user",
        keeps_address: bool = True,
    ) -> Contact:
        """Create (no id) or change a contact by a body of the API; `contact_persons` replaces all persons.

        `keeps_address`: what an address leaves out stays, as on the screen; the API blanks it.
        Raises Rejected, or NameTaken and DuplicateKey.
        """
        draft = copy.deepcopy(self.get(contact_id)) if contact_id else self._blank(source)
        for name, value in {**({} if contact_id else {"contact_name": ""}), **body}.items():
            self._set(draft, name, value, keeps_address=keeps_address)
        self._check(draft)
        return self._store(draft, "edit" if contact_id else "add")

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
        """One more person; answers its id. Raises Gone and Rejected."""
        contact = copy.deepcopy(self.get(contact_id))
        person = self._person(contact, fields)
        contact["contact_persons"].append(person)
        if fields.get("is_primary_contact") is True or len(contact["contact_persons"]) == 1:
            _make_primary(contact, person["contact_person_id"])
        self._store(contact, "edit")
        return str(person["contact_person_id"])

    def change_person(self, person_id: str, fields: Mapping[str, Any]) -> None:
        """Change what is named; `is_primary_contact` takes only true. Raises Gone and Rejected."""
        contact = copy.deepcopy(self.owner_of(person_id))
        changed = self._person(contact, {**fields, "contact_person_id": person_id})
        next(p for p in contact["contact_persons"] if p["contact_person_id"] == person_id).update(changed)
        if fields.get("is_primary_contact") is True:
            _make_primary(contact, person_id)
        self._store(contact, "edit")

    def delete_person(self, person_id: str) -> None:
        """A person goes; nobody becomes primary in its place. Raises Gone."""
        contact = copy.deepcopy(self.owner_of(person_id))
        contact["contact_persons"] = [
            p for p in contact["contact_persons"] if p["contact_person_id"] != person_id
        ]
        self._store(contact, "edit")

    def owner_of(self, person_id: str) -> Contact:
        """The contact a person belongs to. Raises Gone."""
        for contact in self.contacts.values():
            if any(p["contact_person_id"] == person_id for p in contact["contact_persons"]):
                return contact
        raise Gone("zoho.gone", "the person does not exist")

    def search(self, filters: Mapping[str, str]) -> list[Contact]:
        """Contacts the lagging index finds, as they are now."""
        seen: dict[str, Contact] = {}
        for visible_at, contact_id, shown in self._index:
            if visible_at <= self.clock.now_ms():
                seen.pop(contact_id, None)
                if shown is not None:
                    seen[contact_id] = shown
        found = [known for known, shown in seen.items() if _fits(shown, filters)]
        return [self.contacts[contact_id] for contact_id in found if contact_id in self.contacts]

    def holder(self, key: str) -> Contact | None:
        """The contact that holds our key."""
        return next((c for c in self.contacts.values() if custom(c, KEY_FIELD) == key), None)

    # ------------------------------------------------------------- inside

    def _id(self, prefix: str) -> str:
        return f"{prefix}000000{next(self._numbers):08d}"

    def _blank(self, source: str) -> Contact:
        return {
            **dict.fromkeys(TEXTS, ""),
            "contact_id": self._id("46"),
            "contact_type": "customer",
            "customer_sub_type": "business",
            "currency_code": "USD",
            "payment_terms": 0,
            "status": "active",
            "source": source,
            "has_transaction": False,
            **{name: {"address_id": self._id("48"), **dict.fromkeys(ADDRESS, "")} for name in ADDRESSES},
            "custom_fields": [],
            "contact_persons": [],
            "created_time": self._stamp(),
        }

    def _set(self, draft: Contact, name: str, value: Any, *, keeps_address: bool) -> None:
        if name in ADDRESSES:
            given = {key: _text(key, each, ADDRESS) for key, each in value.items()}
            draft[name] = {**draft[name], **({} if keeps_address else dict.fromkeys(ADDRESS, "")), **given}
        elif name == "custom_fields":
            for entry in value:
                self._set_custom(draft, entry["api_name"], entry["value"])
        elif name == "contact_persons":
            self._replace_persons(draft, value)
        elif name in TEXTS:
            draft[name] = _text(name, value, TEXTS)
        else:
            draft[name] = _checked(name, value)

    def _set_custom(self, draft: Contact, name: str, value: Any) -> None:
        if name not in (KEY_FIELD, *self.customs):
            raise Rejected("zoho.unknown_field", "no such custom field", evidence={"field": name})
        if isinstance(value, str) and len(value) > CUSTOM_LENGTH:
            raise Rejected("zoho.too_long", "a text is longer than Zoho takes")
        draft["custom_fields"] = [c for c in draft["custom_fields"] if c["api_name"] != name]
        if value not in (None, ""):
            draft["custom_fields"].append({"api_name": name, "value": value})

    def _replace_persons(self, draft: Contact, bodies: list[Mapping[str, Any]]) -> None:
        first_time = not draft["contact_persons"]
        persons = [self._person(draft, body) for body in bodies]
        draft["contact_persons"] = persons
        chosen = [
            person["contact_person_id"]
            for person, body in zip(persons, bodies, strict=True)
            if body.get("is_primary_contact") is True
        ]
        if chosen or (first_time and persons):
            _make_primary(draft, chosen[0] if chosen else persons[0]["contact_person_id"])

    def _person(self, contact: Contact, fields: Mapping[str, Any]) -> Contact:
        """A person as it will be: one of the contact's when the id is given, else a new one."""
        blank = {"contact_person_id": "", **dict.fromkeys(PERSON, ""), "is_primary_contact": False}
        known = {p["contact_person_id"]: p for p in contact["contact_persons"]}
        person_id = fields.get("contact_person_id")
        if person_id and person_id not in known:
            raise Gone("zoho.gone", "the person does not exist")
        person = dict(known[person_id] if person_id else blank)
        person.update({name: _text(name, value, PERSON) for name, value in fields.items() if name in PERSON})
        if person["email"] and not _EMAIL.fullmatch(person["email"]):
            raise Rejected("zoho.invalid_value", "no e-mail address", evidence={"field": "email"})
        if not any(person[name] for name in ("first_name", "last_name", "email")):
            raise Rejected("zoho.invalid_value", "a name is needed", evidence={"field": "first_name"})
        person["contact_person_id"] = person_id or self._id("47")
        return person

    def _check(self, draft: Contact) -> None:
        if not str(draft["contact_name"]).strip():
            raise Rejected("zoho.invalid_value", "a name is needed", evidence={"field": "contact_name"})
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
        body = {"contact": detail(contact)}
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


def _fits(shown: Contact, filters: Mapping[str, str]) -> bool:
    """Whether a contact was found by these filters."""
    return all(_hits(shown, name, wanted.casefold()) for name, wanted in filters.items())


def _hits(shown: Contact, name: str, wanted: str) -> bool:
    """E-mail and phone look at all persons; nobody finds a number in another writing."""
    column = name.removesuffix("_startswith")
    if column == "search_text":
        return any(wanted in shown[each].casefold() for each in ("contact_name", "notes"))
    found = [p[column] for p in shown["contact_persons"]] if column in PERSON else [shown[column]]
    folded = [text.casefold() for text in found if text]
    return wanted in folded if name == column else any(text.startswith(wanted) for text in folded)


def _text(name: str, value: Any, limits: Mapping[str, int | None]) -> str:
    if name not in limits:
        raise Rejected("zoho.unknown_field", "no such element", evidence={"field": name})
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Rejected("zoho.invalid_value", "not a text", evidence={"field": name})
    limit = limits[name]
    if limit is not None and len(value) > limit:
        raise Rejected("zoho.too_long", "a text is longer than Zoho takes", evidence={"field": name})
    return value


def _checked(name: str, value: Any) -> Any:
    """A value of another kind. Raises Rejected."""
    if name == "currency_code":
        if value not in CURRENCIES:
            raise Rejected("zoho.unknown_currency", "no such currency")
    elif name in CHOICES:
        if value not in CHOICES[name]:
            raise Rejected("zoho.invalid_value", "not one of its values", evidence={"field": name})
    elif name == "payment_terms":
        if isinstance(value, bool) or not isinstance(value, int):
            raise Rejected("zoho.invalid_value", "not a number", evidence={"field": name})
    elif name != "has_transaction":
        raise Rejected("zoho.unknown_field", "no such element", evidence={"field": name})
    return value


def _make_primary(contact: Contact, person_id: str) -> None:
    for person in contact["contact_persons"]:
        person["is_primary_contact"] = person["contact_person_id"] == person_id


def _name(contact: Contact) -> str:
    return str(contact["contact_name"]).strip().casefold()
