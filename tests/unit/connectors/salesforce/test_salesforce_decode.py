"""Change events from bytes to fields: what is known, what is empty, what cannot be told."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.canonical.values import Json
from integration.connectors.salesforce.decode import decode_event, expand_bitmaps, parse_schema
from integration.errors import BadInput
from tests.unit.connectors.salesforce.event_samples import (
    FIELDS,
    PLACES,
    bitmap,
    bits,
    field,
    header,
    payload,
    schema_json,
)

SCHEMA = parse_schema("S1", schema_json())


def told(
    change_type: str = "UPDATE", *, head: dict[str, Any] | None = None, **values: Any
) -> dict[str, Json]:
    return decode_event(SCHEMA, payload(header(change_type, **(head or {})), **values)).fields


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], set()),
        (["0x400800"], {(11, None), (22, None)}),
        (["0x400000", "4-0x01"], {(22, None), (4, 0)}),
        (["0x010000"], {(16, None)}),
        (
            ["0x08F81000"],
            {(12, None), (19, None), (20, None), (21, None), (22, None), (23, None), (27, None)},
        ),
        (["4-0x0a"], {(4, 1), (4, 3)}),
        (["0x"], None),
        (["12"], None),
        (["x-0x01"], None),
        (["0x0G"], None),
        (["0x20000000"], None),
        (["29-0x01"], None),
    ],
)
def test_bitmaps(texts: list[str], expected: set[tuple[int, int | None]] | None) -> None:
    """Samples recomputed from the published rule for a schema of 29 fields; the last ones are wrong."""
    if expected is None:
        with pytest.raises(ValueError, match=r"bitmap|invalid literal"):
            expand_bitmaps(texts, 29)
    else:
        assert expand_bitmaps(texts, 29) == expected


@given(st.sets(st.integers(0, 300)))
def test_bitmaps_round_trip(places: set[int]) -> None:
    assert expand_bitmaps([bitmap(*places)], 301) == {(place, None) for place in places}


def test_an_update_tells_only_what_changed() -> None:
    fields = told(
        head={
            "changedFields": [bits("Revenue", "Description", "LastModifiedDate")],
            "nulledFields": [bits("Description")],
        },
        Revenue=12.5, LastModifiedDate=1_700_000_000_000,
    )  # fmt: skip
    assert fields == {
        "Revenue": {"$decimal": "12.5"},
        "Description": None,
        "LastModifiedDate": "2023-11-14T22:13:20.000+0000",
    }


def test_one_part_of_an_address() -> None:
    head = {"changedFields": [bits("LastModifiedDate"), f"{PLACES['BillingAddress']}-0x01"]}
    assert told(head=head, BillingAddress={"Street": "1 Quay"}) == {
        "LastModifiedDate": None, "BillingStreet": "1 Quay",
    }  # fmt: skip


def test_emptied_parts_of_an_address() -> None:
    place = PLACES["BillingAddress"]
    head = {"changedFields": [bits("LastModifiedDate"), f"{place}-0x07"], "nulledFields": [f"{place}-0x06"]}
    fields = told(head=head, BillingAddress={"Street": "1 Quay"})
    assert fields == {
        "LastModifiedDate": None, "BillingStreet": "1 Quay", "BillingCity": None, "BillingState": None,
    }  # fmt: skip


def test_a_whole_address_emptied() -> None:
    fields = told(head={"changedFields": [bits("BillingAddress")], "nulledFields": [bits("BillingAddress")]})
    assert fields == dict.fromkeys(
        ("BillingStreet", "BillingCity", "BillingState", "BillingLatitude", "BillingXyz")
    )


def test_an_address_named_as_a_whole_with_some_parts_cannot_be_told() -> None:
    """Its other parts may be unchanged or emptied."""
    data = payload(header(changedFields=[bits("BillingAddress")]), BillingAddress={"Street": "1 Quay"})
    decoded = decode_event(SCHEMA, data)
    assert decoded.partial
    assert decoded.fields == {"BillingStreet": "1 Quay"}
    full = {"Street": "1", "City": "2", "State": "3", "Latitude": 4.0, "Xyz": "5"}
    data = payload(header(changedFields=[bits("BillingAddress")]), BillingAddress=full)
    assert not decode_event(SCHEMA, data).partial


def test_a_create_tells_everything_empty_or_not() -> None:
    fields = told(
        "CREATE",
        Name="Mill",
        BillingAddress={"City": "Hull", "Latitude": 53.74},
        Employees=7,
        Active__c=False,
    )
    assert fields == {
        "Name": "Mill", "BillingStreet": None, "BillingCity": "Hull", "BillingState": None,
        "BillingXyz": None,
        "BillingLatitude": {"$decimal": "53.74"}, "Salutation": None, "FirstName": None, "LastName": None,
        "Depot__Latitude__s": None, "Depot__Longitude__s": None, "Site__Street__s": None,
        "Site__City__s": None,
        "Revenue": None, "Employees": 7, "Active__c": False, "Founded__c": None, "Opens__c": None,
        "Colours__c": None, "Description": None, "LastModifiedDate": None,
    }  # fmt: skip


def test_names_of_parts() -> None:
    fields = told(
        head={"changedFields": [bits("Contact_Name", "Depot__c", "Site__c")]},
        Contact_Name={"Salutation": "Dr", "FirstName": "Ann", "LastName": "Ferry"},
        Depot__c={"Latitude": 1.5, "Longitude": -2.0}, Site__c={"Street": "A", "City": "B"},
    )  # fmt: skip
    assert fields == {
        "Salutation": "Dr", "FirstName": "Ann", "LastName": "Ferry",
        "Depot__Latitude__s": {"$decimal": "1.5"},
        "Depot__Longitude__s": -2, "Site__Street__s": "A", "Site__City__s": "B",
    }  # fmt: skip


def test_a_name_that_is_a_text_for_some_and_a_compound_for_others() -> None:
    person = {"FirstName": "Ann", "LastName": "Ferry"}
    assert told(head={"changedFields": [bits("Name")]}, Name="Mill") == {"Name": "Mill"}
    assert told(head={"changedFields": [bits("Name")]}, Name=person) == person
    assert told("DELETE") == {}


def test_values_of_every_kind() -> None:
    names = ("Revenue", "Employees", "Active__c", "Founded__c", "Opens__c", "Colours__c")
    fields = told(
        head={"changedFields": [bits(*names)]}, Revenue=40000.0, Employees=-3, Active__c=True,
        Founded__c=1_653_955_200_000, Opens__c=34_200_500, Colours__c=["red", "blue"],
    )  # fmt: skip
    assert [fields[name] for name in names] == [40000, -3, True, "2022-05-31", "09:30:00.500Z", "red;blue"]


def test_times_before_the_epoch_and_after_the_century() -> None:
    assert told(Founded__c=-14_182_940_000_000 // 86_400_000 * 86_400_000)["Founded__c"] == "1520-07-24"
    assert told(LastModifiedDate=-1)["LastModifiedDate"] == "1969-12-31T23:59:59.999+0000"


def test_types_from_describe_where_nothing_is_annotated() -> None:
    bare = [FIELDS[0], field("CloseDate", "long"), field("Number", "long")]
    schema = parse_schema("S2", schema_json(bare))
    data = payload(header("CREATE"), bare, CloseDate=1_653_955_200_000, Number=9_007_199_254_740_993)
    assert not schema.annotated
    assert SCHEMA.annotated
    assert decode_event(schema, data, {"CloseDate": "date"}).fields == {
        "CloseDate": "2022-05-31",
        "Number": 9_007_199_254_740_993,
    }


def test_the_header() -> None:
    event = decode_event(SCHEMA, payload(header(recordIds=["0015f00002J9YYE"], diffFields=["0x01"])))
    assert event.record_ids == ("0015f00002J9YYEAA3",)
    assert (event.entity, event.change_type, event.transaction_key) == ("Account", "UPDATE", "tx-1")
    assert (event.sequence, event.committed_at, event.modified_at) == (3, 1_700_000_000_123, None)
    assert (event.author, event.origin) == (
        "0055f000008YpLzAAK",
        "com/salesforce/api/rest/61.0;client=us",
    )
    assert event.partial


def test_a_bitmap_beyond_the_schema_is_no_event_of_it() -> None:
    with pytest.raises(BadInput):
        told(head={"changedFields": [bitmap(len(FIELDS))]})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type":"record"}', "not json", '"string"'])
def test_unreadable_schemas(text: str) -> None:
    with pytest.raises(BadInput):
        parse_schema("S", text)


def test_a_schema_of_something_else() -> None:
    with pytest.raises(BadInput):
        parse_schema("S", schema_json([field("Payload__c", "string")]))


def test_bytes_behind_an_event_mean_another_schema() -> None:
    good = payload(header("DELETE"))
    assert decode_event(SCHEMA, good).change_type == "DELETE"
    with pytest.raises(BadInput):
        decode_event(SCHEMA, good + b"\0")


def refusal(data: bytes) -> BadInput | None:
    try:
        decode_event(SCHEMA, data)
    except BadInput as fault:
        return fault
    return None


def test_damaged_payloads_are_refused_and_quote_nothing() -> None:
    """Cut anywhere, with bytes behind, or with single bytes changed: a fault or an event, never another
    error.
    """
    chance = random.Random(7)
    good = payload(header(changedFields=[bits("Description")]), Description="canary@private.example")
    damaged = [good[:end] for end in range(len(good))] + [good + b"\0"]
    for _ in range(2_000):
        place = chance.randrange(len(good))
        damaged.append(good[:place] + bytes([chance.randrange(256)]) + good[place + 1 :])
    refused = 0
    for data in damaged:
        fault = refusal(data)
        refused += fault is not None
        assert fault is None or ("canary" not in str(fault) and fault.__suppress_context__)
    assert refused >= len(good) + 1


@pytest.mark.parametrize("name", ["Address", "com.sforce.eventbus.Address"])
def test_a_compound_type_described_before_is_only_named(name: str) -> None:
    """Avro forbids to describe a type twice: the second address of a record only names it."""
    fields = [*FIELDS, field("ShippingAddress", name, "Address")]
    schema = parse_schema("S2", schema_json(fields))
    data = payload(header("CREATE"), fields, ShippingAddress={"City": "Hull", "Street": "1 Quay"})
    found = decode_event(schema, data).fields
    assert (found["ShippingCity"], found["ShippingStreet"], found["ShippingState"]) == (
        "Hull",
        "1 Quay",
        None,
    )
    assert "ShippingAddress" not in found
