"""The receiver beside a bare Flask app on the same gunicorn settings, database and machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from integration.processes.ports import answers_http, free_port
from integration.processes.specs import web_command
from tests.benchmarks.bare_receiver import DATABASE, HEADER, SECRET, TABLE
from tests.benchmarks.figures import Figure, NotGivenError, Result, Say, below, times
from tests.benchmarks.http_load import Load, post, send_all
from tests.benchmarks.people import zoho_contact
from tests.benchmarks.speed import SETTINGS
from tests.benchmarks.stage import PAIR, REPOSITORY, fresh_database, own_redis, product_environment
from tests.deadline import wait_until

KEY = "benchmark-webhook-secret"
RULE = "contact-saved"
PRODUCT, BARE = "webhooks.app:create_app()", "tests.benchmarks.bare_receiver:create_app()"
ROUNDS, REQUESTS, WARM_UP = 5, 2_000, 200
WORKERS, THREADS = "2", "4"


def measure_receiver(say: Say) -> Result:
    """Rounds of both in turn, so that whatever else the machine does meets both. Raises NotGivenError."""
    server = os.environ.get("TEST_POSTGRES_URL", "")
    if not server:
        raise NotGivenError("PostgreSQL: TEST_POSTGRES_URL")
    with (
        tempfile.TemporaryDirectory(prefix="zoho-salesforce-bench-") as name,
        fresh_database(server, f"zs_bench_web_{os.getpid()}") as database,
        own_redis(Path(name)) as redis_url,
    ):
        env = product_environment(Path(name), database, redis_url, _settings())
        plain = database.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(TABLE)
        bare_env = {DATABASE: plain, SECRET: KEY}
        with _gunicorn(PRODUCT, env, Path(name)) as product, _gunicorn(BARE, bare_env, Path(name)) as bare:
            return _rounds(product, bare, say)


def _settings() -> dict[str, object]:
    zoho = {**SETTINGS["zoho"], "webhooks": [{"rule": RULE, "secret": KEY}]}
    return {**SETTINGS, "zoho": zoho}


def _rounds(product: int, bare: int, say: Say) -> Result:
    path = f"/webhooks/zoho/{PAIR}/{RULE}"
    send_all(product, _requests(path, 0, WARM_UP))
    send_all(bare, _requests("/hook", 0, WARM_UP))
    ours: list[Load] = []
    theirs: list[Load] = []
    for number in range(1, ROUNDS + 1):
        theirs.append(send_all(bare, _requests("/hook", number, REQUESTS)))
        ours.append(send_all(product, _requests(path, number, REQUESTS)))
        say(f"receiver {ours[-1].rate:.0f}/s, bare {theirs[-1].rate:.0f}/s")
    rate, base = (statistics.median(load.rate for load in loads) for loads in (ours, theirs))
    figures = (
        times("receiver, ringing included", rate, "/s", base, 0.7, "bare Flask"),
        below("receiver, slowest of a hundred", statistics.median(one.p99_ms for one in ours), "ms", 100.0),
        Figure("bare Flask, slowest of a hundred", statistics.median(one.p99_ms for one in theirs), "ms"),
    )
    facts = {"product": [one.rate for one in ours], "bare": [one.rate for one in theirs]}
    return Result("receiver", figures, facts=facts)


def _requests(path: str, number: int, count: int) -> list[bytes]:
    """Webhooks of different content, signed."""
    bodies = (
        json.dumps({"contact": zoho_contact(n, f"+44 {number:03} {n:06}", 1_750_000_000_000)}).encode()
        for n in range(count)
    )
    return [post(path, body, HEADER, _signature(body)) for body in bodies]


def _signature(body: bytes) -> str:
    return hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


@contextmanager
def _gunicorn(target: str, env: Mapping[str, str], folder: Path) -> Iterator[int]:
    """A receiver on a free port, with the settings the product runs its own with."""
    port = free_port()
    _, _, *options = web_command(f"127.0.0.1:{port}", WORKERS, THREADS)
    command = (sys.executable, "-m", "gunicorn", target, *options)
    with (folder / f"gunicorn-{port}.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **env}, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_until(partial(answers_http, port, "/healthz"), 30, f"{target} answers")
        yield port
    finally:
        process.terminate()
        process.wait(30)
