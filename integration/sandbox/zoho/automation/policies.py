"""A retry policy: how often and after which pauses a webhook that was not taken is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import invalid_element, invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_choice, clean_integer, clean_text
from integration.sandbox.zoho.webhook_rules import MAX_RETRIES, Retry

Json = dict[str, Any]
_KINDS = {
    "fixed": "fixed", "varying_linear": "linear", "varying_exponential": "exponential",
    "honor_retry_after": "retry_after",
}  # fmt: skip
_SECONDS = {"minutes": 60.0, "hours": 3600.0}
_ACTIONS = ("webhook", "custom_function")


@dataclass(frozen=True)
class Policy:
    """One policy; it holds for every action of its type."""

    policy_id: str
    created: int
    policy_name: str = ""
    action_type: str = ""
    retry_type: str = ""
    base_interval: int = 5
    base_interval_unit: str = "minutes"
    interval_modifier: int = 1
    retry_count: int = 0

    def retry(self, scale: float) -> Retry:
        """What the sender goes by; `scale` is the length of a second here."""
        base = self.base_interval * _SECONDS[self.base_interval_unit] * scale
        return Retry(self.retry_count, base, _KINDS[self.retry_type], self.interval_modifier)

    def shown(self, created_time: str) -> Json:
        """As GET tells it."""
        plain = {key: value for key, value in vars(self).items() if key != "created"}
        return {**plain, "created_time": created_time}


def changed_policy(policy: Policy, body: Mapping[str, Any], switches: Switches) -> Policy:
    """The policy after a write; what it leaves out stays.

    :raises ApiError: an unknown key, a number or word out of range, no type or count
    """
    changes: Json = {}
    for key, value in body.items():
        if key == "policy_name":
            changes[key] = clean_text(key, value, 100)
        elif key in _WORDS:
            changes[key] = clean_choice(key, value, _WORDS[key])
        elif key in {"base_interval", "interval_modifier", "retry_count"}:
            changes[key] = clean_integer(key, value)
        elif key not in {"policy_id", "created_time"} and switches.zoho_unknown_keys == "reject":
            raise invalid_element(key, switches)
    found = replace(policy, **changes)
    for key in ("action_type", "retry_type"):
        if not getattr(found, key):
            raise missing_value(key)
    if not 1 <= found.retry_count <= MAX_RETRIES:
        raise invalid_value("retry_count")
    if found.base_interval < 1 or found.interval_modifier < 0:
        raise invalid_value("base_interval" if found.base_interval < 1 else "interval_modifier")
    return found


_WORDS: Mapping[str, tuple[str, ...]] = {
    "action_type": _ACTIONS, "retry_type": tuple(_KINDS), "base_interval_unit": tuple(_SECONDS),
}  # fmt: skip
