"""What the broker says about itself, for `doctor` and the readiness probe."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from integration.errors import Retryable
from tasks.configuration import QUEUES

SECONDS = 2.0
PRIORITIES = ("", "\x06\x163", "\x06\x166", "\x06\x169")
"""Endings of the lists in which the transport keeps one queue, by priority."""


@dataclass(frozen=True)
class BrokerFacts:
    """Answers of a broker; `policy` must be `noeviction`, else messages vanish when memory is short.

    Hosted servers may tell neither policy nor limit: then they are empty and 0.
    """

    version: str
    policy: str
    used_bytes: int
    max_bytes: int
    is_persistent: bool
    depths: dict[str, int] = field(default_factory=dict)


def broker_facts(url: str, seconds: float = SECONDS) -> BrokerFacts:
    """Ask the broker. Raises Retryable when it does not answer."""
    client = redis.Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        client_name="doctor",
    )
    try:
        return _facts(client)
    except (redis.RedisError, OSError) as error:
        raise Retryable("broker.unreachable", type(error).__name__) from None
    finally:
        client.close()


def _facts(client: Any) -> BrokerFacts:
    server, memory = client.info("server"), client.info("memory")
    told, kept = _configuration(client), client.info("persistence")
    return BrokerFacts(
        version=str(server.get("valkey_version") or server.get("redis_version") or ""),
        policy=str(told.get("maxmemory-policy") or memory.get("maxmemory_policy") or ""),
        used_bytes=int(memory.get("used_memory") or 0),
        max_bytes=int(told.get("maxmemory") or memory.get("maxmemory") or 0),
        is_persistent=bool(kept.get("aof_enabled")),
        depths={queue: sum(client.llen(queue + end) for end in PRIORITIES) for queue in QUEUES},
    )


def _configuration(client: Any) -> dict[str, str]:
    try:
        return dict(client.config_get("maxmemory-policy", "maxmemory"))
    except redis.ResponseError:  # hosted servers refuse CONFIG
        return {}
