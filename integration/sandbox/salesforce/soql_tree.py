"""What a query says, as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


@dataclass(frozen=True)
class Named:
    """A name or a dotted path, and where in the query it stands."""

    text: str
    at: int


class Literal(NamedTuple):
    """A value as written: kind is string, number, currency, date, datetime, time, span, boolean or null."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Comparison:
    """`field sign values`; only IN, NOT IN, INCLUDES and EXCLUDES have more than one value."""

    path: Named
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
    path: Named
    descending: bool
    nulls_first: bool


@dataclass(frozen=True)
class Counted:
    """`COUNT(field) alias`."""

    path: Named
    alias: str | None


@dataclass(frozen=True)
class FieldSet:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    which: str
    at: int


Selected: TypeAlias = "Named | FieldSet | Query"


@dataclass(frozen=True)
class Query:
    """A parsed query; `count` is `COUNT()`. A sub-query names a relationship as its source."""

    source: Named
    alias: str | None
    selected: tuple[Selected, ...]
    at: int = 0
    count: bool = False
    counted: tuple[Counted, ...] = ()
    where: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
