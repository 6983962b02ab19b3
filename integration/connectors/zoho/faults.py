"""What an answer of Zoho means for the line. Messages may hold names, so none of their text is passed on.

Codes are reused between modules and between statuses, so a rule names both; the first that fits counts.
Sources: zoho.com/inventory/api/v1/errors, zoho.com/books/api/v3/errors, zoho.com/billing/api/v1/errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from integration.connectors.zoho.config import Dialect
from integration.errors import (
    Ambiguous,
    ConfigurationFault,
    DuplicateKey,
    Fault,
    Gone,
    NameTaken,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
)

Meaning = Literal[
    "token",
    "organization",
    "minute",
    "day",
    "in_flight",
    "server",
    "name_taken",
    "duplicate_key",
    "gone",
    "refused",
]


@dataclass(frozen=True)
class Answered:
    """A failed answer as the translation sees it; `effect`: the call may have changed something."""

    status: int
    code: int | None
    message: str
    method: str
    endpoint: str
    effect: bool
    reset_seconds: float | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class Rule:
    """Fits an answer when everything it names fits."""

    meaning: Meaning
    code: str
    text: str
    advice: str = ""
    statuses: frozenset[int] = frozenset()
    codes: frozenset[int] = frozenset()
    message: re.Pattern[str] | None = None

    def fits(self, answered: Answered) -> bool:
        """Whether the rule speaks about this answer."""
        return (
            (not self.statuses or answered.status in self.statuses)
            and (not self.codes or answered.code in self.codes)
            and (self.message is None or self.message.search(answered.message) is not None)
        )


def _rule(
    meaning: Meaning,
    code: str,
    statuses: set[int],
    codes: set[int],
    message: str,
    text: str,
    advice: str = "",
) -> Rule:
    pattern = re.compile(message, re.IGNORECASE) if message else None
    return Rule(meaning, f"zoho.{code}", text, advice, frozenset(statuses), frozenset(codes), pattern)


_SHORTEN = "Shorten the value at its source or add a conversion to the mapping."
_NO_FIELD = "Take the field out of the mapping, or switch the feature on in Zoho."
_PUT_AWAY = "Mark the contact as inactive instead."

RULES: tuple[Rule, ...] = (
    _rule("minute", "minute_limit", {429}, {44, 43}, "", "too many calls this minute"),
    _rule("day", "daily_limit", {429}, {45}, "", "the organisation's calls of this day are used up"),
    _rule("in_flight", "in_flight_limit", {429}, {1070}, "", "too many calls at the same time"),
    _rule("minute", "throttled", {429}, set(), "", "too many calls"),
    _rule("token", "token_refused", {401}, set(), "", "the access token was refused"),
    _rule("token", "token_refused", {200}, {14, 57}, "", "the access token was refused"),
    _rule("gone", "gone", {200, 400, 404}, {1002, 2006}, "", "the record does not exist any more"),
    _rule("gone", "gone", {200, 400, 404}, set(), r"(does not exist|is not accessible)\.?$",
          "the record does not exist any more"),
    _rule("name_taken", "name_taken", {200, 400}, {3062}, "", "another contact owns the name",
          "Rename one of the two, or set a policy for taken names."),
    _rule("name_taken", "name_taken", {200, 400}, set(),
          r"^A (vendor|customer) with the name.*already exists|"
          r"^The (customer|vendor|contact) .*already exists|item name already exist|^Item .*already exists",
          "another record owns the name", "Rename one of the two, or set a policy for taken names."),
    _rule("duplicate_key", "duplicate_key", {200, 400, 409}, set(),
          r"already (in use|exists|taken|been used)|duplicate value|must be unique",
          "another record owns a value that must be unique"),
    _rule("refused", "too_long", {200, 400}, {15}, "", "a text is longer than Zoho takes", _SHORTEN),
    _rule("refused", "unknown_field", {200, 400}, set(), r"^Invalid Element",
          "a field is not known to this organisation", _NO_FIELD),
    _rule("refused", "malformed", {200, 400}, set(), r"JSON is not well formed",
          "the body was not understood"),
    _rule("refused", "wrong_contact_type", {200, 400}, set(), r"correct contact type",
          "the contact is a vendor where a customer is meant, or the reverse",
          "Use a contact of the right type; one record cannot be both."),
    _rule("refused", "has_transactions", {200, 400}, {2049, 2076}, "",
          "the record has transactions", _PUT_AWAY),
    _rule("refused", "has_transactions", {200, 400}, set(), r"part of other transactions|having transactions",
          "the record has transactions", _PUT_AWAY),
    _rule("refused", "invalid_value", {200, 400}, {2, 4}, "", "a value does not fit its field",
          "Correct the value at its source or add a conversion to the mapping."),
    _rule("refused", "invalid_value", {200, 400}, set(), r"^Invalid value passed",
          "a value does not fit its field",
          "Correct the value at its source or add a conversion to the mapping."),
    _rule("refused", "forbidden", {403}, set(), "", "the user may not do this",
          "Give the connected user the permission, or connect with another one."),
    _rule("refused", "unknown_address", {404}, set(), "", "there is no such address in this edition"),
    _rule("refused", "method_not_allowed", {405}, set(), "", "the address does not take this method"),
    _rule("refused", "not_acceptable", {406, 415}, set(), "", "the form of the request was refused"),
    _rule("server", "timeout", {408}, set(), "", "Zoho gave up waiting"),
    _rule("server", "server_error", set(range(500, 600)), set(), "", "an error inside Zoho"),
)  # fmt: skip

_ANY = _rule("refused", "refused", set(), set(), "", "Zoho refused the request",
             "Look the code up in Zoho's API documentation, correct the record and replay.")  # fmt: skip


class Translator:
    """Turns failed answers into faults; `minute_seconds` is the length of a limit minute."""

    def __init__(self, dialect: Dialect, minute_seconds: float) -> None:
        self._dialect = dialect
        self._minute = minute_seconds
        self._make: Mapping[Meaning, Callable[[Rule, Answered], Fault]] = {
            "token": _of(Unauthorized),
            "organization": _of(ConfigurationFault),
            "minute": self._throttled,
            "day": self._throttled,
            "in_flight": self._throttled,
            "server": _server,
            "name_taken": _of(NameTaken),
            "duplicate_key": _of(DuplicateKey),
            "gone": _of(Gone),
            "refused": _of(Rejected),
        }

    def fault(self, answered: Answered) -> Fault:
        """The fault of one failed answer."""
        rule = self._rule(answered)
        return self._make[rule.meaning](rule, answered)

    def _rule(self, answered: Answered) -> Rule:
        if answered.code in self._dialect.organization_codes:
            return _rule("organization", "wrong_organization", set(), set(), "",
                         "the token does not reach the configured organisation",
                         "Check organization_id and which user the connection was made with.")  # fmt: skip
        return next((rule for rule in RULES if rule.fits(answered)), _ANY)

    def _throttled(self, rule: Rule, answered: Answered) -> Throttled:
        seconds = {
            "minute": self._minute * self._dialect.block_minutes,
            "day": 3600.0 if answered.reset_seconds is None else day_pause(answered.reset_seconds),
            "in_flight": min(1.0, self._minute / 60),
        }[rule.meaning]
        return Throttled(
            rule.code,
            rule.text,
            seconds=max(seconds, answered.retry_after or 0.0),
            scope=rule.meaning,
            advice=rule.advice,
            evidence=_evidence(answered),
        )


def day_pause(reset_seconds: float) -> float:
    """Seconds to stop for when a day is used up: Zoho tells whole seconds, in the last one none."""
    return max(1.0, reset_seconds)


def unreadable(answered: Answered) -> Fault:
    """An answer with a good status that is no envelope: somebody between us and Zoho spoke."""
    text = "the answer is not in Zoho's form"
    kind = Ambiguous if answered.effect else Retryable
    return kind("zoho.unreadable", text, evidence=_evidence(answered))


def token_fault(status: int, error: str, description: str, window_seconds: float) -> Fault:
    """What the accounts server's refusal means; only its error word is kept."""
    word = error if re.fullmatch(r"[A-Za-z_ ]{1,40}", error) else ""
    evidence = {"status": status, "error": word}
    if status == 429 or "too many requests" in description.lower():
        return Throttled(
            "zoho.token_throttled",
            "too many token requests",
            seconds=window_seconds,
            scope="token",
            evidence=evidence,
        )
    if status >= 500 or not (word or status in {400, 401, 403}):
        return Retryable(
            "zoho.token_server", "the accounts server did not answer properly", evidence=evidence
        )
    return Unauthorized(
        "zoho.grant_refused",
        "the refresh token, client id or client secret is not accepted",
        advice="Connect Zoho again; also check that the data centre is the organisation's own.",
        evidence=evidence,
    )


def _of(kind: type[Fault]) -> Callable[[Rule, Answered], Fault]:
    return lambda rule, answered: kind(
        rule.code, rule.text, advice=rule.advice, **_evidence_for(kind, answered)
    )


def _evidence_for(kind: type[Fault], answered: Answered) -> dict[str, Mapping[str, object]]:
    return {} if kind is ConfigurationFault else {"evidence": _evidence(answered)}


def _server(rule: Rule, answered: Answered) -> Fault:
    """A server error after a call with effects leaves open whether it took effect."""
    kind = Ambiguous if answered.effect else Retryable
    return kind(rule.code, rule.text, evidence=_evidence(answered))


def _evidence(answered: Answered) -> dict[str, object]:
    return {
        "status": answered.status,
        "code": answered.code,
        "method": answered.method,
        "endpoint": answered.endpoint,
    }
