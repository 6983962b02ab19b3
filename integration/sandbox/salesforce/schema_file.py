"""Custom objects and fields from a file, as an administrator would have set them up before the start.

Shape, as YAML or JSON; the attributes are those of `ObjectDef` and `FieldDef`:

    objects:
      - name: Shelf__c
        label: Shelf
        fields:
          - {name: Code__c, type: string, length: 20, external_id: true, unique: true}
          - {name: Product__c, type: reference, reference_to: [Product2], child_relationship: Shelves__r}
      - name: Product2
        fields:
          - {name: Colour__c, type: picklist, length: 40, picklist: [Red, Blue], restricted: true}

A new object gets `Name`, `OwnerId` and a key prefix where it names none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, FieldDef, ObjectDef, Schema

_CUSTOM_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?!_))*(?<!_)__c", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9]{3}", re.ASCII)
_PLAIN_TYPES = frozenset({"boolean", "date", "datetime", "time", "reference"})
_TYPES = TEXT_TYPES | NUMBER_TYPES | _PLAIN_TYPES
_LONGEST = {"textarea": 131_072, "multipicklist": 4099}
_USUAL: Mapping[str, Mapping[str, int]] = {
    "picklist": {"length": 255},
    "combobox": {"length": 255},
    "multipicklist": {"length": 4099},
    "email": {"length": 80},
    "phone": {"length": 40},
    "url": {"length": 255},
    **{kind: {"precision": 18} for kind in NUMBER_TYPES},
}
"""Sizes that nobody has to give."""
_CHOICES = ("clear", "cascade", "restrict", "keep")
_JSON_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "a text"),
    "str | None": (str, "a text"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "Value": ((str, int, float, bool), "a text, a number, true or false"),
    "tuple[str, ...]": (list, "a list of texts"),
}
_FIELD_KINDS = {f.name: _JSON_KINDS[str(f.type)] for f in fields(FieldDef)}
_OBJECT_KINDS = {f.name: _JSON_KINDS[str(f.type)] for f in fields(ObjectDef) if str(f.type) in _JSON_KINDS}
_NAME = {"name": "Name", "type": "string", "length": 80}
_OWNER = {
    "name": "OwnerId",
    "type": "reference",
    "reference_to": ["User"],
    "nillable": False,
    "default": "$user",
}


def read_definitions(path: Path, schema: Schema) -> tuple[dict[str, Any], ...]:
    """What the file declares beyond the schema, ready for `Schema.declare`.

    :raises BadInstructionError: with the file, the place in it and what to do
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInstructionError(
            f"{path} cannot be read ({error.strerror}); name a file that exists"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInstructionError(f"{path} is neither YAML nor JSON: {error}") from error
    return tuple(_Reader(path, schema).read(found))


class _Reader:
    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._names = {definition.name: definition for definition in schema}
        self._prefixes = {definition.key_prefix for definition in schema}

    def read(self, found: Any) -> Iterator[dict[str, Any]]:
        listed = found.get("objects") if isinstance(found, dict) and set(found) == {"objects"} else found
        if not isinstance(listed, list) or not all(isinstance(raw, dict) for raw in listed):
            raise self._wrong("top", "write a list `objects` of objects with name and fields")
        # Objects may point to each other, whichever comes first.
        declared = {str(raw.get("name")) for raw in listed}
        for number, raw in enumerate(listed):
            yield self._object(f"objects[{number}]", raw, declared | set(self._names))

    def _object(self, place: str, raw: dict[str, Any], targets: set[str]) -> dict[str, Any]:
        place = f"{place} ({raw.get('name')})"
        self._check_kinds(place, {k: v for k, v in raw.items() if k != "fields"}, _OBJECT_KINDS, ("name",))
        listed = raw.get("fields", [])
        if not isinstance(listed, list) or not all(isinstance(field, dict) for field in listed):
            raise self._wrong(place, "write `fields` as a list of fields with name and type")
        known = self._schema.find(raw["name"])
        if known is not None and set(raw) - {"name", "fields"}:
            raise self._wrong(place, "the org has this object; name only `fields` to add to it")
        names = [str(field.get("name")) for field in listed]
        for number, field in enumerate(listed):
            self._check_field(f"{place}.fields[{number}]", field, known, targets)
            if names.count(names[number]) > 1:
                raise self._wrong(f"{place}.fields[{number}]", f"{names[number]} stands there twice")
        sized = [{**_USUAL.get(field["type"], {}), **field} for field in listed]
        if known is not None:
            return {"name": known.name, "fields": sized}
        return self._new(place, raw, sized)

    def _new(self, place: str, raw: dict[str, Any], listed: list[dict[str, Any]]) -> dict[str, Any]:
        if not _CUSTOM_NAME.fullmatch(raw["name"]):
            raise self._wrong(place, "end the name of a new object in __c, as in Shelf__c")
        free = (f"a{number:02d}" for number in range(1, 100) if f"a{number:02d}" not in self._prefixes)
        prefix = str(raw.get("key_prefix") or next(free))
        if not _PREFIX.fullmatch(prefix) or prefix in self._prefixes:
            raise self._wrong(place, f"key_prefix {prefix!r} is taken or not three letters or digits")
        self._prefixes.add(prefix)
        names = {field["name"] for field in listed}
        own = [field for field in (_OWNER, _NAME) if field["name"] not in names]
        return {**raw, "key_prefix": prefix, "fields": [*own, *listed]}

    def _check_field(
        self, place: str, raw: dict[str, Any], known: ObjectDef | None, targets: set[str]
    ) -> None:
        place = f"{place} ({raw.get('name')})"
        self._check_kinds(place, raw, _FIELD_KINDS, ("name", "type"))
        custom = _CUSTOM_NAME.fullmatch(raw["name"]) is not None
        if not custom and (known is not None or raw["name"] != "Name"):
            raise self._wrong(place, "end the name of a new field in __c, as in Colour__c")
        if known is not None and known.find(raw["name"]) is not None:
            raise self._wrong(place, "the object has this field already; choose another name")
        kind = raw["type"]
        if kind not in _TYPES:
            raise self._wrong(place, f"type {kind!r} is none of {', '.join(sorted(_TYPES))}")
        self._check_size(place, raw, kind)
        if kind == "reference" and not set(raw.get("reference_to", ())) & targets:
            raise self._wrong(place, "name in `reference_to` an object the org or the file has")
        if raw.get("on_parent_delete", "clear") not in _CHOICES:
            raise self._wrong(place, f"on_parent_delete is one of {', '.join(_CHOICES)}")

    def _check_size(self, place: str, raw: dict[str, Any], kind: str) -> None:
        longest = _LONGEST.get(kind, 255)
        length = raw.get("length", _USUAL.get(kind, {}).get("length", 0))
        if kind in TEXT_TYPES and not 1 <= length <= longest:
            raise self._wrong(place, f"give a {kind} a `length` from 1 to {longest}")
        precision, scale = raw.get("precision", 18), raw.get("scale", 0)
        if kind in NUMBER_TYPES and not 0 <= scale <= precision <= 18:
            raise self._wrong(place, "`precision` is at most 18 and `scale` at most `precision`")

    def _check_kinds(
        self,
        place: str,
        raw: dict[str, Any],
        kinds: Mapping[str, tuple[type | tuple[type, ...], str]],
        needed: tuple[str, ...],
    ) -> None:
        lacking = [name for name in needed if name not in raw]
        if lacking:
            raise self._wrong(place, f"add {' and '.join(lacking)}")
        for name, value in raw.items():
            if name not in kinds:
                raise self._wrong(place, f"{name!r} is none of {', '.join(sorted(kinds))}")
            kind, shown = kinds[name]
            fits = isinstance(value, kind) and (kind is not int or not isinstance(value, bool))
            if not fits or (kind is list and not all(isinstance(one, str) for one in value)):
                raise self._wrong(place, f"write {name} as {shown}, not {value!r}")

    def _wrong(self, place: str, advice: str) -> BadInstructionError:
        return BadInstructionError(f"{self._path}, {place}: {advice}")
