"""Webhooks of Zoho: who sent one, and which event it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Side
from integration.connectors.zoho import webhooks
from integration.errors import BadInput
from integration.settings import PairSettings, WebhookRule

UNKNOWN, UNSIGNED, FORGED, TOO_LARGE = 404, 401, 401, 413
ENTITIES = frozenset({"contact"})


@dataclass(frozen=True)
class Hook:
    """One request of a webhook, as it came in; `headers` compare without case."""

    pair: str
    rule: str
    raw_body: bytes
    content_type: str
    query_pairs: Sequence[tuple[str, str]]
    given: str | None
    """What stands in the header the rule names; None when it is not there."""


class Receiver:
    """Decides about the webhooks of all pairs; holds nothing but settings."""

    def __init__(self, pairs: Sequence[PairSettings]) -> None:
        self._rules = {(pair.name, rule.rule): (pair, rule) for pair in pairs for rule in pair.zoho.webhooks}
        self._pairs = {pair.name for pair in pairs}

    def rule(self, pair: str, rule: str) -> WebhookRule:
        """The rule of that address. Raises BadInput (404)."""
        found = self._rules.get((pair, rule))
        if found is None:
            what = "rule" if pair in self._pairs else "pair"
            raise BadInput(
                f"webhook.unknown_{what}",
                f"no such {what}",
                status=UNKNOWN,
                advice="The address ends in /webhooks/zoho/<pair>/<rule>, as integration.toml names them.",
            )
        return found[1]

    def most_bytes(self, pair: str, rule: str) -> int:
        """The size limit of that address."""
        return self._rules[pair, rule][0].zoho.webhook_max_bytes

    def event(self, hook: Hook) -> ArrivedEvent:
        """The event a verified request tells. Raises BadInput with the status to answer."""
        rule = self.rule(hook.pair, hook.rule)
        _verify(rule, hook)
        record = webhooks.parse(hook.raw_body, hook.content_type)
        if record.entity not in ENTITIES:
            raise BadInput("webhook.entity", "records of this kind are not synced", status=422)
        digest = hashlib.sha256(hook.raw_body).hexdigest()
        deleted = tells_deletes(rule.rule)
        return ArrivedEvent(
            side=Side.ZOHO,
            key=f"{rule.rule}:{record.entity}:{record.record_id}:{record.at_ms}:{digest}",
            entity=record.entity,
            record_id=record.record_id,
            kind=EventKind.DELETE if deleted else EventKind.RECORD,
            channel=Channel.WEBHOOK,
            at=record.at_ms,
            body=record.body,
        )


def tells_deletes(rule: str) -> bool:
    """Whether a rule reports deletions, which its name says: the payload of Zoho does not."""
    return any(word.startswith("delet") for word in rule.split("-"))


def _verify(rule: WebhookRule, hook: Hook) -> None:
    secret = rule.secret.get_secret_value()
    if not hook.given:
        raise BadInput(
            "webhook.unsigned",
            f"the header {rule.header} is missing",
            status=UNSIGNED,
            advice="Set the secret of the webhook in Zoho to the one in integration.toml.",
        )
    if rule.mode == "header":
        accepted = webhooks.verify_secret(secret, hook.given)
    else:
        pairs = webhooks.form_pairs(hook.raw_body, hook.content_type)
        body = b"" if webhooks.is_form(hook.content_type) else hook.raw_body
        accepted = webhooks.verify(secret, hook.given, hook.query_pairs, pairs, body, rule.encoding)
    if not accepted:
        raise BadInput(
            "webhook.forged",
            "the signature does not fit the body",
            status=FORGED,
            advice="Compare the secret of the webhook in Zoho with the one in integration.toml.",
        )
