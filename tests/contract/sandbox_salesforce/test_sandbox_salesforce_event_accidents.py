"""Accidents of the event bus by chance and on demand: lost, twice, late, out of order, cut, mute, changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from integration.sandbox.errors import BadInstructionError, RefusedError
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg
from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from tests.contract.sandbox_salesforce.pubsub_client import (
    ACCOUNTS,
    CODE,
    Bus,
    all_events,
    make,
    tell,
)
from tests.contract.sandbox_salesforce.running_org import Running


def happen(org: Running, **instruction: Any) -> dict[str, Any]:
    return org.do(lambda: org.incidents.happen(instruction))


def chaos(org: Running, **chances: Any) -> dict[str, Any]:
    return happen(org, kind="chaos", **chances)


def edit(org: Running, entity: str, record_id: str | None = None, **fields: Any) -> dict[str, Any]:
    return org.do(lambda: org.org.edit(entity, record_id, fields))


def logged(org: Running) -> list[tuple[str, ...]]:
    return [tuple(header["recordIds"]) for header in org.events()]


def test_lost_events_are_never_persisted(org: Running) -> None:
    chaos(org, lose=1.0)
    edit(org, "Account", Name="unheard")
    chaos(org)
    kept = edit(org, "Account", Name="heard")["Id"]
    assert logged(org) == [(kept,)]


def test_doubled_events_have_two_positions_and_one_identity(org: Running) -> None:
    chaos(org, double=1.0)
    edit(org, "Account", Name="A")
    first, second = org.do(lambda: org.org.log.events)
    assert (first.id, first.payload) == (second.id, second.payload)
    assert first.position < second.position


def test_late_events_are_overtaken(org: Running) -> None:
    chaos(org, late=1.0, late_seconds=[30, 30])
    late = edit(org, "Account", Name="late")["Id"]
    chaos(org)
    punctual = edit(org, "Account", Name="punctual")["Id"]
    assert logged(org) == [(punctual,)]
    org.clock.step(seconds=31)
    assert logged(org) == [(punctual,), (late,)]


def test_a_waiting_subscriber_gets_a_late_event_when_it_is_due(org: Running) -> None:
    chaos(org, late=1.0, late_seconds=[0.1, 0.1])

    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        assert org.org.log.next_held()
        assert [event.body["Name"] for event in await call.events(1)] == ["0"]

    tell(org, story)


def test_neighbours_change_places(org: Running) -> None:
    chaos(org, reorder=True)
    made = [(edit(org, "Account", Name=str(n))["Id"],) for n in range(12)]
    assert logged(org) != made
    org.clock.step(seconds=1)
    found = logged(org)
    assert sorted(found) == sorted(made)
    assert found != made


def test_the_same_seed_has_the_same_accidents(org: Running) -> None:
    def played(seed: int) -> tuple[list[int], dict[str, int]]:
        chaos(org, lose=0.3, double=0.3, seed=seed)
        before = len(org.events())
        made = [(edit(org, "Account", Name=str(n))["Id"],) for n in range(40)]
        counts = Counter(logged(org)[before:])
        return [counts[record] for record in made], org.do(org.org.accidents.configured)["happened"]

    first, again, other = played(1), played(1), played(2)
    assert first == again != other
    assert set(first[0]) == {0, 1, 2}
    assert first[0].count(0) == first[1]["lose"]


@pytest.mark.parametrize(
    "nonsense",
    [{"loose": 0.1}, {"lose": 2}, {"late_seconds": [2, 1]}, {"lose": "often"}, {"reorder": 1}, {"seed": "x"}],
)
def test_nonsense_chances_are_refused(org: Running, nonsense: dict[str, Any]) -> None:
    with pytest.raises(BadInstructionError):
        chaos(org, **nonsense)


def test_streams_are_cut_by_chance(org: Running) -> None:
    async def story(bus: Bus) -> None:
        org.org.accidents.configure({"cut": 1.0})
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        await call.events(1)
        assert (await call.failure())[:2] == (grpc.StatusCode.UNAVAILABLE, None)

    tell(org, story)


def test_streams_fall_silent_by_chance(start: Callable[..., Running]) -> None:
    org = start(keepalive_seconds=0.05)

    async def story(bus: Bus) -> None:
        org.org.accidents.configure({"half_open": 1.0})
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        await call.events(1)
        org.org.accidents.configure({})
        hearing = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        await hearing.events(2)
        await hearing.next()
        assert len(call.responses) == 1
        org.org.streams.cut_all()
        assert (await call.failure())[0] is grpc.StatusCode.UNAVAILABLE
        assert len(call.responses) == 1

    tell(org, story)


def test_accidents_and_held_events_survive_a_restart(org: Running) -> None:
    chaos(org, late=1.0, late_seconds=[60, 60], seed=3)
    record_id = edit(org, "Account", Name="A")["Id"]
    happen(org, kind="automation", object="Account", set={"Site": "north"})
    happen(org, kind="add_field", object="Account", field={"name": "Tier__c", "type": "string", "length": 9})
    org.do(lambda: org.org.edit("Account", record_id, {"Tier__c": "gold"}))
    state = json.loads(json.dumps(org.do(org.org.dump)))
    other = SalesforceOrg(OrgOptions(), org.clock)
    other.load(state)
    assert other.accidents.configured() == org.do(org.org.accidents.configured)
    assert (other.record("Account", record_id)["Tier__c"], other.log.events) == ("gold", [])
    assert other.edit("Account", None, {"Name": "B"})["Site"] == "north"
    org.clock.step(seconds=61)
    assert len(other.log.events) == 3
    other.reset()
    assert other.schema.object("Account").find("Tier__c") is None
    assert other.edit("Account", None, {"Name": "C"})["Site"] is None
    assert [event.header["changeType"] for event in other.log.events] == ["CREATE"]


def test_only_old_events_age_out(org: Running) -> None:
    async def story(bus: Bus) -> None:
        make(org, 2)
        org.clock.step(minutes=10)
        make(org, 1)
        assert org.incidents.happen({"kind": "age_out", "seconds": 300}) == {"events": 2}
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        (kept,) = await call.events(1)
        assert kept.body["Name"] == "0"
        last = kept.position.to_bytes(8, "big")
        resumed = await bus.open(ACCOUNTS, replay_preset=pb.CUSTOM, replay_id=last)
        make(org, 1)
        await resumed.events(1)
        stale = await bus.open(ACCOUNTS, replay_preset=pb.CUSTOM, replay_id=(4_000_001).to_bytes(8, "big"))
        assert (await stale.failure())[:2] == (
            grpc.StatusCode.INVALID_ARGUMENT,
            CODE + "subscription.fetch.replayid.corrupted",
        )

    tell(org, story)


def test_one_change_of_several_records_is_one_event(org: Running) -> None:
    ids = [edit(org, "Account", Name=name)["Id"] for name in "ABC"]
    (header,) = happen(org, kind="merged", object="Account", ids=ids, fields={"Industry": "Banking"})[
        "events"
    ]
    event = all_events(org, 4, ACCOUNTS)[3]
    assert (event.header["recordIds"], event.header["changeType"]) == (ids, "UPDATE")
    assert (event.body["Industry"], event.header["changedFields"]) == ("Banking", ["0x400800"])
    assert header["transactionKey"] == event.header["transactionKey"]


@pytest.mark.parametrize("change", ["CREATE", "UPDATE", "DELETE", "UNDELETE"])
def test_gaps_of_every_change(org: Running, change: str) -> None:
    ids = [edit(org, "Account", Name=name)["Id"] for name in "AB"]
    happen(org, kind="gap", object="Account", ids=ids, change=change)
    gap = all_events(org, 3, ACCOUNTS)[2]
    assert (gap.header["changeType"], gap.header["recordIds"]) == (f"GAP_{change}", ids)
    assert (gap.header["changeOrigin"], gap.header["sequenceNumber"] > 1000) == ("", True)
    assert {value for name, value in gap.body.items()} == {None}


def test_an_event_of_more_than_a_megabyte_is_a_gap(start: Callable[..., Running]) -> None:
    notes = [{"name": f"Note{n}__c", "type": "textarea", "length": 131_072} for n in range(9)]
    org = start(definitions=({"name": "Account", "fields": notes},))
    fields = {note["name"]: "x" * 131_000 for note in notes}
    org.client().Account.create({"Name": "A", **fields})
    (event,) = org.events()
    assert (event["changeType"], event["changeOrigin"]) == ("GAP_CREATE", "")


def test_too_many_changes_of_one_transaction_overflow(start: Callable[..., Running]) -> None:
    org = start(changes_per_transaction=3, merge_equal_changes=False)
    account = edit(org, "Account", Name="A")["Id"]
    for name in "PQRS":
        edit(org, "Contact", LastName=name, AccountId=account)
    org.do(lambda: org.org.delete("Account", account))
    told = org.events()[5:]
    assert [(e["entityName"], e["changeType"], len(e["recordIds"])) for e in told] == [
        ("Account", "DELETE", 1),
        ("Contact", "DELETE", 1),
        ("Contact", "DELETE", 1),
        ("Contact", "GAP_OVERFLOW", 1),
    ]
    assert told[-1]["recordIds"] == ["000000000000000AAA"]
    assert told[-1]["changeOrigin"] == ""
    assert len({e["transactionKey"] for e in told}) == 1


def test_automation_adds_a_foreign_change_to_our_own_event(org: Running) -> None:
    happen(org, kind="automation", object="Account", set={"Rating": "Hot"}, on=["UPDATE"])
    record_id = org.client().Account.create({"Name": "A"})["id"]
    org.client().Account.update(record_id, {"Phone": "1"})
    created, updated = all_events(org, 2, ACCOUNTS)
    assert created.body["Rating"] is None
    assert (updated.body["Phone"], updated.body["Rating"]) == ("1", "Hot")
    assert updated.header["changeOrigin"] == "com/salesforce/api/rest/61.0;client=zsync"
    assert updated.header["recordIds"] == [record_id]


def test_a_failing_flow_fails_the_save(org: Running) -> None:
    happen(org, kind="automation", object="Account", set={"Zoho_Id__c": "1"})
    edit(org, "Account", Name="A")
    with pytest.raises(RefusedError) as raised:
        edit(org, "Account", Name="B")
    assert raised.value.body[0]["errorCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert len(org.events()) == 1


def test_a_failing_flow_fails_its_own_record_of_a_collection(org: Running) -> None:
    happen(org, kind="automation", object="Account", set={"Zoho_Id__c": "1"}, on=["CREATE"])
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in "AB"]
    first, second = org.client().restful(
        "composite/sobjects", method="POST", json={"allOrNone": False, "records": records}
    )
    assert (first["success"], second["success"]) == (True, False)
    assert second["errors"][0]["statusCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert len(org.events()) == 1


@pytest.mark.parametrize(
    "instruction",
    [
        {"kind": "automation", "object": "Nothing", "set": {"A": 1}},
        {"kind": "automation", "object": "Account", "set": {"CreatedDate": 1}},
        {"kind": "automation", "object": "Account", "set": {"Rating": "Hot"}, "on": ["DELETE"]},
        {"kind": "merged", "object": "Account", "ids": [], "fields": {}},
        {"kind": "add_field", "object": "Account", "field": {"name": "Name", "type": "string"}},
        {"kind": "add_field", "object": "Account", "field": {"name": "X__c"}},
        {"kind": "age_out", "seconds": -1},
        {"kind": "gap", "object": "Account", "ids": ["1"], "sequence": 2**31},
        {"kind": "unheard of"},
    ],
)
def test_nonsense_incidents_are_refused(org: Running, instruction: dict[str, Any]) -> None:
    with pytest.raises(BadInstructionError):
        happen(org, **instruction)


def test_a_field_added_in_mid_stream_changes_the_schema(org: Running) -> None:
    async def story(bus: Bus) -> None:
        make(org, 1)
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        first = await call.next()
        field = {"name": "Colour__c", "type": "string", "length": 20}
        made = org.incidents.happen({"kind": "add_field", "object": "Account", "field": field})
        org.org.edit("Account", None, {"Name": "B", "Colour__c": "red"})
        second = await call.next()
        ids = [response.events[0].event.schema_id for response in (first, second)]
        assert ids[0] != ids[1] == made["schema_id"]
        assert "Colour__c" not in (await bus.decode(first.events[0])).body
        assert (await bus.decode(second.events[0])).body["Colour__c"] == "red"
        assert (await bus.topic(ACCOUNTS)).schema_id == ids[1]

    tell(org, story)
