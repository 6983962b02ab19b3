"""Conditions: operators, combinators, and what counts as equal."""

from __future__ import annotations

import pytest

from integration.canonical.values import Json
from integration.mapping.conditions import compile_condition
from integration.mapping.documents import parse_documents
from integration.mapping.mistakes import Mistake, whole


def holds(yaml: str, record: dict[str, Json]) -> bool:
    mistakes: list[Mistake] = []
    [document] = parse_documents(f"when: {yaml}", "m.yaml")
    condition = compile_condition(whole(document, mistakes).child("when"))
    assert condition is not None, mistakes
    return condition.test(record)


@pytest.mark.parametrize(
    ("yaml", "record", "expected"),
    [
        ("{field: a, op: eq, value: x}", {"a": " x "}, True),
        ("{field: a, op: eq, value: x}", {"a": "X"}, False),
        ("{field: a, op: eq, value: x}", {}, False),
        ("{field: a, op: ne, value: x}", {}, True),
        ("{field: a, op: eq, value: null}", {"a": ""}, True),
        ("{field: a, op: eq, value: true}", {"a": "true"}, True),
        ("{field: a, op: eq, value: false}", {"a": None}, True),
        ("{field: a, op: eq, value: true}", {"a": "perhaps"}, False),
        ("{field: a, op: eq, value: 12}", {"a": "12.0"}, True),
        ("{field: a, op: eq, value: 12.5}", {"a": {"$decimal": "12.50"}}, True),
        ("{field: a, op: eq, value: 12.5}", {"a": 12.5}, True),
        ("{field: a, op: eq, value: 12}", {"a": "twelve"}, False),
        ("{field: a, op: in, value: [x, y]}", {"a": "y"}, True),
        ("{field: a, op: not_in, value: [x, y]}", {"a": "y"}, False),
        ("{field: a, op: not_in, value: [x, y]}", {"a": None}, True),
        ("{field: a, op: blank}", {"a": "  "}, True),
        ("{field: a, op: blank}", {"a": 0}, False),
        ("{field: a, op: present}", {"a": False}, True),
        ("{field: a, op: present}", {"a": ["x"]}, True),
        ("{field: a, op: starts_with, value: TEST}", {"a": "TEST 1"}, True),
        ("{field: a, op: starts_with, value: TEST}", {"a": None}, False),
        ("{all: [{field: a, op: present}, {field: b, op: blank}]}", {"a": "1"}, True),
        ("{all: [{field: a, op: present}, {field: b, op: blank}]}", {"a": "1", "b": "2"}, False),
        ("{any: [{field: a, op: blank}, {all: [{field: b, op: eq, value: x}]}]}", {"a": "1", "b": "x"}, True),
    ],
)
def test_conditions(yaml: str, record: dict[str, Json], expected: bool) -> None:
    assert holds(yaml, record) is expected
