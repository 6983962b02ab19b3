"""A way through the tokens of a query."""

from __future__ import annotations

from integration.sandbox.salesforce.soql_errors import QueryError, malformed
from integration.sandbox.salesforce.soql_tokens import Token, tokens_of, unexpected
from integration.sandbox.salesforce.soql_tree import Named

_LARGEST_WHOLE = 2_147_483_647
_NAMES = frozenset({"name", "currency"})
_RESERVED = frozenset(
    "AND ASC DESC EXCLUDES FIRST FROM GROUP HAVING IN INCLUDES LAST LIKE LIMIT NOT NULL NULLS OR SELECT"
    " USING WHERE WITH ORDER OFFSET FOR ALL UPDATE".split()
)


class Cursor:
    """Where in the query the parser is. Reading past the end raises MALFORMED_QUERY."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._at = 0

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def next(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def sees(self, word: str) -> bool:
        """Whether the next token is that keyword or sign; a quoted string never is."""
        token = self.peek()
        return token.kind in {"name", "sign"} and token.word == word

    def take(self, word: str) -> bool:
        if not self.sees(word):
            return False
        self._at += 1
        return True

    def expect(self, word: str) -> Token:
        token = self.peek()
        if not self.take(word):
            raise unexpected(token)
        return token

    def name(self, *, reserved_too: bool = False) -> Named:
        """A field path, or a plain name where reserved words are names too: objects are called Order."""
        token = self.next()
        if token.kind not in _NAMES or (token.word in _RESERVED and not reserved_too):
            raise unexpected(token)
        return Named(token.text, token.at)

    def alias(self) -> str | None:
        """A name that is no keyword, if there is one."""
        token = self.peek()
        if token.kind not in _NAMES or token.word in _RESERVED or "." in token.text:
            return None
        return self.next().text

    def whole(self) -> int:
        token = self.next()
        if token.kind != "number" or not token.text.isdigit():
            raise unexpected(token)
        if len(token.text) > 10 or int(token.text) > _LARGEST_WHOLE:
            raise malformed(f"For input string: {token.text[:40]}", token.at)
        return int(token.text)

    def unexpected(self) -> QueryError:
        return unexpected(self.peek())
