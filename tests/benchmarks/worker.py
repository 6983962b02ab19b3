"""The product's Celery app with both organisations in memory, and three empty tasks: `celery -A` this module.

The hook runs when a worker starts; everything else of the worker is the product's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery import signals

from integration.canonical.values import Side
from integration.ports import Gateway
from integration.wiring import pairs
from tasks.app import app
from tests.benchmarks.targets import Phones, SalesforceTarget, ZohoTarget

PHONES, CUSTOMERS = "BENCHMARK_PHONES", "BENCHMARK_CUSTOMERS"
"""Environment of a worker: the file of the phone numbers, and how many there are."""


@dataclass(frozen=True)
class MemoryConnections:
    """Stands for `wiring.connections.Connections`."""

    salesforce: SalesforceTarget
    zoho: ZohoTarget

    @property
    def gateways(self) -> Mapping[Side, Gateway]:
        return {Side.SALESFORCE: self.salesforce, Side.ZOHO: self.zoho}


def use_memory(phones: Phones) -> None:
    """Let the wiring of this process connect to both organisations in memory."""
    connections = MemoryConnections(SalesforceTarget(phones), ZohoTarget(phones))
    vars(pairs)["connect"] = lambda *_: connections


@contextmanager
def using_memory(phones: Phones) -> Iterator[None]:
    """The same for a while: other parts of one run connect to the sandbox."""
    real = pairs.connect
    use_memory(phones)
    try:
        yield
    finally:
        vars(pairs)["connect"] = real


@signals.celeryd_init.connect
def connect_to_memory(**_: Any) -> None:
    """A worker begins."""
    if path := os.environ.get(PHONES):
        use_memory(Phones(Path(path), int(os.environ[CUSTOMERS])))


@app.task(name="benchmark.first", queue="events", ignore_result=True)
def first() -> None:
    """The first link of the chain everything is compared with."""


@app.task(name="benchmark.second", queue="events", ignore_result=True)
def second() -> None:
    """The second link."""


@app.task(name="benchmark.third", queue="events", ignore_result=True)
def third() -> None:
    """The third link."""


__all__ = ["app", "using_memory"]
