"""Settings and a migrated database for tests of wiring, tasks and receiver; no system stands behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from integration.settings import PairSettings, SalesforceSettings, Settings, WebhookRule, ZohoSettings
from integration.stores.migrate import upgrade

SECRET = "kept-between-the-two"
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
RULES = (
    WebhookRule(rule="contact-saved", secret=SecretStr(SECRET)),
    WebhookRule(rule="contact-deleted", secret=SecretStr(SECRET)),
    WebhookRule(rule="plain", secret=SecretStr(SECRET), mode="header", header="X-Webhook-Secret"),
    WebhookRule(rule="base64", secret=SecretStr(SECRET), encoding="base64"),
)


def sample_pair(name: str = "main", **changes: Any) -> PairSettings:
    """A pair whose systems nobody answers for."""
    salesforce = SalesforceSettings(
        login_url="http://127.0.0.1:1",
        client_id="client",
        client_secret=SecretStr("salesforce-secret"),
        pubsub_endpoint="127.0.0.1:1",
    )
    zoho = ZohoSettings(
        organization_id="10234695",
        accounts_url="http://127.0.0.1:1",
        api_domain="http://127.0.0.1:1",
        client_id="client",
        client_secret=SecretStr("zoho-secret"),
        refresh_token=SecretStr("zoho-refresh"),
        webhooks=RULES,
        webhook_max_bytes=20_000,
    )
    return PairSettings(name=name, salesforce=salesforce, zoho=zoho, **changes)


def sample_settings(
    folder: Path, database_url: str, redis_url: str | None = None, **changes: Any
) -> Settings:
    """Settings of one pair over a migrated database."""
    upgrade(database_url)
    given: dict[str, Any] = {"pairs": (sample_pair(),), "encryption_keys": (SecretStr(KEY),), **changes}
    return Settings(
        state_dir=folder,
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url) if redis_url else None,
        **given,
    )


class RecordingBell:
    """A bell that keeps what it was told."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, int]] = []
        self.cleared: list[tuple[str, int]] = []

    def ring(self, queue: str, pair_id: int) -> None:
        self.rung.append((queue, pair_id))

    def clear(self, queue: str, pair_id: int) -> None:
        self.cleared.append((queue, pair_id))
