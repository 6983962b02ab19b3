"""Listings: changed since, deleted since, all living records.

Pages are cut by key, not by query locator: the next page is asked for by the last row's place, so a page
can be asked for again, by another process, days later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import WorkClass
from integration.connectors.salesforce import native, soql
from integration.connectors.salesforce.client import Client
from integration.connectors.salesforce.config import GatewayConfig
from integration.connectors.salesforce.ids import is_record_id, long_id
from integration.connectors.salesforce.reading import Table
from integration.connectors.salesforce.records import gone
from integration.errors import BadInput, Retryable
from integration.ports import Clock, Deletions, Page

MINUTE_MS = 60_000
DELETED_REACH_MS = 15 * 24 * 60 * MINUTE_MS - 60 * MINUTE_MS
"""How far back deletions are told: 15 days, minus an hour for clocks that differ."""
DELETED_OVERLAP_MS = 5 * MINUTE_MS
"""The org counts whole minutes only, and its clock is not ours."""


class Poll:
    """Scans of one object, ascending."""

    def __init__(self, client: Client, table: Table, config: GatewayConfig, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._config = config
        self._clock = clock

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """One page of living records modified at or after `since_ms`, oldest first, whole.

        The first page reaches back by the overlap, because records become visible when they are committed,
        not when they are stamped. Raises BadInput on a page text we did not give.
        """
        if page:
            stamp, last_id = _place(page)
            instant = native.soql_instant(stamp)
            where = (
                f"SystemModstamp > {instant} OR (SystemModstamp = {instant} AND Id > {soql.literal(last_id)})"
            )
        else:
            start = max(0, since_ms - int(self._config.poll_overlap_seconds * 1_000))
            where = f"SystemModstamp >= {native.soql_instant(start)}"
        records = self._page(entity, where, "SystemModstamp, Id")
        return Page(tuple(records), self._next(records, lambda last: f"{last.place}|{last.record_id}"))

    def list_page(self, entity: str, page: str) -> Page:
        """One page of all living records by id, whole. Raises BadInput on a page text we did not give."""
        if page and not is_record_id(page):
            raise BadInput("salesforce.bad_page", "not a page of this listing")
        records = self._page(entity, f"Id > {soql.literal(page)}" if page else "", "Id")
        return Page(tuple(records), self._next(records, lambda last: last.record_id))

    def deleted_since(self, entity: str, since_ms: int) -> Deletions:
        """Records deleted since then, oldest first. Whether a merge deleted them only a read tells.

        The org tells at most 15 days, and the start reaches back by an overlap: repeats are wanted.
        """
        now = self._clock.now_ms()
        start = max(min(since_ms, now) - DELETED_OVERLAP_MS, now - DELETED_REACH_MS)
        answer = self._client.call(
            "GET",
            # Encoded here because requests would leave the colons, and Salesforce wants them escaped.
            f"sobjects/{entity}/deleted/?start={_moment(start)}&end={_moment(now)}",
            WorkClass.BATCH,
            label=f"sobjects/{entity}/deleted",
        )
        found = _deletions(answer)
        records = [
            gone(entity, record_id, at=at)
            for record_id, at in sorted(found.items(), key=lambda item: (item[1], item[0]))
        ]
        return Deletions(tuple(records), min(now, _covered(answer, now)))

    def _page(self, entity: str, where: str, order: str) -> list[NativeRecord]:
        query = soql.over(entity, where, order, self._config.page_size)
        return self._table.records(entity, query, WorkClass.BATCH)

    def _next(self, records: list[NativeRecord], place: Callable[[NativeRecord], str]) -> str:
        return place(records[-1]) if len(records) >= self._config.page_size else ""


def _deletions(answer: Mapping[str, Any]) -> dict[str, int]:
    try:
        return {
            long_id(item["id"]): native.epoch_ms(item["deletedDate"]) for item in answer["deletedRecords"]
        }
    except (KeyError, TypeError, ValueError) as problem:
        raise Retryable("salesforce.row_unreadable", f"deleted records: {type(problem).__name__}") from None


def _covered(answer: Mapping[str, Any], now_ms: int) -> int:
    told = answer.get("latestDateCovered")
    try:
        return native.epoch_ms(told) if told else now_ms
    except (TypeError, ValueError):
        return now_ms


def _moment(epoch_ms: int) -> str:
    return quote(f"{native.time_of(epoch_ms):%Y-%m-%dT%H:%M:%S}+00:00", safe="")


def _place(page: str) -> tuple[int, str]:
    stamp, _, last_id = page.partition("|")
    if not stamp.isdecimal() or not is_record_id(last_id):
        raise BadInput("salesforce.bad_page", "not a page of this listing")
    return int(stamp), last_id
