"""Faults from JSON or YAML: what each key takes, and what is said when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from integration.sandbox.errors import BadKeyError
from integration.sandbox.fault import Fault
from integration.sandbox.fault_kinds import KINDS, SYSTEMS, kinds_of

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_FIELDS = {"from": "begin", "until": "end"}
_WAYS_TO_NAME_PATHS = ("path_prefix", "path", "path_pattern")


def parse_fault(spec: object) -> Fault:
    """A fault from the admin's JSON.

    :raises BadKeyError: a key or value that does not exist; it names the key and what is allowed
    """
    if not isinstance(spec, Mapping):
        raise BadKeyError("", "a fault is an object")
    for key, value in spec.items():
        if key not in _CHECKS:
            raise BadKeyError(str(key), f"a fault has no {key!r}; it has {', '.join(_CHECKS)}")
        if value is not None and not _CHECKS[key][0](value):
            raise BadKeyError(key, f"fault.{key} takes {_CHECKS[key][1]}, not {value!r}")
    _check_kind(spec)
    named = [key for key in _WAYS_TO_NAME_PATHS if spec.get(key)]
    if len(named) > 1:
        raise BadKeyError(named[1], f"a fault names its paths in one way, not by {' and '.join(named)}")
    return Fault(**_fields(spec))


def _check_kind(spec: Mapping[str, Any]) -> None:
    for key, allowed in (("system", SYSTEMS), ("kind", KINDS)):
        if key not in spec:
            raise BadKeyError(key, f"a fault needs {key}, one of {', '.join(sorted(allowed))}")
    known = kinds_of(spec["system"])
    if spec["kind"] not in known:
        raise BadKeyError("kind", f"{spec['system']} has the kinds {', '.join(known)}, not {spec['kind']!r}")
    if spec["kind"] == "bus_error" and not spec.get("code"):
        raise BadKeyError("code", "a bus_error needs `code`, such as service.unavailable")


def _fields(spec: Mapping[str, Any]) -> dict[str, Any]:
    given = {_FIELDS.get(key, key): value for key, value in spec.items() if value is not None}
    if "seconds" in given:
        seconds = given["seconds"]
        low, high = seconds if isinstance(seconds, list) else (seconds, seconds)
        given["seconds"] = (float(low), float(high))
    if "records" in given:
        given["records"] = tuple(given["records"])
    if "method" in given:
        found = given["method"]
        given["method"] = ",".join([found] if isinstance(found, str) else found).upper()
    if given.keys() & {"probability", "every", "end"}:
        given.setdefault("times", 0)
    return given


def _number(low: float, high: float = float("inf")) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    )


def _whole(low: int, high: float = float("inf")) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text(value: object) -> bool:
    return isinstance(value, str)


def _is_pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _is_method(value: object) -> bool:
    names = value.split(",") if isinstance(value, str) else value
    return isinstance(names, list) and all(isinstance(n, str) and n.upper() in {*_METHODS, ""} for n in names)


def _is_span(value: object) -> bool:
    number = _number(0)
    if isinstance(value, list):
        return len(value) == 2 and all(number(each) for each in value) and value[0] <= value[1]
    return number(value)


def _are_positions(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_whole(0)(each) for each in value)


_CHECKS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "system": (lambda value: _text(value) and value in SYSTEMS, f"one of {', '.join(sorted(SYSTEMS))}"),
    "kind": (lambda value: _text(value) and value in KINDS, f"one of {', '.join(KINDS)}"),
    "name": (_text, "a text"),
    "method": (_is_method, f"one or more of {', '.join(_METHODS)}"),
    "path_prefix": (_text, "the beginning of a path"),
    "path": (_text, "a path with * for anything within a part and ** for anything"),
    "path_pattern": (_is_pattern, "a regular expression for the whole path"),
    "status": (_whole(200, 599), "an HTTP status of 200 to 599"),
    "body": (lambda _: True, "anything"),
    "code": (_text, "the code of an error of the event bus"),
    "seconds": (_is_span, "a number, or a list of the least and the most"),
    "records": (_are_positions, "a list of positions, 0 for the first"),
    "after_commit": (lambda value: isinstance(value, bool), "true or false"),
    "probability": (_number(0, 1), "a number between 0 and 1"),
    "times": (_whole(0), "how often, 0 for without end"),
    "skip": (_whole(0), "how many matching calls pass before"),
    "every": (_whole(1), "which matching calls: 3 for the third, sixth, ..."),
    "from": (_number(0), "seconds since the beginning"),
    "until": (_number(0), "seconds since the beginning"),
}  # fmt: skip
