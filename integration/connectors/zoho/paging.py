"""Page tokens that notice a listing which turns in circles.

There is no total and no cursor in Zoho's lists, only `page` and `has_more_page`; a server or proxy that
answers the same page again would keep a scan alive for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integration.errors import BadInput, Retryable


@dataclass(frozen=True)
class PageToken:
    """Which page comes next, and the first id of the one before; as text it is `number:first id`."""

    number: int = 1
    previous_first: str = ""

    @classmethod
    def parse(cls, text: str) -> PageToken:
        """From its text; empty means the first page. Raises BadInput on a text this class did not make."""
        if not text:
            return cls()
        number, separator, first = text.partition(":")
        if not (number.isascii() and number.isdigit() and separator and int(number) > 1):
            raise BadInput("zoho.page_token", "not a page token of this connector")
        return cls(int(number), first)

    def following(self, ids: Sequence[str], context: Mapping[str, object], most_pages: int) -> str:
        """The next token's text, empty at the end. Raises Retryable("zoho.paging_loop") when pages repeat."""
        self._check_echo(context)
        if self.previous_first and ids and ids[0] == self.previous_first:
            raise self._loop("the same page came twice")
        if context.get("has_more_page") is not True:
            return ""
        if not ids:
            raise self._loop("an empty page promises more")
        if self.number >= most_pages:
            raise self._loop("there are more pages than any organisation has")
        return f"{self.number + 1}:{ids[0]}"

    def _check_echo(self, context: Mapping[str, object]) -> None:
        echoed = context.get("page")
        if isinstance(echoed, int) and echoed != self.number:
            raise self._loop("another page came than the one asked for")

    def _loop(self, text: str) -> Retryable:
        return Retryable("zoho.paging_loop", text, evidence={"page": self.number})
