"""A database, a Redis and two worker processes of the product's own kind, for the time of a benchmark."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis
import tomli_w
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy.engine import make_url

from integration.processes.embedded_valkey import EmbeddedValkey
from integration.processes.specs import QUEUES
from integration.processes.up import migrate
from integration.settings import Settings, load_settings, write_secret_file
from tests.deadline import wait_until

PAIR = "bench"
REPOSITORY = Path(__file__).parents[2]
UNACKED = "unacked"
PROCESSES = 2
THREADS = 4


@contextmanager
def fresh_database(server_url: str, name: str) -> Iterator[str]:
    """An empty, migrated PostgreSQL database on that server; gone afterwards."""
    server = make_url(server_url).set(drivername="postgresql")
    admin = server.render_as_string(hide_password=False)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        url = server.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
        yield url
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(drop)


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """The server TEST_REDIS_URL names, else an embedded Valkey, as the product runs it."""
    given = os.environ.get("TEST_REDIS_URL", "")
    if given:
        yield given
        return
    server = EmbeddedValkey.prepare(folder)
    with server.running():
        yield server.address.url


def product_environment(
    folder: Path, database_url: str, redis_url: str, pair: Mapping[str, object]
) -> dict[str, str]:
    """Settings of one pair on disk, and the environment of processes that work by them; the database is
    migrated.
    """
    config = folder / "integration.toml"
    write_secret_file(config, tomli_w.dumps({"pairs": [{"name": PAIR, **pair}]}), replace=True)
    env = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "INTEGRATION_STATE_DIR": str(folder),
        "INTEGRATION_CONFIG": str(config),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "LOG_LEVEL": "warning",
        "SENTRY_DSN": "",
        "ALERT_WEBHOOK_URL": "",
    }
    migrate(env)
    return env


def settings_of(env: Mapping[str, str]) -> Settings:
    """The settings as those processes read them."""
    return load_settings(environ=env, need_pairs=True)


@dataclass
class Workers:
    """Worker processes, which can be stopped in the middle of what they do and go on."""

    folder: Path
    env: Mapping[str, str]
    module: str
    redis: redis.Redis
    pool: str = "threads"
    has_beat: bool = False
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def commands(self) -> int:
        """Prefork has both processes under one worker, as Celery starts them when nothing else is said."""
        return 1 if self.pool == "prefork" else PROCESSES

    @contextmanager
    def running(self) -> Iterator[Workers]:
        """Two processes that work on every queue."""
        try:
            for number in range(self.commands):
                self._start(self._worker(number), f"{self.pool}-{number}")
            wait_until(self._are_listening, 60, "workers take messages")
            if self.has_beat:
                self._start(("beat", "--scheduler", "celery.beat:Scheduler"), "beat")
            yield self
        finally:
            self._stop()

    def _worker(self, number: int) -> tuple[str, ...]:
        return (
            *("worker", "--queues", ",".join(QUEUES), "--pool", self.pool),
            *("--concurrency", str(THREADS if self.pool == "threads" else PROCESSES)),
            *("--hostname", f"bench{number}@%h", "--without-gossip", "--without-mingle", "--task-events"),
        )

    def _start(self, command: Sequence[str], name: str) -> None:
        celery = (sys.executable, "-m", "celery", "-A", self.module)
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                (*celery, *command, "--loglevel", "WARNING"),
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.env},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)

    def _are_listening(self) -> bool:
        dead = [p.args for p in self.processes if p.poll() is not None]
        assert not dead, f"a worker ended; its log is in {self.folder}"
        clients: Sequence[Mapping[str, Any]] = self.redis.client_list()
        return sum(client.get("cmd", "").startswith("brpop") for client in clients) >= self.commands

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing is worked meanwhile."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            process.send_signal(number)

    def messages(self) -> int:
        """Messages waiting or being worked."""
        return int(sum(self.redis.llen(queue) for queue in QUEUES)) + int(self.redis.hlen(UNACKED))

    def _stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
