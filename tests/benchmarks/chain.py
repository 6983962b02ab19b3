"""What everything is compared with: a chain of three empty Celery tasks over the same broker."""

from __future__ import annotations

import time

from tests.benchmarks.stage import Workers
from tests.benchmarks.worker import app, first, second, third
from tests.deadline import wait_until

CHAINS = 600


def chain_rate(workers: Workers, chains: int = CHAINS) -> float:
    """Chains a second that these workers get through, from a backlog."""
    with workers.running():
        _send(chains // 10)  # connections and pools are made
        wait_until(lambda: not workers.messages(), 60, "the first chains are done")
        with workers.held():
            _send(chains)
        began = time.monotonic()
        wait_until(lambda: not workers.messages(), 300, "all chains are done")
        return chains / (time.monotonic() - began)


def _send(chains: int) -> None:
    steps = [task.signature(immutable=True) for task in (third, second)]
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(chains):
            first.apply_async(chain=list(steps), producer=producer)
