"""Conditions of a query as functions over rows, with the org's checks of fields and operators."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from integration.sandbox.salesforce.ordered_index import OrderedIndex, Positions, common, joined
from integration.sandbox.salesforce.schema import FieldDef, Value
from integration.sandbox.salesforce.soql_errors import invalid_field, invalid_operator
from integration.sandbox.salesforce.soql_like import like, prefix
from integration.sandbox.salesforce.soql_literals import Literals, Money, Span, Wanted, kind_of
from integration.sandbox.salesforce.soql_paths import Path, Paths, Scope, comparable, fold, folds
from integration.sandbox.salesforce.soql_tokens import characters
from integration.sandbox.salesforce.soql_tree import Comparison, Condition, Group, Not
from integration.sandbox.salesforce.tables import Row

Test: TypeAlias = Callable[[Row], bool]
Reach: TypeAlias = Callable[[OrderedIndex[Row]], Positions]
_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUAL = frozenset({"=", "!="})
_LISTED = _EQUAL | {"IN", "NOT IN"}
_COMPARED = _LISTED | _ORDER.keys()
_OPERATORS = {
    "text": _COMPARED | {"LIKE"},
    "multi": _EQUAL | {"INCLUDES", "EXCLUDES"},
    "boolean": _LISTED,
}
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Check:
    """One comparison: its test and, in an index of its field, the places where it can hold.

    `points` are the values it asks for where it asks for single ones, none of them empty.
    """

    path: Path
    test: Test
    reach: Reach | None = None
    points: tuple[Value, ...] | None = None


@dataclass(frozen=True)
class Checks:
    """Checks joined by AND or OR."""

    word: str
    members: tuple[Bound, ...]
    test: Test


@dataclass(frozen=True)
class Opaque:
    """A negation: nothing to look up."""

    test: Test


Bound: TypeAlias = Check | Checks | Opaque


class Matcher:
    """Compiles conditions of one asker. Comparing text ignores case, as the org does."""

    def __init__(self, paths: Paths, literals: Literals, rates: Mapping[str, float]) -> None:
        self._paths = paths
        self._literals = literals
        self._rates = rates

    def bind(self, scope: Scope, condition: Condition) -> Bound:
        """Raises INVALID_FIELD or INVALID_QUERY_FILTER_OPERATOR."""
        if isinstance(condition, Not):
            inner = self.bind(scope, condition.inner).test
            return Opaque(lambda row: not inner(row))
        if isinstance(condition, Group):
            members = tuple(self.bind(scope, member) for member in condition.members)
            tests = [member.test for member in members]
            return Checks(condition.word, members, _all(tests) if condition.word == "AND" else _any(tests))
        return self._check(scope, condition)

    def _check(self, scope: Scope, comparison: Comparison) -> Check:
        path = self._paths.resolve(scope, comparison.path)
        field, at, sign = path.field, comparison.path.at, comparison.sign
        kind = kind_of(field)
        if kind == "none":
            raise invalid_field(f"field '{field.name}' can not be filtered in a query call", at)
        if sign not in _OPERATORS.get(kind, _COMPARED):
            raise invalid_operator(f"invalid operator on {_shown(field)} field", at)
        wanted = [self._literals.value(field, literal, at) for literal in comparison.values]
        if (sign in _ORDER or sign == "LIKE") and wanted[0] is None:
            raise invalid_operator(f"invalid operator on {_shown(field)} field: {sign} null", at)
        if sign == "LIKE":
            return self._like(path, comparison)
        if kind == "multi":
            return Check(path, _multi(sign, wanted, self._paths.reader(path)))
        if any(isinstance(value, Money) for value in wanted):
            return self._money(path, sign, wanted)
        return self._plain(path, sign, [_key(field, value, sign) for value in wanted])

    def _plain(self, path: Path, sign: str, wanted: list[Any]) -> Check:
        test = _compare(sign, wanted, self._paths.reader(path))
        points = None
        if sign in {"=", "IN"} and not any(value is None or isinstance(value, Span) for value in wanted):
            points = tuple(wanted)
        return Check(path, test, _reach(sign, wanted), points)

    def _money(self, path: Path, sign: str, wanted: list[Any]) -> Check:
        """Amounts with a currency's code are compared as converted, plain ones as they stand."""
        raw, converted = self._paths.reader(path), self._paths.converted(path, self._rates)
        plain = [value for value in wanted if not isinstance(value, Money)]
        coded = [value.amount for value in wanted if isinstance(value, Money)]
        if not plain:
            return Check(path, _compare(sign, coded, converted))
        either = [_compare("IN", plain, raw), _compare("IN", coded, converted)]
        found = _any(either)
        return Check(path, found if sign == "IN" else lambda row: not found(row))

    def _like(self, path: Path, comparison: Comparison) -> Check:
        (literal,) = comparison.values
        read = self._paths.reader(path)
        pattern = characters(literal.text, literal.at)
        matches = like(pattern, ignore_case=folds(path.field))

        def test(row: Row) -> bool:
            value = read(row)
            return value is not None and matches(str(value))

        start = prefix(pattern)
        start = fold(start) if folds(path.field) else start
        return Check(path, test, lambda index: index.between(start, start + _LAST_CHARACTER))


def places(bound: Bound | None, name: str, index: OrderedIndex[Row]) -> Positions:
    """Where in the index of that field rows can be for which the condition holds."""
    if isinstance(bound, Checks):
        members = (places(member, name, index) for member in bound.members)
        return common(members) if bound.word == "AND" else joined(members)
    if isinstance(bound, Check) and bound.reach is not None and bound.path.key == (name,):
        return bound.reach(index)
    return index.everything()


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:
        one, two = tests
        return lambda row: one(row) and two(row)
    return lambda row: all(test(row) for test in tests)


def _any(tests: list[Test]) -> Test:
    if len(tests) == 2:
        one, two = tests
        return lambda row: one(row) or two(row)
    return lambda row: any(test(row) for test in tests)


def _shown(field: FieldDef) -> str:
    return "id" if field.type == "reference" else field.type


def _key(field: FieldDef, value: Wanted, sign: str) -> Any:
    if field.type == "boolean":
        # An empty checkbox is one that is not set.
        return bool(value)
    if value == "" and sign in _LISTED:
        # Empty text is stored as no value at all.
        return None
    return value if isinstance(value, (Span, Money)) else comparable(field, value)


def _compare(sign: str, wanted: list[Any], read: Callable[[Row], Any]) -> Test:
    if any(isinstance(value, Span) for value in wanted):
        return _in_spans(sign, wanted, read)
    if sign in {"IN", "NOT IN"}:
        chosen = frozenset(wanted)
        return (lambda row: read(row) in chosen) if sign == "IN" else (lambda row: read(row) not in chosen)
    key = wanted[0]
    if sign == "=":
        return lambda row: bool(read(row) == key)
    if sign == "!=":
        return lambda row: bool(read(row) != key)
    compare = _ORDER[sign]

    def ordered(row: Row) -> bool:
        value = read(row)
        return value is not None and bool(compare(value, key))

    return ordered


def _in_spans(sign: str, wanted: list[Any], read: Callable[[Row], Any]) -> Test:
    if sign in _LISTED:
        single = [_compare("=", [value], read) for value in wanted if not isinstance(value, Span)]
        spans = [value for value in wanted if isinstance(value, Span)]

        def found(row: Row) -> bool:
            value = read(row)
            within = value is not None and any(span.start <= value < span.end for span in spans)
            return within or any(test(row) for test in single)

        return found if sign in {"=", "IN"} else lambda row: not found(row)
    span = wanted[0]
    if sign in {"<", ">="}:
        return _compare(sign, [span.start], read)
    return _compare("<" if sign == "<=" else ">=", [span.end], read)


def _reach(sign: str, wanted: list[Any]) -> Reach | None:
    if sign in {"=", "IN"}:
        return lambda index: joined(
            index.between(value.start, value.end) if isinstance(value, Span) else index.equal(value)
            for value in wanted
        )
    if sign not in _ORDER:
        return None
    value = wanted[0]
    if isinstance(value, Span):
        edge, sign = (value.start, sign) if sign in {"<", ">="} else (value.end, _FROM_END[sign])
    else:
        edge = value
    if sign in {"<", "<="}:
        return lambda index: index.below(edge, included=sign == "<=")
    return lambda index: index.above(edge, included=sign == ">=")


_FROM_END = {"<=": "<", ">": ">="}


def _multi(sign: str, wanted: list[Any], read: Callable[[Row], Any]) -> Test:
    """INCLUDES asks for all values of one of its texts, `=` for exactly those of its text."""
    chosen = [_values(fold(str(value or ""))) or None for value in wanted]

    def equal(row: Row) -> bool:
        value = read(row)
        return (None if value is None else _values(str(value))) == chosen[0]

    def includes(row: Row) -> bool:
        value = read(row)
        if value is None:
            return None in chosen
        has = _values(str(value))
        return any(texts is not None and texts <= has for texts in chosen)

    test = equal if sign in _EQUAL else includes
    return test if sign in {"=", "INCLUDES"} else lambda row: not test(row)


def _values(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(";") if part.strip())
