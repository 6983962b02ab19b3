"""SOQL tokens to a query. What is not in this grammar is MALFORMED_QUERY."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from integration.sandbox.salesforce.api_errors import malformed_query
from integration.sandbox.salesforce.soql_tokens import Token, tokens_of, unexpected

_CLAUSES = frozenset(
    {"FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "WITH", "FOR", "USING", "ALL"}
)
_SIGNS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})


@dataclass(frozen=True)
class Literal:
    """A value as written: kind is string, number, date, datetime, boolean or null."""

    kind: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """`field sign values`; only IN and NOT IN have more than one value."""

    path: str
    sign: str
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Not:
    inner: Condition


@dataclass(frozen=True)
class Group:
    """Conditions joined by AND or by OR."""

    word: str
    members: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Not | Group


@dataclass(frozen=True)
class Ordering:
    path: str
    descending: bool
    nulls_first: bool


@dataclass(frozen=True)
class Query:
    """A parsed query; `count` is `COUNT()`, `counted` is the field of `COUNT(field)`."""

    object_name: str
    paths: tuple[str, ...]
    count: bool = False
    counted: str | None = None
    where: Condition | None = None
    order: tuple[Ordering, ...] = field(default=())
    limit: int | None = None
    offset: int = 0


class Parser:
    """Recursive descent over the tokens of one query."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._at = 0

    def query(self) -> Query:
        """Raises MALFORMED_QUERY for anything outside the supported grammar."""
        self._expect("SELECT")
        paths, count, counted = self._selection()
        self._expect("FROM")
        # Objects may be called like clauses: Order, Group.
        name = self._name(words_too=True)
        where = self._condition() if self._take("WHERE") else None
        order = self._ordering() if self._take("ORDER") else ()
        limit = self._whole() if self._take("LIMIT") else None
        offset = self._whole() if self._take("OFFSET") else 0
        if self._peek().kind != "end":
            raise unexpected(self._peek())
        return Query(name, paths, count, counted, where, order, limit, offset or 0)

    def _selection(self) -> tuple[tuple[str, ...], bool, str | None]:
        if self._peek().word == "COUNT" and self._tokens[self._at + 1].text == "(":
            self._at += 2
            counted = None if self._peek().text == ")" else self._name()
            self._expect(")")
            return (), counted is None, counted
        paths = [self._name()]
        while self._take(","):
            paths.append(self._name())
        seen: set[str] = set()
        for path in paths:
            if path.lower() in seen:
                raise malformed_query(f"duplicate field selected: {path}")
            seen.add(path.lower())
        return tuple(paths), False, None

    def _condition(self) -> Condition:
        first = self._factor()
        word = self._peek().word
        if word not in {"AND", "OR"}:
            return first
        members = [first]
        while self._take(word):
            members.append(self._factor())
        # AND and OR on one level are refused: the language asks for parentheses.
        if self._peek().word in {"AND", "OR"}:
            raise unexpected(self._peek())
        return Group(word, tuple(members))

    def _factor(self) -> Condition:
        if self._take("NOT"):
            return Not(self._factor())
        if self._take("("):
            inner = self._condition()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        path = self._name()
        token = self._next()
        if token.text in _SIGNS:
            sign = "!=" if token.text == "<>" else token.text
            return Comparison(path, sign, (self._literal(),))
        if token.word == "LIKE":
            return Comparison(path, "LIKE", (self._literal(),))
        if token.word == "IN":
            return Comparison(path, "IN", self._list())
        if token.word == "NOT":
            self._expect("IN")
            return Comparison(path, "NOT IN", self._list())
        raise unexpected(token)

    def _list(self) -> tuple[Literal, ...]:
        self._expect("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._expect(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind in {"string", "number", "date", "datetime"}:
            return Literal(token.kind, token.text)
        if token.word in {"TRUE", "FALSE"}:
            return Literal("boolean", token.word)
        if token.word == "NULL":
            return Literal("null", token.word)
        raise unexpected(token)

    def _ordering(self) -> tuple[Ordering, ...]:
        self._expect("BY")
        found = [self._order_term()]
        while self._take(","):
            found.append(self._order_term())
        return tuple(found)

    def _order_term(self) -> Ordering:
        path = self._name()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        nulls_first = True
        if self._take("NULLS"):
            nulls_first = self._take("FIRST")
            if not nulls_first:
                self._expect("LAST")
        return Ordering(path, descending, nulls_first)

    def _whole(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            raise unexpected(token)
        return int(token.text)

    def _name(self, *, words_too: bool = False) -> str:
        token = self._next()
        if token.kind != "name" or (token.word in _CLAUSES and not words_too):
            raise unexpected(token)
        return token.text

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def _take(self, word: str) -> bool:
        if self._peek().word != word or self._peek().kind == "string":
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise unexpected(self._peek())
