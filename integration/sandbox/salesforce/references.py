"""`@{ref.field}` in composite bodies: what an earlier subrequest was answered, put into a later one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from integration.sandbox.salesforce.api_errors import ApiError

_PLACE = re.compile(r"@\{([^}]*)\}")
_REFERENCE = re.compile(r"([A-Za-z0-9]\w*)((?:\[\d+\]|\.\w+)+)", re.ASCII)
_STEP = re.compile(r"\[(\d+)\]|\.(\w+)", re.ASCII)
REFERENCE_ID = re.compile(r"[A-Za-z0-9]\w*", re.ASCII)
_NOTHING = object()


def halted(message: str) -> ApiError:
    return ApiError("PROCESSING_HALTED", message)


class References:
    """The answers so far, by reference id.

    :param null_allowed: whether a field that is there and empty may be referred to in a body
    """

    def __init__(self, *, null_allowed: bool) -> None:
        self._answers: dict[str, Any] = {}
        self._null_allowed = null_allowed

    def add(self, reference_id: str, body: Any) -> None:
        self._answers[reference_id] = body

    def in_url(self, url: str) -> str:
        """Raises PROCESSING_HALTED for a reference that leads nowhere."""
        return _PLACE.sub(lambda match: quote(_text(self._value(match[1], null=False)), safe=""), url)

    def in_body(self, body: Any) -> Any:
        """A text that is nothing but a reference takes over the type of the value, too."""
        if isinstance(body, Mapping):
            return {key: self.in_body(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self.in_body(value) for value in body]
        if not isinstance(body, str) or "@{" not in body:
            return body
        whole = _PLACE.fullmatch(body)
        if whole is not None:
            return self._value(whole[1], null=self._null_allowed)
        return _PLACE.sub(lambda match: _text(self._value(match[1], null=False)), body)

    def _value(self, text: str, *, null: bool) -> Any:
        match = _REFERENCE.fullmatch(text)
        found = _NOTHING if match is None else self._walk(match[1], match[2])
        if found is _NOTHING or isinstance(found, (dict, list)) or (found is None and not null):
            name = re.split(r"[.\[]", text, maxsplit=1)[0]
            raise halted(f"Invalid reference specified. No value for {text} found in {name}")
        return found

    def _walk(self, reference_id: str, path: str) -> Any:
        found = self._answers.get(reference_id, _NOTHING)
        for place, name in _STEP.findall(path):
            if place and isinstance(found, list) and int(place) < len(found):
                found = found[int(place)]
            elif name and isinstance(found, Mapping):
                found = found.get(name, _NOTHING)
            else:
                return _NOTHING
        return found


def without_references(url: str) -> str:
    """The url with something plain in the place of each reference, to see what kind of url it is."""
    return _PLACE.sub("x", url)


def referred(*values: Any) -> Iterator[str]:
    """The reference ids that texts anywhere inside the values name."""
    for value in values:
        if isinstance(value, Mapping):
            yield from referred(*value.values())
        elif isinstance(value, list):
            yield from referred(*value)
        elif isinstance(value, str):
            for match in _PLACE.finditer(value):
                yield re.split(r"[.\[]", match[1], maxsplit=1)[0]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
