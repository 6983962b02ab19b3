"""Events a second, fully synced: from the inbox to the confirmed write, half each way, on PostgreSQL and
Redis.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import redis
import sqlalchemy as sa

from integration.canonical.values import Side
from integration.wiring import Wiring
from tasks.bell import bell_for
from tests.benchmarks.chain import chain_rate
from tests.benchmarks.figures import Figure, NotGivenError, Result, Say, below, times
from tests.benchmarks.line_load import MOST_BACKLOG_SECONDS, Pair, steady_backlog
from tests.benchmarks.seeding import seed
from tests.benchmarks.stage import (
    PAIR,
    Workers,
    fresh_database,
    own_redis,
    product_environment,
    settings_of,
)
from tests.benchmarks.targets import Phones
from tests.benchmarks.worker import CUSTOMERS, PHONES, app, using_memory
from tests.deadline import wait_until

MODULE = "tests.benchmarks.worker"
SETTINGS = {
    "salesforce": {"login_url": "https://bench.my.salesforce.com", "client_id": "-", "client_secret": "-"},
    "zoho": {"organization_id": "10234695", "client_id": "-", "client_secret": "-", "refresh_token": "-"},
    # Everybody is edited within minutes; the brake would ask a person first, as it should on another day.
    "policies": {"initial_mode": "live", "brake": {"changed_share": 1.0}},
}
WARM_UP = 400
CLIMB = 1.25
PROBE_SECONDS = 10.0
LEAST_RATE = 5.0
"""Below this the search for a steady rate is given up."""


@dataclass(frozen=True)
class SpeedOptions:
    """How much is measured."""

    customers: int = 4_000
    seconds: float = 60.0


@dataclass(frozen=True)
class Bases:
    """Rates of the chain of three empty tasks, one after another by pool."""

    prefork: list[float]
    threads: list[float]

    def add(self, workers_of: _WorkersOf, say: Say) -> None:
        """Measure both pools once more."""
        for pool, rates in (("prefork", self.prefork), ("threads", self.threads)):
            rate = chain_rate(workers_of(pool))
            rates.append(rate)
            say(f"chain of three empty tasks, {pool}: {rate:.0f}/s")


class _WorkersOf:
    """Makes workers of a pool on one stage."""

    def __init__(self, folder: Path, env: dict[str, str], client: redis.Redis) -> None:
        self._folder, self._env, self._client = folder, env, client

    def __call__(self, pool: str, *, has_beat: bool = False) -> Workers:
        return Workers(self._folder, self._env, MODULE, self._client, pool, has_beat)


def measure_speed(say: Say, options: SpeedOptions) -> Result:
    """Backlog and steady, between two measurements of the chain. Raises NotGivenError."""
    server = os.environ.get("TEST_POSTGRES_URL", "")
    if not server:
        raise NotGivenError("PostgreSQL: TEST_POSTGRES_URL")
    with (
        tempfile.TemporaryDirectory(prefix="zoho-salesforce-bench-") as name,
        fresh_database(server, f"zs_bench_{os.getpid()}") as database,
        own_redis(Path(name)) as redis_url,
    ):
        return _measure(Path(name), database, redis_url, say, options)


def _measure(folder: Path, database: str, redis_url: str, say: Say, options: SpeedOptions) -> Result:
    env = product_environment(folder, database, redis_url, SETTINGS)
    with redis.Redis.from_url(redis_url) as client, _pair(folder, env, options) as pair:
        told = {PHONES: str(folder / "phones"), CUSTOMERS: str(options.customers)}
        workers_of = _WorkersOf(folder, env | told, client)
        bases = Bases([], [])
        bases.add(workers_of, say)
        with workers_of("threads", has_beat=True).running() as workers:
            run = _Run(pair, workers, say)
            backlog = run.backlog()
            steady, worst = run.steady(bases.prefork[0], options.seconds)
            alternating = run.backlog(other=True)
            outcomes, different = pair.outcomes(), pair.different()
        bases.add(workers_of, say)
    return _result(bases, backlog, alternating, steady, worst, outcomes, different, options)


@contextmanager
def _pair(folder: Path, env: dict[str, str], options: SpeedOptions) -> Iterator[Pair]:
    settings = settings_of(env)
    app.given_settings = settings
    phones = Phones.create(folder / "phones", options.customers)
    bell = bell_for(settings)
    wiring = Wiring(settings, bell, process_name="benchmark")
    try:
        with using_memory(phones):
            pair = wiring.pair(PAIR)
        pair.prepare(*Side)
        seed(pair.services, phones)
        with pair.sql.engine.connect() as connection:  # as a database does by itself within a minute
            connection.execute(sa.text("ANALYZE"))
            connection.commit()
        yield Pair(pair.services, phones)
    finally:
        wiring.close()
        bell.close()


@dataclass(frozen=True)
class _Run:
    """Workers at work on a pair."""

    pair: Pair
    workers: Workers
    say: Say

    def backlog(self, numbers: Sequence[int] = (), *, other: bool = False) -> float:
        """Events a second while everything that waits is worked off."""
        chosen = list(numbers) or list(range(self.pair.phones.customers))
        if not numbers:
            self.backlog(range(WARM_UP), other=other)
        settled = partial(self.pair.are_settled, chosen, other=other)
        wait_until(settled, 30, "people edit after what was written there")
        with self.workers.held():
            self.pair.fill(chosen, other=other)
        began = time.monotonic()
        wait_until(self.pair.is_idle, 300, "every event has ended")
        rate = len(chosen) / (time.monotonic() - began)
        if not numbers:
            self.say(f"backlog of {len(chosen)} events: {rate:.0f}/s")
        return rate

    def steady(self, base: float, seconds: float) -> tuple[float, float]:
        """The highest constant rate that held for so long, and the worst backlog meanwhile (seconds).

        Short tries find about where it lies; what counts is a run of full length.
        """
        rate, probe = base, min(PROBE_SECONDS, seconds)
        while self._holds(rate, probe)[0]:
            rate *= CLIMB
        while rate > LEAST_RATE:
            rate /= CLIMB
            if not self._holds(rate, probe)[0]:
                continue
            holds, worst = self._holds(rate, seconds)
            if holds:
                return rate, worst
        return 0.0, MOST_BACKLOG_SECONDS

    def _holds(self, rate: float, seconds: float) -> tuple[bool, float]:
        self.say(f"steady {rate:.0f}/s for {seconds:.0f} s …")
        worst = steady_backlog(self.pair, rate, seconds, lambda _: None)
        wait_until(self.pair.is_idle, 300, "every event has ended")
        self.say(f"steady {rate:.0f}/s: the oldest event waited {worst:.2f} s at most")
        return worst < MOST_BACKLOG_SECONDS, worst


def _result(
    bases: Bases,
    backlog: float,
    alternating: float,
    steady: float,
    worst: float,
    outcomes: dict[str, int],
    different: int,
    options: SpeedOptions,
) -> Result:
    prefork, threads = (sum(rates) / len(rates) for rates in (bases.prefork, bases.threads))
    name = "chain of 3 empty tasks (prefork)"
    figures = (
        Figure("chain of 3 empty tasks, prefork", prefork, "/s", note="before and after the others"),
        Figure("chain of 3 empty tasks, threads", threads, "/s", note="before and after the others"),
        times("backlog", backlog, "/s", prefork, 3.0, name),
        Figure("backlog, last written by us", alternating, "/s", f"{alternating / prefork:.2f} x {name}"),
        times(f"steady for {options.seconds:.0f} s", steady, "/s", prefork, 1.0, name),
        below("oldest event meanwhile", worst, "s", MOST_BACKLOG_SECONDS),
        Figure("customers that differ afterwards", different, "", "target 0", different == 0),
    )
    facts = {
        "chain_prefork": bases.prefork,
        "chain_threads": bases.threads,
        "outcomes": outcomes,
        "customers": options.customers,
    }
    return Result("speed", figures, facts=facts)
