"""People edit phone numbers in both organisations, and what the line is told of it."""

from __future__ import annotations

import hashlib
import itertools
import json
import time

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Side
from tests.benchmarks.people import account_id, contact_id, zoho_contact
from tests.benchmarks.targets import Phones, now_second

DELIVERY_MS = 2_000
"""How long an event is on its way. One told within its own second would be read once more."""

_numbers = itertools.count(1)


def edited_at() -> int:
    """When a person typed what is told now: a whole second, epoch milliseconds."""
    return now_second() - DELIVERY_MS


def edit(phones: Phones, side: Side, n: int) -> ArrivedEvent:
    """A person types a new number into one record; answers the event that tells of it."""
    phone = f"+44 {next(_numbers):09d}"
    at = edited_at()
    phones.set(side, n, phone, at)
    return _change_event(n, phone, at) if side is Side.SALESFORCE else _webhook(n, phone, at)


def _change_event(n: int, phone: str, at: int) -> ArrivedEvent:
    body = {
        "change_type": "UPDATE",
        "committed_at": int(time.time() * 1_000),
        "fields": {"Phone": phone, "LastModifiedDate": at},
        "create": False,
    }
    record = account_id(n)
    return ArrivedEvent(
        Side.SALESFORCE,
        f"benchmark-{phone}/1/Account/{record}",
        "Account",
        record,
        EventKind.CHANGE,
        Channel.STREAM,
        at,
        body,
        author="005000000000001AAA",
        origin="com/salesforce/api/soap/61.0;client=SfdcInternalAPI/",
    )


def _webhook(n: int, phone: str, at: int) -> ArrivedEvent:
    body = {"contact": zoho_contact(n, phone, at)}
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    record = contact_id(n)
    return ArrivedEvent(
        Side.ZOHO,
        f"contact-saved:contact:{record}:{at}:{digest}",
        "contact",
        record,
        EventKind.RECORD,
        Channel.WEBHOOK,
        at,
        body,
    )
