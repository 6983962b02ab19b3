"""The settings as frozen records; what a key means stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

Mode = Literal["off", "observe", "live"]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+(:\d+)?(/\S*)?$")]


class Section(BaseModel):
    """A part of the file: frozen, unknown keys refused, values never shown in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class WebSettings(Section):
    """Where the receiver listens and how many requests it works on at once (workers x threads)."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workers: Count = 2
    threads: Count = 4


class FlowerSettings(Section):
    """Flower's address and login (`user:password`); on one machine a password is made on first use."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 5555
    basic_auth: SecretStr | None = None


class SalesforceSettings(Section):
    """One Salesforce org: how to get in, what to listen to, how much of its limits is ours."""

    login_url: Url = "https://login.salesforce.com"
    instance_url: Url | None = None
    """Skips what the token answer says; for orgs behind a proxy."""
    auth: Literal["client_credentials", "jwt", "refresh_token"] = "client_credentials"
    client_id: Text
    client_secret: SecretStr | None = None
    username: Text | None = None
    private_key_file: Path | None = None
    refresh_token: SecretStr | None = None
    api_version: Annotated[str, StringConstraints(pattern=r"^\d{2,3}\.0$")] = "61.0"
    client_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")] = "zoho-salesforce"
    """Sent with every call; change events show it, which is how our own writes are known."""
    ca_file: Path | None = None
    pubsub_endpoint: Annotated[str, StringConstraints(pattern=r"^[^:/\s]+:\d+$")] = (
        "api.pubsub.salesforce.com:7443"
    )
    pubsub_tls: bool = True
    streamed: tuple[Text, ...] = ("Account", "Contact")
    """Entities read from the event stream; the others are polled."""
    watchdog_seconds: Seconds = 300.0
    """Silence after which the stream counts as dead; Salesforce promises a sign of life within 270 s."""
    daily: Count = 100_000
    in_flight: Count = 20

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {
            "client_credentials": ("client_secret",),
            "jwt": ("username", "private_key_file"),
            "refresh_token": ("refresh_token",),
        }[self.auth]
        absent = [name for name in needed if getattr(self, name) is None]
        if absent:
            raise ValueError(f"auth = {self.auth!r} also needs {' and '.join(absent)}")
        if (
            self.auth == "client_credentials"
            and self.login_url.split("//")[1].split("/")[0] in GENERIC_LOGIN_HOSTS
        ):
            raise ValueError(
                "client credentials work on the org's own My Domain host only: set login_url to "
                "https://<your domain>.my.salesforce.com"
            )
        return self


GENERIC_LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})


class WebhookRule(Section):
    """One webhook rule in Zoho: its name in our address, and how its sender proves itself."""

    rule: Slug
    secret: SecretStr
    mode: Literal["hmac", "header"] = "hmac"
    """`header` is for plans without signatures: the secret itself travels in `header`."""
    header: Text = "X-Zoho-Webhook-Signature"
    encoding: Literal["hex", "base64"] = "hex"


class ZohoSettings(Section):
    """One Zoho Inventory organisation."""

    data_center: Literal["us", "eu", "in", "au", "jp", "ca", "cn", "sa"] = "us"
    accounts_url: Url | None = None
    """Replaces the data centre's accounts server."""
    api_domain: Url | None = None
    """Replaces what the token answer says."""
    organization_id: Annotated[str, StringConstraints(pattern=r"^\d+$")]
    client_id: Text
    client_secret: SecretStr
    refresh_token: SecretStr
    per_minute: Count = 100
    in_flight: Count = 10
    daily: Count = 2_000
    minute_seconds: Seconds = 60.0
    """How long the limit's minute lasts; shorter only against a sandbox with the same scale."""
    day_seconds: Seconds = 86_400.0
    webhooks: tuple[WebhookRule, ...] = ()
    webhook_max_bytes: Count = 1_048_576


class BrakeSettings(Section):
    """How much one side may change on the other before a person is asked."""

    deactivations: Count = 50
    """Deactivated records or blanked fields within the window."""
    changed_share: Annotated[float, Field(gt=0, le=1)] = 0.10
    """Share of an entity changed from one side within the window."""
    window_seconds: Seconds = 600.0


class PolicySettings(Section):
    """What the line decides by itself, and how patient it is."""

    ownership_file: Path | None = None
    mapping_dir: Path | None = None
    """YAML files laid over the shipped defaults line by line."""
    initial_mode: Mode = "observe"
    on_delete: Literal["deactivate", "ignore", "exception"] = "deactivate"
    recreate_deleted: bool = False
    on_name_taken: Literal["adopt", "pattern", "exception"] = "adopt"
    on_name_taken_individual: Literal["adopt", "pattern", "exception"] = "pattern"
    name_pattern: Annotated[str, StringConstraints(pattern=r"\{name\}")] = "{name} ({email})"
    settle_seconds: Seconds = 60.0
    search_lag_seconds: Annotated[float, Field(ge=0)] = 30.0
    """How long a new record may be missing from the other system's search."""
    poll_seconds: Seconds = 60.0
    sweep_seconds: Seconds = 5.0
    lease_seconds: Seconds = 60.0
    """How long a killed process keeps what it had claimed; an outside call lasts a quarter of it at most."""
    wait_limit_seconds: Seconds = 86_400.0
    retention_days: Annotated[float, Field(ge=7)] = 90.0
    """How long events, writes and the values in the audit are kept once they ended; a week at least, longer
    than Salesforce keeps its stream."""
    active_field: Text = "Is_Active__c"
    """Checkbox on Account and Contact that mirrors Zoho's active status."""
    brake: BrakeSettings = BrakeSettings()


class PairSettings(Section):
    """One Salesforce org joined to one Zoho Inventory organisation."""

    name: Slug
    salesforce: SalesforceSettings
    zoho: ZohoSettings
    policies: PolicySettings = PolicySettings()


class Settings(Section):
    """All of it. `load_settings` is the only maker outside tests."""

    state_dir: Path
    database_url: SecretStr
    redis_url: SecretStr | None = None
    """None: no embedded Valkey was started yet."""
    embedded_redis: bool = True
    """Whether `up` runs a Valkey of its own; set by loading: true when no REDIS_URL is given."""
    encryption_keys: tuple[SecretStr, ...] = ()
    """The first encrypts, all decrypt; see `encryption_keys()` for the embedded default."""
    sentry_dsn: SecretStr | None = None
    alert_webhook_url: SecretStr | None = None
    log: LogSettings = LogSettings()
    web: WebSettings = WebSettings()
    flower: FlowerSettings = FlowerSettings()
    pairs: tuple[PairSettings, ...] = ()

    @property
    def embedded(self) -> bool:
        """Whether this is the one-machine form (SQLite)."""
        return self.database_url.get_secret_value().startswith("sqlite")

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [pair.name for pair in self.pairs]
        if len(names) != len(set(names)):
            raise ValueError("two pairs have the same name; every pair needs its own")
        for pair in self.pairs:
            rules = [hook.rule for hook in pair.zoho.webhooks]
            if len(rules) != len(set(rules)):
                raise ValueError(f"pair {pair.name!r} names a webhook rule twice")
        return self
