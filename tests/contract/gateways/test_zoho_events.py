"""What webhooks tell: the same deeds in the sandbox, taken in by the real receiver, and in the book in memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integration.canonical.event import ArrivedEvent
from integration.canonical.outcome import Operation
from tests.contract.gateways.sameness import form, looks
from tests.contract.gateways.zoho_worlds import ZohoWorld
from tests.contract.zoho_parts import ACME, KEY

PERSON = "contact_person"
ANN = {"first_name": "Ann", "last_name": "Ferry", "email": "ann@mills.example"}


def of_people(book: ZohoWorld) -> list[Callable[[], object]]:
    """Everything people do to a contact, and what tells nothing."""
    contact_id, documented = (
        book.edit({"contact_name": "Bystander"}),
        book.edit({"contact_name": "Documented"}),
    )

    def person(number: int) -> str:
        return book.read(contact_id)[number].record_id

    return [
        lambda: book.edit({"contact_name": "Quay Traders", "contact_persons": [ANN]}),
        lambda: book.edit({"notes": "pays late", "billing_address": {"city": "Hull"}}, contact_id),
        lambda: book.edit({"custom_fields": [{"api_name": "cf_key_account", "value": True}]}, contact_id),
        lambda: book.set_status(contact_id, "inactive"),
        lambda: book.set_status(contact_id, "inactive"),
        lambda: book.edit_person(ANN, contact_id=contact_id),
        lambda: book.edit_person({"last_name": "Sample"}, contact_id=contact_id),
        lambda: book.edit_person({"phone": "555 0100", "is_primary_contact": True}, person_id=person(2)),
        lambda: book.delete(PERSON, person(2)),
        lambda: book.give_transaction(documented),
        lambda: book.delete("contact", contact_id),
    ]


def of_ours(book: ZohoWorld) -> list[Callable[[], object]]:
    """What we do to contacts comes back as well."""
    made = book.create({"contact_name": "Harbour Mills Ltd"}, key=KEY)
    contact_id = made.record_id

    def person(operation: Operation, **request: Any) -> None:
        book.write(operation, PERSON, parent_id=contact_id, **request)

    return [
        lambda: book.create(ACME, key="001Sb00000000BBBB1", children=(ANN,)),
        lambda: book.create({"contact_name": "Harbour Mills Ltd"}, key=KEY),
        lambda: book.write(Operation.UPDATE, record_id=contact_id, fields={"website": "https://x.example"}),
        lambda: book.write(Operation.DEACTIVATE, record_id=contact_id),
        lambda: book.write(Operation.DEACTIVATE, record_id=contact_id),
        lambda: person(Operation.CREATE, fields=ANN),
        lambda: person(
            Operation.UPDATE, record_id=book.read(contact_id)[1].record_id, fields={"phone": "555 0100"}
        ),
        lambda: book.write(Operation.DELETE, record_id=contact_id),
    ]


@pytest.mark.parametrize("deeds", [of_people, of_ours], ids=lambda deeds: str(deeds.__name__))
def test_webhooks_tell_the_same(
    both_books: tuple[ZohoWorld, ZohoWorld], deeds: Callable[[ZohoWorld], list[Callable[[], object]]]
) -> None:
    told = []
    for book in both_books:
        with book.listening() as arrived:
            doing = deeds(book)
            arrived()
            told.append([])
            for deed in doing:
                deed()
                told[-1].append([_told(book, event) for event in arrived()])
    real, fake = told
    assert fake == real
    assert sorted({len(events) for events in fake}) == [0, 1], "some deeds tell nothing"


def _told(book: ZohoWorld, event: ArrivedEvent) -> dict[str, Any]:
    """An event without its ids and times, and what the gateway makes of its body."""
    records = book.gateway.records_of(event.body, event.entity)
    key = re.fullmatch(r"([a-z-]+):contact:(\d+):(\d+):([0-9a-f]{64})", event.key)
    assert key is not None
    assert (key[2], int(key[3])) == (event.record_id, event.at)
    assert (records[0].record_id, records[0].at) == (event.record_id, event.at)
    return {
        "rule": key[1],
        "event": replace(event, key="", record_id=form(event.record_id), at=event.at % 1_000, body={}),
        "body": sorted(event.body),
        "records": looks(records),
    }
