"""The command line of every process of the product, in one place; the Procfile says the same for hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from integration.processes.child import ProcessSpec
from integration.processes.ports import answers_http
from integration.settings import Settings, flower_login

QUEUES = ("events", "salesforce", "zoho", "batch", "dead-letter", "maintenance")


@dataclass(frozen=True)
class WorkerKind:
    """A worker process: the queues it takes from and how many threads it has."""

    name: str
    queues: tuple[str, ...]
    threads: int


ON_POSTGRES = (
    WorkerKind("events", ("events",), 4),
    WorkerKind("salesforce", ("salesforce",), 4),
    WorkerKind("zoho", ("zoho",), 4),
    WorkerKind("batch", ("batch", "dead-letter", "maintenance"), 4),
)
"""A worker for each kind of queue, so that a slow system does not starve the other."""

ON_SQLITE = (
    WorkerKind("line-1", ("events", "salesforce", "zoho", "dead-letter"), 4),
    WorkerKind("line-2", ("events", "zoho", "salesforce", "dead-letter"), 4),
    WorkerKind("batch", ("batch", "maintenance"), 2),
)
"""Fewer processes, because SQLite lets one write at a time; two for the line, so that one may die."""


@dataclass(frozen=True)
class ProcessAddresses:
    """Where the processes listen on this machine."""

    web_host: str
    web_port: int
    flower_host: str
    flower_port: int

    @property
    def web_url(self) -> str:
        return f"http://{self.web_host}:{self.web_port}"

    @property
    def flower_url(self) -> str:
        return f"http://{self.flower_host}:{self.flower_port}"


def web_command(bind: str, workers: str, threads: str) -> tuple[str, ...]:
    """The receiver. Heartbeats go to a memory file system: a busy disk looks like a hung worker."""
    memory = ("--worker-tmp-dir", "/dev/shm") if Path("/dev/shm").is_dir() else ()  # noqa: S108
    return (
        *("gunicorn", "webhooks.app:create_app()", "--bind", bind),
        *("--worker-class", "integration.processes.gunicorn_worker.ReceiverWorker"),
        *("--workers", workers, "--threads", threads, "--timeout", "25", "--graceful-timeout", "20"),
        *("--max-requests", "50000", "--max-requests-jitter", "5000", "--no-control-socket"),
        *("--logger-class", "integration.processes.gunicorn_log.GunicornLog", *memory),
    )


def listen_command() -> tuple[str, ...]:
    """The Salesforce event listener; a second one stands by."""
    return ("zoho-salesforce", "listen")


def worker_command(kind: WorkerKind) -> tuple[str, ...]:
    """A Celery worker on threads: prefork can hang in a loaded shutdown."""
    return (
        *("celery", "-A", "tasks.app", "worker", "--queues", ",".join(kind.queues)),
        *("--pool", "threads", "--concurrency", str(kind.threads), "--hostname", f"{kind.name}@%h"),
        *("--without-gossip", "--without-mingle", "--task-events", "--loglevel", "INFO"),
    )


def beat_command() -> tuple[str, ...]:
    """The clock. It remembers nothing between starts, because every job has a unique slot in SQL."""
    return ("celery", "-A", "tasks.app", "beat", "--scheduler", "celery.beat:Scheduler", "--loglevel", "INFO")


def flower_command(host: str, port: str) -> tuple[str, ...]:
    """Flower; its login comes in the environment, because command lines can be read by everybody.

    Without tornado's logging, which would show what its requests and messages hold, ours is used.
    """
    return ("celery", "-A", "tasks.app", "flower", f"--address={host}", f"--port={port}", "--logging=none")


def migrate_command() -> tuple[str, ...]:
    """Brings the database to this version; runs before anything else."""
    return ("zoho-salesforce", "migrate")


def product_specs(
    settings: Settings, addresses: ProcessAddresses, env: Mapping[str, str]
) -> list[ProcessSpec]:
    """All processes that work on the pairs, to run beside a reachable database and Redis.

    `env` must carry what differs from our own environment, as INTEGRATION_CONFIG and REDIS_URL.
    """
    web = web_command(
        f"{addresses.web_host}:{addresses.web_port}", str(settings.web.workers), str(settings.web.threads)
    )
    web_ready = partial(answers_http, addresses.web_port, "/healthz", addresses.web_host)
    specs = [ProcessSpec("web", web, env, ready=web_ready)]
    specs += [
        ProcessSpec(f"worker-{kind.name}", worker_command(kind), env)
        for kind in (ON_SQLITE if settings.embedded else ON_POSTGRES)
    ]
    specs += [ProcessSpec("listener", listen_command(), env), ProcessSpec("beat", beat_command(), env)]
    login = flower_login(settings)
    if login is not None:
        flower_env = {**env, "FLOWER_BASIC_AUTH": login.get_secret_value()}
        command = flower_command(addresses.flower_host, str(addresses.flower_port))
        specs.append(ProcessSpec("flower", command, flower_env))
    return specs
