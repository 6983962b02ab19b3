"""The admin endpoint of the sandbox: what people do in the two systems, and what really stands there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from integration.errors import Fault, Rejected, Retryable

Record = dict[str, Any]
SECONDS = 30.0
MOST_CALLS = 1_000


@dataclass(frozen=True)
class SandboxAdmin:
    """Speaks JSON over HTTP with one sandbox; raises Retryable when it is away, Rejected when it refuses."""

    url: str

    def about(self) -> Record:
        """Every address, id and secret a client of the two systems needs."""
        return self._ask("GET", "/")

    def truth(self) -> Record:
        """Who is who, as the generator planted it."""
        return self._ask("GET", "/truth")

    def records(self, system: str, entity: str) -> list[Record]:
        """Every record that ever was, as its system shows it, plus `deleted`."""
        found: list[Record] = self._ask("GET", f"/records/{system}/{entity}")["records"]
        return found

    def bulk(self, operations: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Let people do these things in order; one that is refused does not stop the others."""
        if not operations:
            return []
        results: list[Record] = self._ask("POST", "/bulk", {"operations": list(operations)})["results"]
        return results

    def configure_webhooks(self, spec: Mapping[str, Any]) -> None:
        """Webhook rules, chance on the way, retries."""
        self._ask("PUT", "/webhooks", spec)

    def webhook_counts(self) -> dict[str, int]:
        """How many deliveries met which fate."""
        found = self._ask("GET", "/webhooks/history?limit=1")
        return {name: value for name, value in _counts(found).items() if isinstance(value, int)}

    def calls(self) -> dict[str, int]:
        """API calls by system, as the two systems counted them."""
        return {system: int(found["total"]) for system, found in self._ask("GET", "/calls/counts").items()}

    def _ask(self, method: str, path: str, body: object = None) -> Record:
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310 - the address is the loopback one our own sandbox told
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - see above
                found: Record = json.load(answer)
        except HTTPError as error:
            raise _refusal(error, path) from error
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise Retryable(
                "demo.sandbox_away",
                f"the sandbox's admin endpoint did not answer {method} {path.partition('?')[0]}",
                advice="See sandbox.log in the demo's log directory.",
                evidence={"cause": type(error).__name__},
            ) from error
        return found


def _refusal(error: HTTPError, path: str) -> Fault:
    with error:
        text = error.read().decode("utf-8", "replace")[:500]
    return Rejected(
        "demo.sandbox_refused",
        f"the sandbox refused {path.partition('?')[0]}: {text}",
        advice="This is a mistake of the demo; please report it with the seed.",
        evidence={"status": error.code},
    )


def _counts(found: Record) -> Record:
    counts = found.get("counts", found)
    return counts if isinstance(counts, dict) else {}
