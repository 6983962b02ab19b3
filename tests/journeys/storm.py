"""The demo's main job while everything is broken from outside: the same proof must hold at the end."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql
from sqlalchemy.engine import make_url

from integration.demo.life import Director, Life, as_on_screen
from integration.demo.run import Demo
from integration.processes import Supervisor

LOCKED_SECONDS = 4.0
"""How long the SQLite file is held by somebody else."""

Blow = Callable[[], None]


@dataclass
class Storm(Demo):
    """A demo in whose life a blow falls with every wave."""

    statuses: dict[str, dict[str, int]] = field(default_factory=dict)
    _stunned: list[str] = field(default_factory=list)

    def _live(self) -> Life:
        self._phase(3, "Life on both sides, with a blow at every wave")
        admin = self.stage.admin
        life = Director(admin.truth(), self.options.seed).write()
        blows = self._blows()
        for wave, blow in zip(life.waves(len(blows)), blows, strict=True):
            customers = {c["contact_id"]: c for c in admin.records("zoho", "contact")}
            acts = [as_on_screen(act.operation, customers) for act in wave]
            half = len(acts) // 2
            results = admin.bulk(acts[:half])
            blow()
            life.note(wave, results + admin.bulk(acts[half:]))
            self.stopping.pause(self.options.wave_seconds)
        return life

    def _settle(self, services: Any) -> None:
        self._wake()
        super()._settle(services)
        self.statuses = {
            name: count["statuses"] for name, count in self.stage.admin._ask("GET", "/calls/counts").items()
        }

    # ------------------------------------------------------------- blows

    def _blows(self) -> list[Blow]:
        names = [status.name for status in self._product.status()]
        workers = [name for name in names if name.startswith("worker-")]
        blows = [self._killing(name) for name in names]
        blows += [self._stunning(workers[0]), self.empty_redis, self.stop_redis, self.break_database]
        blows += [self._killing(*names), self.empty_redis]
        return blows

    @property
    def _product(self) -> Supervisor:
        product = self.stage._product
        assert product is not None
        return product

    def _killing(self, *names: str) -> Blow:
        """SIGKILL for these at once."""

        def blow() -> None:
            for name in names:
                self._product.kill(name)

        return blow

    def _stunning(self, name: str) -> Blow:
        """A process sleeps beyond its leases and wakes up as if nothing had been."""

        def blow() -> None:
            self._stunned.append(name)
            self._product.kill(name, signal.SIGSTOP)

        return blow

    def _wake(self) -> None:
        while self._stunned:
            self._product.kill(self._stunned.pop(), signal.SIGCONT)

    def empty_redis(self) -> None:
        with redis.Redis.from_url(self.stage.env["REDIS_URL"]) as client:
            client.flushall()

    def stop_redis(self) -> None:
        """It is gone in the middle of a word; its supervisor starts it again."""
        with redis.Redis.from_url(self.stage.env["REDIS_URL"]) as client:
            client.shutdown(nosave=True, now=True, force=True)

    def break_database(self) -> None:
        """PostgreSQL drops every connection; SQLite is held by somebody else for a while.

        A process frozen in the middle of a transaction holds a SQLite file just as well.
        """
        url = make_url(self.stage.env["DATABASE_URL"])
        if url.get_backend_name() == "sqlite":
            self._wake()
            hold(Path(str(url.database)), LOCKED_SECONDS)
            return
        server = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = {} AND pid <> pg_backend_pid()"
                ).format(sql.Literal(url.database))
            )


def hold(database: Path, seconds: float) -> None:
    """Nobody else writes to the file meanwhile."""
    connection = sqlite3.connect(database, timeout=30, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    threading.Event().wait(seconds)
    connection.execute("ROLLBACK")
    connection.close()
