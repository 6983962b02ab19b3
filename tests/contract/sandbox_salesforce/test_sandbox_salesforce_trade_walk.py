"""Random walks keep sums, prices and parents right, and a replica that follows their events stays equal."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader

from integration.sandbox.clock import Clock
from integration.sandbox.salesforce import SalesforceOrg
from tests.contract.sandbox_salesforce.conftest import org_options
from tests.contract.sandbox_salesforce.trade_walk import Walk, wrongs

_STEPS = 500
_STREAMED = "Account,Product2,Opportunity,OpportunityLineItem,Order,OrderItem"
_WATCHED = {
    "Account": ("Name", "ParentId"),
    "Product2": ("Name", "IsActive"),
    "Opportunity": ("AccountId", "StageName", "Amount", "ExpectedRevenue", "HasOpportunityLineItem"),
    "OpportunityLineItem": ("OpportunityId", "Quantity", "UnitPrice", "TotalPrice"),
    "Order": ("AccountId", "Status", "TotalAmount", "Pricebook2Id"),
    "OrderItem": ("OrderId", "Quantity", "UnitPrice", "TotalPrice"),
}


@pytest.mark.parametrize("seed", range(3))
def test_wherever_the_walk_leads(seed: int) -> None:
    options = org_options(event_entities=_STREAMED, event_entities_at_most=6, line_item_events=True)
    walk = Walk(options, seed)
    for number in range(_STEPS):
        walk.step()
        if number % 10 == 0:
            assert wrongs(walk.org) == [], f"after step {number}"
    assert wrongs(walk.org) == []
    assert 0 < walk.refused < _STEPS
    assert replica(walk.org) == watched(walk.org)
    other = SalesforceOrg(options, Clock())
    other.load(json.loads(json.dumps(walk.org.dump())))
    assert watched(other) == watched(walk.org)


def watched(org: SalesforceOrg) -> dict[str, dict[str, Any]]:
    return {
        record["Id"]: {field: record[field] for field in fields}
        for name, fields in _WATCHED.items()
        for record in org.records(name)
        if not record["deleted"]
    }


def replica(org: SalesforceOrg) -> dict[str, dict[str, Any]]:
    """What a subscriber knows that has applied every event from the first on."""
    found: dict[str, dict[str, Any]] = {}
    for event in org.log.events:
        text = org.schemas.text(event.schema_id)
        assert text is not None
        schema: Any = json.loads(text)
        body: Any = schemaless_reader(io.BytesIO(event.payload), parse_schema(schema), None)
        header = body.pop("ChangeEventHeader")
        places = [field["name"] for field in schema["fields"]]
        for record_id in header["recordIds"]:
            if header["changeType"] == "DELETE":
                del found[record_id]
            elif header["changeType"] == "UPDATE":
                names = {places[bit] for bit in bits(header["changedFields"])}
                found[record_id].update({name: body[name] for name in names & found[record_id].keys()})
            else:
                found[record_id] = {name: body[name] for name in _WATCHED[header["entityName"]]}
    return found


def bits(bitmap: list[str]) -> list[int]:
    """The places in the bitmap of the top level."""
    return [n for text in bitmap if "-" not in text for n in range(400) if int(text, 16) >> n & 1]
