"""SOQL texts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar
from urllib.parse import quote_plus

T = TypeVar("T")

Query: TypeAlias = Callable[[Sequence[str]], str]
"""A query that still has to be told its columns."""

MOST_ENCODED = 7_500
"""Encoded length a query may have: Salesforce takes 16,384 bytes of address and headers, proxies on the way
often only 8,192 of address.
"""

_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


def literal(text: str) -> str:
    """A text as a quoted SOQL literal."""
    return f"'{text.translate(_ESCAPES)}'"


def is_in(field: str, values: Iterable[str]) -> str:
    """`Field IN ('a','b')`."""
    return f"{field} IN ({','.join(literal(value) for value in values)})"


def select(columns: Sequence[str], entity: str, where: str = "", order: str = "", limit: int = 0) -> str:
    """One query."""
    text = f"SELECT {','.join(columns)} FROM {entity}"  # noqa: S608 - names come from describe, values from `literal`
    text += f" WHERE {where}" if where else ""
    text += f" ORDER BY {order}" if order else ""
    return text + (f" LIMIT {limit}" if limit else "")


def over(entity: str, where: str = "", order: str = "", limit: int = 0) -> Query:
    """A query over whatever columns it is given."""
    return lambda columns: select(columns, entity, where, order, limit)


def fitting(items: Iterable[T], most: int, query_of: Callable[[Sequence[T]], str]) -> Iterator[list[T]]:
    """Cut items into the longest runs of at most `most` whose query fits into an address.

    A single item is let through whatever its length.
    """
    run: list[T] = []
    for item in items:
        if run and (len(run) >= most or len(quote_plus(query_of([*run, item]))) > MOST_ENCODED):
            yield run
            run = []
        run.append(item)
    if run:
        yield run
