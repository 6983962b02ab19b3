"""The sandbox alone, filled with a catalogue and its customers: how much memory, how long a list page takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from tests.benchmarks.figures import Figure, NotGivenError, Result, Say, below
from tests.contract.sandbox_process import Sandbox, running_sandbox

ITEMS, CUSTOMERS = 50_000, 20_000
MOST_MEGABYTES, MOST_MILLISECONDS = 500.0, 50.0
ROUNDS = 9
_PATIENCE = 60
LISTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("items", {}),
    ("items", {"page": "200"}),
    ("items", {"sort_column": "last_modified_time", "sort_order": "D", "page": "7"}),
    ("items", {"last_modified_time": "2026-01-01T00:00:00+0000"}),
    ("items", {"name_contains": "ball valve"}),
    ("items", {"filter_by": "Status.Inactive"}),
    ("contacts", {"page": "60"}),
    ("contacts", {"sort_column": "last_modified_time", "sort_order": "D"}),
    ("contacts", {"contact_name_contains": "harbor fox"}),
)
QUERIES = (
    "SELECT Id, Name, ProductCode FROM Product2 ORDER BY Name LIMIT 200",
    "SELECT Id, Name, ProductCode FROM Product2 ORDER BY SystemModstamp DESC, Id LIMIT 200",
    "SELECT Id, UnitPrice, Product2.Name FROM PricebookEntry ORDER BY Id LIMIT 200",
    "SELECT Id, Name, Email FROM Contact ORDER BY LastName LIMIT 200",
)


def measure_size(say: Say) -> Result:
    """Memory after everything was listed once, and the fastest of some rounds of each page. Raises NotGivenError."""
    if not Path("/proc/self/statm").exists():
        raise NotGivenError("a /proc that tells memory")
    say(f"filling the sandbox with {ITEMS:,} products and {CUSTOMERS:,} customers on each side …")
    began = time.monotonic()
    with running_sandbox(
        "--no-tls", "--items", str(ITEMS), "--customers", str(CUSTOMERS), "--zoho-per-minute", "100000",
        "--switch", "zoho_latency_ms=0",
    ) as sandbox:  # fmt: skip
        seconds = time.monotonic() - began
        say(f"filled in {seconds:.0f} s")
        pages = [*_zoho_pages(sandbox), *_salesforce_pages(sandbox)]
        figures = [below(f"page of {what}", best, "ms", MOST_MILLISECONDS) for what, best in pages]
        memory = below("memory of the process", _megabytes(sandbox.process.pid), "MB", MOST_MEGABYTES)
    filling = Figure("filling both systems", (2 * ITEMS + 2 * CUSTOMERS) / seconds, "records/s")
    return Result("size", (memory, filling, *figures), facts={"items": ITEMS, "customers": CUSTOMERS})


def _zoho_pages(sandbox: Sandbox) -> list[tuple[str, float]]:
    about = sandbox.about["zoho"]
    client = {key: about[key] for key in ("client_id", "client_secret", "refresh_token")}
    http = requests.Session()
    form = {**client, "grant_type": "refresh_token"}
    token = _body(http.post(f"{about['accounts_url']}/oauth/v2/token", data=form, timeout=_PATIENCE))
    http.headers["Authorization"] = f"Zoho-oauthtoken {token['access_token']}"
    found = []
    for module, query in LISTS:
        address = f"{about['api_domain']}/inventory/v1/{module}"
        parameters = {"organization_id": about["organization_id"], **query}
        words = " ".join(f"{key}={value}" for key, value in query.items())
        ask = _asking(http, address, parameters)
        found.append((f"{module} {words}".strip(), _best(ask)))
    return found


def _salesforce_pages(sandbox: Sandbox) -> list[tuple[str, float]]:
    about = sandbox.about["salesforce"]
    http = requests.Session()
    form = {"grant_type": "client_credentials", **{key: about[key] for key in ("client_id", "client_secret")}}
    base = about["instance_url"]
    token = _body(http.post(f"{base}/services/oauth2/token", data=form, timeout=_PATIENCE))
    http.headers["Authorization"] = f"Bearer {token['access_token']}"
    address = f"{base}/services/data/v{about['api_version']}/query"
    return [(query, _best(_asking(http, address, {"q": query}))) for query in QUERIES]


def _asking(http: requests.Session, address: str, parameters: dict[str, str]) -> Callable[[], Any]:
    return lambda: _body(http.get(address, params=parameters, timeout=_PATIENCE))


def _body(answer: requests.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


def _best(ask: Callable[[], Any]) -> float:
    """Milliseconds of the fastest round; the first one may build an index."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        rounds.append(time.perf_counter() - began)
    return min(rounds) * 1000


def _megabytes(process_id: int) -> float:
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * 4096 / 1e6
