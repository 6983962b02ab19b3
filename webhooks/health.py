"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from integration.errors import Fault, Retryable
from integration.wiring import Wiring
from tasks.broker import broker_facts

BROKER_SECONDS = 1.0


def routes(wiring: Wiring) -> Blueprint:
    """Probes for whoever supervises the process."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Ready means that events can be stored; a missing Redis is told, but slows only what comes after."""
        database, broker = _database(wiring), _broker(wiring)
        ready = database == "ok"
        body = {"status": "ready" if ready else "not ready", "database": database, "redis": broker}
        return jsonify(body), 200 if ready else 503

    return blueprint


def _database(wiring: Wiring) -> str:
    try:
        for pair in wiring.pairs():
            with pair.services.stores.reading(pair.services.pair_id) as uow:
                uow.pairs.state()
    except Fault as fault:
        return fault.code
    return "ok"


def _broker(wiring: Wiring) -> str:
    url = wiring.settings.redis_url
    if url is None:
        return "none"
    try:
        broker_facts(url.get_secret_value(), BROKER_SECONDS)
    except Retryable as fault:
        return fault.code
    return "ok"
