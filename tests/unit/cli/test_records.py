"""One record over both systems: its timeline, and who gave each field its value."""

from __future__ import annotations

import sqlite3

from integration.canonical.event import ArrivedEvent, Channel, EventKind, Position
from integration.canonical.outcome import Operation, Outcome, WorkClass
from integration.canonical.values import Json, Side
from integration.policy.state import Cell, Existence, Write
from integration.ports import AuditRow, EventEnd, NewRecord, PlannedChange, WriteEnd
from tests.unit.cli.conftest import Shop

ACCOUNT, CONTACT = "001000000000001AAA", "460000000026049"
AT = 1_790_000_000_000


def told_event(kind: EventKind = EventKind.CHANGE) -> ArrivedEvent:
    return ArrivedEvent(
        Side.SALESFORCE, "key-1", "Account", ACCOUNT, kind, Channel.STREAM, AT, {"fields": {"Phone": "1"}},
        author="005000000000001AAA",
    )  # fmt: skip


def planted(shop: Shop) -> int:
    """A bound customer whose phone somebody changed in Salesforce, written to Zoho, the answer kept."""
    with shop.stores.begin(shop.pair_id) as uow:
        record = ("Account", ACCOUNT)
        new = NewRecord(Side.SALESFORCE, *record, "customer", "business", dirty=False)
        bound = uow.lanes.add_records([new])[record]
        lane = uow.lanes.load([bound.lane_id])[bound.lane_id]
        for side, entity, record_id in (
            (Side.SALESFORCE, "Account", ACCOUNT),
            (Side.ZOHO, "contact", CONTACT),
        ):
            state = lane.root.on(side)
            state.entity, state.record_id, state.existence = entity, record_id, Existence.ALIVE
            state.cells["phone"] = Cell("+31 20 1234567", Position(AT))
        lane.root.base["phone"] = "+31 20 1234567"
        uow.lanes.save([lane])
        [event], _ = uow.inbox.add([told_event()], ["correlation-1"])
        uow.inbox.assign({event: lane.id})
        decision: dict[str, Json] = {
            "binding": bound.binding_id, "field": "phone", "from": "salesforce", "rule": "latest",
            "value": "+31 20 1234567", "lost": None, "conflict": False,
        }  # fmt: skip
        uow.changes.replace([PlannedChange(lane.id, [], [decision], 0, "correlation-1")], [lane.id])
        uow.changes.validated([c.id for c in uow.changes.lock_planned(10)])
        write = Write(
            0, bound.binding_id, Side.ZOHO, Operation.UPDATE, "contact", CONTACT,
            values={"phone": "+31 20 1234567"}, correlation_id="correlation-1",
        )  # fmt: skip
        number = uow.outbox.put(lane.id, write, WorkClass.EVENT)
        uow.outbox.sending([number], 60_000)
        uow.outbox.end([WriteEnd(number, "done", record_id=CONTACT)])
        detail: dict[str, Json] = {"side": "salesforce", "changed": ["phone"]}
        uow.inbox.finish([EventEnd(event, Outcome.WRITTEN, "", bound.binding_id, detail=detail)])
        uow.audit.add([AuditRow("bound", lane.id, bound.binding_id, detail={"how": "matched: same name"})])
    return bound.lane_id


def test_the_timeline_has_event_decision_write_and_audit_in_order(shop: Shop) -> None:
    planted(shop)
    timeline = shop.told("record", "show", ACCOUNT)["timeline"]
    texts = [f"{entry['what']} {entry['text']}" for entry in timeline]
    for part in (
        "change of Account",
        "phone from salesforce by latest",
        "sent update contact",
        "done update",
        "bound",
    ):
        assert any(part in text for text in texts), (part, texts)
    assert [entry["at"] for entry in timeline] == sorted(entry["at"] for entry in timeline)
    assert {e["correlation_id"] for e in timeline if e["what"].startswith(("event", "write", "change"))} == {
        "correlation-1"
    }


def test_each_field_says_who_when_and_by_which_rule(shop: Shop) -> None:
    planted(shop)
    [fields] = shop.told("record", "show", CONTACT)["fields"].values()
    [phone] = [f for f in fields if f["name"] == "phone"]
    assert (phone["salesforce"], phone["zoho"], phone["agreed"]) == ("+31 20 1234567",) * 3
    assert (phone["side"], phone["who"], phone["when"]) == ("salesforce", "005000000000001AAA", AT)
    assert phone["rule"] == "latest"


def test_a_short_salesforce_id_finds_the_record_too(shop: Shop) -> None:
    lane_id = planted(shop)
    assert [lane["lane_id"] for lane in shop.told("record", "show", ACCOUNT[:15])["lanes"]] == [lane_id]


def test_events_can_be_listed_by_outcome(shop: Shop) -> None:
    planted(shop)
    assert [e["outcome"] for e in shop.told("events", "list", "--outcome", "written")["events"]] == [
        "written"
    ]
    assert shop.told("events", "list", "--open")["events"] == []
    assert shop.told("events", "list", "--before", "1")["events"] == []


def test_an_audit_row_that_was_changed_is_found(shop: Shop) -> None:
    planted(shop)
    assert shop.told("audit", "verify")["whole"] is True
    with sqlite3.connect(shop.folder / "integration.db") as connection:
        connection.execute("UPDATE audit_log SET kind = 'other' WHERE kind = 'bound'")
    connection.close()
    done = shop.run("audit", "verify")
    assert done.exit_code == 1
    assert "the log is whole" not in done.stdout


def test_a_write_with_a_persons_cause_is_no_echo_write(shop: Shop) -> None:
    planted(shop)
    with shop.stores.reading(shop.pair_id) as uow:
        assert uow.reports.echo_writes() == 0


def test_a_write_whose_only_cause_is_an_echo_is_counted(shop: Shop) -> None:
    planted(shop)
    with shop.stores.begin(shop.pair_id) as uow:
        [event] = uow.reports.recent_events(10)
        uow.inbox.finish([EventEnd(event.id, Outcome.ECHO)])
    with shop.stores.reading(shop.pair_id) as uow:
        assert uow.reports.echo_writes() == 1
