"""getUpdated and getDeleted."""

from __future__ import annotations

from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Table
from integration.sandbox.salesforce.values import read_datetime, show_millis

_MOST_IDS = 600_000
_DAY = 86_400_000


def updated(
    table: Table, start: str | None, end: str | None, now: int, switches: SalesforceSwitches
) -> dict[str, Any]:
    """Ids of live records changed in [start, end), both cut to whole minutes."""
    first, last = _window(start, end, now, switches.updated_window_days, switches)
    last = _covered(last, now, switches)
    found = [row.id for row in table.touched_since(first) if row.stamp < last and not row.deleted]
    _check_number(found)
    return {"ids": sorted(found), "latestDateCovered": show_millis(last)}


def deleted(
    table: Table, start: str | None, end: str | None, now: int, switches: SalesforceSwitches
) -> dict[str, Any]:
    """Ids and times of records soft-deleted in [start, end)."""
    first, last = _window(start, end, now, switches.deleted_window_days, switches)
    last = _covered(last, now, switches)
    found = [row for row in table.touched_since(first) if row.stamp < last and row.deleted]
    _check_number(found)
    return {
        "deletedRecords": [
            {"id": row.id, "deletedDate": show_millis(row.stamp)}
            for row in sorted(found, key=lambda row: (row.stamp, row.id))
        ],
        "earliestDateAvailable": show_millis(now - switches.deleted_window_days * _DAY),
        "latestDateCovered": show_millis(last),
    }


def _window(
    start: str | None, end: str | None, now: int, days: int, switches: SalesforceSwitches
) -> tuple[int, int]:
    first = None if start is None else read_datetime(start)
    last = None if end is None else read_datetime(end)
    if first is None or last is None:
        raise ApiError("INVALID_REPLICATION_DATE", "start and end are ISO 8601 times with an offset")
    step = switches.replication_seconds * 1000
    first, last = first // step * step, last // step * step
    if last - first < step:
        message = "startDate and endDate must be at least one minute apart, and in that order"
        raise ApiError("INVALID_REPLICATION_DATE", message)
    if first < now - days * _DAY:
        message = f"startDate before org replication enabled date, which reaches back {days} days"
        raise ApiError("INVALID_REPLICATION_DATE", message)
    return first, last


def _covered(last: int, now: int, switches: SalesforceSwitches) -> int:
    step = switches.replication_seconds * 1000
    return min(last, (now - switches.replication_lag_seconds * 1000) // step * step)


def _check_number(found: list[Any]) -> None:
    if len(found) > _MOST_IDS:
        raise ApiError("EXCEEDED_ID_LIMIT", "too many ids: ask for a shorter span")
