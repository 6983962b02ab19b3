"""Plan fields a person corrected, with the shipped mapping: a name and its parts say the same all the time."""

from __future__ import annotations

import pytest

from integration.canonical.values import Fields
from integration.flows.bench import MappingShape
from integration.mapping import compile_mapping, default_documents
from integration.policy.plan import decide_fields
from tests.unit.policy.sample_lane import member

FIRST, LAST = "primary_person.first_name", "primary_person.last_name"
WAS: Fields = {"name": "Ann Ferry", FIRST: "Ann", LAST: "Ferry"}


@pytest.fixture(scope="module")
def shape() -> MappingShape:
    return MappingShape(compile_mapping(default_documents(), version=0, absent={}))


def decided(shape: MappingShape, now: Fields, overrides: Fields) -> Fields:
    one = member({**WAS, **now}, WAS, base=WAS, kind="individual")
    one.overrides = overrides
    return {d.name: d.value for d in decide_fields(one, shape)}


@pytest.mark.parametrize("now", [{}, {LAST: "Fjord"}, {LAST: "Fjord", "name": "Ann Fjord"}])
def test_a_corrected_name_takes_its_parts_along(shape: MappingShape, now: Fields) -> None:
    found = decided(shape, now, {"name": "Anna Harbour"})
    assert found == {"name": "Anna Harbour", FIRST: "Anna", LAST: "Harbour"}


@pytest.mark.parametrize("now", [{}, {"name": "Anna Fjord"}, {FIRST: "Anna", "name": "Anna Ferry"}])
def test_a_corrected_part_takes_the_name_along(shape: MappingShape, now: Fields) -> None:
    found = decided(shape, now, {LAST: "Harbour"})
    assert found[LAST] == "Harbour"
    assert found["name"] == f"{found[FIRST]} Harbour"


def test_another_correction_leaves_a_typed_name_alone(shape: MappingShape) -> None:
    found = decided(shape, {"name": "Anna Fjord"}, {"notes": "corrected"})
    assert (found["name"], found[FIRST], found[LAST]) == ("Anna Fjord", "Anna", "Fjord")
