"""Contacts and their persons as modules of the organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.contact_book import ContactBook
from integration.sandbox.zoho.record_module import RetirableModule
from integration.sandbox.zoho.rendering import Rendering
from integration.sandbox.zoho.rendering import person as person_shown


class ContactModule(RetirableModule[Contact]):
    """Customers and vendors."""

    _book: ContactBook

    def __init__(self, book: ContactBook, rendering: Rendering) -> None:
        super().__init__("contact", "contact_id", book, rendering.detail)

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        values = dict(fields)
        status, transaction = values.pop("status", None), values.pop("has_transaction", None)
        if record_id is None:
            record_id = self._book.create(values, source).contact_id
        elif values:
            self._book.update(record_id, values, source)
        if transaction is not None:
            self._book.set_transaction(record_id, bool(transaction))
        if status is not None:
            self.set_status(record_id, str(status), source)
        return self._book.get(record_id).contact_id

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        return self._book.create(fields, "user", at=at).contact_id


class PersonModule:
    """Contact persons; they are kept inside their contacts."""

    entity, id_key = "contact_person", "contact_person_id"

    def __init__(self, book: ContactBook) -> None:
        self._book = book

    def counts(self) -> Json:
        groups = (self._book.all(), self._book.all(deleted=True))
        alive, gone = (sum(len(contact.persons) for contact in group) for group in groups)
        return {"alive": alive, "deleted": gone}

    def ids(self) -> Iterable[str]:
        return [str(each["contact_person_id"]) for contact in _ever(self._book) for each in contact.persons]

    def detail(self, record_id: str) -> Json | None:
        found = self._found(record_id)
        if found is None:
            return None
        contact, values = found
        return {"contact_id": contact.contact_id, **person_shown(values)}

    def is_deleted(self, record_id: str) -> bool:
        found = self._found(record_id)
        return found is None or found[0].deleted

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is None:
            made = self._book.change_persons(
                str(fields.get("contact_id", "")), source, lambda persons, draft: persons.add(draft, fields)
            )
        else:
            owner = self._book.owner_of(record_id)
            made = self._book.change_persons(
                owner.contact_id, source, lambda persons, draft: persons.change(draft, record_id, fields)
            )
        assert made is not None
        return str(made["contact_person_id"])

    def delete(self, record_id: str, source: str) -> None:
        owner = self._book.owner_of(record_id)
        self._book.change_persons(
            owner.contact_id, source, lambda persons, draft: persons.remove(draft, record_id)
        )

    def set_status(self, record_id: str, status: str, source: str) -> None:  # noqa: ARG002 - as every module
        raise BadInstructionError("a person has no status")

    def plant(self, fields: Mapping[str, Any], at: int) -> str:  # noqa: ARG002 - as every module
        raise BadInstructionError("persons are planted inside their contact")

    def dump(self) -> None:
        """Nothing of its own."""

    def load(self, state: None) -> None:
        """Nothing of its own."""

    def clear(self) -> None:
        """Nothing of its own."""

    def _found(self, person_id: str) -> tuple[Contact, Json] | None:
        holders = self._book.register.holders("person", person_id)
        owners = [self._book.get(contact_id) for contact_id in holders] or self._book.all(deleted=True)
        for contact in owners:
            values = contact.person(person_id)
            if values is not None:
                return contact, values
        return None


def _ever(book: ContactBook) -> Iterable[Contact]:
    return [*book.all(), *book.all(deleted=True)]
