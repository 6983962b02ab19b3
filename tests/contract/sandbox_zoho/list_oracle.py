"""What a list must answer, worked out by brute force from the records as GET shows them one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

Json = dict[str, Any]
Texts = Callable[[Json], Iterable[str]]
COMPARISONS = ("", "_less_than", "_less_equals", "_greater_than", "_greater_equals")


@dataclass(frozen=True)
class Documented:
    """What one list takes, and where it stands in a record."""

    path: str
    key: str
    id_key: str
    texts: Mapping[str, Texts]
    numbers: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, Texts] = field(default_factory=dict)
    among: frozenset[str] = frozenset()
    """Texts that `_in` and `_not_in` go with."""
    search: Texts = lambda _: ()
    views: Mapping[str, Callable[[Json], bool]] = field(default_factory=dict)
    sorts: Mapping[str, Callable[[Json], Any]] = field(default_factory=dict)
    default: tuple[str, str] = ("", "A")
    modified: bool = True


def moment(text: str) -> float:
    """A time of the API as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()


def expected(of: Documented, records: Iterable[Json], query: Mapping[str, str]) -> list[str]:
    """Ids of all records the query asks for, in order; pages are not looked at."""
    tests = [test for name, value in query.items() if value for test in _tests(of, name, value)]
    found = [record for record in records if all(test(record) for test in tests)]
    column, order = of.default
    if query.get("sort_column") in of.sorts and query["sort_column"] != column:
        column, order = query["sort_column"], "A"
    if query.get("sort_order"):
        order = query["sort_order"][0].upper()
    key = of.sorts[column]
    found.sort(key=lambda record: (key(record), int(record[of.id_key])), reverse=order == "D")
    return [record[of.id_key] for record in found]


def _tests(of: Documented, name: str, value: str) -> list[Callable[[Json], bool]]:
    if name == "filter_by":
        return [of.views[value]] if value in of.views else []
    if name == "search_text":
        return [lambda record: any(value.casefold() in text.casefold() for text in of.search(record))]
    if name == "last_modified_time" and of.modified:
        since = moment(value)
        return [lambda record: moment(record["last_modified_time"]) > since]
    if name in of.ids:
        ids = of.ids[name]
        return [lambda record: value in ids(record)]
    return [
        *_text_tests(of, name, value.casefold()),
        *_number_tests(of, name, value),
        *_date_tests(of, name, value),
    ]


def _text_tests(of: Documented, name: str, value: str) -> list[Callable[[Json], bool]]:
    looks: dict[str, Callable[[str], bool]] = {
        "": lambda text: text == value,
        "_startswith": lambda text: text.startswith(value),
        "_contains": lambda text: value in text,
    }
    among = {part.strip() for part in value.split(",")}
    for column, texts in of.texts.items():
        suffix = _suffix(name, column)
        if suffix in looks:
            return [partial(_any, texts=texts, look=looks[suffix])]
        if column in of.among and suffix == "_in":
            return [partial(_any, texts=texts, look=lambda text: text in among)]
        if column in of.among and suffix == "_not_in":
            return [partial(_any, texts=texts, look=lambda text: text not in among)]
    return []


def _number_tests(of: Documented, name: str, value: str) -> list[Callable[[Json], bool]]:
    for column, key in of.numbers.items():
        suffix = _suffix(name, column)
        if suffix in COMPARISONS:
            return [partial(_compared, key=key, suffix=suffix, bound=float(value))]
    return []


def _date_tests(of: Documented, name: str, value: str) -> list[Callable[[Json], bool]]:
    looks: dict[str, Callable[[str], bool]] = {
        "": lambda day: day == value,
        "_start": lambda day: day >= value,
        "_end": lambda day: day <= value,
        "_before": lambda day: day < value,
        "_after": lambda day: day > value,
    }
    for column, key in of.dates.items():
        suffix = _suffix(name, column)
        if suffix in looks:
            return [partial(_dated, key=key, look=looks[suffix])]
    return []


def _suffix(name: str, column: str) -> str:
    return name.removeprefix(column) if name.startswith(column) else "of another column"


def _any(record: Json, texts: Texts, look: Callable[[str], bool]) -> bool:
    return any(look(text.casefold()) for text in texts(record))


def _dated(record: Json, key: str, look: Callable[[str], bool]) -> bool:
    day = str(record.get(key, ""))
    return day != "" and look(day)


def _compared(record: Json, key: str, suffix: str, bound: float) -> bool:
    number = float(record[key])
    if suffix in {"_less_than", "_less_equals"}:
        return number < bound or (suffix == "_less_equals" and number == bound)
    if suffix in {"_greater_than", "_greater_equals"}:
        return number > bound or (suffix == "_greater_equals" and number == bound)
    return number == bound
