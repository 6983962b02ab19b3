"""What queries asked for that this stand-in's grammar has not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integration.sandbox.salesforce.values import show_millis

_LONGEST_EXAMPLE = 500


class Unsupported:
    """Counts by feature with the newest example, so that nobody takes a gap of the stand-in for their own."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Any]] = {}

    def add(self, feature: str, query: str, now: int) -> None:
        """Counts one query; `now` in epoch milliseconds."""
        count = self._found.pop(feature, {"count": 0})["count"] + 1
        self._found[feature] = {
            "feature": feature,
            "count": count,
            "last_query": query[:_LONGEST_EXAMPLE],
            "last_at": show_millis(now),
        }

    def listed(self) -> list[dict[str, Any]]:
        """The newest first."""
        return [dict(entry) for entry in reversed(self._found.values())]

    def load(self, listed: Iterable[Mapping[str, Any]]) -> None:
        """Goes on from what `listed` answered."""
        self._found = {entry["feature"]: dict(entry) for entry in reversed([*listed])}

    def clear(self) -> None:
        self._found.clear()
