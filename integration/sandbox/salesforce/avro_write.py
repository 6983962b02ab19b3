"""Avro's binary form, compiled per schema: events are many and most of their fields empty."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Write: TypeAlias = Callable[[Any, bytearray], None]
_DOUBLE = struct.Struct("<d")
_NULL = 0


def encoder_of(schema: Any) -> Callable[[Mapping[str, Any]], bytes]:
    """Writes bodies of the schema; fields that are missing are null where the schema allows it."""
    write = _Compiler().write_of(schema)

    def encode(body: Mapping[str, Any]) -> bytes:
        out = bytearray()
        write(body, out)
        return bytes(out)

    return encode


class _Compiler:
    """One schema; it may name a record again that it has defined before."""

    def __init__(self) -> None:
        self._named: dict[str, Write] = {}

    def write_of(self, schema: Any) -> Write:
        if isinstance(schema, list):
            return self._union(schema)
        kind = schema["type"] if isinstance(schema, dict) else schema
        if kind in _PLAIN:
            return _PLAIN[kind]
        if kind == "array":
            return _array(self.write_of(schema["items"]))
        if kind == "enum":
            return self._keep(schema["name"], _enum(schema["symbols"]))
        if kind == "record":
            return self._keep(schema["name"], self._record(schema["fields"]))
        return self._named[str(kind).rpartition(".")[2]]

    def _keep(self, name: str, write: Write) -> Write:
        self._named[name.rpartition(".")[2]] = write
        return write

    def _record(self, fields: list[dict[str, Any]]) -> Write:
        parts = []
        for field in fields:
            kind = field["type"]
            nullable = isinstance(kind, list) and kind[0] == "null"
            parts.append((field["name"], self.write_of(kind), nullable))

        def write(value: Any, out: bytearray) -> None:
            for name, write_part, nullable in parts:
                part = value.get(name)
                if part is None and nullable:
                    out.append(_NULL)
                else:
                    write_part(part, out)

        return write

    def _union(self, branches: list[Any]) -> Write:
        by_type: dict[type, tuple[int, Write]] = {}
        for number, branch in enumerate(branches):
            for python_type in _types_of(branch):
                by_type.setdefault(python_type, (2 * number, self.write_of(branch)))

        def write(value: Any, out: bytearray) -> None:
            tag, write_branch = by_type[type(value)]
            out.append(tag)
            write_branch(value, out)

        return write


def _types_of(branch: Any) -> tuple[type, ...]:
    kind = branch["type"] if isinstance(branch, dict) else branch
    return _TYPES.get(kind, (dict,))


def _whole(value: int, out: bytearray) -> None:
    if 0 <= value < 64:
        out.append(value * 2)
        return
    rest = value * 2 if value >= 0 else -value * 2 - 1
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)


def _string(value: str, out: bytearray) -> None:
    raw = value.encode()
    size = len(raw)
    if size < 64:
        out.append(size * 2)
    else:
        _whole(size, out)
    out += raw


def _boolean(value: object, out: bytearray) -> None:
    out.append(1 if value else 0)


def _double(value: float, out: bytearray) -> None:
    out += _DOUBLE.pack(value)


def _nothing(_value: object, _out: bytearray) -> None:
    """Null has no bytes."""


def _array(write_item: Write) -> Write:
    def write(value: Any, out: bytearray) -> None:
        if value:
            _whole(len(value), out)
            for item in value:
                write_item(item, out)
        out.append(_NULL)

    return write


def _enum(symbols: list[str]) -> Write:
    numbers = {symbol: number for number, symbol in enumerate(symbols)}
    return lambda value, out: _whole(numbers[value], out)


_PLAIN: dict[str, Write] = {
    "null": _nothing,
    "string": _string,
    "int": _whole,
    "long": _whole,
    "double": _double,
    "boolean": _boolean,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "string": (str,),
    "int": (int,),
    "long": (int,),
    "double": (float, int),
    "boolean": (bool,),
    "array": (list, tuple),
}
