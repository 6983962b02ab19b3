"""SOQL text to tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from integration.sandbox.salesforce.soql_errors import QueryError, malformed

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d)
      | (?P<time>\d\d:\d\d:\d\d(?:\.\d+)?Z)
      | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<span>[A-Za-z_]+:\d+)
      | (?P<currency>[A-Za-z]{3}\d+(?:\.\d+)?(?![A-Za-z0-9_.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_LONGEST_QUERY = 100_000
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """A piece of the query; `word` is upper case, so that keywords compare plainly.

    Kind `currency` is a name, too, where a name may stand: `USD5` looks like one.
    """

    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text


def tokens_of(query: str) -> list[Token]:
    """The tokens with an `end` token last. Raises MALFORMED_QUERY at the first foreign character."""
    if len(query) > _LONGEST_QUERY:
        raise malformed(f"SOQL statements cannot be longer than {_LONGEST_QUERY} characters.")
    found: list[Token] = []
    position = 0
    text = query.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            at = position + len(text[position:]) - len(text[position:].lstrip())
            raise malformed(f"line 1:{at} no viable alternative at character '{text[at]}'")
        kind = str(match.lastgroup)
        found.append(Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    return [*found, Token("end", "<EOF>", len(text))]


def unescape(raw: str, at: int) -> str:
    """The value of a quoted string. Raises MALFORMED_QUERY for an escape SOQL does not know."""
    if "\\" not in raw:
        return raw[1:-1]
    return "".join(character for character, _ in characters(raw, at))


def characters(raw: str, at: int) -> list[tuple[str, bool]]:
    """Each character of a quoted string and whether it was escaped, which LIKE needs for % and _."""
    found: list[tuple[str, bool]] = []
    body = raw[1:-1]
    position = 0
    while position < len(body):
        if body[position] != "\\":
            found.append((body[position], False))
            position += 1
            continue
        sign = body[position + 1]
        if sign == "u" and re.fullmatch(r"[0-9A-Fa-f]{4}", body[position + 2 : position + 6]):
            found.append((chr(int(body[position + 2 : position + 6], 16)), True))
            position += 6
            continue
        found.append((_escaped(sign, at), True))
        position += 2
    return found


def _escaped(sign: str, at: int) -> str:
    if sign in {"%", "_"}:
        return sign
    value = _ESCAPES.get(sign.lower() if sign.isalpha() else sign)
    if value is None:
        raise malformed(f"Illegal string: invalid escape sequence '\\{sign}'", at)
    return value


def unexpected(token: Token) -> QueryError:
    return malformed(f"unexpected token: '{token.text}'", token.at)
