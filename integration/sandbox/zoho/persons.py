"""Contact persons inside a contact: the array form that replaces, single changes, and who is primary.

Every function changes a draft of the contact; storing the draft is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.contact_fields import PERSON, clean_person
from integration.sandbox.zoho.faults import absent, invalid_value, missing_value


class Persons:
    """Rules for the persons of one contact."""

    def __init__(self, switches: Switches, next_id: Callable[[], str]) -> None:
        self._switches = switches
        self._next_id = next_id

    def replace(self, draft: Contact, entries: object) -> None:
        """The array form: entries with a known id change it, those without create, persons not listed go."""
        if not isinstance(entries, list):
            raise invalid_value("contact_persons")
        old_ids = [person["contact_person_id"] for person in draft.persons]
        persons = [self._entry(draft, entry) for entry in entries]
        if len({person["contact_person_id"] for person in persons}) < len(persons):
            raise invalid_value("contact_person_id")
        primary = next(
            (n for n, entry in enumerate(entries) if entry.get("is_primary_contact") is True), None
        )
        if primary is not None:
            persons = [{**person, "is_primary_contact": n == primary} for n, person in enumerate(persons)]
        draft.persons = persons
        self._settle_primary(draft, first_time=not old_ids)

    def add(self, draft: Contact, body: Mapping[str, Any]) -> Json:
        """One more person, at the end."""
        if self._switches.zoho_person_first_name_required and not body.get("first_name"):
            raise missing_value("first_name")
        person = self._new(body)
        first_time = not draft.persons
        draft.persons.append(person)
        if body.get("is_primary_contact") is True:
            self.make_primary(draft, person["contact_person_id"])
        self._settle_primary(draft, first_time=first_time)
        return person

    def change(self, draft: Contact, person_id: str, body: Mapping[str, Any]) -> Json:
        """The named values of one person; the others stay."""
        person = self._found(draft, person_id)
        person.update(clean_person(dict(body), self._switches))
        _require_a_name(person)
        if body.get("is_primary_contact") is True:
            self.make_primary(draft, person_id)
        return person

    def remove(self, draft: Contact, person_id: str) -> None:
        """The person goes for good."""
        draft.persons.remove(self._found(draft, person_id))
        self._settle_primary(draft, first_time=False)

    def make_primary(self, draft: Contact, person_id: str) -> None:
        """From now on the contact's own e-mail and phone are this person's."""
        self._found(draft, person_id)
        for person in draft.persons:
            person["is_primary_contact"] = person["contact_person_id"] == person_id

    def _entry(self, draft: Contact, entry: object) -> Json:
        if not isinstance(entry, dict):
            raise invalid_value("contact_persons")
        person_id = entry.get("contact_person_id")
        if not person_id:
            return self._new(entry)
        person = dict(self._found(draft, str(person_id)))
        person.update(clean_person(entry, self._switches))
        _require_a_name(person)
        return person

    def _new(self, body: Mapping[str, Any]) -> Json:
        person: Json = {"contact_person_id": "", **dict.fromkeys(PERSON, ""), "is_primary_contact": False}
        person["communication_preference"] = {"is_sms_enabled": False, "is_whatsapp_enabled": False}
        person.update(clean_person(dict(body), self._switches))
        _require_a_name(person)
        person["contact_person_id"] = self._next_id()
        return person

    def _settle_primary(self, draft: Contact, *, first_time: bool) -> None:
        if draft.primary or not draft.persons:
            return
        switches = self._switches
        if switches.zoho_first_person_is_primary if first_time else switches.zoho_next_person_is_primary:
            draft.persons[0]["is_primary_contact"] = True

    @staticmethod
    def _found(draft: Contact, person_id: str) -> Json:
        person = draft.person(person_id)
        if person is None:
            raise absent("Contact Person")
        return person


def _require_a_name(person: Mapping[str, Any]) -> None:
    if not any(person[key] for key in ("first_name", "last_name", "email")):
        raise missing_value("first_name")
