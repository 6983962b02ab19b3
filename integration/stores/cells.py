"""Cells of a side as compact JSON, and other facts of the line's dataclasses by name.

Shape: `{"p": [[at, generation, arrival, is_read], …], "c": {field: [value, n, {other facts}]}}`, where n is
the place of the cell's position in "p": a full read gives many cells one position. Facts at their default are
left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from operator import attrgetter
from typing import Any, cast

from integration.canonical.event import Position
from integration.canonical.values import Json, Value, decode_value, encode_value
from integration.policy.state import Cell

NOWHERE = Position()
_PLAIN = (str, int, bool, type(None))
_SHORT = {
    "sent": "s",
    "has_sent": "h",
    "written": "w",
    "own": "o",
    "prior": "p",
    "late": "l",
    "late_until": "u",
    "late_at": "a",
    "again": "g",
}
_LONG = {short: name for name, short in _SHORT.items()}


def encode_position(position: Position) -> list[Json]:
    """A position as `[at, generation, arrival, is_read]`."""
    return [position.at, position.generation, position.arrival, position.is_read]


def decode_position(told: Sequence[Any]) -> Position:
    """The inverse of `encode_position`."""
    return Position(*told)


def _default(one: Field[Any]) -> object:
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else None


_CELL_FACTS = tuple((f.name, _default(f)) for f in fields(Cell) if f.name not in {"value", "position"})
_cell_facts = attrgetter(*(name for name, _ in _CELL_FACTS))
_NO_FACTS = tuple(default for _, default in _CELL_FACTS)


class _Positions:
    """Numbers positions in order of first use; equal ones share a number."""

    def __init__(self) -> None:
        self.listed: list[Json] = []
        self._by_identity: dict[int, int] = {}
        self._by_value: dict[Position, int] = {}

    def number(self, position: Position) -> int:
        known = self._by_identity.get(id(position))
        if known is None:
            known = self._by_value.get(position)
            if known is None:
                known = self._by_value[position] = len(self.listed)
                self.listed.append(encode_position(position))
            self._by_identity[id(position)] = known
        return known


def encode_cells(cells: Mapping[str, Cell]) -> dict[str, Json]:
    """Cells as JSON; see the top of the module."""
    if not cells:
        return {}
    positions = _Positions()
    encoded: dict[str, Json] = {}
    for name, cell in cells.items():
        value = cell.value
        plain: Json = value if value.__class__ in _PLAIN else encode_value(value)
        told: list[Json] = [plain, positions.number(cell.position)]
        facts = _cell_facts(cell)
        if facts != _NO_FACTS:
            told.append(_encode_cell_facts(facts, positions))
        encoded[name] = told
    return {"p": positions.listed, "c": encoded}


def _encode_cell_facts(facts: tuple[Any, ...], positions: _Positions) -> dict[str, Json]:
    told: dict[str, Json] = {}
    for (name, default), value in zip(_CELL_FACTS, facts, strict=True):
        if value == default:
            continue
        if isinstance(value, Position):
            encoded: Json = positions.number(value)
        elif isinstance(value, tuple):
            encoded = [encode_value(one) for one in value]
        else:
            encoded = encode_value(value)
        told[_SHORT.get(name, name)] = encoded
    return told


def decode_cells(told: Mapping[str, Any]) -> dict[str, Cell]:
    """The inverse of `encode_cells`."""
    if not told:
        return {}
    positions = [Position(*one) for one in told["p"]]
    cells: dict[str, Cell] = {}
    for name, parts in told["c"].items():
        value = parts[0]
        if value.__class__ is dict:
            value = decode_value(value)
        cell = Cell(value, positions[parts[1]], NOWHERE)
        if len(parts) > 2:
            _set_cell_facts(cell, parts[2], positions)
        cells[name] = cell
    return cells


def _set_cell_facts(cell: Cell, facts: Mapping[str, Any], positions: list[Position]) -> None:
    for short, told in facts.items():
        name = _LONG.get(short, short)
        current = getattr(cell, name)
        value: Position | tuple[Value, ...] | Value
        if isinstance(current, Position):
            value = positions[told]
        elif isinstance(current, tuple):
            value = tuple(decode_value(one) for one in told)
        else:
            value = decode_value(told)
        setattr(cell, name, value)


class Facts:
    """The fields of a dataclass that have no column of their own, as one JSON document by name."""

    def __init__(self, kind: type[Any], *, columns: frozenset[str]) -> None:
        own = [f for f in fields(kind) if f.name not in columns]
        self._names = tuple(f.name for f in own)
        self._defaults = tuple(_default(f) for f in own)
        self._decoders = {f.name: _decoder(_default(f)) for f in own}
        self._get: Callable[[Any], tuple[Any, ...]] = _getter(self._names)

    def encode(self, thing: object) -> dict[str, Json]:
        """Those not at their default."""
        values = self._get(thing)
        if values == self._defaults:
            return {}
        told = zip(self._names, self._defaults, values, strict=True)
        return {name: _encode_fact(value) for name, default, value in told if value != default}

    def decode(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Keyword arguments for the dataclass; names it does not have any more are dropped."""
        if not told:
            return {}
        return {name: self._decoders[name](one) for name, one in told.items() if name in self._decoders}


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda thing: tuple(getattr(thing, name) for name in names)


def _encode_fact(value: object) -> Json:
    if isinstance(value, Position):
        return encode_position(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return cast("Json", value)


def _decoder(default: object) -> Callable[[Any], Any]:
    if isinstance(default, Position):
        return decode_position
    if isinstance(default, tuple | frozenset | set):
        return type(default)
    return lambda told: told
