"""Who the organisation is: ids, credentials, time zone, currencies, limits, custom fields."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.zoho.custom_fields import CustomField, parse_definition

_FIRST_EXTRA_INDEX = 11
FULL_ACCESS = "ZohoInventory.FullAccess.all"


@dataclass(frozen=True)
class Limits:
    """Calls an organisation may make: per minute, per day, at the same time."""

    per_minute: int = 100
    daily: int = 10_000
    in_flight: int = 10


@dataclass(frozen=True)
class Currency:
    """One currency of the organisation; `rate` is units of the base currency."""

    currency_id: str
    code: str
    name: str
    symbol: str
    is_base: bool = False
    rate: float = 1.0

    def shown(self) -> dict[str, Any]:
        """As GET /settings/currencies tells it."""
        return {
            "currency_id": self.currency_id,
            "currency_code": self.code,
            "currency_name": f"{self.code}- {self.name}",
            "currency_symbol": self.symbol,
            "price_precision": 2,
            "currency_format": "1,234,567.89",
            "is_base_currency": self.is_base,
            "exchange_rate": self.rate,
            "effective_date": "",
        }


@dataclass(frozen=True)
class Profile:
    """Everything about the organisation that the API cannot change."""

    organization_id: str
    id_prefix: str
    client_id: str
    client_secret: str
    refresh_token: str
    webhook_secret: str
    custom_fields: tuple[CustomField, ...]
    currencies: tuple[Currency, ...]
    name: str = "Sandbox Trading"
    time_zone: str = "America/New_York"
    user_name: str = "Robin Sample"
    user_email: str = "robin.sample@example.com"
    limits: Limits = field(default_factory=Limits)

    @property
    def base_currency(self) -> Currency:
        """The one that amounts of the organisation are kept in."""
        return next(currency for currency in self.currencies if currency.is_base)


def make_profile(seed: int, limits: Limits, extra_fields: Sequence[str] = ()) -> Profile:
    """A profile whose ids and secrets follow from the seed, so that credentials outlive a restart.

    :raises ValueError: a definition of a custom field that `parse_definition` does not take
    """
    prefix = f"34{seed % 100_000:05d}"
    return Profile(
        organization_id=f"7{int(secret(seed, 'organization')[:8], 16) % 10**8:08d}",
        id_prefix=prefix,
        client_id=f"1000.{secret(seed, 'client')[:30].upper()}",
        client_secret=secret(seed, "client-secret")[:42],
        refresh_token=f"1000.{secret(seed, 'refresh')[:32]}.{secret(seed, 'refresh-tail')[:32]}",
        webhook_secret=secret(seed, "webhook")[:32],
        custom_fields=(*_default_fields(prefix), *_extra_fields(prefix, extra_fields)),
        currencies=_currencies(prefix),
        limits=limits,
    )


def secret(seed: int, purpose: str) -> str:
    """64 hex characters that look random and are not: this is a stand-in, nothing here is worth stealing."""
    return hashlib.sha256(f"zoho sandbox:{seed}:{purpose}".encode()).hexdigest()


def _currencies(prefix: str) -> tuple[Currency, ...]:
    rows = (("USD", "US Dollar", "$", 1.0), ("EUR", "Euro", "€", 1.08), ("GBP", "Pound Sterling", "£", 1.27))
    return tuple(
        Currency(f"{prefix}{97 + 2 * number:012d}", code, name, symbol, is_base=number == 0, rate=rate)
        for number, (code, name, symbol, rate) in enumerate(rows)
    )


def _extra_fields(prefix: str, definitions: Sequence[str]) -> tuple[CustomField, ...]:
    return tuple(
        parse_definition(spec, f"{prefix}{1101 + 2 * number:012d}", _FIRST_EXTRA_INDEX + number)
        for number, spec in enumerate(definitions)
    )


def _default_fields(prefix: str) -> tuple[CustomField, ...]:
    rows = (
        ("contact", "cf_salesforce_id", "Salesforce Id", "string", True),
        ("contact", "cf_key_account", "Key Account", "check_box", False),
        ("contact", "cf_region", "Region", "string", False),
        ("item", "cf_salesforce_id", "Salesforce Id", "string", True),
        ("salesorder", "cf_salesforce_id", "Salesforce Id", "string", True),
        ("purchaseorder", "cf_salesforce_id", "Salesforce Id", "string", True),
    )
    return tuple(
        CustomField(
            f"{prefix}{1001 + 2 * number:012d}", name, title, kind, is_unique=unique,
            index=1 + sum(entity == other for other, *_ in rows[:number]), entity=entity,
        )
        for number, (entity, name, title, kind, unique) in enumerate(rows)
    )  # fmt: skip
