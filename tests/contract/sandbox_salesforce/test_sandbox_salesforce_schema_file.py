"""Custom objects and fields from a file, and what is said of a file that makes no sense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from integration.sandbox.app import main
from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg
from integration.sandbox.salesforce.schema_file import read_definitions
from integration.sandbox.salesforce.standard_objects import build_schema
from tests.contract.sandbox_salesforce.running_org import Running

YAML = """
objects:
  - name: Shelf__c
    label: Shelf
    label_plural: Shelves
    fields:
      - {name: Code__c, type: string, length: 20, external_id: true, unique: true, nillable: false}
      - {name: Product__c, type: reference, reference_to: [Product2], child_relationship: Shelves__r}
      - {name: Places__c, type: double, scale: 1, default: 1.0}
  - name: product2
    fields:
      - {name: Colour__c, type: picklist, picklist: [Red, Blue], restricted: true}
      - {name: Home__c, type: reference, reference_to: [Shelf__c]}
"""


def read(path: Path, text: str) -> tuple[dict[str, Any], ...]:
    path.write_text(text, encoding="utf-8")
    return read_definitions(path, build_schema(OrgOptions()))


def test_an_org_with_a_schema_of_its_own(start: Any, tmp_path: Path) -> None:
    org: Running = start(definitions=read(tmp_path / "schema.yaml", YAML))
    client = org.client()
    product = client.Product2.create({"Name": "Bolt", "Colour__c": "Red"})["id"]
    shelf = client.Shelf__c.upsert("Code__c/S1", {"Name": "One", "Product__c": product}, raw_response=True)
    made = client.Shelf__c.get(shelf.json()["id"])
    assert (made["Id"][:3], made["OwnerId"], made["Places__c"]) == ("a01", org.org.integration_user, 1.0)
    client.Product2.update(product, {"Home__c": made["Id"]})
    found = client.query("SELECT Home__r.Name, Home__r.Product__r.Colour__c FROM Product2")["records"][0]
    assert (found["Home__r"]["Name"], found["Home__r"]["Product__r"]["Colour__c"]) == ("One", "Red")
    children = client.Product2.describe()["childRelationships"]
    assert "Shelves__r" in {child["relationshipName"] for child in children}


def test_json_and_a_bare_list_do_as_well(tmp_path: Path) -> None:
    text = json.dumps([{"name": "Account", "fields": [{"name": "Tier__c", "type": "string", "length": 9}]}])
    org = SalesforceOrg(OrgOptions(definitions=read(tmp_path / "schema.json", text)), Clock())
    assert org.edit("Account", None, {"Name": "A", "Tier__c": "gold"})["Tier__c"] == "gold"


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("objects: 7", "top", "write a list `objects`"),
        ("{things: []}", "top", "write a list `objects`"),
        ("[7]", "top", "write a list `objects`"),
        ("[{fields: []}]", "objects[0] (None)", "add name"),
        ("[{name: Shelf}]", "objects[0] (Shelf)", "end the name of a new object in __c"),
        ("[{name: Shelf__c, key_prefix: '001'}]", "objects[0] (Shelf__c)", "key_prefix '001' is taken"),
        ("[{name: Shelf__c, colour: red}]", "objects[0] (Shelf__c)", "'colour' is none of"),
        ("[{name: Account, label: Firm}]", "objects[0] (Account)", "name only `fields`"),
        ("[{name: Account, fields: 7}]", "objects[0] (Account)", "write `fields` as a list"),
        ("[{name: Account, fields: [{name: X__c}]}]", "objects[0] (Account).fields[0] (X__c)", "add type"),
        (
            "[{name: Account, fields: [{name: X, type: date}]}]",
            "fields[0] (X)",
            "end the name of a new field",
        ),
        (
            "[{name: Account, fields: [{name: Zoho_Id__c, type: date}]}]",
            "fields[0]",
            "has this field already",
        ),
        ("[{name: Account, fields: [{name: X__c, type: colour}]}]", "fields[0]", "type 'colour' is none of"),
        ("[{name: Account, fields: [{name: X__c, type: string}]}]", "fields[0]", "a `length` from 1 to 255"),
        (
            "[{name: Account, fields: [{name: X__c, type: string, length: '9'}]}]",
            "fields[0]",
            "a whole number",
        ),
        (
            "[{name: Account, fields: [{name: X__c, type: string, length: true}]}]",
            "fields[0]",
            "a whole number",
        ),
        ("[{name: Account, fields: [{name: X__c, type: double, precision: 19}]}]", "fields[0]", "at most 18"),
        (
            "[{name: Account, fields: [{name: X__c, type: date, nillable: no way}]}]",
            "fields[0]",
            "true or false",
        ),
        (
            "[{name: Account, fields: [{name: X__c, type: picklist, picklist: [1]}]}]",
            "fields[0]",
            "list of texts",
        ),
        ("[{name: Account, fields: [{name: X__c, type: reference}]}]", "fields[0]", "`reference_to`"),
        (
            "[{name: Account, fields: [{name: X__c, type: reference, reference_to: [User], on_parent_delete: x}]}]",
            "fields[0]",
            "on_parent_delete is one of",
        ),
        (
            "[{name: Account, fields: [{name: X__c, type: date}, {name: X__c, type: date}]}]",
            "objects[0] (Account).fields[0]",
            "X__c stands there twice",
        ),
    ],
)
def test_a_file_that_makes_no_sense(tmp_path: Path, text: str, place: str, advice: str) -> None:
    path = tmp_path / "schema.yaml"
    with pytest.raises(BadInstructionError) as raised:
        read(path, text)
    message = str(raised.value)
    assert message.startswith(f"{path}, ")
    assert place in message
    assert advice in message


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--salesforce-schema", str(tmp_path / "none.yaml")]) == 2
    assert f"{tmp_path / 'none.yaml'} cannot be read (No such file or directory)" in capsys.readouterr().err
    with pytest.raises(BadInstructionError, match="neither YAML nor JSON"):
        read(tmp_path / "schema.yaml", "[{")
