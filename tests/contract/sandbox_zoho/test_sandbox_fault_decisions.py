"""Which calls a fault strikes: by order, by chance, by time, by path; and the reasons nonsense is refused for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.sandbox.errors import BadKeyError
from integration.sandbox.faults import Faults, parse_fault

BASE = {"system": "zoho", "kind": "hang"}


class Clock:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def struck(faults: Faults, calls: int, path: str = "/inventory/v1/items", method: str = "GET") -> list[int]:
    """Which of so many calls were struck, counted from 1."""
    return [n for n in range(1, calls + 1) if faults.take("zoho", method, path) is not None]


def with_fault(seed: int = 7, **spec: Any) -> Faults:
    faults = Faults(seed)
    faults.add(parse_fault({**BASE, **spec}))
    return faults


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, [1]),
        ({"times": 3}, [1, 2, 3]),
        ({"skip": 2, "times": 2}, [3, 4]),
        ({"every": 3}, [3, 6, 9]),
        ({"every": 3, "skip": 1, "times": 2}, [4, 7]),
        ({"times": 0}, list(range(1, 11))),
        ({"probability": 0}, []),
        ({"probability": 1}, list(range(1, 11))),
    ],
)
def test_order_and_number(spec: dict[str, Any], expected: list[int]) -> None:
    assert struck(with_fault(**spec), 10) == expected


def test_chance_keeps_its_share_and_its_seed() -> None:
    first, again, other = (struck(with_fault(seed, probability=0.2), 2000) for seed in (1, 1, 2))
    assert first == again != other
    assert 300 < len(first) < 500


@given(
    seed=st.integers(0, 2**32),
    order=st.lists(st.sampled_from(["/inventory/v1/items", "/inventory/v1/contacts"]), max_size=40),
)
@settings(max_examples=30, deadline=None)
def test_other_calls_at_the_same_time_change_nothing(seed: int, order: list[str]) -> None:
    """However calls of two kinds are interleaved, each fault strikes the same ones of its own."""
    specs = [
        {
            "name": "items",
            "path": "/inventory/v1/items",
            "probability": 0.4,
            "seconds": [0, 5],
            "kind": "slow",
        },
        {"name": "contacts", "path_prefix": "/inventory/v1/contacts", "probability": 0.3, "every": 2},
    ]

    def play(calls: list[str]) -> dict[str, list[Any]]:
        faults = Faults(seed)
        for spec in specs:
            faults.add(parse_fault({**BASE, **spec}))
        found: dict[str, list[Any]] = {path: [] for path in calls}
        for path in calls:
            fault = faults.take("zoho", "GET", path)
            found[path].append(None if fault is None else (fault.name, fault.wait))
        return found

    assert play(order) == play(sorted(order)) == play(sorted(order, reverse=True))


def test_two_faults_due_at_once_take_turns_and_both_count_the_call() -> None:
    faults = Faults()
    faults.add(parse_fault({**BASE, "name": "a", "every": 2}))
    faults.add(parse_fault({**BASE, "name": "b", "skip": 3}))
    names = [fault.name if (fault := faults.take("zoho", "GET", "/x")) else "" for _ in range(6)]
    assert names == ["", "a", "", "a", "b", "a"]
    assert [(each["fault"], each["call"]) for each in faults.played()] == [
        ("a", 2), ("a", 4), ("b", 5), ("a", 6),
    ]  # fmt: skip


def test_a_window_counts_only_calls_inside() -> None:
    clock = Clock()
    faults = Faults(time=clock)
    faults.add(parse_fault({**BASE, "from": 5, "until": 10, "every": 2}))
    found = []
    for clock.now in (0.0, 4.9, 5.0, 6.0, 9.9, 9.95, 10.0, 11.0):
        found.append(faults.take("zoho", "GET", "/x") is not None)
    assert found == [False, False, False, True, False, True, False, False]


@pytest.mark.parametrize(
    ("spec", "met", "missed"),
    [
        ({"path_prefix": "/a"}, ["/a", "/abc/d"], ["/b", "/b/a"]),
        ({"path": "/a/*/c"}, ["/a/1/c"], ["/a/1/2/c", "/a/1/c/d"]),
        ({"path": "/a/**"}, ["/a/1", "/a/1/2"], ["/a", "/b/1"]),
        ({"path": "/a.b/?"}, ["/a.b/c"], ["/aXb/c", "/a.b/cd"]),
        ({"path_pattern": r"/a/\d+(/x)?"}, ["/a/1", "/a/12/x"], ["/a/b", "/a/1/xy"]),
        ({"method": ["POST", "put"]}, [], ["/a"]),
        ({"method": "post,get"}, ["/a"], []),
    ],
)
def test_paths_and_methods(spec: dict[str, Any], met: list[str], missed: list[str]) -> None:
    fault = parse_fault({**BASE, **spec})
    assert all(fault.meets("zoho", "GET", path) for path in met)
    assert not any(fault.meets("zoho", "GET", path) for path in missed)
    assert not fault.meets("salesforce", "GET", "/a")


@pytest.mark.parametrize(
    ("kind", "method", "path", "fits"),
    [
        ("request_limit", "GET", "/services/data/v61.0/limits", True),
        ("request_limit", "POST", "/services/oauth2/token", False),
        ("grant_refused", "POST", "/services/oauth2/token", True),
        ("grant_refused", "GET", "/services/data/v61.0/limits", False),
        ("row_lock", "GET", "/services/data/v61.0/sobjects/Account/1", False),
        ("row_lock", "PATCH", "/services/data/v61.0/sobjects/Account/1", True),
        ("server_unavailable", "POST", "/eventbus.v1.PubSub/GetTopic", True),
        ("cut_answer", "POST", "/eventbus.v1.PubSub/GetTopic", False),
    ],
)
def test_a_kind_meets_only_calls_it_fits(kind: str, method: str, path: str, *, fits: bool) -> None:
    assert parse_fault({"system": "salesforce", "kind": kind}).meets("salesforce", method, path) is fits


@pytest.mark.parametrize(
    ("spec", "key", "told"),
    [
        ({"kind": "explode"}, "kind", "minute_exceeded"),
        ({"kind": "row_lock"}, "kind", "zoho has the kinds"),
        ({"system": ["zoho"]}, "system", "salesforce, zoho"),
        ({"system": "sap"}, "system", "salesforce, zoho"),
        ({"colour": "red"}, "colour", "probability"),
        ({"probability": 2}, "probability", "between 0 and 1"),
        ({"seconds": [3, 1]}, "seconds", "the least and the most"),
        ({"path_pattern": "("}, "path_pattern", "regular expression"),
        ({"path": "/a", "path_prefix": "/b"}, "path", "in one way"),
        ({"method": "GRAB"}, "method", "POST"),
        ({"status": 99}, "status", "200 to 599"),
        ({"times": True}, "times", "how often"),
        ({"every": 0}, "every", "third"),
    ],
)
def test_nonsense_names_its_key_and_what_is_allowed(spec: dict[str, Any], key: str, told: str) -> None:
    with pytest.raises(BadKeyError, match=None) as raised:
        parse_fault({**BASE, **spec})
    assert raised.value.key == key
    assert told in str(raised.value)


def test_a_bus_error_needs_its_code() -> None:
    with pytest.raises(BadKeyError, match=r"service\.unavailable"):
        parse_fault({"system": "salesforce", "kind": "bus_error"})


def test_what_is_shown_can_be_sent_again() -> None:
    fault = parse_fault({**BASE, "seconds": [1, 2], "from": 3, "until": 4, "every": 5, "name": "x"})
    assert parse_fault(fault.shown()) == fault
    plain = parse_fault({**BASE, "times": 2})
    assert parse_fault(plain.shown()) == plain
