"""What the org has left of its allowances, as the limits resource tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce.usage import RollingCount

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

RESULT_MEGABYTES = 976_562
"""1 TB of query results in the unit of the limits resource."""
_PUBLISHED_PER_HOUR = 250_000
_STREAMED_PER_DAY = 1_000_000


class BulkUsage:
    """What Bulk jobs have used within the rolling day."""

    def __init__(self, org: SalesforceOrg) -> None:
        self.batches, self.query_jobs, self.records, self.result_bytes = (
            RollingCount(org.clock.day_seconds, org.clock.monotonic) for _ in range(4)
        )

    def counts(self) -> tuple[RollingCount, ...]:
        return (self.batches, self.query_jobs, self.records, self.result_bytes)

    def clear(self) -> None:
        for count in self.counts():
            count.clear()

    def dump(self) -> list[list[list[int]]]:
        return [count.dump() for count in self.counts()]

    def load(self, state: Sequence[Sequence[Sequence[int]]]) -> None:
        for count, buckets in zip(self.counts(), state, strict=False):
            count.load(buckets)


def limits_of(org: SalesforceOrg) -> dict[str, Mapping[str, Any]]:
    """`{"DailyApiRequests": {"Max": 100000, "Remaining": 99000}, ...}`; the call itself is counted."""
    switches, used = org.options.switches, org.bulk.usage
    megabytes = used.result_bytes.used() // 1_000_000
    events = switches.daily_delivered_events
    found = {
        "DailyApiRequests": (org.options.daily_api_requests, org.api_calls.used()),
        "DailyBulkApiBatches": (switches.bulk_daily_batches, used.batches.used()),
        "DailyBulkV2QueryJobs": (switches.bulk_daily_query_jobs, used.query_jobs.used()),
        "DailyBulkV2QueryFileStorageMB": (RESULT_MEGABYTES, megabytes),
        "DailyDeliveredPlatformEvents": (events, org.deliveries.used()),
        "MonthlyPlatformEvents": (events * 30, org.deliveries.used()),
        "HourlyPublishedPlatformEvents": (_PUBLISHED_PER_HOUR, 0),
        "DailyStreamingApiEvents": (_STREAMED_PER_DAY, 0),
        "StreamingApiConcurrentClients": (switches.cometd_clients_at_most, org.cometd.count()),
    }
    return {name: {"Max": most, "Remaining": max(0, most - n)} for name, (most, n) in found.items()}
