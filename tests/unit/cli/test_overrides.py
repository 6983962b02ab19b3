"""Overrides on the command line."""

from __future__ import annotations

from integration.canonical.values import Side
from integration.mapping import compile_mapping, default_documents
from integration.policy.state import Cell, Existence
from integration.ports import Cursor, NewRecord
from integration.wiring.field_facts import CURSOR, fields_of
from tests.unit.cli.conftest import Shop

ACCOUNT = ("Account", "001000000000001AAA")
KEYS = {Side.SALESFORCE: "Zoho_Id__c", Side.ZOHO: "cf_salesforce_id"}


def planted(shop: Shop) -> int:
    """A record, and what both systems said once of the fields they have. Returns its binding."""
    wanted = fields_of(compile_mapping(default_documents(), version=0, absent={}), KEYS)
    with shop.stores.begin(shop.pair_id) as uow:
        for side, entities in wanted.items():
            run = {entity: dict.fromkeys(fields, False) for entity, fields in entities.items()}
            uow.cursors.put(Cursor(CURSOR, side, watermark=uow.now, run=run))
        new = NewRecord(Side.SALESFORCE, ACCOUNT[0], ACCOUNT[1], "customer", "business", dirty=False)
        bound = uow.lanes.add_records([new])[ACCOUNT]
        lane = uow.lanes.load([bound.lane_id])[bound.lane_id]
        lane.root.on(Side.SALESFORCE).existence = Existence.ALIVE
        lane.root.on(Side.SALESFORCE).cells["website"] = Cell("https://old.example")
        uow.lanes.save([lane])
    return bound.binding_id


def test_one_is_set_listed_shown_and_ended(shop: Shop) -> None:
    planted(shop)
    words = ("website", "https://new.example", "--reason", "misspelt", "--author", "ada")
    told = shop.told("overrides", "set", ACCOUNT[1], *words, "--until", "2999-01-01")
    number = told["override"]
    assert told["until"] == 32472144000000
    [listed] = shop.told("overrides", "list")["overrides"]
    assert (listed["id"], listed["field"], listed["value"]) == (number, "website", "https://new.example")
    assert (listed["author"], listed["reason"]) == ("ada", "misspelt")
    assert listed["records"]["salesforce"] == ACCOUNT[1]
    shown = shop.told("record", "show", ACCOUNT[1])
    assert [o["id"] for o in shown["overrides"]] == [number]
    [story] = [f for fields in shown["fields"].values() for f in fields if f["name"] == "website"]
    assert (story["rule"], story["who"]) == ("override", f"ada (override {number})")
    for part in ("https://new.example", "misspelt", "2999-01-01", "override set"):
        assert part in shop.run("record", "show", ACCOUNT[1]).stdout
    assert shop.told("overrides", "end", str(number), "--reason", "mended")["ended"] == number
    assert shop.told("overrides", "list")["overrides"] == []
    assert [o["id"] for o in shop.told("overrides", "list", "--ended")["overrides"]] == [number]
    again = shop.run("overrides", "end", str(number))
    assert again.exit_code == 1
    assert f"no standing override {number}" in again.stderr


def test_a_field_is_emptied_only_on_request(shop: Shop) -> None:
    planted(shop)
    assert shop.run("overrides", "set", ACCOUNT[1], "website", "--reason", "r").exit_code == 2
    assert shop.run("overrides", "set", ACCOUNT[1], "website", "x", "--empty", "--reason", "r").exit_code == 2
    shop.told("overrides", "set", ACCOUNT[1], "website", "--empty", "--reason", "r")
    assert [o["value"] for o in shop.told("overrides", "list")["overrides"]] == [None]


def test_without_a_reason_or_a_known_record_nothing_is_set(shop: Shop) -> None:
    planted(shop)
    assert shop.run("overrides", "set", ACCOUNT[1], "website", "x").exit_code == 2
    done = shop.run("overrides", "set", "4711", "website", "x", "--reason", "r", "--json")
    assert done.exit_code == 1
    assert '"record.unknown"' in done.stdout
