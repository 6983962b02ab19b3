"""What was called: the last 10,000 calls and counts of all of them, with secrets masked.

Headers and bodies are never looked at, so what they hold cannot get out here.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

RING_SIZE = 10_000
TIMES_KEPT = 1_000
MOST_ENDPOINTS = 1_000
MASK = "***"
_ELSEWHERE = "(other)"
_SECRET_PARAMETERS = frozenset({
    "access_token", "accesstoken", "assertion", "authtoken", "client_assertion", "client_secret", "code",
    "id_token", "jwt", "oauth_token", "password", "refresh_token", "secret", "sid", "signature", "token",
    "zapikey",
})  # fmt: skip
# Salesforce's begin with the org id and an exclamation mark, Zoho's with `1000.` and two long hex texts.
_TOKEN = re.compile(r"00D\w{12,15}(?:!|%21)[^/?&]{16,}|1000\.[0-9a-f]{16,}\.[0-9a-f]{16,}|5Aep861[^/?&]{8,}")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ID_SEGMENT = re.compile(r"^(?:\d{5,}|(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?)$")


@dataclass(frozen=True)
class Wanted:
    """Which calls to show; empty is any. `path` is a beginning or a pattern with *, `status` 404 or 4xx."""

    system: str = ""
    method: str = ""
    path: str = ""
    status: str = ""

    def takes(self, call: dict[str, Any]) -> bool:
        return (
            self.system in {"", call["system"]}
            and self.method in {"", call["method"]}
            and self._path_fits(call["path"])
            and fnmatchcase(str(call["status"]), self.status.replace("x", "?") or "*")
        )

    def _path_fits(self, path: str) -> bool:
        return fnmatchcase(path, self.path) if "*" in self.path else str(path).startswith(self.path)


def masked_query(query: str) -> str:
    """The query string with every value that could open a door replaced."""
    pairs = parse_qsl(query, keep_blank_values=True)
    shown = [(key, MASK if key.lower() in _SECRET_PARAMETERS else masked(value)) for key, value in pairs]
    return urlencode(shown, safe="*")


def masked(text: str) -> str:
    """The text with everything replaced that looks like a token of one of the systems."""
    return _TOKEN.sub(MASK, text)


def endpoint_of(path: str) -> str:
    """The path with record ids replaced, so that counts do not grow with the data."""
    return "/".join("{id}" if _ID_SEGMENT.match(segment) else segment for segment in path.split("/"))


class CallLog:
    """A ring of calls, newest last, plus counts that never forget and the times of each endpoint's newest."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._calls: deque[dict[str, Any]] = deque(maxlen=RING_SIZE)
        self._last = 0
        self._endpoints: dict[str, Counter[str]] = {}
        self._classes: dict[str, Counter[str]] = {}
        self._statuses: dict[str, Counter[str]] = {}
        self._times: dict[tuple[str, str], deque[float]] = {}

    def add(
        self, *, system: str, method: str, path: str, query: str, status: int, code: str | None, ms: float
    ) -> None:
        """Remember one call; status 0 means that no answer was given."""
        self._last += 1
        path = masked(path)
        self._calls.append({
            "n": self._last, "at": self._now().isoformat(timespec="milliseconds"), "system": system,
            "method": method, "path": path, "query": masked_query(query) if query else "", "status": status,
            "code": code, "ms": round(ms, 3),
        })  # fmt: skip
        counted = self._endpoints.setdefault(system, Counter())
        endpoint = f"{method} {endpoint_of(path)}"
        if endpoint not in counted and len(counted) >= MOST_ENDPOINTS:
            # Whoever calls made-up addresses for a day must not fill the memory.
            endpoint = _ELSEWHERE
        counted[endpoint] += 1
        self._times.setdefault((system, endpoint), deque(maxlen=TIMES_KEPT)).append(ms)
        self._classes.setdefault(system, Counter())["read" if method in _READS else "write"] += 1
        self._statuses.setdefault(system, Counter())[str(status)] += 1

    def since(self, number: int, limit: int, wanted: Wanted | None = None) -> list[dict[str, Any]]:
        """The calls after the given number that are wanted, oldest first."""
        oldest = self._calls[0]["n"] if self._calls else 0
        newer = islice(self._calls, max(0, number + 1 - oldest), None)
        return list(islice((call for call in newer if wanted is None or wanted.takes(call)), limit))

    @property
    def last(self) -> int:
        """Number of the newest call."""
        return self._last

    def counts(self) -> dict[str, Any]:
        """Per system: calls in all, by method class, by endpoint and by HTTP status.

        `milliseconds` tells `{"p50", "p99", "most"}` of the newest 1,000 calls of each endpoint.
        """
        return {
            system: {
                "total": sum(classes.values()),
                "classes": {"read": classes["read"], "write": classes["write"]},
                "endpoints": dict(self._endpoints[system].most_common()),
                "statuses": dict(sorted(self._statuses[system].items())),
                "milliseconds": {
                    endpoint: _spread(self._times[system, endpoint])
                    for endpoint, _ in self._endpoints[system].most_common()
                },
            }
            for system, classes in sorted(self._classes.items())
        }

    def clear(self) -> None:
        """Forget every call; numbers go on."""
        self._calls.clear()
        for counts in (self._endpoints, self._classes, self._statuses):
            counts.clear()
        self._times.clear()


def _spread(times: deque[float]) -> dict[str, float]:
    ordered = sorted(times)

    def share(of: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(of * len(ordered)))], 3)

    return {"p50": share(0.5), "p99": share(0.99), "most": round(ordered[-1], 3)}
