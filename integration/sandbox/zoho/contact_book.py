"""Every contact of the organisation, with the rules that look at more than one record.

A change is made on a draft and stored as a whole, so a refused change leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.contact_fields import clean_address, clean_contact
from integration.sandbox.zoho.contact_list import contact_list, contact_marks
from integration.sandbox.zoho.persons import Persons
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.register import Mark, Register

ENTITY = "contact"


class ContactBook:
    """Contacts by id, by name, by unique value, in order and searchable."""

    def __init__(self, premises: Premises) -> None:
        self._premises, self._switches = premises, premises.switches
        self._custom = premises.fields[ENTITY]
        self._currencies = frozenset(currency.currency_id for currency in premises.profile.currencies)
        self._persons = Persons(premises.switches, premises.next_id)
        self.register: Register[Contact] = Register(premises, "Contact", self._marks)
        self.list_spec = contact_list(premises.switches, self.namesakes)
        self._rename_listeners: list[Callable[[str], None]] = []

    def clear(self) -> None:
        """Forget every contact."""
        self.register.clear()

    # Reading

    def get(self, contact_id: str) -> Contact:
        """The contact. :raises ApiError: 404, there is none."""
        return self.register.get(contact_id)

    def find(self, contact_id: str) -> Contact | None:
        """The contact if it is alive."""
        return self.register.find(contact_id)

    def ever(self, contact_id: str) -> Contact | None:
        """The contact, alive or deleted."""
        return self.register.ever(contact_id)

    def all(self, *, deleted: bool = False) -> Iterable[Contact]:
        """The living contacts, or the deleted ones."""
        return self.register.all(deleted=deleted)

    def owner_of(self, person_id: str) -> Contact:
        """The contact that a person belongs to. :raises ApiError: 404, no such person."""
        found = self.register.holders("person", person_id)
        if not found:
            raise faults.absent("Contact Person")
        return self.get(found[0])

    def holder(self, key: str, value: str) -> str | None:
        """Id of the contact that holds the value, as it is compared, in a unique custom field."""
        return next(iter(self.register.holders(key, value)), None)

    def on_rename(self, listener: Callable[[str], None]) -> None:
        """Call the listener with the id of each contact that got another name."""
        self._rename_listeners.append(listener)

    def namesakes(self, contact: Contact) -> int:
        """How many contacts of the type carry this name, the contact itself included."""
        return len(self.register.held(*self._name_mark(contact)))

    # Changing

    def create(self, body: Mapping[str, Any], source: str, *, at: int | None = None) -> Contact:
        """A new contact; `at` (seconds since 1970) puts it into the past and says nothing to anybody."""
        now = self._premises.now() if at is None else at
        draft = Contact(self._premises.next_id(), str(body.get("contact_type", "customer")), now, now, source)
        self._write(draft, {"contact_name": "", **body})
        self._custom.require_mandatory(draft.custom)
        self._check_unique(draft)
        self.register.put(draft, at_once=at is not None)
        if at is None:
            self._announce("add", source, draft)
        return draft

    def update(self, contact_id: str, body: Mapping[str, Any], source: str) -> Contact:
        """Change what the body names; whatever it leaves out stays."""
        before = self.get(contact_id)
        draft = before.copy()
        self._write(draft, body)
        self._check_unique(draft)
        self._touch(draft, source)
        for listener in self._rename_listeners if draft.name != before.name else ():
            listener(contact_id)
        return draft

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
        self.register.remove(contact)
        contact.deleted = True
        self._announce("delete", source, contact)

    def change_persons(
        self, contact_id: str, source: str, change: Callable[[Persons, Contact], Json | None]
    ) -> Json | None:
        """Let `change` work on the persons of a draft and store it."""
        draft = self.get(contact_id).copy()
        answer = change(self._persons, draft)
        if self._switches.zoho_person_touches_contact:
            self._touch(draft, source)
        else:
            self.register.put(draft)
        return answer

    # Keeping

    def dump(self) -> list[Json]:
        """Every contact ever, as JSON."""
        return [contact.dump() for contact in (*self.all(), *self.all(deleted=True))]

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The contacts of a dump instead of the present ones."""
        self.register.restore(Contact.load(row) for row in rows)

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
            setattr(
                draft, key, {"address_id": current.get("address_id") or self._premises.next_id(), **current}
            )
        if "custom_fields" in body:
            draft.custom = self._custom.merged(body["custom_fields"], draft.custom)
        if "contact_persons" in body:
            self._persons.replace(draft, body["contact_persons"])

    def _check_unique(self, draft: Contact) -> None:
        others = self._others(draft, *self._name_mark(draft))
        switches = self._switches
        if others and draft.contact_type == "vendor" and not switches.zoho_duplicate_vendor_names:
            raise faults.vendor_name_taken(draft.name, switches)
        if others and draft.contact_type == "customer" and not switches.zoho_duplicate_customer_names:
            raise faults.customer_name_taken(draft.name)
        for definition, value in self._custom.unique_marks(draft.custom):
            if self._others(draft, definition.api_name, value):
                raise faults.custom_value_taken(definition.label, switches)

    def _others(self, draft: Contact, kind: str, value: str) -> bool:
        return any(record_id != draft.contact_id for record_id in self.register.holders(kind, value))

    def _touch(self, draft: Contact, source: str, *, fires: bool = True) -> Contact:
        draft.modified = self._premises.now()
        self.register.put(draft)
        if fires:
            self._announce("edit", source, draft)
        return draft

    def _announce(self, kind: str, source: str, contact: Contact) -> None:
        self._premises.announce(Change(kind, source, ENTITY, contact.contact_id))

    def _marks(self, contact: Contact) -> Iterable[Mark]:
        yield self._name_mark(contact)
        yield from contact_marks(contact, self._switches)
        for person in contact.persons:
            yield "person", person["contact_person_id"]
        for definition, value in self._custom.unique_marks(contact.custom):
            yield definition.api_name, value

    def _name_mark(self, contact: Contact) -> Mark:
        name = contact.name.strip().casefold() if self._switches.zoho_names_ignore_case else contact.name
        return f"name of a {contact.contact_type}", name
