"""The proof: reconcile's own, and a second one that asks the two systems and the truth, not our books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.canonical.values import Side
from integration.demo.sandbox_admin import Record, SandboxAdmin
from integration.demo.stopping import Stopping
from integration.flows.reconcile import Proof, reconcile
from integration.ports.services import Services

KEY_IN_ZOHO, KEY_IN_SALESFORCE = "cf_salesforce_id", "Zoho_Id__c"


@dataclass
class World:
    """What stands in the two systems, read from the sandbox and not through the connectors."""

    accounts: dict[str, Record]
    contacts: dict[str, Record]
    customers: dict[str, Record]

    @classmethod
    def read(cls, admin: SandboxAdmin) -> World:
        """Every living record."""
        return cls(
            _living(admin.records("salesforce", "Account"), "Id"),
            _living(admin.records("salesforce", "Contact"), "Id"),
            _living(admin.records("zoho", "contact"), "contact_id"),
        )

    @property
    def salesforce(self) -> dict[str, Record]:
        """Accounts and contacts by id."""
        return {**self.accounts, **self.contacts}

    def everything(self) -> list[str]:
        """Ids of all records that must be known: the one person of an individual is a part of its contact."""
        persons = [
            str(person["contact_person_id"])
            for customer in self.customers.values()
            if customer.get("customer_sub_type") != "individual"
            for person in customer.get("contact_persons", ())
        ]
        return [*self.salesforce, *self.customers, *persons]


@dataclass
class Check:
    """What the second proof found; every list must be empty but `told`."""

    wrong_joins: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    joined: int = 0
    told: int = 0

    @property
    def holds(self) -> bool:
        """Nothing was joined wrongly, doubled, left different or overlooked."""
        return not (self.wrong_joins or self.duplicates or self.unequal or self.unseen)


@dataclass
class Books:
    """What our own store says: partner of each record, and the records a person was asked about."""

    partners: dict[str, str]
    asked: set[str]
    explained: set[str]
    known: set[str]

    @classmethod
    def read(cls, services: Services, proof: Proof) -> Books:
        """Bindings, exceptions and dead letters."""
        partners: dict[str, str] = {}
        lanes: dict[int, set[str]] = {}
        with services.stores.reading(services.pair_id) as uow:
            after = 0
            while page := uow.reports.bindings(after):
                after = page[-1].binding_id
                for row in page:
                    if row.salesforce_id and row.zoho_id:
                        partners[row.salesforce_id] = row.zoho_id
                    lanes.setdefault(row.lane_id, set()).update({row.salesforce_id, row.zoho_id} - {""})
            asking = {c.lane_id for c in uow.cases.exceptions(limit=100_000) if c.lane_id}
            dead = {d.lane_id for d in uow.cases.dead_letters(limit=100_000) if d.lane_id}
            asked = set().union(*(lanes.get(lane, set()) for lane in asking))
            suggested = {
                str(s.get("record_id"))
                for c in uow.cases.exceptions(limit=100_000)
                for s in c.suggestions
                if s.get("record_id")
            }
        explained = set().union(*(lanes.get(lane, set()) for lane in asking | dead))
        explained |= {i for d in proof.differences if d.why for i in (d.salesforce_id, d.zoho_id)}
        return cls(partners, asked | suggested, explained, set().union(*lanes.values()))


def prove(
    services: Services,
    admin: SandboxAdmin,
    truth: Mapping[str, Any],
    gone: Iterable[str],
    stopping: Stopping,
) -> tuple[Proof, Check]:
    """Both proofs.

    Raises Fault when a side cannot be read, DemoStoppedError when the demo is to end.
    """
    proof = reconcile(services, lambda *_: stopping.check())
    books = Books.read(services, proof)
    stopping.check()
    return proof, check_world(truth, books, World.read(admin), set(gone))


def check_world(truth: Mapping[str, Any], books: Books, world: World, gone: set[str]) -> Check:
    """Compare what stands in the two systems with the truth and with our books."""
    check = Check()
    _check_joins(check, truth, books, gone)
    _check_duplicates(check, truth, world)
    _check_values(check, books, world)
    check.unseen = [i for i in world.everything() if i not in books.known]
    return check


def _check_joins(check: Check, truth: Mapping[str, Any], books: Books, gone: set[str]) -> None:
    """Every customer both systems knew is joined with itself, or a person was asked; never with another."""
    for customer in truth["shared"]:
        ours, theirs = customer["salesforce"], customer["zoho"]
        partner = books.partners.get(ours, "")
        if partner == theirs:
            check.joined += 1
        elif not partner and {ours, theirs} & books.asked:
            check.told += 1
        elif not {ours, theirs} & gone:
            check.wrong_joins.append(f"{ours} belongs to {theirs}, is joined to {partner or 'nothing'}")
    for case in truth["ambiguous"]:
        ids = {*case["salesforce"], *case["zoho"]}
        check.told += len(ids & books.asked)
        silent = sorted(ids - books.asked) if not ids & books.asked else []
        if silent:
            check.wrong_joins.append(f"nobody was asked about {', '.join(silent)} ({case['kind']})")


def _check_duplicates(check: Check, truth: Mapping[str, Any], world: World) -> None:
    """No key of ours twice, and no copy of ours of a customer the other system knew already."""
    keyed = {
        Side.ZOHO: [(r.get(KEY_IN_ZOHO), i) for i, r in world.customers.items()],
        Side.SALESFORCE: [(r.get(KEY_IN_SALESFORCE), i) for i, r in world.salesforce.items()],
    }
    for side, entries in keyed.items():
        for key, count in Counter(key for key, _ in entries if key).items():
            if count > 1:
                check.duplicates.append(f"{count} records of {side.value} carry {key}")
    known = {i: c for c in truth["shared"] for i in (c["salesforce"], c["zoho"])}
    ambiguous = {i for c in truth["ambiguous"] for i in (*c["salesforce"], *c["zoho"])}
    planted = {*known, *ambiguous, *truth["only_salesforce"], *truth["only_zoho"], *truth["vendors"]}
    for side, entries in keyed.items():
        for key, record_id in entries:
            if key and record_id not in planted and (key in known or key in ambiguous):
                check.duplicates.append(f"{side.value} {record_id} is a second copy of {key}")


def _check_values(check: Check, books: Books, world: World) -> None:
    """Name, telephone, town and web site of joined customers, compared with rules of our own here."""
    for ours, theirs in books.partners.items():
        account, customer = world.accounts.get(ours), world.customers.get(theirs)
        if account is None or customer is None or {ours, theirs} & books.explained:
            continue
        address = customer.get("billing_address") or {}
        pairs = (
            ("name", account.get("Name"), customer.get("contact_name")),
            ("phone", account.get("Phone"), address.get("phone")),
            ("city", account.get("BillingCity"), address.get("city")),
            ("web site", account.get("Website"), customer.get("website")),
        )
        check.unequal += [
            f"{name} of {ours} and {theirs}: {left!r} and {right!r}"
            for name, left, right in pairs
            if _plain(name, left) != _plain(name, right)
        ]


def _plain(name: str, value: object) -> str:
    text = str(value or "").strip()
    if name == "phone":
        return "".join(c for c in text if c.isdigit()).removeprefix("00")
    if name == "web site":
        return text.casefold().removeprefix("https://").removeprefix("http://").rstrip("/")
    return " ".join(text.split())


def _living(records: Sequence[Record], key: str) -> dict[str, Record]:
    return {str(r[key]): r for r in records if not r.get("deleted")}
