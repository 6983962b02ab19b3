"""What the stream tells: the same deeds on the sandbox, stored by the real listener, and on the org in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.ports import WriteRequest
from tests.contract.gateways.salesforce_worlds import FIELDS, SalesforceWorld
from tests.contract.gateways.sameness import form

AUDIT = {"OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"}
COMPARED = {entity: AUDIT | set(names) for entity, names in FIELDS.items()}
"""An org tells fields nobody has mapped as well; those the org in memory does not have are left aside."""
NOTES = "\n".join(f"line {n} of a long story" for n in range(80))


def api(org: SalesforceWorld, request: WriteRequest) -> str:
    [answer] = org.gateway.write([request], WorkClass.EVENT)
    assert answer.fault is None
    return answer.record_id


def creates(org: SalesforceWorld) -> None:
    account = org.account(
        Phone="1",
        BillingCity="Hull",
        AnnualRevenue=1250000,
        BillingLatitude=53.74,
        NumberOfEmployees=7,
        Description="שלום 🌊",
    )
    org.contact("Ferry", FirstName="Ann", AccountId=account, Birthdate="1980-02-29", Is_Active__c=False)
    org.contact("Alone")
    api(org, WriteRequest("Account", Operation.CREATE, fields={"Name": "Ours", "Website": ""}, key="900"))


def updates(org: SalesforceWorld) -> None:
    account = org.account(Phone="1", BillingCity="Hull")
    contact = org.contact("Ferry", FirstName="Ann")
    org.edit("Account", {"Phone": None, "BillingCity": "York", "BillingStreet": "1 Quay"}, account)
    org.edit("Account", {"BillingCity": None, "BillingStreet": None}, account)
    org.edit("Account", {"Is_Active__c": False, "BillingLatitude": 12.5}, account)
    org.edit("Contact", {"FirstName": None, "Email": "ann@ferry.example"}, contact)
    org.edit("Contact", {"LastName": "Harbour", "Birthdate": "2000-01-31"}, contact)


def updates_of_ours_and_of_people(org: SalesforceWorld) -> None:
    """Who changed a record last is told only when it is another one than before."""
    account = org.account()
    for phone in ("1", "2"):
        api(org, WriteRequest("Account", Operation.UPDATE, account, fields={"Phone": phone}))
    org.edit("Account", {"Phone": "3"}, account)
    api(org, WriteRequest("Account", Operation.UPDATE, account, fields={"Phone": "4"}, key="901"))
    api(org, WriteRequest("Account", Operation.DELETE, account))


def saves_that_change_nothing(org: SalesforceWorld) -> None:
    account = org.account(Phone="1")
    org.edit("Account", {"Phone": "1"}, account)
    api(
        org,
        WriteRequest(
            "Account", Operation.UPDATE, account, fields={"Phone": "1", "Name": "Harbour Mills Ltd"}
        ),
    )
    org.edit("Account", {"Phone": "1", "Fax": "2"}, account)


def moves(org: SalesforceWorld) -> None:
    old, new = org.account("Old Ltd"), org.account("New Ltd")
    contact = org.contact("Ferry", AccountId=old)
    org.edit("Contact", {"AccountId": new}, contact)
    org.edit("Contact", {"AccountId": None}, contact)
    org.edit("Contact", {"AccountId": old, "Title": "Miller"}, contact)


def deletes(org: SalesforceWorld) -> None:
    """An Account takes its Contacts along, in one event for all of them, and brings them back one by one."""
    account = org.account()
    left = org.contact("Left", AccountId=account)
    for name in ("Ferry", "Sample", "Quay"):
        org.contact(name, AccountId=account)
    org.delete("Contact", left)
    org.delete("Account", account)
    org.undelete("Account", account)
    org.undelete("Contact", left)


def merges(org: SalesforceWorld) -> None:
    winner, loser, plain = org.account("Winner"), org.account("Loser", Phone="1"), org.account("Plain")
    for name in ("Ferry", "Sample"):
        org.contact(name, AccountId=loser)
    org.merge("Account", winner, loser, {"Phone": "1"})
    org.merge("Account", winner, plain)
    first, second = org.contact("Quay", AccountId=winner), org.contact("Kay", AccountId=winner)
    org.merge("Contact", first, second, {"FirstName": "Ann"})
    org.undelete("Account", loser)


def long_texts(org: SalesforceWorld) -> None:
    """A long text that changed a little comes as a difference: the record has to be read."""
    account = org.account(Description=NOTES)
    org.edit("Account", {"Description": NOTES.replace("line 7 ", "line seven "), "Phone": "1"}, account)
    org.edit("Account", {"Description": NOTES[::-1]}, account)
    org.edit("Account", {"Description": "short"}, account)


DEEDS: list[Callable[[SalesforceWorld], None]] = [
    creates,
    updates,
    updates_of_ours_and_of_people,
    saves_that_change_nothing,
    moves,
    deletes,
    merges,
    long_texts,
]


@pytest.mark.parametrize("deeds", DEEDS, ids=lambda deeds: deeds.__name__)
def test_the_stream_tells_the_same(
    both_orgs: tuple[SalesforceWorld, SalesforceWorld], deeds: Callable[[SalesforceWorld], None]
) -> None:
    real, fake = both_orgs
    deeds(fake)
    expected = told(fake.events(0))
    deeds(real)
    assert expected == told(real.events(len(expected)))


def test_what_the_events_of_both_have_in_common(org: SalesforceWorld) -> None:
    """Times fit together, and keys are unique: one event a record, whatever shares a number."""
    deletes(org)
    events = org.events(15)
    assert len({event.key for event in events}) == len(events) == 15
    for event in events:
        assert (event.side, event.channel) == (Side.SALESFORCE, Channel.STREAM)
        committed = event.body["committed_at"]
        assert isinstance(committed, int)
        is_delete = event.kind is EventKind.DELETE
        assert event.at == (committed if is_delete else committed - committed % 1_000)


class Names:
    """Ids by the order in which they first came up."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, text: str) -> int:
        return self._seen.setdefault(text, len(self._seen))


def told(events: Iterable[ArrivedEvent]) -> list[dict[str, Any]]:
    """Events with ids named by their first appearance, and times left out."""
    records, transactions, authors = Names(), Names(), Names()
    found = []
    for event in events:
        transaction, number, entity, record_id = event.key.split("/")
        assert (entity, record_id) == (event.entity, event.record_id)
        found.append(
            {
                "place": (transactions.of(transaction), int(number)),
                "record": (event.entity, records.of(event.record_id)),
                "kind": event.kind,
                "author": authors.of(event.author),
                "origin": event.origin,
                "body": {n: form(v) for n, v in event.body.items() if n not in ("fields", "committed_at")},
                "keys": sorted(event.body),
                "fields": _fields(event, records),
            }
        )
    return found


def _fields(event: ArrivedEvent, records: Names) -> dict[str, Any]:
    fields = event.body.get("fields", {})
    assert isinstance(fields, dict)
    compared = {name: form(value) for name, value in fields.items() if name in COMPARED[event.entity]}
    parent = fields.get("AccountId")
    return {**compared, "AccountId": records.of(parent)} if isinstance(parent, str) else compared
