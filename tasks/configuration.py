"""Celery's settings, each chosen for one thing: messages may be lost or doubled, but workers must not hang.

Queues are explicit, so that a mistyped name fails where it is used instead of filling a list nobody reads.
"""

from __future__ import annotations

from typing import Any

from kombu.entity import Queue

from integration.errors import ConfigurationFault
from integration.settings import Settings
from tasks.bell import RINGS

QUEUES = ("events", "salesforce", "zoho", "batch", "dead-letter", "maintenance")
SWEEP = "maintenance.sweep"
VISIBILITY_SECONDS = 600
"""After this what a killed worker had taken comes again; so does a longer task, which its lease stops."""


def celery_configuration(settings: Settings) -> dict[str, Any]:
    """The whole configuration. Raises ConfigurationFault when no Redis is known."""
    if settings.redis_url is None:
        raise ConfigurationFault(
            "broker.none",
            "workers need a Redis, and none is known",
            where="REDIS_URL",
            advice="Set REDIS_URL, or start everything with `zoho-salesforce up`, which brings its own.",
        )
    return {
        "broker_url": settings.redis_url.get_secret_value(),
        **BROKER,
        **MESSAGES,
        **WORKERS,
        "task_routes": routes(),
        "beat_schedule": beat_schedule(settings),
        "beat_max_loop_interval": 5,
    }


def routes() -> dict[str, dict[str, str]]:
    """The queue of every task, so that whoever sends one need not know it."""
    rung = {task: {"queue": queue} for steps in RINGS.values() for task, queue in steps}
    return rung | {SWEEP: {"queue": "maintenance"}}


def _queues() -> list[Any]:
    queue: Any = Queue  # kombu is typed in parts only
    return [queue(name) for name in QUEUES]


BROKER: dict[str, Any] = {
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # the default of 100 ends a worker after a long outage
    "broker_pool_limit": 10,
    "broker_pool_acquire_timeout": 5.0,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "health_check_interval": 10,
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "max_connections": 64,
        "client_name": "celery",
    },
}

MESSAGES: dict[str, Any] = {
    "task_serializer": "json",
    "accept_content": ["json"],
    "result_backend": None,
    "task_ignore_result": True,
    "task_queues": _queues(),
    "task_default_queue": "events",
    "task_create_missing_queues": False,
    "task_publish_retry": True,
    "task_publish_retry_policy": {
        "max_retries": 3,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 1,
    },
    "task_send_sent_event": False,
    "timezone": "UTC",
    "enable_utc": True,
}

WORKERS: dict[str, Any] = {
    "task_acks_late": True,
    "task_acks_on_failure": True,  # what failed is found again by the sweep, not by its message
    "task_acks_on_timeout": False,
    "task_reject_on_worker_lost": True,
    "task_retry_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "worker_eta_task_limit": 500,
    "worker_cancel_long_running_tasks_on_connection_loss": False,  # running twice is harmless
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_soft_shutdown_timeout": 8.0,
    "worker_enable_soft_shutdown_on_idle": True,
}


def beat_schedule(settings: Settings) -> dict[str, Any]:
    """One entry, the sweep, which starts whatever job is due: beat has nothing to remember or to miss."""
    seconds = min((pair.policies.sweep_seconds for pair in settings.pairs), default=5.0)
    # Expiring keeps ticks from piling up while no worker takes them.
    options = {"queue": "maintenance", "expires": max(10.0, 3 * seconds)}
    return {"sweep": {"task": SWEEP, "schedule": seconds, "options": options}}


def publishing_options() -> dict[str, Any]:
    """Transport options of the bell: give up soon and never try again, because the sweep rings anyway."""
    return {
        "socket_timeout": 0.25,
        "socket_connect_timeout": 0.25,
        "max_retries": 0,
        "interval_start": 0,
        "client_name": "bell",
    }
