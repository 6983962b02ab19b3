"""Fills both systems with customers who have been there for long, and remembers who is who.

The truth it answers lets a proof check joins without asking the product.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integration.sandbox.names import Company, NameSource, Place, Somebody
from integration.sandbox.systems import Json, StandIn
from integration.sandbox.typing_differences import (
    NAME_DIFFERENCES,
    written_name,
    written_person,
    written_phone,
)

INDIVIDUAL_SHARE = 0.2
VENDOR_SHARE = 0.02
_PRIVATE_DOMAIN = "mail.example.org"
_OLDEST_DAYS, _YOUNGEST_DAYS = 900, 10


def generate_customers(
    count: int,
    seed: int,
    zoho: StandIn,
    salesforce: StandIn | None,
    *,
    overlap: float = 0.3,
    ambiguous: int = 10,
) -> Json:
    """Put `count` customers into each system; `overlap` of them are known to both.

    Answers `{"shared": [...], "only_salesforce": [...], "only_zoho": [...], "vendors": [...],
    "ambiguous": [{"kind", "salesforce": [ids], "zoho": [ids]}]}`; every id stands in exactly one list.
    """
    return _Generator(seed, zoho, salesforce).fill(count, overlap, ambiguous)


class _Generator:
    def __init__(self, seed: int, zoho: StandIn, salesforce: StandIn | None) -> None:
        self._random = random.Random(f"customers:{seed}")
        self._names = NameSource(seed)
        self._zoho, self._salesforce = zoho, salesforce
        self._truth: Json = {
            "seed": seed, "shared": [], "only_salesforce": [], "only_zoho": [], "vendors": [],
            "ambiguous": [],
        }  # fmt: skip

    def fill(self, count: int, overlap: float, ambiguous: int) -> Json:
        cases = _AmbiguousCases(self)
        used = {"salesforce": 0, "zoho": 0}
        for number in range(ambiguous):
            case = cases.make(number)
            self._truth["ambiguous"].append(case)
            for system in used:
                used[system] += len(case[system])
        shared = min(round(count * overlap), count - max(used.values()))
        for _ in range(max(shared, 0)):
            self._shared()
        for _ in range(count - max(shared, 0) - used["salesforce"]):
            self._only_salesforce()
        for number in range(count - max(shared, 0) - used["zoho"]):
            self._only_zoho(vendor=number < round(count * VENDOR_SHARE))
        return self._truth

    # One customer

    def _shared(self) -> None:
        if self._random.random() < INDIVIDUAL_SHARE:
            person = self._names.somebody(_PRIVATE_DOMAIN)
            contact = self.sf_contact(person, None)
            customer = self.zoho_individual(person.name, written_person(person, self._random))
            self._truth["shared"].append({
                "kind": "individual", "salesforce": contact, "zoho": customer, "differences": [],
                "persons": [],
            })  # fmt: skip
            return
        company = self._names.company(self._random.choice((0, 1, 1, 2, 3)))
        difference = self._random.choice(NAME_DIFFERENCES)
        # With a name typed wrongly or cut short there must be an e-mail that says it is the same customer.
        if not company.people and difference in {"typo", "no_legal_form"}:
            difference = "case"
        account = self.sf_account(company)
        contacts = [self.sf_contact(person, account) for person in company.people]
        people = [written_person(person, self._random) for person in company.people]
        customer = self.zoho_company(written_name(company, difference, self._random), company, people)
        persons = self._zoho.record("contact", customer)["contact_persons"]
        self._truth["shared"].append({
            "kind": "company", "salesforce": account, "zoho": customer, "differences": [difference],
            "persons": [
                {"salesforce": contact, "zoho": person["contact_person_id"]}
                for contact, person in zip(contacts, persons, strict=True)
            ],
        })  # fmt: skip

    def _only_salesforce(self) -> None:
        if self._random.random() < INDIVIDUAL_SHARE:
            record_id = self.sf_contact(self._names.somebody(_PRIVATE_DOMAIN), None)
        else:
            company = self._names.company(self._random.choice((0, 1, 1, 2, 3)))
            record_id = self.sf_account(company)
            for person in company.people:
                self.sf_contact(person, record_id)
        self._truth["only_salesforce"].append(record_id)

    def _only_zoho(self, *, vendor: bool) -> None:
        if vendor:
            company = self._names.company(1)
            record_id = self.zoho_company(company.name, company, company.people, contact_type="vendor")
        elif self._random.random() < INDIVIDUAL_SHARE:
            person = self._names.somebody(_PRIVATE_DOMAIN)
            record_id = self.zoho_individual(person.name, person)
        else:
            company = self._names.company(self._random.choice((0, 1, 1, 2, 3)))
            record_id = self.zoho_company(company.name, company, company.people)
        self._truth["vendors" if vendor else "only_zoho"].append(record_id)

    # One record; the ambiguous cases use these too

    @property
    def names(self) -> NameSource:
        return self._names

    def sf_account(self, company: Company, **changed: str) -> str:
        return self._plant(self._salesforce, "Account", {
            "Name": company.name, "Phone": self._phone(company.digits), "Website": company.website,
            "BillingStreet": company.street, "BillingCity": company.place.city,
            "BillingState": company.place.state, "BillingPostalCode": company.zip_code,
            "BillingCountry": company.place.country, **changed,
        })  # fmt: skip

    def sf_contact(self, person: Somebody, account: str | None) -> str:
        fields = {
            "Salutation": person.salutation, "FirstName": person.first_name, "LastName": person.last_name,
            "Email": person.email, "Phone": self._phone(person.digits), "Title": person.title,
        }  # fmt: skip
        link = {} if account is None else {"AccountId": account}
        return self._plant(self._salesforce, "Contact", {**_filled(fields), **link})

    def zoho_company(
        self, name: str, company: Company, people: Sequence[Somebody], contact_type: str = "customer"
    ) -> str:
        return self._plant(self._zoho, "contact", {
            "contact_name": name, "company_name": name, "contact_type": contact_type,
            "website": company.website,
            "billing_address": zoho_address(company, self._phone(company.digits)),
            "contact_persons": [
                {**self._zoho_person(person), "is_primary_contact": number == 0}
                for number, person in enumerate(people)
            ],
            **({} if contact_type == "vendor" else {"customer_sub_type": "business"}),
        })  # fmt: skip

    def zoho_individual(self, name: str, person: Somebody) -> str:
        return self._plant(self._zoho, "contact", {
            "contact_name": name, "customer_sub_type": "individual",
            "contact_persons": [{**self._zoho_person(person), "is_primary_contact": True}],
        })  # fmt: skip

    def _zoho_person(self, person: Somebody) -> Json:
        return _filled({
            "salutation": person.salutation, "first_name": person.first_name, "last_name": person.last_name,
            "email": person.email, "phone": self._phone(person.digits), "designation": person.title,
        })  # fmt: skip

    def _phone(self, digits: str) -> str:
        return written_phone(digits, self._random) if digits else ""

    def _plant(self, system: StandIn | None, entity: str, fields: Mapping[str, Any]) -> str:
        age = self._random.uniform(_YOUNGEST_DAYS, _OLDEST_DAYS)
        # Without Salesforce the same numbers are drawn, so that Zoho's side stays the same.
        return "" if system is None else system.plant(entity, fields, age)


class _AmbiguousCases:
    """Cases that data alone cannot decide: a person must."""

    def __init__(self, generator: _Generator) -> None:
        self._make = generator
        self._kinds: tuple[tuple[str, Callable[[], tuple[list[str], list[str]]]], ...] = (
            ("two_zoho_customers_fit_one_account", self._two_zoho),
            ("same_name_other_city", self._other_city),
            ("one_email_two_zoho_customers", self._one_email),
            ("two_accounts_fit_one_zoho_customer", self._two_accounts),
            ("same_person_name_without_email", self._same_person_name),
        )

    def make(self, number: int) -> Json:
        kind, plant = self._kinds[number % len(self._kinds)]
        salesforce, zoho = plant()
        return {"kind": kind, "salesforce": salesforce, "zoho": zoho}

    def _two_zoho(self) -> tuple[list[str], list[str]]:
        company = _silent(self._make.names.company(0))
        account = self._make.sf_account(company, Website="", Phone="")
        names = (company.name, f"{company.stem} {_twin_form(company.legal_form)}")
        return [account], [self._make.zoho_company(name, company, ()) for name in names]

    def _other_city(self) -> tuple[list[str], list[str]]:
        company = _silent(self._make.names.company(0))
        moved = _moved(company, self._make.names.other_place(company.place))
        account = self._make.sf_account(company, Website="", Phone="")
        return [account], [self._make.zoho_company(company.name.upper(), moved, ())]

    def _one_email(self) -> tuple[list[str], list[str]]:
        person = self._make.names.somebody(_PRIVATE_DOMAIN)
        first, second = (_silent(self._make.names.company(0)) for _ in range(2))
        contact = self._make.sf_contact(person, None)
        return [contact], [self._make.zoho_company(each.name, each, (person,)) for each in (first, second)]

    def _two_accounts(self) -> tuple[list[str], list[str]]:
        company = _silent(self._make.names.company(0))
        accounts = [self._make.sf_account(company, Website="", Phone="") for _ in range(2)]
        return accounts, [self._make.zoho_company(company.name, company, ())]

    def _same_person_name(self) -> tuple[list[str], list[str]]:
        person = self._make.names.somebody(_PRIVATE_DOMAIN)
        nameless = Somebody("", person.first_name, person.last_name, "", "", "")
        contact = self._make.sf_contact(nameless, None)
        return [contact], [self._make.zoho_individual(person.name, nameless)]


def zoho_address(company: Company, phone: str) -> Json:
    """The company's address in Zoho's shape."""
    return {
        "attention": "", "address": company.street, "street2": "", "city": company.place.city,
        "state": company.place.state, "zip": company.zip_code, "country": company.place.country,
        "phone": phone, "fax": "",
    }  # fmt: skip


def _silent(company: Company) -> Company:
    """The company without anything that could tell it from a namesake."""
    return Company(
        company.stem, company.legal_form, company.place, company.street, company.zip_code, "", "", ()
    )


def _moved(company: Company, place: Place) -> Company:
    return Company(company.stem, company.legal_form, place, "1 Other Street", "00000", "", "", ())


def _twin_form(legal_form: str) -> str:
    return {"Inc.": "Incorporated", "LLC": "L.L.C.", "Ltd": "Limited", "GmbH": "Gmbh.", "AG": "A.G."}.get(
        legal_form, "S.A.R.L."
    )


def _filled(fields: Mapping[str, str]) -> Json:
    return {key: value for key, value in fields.items() if value}
