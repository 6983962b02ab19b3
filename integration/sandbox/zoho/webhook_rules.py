"""Which webhooks the organisation sends, how it tries again, and what chance does to them on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.errors import BadInstructionError

ENTITIES = frozenset({
    "contact", "item", "salesorder", "purchaseorder", "invoice", "package", "shipmentorder",
    "purchasereceive", "inventory_adjustment",
})  # fmt: skip
EVENTS = frozenset({"add", "edit", "delete"})
FORMATS = frozenset({"json", "form", "pairs", "raw"})
METHODS = ("POST", "PUT", "DELETE")
RETRY_KINDS = frozenset({"fixed", "linear", "exponential", "retry_after"})
MAX_RETRIES = 20


@dataclass(frozen=True)
class Rule:
    """A workflow rule with one webhook as its action; `on_api_changes` None: as the switch says.

    `format` is json (the record), form (the record in the field JSONString), pairs (`form_data`) or raw
    (`raw`); `once`: only at the first change of a record.
    """

    rule: str
    url: str
    entity: str = "contact"
    events: tuple[str, ...] = ("add", "edit")
    secret: str = ""
    format: str = "json"
    on_api_changes: bool | None = None
    query_parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form_data: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    method: str = "POST"
    once: bool = False
    webhook_id: str = ""
    workflow_id: str = ""


@dataclass(frozen=True)
class Retry:
    """Further attempts after one that was not answered 2xx; without a policy there are none."""

    count: int = 0
    base_seconds: float = 1.0
    kind: str = "fixed"
    modifier: float = 1.0

    def pause(self, attempt: int, told: float | None = None) -> float:
        """Seconds to wait after the given attempt (1 is the first); `told` is the answer's Retry-After."""
        if self.kind == "retry_after":
            return self.base_seconds if told is None else told
        growth = 2.0 * self.modifier if self.kind == "exponential" else self.modifier
        factor = {
            "fixed": 1.0, "linear": 1.0 + (attempt - 1) * growth, "exponential": growth ** (attempt - 1),
        }  # fmt: skip
        return self.base_seconds * factor[self.kind]


@dataclass(frozen=True)
class Chaos:
    """Probabilities per delivery; `late_seconds` is a range, `reorder` mixes what is sent within a second."""

    lose: float = 0.0
    double: float = 0.0
    late: float = 0.0
    late_seconds: tuple[float, float] = (1.0, 4.0)
    reorder: bool = False


@dataclass(frozen=True)
class WebhookSettings:
    """Everything about outgoing webhooks."""

    rules: tuple[Rule, ...] = ()
    retry: Retry = field(default_factory=Retry)
    chaos: Chaos = field(default_factory=Chaos)


def parse_settings(spec: Mapping[str, Any], default_secret: str) -> WebhookSettings:
    """Settings from the admin's JSON; a rule that names no secret is signed with the organisation's.

    :raises BadInstructionError: an unknown key or a value out of its list
    """
    _only(spec, ("rules", "retry", "chaos"), "webhooks")
    try:
        return WebhookSettings(
            tuple(_rule(rule, default_secret) for rule in spec.get("rules", [])),
            _retry(spec.get("retry", {})),
            _chaos(spec.get("chaos", {})),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise BadInstructionError(f"a value of the wrong type: {error}") from error


def parse_chaos(spec: Mapping[str, Any]) -> Chaos:
    """Chances alone. :raises BadInstructionError: an unknown key or a value out of its range"""
    return parse_settings({"chaos": spec}, "").chaos


def rules_for(urls: Sequence[str], secret: str) -> tuple[Rule, ...]:
    """Rules from plain addresses: their last part names the rule; `delete` in it means on deletes."""
    rules = []
    for url in urls:
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        events = ("delete",) if "delete" in name else ("add", "edit")
        rules.append(Rule(rule=name, url=url, events=events, secret=secret))
    return tuple(rules)


def _rule(spec: object, default_secret: str) -> Rule:
    if not isinstance(spec, Mapping):
        raise BadInstructionError("a webhook rule is an object")
    _only(spec, tuple(Rule.__dataclass_fields__), "a webhook rule")
    if not spec.get("rule") or not spec.get("url"):
        raise BadInstructionError("a webhook rule has a name `rule` and a `url`")
    rule = Rule(**{"secret": default_secret, **spec, "events": tuple(spec.get("events", Rule.events))})
    if not rule.events or not EVENTS.issuperset(rule.events) or rule.format not in FORMATS:
        raise BadInstructionError(f"events are of {sorted(EVENTS)}, format is of {sorted(FORMATS)}")
    if rule.method not in METHODS:
        raise BadInstructionError(f"method is one of {METHODS}")
    if rule.entity not in ENTITIES or not rule.url.startswith(("http://", "https://")):
        raise BadInstructionError(f"entity is of {sorted(ENTITIES)}, url is a web address")
    return rule


def _retry(spec: Mapping[str, Any]) -> Retry:
    _only(spec, tuple(Retry.__dataclass_fields__), "webhooks.retry")
    retry = Retry(**spec)
    if retry.kind not in RETRY_KINDS or not 0 <= retry.count <= MAX_RETRIES:
        raise BadInstructionError(f"retry.kind is of {sorted(RETRY_KINDS)}, count is 0 to {MAX_RETRIES}")
    return retry


def _chaos(spec: Mapping[str, Any]) -> Chaos:
    _only(spec, tuple(Chaos.__dataclass_fields__), "webhooks.chaos")
    low, high = spec.get("late_seconds", Chaos.late_seconds)
    chaos = Chaos(**{**spec, "late_seconds": (float(low), float(high))})
    if not all(0 <= share <= 1 for share in (chaos.lose, chaos.double, chaos.late)):
        raise BadInstructionError("chaos.lose, double and late are between 0 and 1")
    return chaos


def _only(spec: Mapping[str, Any], known: Sequence[str], what: str) -> None:
    unknown = set(spec) - set(known)
    if unknown:
        raise BadInstructionError(f"{what} has no {sorted(unknown)}; it has {sorted(known)}")
