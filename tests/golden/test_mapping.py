"""What the shipped mapping makes of one record of each kind, written out: image, canonical fields, the other
side's create.

A change of the shipped rules shows here as the difference an administrator would see.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration.canonical.values import Side, encode_fields
from tests.unit.mapping.sample import LOOKUPS, mapping

CASES = sorted((Path(__file__).parent / "mapping").glob("*.json"))
SHIPPED = mapping(absent={})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_record(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    side = Side(case["side"])
    role = SHIPPED.role(side, case["entity"], case["image"])
    reading = role.read(case["image"], None, LOOKUPS)
    patch = SHIPPED.create_patch(side.other, role.canonical, role.kind, reading.fields, LOOKUPS)
    assert reading.problems == ()
    assert patch.problems == ()
    assert {
        "role": [role.canonical, role.kind],
        "canonical": encode_fields(reading.fields),
        "other_side": {
            "entity": SHIPPED.native_entity(side.other, role.canonical, role.kind),
            "fields": patch.fields,
        },
    } == {key: case[key] for key in ("role", "canonical", "other_side")}


def test_every_record_of_the_mapping_has_a_case() -> None:
    told = {
        (case["side"], case["entity"], *case["role"])
        for case in (json.loads(p.read_text(encoding="utf-8")) for p in CASES)
    }
    assert told == {
        (r.side, r.entity, role.canonical, role.kind) for r in SHIPPED.records for role in r.roles
    }
