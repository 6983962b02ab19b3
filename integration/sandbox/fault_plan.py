"""Fault plans: a small YAML or JSON file with a seed.

Same plan and same calls in the same order, same faults.

seed: 7
faults:                       # as POST /faults takes them; `name` sets the stream of chance apart
  - {system: zoho, kind: in_process, method: POST, probability: 0.1}
webhooks: {lose: 0.05, double: 0.05, late: 0.1, late_seconds: [1, 4]}
events: {lose: 0.02, cut: 0.01}
steps:                        # by the clock, in real seconds since the plan began
  - {at: 5s, do: cut_streams}
  - {at: 8s, do: limits, zoho: {day_left: 20}}
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from integration.sandbox.errors import BadInstructionError, BadKeyError
from integration.sandbox.fault import Fault
from integration.sandbox.fault_parsing import parse_fault

OWN_STEPS = frozenset({"fault", "webhooks", "events", "limits", "clock", "revoke_tokens"})
_KEYS = ("seed", "faults", "webhooks", "events", "steps")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m)?")
_DEEPEST = 12
_MOST_NODES = 50_000


@dataclass(frozen=True)
class Step:
    """One incident at its time; `details` are the other keys, as the admin call takes them."""

    place: str
    at: float
    do: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Everything that is to go wrong; None where a section is left out."""

    source: str
    seed: int
    faults: tuple[Fault, ...]
    webhooks: Mapping[str, Any] | None
    events: Mapping[str, Any] | None
    steps: tuple[Step, ...]
    lines: Mapping[str, int]

    def refusal(self, error: BadInstructionError, place: str) -> BadInstructionError:
        """The error with the place in the file: `plan.yaml, line 4, faults.0.kind: ...`."""
        inner = error.key if isinstance(error, BadKeyError) else ""
        return _placed(self.source, self.lines, ".".join(part for part in (place, inner) if part), str(error))


def parse_plan(text: str, source: str, seed: int, incidents: Collection[str]) -> Plan:
    """A plan from the text of a file; `seed` is the one for plans that name none.

    :raises BadInstructionError: with source, line, key, what is wrong and what is allowed
    """
    if text.lstrip().startswith("{"):
        # JSON may be indented with tabs, which YAML forbids; inside its texts they are always escaped.
        text = text.replace("\t", " ")
    lines: dict[str, int] = {}
    found = _Reader(text, source, lines).read()
    try:
        return _plan(found, source, seed, OWN_STEPS.union(incidents), lines)
    except BadKeyError as error:
        raise _placed(source, lines, error.key, str(error)) from error


def _plan(found: object, source: str, seed: int, doings: Collection[str], lines: Mapping[str, int]) -> Plan:
    if not isinstance(found, dict):
        raise BadKeyError("", f"a plan is an object with {', '.join(_KEYS)}")
    for key in found:
        if key not in _KEYS:
            raise BadKeyError(key, f"a plan has no {key!r}; it has {', '.join(_KEYS)}")
    own = found.get("seed", seed)
    if not isinstance(own, int) or isinstance(own, bool):
        raise BadKeyError("seed", f"seed is a whole number, not {own!r}")
    faults = tuple(_fault(spec, place) for place, spec in _listed(found, "faults"))
    for place, fault in enumerate(faults):
        if any(fault.name == other.name for other in faults[:place]):
            raise BadKeyError(f"faults.{place}.name", f"two faults are called {fault.name!r}")
    steps = [_step(spec, place, doings) for place, spec in _listed(found, "steps")]
    return Plan(
        source, own, faults, _section(found, "webhooks"), _section(found, "events"),
        tuple(sorted(steps, key=lambda step: step.at)), lines,
    )  # fmt: skip


def _fault(spec: object, place: str) -> Fault:
    try:
        fault = parse_fault(spec)
    except BadKeyError as error:
        raise BadKeyError(".".join(part for part in (place, error.key) if part), str(error)) from error
    number = place.rpartition(".")[2]
    return fault if fault.name else replace(fault, name=f"{fault.system}-{fault.kind}-{number}")


def _step(spec: object, place: str, doings: Collection[str]) -> Step:
    if not isinstance(spec, dict):
        raise BadKeyError(place, "a step is an object with `at`, `do` and what that needs")
    do = spec.get("do")
    if not isinstance(do, str) or do not in doings:
        raise BadKeyError(f"{place}.do", f"a step does one of {', '.join(sorted(doings))}, not {do!r}")
    match = _SECONDS.fullmatch(str(spec.get("at", 0)))
    if match is None or isinstance(spec.get("at"), bool):
        raise BadKeyError(
            f"{place}.at", f"at is seconds since the plan began, such as 8s, not {spec['at']!r}"
        )
    at = float(match[1]) * (60 if match[2] == "m" else 1)
    details = {key: value for key, value in spec.items() if key not in {"at", "do"}}
    if do == "fault":
        _fault(details, place)
    return Step(place, at, do, details)


def _listed(found: Mapping[str, Any], key: str) -> list[tuple[str, object]]:
    section = found.get(key)
    if section is None:
        return []
    if not isinstance(section, list):
        raise BadKeyError(key, f"{key} is a list, not {section!r}")
    return [(f"{key}.{place}", spec) for place, spec in enumerate(section)]


def _section(found: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    section = found.get(key)
    if section is not None and not isinstance(section, dict):
        raise BadKeyError(key, f"{key} is an object of chances, not {section!r}")
    return section


def _placed(source: str, lines: Mapping[str, int], place: str, message: str) -> BadInstructionError:
    known = place
    while known and known not in lines:
        known = known.rpartition(".")[0]
    line = lines.get(known, 1)
    where = f"{source}, line {line}" + (f", {place}" if place else "")
    return BadInstructionError(f"{where}: {message}")


class _Reader:
    """YAML as plain values, remembering the line of each key; no tags, no repeated keys."""

    def __init__(self, text: str, source: str, lines: dict[str, int]) -> None:
        self._text, self._source, self._lines = text, source, lines
        self._nodes = 0

    def read(self) -> object:
        loader = yaml.SafeLoader(self._text)
        try:
            node = loader.get_single_node()
            return None if node is None else self._value(loader, node, "", 0)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadInstructionError(
                f"{self._source}, line {line}: this is no YAML: {error.problem}"
            ) from error
        except yaml.YAMLError as error:
            raise BadInstructionError(f"{self._source}: this is no YAML: {error}") from error
        finally:
            loader.dispose()

    def _value(self, loader: yaml.SafeLoader, node: yaml.Node, place: str, depth: int) -> object:
        self._nodes += 1
        if depth > _DEEPEST or self._nodes > _MOST_NODES:
            raise self._refusal(node, "a plan is not that deep or large")
        self._lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, each, f"{place}.{n}", depth + 1) for n, each in enumerate(node.value)]
        try:
            return loader.construct_object(node)
        except ValueError as error:
            raise self._refusal(node, str(error)) from error

    def _mapping(
        self, loader: yaml.SafeLoader, node: yaml.MappingNode, place: str, depth: int
    ) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._refusal(key_node, "a key is a text")
            key = str(key_node.value)
            if key in found:
                raise self._refusal(key_node, f"{key!r} is given twice")
            inner = f"{place}.{key}" if place else key
            self._lines[inner] = key_node.start_mark.line + 1
            found[key] = self._value(loader, value_node, inner, depth + 1)
        return found

    def _refusal(self, node: yaml.Node, message: str) -> BadInstructionError:
        return BadInstructionError(f"{self._source}, line {node.start_mark.line + 1}: {message}")
