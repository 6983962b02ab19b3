"""The environment variables the product knows; the only place that touches `os.environ`."""

from __future__ import annotations

import os
from collections.abc import Mapping

CONFIG_FILE = "INTEGRATION_CONFIG"

TOP_LEVEL: dict[str, tuple[str, ...]] = {
    "DATABASE_URL": ("database_url",),
    "REDIS_URL": ("redis_url",),
    "INTEGRATION_STATE_DIR": ("state_dir",),
    "ENCRYPTION_KEYS": ("encryption_keys",),
    "SENTRY_DSN": ("sentry_dsn",),
    "ALERT_WEBHOOK_URL": ("alert_webhook_url",),
    "LOG_LEVEL": ("log", "level"),
    "LOG_FORMAT": ("log", "format"),
    "WEB_CONCURRENCY": ("web", "workers"),
    "FLOWER_BASIC_AUTH": ("flower", "basic_auth"),
}
"""Variables that stand above the file, with the key each one sets. The first two are named by hosts."""


def current() -> dict[str, str]:
    """A copy of the process environment; empty values count as absent, as hosts cannot unset."""
    return {name: value for name, value in os.environ.items() if value}


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process we start: ours plus `extra`, with unbuffered output."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **extra}
