"""What is left of the org's daily allowances, and making as if most of it were used up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.usage import RollingCount

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg


class Allowances:
    """API requests (`day_left`) and delivered events (`events_left`) of the sliding day."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    @property
    def most(self) -> dict[str, int]:
        """What `left` tells of an org that has used nothing yet."""
        options = self._org.options
        return {
            "day_left": options.daily_api_requests,
            "events_left": options.switches.daily_delivered_events,
        }

    def count_call(self) -> None:
        """Counts one API call. Raises REQUEST_LIMIT_EXCEEDED, uncounted, where the day's are used up."""
        options = self._org.options
        most = options.daily_api_requests
        most += most * options.switches.soft_limit_percent // 100
        if self._org.api_calls.used() >= most:
            raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._org.api_calls.add()

    def clear(self) -> None:
        for key in self.most:
            self._counted(key).clear()

    def left(self) -> dict[str, int]:
        """What is left now."""
        return {key: max(0, most - self._counted(key).used()) for key, most in self.most.items()}

    def leave(self, key: str, count: int) -> None:
        """As if all but so many had been used just now."""
        self._counted(key).set_used(self.most[key] - count)

    def dump(self) -> dict[str, list[list[int]]]:
        return {key: self._counted(key).dump() for key in self.most}

    def load(self, used: Mapping[str, Iterable[Sequence[int]]]) -> None:
        """Goes on with what a dump had counted, as old as it was then."""
        for key in self.most:
            self._counted(key).load(used.get(key, ()))

    def _counted(self, key: str) -> RollingCount:
        return {"day_left": self._org.api_calls, "events_left": self._org.deliveries}[key]
