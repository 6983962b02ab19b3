"""Published OpenAPI files: their operations, what an answer lacks or types otherwise, bodies from examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
METHODS = ("get", "post", "put", "delete")
# Of the editions that the files tell apart, the one that the stand-in's organisation belongs to.
EDITION = "us"
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


@dataclass(frozen=True)
class Operation:
    """One call of one module; `key` is its method and path as published."""

    module: str
    key: str
    document: Any
    declared: Any

    @property
    def method(self) -> str:
        return self.key.split(" ")[0]

    @property
    def path(self) -> str:
        return self.key.split(" ")[1]

    @property
    def status(self) -> int:
        """The one status of success that is declared."""
        (status,) = self.declared["responses"]
        return int(status)

    def answer_schema(self) -> Json | None:
        """Shape of a JSON answer; None where there is none."""
        content = self.declared["responses"][str(self.status)].get("content", {})
        return content.get("application/json", {}).get("schema")

    def answer_keys(self) -> frozenset[str]:
        """The keys of a JSON answer."""
        return frozenset(_Shape(self.document).resolved(self.answer_schema() or {}).get("properties", {}))

    def body_schema(self) -> Json | None:
        """Shape of a JSON body; None where there is none."""
        content = self.declared.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    def differences(self, answer: object) -> Iterator[Difference]:
        """What a JSON answer lacks or types otherwise."""
        schema = self.answer_schema()
        if schema is not None:
            yield from _Shape(self.document).differences(schema, answer, "")

    def example(self) -> Any:
        """A body made of the examples beside each property; what has none is left out."""
        return _Shape(self.document).example(self.body_schema() or {})


@dataclass(frozen=True)
class Difference:
    """One place where an answer is not as published; lists are `[]` in the path."""

    path: str
    problem: str


def operations(folder: Path, modules: tuple[str, ...]) -> list[Operation]:
    """Every operation of these modules, as published."""
    found = []
    for module in modules:
        document = _load(folder / f"{module}.yml")
        found += [
            Operation(module, f"{method.upper()} {path}", document, declared[method])
            for path, declared in document["paths"].items()
            for method in METHODS
            if method in declared
        ]
    return found


@cache
def _load(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def available(schema: Mapping[str, Any]) -> bool:
    """Whether a property belongs to this edition without an add-on."""
    there = schema.get("x-node_available_in")
    return (there is None or EDITION in there) and EDITION not in schema.get("x-node_unavailable_in", ())


@dataclass(frozen=True)
class _Shape:
    document: Any

    def resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
        return schema

    def differences(self, schema: Json, value: object, path: str) -> Iterator[Difference]:
        schema = self.resolved(schema)
        kind = schema.get("type", "object" if "properties" in schema else None)
        # What is absent is an empty text, list or object, whatever the type.
        if value in ("", [], {}) and path:
            return
        if kind == "object" and isinstance(value, dict):
            yield from self._object(schema, value, path)
        elif kind == "array" and isinstance(value, list):
            for each in value:
                yield from self.differences(schema.get("items") or {}, each, f"{path}[]")
        elif kind in _SCALARS and _fits(kind, value):
            return
        elif kind is not None:
            yield Difference(path, f"{type(value).__name__} instead of {kind}")
            if kind == "array" and isinstance(value, dict):
                yield from self.differences(schema.get("items") or {}, value, path)

    def _object(self, schema: Json, value: Json, path: str) -> Iterator[Difference]:
        for name, declared in schema.get("properties", {}).items():
            here = f"{path}.{name}".removeprefix(".")
            if name in value:
                yield from self.differences(declared, value[name], here)
            elif available(self.resolved(declared)):
                yield Difference(here, "absent")

    def example(self, schema: Json) -> Any:
        schema = self.resolved(schema)
        if "properties" in schema:
            shown = {
                name: self.example(declared)
                for name, declared in schema["properties"].items()
                if available(self.resolved(declared))
            }
            return {name: value for name, value in shown.items() if value not in (None, {}, [])}
        if schema.get("type") == "array":
            inner = self.example(schema.get("items") or {})
            return [] if inner in (None, {}, []) else [inner]
        found = schema.get("example")
        # The files write many texts without quotes, so that YAML reads numbers.
        return str(found) if schema.get("type") == "string" and isinstance(found, int | float) else found


def _fits(kind: str, value: object) -> bool:
    return isinstance(value, _SCALARS[kind]) and (kind == "boolean" or not isinstance(value, bool))
