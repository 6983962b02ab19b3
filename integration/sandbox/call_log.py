"""What was called: the last 10,000 calls and counts of all of them, with secrets masked."""

from __future__ import annotations

import re
from collections import Counter, deque
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

RING_SIZE = 10_000
MASK = "***"
_SECRET_PARAMETERS = frozenset({
    "access_token", "assertion", "client_secret", "code", "password", "refresh_token", "sid", "token",
})  # fmt: skip
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ID_SEGMENT = re.compile(r"^(?:\d{5,}|(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?)$")


def masked_query(query: str) -> str:
    """The query string with every value that could open a door replaced."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(key, MASK if key in _SECRET_PARAMETERS else value) for key, value in pairs], safe="*")


def endpoint_of(path: str) -> str:
    """The path with record ids replaced, so that counts do not grow with the data."""
    return "/".join("{id}" if _ID_SEGMENT.match(segment) else segment for segment in path.split("/"))


class CallLog:
    """A ring of calls, newest last, plus counts that never forget."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=RING_SIZE)
        self._last = 0
        self._endpoints: dict[str, Counter[str]] = {}
        self._classes: dict[str, Counter[str]] = {}
        self._statuses: dict[str, Counter[str]] = {}

    def add(
        self, *, system: str, method: str, path: str, query: str, status: int, code: str | None, ms: float
    ) -> None:
        """Remember one call; status 0 means that no answer was given."""
        self._last += 1
        self._calls.append({
            "n": self._last, "at": datetime.now(UTC).isoformat(timespec="milliseconds"), "system": system,
            "method": method, "path": path, "query": masked_query(query), "status": status, "code": code,
            "ms": round(ms, 3),
        })  # fmt: skip
        self._endpoints.setdefault(system, Counter())[f"{method} {endpoint_of(path)}"] += 1
        self._classes.setdefault(system, Counter())["read" if method in _READS else "write"] += 1
        self._statuses.setdefault(system, Counter())[str(status)] += 1

    def since(self, number: int, limit: int) -> list[dict[str, Any]]:
        """The calls after the given number, oldest first."""
        found = [call for call in self._calls if call["n"] > number]
        return found[:limit]

    @property
    def last(self) -> int:
        """Number of the newest call."""
        return self._last

    def counts(self) -> dict[str, Any]:
        """Per system: calls in all, by method class, by endpoint and by HTTP status."""
        return {
            system: {
                "total": sum(classes.values()),
                "classes": {"read": classes["read"], "write": classes["write"]},
                "endpoints": dict(self._endpoints[system].most_common()),
                "statuses": dict(sorted(self._statuses[system].items())),
            }
            for system, classes in sorted(self._classes.items())
        }

    def clear(self) -> None:
        """Forget every call; numbers go on."""
        self._calls.clear()
        self._endpoints.clear()
        self._classes.clear()
        self._statuses.clear()
