"""Whether two canonical values mean the same, so that a difference in writing is never taken for a change."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from integration.canonical.values import Value, is_blank

_SPACES = re.compile(r"\s+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_EMAILS = frozenset({"email"})
_PHONES = frozenset({"phone", "mobile", "fax"})
_URLS = frozenset({"website", "url"})


def same(entity: str, field: str, a: Value, b: Value) -> bool:  # noqa: ARG001 - equality may differ by entity
    """Equal for a person: blanks are equal, numbers are compared by value, texts after trimming and line
    ends.
    """
    if (a.__class__ is b.__class__ and a == b) or is_blank(a) or is_blank(b):
        return a == b or (is_blank(a) and is_blank(b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, str) and isinstance(b, str):
        word = field.rpartition(".")[2]
        return _normal(word, a) == _normal(word, b)
    if isinstance(a, datetime) and isinstance(b, datetime):
        return _same_moment(a, b)
    if isinstance(a, date) or isinstance(b, date):
        return type(a) is type(b) and a == b
    return _same_number(a, b)


def _normal(word: str, text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if word in _EMAILS:
        return text.lower()
    if word in _PHONES:
        return _SPACES.sub(" ", text)
    return _url(text) if word in _URLS else text


def _url(text: str) -> str:
    # Both systems show a site that was typed without a scheme as http; https is another address.
    scheme, host_and_path = _SCHEME.match(text), _SCHEME.sub("", text, count=1)
    host, slash, path = host_and_path.partition("/")
    start = scheme.group().lower() if scheme else "http://"
    return f"{start}{host.lower()}{slash if path else ''}{path.rstrip('/')}"


def _same_moment(a: datetime, b: datetime) -> bool:
    if (a.tzinfo is None) != (b.tzinfo is None):
        return False
    return a.replace(microsecond=0) == b.replace(microsecond=0)


def _same_number(a: Value, b: Value) -> bool:
    try:
        return Decimal(str(a).strip()) == Decimal(str(b).strip())
    except InvalidOperation:
        return False
