"""What the Salesforce connector is told; filled in by the wiring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MatchFields = Mapping[str, Mapping[str, Sequence[str]]]
"""Per entity and kind of evidence (name, email, phone, website) the fields a search looks at."""

DEFAULT_MATCH_FIELDS: MatchFields = {
    "Account": {"name": ("Name",), "phone": ("Phone",), "website": ("Website",)},
    "Contact": {"name": ("Name",), "email": ("Email",), "phone": ("Phone", "MobilePhone")},
}


class Flow(StrEnum):
    """OAuth flows for servers."""

    CLIENT_CREDENTIALS = "client_credentials"
    JWT = "jwt"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a name


@dataclass(frozen=True)
class Login:
    """How to get an access token.

    `login_url` is the org's My Domain address (client credentials work nowhere else) or the generic login
    host; `audience` of the JWT, empty: the login address; `instance_url` replaces what the token answer
    says. Salesforce tells no expiry: `lifetime_seconds` is the session time-out of the org, after which a
    token is renewed before it is refused.
    """

    flow: Flow
    login_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    username: str = ""
    private_key: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    audience: str = ""
    instance_url: str = ""
    lifetime_seconds: float = 7_200.0


@dataclass(frozen=True)
class GatewayConfig:
    """How the gateway talks to one org.

    `fields` are the native fields to read per entity, as the mapping needs them; `client_name` is what
    change events show as the origin of our writes.
    """

    fields: Mapping[str, Sequence[str]]
    client_name: str
    key_field: str = "Zoho_Id__c"
    api_version: str = "61.0"
    match_fields: MatchFields = field(default_factory=lambda: DEFAULT_MATCH_FIELDS)
    describe_seconds: float = 600.0
    poll_overlap_seconds: float = 30.0
    page_size: int = 2_000


@dataclass(frozen=True)
class StreamConfig:
    """How the listener follows the event bus.

    `watchdog_seconds` must be above the 270 s within which the bus promises a keepalive. `batch` events are
    asked for at a time (the bus caps a stream at 100). `organization_id` is sent where the token does not
    tell it.
    """

    topics: Sequence[str]
    endpoint: str = "api.pubsub.salesforce.com:7443"
    tls: bool = True
    ca_file: str = ""
    organization_id: str = ""
    batch: int = 100
    watchdog_seconds: float = 300.0
    deadline_seconds: float = 15.0
    backoff_seconds: float = 1.0
    backoff_cap_seconds: float = 60.0
    ping_seconds: float = 45.0
