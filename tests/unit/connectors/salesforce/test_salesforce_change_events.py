"""Rows for the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from integration.canonical.event import Channel, EventKind
from integration.canonical.values import Side
from integration.connectors.salesforce.change_events import (
    arrived_events,
    entity_of,
    topic_of,
    undecodable_event,
)
from integration.connectors.salesforce.decode import DecodedEvent

ONE, TWO = "0015f00002J9YYEAA3", "001ZM000001n4n5YAA"


def event(change_type: str, *record_ids: str, **changes: Any) -> DecodedEvent:
    given = {
        "entity": "Account", "record_ids": record_ids or (ONE,), "change_type": change_type, "origin": "o",
        "transaction_key": "tx", "sequence": 2, "committed_at": 1_700_000_000_123, "modified_at": None,
        "author": "005", "fields": {"Name": "Mill"}, "partial": False,
    }  # fmt: skip
    return DecodedEvent(**{**given, **changes})


@pytest.mark.parametrize(
    ("change_type", "kind"),
    [
        ("CREATE", EventKind.CHANGE),
        ("UPDATE", EventKind.CHANGE),
        ("DELETE", EventKind.DELETE),
        ("UNDELETE", EventKind.UNDELETE),
        ("GAP_CREATE", EventKind.GAP),
        ("GAP_UPDATE", EventKind.GAP),
        ("GAP_DELETE", EventKind.GAP),
        ("GAP_UNDELETE", EventKind.GAP),
        ("GAP_OVERFLOW", EventKind.OVERFLOW),
        ("SNAPSHOT", EventKind.GAP),
        ("NOT_KNOWN_YET", EventKind.GAP),
    ],
)
def test_kinds(change_type: str, kind: EventKind) -> None:
    [row] = arrived_events(event(change_type))
    assert (row.kind, row.side, row.channel) == (kind, Side.SALESFORCE, Channel.STREAM)
    assert row.record_id == ("" if kind is EventKind.OVERFLOW else ONE)
    assert ("fields" in row.body) is (kind in {EventKind.CHANGE, EventKind.UNDELETE})
    assert row.body.get("create", False) is (change_type == "CREATE")


def test_one_row_per_record() -> None:
    rows = arrived_events(event("UPDATE", ONE, TWO))
    assert [(row.key, row.record_id) for row in rows] == [
        (f"tx/2/Account/{ONE}", ONE),
        (f"tx/2/Account/{TWO}", TWO),
    ]


@pytest.mark.parametrize("record_id", ["001*", "000000000000000AAA"])
def test_ids_that_stand_for_any_record(record_id: str) -> None:
    [row] = arrived_events(event("UPDATE", record_id))
    assert (row.kind, row.record_id, row.entity) == (EventKind.OVERFLOW, "", "Account")
    assert row.key.endswith(record_id)


def test_fields_that_do_not_tell_everything_are_a_gap() -> None:
    [row] = arrived_events(event("UPDATE", partial=True))
    assert row.kind is EventKind.GAP
    assert "fields" not in row.body


def test_the_time_of_a_row() -> None:
    assert arrived_events(event("UPDATE", modified_at=5))[0].at == 5
    assert arrived_events(event("DELETE"))[0].at == 1_700_000_000_123


def test_what_nobody_could_read_is_kept() -> None:
    row = undecodable_event("/data/AccountChangeEvent", "", "S1", b"\xff\xfe", b"\0\x01", "why", 9)
    assert (row.kind, row.entity, row.record_id, row.at) == (EventKind.UNDECODABLE, "Account", "", 9)
    assert row.key == "undecodable/0001"
    assert row.body == {
        "payload": "//4=", "schema_id": "S1", "topic": "/data/AccountChangeEvent", "replay_id": "0001",
        "reason": "why",
    }  # fmt: skip


@pytest.mark.parametrize("entity", ["Account", "Depot__c", "Product2"])
def test_topics(entity: str) -> None:
    assert entity_of(topic_of(entity)) == entity


def test_channels_of_many_entities() -> None:
    assert entity_of("/data/ChangeEvents") == ""
    assert entity_of("/data/Own__chn") == ""
