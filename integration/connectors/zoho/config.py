"""What the connector must know about one Zoho Inventory organisation, and what nobody could verify about the
API.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

API_PATH = "/inventory/v1"


@dataclass(frozen=True)
class DataCenter:
    """One Zoho data centre: its accounts server, and the API host used where a token answer names none."""

    accounts_url: str
    api_domain: str


# https://www.zoho.com/inventory/api/v1/introduction: the hosts do not follow from the suffix (see Canada).
DATA_CENTERS = {
    "us": DataCenter("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": DataCenter("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": DataCenter("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "au": DataCenter("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "jp": DataCenter("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    "ca": DataCenter("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    "cn": DataCenter("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "sa": DataCenter("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
}


@dataclass(frozen=True)
class Dialect:
    """Facts no document settles, with the default the connector goes by.

    `keyed_upsert`: whether PUT /contacts with X-Unique-Identifier-Key exists under the Inventory path.
    `keyed_absent`: (HTTP status, code) of such a PUT that finds nothing.
    `token_codes`: codes under 401 (or 200) that mean the token and not the permission.
    `organization_codes`: codes of a missing or foreign organization_id.
    `block_minutes`: limit minutes to stay away after a 429 for the minute.
    """

    keyed_upsert: Literal["probe", "yes", "no"] = "probe"
    keyed_absent: frozenset[tuple[int, int]] = frozenset({(404, 1002), (400, 1002)})
    token_codes: frozenset[int] = frozenset({14, 57})
    organization_codes: frozenset[int] = frozenset({6041})
    block_minutes: float = 1.0


@dataclass(frozen=True)
class ZohoConfig:
    """One connection.

    `accounts_url` and `api_domain` replace what the data centre and the token answer say. `key_field` is the
    unique custom field that holds our key. `custom_fields` are those the mapping reads: one that a whole
    record does not show is empty there. `minute_seconds` is the length of a limit minute.
    """

    organization_id: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    data_center: str = "us"
    accounts_url: str = ""
    api_domain: str = ""
    key_field: str = "cf_salesforce_id"
    custom_fields: frozenset[str] = frozenset()
    minute_seconds: float = 60.0
    page_size: int = 200
    most_pages: int = 5000
    dialect: Dialect = field(default_factory=Dialect)

    @property
    def accounts(self) -> str:
        """Base address of the accounts server."""
        return (self.accounts_url or DATA_CENTERS[self.data_center].accounts_url).rstrip("/")

    def base_url(self, told: str) -> str:
        """Base address of the API; `told` is the token answer's api_domain."""
        domain = self.api_domain or told or DATA_CENTERS[self.data_center].api_domain
        return domain.rstrip("/") + API_PATH
