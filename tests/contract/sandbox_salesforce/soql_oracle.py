"""The stated meaning of queries, worked out the slow way over what the API shows of each record."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.contract.sandbox_salesforce.soql_world import CHILDREN, LOOK_UPS, PICKLISTS, Record, World


@dataclass(frozen=True)
class Days:
    """A date literal; `holds(day)` tells whether a day is in it."""

    text: str


@dataclass(frozen=True)
class Test:
    """`path sign values`; kind is the kind of field at the path's end."""

    path: tuple[str, ...]
    kind: str
    sign: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Both:
    word: str
    members: tuple[Any, ...]


@dataclass(frozen=True)
class Negated:
    inner: Any


@dataclass(frozen=True)
class Term:
    path: tuple[str, ...]
    kind: str
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Asked:
    """A query: `children` are sub-queries by relationship name."""

    entity: str
    columns: tuple[tuple[str, ...], ...]
    children: tuple[tuple[str, Asked], ...] = ()
    where: Any = None
    order: tuple[Term, ...] = ()
    limit: int | None = None
    offset: int = 0


class Oracle:
    """Answers queries over one world, at one moment."""

    def __init__(self, world: World, now: datetime) -> None:
        self._world = world
        self._zone = ZoneInfo(world.zone)
        self._today = now.astimezone(self._zone).date()
        self._ends: dict[Days, tuple[date, date]] = {}

    def answer(self, asked: Asked, *, with_deleted: bool = False) -> list[Record]:
        """The records as the API should show them, without `attributes`."""
        return self._answer(asked, self._world.records[asked.entity], with_deleted)

    def _answer(self, asked: Asked, rows: list[Record], with_deleted: bool) -> list[Record]:
        found = [row for row in rows if with_deleted or not row["deleted"]]
        found = [row for row in found if asked.where is None or self._holds(asked.entity, asked.where, row)]
        found.sort(key=functools.cmp_to_key(lambda one, two: self._order(asked, one, two)))
        end = None if asked.limit is None else asked.offset + asked.limit
        return [self._shown(asked, row, with_deleted) for row in found[asked.offset : end]]

    # -- conditions -----------------------------------------------------------------------------

    def _holds(self, entity: str, condition: Any, row: Record) -> bool:
        if isinstance(condition, Negated):
            return not self._holds(entity, condition.inner, row)
        if isinstance(condition, Both):
            each = [self._holds(entity, member, row) for member in condition.members]
            return all(each) if condition.word == "AND" else any(each)
        value = self._value(entity, condition.path, row)
        return self._compare(condition, value)

    def _value(self, entity: str, path: tuple[str, ...], row: Record | None) -> Any:
        for relation in path[:-1]:
            field, target = LOOK_UPS[entity][relation]
            row = None if row is None or row[field] is None else self._world.by_id[row[field]]
            entity = target
        return None if row is None else row[path[-1]]

    def _compare(self, test: Test, value: Any) -> bool:
        opposite = _OPPOSITES.get(test.sign)
        if opposite is not None:
            return not self._compare(replace(test, sign=opposite), value)
        if test.kind == "boolean":
            return bool(value) in {bool(wanted) for wanted in test.values}
        if test.sign in {"=", "IN", "INCLUDES"}:
            return any(self._equal(test, value, wanted) for wanted in test.values)
        return value is not None and self._beyond(test, value)

    def _beyond(self, test: Test, value: Any) -> bool:
        wanted = test.values[0]
        if test.sign == "LIKE":
            folded = str if test.kind == "case" else str.lower
            return _like(folded(value), _pattern(wanted, folded))
        if isinstance(wanted, Days):
            return self._beside(test, value, wanted)
        one, two = self._key(test.kind, value), self._key(test.kind, wanted)
        return bool({"<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[test.sign])

    def _equal(self, test: Test, value: Any, wanted: Any) -> bool:
        if wanted is None or wanted == "":
            return value is None
        if value is None:
            return False
        if isinstance(wanted, Days):
            return self._within(self._day(test.kind, value), wanted)
        if test.kind == "multi":
            has, asked = set(value.lower().split(";")), set(wanted.lower().split(";"))
            return asked <= has if test.sign == "INCLUDES" else asked == has
        return bool(self._key(test.kind, value) == self._key(test.kind, wanted))

    def _key(self, kind: str, value: Any) -> Any:
        """Something that compares as values of the kind do."""
        if kind in {"string", "picklist", "multi"}:
            return value.lower()
        if kind == "datetime":
            return datetime.fromisoformat(value)
        return value

    # -- days -----------------------------------------------------------------------------------

    def _day(self, kind: str, value: str) -> date:
        if kind == "date":
            return date.fromisoformat(value)
        return datetime.fromisoformat(value).astimezone(self._zone).date()

    def _beside(self, test: Test, value: str, wanted: Days) -> bool:
        day = self._day(test.kind, value)
        if wanted not in self._ends:
            around = [self._today + timedelta(days=away) for away in range(-2600, 2600)]
            inside = [one for one in around if self._within(one, wanted)]
            self._ends[wanted] = inside[0], inside[-1]
        first, last = self._ends[wanted]
        return {"<": day < first, "<=": day <= last, ">": day > last, ">=": day >= first}[test.sign]

    def _within(self, day: date, wanted: Days) -> bool:
        name, _, digits = wanted.text.partition(":")
        away = (day - self._today).days
        number = int(digits or 90)
        if name in {"YESTERDAY", "TODAY", "TOMORROW"}:
            return away == {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}[name]
        if name in {"LAST_90_DAYS", "LAST_N_DAYS"}:
            return -number <= away <= 0
        if name in {"NEXT_90_DAYS", "NEXT_N_DAYS"}:
            return 1 <= away <= number
        words = name.split("_")
        unit = next(word.removesuffix("S") for word in words if word.removesuffix("S") in _UNITS)
        steps = self._steps(unit, day)
        if words[-1] == "AGO":
            return steps == -number
        if "N" in words:
            return -number <= steps <= -1 if words[0] == "LAST" else 1 <= steps <= number
        return steps == {"LAST": -1, "THIS": 0, "NEXT": 1}[words[0]]

    def _steps(self, unit: str, day: date) -> int:
        """How many days, weeks, months, ... the day is from today's."""
        shift = 0 if self._world.sunday_first else -1
        number: dict[str, Callable[[date], int]] = {
            "DAY": date.toordinal,
            "WEEK": lambda one: (one.toordinal() + shift) // 7,
            "MONTH": lambda one: one.year * 12 + one.month,
            "QUARTER": lambda one: one.year * 4 + (one.month - 1) // 3,
            "YEAR": lambda one: one.year,
        }
        return number[unit](day) - number[unit](self._today)

    # -- order and shape ------------------------------------------------------------------------

    def _order(self, asked: Asked, one: Record, two: Record) -> int:
        for term in asked.order:
            first, second = (self._value(asked.entity, term.path, row) for row in (one, two))
            if first is None or second is None:
                if first is second:
                    continue
                return -1 if (first is None) != term.nulls_last else 1
            left, right = self._place(term, first), self._place(term, second)
            if left != right:
                return (-1 if left < right else 1) * (-1 if term.descending else 1)
        return -1 if one["Id"] < two["Id"] else 1

    def _place(self, term: Term, value: Any) -> Any:
        if term.kind == "picklist":
            return PICKLISTS[term.path[-1]].index(value)
        return self._key(term.kind, value)

    def _shown(self, asked: Asked, row: Record, with_deleted: bool) -> Record:
        body: Record = {}
        for path in asked.columns:
            self._put(body, asked.entity, path, row)
        for name, child in asked.children:
            entity, field = CHILDREN[asked.entity][name]
            rows = [other for other in self._world.records[entity] if other[field] == row["Id"]]
            found = self._answer(child, rows, with_deleted)
            whole = {"totalSize": len(found), "done": True, "records": found}
            body[name] = whole if found else None
        return body

    def _put(self, body: Record, entity: str, path: tuple[str, ...], row: Record) -> None:
        for depth, relation in enumerate(path[:-1]):
            field, target = LOOK_UPS[entity][relation]
            if row[field] is None:
                body[relation] = None
                return
            body = body.setdefault(relation, {})
            row, entity = self._world.by_id[row[field]], target
            assert depth < 5
        body[path[-1]] = row[path[-1]]


_OPPOSITES = {"!=": "=", "NOT IN": "IN", "EXCLUDES": "INCLUDES"}
_UNITS = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}


def _pattern(wanted: tuple[str, ...], folded: Callable[[str], str]) -> tuple[str, ...]:
    """`any` and `one` stand for the wildcards, everything else for itself."""
    return tuple(piece if piece in {"any", "one"} else folded(piece) for piece in wanted)


@functools.lru_cache(100_000)
def _like(text: str, pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "any":
        return any(_like(text[start:], pattern[1:]) for start in range(len(text) + 1))
    if not text:
        return False
    return (pattern[0] == "one" or pattern[0] == text[0]) and _like(text[1:], pattern[1:])


def utc_now() -> datetime:
    return datetime.now(UTC)
