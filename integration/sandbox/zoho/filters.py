"""What a list can be filtered by, and the words of the query that say so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite
from typing import Any

from integration.sandbox.zoho.faults import invalid_value, too_long
from integration.sandbox.zoho.fields import is_date
from integration.sandbox.zoho.register import Mark

Texts = Callable[[Any], Iterable[str]]
"""What a filter looks at in a record of its module."""
FILTER_LENGTH = 100
MOST_IDS = 200


@dataclass(frozen=True)
class Test:
    """One condition of a query; `lags`: it looks at the version that search has caught up with."""

    check: Callable[[Any], bool]
    lags: bool = True
    hint: Mark | None = None
    """A mark that every record carries which passes."""
    ids: Collection[str] | None = None
    """Ids of records among which all are that pass."""
    within: tuple[str, Texts, str] | None = None
    """Column, its texts and the folded text that every record contains which passes."""
    span: tuple[str, float, float] | None = None
    """A column that lists sort by, and bounds that include its number in every record that passes."""
    criterion: tuple[str, str, str] | None = None
    """Column, text and comparator, as `page_context` tells them."""


Reader = Callable[[str], Test]
"""Makes a test of the value in the query. :raises ApiError: a value the filter does not take."""


def text_filters(name: str, texts: Texts, *, mark: str = "") -> dict[str, Reader]:
    """`name`, `name_startswith` and `name_contains`, all without regard to case."""

    def equal(wanted: str) -> Test:
        form = _short(name, wanted).casefold()
        hint = (mark, form) if mark else None
        return Test(lambda record: any(text.casefold() == form for text in texts(record)), hint=hint,
                    within=(name, texts, form), criterion=(name, wanted, "equal"))  # fmt: skip

    def starting(wanted: str) -> Test:
        form = _short(f"{name}_startswith", wanted).casefold()
        return Test(lambda record: any(text.casefold().startswith(form) for text in texts(record)),
                    within=(name, texts, form), criterion=(name, wanted, "starts_with"))  # fmt: skip

    return {
        name: equal,
        f"{name}_startswith": starting,
        f"{name}_contains": _containing(name, texts, "_contains"),
    }


def list_filters(name: str, texts: Texts) -> dict[str, Reader]:
    """`name_in` and `name_not_in`: texts separated by commas."""

    def among(wanted: str, *, outside: bool) -> Test:
        forms = {part.strip().casefold() for part in wanted.split(",")}
        return Test(lambda record: any(text.casefold() in forms for text in texts(record)) is not outside,
                    criterion=(name, wanted, "not_in" if outside else "in"))  # fmt: skip

    return {
        f"{name}_in": lambda wanted: among(wanted, outside=False),
        f"{name}_not_in": lambda wanted: among(wanted, outside=True),
    }


def search_filter(texts: Texts) -> dict[str, Reader]:
    """`search_text`: contained in any of the texts."""
    return {"search_text": _containing("search_text", texts, "")}


def number_filters(name: str, number: Callable[[Any], float]) -> dict[str, Reader]:
    """`name` and the four comparisons."""

    def compared(suffix: str, passes: Callable[[float, float], bool]) -> Reader:
        def read(wanted: str) -> Test:
            bound = _number(f"{name}{suffix}", wanted)
            low = -inf if "less" in suffix else bound
            high = inf if "greater" in suffix else bound
            return Test(lambda record: passes(number(record), bound), span=(name, low, high),
                        criterion=(name, wanted, suffix.removeprefix("_") or "equal"))  # fmt: skip

        return read

    return {f"{name}{suffix}": compared(suffix, passes) for suffix, passes in _NUMBER_COMPARISONS.items()}


def date_filters(name: str, day: Callable[[Any], str]) -> dict[str, Reader]:
    """`name`, a range from `_start` to `_end` (both included), `_before` and `_after` (excluded)."""

    def compared(suffix: str, passes: Callable[[str, str], bool]) -> Reader:
        def read(wanted: str) -> Test:
            if not is_date(wanted):
                raise invalid_value(f"{name}{suffix}")
            return Test(lambda record: day(record) != "" and passes(day(record), wanted),
                        criterion=(name, wanted, suffix.removeprefix("_") or "equal"))  # fmt: skip

        return read

    return {f"{name}{suffix}": compared(suffix, passes) for suffix, passes in _DATE_COMPARISONS.items()}


def id_filter(name: str, ids: Texts, *, mark: str = "", unmarked: str = "") -> dict[str, Reader]:
    """`name`: one id or word, compared exactly with the record as it is now.

    Every record carries the mark of its ids, but for the one that is `unmarked` because most have it.
    """

    def read(wanted: str) -> Test:
        hint = (mark, wanted) if mark and wanted != unmarked else None
        return Test(lambda record: wanted in ids(record), lags=False, hint=hint)

    return {name: read}


def ids_filter(name: str, own_id: Callable[[Any], str]) -> dict[str, Reader]:
    """`name`: up to 200 ids of the records themselves, separated by commas."""

    def read(wanted: str) -> Test:
        ids = {part.strip() for part in wanted.split(",") if part.strip()}
        if len(ids) > MOST_IDS:
            raise invalid_value(name)
        return Test(lambda record: own_id(record) in ids, lags=False, ids=ids)

    return {name: read}


def own_id_filter(name: str, own_id: Callable[[Any], str]) -> dict[str, Reader]:
    """`name`: the id of the record itself."""
    return {
        name: lambda wanted: Test(lambda record: own_id(record) == wanted, lags=False, ids=(wanted,)),
    }


def no_filter(name: str) -> dict[str, Reader]:
    """`name`: something that no record here has."""
    return {name: lambda _: Test(lambda _: False, lags=False, ids=())}


def modified_filter(modified: Callable[[Any], int], *, inclusive: bool) -> dict[str, Reader]:
    """`last_modified_time`: changed after that moment, or in its very second, too."""

    def read(wanted: str) -> Test:
        since = _moment(wanted) - int(inclusive)
        span = ("last_modified_time", since, inf)
        return Test(lambda record: modified(record) > since, lags=False, span=span)

    return {"last_modified_time": read}


def picked(filters: Mapping[str, Reader], query: Mapping[str, str]) -> list[Test]:
    """The tests that the query asks for; what it says beyond the filters is ignored, as at Zoho."""
    return [read(query[name]) for name, read in filters.items() if query.get(name)]


def _containing(name: str, texts: Texts, suffix: str) -> Reader:
    def read(wanted: str) -> Test:
        form = _short(name + suffix, wanted).casefold()
        return Test(lambda record: any(form in text.casefold() for text in texts(record)),
                    within=(name, texts, form), criterion=(name, wanted, "contains"))  # fmt: skip

    return read


def _short(name: str, wanted: str) -> str:
    if len(wanted) > FILTER_LENGTH:
        raise too_long(name, FILTER_LENGTH)
    return wanted


def _number(name: str, wanted: str) -> float:
    try:
        found = float(wanted)
    except ValueError as error:
        raise invalid_value(name) from error
    # Python reads underscores, the digits of every script and words for what is no number.
    if not isfinite(found) or "_" in wanted or not wanted.isascii():
        raise invalid_value(name)
    return found


def _moment(wanted: str) -> int:
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError as error:
        raise invalid_value("last_modified_time") from error
    if moment.tzinfo is None:
        raise invalid_value("last_modified_time")
    return int(moment.timestamp())


_NUMBER_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "": lambda value, bound: value == bound,
    "_less_than": lambda value, bound: value < bound,
    "_less_equals": lambda value, bound: value <= bound,
    "_greater_than": lambda value, bound: value > bound,
    "_greater_equals": lambda value, bound: value >= bound,
}
_DATE_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "": lambda day, bound: day == bound,
    "_start": lambda day, bound: day >= bound,
    "_end": lambda day, bound: day <= bound,
    "_before": lambda day, bound: day < bound,
    "_after": lambda day, bound: day > bound,
}
