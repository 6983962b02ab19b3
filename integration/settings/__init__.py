"""Everything an operator can set: `integration.toml` plus the environment, read here and nowhere else."""

from integration.settings.environment import child_environment
from integration.settings.loading import load_settings
from integration.settings.models import (
    BrakeSettings,
    FlowerSettings,
    LogSettings,
    PairSettings,
    PolicySettings,
    SalesforceSettings,
    Settings,
    WebhookRule,
    WebSettings,
    ZohoSettings,
)
from integration.settings.state import (
    ValkeyAddress,
    encryption_keys,
    flower_login,
    read_valkey_address,
    write_secret_file,
    write_valkey_address,
)

__all__ = [
    "BrakeSettings",
    "FlowerSettings",
    "LogSettings",
    "PairSettings",
    "PolicySettings",
    "SalesforceSettings",
    "Settings",
    "ValkeyAddress",
    "WebSettings",
    "WebhookRule",
    "ZohoSettings",
    "child_environment",
    "encryption_keys",
    "flower_login",
    "load_settings",
    "read_valkey_address",
    "write_secret_file",
    "write_valkey_address",
]
