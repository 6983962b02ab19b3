"""The listener on the sandbox's event bus: nothing lost or out of order, whatever happens to the stream."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from integration.canonical.event import ArrivedEvent, EventKind
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.connectors.salesforce.change_events import topic_of
from integration.errors import ClaimLost, ConfigurationFault, PositionLost, Retryable, Unauthorized
from integration.ports import ReadRequest, WriteRequest
from tests.contract.salesforce_following import ACCOUNTS, CONTACTS, Following, Inbox, following, stream_config
from tests.contract.salesforce_parts import CLIENT, FIELDS, Connection
from tests.contract.sandbox_process import Sandbox
from tests.deadline import wait_until


@pytest.fixture
def org(sandbox: Sandbox) -> Iterator[Connection]:
    connection = Connection(sandbox)
    yield connection
    connection.close()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def listener(org: Connection, inbox: Inbox) -> Iterator[Following]:
    with following(stream_config(org.sandbox), org.tokens, inbox) as found:
        yield found


def account(org: Connection, name: str, **fields: object) -> str:
    return str(org.sandbox.edit("salesforce", "Account", {"Name": name, **fields})["Id"])


def arrived(inbox: Inbox, count: int) -> list[ArrivedEvent]:
    wait_until(lambda: len(inbox.keys()) >= count, what=f"{count} events")
    assert len(inbox.keys()) == count
    return list(inbox.events)


def test_the_life_of_a_record_in_order(org: Connection, inbox: Inbox, listener: Following) -> None:
    mill = account(org, "Mill", BillingStreet="1 Quay", BillingCity="Hull", Phone="1")
    org.sandbox.edit("salesforce", "Account", {"BillingStreet": "2 Quay", "Phone": None}, mill)
    org.sandbox.delete("salesforce", "Account", mill)
    org.sandbox.incident("undelete", object="Account", id=mill)

    created, updated, deleted, undeleted = arrived(inbox, 4)

    assert [event.kind.value for event in inbox.events] == ["change", "change", "delete", "undelete"]
    assert {(event.side, event.entity, event.record_id) for event in inbox.events} == {
        (Side.SALESFORCE, "Account", mill)
    }
    fields = created.body["fields"]
    assert isinstance(fields, dict)
    assert created.body["create"] is True
    assert {name: fields[name] for name in ("Name", "BillingCity", "Fax", "BillingCountry")} == {
        "Name": "Mill", "BillingCity": "Hull", "Fax": None, "BillingCountry": None,
    }  # fmt: skip
    assert updated.body["create"] is False
    changed = updated.body["fields"]
    assert isinstance(changed, dict)
    assert {name: value for name, value in changed.items() if not name.startswith("LastModified")} == {
        "BillingStreet": "2 Quay", "Phone": None,
    }  # fmt: skip
    assert "fields" not in deleted.body
    assert isinstance(undeleted.body["fields"], dict)
    assert len(created.key.split("/")) == 4
    assert created.at <= updated.at <= deleted.at


def test_a_created_record_reads_like_its_event(org: Connection, inbox: Inbox, listener: Following) -> None:
    """Stream and REST must give one image: a difference of form would look like a change for ever."""
    mill = account(
        org, "Mill & Söhne 🌊", Phone="+44 1", Website="https://mill.example", BillingStreet="1 Quay\nDock 3",
        BillingLatitude=53.74, AnnualRevenue=1250000, NumberOfEmployees=40, Zoho_Id__c="7",
        Description="x" * 900,
    )  # fmt: skip
    person = org.sandbox.edit(
        "salesforce", "Contact",
        {"FirstName": "Ann", "LastName": "Ferry", "AccountId": mill, "Birthdate": "1980-02-29"},
    )["Id"]  # fmt: skip
    events = {event.entity: event for event in arrived(inbox, 2)}
    requests = [ReadRequest("Account", mill), ReadRequest("Contact", person)]
    for request, answer in zip(requests, org.gateway.read(requests, WorkClass.EVENT), strict=True):
        told = events[request.entity].body["fields"]
        assert isinstance(told, dict)
        read = answer.records[0]
        assert {name: told[name] for name in FIELDS[request.entity]} == read.image
        assert events[request.entity].at == read.at
    contact = events["Contact"].body["fields"]
    assert isinstance(contact, dict)
    assert contact["AccountId"] == mill


def test_our_writes_name_us(org: Connection, inbox: Inbox, listener: Following) -> None:
    requests = [
        WriteRequest("Account", Operation.CREATE, fields={"Name": str(n)}, key=str(n)) for n in range(3)
    ]
    org.gateway.write(requests[:1], WorkClass.EVENT)
    org.gateway.write(requests[1:], WorkClass.EVENT)
    account(org, "By a person")
    *ours, theirs = arrived(inbox, 4)
    assert {event.origin for event in ours} == {f"com/salesforce/api/rest/61.0;client={CLIENT}"}
    assert CLIENT not in theirs.origin
    assert theirs.author
    assert theirs.author != ours[0].author


def test_a_merged_event_is_one_row_per_record(org: Connection, inbox: Inbox, listener: Following) -> None:
    ids = [account(org, f"Mill {n}") for n in range(3)]
    arrived(inbox, 3)
    updates = [WriteRequest("Account", Operation.UPDATE, record_id, fields={"Fax": "9"}) for record_id in ids]
    org.gateway.write(updates, WorkClass.EVENT)
    rows = arrived(inbox, 6)[3:]
    assert [row.record_id for row in rows] == ids
    assert len({row.key for row in rows}) == 3
    assert {str(row.body["fields"]) for row in rows} == {str(rows[0].body["fields"])}


def test_a_merge_of_accounts(org: Connection, inbox: Inbox, listener: Following) -> None:
    winner, loser = account(org, "Winner"), account(org, "Loser")
    org.sandbox.edit("salesforce", "Contact", {"LastName": "Mover", "AccountId": loser})
    arrived(inbox, 3)
    org.sandbox.merge("Account", winner, loser)
    wait_until(lambda: [e for e in inbox.events if e.kind is EventKind.DELETE and e.record_id == loser])
    moved = wait_until(lambda: [e for e in inbox.events if e.entity == "Contact"][1:])
    fields = moved[0].body["fields"]
    assert isinstance(fields, dict)
    assert fields["AccountId"] == winner


def test_what_is_no_plain_change(org: Connection, inbox: Inbox, listener: Following) -> None:
    mill = account(org, "Mill")
    for kind, spec in (
        ("gap", {"ids": [mill]}), ("gap", {"ids": [mill], "change": "DELETE"}),
        ("overflow", {}), ("wildcard", {}), ("undecodable", {}),
    ):  # fmt: skip
        org.sandbox.incident(kind, object="Account", **spec)
    account(org, "After all that")
    events = arrived(inbox, 7)
    assert [(event.kind.value, event.record_id) for event in events[:6]] == [
        ("change", mill), ("gap", mill), ("gap", mill), ("overflow", ""), ("overflow", ""),
        ("undecodable", ""),
    ]  # fmt: skip
    assert {event.entity for event in events} == {"Account"}
    raw = events[5].body
    assert raw["payload"] == "/" * 32
    assert raw["schema_id"]
    assert raw["reason"] == "salesforce.event_unreadable"
    assert inbox.named()[-1] == "After all that"
    assert inbox.faults == []


def test_a_text_sent_as_a_difference_is_a_gap(org: Connection, inbox: Inbox, listener: Following) -> None:
    lines = [f"line {n} of a long description" for n in range(100)]
    mill = account(org, "Mill", Description="\n".join(lines))
    org.sandbox.edit("salesforce", "Account", {"Description": "\n".join(["first", *lines[1:]])}, mill)
    _, changed = arrived(inbox, 2)
    assert (changed.kind, changed.record_id) == (EventKind.GAP, mill)
    assert "fields" not in changed.body


def test_a_burst_keeps_its_order_while_storing_is_slow(
    org: Connection, inbox: Inbox, listener: Following
) -> None:
    mill = account(org, "Mill")
    operations = [
        {"op": "edit", "system": "salesforce", "entity": "Account", "id": mill, "fields": {"Name": f"n{n}"}}
        for n in range(450)
    ]
    never = threading.Event()

    def slowly(_topic: str, _events: Sequence[ArrivedEvent]) -> None:
        never.wait(0.05)

    inbox.before = slowly
    results = org.sandbox.admin("POST", "/bulk", {"operations": operations})["results"]
    assert all(result["ok"] for result in results)
    arrived(inbox, 451)
    assert inbox.named() == ["Mill", *(f"n{n}" for n in range(450))]
    assert len(inbox.events) == 451
    assert inbox.faults == []


def test_a_cut_stream_goes_on_where_it_stood(org: Connection, inbox: Inbox, listener: Following) -> None:
    for n in range(4):
        account(org, f"n{n}")
        arrived(inbox, n + 1)
        org.sandbox.incident("cut_streams")
    account(org, "last")
    arrived(inbox, 5)
    assert inbox.named() == ["n0", "n1", "n2", "n3", "last"]
    assert len(inbox.events) == 5
    assert {type(fault) for fault in inbox.faults} == {Retryable}
    assert inbox.lost == []


def test_a_silent_connection_is_torn_down(org: Connection, inbox: Inbox) -> None:
    config = stream_config(org.sandbox, ACCOUNTS, watchdog_seconds=1.0)
    with following(config, org.tokens, inbox):
        account(org, "before")
        arrived(inbox, 1)
        assert org.sandbox.incident("half_open")["streams"] >= 1
        account(org, "after")
        arrived(inbox, 2)
    assert "salesforce.stream.silent" in {fault.code for fault in inbox.faults}


def test_a_revoked_token_is_renewed_without_losing_the_place(
    org: Connection, inbox: Inbox, listener: Following
) -> None:
    account(org, "before")
    org.sandbox.edit("salesforce", "Contact", {"LastName": "before"})
    arrived(inbox, 2)
    org.sandbox.incident("revoke_tokens")
    account(org, "after")
    org.sandbox.edit("salesforce", "Contact", {"LastName": "after"})
    arrived(inbox, 4)
    assert len(inbox.events) == 4
    assert {type(fault) for fault in inbox.faults} == {Unauthorized}
    logins = [call for call in org.sandbox.calls("salesforce") if call["path"].endswith("/token")]
    assert len(logins) == 2, "both topics share one renewal"


def test_an_expired_position_opens_a_new_generation(org: Connection, inbox: Inbox) -> None:
    with following(stream_config(org.sandbox, ACCOUNTS), org.tokens, inbox):
        account(org, "before")
        arrived(inbox, 1)
    org.sandbox.incident("age_out")
    account(org, "kept")
    with following(stream_config(org.sandbox, ACCOUNTS), org.tokens, inbox):
        arrived(inbox, 2)
    assert inbox.named() == ["before", "kept"]
    assert inbox.lost == [ACCOUNTS]
    assert isinstance(inbox.faults[0], PositionLost)
    assert len(inbox.faults) == 1


def test_a_corrupt_position_does_not_loop(org: Connection, inbox: Inbox) -> None:
    inbox.positions[ACCOUNTS] = b"nonsense"
    account(org, "kept")
    with following(stream_config(org.sandbox, ACCOUNTS), org.tokens, inbox):
        arrived(inbox, 1)
    assert inbox.lost == [ACCOUNTS]


def test_what_could_not_be_stored_comes_again(org: Connection, inbox: Inbox) -> None:
    troubles = iter([Retryable("store.away"), Retryable("store.away")])

    def away(_topic: str, events: Sequence[ArrivedEvent]) -> None:
        trouble = next(troubles, None) if events else None
        if trouble:
            raise trouble

    inbox.before = away
    account(org, "n0")
    account(org, "n1")
    with following(stream_config(org.sandbox, ACCOUNTS), org.tokens, inbox):
        arrived(inbox, 2)
    assert inbox.named() == ["n0", "n1"]
    assert [fault.code for fault in inbox.faults] == ["store.away"] * 2


def test_a_replaced_listener_ends_all_its_topics(org: Connection, inbox: Inbox) -> None:
    def replaced(_topic: str, _events: Sequence[ArrivedEvent]) -> None:
        raise ClaimLost("listener.replaced")

    inbox.before = replaced
    found = Following(stream_config(org.sandbox), org.tokens, inbox)
    account(org, "Mill")
    wait_until(lambda: not found.running, what="the listener has ended")
    with pytest.raises(ClaimLost):
        found.stop()
    assert inbox.events == []


def test_a_bug_in_a_callback_is_not_swallowed(org: Connection, inbox: Inbox) -> None:
    def broken(_topic: str, _events: Sequence[ArrivedEvent]) -> None:
        raise LookupError("a bug")

    inbox.before = broken
    found = Following(stream_config(org.sandbox), org.tokens, inbox)
    account(org, "Mill")
    wait_until(lambda: not found.running)
    with pytest.raises(LookupError):
        found.stop()


def test_a_fetch_being_stored_at_the_stop_is_stored(org: Connection, inbox: Inbox) -> None:
    storing, go_on = threading.Event(), threading.Event()

    def slowly(_topic: str, _events: Sequence[ArrivedEvent]) -> None:
        storing.set()
        assert go_on.wait(10)

    inbox.before = slowly
    found = Following(stream_config(org.sandbox, ACCOUNTS), org.tokens, inbox)
    account(org, "Mill")
    assert storing.wait(10)
    stopper = threading.Thread(target=found.stop)
    stopper.start()
    assert stopper.is_alive()
    go_on.set()
    stopper.join(10)
    assert not found.running
    assert inbox.named() == ["Mill"]
    assert inbox.positions[ACCOUNTS]


def test_restarts_lose_and_repeat_nothing(org: Connection, inbox: Inbox) -> None:
    for n in range(4):
        account(org, f"n{n}")
        with following(stream_config(org.sandbox, ACCOUNTS), org.tokens, inbox):
            arrived(inbox, n + 1)
    assert inbox.named() == ["n0", "n1", "n2", "n3"]
    assert len(inbox.events) == 4


def test_a_channel_that_is_not_there_leaves_the_others_alone(org: Connection, inbox: Inbox) -> None:
    missing = topic_of("Nothing__c")
    with following(stream_config(org.sandbox, missing, ACCOUNTS), org.tokens, inbox):
        account(org, "Mill")
        arrived(inbox, 1)
        wait_until(lambda: inbox.faults)
    assert isinstance(inbox.faults[0], ConfigurationFault)
    assert inbox.faults[0].advice


def test_a_bus_that_is_down_is_tried_again(org: Connection, inbox: Inbox) -> None:
    config = stream_config(org.sandbox, ACCOUNTS, endpoint="127.0.0.1:1")
    with following(config, org.tokens, inbox):
        wait_until(lambda: len(inbox.faults) >= 2)
    assert {fault.code for fault in inbox.faults} == {"salesforce.stream.unavailable"}


def test_a_schema_that_cannot_be_had_now_loses_nothing(org: Connection, inbox: Inbox) -> None:
    org.sandbox.fault("salesforce", "reset_before", path_prefix="/eventbus.v1.PubSub/GetSchema", times=2)
    account(org, "Mill")
    with following(stream_config(org.sandbox, ACCOUNTS), org.tokens, inbox):
        arrived(inbox, 1)
    assert inbox.named() == ["Mill"]


def test_topics_and_entities() -> None:
    assert (ACCOUNTS, CONTACTS) == ("/data/AccountChangeEvent", "/data/ContactChangeEvent")
    assert topic_of("Depot__c") == "/data/Depot__ChangeEvent"
