"""What people do to the two systems while the line runs: everyday work, collisions and mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from integration.demo.mistakes import bad_records
from integration.demo.people import Company, Newcomers
from integration.demo.sandbox_admin import Record

Operation = dict[str, Any]

BOTH_SIDES = 24
BURST = 50
ADDRESS_LINES = ("attention", "address", "street2", "city", "state", "zip", "country", "phone", "fax")


@dataclass(frozen=True)
class Act:
    """One thing a person does; `kind` groups it for the report."""

    kind: str
    operation: Operation


@dataclass
class Cast:
    """Who takes part: ids of customers both systems know, and of those one system had alone.

    Each pair is (Salesforce id, Zoho id).
    """

    companies: list[tuple[str, str]]
    accounts: list[str]
    customers: list[str]

    @classmethod
    def choose(cls, truth: Mapping[str, Any], chance: Random) -> Cast:
        """Deal the parts by the seed."""
        shared = [(c["salesforce"], c["zoho"]) for c in truth["shared"] if c["kind"] == "company"]
        accounts = [record for record in truth["only_salesforce"] if record.startswith("001")]
        customers = list(truth["only_zoho"])
        for group in (shared, accounts, customers):
            chance.shuffle(group)
        return cls(shared, accounts, customers)


@dataclass
class Life:
    """Everything that will happen, in order, and what is known of it afterwards."""

    acts: list[Act]
    gone: dict[str, str] = field(default_factory=dict)
    """Ids of records people deleted, merged away or put away, with what happened to them."""
    made: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def waves(self, count: int) -> Iterator[list[Act]]:
        """The acts in so many portions, one after another."""
        size = -(-len(self.acts) // count)
        for start in range(0, len(self.acts), size):
            yield self.acts[start : start + size]

    def note(self, acts: Sequence[Act], results: Sequence[Record]) -> None:
        """Remember what was done and what the systems themselves refused to their people."""
        for act, result in zip(acts, results, strict=True):
            if result.get("ok"):
                self.made[act.kind] += 1
            else:
                self.refused.append(f"{act.kind}: {result.get('error', '')}")

    @property
    def changes(self) -> int:
        """How many changes people made."""
        return sum(self.made.values())


def as_on_screen(operation: Operation, customers: Mapping[str, Record]) -> Operation:
    """What a person sends who changed one line of an address: a form sends the address whole."""
    address = operation.get("fields", {}).get("billing_address")
    known = customers.get(str(operation.get("id", "")))
    if address is None or known is None:
        return operation
    stands = {name: known["billing_address"].get(name, "") for name in ADDRESS_LINES}
    return {**operation, "fields": {**operation["fields"], "billing_address": {**stands, **address}}}


class Director:
    """Writes the play: the same for the same seed and the same truth."""

    def __init__(self, truth: Mapping[str, Any], seed: int) -> None:
        self._chance = Random(f"life:{seed}")
        self._cast = Cast.choose(truth, self._chance)
        self._new = Newcomers(self._chance)

    def write(self) -> Life:
        """All acts, mixed, with those that must stay together kept together."""
        companies = iter(self._cast.companies)
        both = [next(companies) for _ in range(BOTH_SIDES)]
        burst, retired, removed = next(companies), next(companies), next(companies)
        winner, loser = next(companies), next(companies)
        edited = list(companies)
        gone = {
            retired[1]: "deactivated in Zoho",
            removed[0]: "deleted in Salesforce",
            loser[0]: "merged in Salesforce",
            self._cast.customers[0]: "deleted in Zoho",
        }
        groups: list[list[Act]] = [[act] for act in self._creates()]
        groups += [[act] for act in self._edits(edited)]
        groups += [self._collision(number, pair) for number, pair in enumerate(both)]
        groups += [[Act("bad record", operation)] for operation in bad_records(self._new)]
        groups.append([Act("deactivation", {"op": "status", "id": retired[1], "status": "inactive"})])
        groups.append([Act("delete", _delete("salesforce", "Account", removed[0]))])
        groups.append([Act("delete", _delete("zoho", "contact", self._cast.customers[0]))])
        merge = {"op": "merge", "entity": "Account", "winner": winner[0], "losers": [loser[0]]}
        groups.append([Act("merge", merge)])
        self._chance.shuffle(groups)
        groups.insert(len(groups) // 2, self._burst(burst))
        return Life([act for group in groups for act in group], gone)

    def _creates(self) -> Iterator[Act]:
        for number in range(60):
            company = self._new.company()
            if number % 2:
                yield Act("create in Salesforce", _create("salesforce", "Account", account(company)))
            else:
                yield Act("create in Zoho", _create("zoho", "contact", self._customer(company)))
        for number in range(24):
            person = self._new.person()
            if number % 2:
                fields: Operation = {
                    "FirstName": person.first, "LastName": person.last, "Email": person.email,
                    "Phone": person.phone,
                }  # fmt: skip
                yield Act("create in Salesforce", _create("salesforce", "Contact", fields))
            else:
                inside = {
                    "first_name": person.first, "last_name": person.last, "email": person.email,
                    "phone": person.phone, "is_primary_contact": True,
                }  # fmt: skip
                fields = {
                    "contact_name": f"{person.first} {person.last}", "customer_sub_type": "individual",
                    "contact_persons": [inside],
                }  # fmt: skip
                yield Act("create in Zoho", _create("zoho", "contact", fields))
        for record in self._cast.accounts[1:25]:
            person = self._new.person()
            fields = {"FirstName": person.first, "LastName": person.last, "Email": person.email}
            yield Act(
                "create in Salesforce",
                _create("salesforce", "Contact", {**fields, "AccountId": record, "Title": "Buyer"}),
            )

    def _customer(self, company: Company) -> Operation:
        person = self._new.person(company.domain)
        return {
            "contact_name": company.name, "company_name": company.name, "customer_sub_type": "business",
            "website": f"https://www.{company.domain}",
            "billing_address": {
                "address": company.street, "city": company.city, "zip": company.zip_code,
                "country": company.country, "phone": company.phone,
            },
            "contact_persons": [
                {"first_name": person.first, "last_name": person.last, "email": person.email,
                 "is_primary_contact": True}
            ],
        }  # fmt: skip

    def _edits(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Act]:
        there = [pair[0] for pair in pairs] + self._cast.accounts[25:]
        here = [pair[1] for pair in pairs] + self._cast.customers[1:]
        for record in self._some(there, 60):
            yield Act("edit in Salesforce", _edit("salesforce", "Account", record, self._account_edit()))
        for record in self._some(here, 60):
            yield Act("edit in Zoho", _edit("zoho", "contact", record, self._customer_edit()))

    def _some(self, records: Sequence[str], count: int) -> list[str]:
        return [self._chance.choice(records) for _ in range(count)]

    def _account_edit(self) -> Operation:
        return self._chance.choice(
            (
                {"Phone": self._new.phone()},
                {"Description": f"Called back, see note {self._new.phone()[-4:]}."},
                {"BillingCity": "Rotterdam", "BillingPostalCode": f"30{self._chance.randint(10, 99)} AA"},
                {"Fax": self._new.phone(), "Industry": "Retail"},
            )
        )

    def _customer_edit(self) -> Operation:
        return self._chance.choice(
            (
                {"billing_address": {"phone": self._new.phone()}},
                {"notes": f"Prefers deliveries before noon ({self._new.phone()[-4:]})."},
                {"billing_address": {"city": "Antwerpen", "zip": f"20{self._chance.randint(10, 99)}"}},
                {"website": f"https://shop-{self._new.phone()[-4:]}.example.com"},
            )
        )

    def _collision(self, number: int, pair: tuple[str, str]) -> list[Act]:
        """Both sides at once: every second time on the same field, so that one value must yield."""
        if number % 2:
            ours: Operation = {"BillingCity": f"Westhaven {number}"}
            theirs: Operation = {"billing_address": {"city": f"Easthaven {number}"}}
        else:
            ours, theirs = {"Phone": self._new.phone()}, {"notes": f"Asked for a catalogue ({number})."}
        acts = [
            Act("edit of both sides at once", _edit("salesforce", "Account", pair[0], ours)),
            Act("edit of both sides at once", _edit("zoho", "contact", pair[1], theirs)),
        ]
        return acts if number % 4 < 2 else acts[::-1]

    def _burst(self, pair: tuple[str, str]) -> list[Act]:
        return [
            Act("burst", _edit("salesforce", "Account", pair[0], {"Description": f"Draft {n} of the note."}))
            for n in range(1, BURST + 1)
        ]


def account(company: Company) -> Operation:
    """A company as a Salesforce Account."""
    return {
        "Name": company.name, "Phone": company.phone, "Website": f"https://www.{company.domain}",
        "BillingStreet": company.street, "BillingCity": company.city,
        "BillingPostalCode": company.zip_code, "BillingCountry": company.country,
    }  # fmt: skip


def _create(system: str, entity: str, fields: Operation) -> Operation:
    return {"op": "edit", "system": system, "entity": entity, "fields": fields}


def _edit(system: str, entity: str, record_id: str, fields: Operation) -> Operation:
    return {**_create(system, entity, fields), "id": record_id}


def _delete(system: str, entity: str, record_id: str) -> Operation:
    return {"op": "delete", "system": system, "entity": entity, "id": record_id}
