"""A lane folded under an older mapping version is read again from what is known of its records."""

from __future__ import annotations

import pytest

from integration.canonical.event import Position
from integration.canonical.values import Json, Side
from integration.flows.absorb import Absorber
from integration.flows.remap import remap
from integration.mapping import CompiledMapping, compile_mapping, default_documents, parse_documents
from integration.policy.state import Existence, LaneState, Member
from tests.unit.mapping.sample import FRESH_ORG, LOOKUPS

SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO
WITH_TIER = """
canonical: customer
fields:
  custom.tier: {type: line}
---
record: salesforce_account
rules:
  tier: {canonical: custom.tier, field: Tier__c}
"""
PHONE_IS_FAX = """
record: salesforce_account
rules:
  phone: {canonical: fax, field: Phone}
  fax: {canonical: phone, field: Fax}
"""
IMAGE: dict[str, Json] = {"Name": "Harbour Mills", "Phone": "1234567", "Fax": "7654321"}
AT = Position(5_000, 1, 5)


def version(number: int, overlay: str = "") -> CompiledMapping:
    documents = default_documents() + (parse_documents(overlay, "pair.yaml") if overlay else [])
    return compile_mapping(documents, version=number, absent=FRESH_ORG)


def known_lane(mapping: CompiledMapping, image: dict[str, Json] | None = None) -> LaneState:
    """A lane of one Account, read whole under a mapping version."""
    lane = LaneState(1, "customer", members=[Member(1, "customer", "business")])
    state = lane.root.on(SALESFORCE)
    state.entity, state.record_id = "Account", "001A"
    whole = mapping.whole_image(SALESFORCE, "Account", IMAGE if image is None else image)
    Absorber(lane, mapping, LOOKUPS).change(lane.root, SALESFORCE, whole, AT, whole=True)
    return lane


def test_a_lane_of_the_same_version_is_left_alone() -> None:
    lane = known_lane(version(1))
    lane.root.on(SALESFORCE).cells["name"].value = "seen otherwise"
    assert remap(Absorber(lane, version(1), LOOKUPS)) == 0
    assert lane.root.on(SALESFORCE).cells["name"].value == "seen otherwise"


def test_fields_are_read_anew_from_the_image_at_its_own_position() -> None:
    lane = known_lane(version(1))
    assert remap(Absorber(lane, version(2, PHONE_IS_FAX), LOOKUPS)) == 1
    state = lane.root.on(SALESFORCE)
    assert (state.cells["phone"].value, state.cells["fax"].value) == ("7654321", "1234567")
    assert (state.mapping_version, state.dirty, state.image_at) == (2, 0, AT)
    assert state.cells["phone"].position == AT, "what comes next is placed as before"


def test_a_field_no_image_holds_makes_the_record_be_read_whole() -> None:
    """Nothing is taken for blank because nobody asked for it before."""
    lane = known_lane(version(1))
    assert remap(Absorber(lane, version(2, WITH_TIER), LOOKUPS)) == 1
    state = lane.root.on(SALESFORCE)
    assert (state.dirty, state.mapping_version) == (1, 1)
    assert "custom.tier" not in state.cells


def test_a_field_no_rule_tells_any_more_is_forgotten() -> None:
    lane = known_lane(version(1, WITH_TIER), {**IMAGE, "Tier__c": "gold"})
    assert lane.root.on(SALESFORCE).cells["custom.tier"].value == "gold"
    remap(Absorber(lane, version(2), LOOKUPS))
    assert "custom.tier" not in lane.root.on(SALESFORCE).cells


def test_the_doubt_about_what_we_wrote_outlives_it() -> None:
    """A5: reading what is known already is no fresh read."""
    lane = known_lane(version(1))
    lane.root.on(SALESFORCE).cells["name"].own = True
    remap(Absorber(lane, version(2, PHONE_IS_FAX), LOOKUPS))
    cells = lane.root.on(SALESFORCE).cells
    assert (cells["name"].own, cells["phone"].own) == (True, False)


def test_a_new_scope_takes_effect() -> None:
    overlay = """
record: salesforce_account
out_of_scope:
  mills:
    when: {field: Name, op: eq, value: Harbour Mills}
    reason: no mills
"""
    lane = known_lane(version(1))
    remap(Absorber(lane, version(2, overlay), LOOKUPS))
    state = lane.root.on(SALESFORCE)
    assert (state.in_scope, state.scope_reason) == (False, "no mills")


@pytest.mark.parametrize("existence", [Existence.GONE, Existence.UNKNOWN, Existence.ABSENT])
def test_only_living_records_are_read_anew(existence: Existence) -> None:
    lane = known_lane(version(1))
    lane.root.on(SALESFORCE).existence = existence
    assert remap(Absorber(lane, version(2), LOOKUPS)) == 0
