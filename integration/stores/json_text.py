"""JSON as text: orjson for speed, the standard library for what orjson refuses (lone surrogates, huge
integers).
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_SURROGATE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


class Encoded(str):
    """JSON text made by `dumps`, which is stored as it is."""

    __slots__ = ()


def dumps(value: object) -> Encoded:
    """Compact JSON text, as a reader gets it back.

    NUL and lone surrogates become U+FFFD, because PostgreSQL has no place for them; integers beyond 64 bits
    become text.
    """
    if type(value) is Encoded:
        return value
    try:
        text = orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, TypeError):
        text = json.dumps(_cleaned(value), separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return Encoded(_NUL_ESCAPE.sub(r"\1\\ufffd", text) if "\\u0000" in text else text)


def _cleaned(value: object) -> object:
    if isinstance(value, int) and value.bit_length() > 63:
        return str(value)  # a reader would make it a float
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _cleaned(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(one) for one in value]
    return value


def loads(text: str | bytes) -> Any:  # noqa: ANN401 (JSON may be anything)
    """The inverse of `dumps`."""
    return orjson.loads(text.encode() if type(text) is Encoded else text)  # it takes no subclass of str


def clean(text: str) -> str:
    """Text that both engines can store: NUL and lone surrogates become U+FFFD."""
    if text.isascii():
        return text.replace("\x00", REPLACEMENT) if "\x00" in text else text
    return _SURROGATE.sub(REPLACEMENT, text).replace("\x00", REPLACEMENT)
