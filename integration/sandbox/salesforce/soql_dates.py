"""Date literals: words for a range of days, seen from the asking user's time zone and week."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from integration.sandbox.salesforce.values import to_datetime, to_millis

_UNITS = "DAY|WEEK|MONTH|QUARTER|YEAR"
_PLAIN = re.compile(r"(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)")
_COUNTED = re.compile(rf"(LAST|NEXT)_N_({_UNITS})S:(\d+)")
_AGO = re.compile(rf"N_({_UNITS})S_AGO:(\d+)")
_FISCAL = re.compile(r"(?:LAST|THIS|NEXT|N)_(?:N_)?FISCAL_(?:QUARTER|YEAR)S?(?:_AGO)?(?::\d+)?")
_DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
_NINETY = {"LAST_90_DAYS": "LAST_N_DAYS:90", "NEXT_90_DAYS": "NEXT_N_DAYS:90"}
_WEEK_FROM_SUNDAY = frozenset("US CA MX BR JP KR TW HK IN IL ZA PH".split())


@dataclass(frozen=True)
class Viewer:
    """Who asks: the present in epoch milliseconds, the time zone, and whether weeks begin on Sunday."""

    now: int
    zone: ZoneInfo
    sunday_first: bool = False

    def today(self) -> date:
        return to_datetime(self.now).astimezone(self.zone).date()

    def midnight(self, day: date) -> int:
        """When the day begins, in epoch milliseconds."""
        return to_millis(datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC))


def viewer(now: int, time_zone: str, locale: str) -> Viewer:
    """The viewer with a user's TimeZoneSidKey and LocaleSidKey."""
    return Viewer(now, ZoneInfo(time_zone), locale.rpartition("_")[2] in _WEEK_FROM_SUNDAY)


def is_span(word: str) -> bool:
    """Whether the upper-case word is a date literal of the grammar."""
    known = (_PLAIN.fullmatch(word), _COUNTED.fullmatch(word), _AGO.fullmatch(word))
    return word in _DAYS or word in _NINETY or any(known)


def is_fiscal(word: str) -> bool:
    return _FISCAL.fullmatch(word) is not None


def span_of(word: str, asking: Viewer) -> tuple[date, date]:
    """First day of the range and first day after it. Raises OverflowError beyond the calendar."""
    word = _NINETY.get(word, word)
    if word in _DAYS:
        return _units("DAY", _DAYS[word], _DAYS[word] + 1, asking)
    if plain := _PLAIN.fullmatch(word):
        at = {"LAST": -1, "THIS": 0, "NEXT": 1}[plain[1]]
        return _units(plain[2], at, at + 1, asking)
    if ago := _AGO.fullmatch(word):
        number = _number(ago[2])
        return _units(ago[1], -number, 1 - number, asking)
    counted = _COUNTED.fullmatch(word)
    if counted is None:
        raise ValueError(word)
    unit, number = counted[2], _number(counted[3])
    if counted[1] == "NEXT":
        return _units(unit, 1, 1 + number, asking)
    # The last days count today, the last weeks and longer units not the one that is running.
    return _units(unit, -number, 1 if unit == "DAY" else 0, asking)


def _number(digits: str) -> int:
    if len(digits) > 6:
        raise OverflowError(digits)
    return int(digits)


def _units(unit: str, first: int, after: int, asking: Viewer) -> tuple[date, date]:
    """From the unit that is `first` away from the running one to before the one that is `after` away."""
    today = asking.today()
    begin = _BEGINS[unit]
    return begin(today, first, asking), begin(today, after, asking)


def _day(today: date, away: int, _: Viewer) -> date:
    return today + timedelta(days=away)


def _week(today: date, away: int, asking: Viewer) -> date:
    into = (today.weekday() + 1) % 7 if asking.sunday_first else today.weekday()
    return today + timedelta(days=7 * away - into)


def _month(today: date, away: int, _: Viewer) -> date:
    return _month_number(today.year * 12 + today.month - 1 + away)


def _quarter(today: date, away: int, _: Viewer) -> date:
    return _month_number(today.year * 12 + (today.month - 1) // 3 * 3 + 3 * away)


def _year(today: date, away: int, _: Viewer) -> date:
    return _month_number((today.year + away) * 12)


def _month_number(months: int) -> date:
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    return date(year, month + 1, 1)


_BEGINS: dict[str, Callable[[date, int, Viewer], date]] = {
    "DAY": _day,
    "WEEK": _week,
    "MONTH": _month,
    "QUARTER": _quarter,
    "YEAR": _year,
}
