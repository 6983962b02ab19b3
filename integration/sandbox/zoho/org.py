"""One Zoho Inventory organisation: its state and behaviour, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError, NoSuchRecordError, RefusedError
from integration.sandbox.switches import Switches
from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.contact_book import Change, ContactBook
from integration.sandbox.zoho.custom_fields import CustomFields
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.limiter import Limiter
from integration.sandbox.zoho.profile import Profile
from integration.sandbox.zoho.rendering import Rendering
from integration.sandbox.zoho.rendering import person as person_shown
from integration.sandbox.zoho.tokens import TokenServer

CONTACT, PERSON = "contact", "contact_person"
PERSON_SOURCE = "user"
_DAY = 86_400


class ZohoOrg:
    """Contacts, persons, tokens and limits; `listen` hands every change on to the webhooks."""

    def __init__(self, profile: Profile, switches: Switches, clock: Clock, seed: int) -> None:
        self.profile, self.switches, self.clock = profile, switches, clock
        self.tokens = TokenServer(profile, switches, clock, seed)
        self.limiter = Limiter(profile.limits, switches, clock, profile.time_zone)
        self.custom_fields = CustomFields(profile.custom_fields, switches)
        self.rendering = Rendering(profile, self.custom_fields)
        self._last_id = 1_000_000
        self._listeners: list[Callable[[Change], None]] = []
        self.contacts = ContactBook(
            profile, switches, clock, self.custom_fields, self.next_id, self._announce
        )

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call the listener after each change."""
        self._listeners.append(listener)

    def next_id(self) -> str:
        """A decimal id of 19 digits that shares the organisation's prefix."""
        self._last_id += 2
        return f"{self.profile.id_prefix}{self._last_id:012d}"

    # What the admin endpoint and the generator ask for (see `systems.StandIn`)

    def counts(self) -> Json:
        """By entity the records alive and deleted; contacts that are inactive; what the limits counted."""
        living, gone = list(self.contacts.all()), list(self.contacts.all(deleted=True))
        inactive = sum(contact.status == "inactive" for contact in living)
        persons = [sum(len(contact.persons) for contact in group) for group in (living, gone)]
        return {
            CONTACT: {"alive": len(living), "deleted": len(gone), "inactive": inactive},
            PERSON: {"alive": persons[0], "deleted": persons[1]},
            "limits": self.limiter.used(),
        }

    def records(self, entity: str) -> list[Json]:
        """Every record that ever was, as the API shows it, plus `deleted`."""
        every: Iterable[Contact] = [*self.contacts.all(), *self.contacts.all(deleted=True)]
        if _known(entity) == CONTACT:
            return [self._shown(contact) for contact in every]
        return [self._person_shown(contact, person) for contact in every for person in contact.persons]

    def record(self, entity: str, record_id: str) -> Json:
        """One record as the API shows it. :raises NoSuchRecordError: never existed."""
        if _known(entity) == CONTACT:
            contact = self.contacts.ever(record_id)
            if contact is not None:
                return self._shown(contact)
        for row in self.records(PERSON) if entity == PERSON else ():
            if row["contact_person_id"] == record_id:
                return row
        raise NoSuchRecordError("zoho", entity, record_id)

    def edit(self, entity: str, record_id: str | None, fields: Mapping[str, Any]) -> Json:
        """A person at the screen creates or changes a record; the rules are those of the API."""
        try:
            if _known(entity) == PERSON:
                return self._edit_person(record_id, fields)
            return self._edit_contact(record_id, fields)
        except ApiError as error:
            raise RefusedError(error.message, error.body) from error

    def delete(self, entity: str, record_id: str) -> None:
        """A person deletes a record. :raises RefusedError: gone already, or it has transactions."""
        try:
            if _known(entity) == CONTACT:
                self.contacts.delete(record_id, PERSON_SOURCE)
                return
            owner = self.contacts.owner_of(record_id)
            self.contacts.change_persons(
                owner.contact_id, PERSON_SOURCE, lambda persons, draft: persons.remove(draft, record_id)
            )
        except ApiError as error:
            raise RefusedError(error.message, error.body) from error

    def set_status(self, record_id: str, status: str) -> Json:
        """A person marks a contact as active or inactive."""
        if status not in {"active", "inactive"}:
            raise BadInstructionError(f"status is active or inactive, not {status!r}")
        try:
            return self._shown(self.contacts.set_status(record_id, status, PERSON_SOURCE))
        except ApiError as error:
            raise RefusedError(error.message, error.body) from error

    def plant(self, entity: str, fields: Mapping[str, Any], age_days: float) -> str:
        """A contact that has been there for days; nobody is told."""
        if _known(entity) != CONTACT:
            raise BadInstructionError("persons are planted inside their contact")
        at = int(self.clock.now().timestamp() - age_days * _DAY)
        try:
            return self.contacts.create(fields, PERSON_SOURCE, at=at).contact_id
        except ApiError as error:
            raise RefusedError(error.message, error.body) from error

    def revoke_access_tokens(self) -> None:
        """Every access token given so far is dead."""
        self.tokens.revoke_all_access()

    def dump(self) -> Json:
        """Everything needed to go on after a restart."""
        return {
            "last_id": self._last_id,
            "contacts": self.contacts.dump(),
            "custom_fields": self.custom_fields.dump(),
            "tokens": self.tokens.dump(),
            "limits": self.limiter.dump(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a dump."""
        self._last_id = state["last_id"]
        self.custom_fields.load(state["custom_fields"])
        self.contacts.load(state["contacts"])
        self.tokens.load(state["tokens"])
        self.limiter.load(state["limits"])

    def reset(self) -> None:
        """No contacts, unused limits; ids go on, so that nothing old can be taken for new."""
        self.contacts.clear()
        self.limiter.clear()

    def _edit_contact(self, record_id: str | None, fields: Mapping[str, Any]) -> Json:
        values = dict(fields)
        status, transaction = values.pop("status", None), values.pop("has_transaction", None)
        if record_id is None:
            contact = self.contacts.create(values, PERSON_SOURCE)
        else:
            contact = self.contacts.get(record_id)
            if values:
                contact = self.contacts.update(record_id, values, PERSON_SOURCE)
        if transaction is not None:
            self.contacts.set_transaction(contact.contact_id, bool(transaction))
        if status is not None:
            return self.set_status(contact.contact_id, str(status))
        return self._shown(self.contacts.get(contact.contact_id))

    def _edit_person(self, record_id: str | None, fields: Mapping[str, Any]) -> Json:
        if record_id is None:
            contact_id = str(fields.get("contact_id", ""))
            made = self.contacts.change_persons(
                contact_id, PERSON_SOURCE, lambda persons, draft: persons.add(draft, fields)
            )
        else:
            contact_id = self.contacts.owner_of(record_id).contact_id
            made = self.contacts.change_persons(
                contact_id, PERSON_SOURCE, lambda persons, draft: persons.change(draft, record_id, fields)
            )
        assert made is not None
        return self._person_shown(self.contacts.get(contact_id), made)

    def _announce(self, change: Change) -> None:
        for listener in self._listeners:
            listener(change)

    def _shown(self, contact: Contact) -> Json:
        return {**self.rendering.detail(contact), "deleted": contact.deleted}

    @staticmethod
    def _person_shown(contact: Contact, person: Json) -> Json:
        return {"contact_id": contact.contact_id, **person_shown(person), "deleted": contact.deleted}


def _known(entity: str) -> str:
    if entity not in {CONTACT, PERSON}:
        raise BadInstructionError(f"zoho has {CONTACT} and {PERSON}, no {entity!r}")
    return entity
