"""Every contact of the organisation, with the rules that look at more than one record.

A change is made on a draft and stored as a whole, so a refused change leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integration.sandbox.clock import Clock
from integration.sandbox.switches import Switches
from integration.sandbox.zoho import faults
from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.contact_fields import clean_address, clean_contact
from integration.sandbox.zoho.custom_fields import CustomField, CustomFields
from integration.sandbox.zoho.indexes import Document, OrderedIndex, SearchIndex
from integration.sandbox.zoho.persons import Persons
from integration.sandbox.zoho.profile import Profile

_SEARCHED_PERSON = ("first_name", "last_name", "email", "phone")
_SEARCHED_ADDRESS = ("address", "street2", "city", "state", "zip", "country")


@dataclass(frozen=True)
class Change:
    """Something happened to a contact: `kind` is add, edit or delete, `source` api or user."""

    kind: str
    source: str
    contact: Contact


class ContactBook:
    """Contacts by id, by name, by unique value, in order and searchable."""

    def __init__(
        self,
        profile: Profile,
        switches: Switches,
        clock: Clock,
        custom_fields: CustomFields,
        next_id: Callable[[], str],
        announce: Callable[[Change], None],
    ) -> None:
        self._switches, self._clock, self._next_id = switches, clock, next_id
        self._custom, self._announce = custom_fields, announce
        self._currencies = frozenset(currency.currency_id for currency in profile.currencies)
        self._persons = Persons(switches, next_id)
        self.clear()

    def clear(self) -> None:
        """Forget every contact."""
        self._contacts: dict[str, Contact] = {}
        self._deleted: dict[str, Contact] = {}
        self._names: dict[tuple[str, str], set[str]] = {}
        self._unique: dict[tuple[str, str], str] = {}
        self._owners: dict[str, str] = {}
        self.by_name: OrderedIndex[str] = OrderedIndex()
        self.by_created: OrderedIndex[int] = OrderedIndex()
        self.by_modified: OrderedIndex[int] = OrderedIndex()
        self._search = SearchIndex()

    # Reading

    def get(self, contact_id: str) -> Contact:
        """The contact. :raises ApiError: 404, there is none."""
        contact = self._contacts.get(contact_id)
        if contact is None:
            raise faults.absent("Contact")
        return contact

    def find(self, contact_id: str) -> Contact | None:
        """The contact if it is alive."""
        return self._contacts.get(contact_id)

    def ever(self, contact_id: str) -> Contact | None:
        """The contact, alive or deleted."""
        return self._contacts.get(contact_id) or self._deleted.get(contact_id)

    def all(self, *, deleted: bool = False) -> Iterable[Contact]:
        """The living contacts, or the deleted ones."""
        return (self._deleted if deleted else self._contacts).values()

    def owner_of(self, person_id: str) -> Contact:
        """The contact that a person belongs to. :raises ApiError: 404, no such person."""
        contact_id = self._owners.get(person_id)
        if contact_id is None:
            raise faults.absent("Contact Person")
        return self._contacts[contact_id]

    def holder(self, key: str, value: str) -> Contact | None:
        """The contact that holds the value in a unique custom field. :raises ApiError: no such field."""
        if self._unique_field(key) is None:
            raise faults.invalid_element(key, self._switches)
        contact_id = self._unique.get((key, self._unique_form(value)))
        return None if contact_id is None else self._contacts[contact_id]

    def namesakes(self, contact: Contact) -> int:
        """How many contacts of the type carry this name, the contact itself included."""
        return len(self._names.get(self._name_key(contact), ()))

    def search(self) -> SearchIndex:
        """The index that filters go by, as far as it has caught up."""
        self._search.catch_up(self._clock.monotonic())
        return self._search

    # Changing

    def create(self, body: Mapping[str, Any], source: str, *, at: int | None = None) -> Contact:
        """A new contact; `at` (seconds since 1970) puts it into the past and says nothing to anybody."""
        now = self._now() if at is None else at
        draft = Contact(self._next_id(), str(body.get("contact_type", "customer")), now, now, source)
        self._write(draft, {"contact_name": "", **body})
        self._custom.require_mandatory(draft.custom)
        self._check_unique(draft)
        self._store(draft)
        if at is None:
            self._announce(Change("add", source, draft))
        else:
            self._search.catch_up(float("inf"))
        return draft

    def update(self, contact_id: str, body: Mapping[str, Any], source: str) -> Contact:
        """Change what the body names; whatever it leaves out stays."""
        draft = self.get(contact_id).copy()
        self._write(draft, body)
        self._check_unique(draft)
        return self._touch(draft, source)

    def set_status(self, contact_id: str, status: str, source: str) -> Contact:
        """Active or inactive; saying it again changes nothing."""
        contact = self.get(contact_id)
        if contact.status == status:
            return contact
        draft = contact.copy()
        draft.status = status
        return self._touch(draft, source, fires=self._switches.zoho_webhook_status_is_edit)

    def set_transaction(self, contact_id: str, has_transaction: bool) -> None:  # noqa: FBT001 - a field's value
        """Documents of the contact exist, or do not any more."""
        self.get(contact_id).has_transaction = has_transaction

    def delete(self, contact_id: str, source: str) -> None:
        """The contact goes for good. :raises ApiError: it has transactions."""
        contact = self.get(contact_id)
        if contact.has_transaction:
            raise faults.has_transactions(self._switches)
        self._forget(contact)
        contact.deleted = True
        self._deleted[contact_id] = contact
        self._search.put(contact_id, None, self._visible_at())
        self._announce(Change("delete", source, contact))

    def change_persons(
        self, contact_id: str, source: str, change: Callable[[Persons, Contact], Json | None]
    ) -> Json | None:
        """Let `change` work on the persons of a draft and store it."""
        draft = self.get(contact_id).copy()
        answer = change(self._persons, draft)
        if self._switches.zoho_person_touches_contact:
            self._touch(draft, source)
        else:
            self._store(draft)
        return answer

    # Keeping

    def dump(self) -> list[Json]:
        """Every contact ever, as JSON."""
        return [contact.dump() for group in (self._contacts, self._deleted) for contact in group.values()]

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The contacts of a dump instead of the present ones."""
        self.clear()
        for row in rows:
            contact = Contact.load(row)
            if contact.deleted:
                self._deleted[contact.contact_id] = contact
            else:
                self._store(contact)
        self._search.catch_up(float("inf"))

    def _write(self, draft: Contact, body: Mapping[str, Any]) -> None:
        cleaned = clean_contact(body, self._switches, self._currencies)
        if not cleaned.get("contact_name", draft.name).strip():
            raise faults.missing_value("contact_name")
        draft.contact_type = cleaned.pop("contact_type", draft.contact_type)
        draft.values.update(cleaned)
        for key in ("billing_address", "shipping_address"):
            current = getattr(draft, key)
            if key in body:
                current = {**current, **clean_address(key, body[key], current, self._switches)}
            setattr(draft, key, {"address_id": current.get("address_id") or self._next_id(), **current})
        if "custom_fields" in body:
            draft.custom = self._custom.merged(body["custom_fields"], draft.custom)
        if "contact_persons" in body:
            self._persons.replace(draft, body["contact_persons"])

    def _check_unique(self, draft: Contact) -> None:
        others = self._names.get(self._name_key(draft), set()) - {draft.contact_id}
        switches = self._switches
        if others and draft.contact_type == "vendor" and not switches.zoho_duplicate_vendor_names:
            raise faults.vendor_name_taken(draft.name, switches)
        if others and draft.contact_type == "customer" and not switches.zoho_duplicate_customer_names:
            raise faults.customer_name_taken(draft.name)
        for definition, value in self._unique_values(draft):
            if self._unique.get((definition.api_name, value), draft.contact_id) != draft.contact_id:
                raise faults.custom_value_taken(definition.label, switches)

    def _touch(self, draft: Contact, source: str, *, fires: bool = True) -> Contact:
        draft.modified = self._now()
        self._store(draft)
        if fires:
            self._announce(Change("edit", source, draft))
        return draft

    def _store(self, contact: Contact) -> None:
        contact_id = contact.contact_id
        if contact_id in self._contacts:
            self._forget(self._contacts[contact_id])
        self._contacts[contact_id] = contact
        self._names.setdefault(self._name_key(contact), set()).add(contact_id)
        for definition, value in self._unique_values(contact):
            self._unique[definition.api_name, value] = contact_id
        for person in contact.persons:
            self._owners[person["contact_person_id"]] = contact_id
        self.by_name.put(contact_id, contact.name.casefold())
        self.by_created.put(contact_id, contact.created)
        self.by_modified.put(contact_id, contact.modified)
        self._search.put(contact_id, _document(contact, self._switches), self._visible_at())

    def _forget(self, contact: Contact) -> None:
        del self._contacts[contact.contact_id]
        names = self._names[self._name_key(contact)]
        names.discard(contact.contact_id)
        if not names:
            del self._names[self._name_key(contact)]
        for definition, value in self._unique_values(contact):
            self._unique.pop((definition.api_name, value), None)
        for person in contact.persons:
            self._owners.pop(person["contact_person_id"], None)
        for index in (self.by_name, self.by_created, self.by_modified):
            index.remove(contact.contact_id)

    def _unique_field(self, key: str) -> CustomField | None:
        definition = self._custom.get(key)
        return definition if definition is not None and definition.is_unique else None

    def _unique_values(self, contact: Contact) -> Iterable[tuple[CustomField, str]]:
        for key, value in contact.custom.items():
            definition = self._unique_field(key)
            if definition is not None:
                yield definition, self._unique_form(str(value))

    def _unique_form(self, value: str) -> str:
        return value.casefold() if self._switches.zoho_unique_ignore_case else value

    def _name_key(self, contact: Contact) -> tuple[str, str]:
        name = contact.name
        return (
            contact.contact_type,
            name.strip().casefold() if self._switches.zoho_names_ignore_case else name,
        )

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _visible_at(self) -> float:
        return self._clock.monotonic() + self._clock.scaled(self._switches.zoho_search_lag_seconds)


def _document(contact: Contact, switches: Switches) -> Document:
    persons = contact.persons if switches.zoho_email_filter == "any" else [contact.primary]
    found: dict[str, list[str]] = {
        "contact_name": [contact.name],
        "company_name": [str(contact.values.get("company_name", ""))],
        "search_text": [contact.name, str(contact.values.get("notes", ""))],
        "address": [
            address.get(key, "")
            for address in (contact.billing_address, contact.shipping_address)
            for key in _SEARCHED_ADDRESS
        ],
        **{key: [person.get(key, "") for person in persons] for key in _SEARCHED_PERSON},
    }
    return {
        column: tuple(dict.fromkeys(text.casefold() for text in texts if text))
        for column, texts in found.items()
    }
