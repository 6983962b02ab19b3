"""The sandbox as a process of its own, and its admin endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

REPOSITORY = Path(__file__).parents[2]
SECONDS = 10


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: what its first line said, and what people and fate do to it."""

    about: dict[str, Any]
    process: subprocess.Popen[str]

    @property
    def salesforce(self) -> dict[str, Any]:
        """Addresses, ids and secrets of the org."""
        return dict(self.about["salesforce"])

    @property
    def zoho(self) -> dict[str, Any]:
        """Addresses, ids and secrets of the Zoho organisation."""
        return dict(self.about["zoho"])

    def admin(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One call on the admin endpoint; AssertionError when it is refused."""
        request = urllib.request.Request(  # noqa: S310 - the address is the sandbox's own
            self.about["admin_url"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - see above
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def edit(self, system: str, entity: str, fields: Mapping[str, Any], record_id: str | None = None) -> Any:
        """A person creates (no id) or changes a record."""
        return self.admin("POST", f"/edit/{system}/{entity}", {"id": record_id, "fields": fields})

    def delete(self, system: str, entity: str, record_id: str) -> None:
        """A person deletes a record."""
        self.admin("POST", f"/delete/{system}/{entity}/{record_id}")

    def merge(self, entity: str, winner: str, *losers: str) -> None:
        """A person merges Salesforce records."""
        self.admin("POST", f"/merge/salesforce/{entity}", {"winner": winner, "losers": list(losers)})

    def record(self, system: str, entity: str, record_id: str) -> Any:
        """One record as the system holds it."""
        return self.admin("GET", f"/records/{system}/{entity}/{record_id}")

    def records(self, system: str, entity: str) -> list[Any]:
        """All records of an entity, deleted ones marked."""
        return list(self.admin("GET", f"/records/{system}/{entity}")["records"])

    def fault(self, system: str, kind: str, **spec: Any) -> None:
        """The next matching call goes wrong."""
        self.admin("POST", "/faults", {"system": system, "kind": kind, **spec})

    def incident(self, kind: str, **spec: Any) -> Any:
        """Something goes wrong with the event stream."""
        return self.admin("POST", "/events/salesforce", {"kind": kind, **spec})

    def calls(self, system: str) -> list[dict[str, Any]]:
        """The calls a system has answered, oldest first."""
        found = self.admin("GET", "/calls?limit=10000")["calls"]
        return [call for call in found if call["system"] == system]

    def reset(self) -> None:
        """Empty both systems and forget calls, faults and webhooks."""
        self.admin("POST", "/reset")


@contextmanager
def running_sandbox(*arguments: str) -> Iterator[Sandbox]:
    """A sandbox that ends with the block."""
    command = [sys.executable, "-m", "integration.sandbox", "--json", *arguments]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, "the sandbox ended before it said where it listens"
        yield Sandbox(json.loads(line), process)
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
