"""The WHERE clause, from tokens to a tree."""

from __future__ import annotations

from collections.abc import Callable

from integration.sandbox.salesforce.soql_cursor import Cursor
from integration.sandbox.salesforce.soql_dates import is_fiscal, is_span
from integration.sandbox.salesforce.soql_errors import function_refused, malformed, unsupported
from integration.sandbox.salesforce.soql_tokens import unexpected
from integration.sandbox.salesforce.soql_tree import Comparison, Condition, Group, Literal, Not

_SIGNS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_LISTS = frozenset({"IN", "INCLUDES", "EXCLUDES"})
_PLAIN = frozenset({"string", "number", "currency", "date", "datetime", "time"})
_DEEPEST = 50


class ConditionParser:
    """Recursive descent. AND, OR and NOT are never mixed on one level: the language asks for parentheses."""

    def __init__(self, cursor: Cursor, *, not_stands_alone: bool) -> None:
        self._cursor = cursor
        self._not_stands_alone = not_stands_alone
        self._depth = 0

    def condition(self) -> Condition:
        """Raises MALFORMED_QUERY where the tokens are no condition."""
        if self._not_stands_alone and self._cursor.sees("NOT"):
            return self._negated()
        first = self._factor()
        word = self._cursor.peek().word
        if word not in {"AND", "OR"} or not self._cursor.sees(word):
            return first
        members = [first]
        while self._cursor.take(word):
            members.append(self._factor())
        if self._cursor.sees("AND") or self._cursor.sees("OR"):
            raise self._cursor.unexpected()
        return Group(word, tuple(members))

    def _negated(self) -> Condition:
        found = Not(self._negatable())
        if self._cursor.sees("AND") or self._cursor.sees("OR"):
            raise self._cursor.unexpected()
        return found

    def _negatable(self) -> Condition:
        self._cursor.expect("NOT")
        return self._factor()

    def _factor(self) -> Condition:
        if self._cursor.sees("NOT"):
            if self._not_stands_alone:
                raise self._cursor.unexpected()
            return self._deeper(lambda: Not(self._negatable()))
        if self._cursor.take("("):
            inner = self._deeper(self.condition)
            self._cursor.expect(")")
            return inner
        return self._comparison()

    def _deeper(self, parse: Callable[[], Condition]) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            message = (
                "Query is either selecting too many fields or the filter conditions are too complicated."
            )
            raise malformed(message, self._cursor.peek().at)
        found = parse()
        self._depth -= 1
        return found

    def _comparison(self) -> Comparison:
        path = self._cursor.name()
        if self._cursor.sees("("):
            raise function_refused(path, "in a filter")
        token = self._cursor.next()
        if token.kind == "sign" and token.text in _SIGNS:
            return Comparison(path, "!=" if token.text == "<>" else token.text, (self._literal(),))
        if token.kind != "name":
            raise unexpected(token)
        if token.word == "LIKE":
            return Comparison(path, "LIKE", (self._literal(),))
        if token.word in _LISTS:
            return Comparison(path, token.word, self._list())
        if token.word == "NOT":
            self._cursor.expect("IN")
            return Comparison(path, "NOT IN", self._list())
        raise unexpected(token)

    def _list(self) -> tuple[Literal, ...]:
        self._cursor.expect("(")
        if self._cursor.sees("SELECT"):
            raise unsupported("semi-join or anti-join", "SELECT", self._cursor.peek().at)
        values = [self._literal()]
        while self._cursor.take(","):
            values.append(self._literal())
        self._cursor.expect(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._cursor.next()
        if token.kind in _PLAIN:
            return Literal(token.kind, token.text, token.at)
        word = token.text.upper()
        if token.kind == "name" and word in {"TRUE", "FALSE"}:
            return Literal("boolean", word, token.at)
        if token.kind == "name" and word == "NULL":
            return Literal("null", word, token.at)
        if token.kind in {"name", "span"} and is_fiscal(word):
            raise unsupported("fiscal date literal", token.text, token.at)
        if token.kind in {"name", "span"} and is_span(word):
            return Literal("span", word, token.at)
        raise unexpected(token)
