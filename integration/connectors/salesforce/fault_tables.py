"""Every error Salesforce documents, with what it means for us: facts, no code.

Sources: REST API guide (status codes and error responses), OAuth flow errors, Pub/Sub API guide (handling
errors).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integration.errors import (
    ConfigurationFault,
    DuplicateKey,
    Fault,
    Gone,
    PositionLost,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
)

DAY_SECONDS = 900.0
"""How long to leave a used-up rolling 24-hour limit alone: capacity comes back little by little."""


@dataclass(frozen=True)
class Entry:
    """One documented error: the fault it is, our words, what a person can do; how long to wait when
    throttled.
    """

    kind: type[Fault]
    text: str
    advice: str = ""
    seconds: float = 0.0
    scope: str = ""

    def fault(self, code: str, evidence: Mapping[str, object]) -> Fault:
        """A fault of this kind."""
        if self.kind is Throttled:
            return Throttled(
                code, self.text, seconds=self.seconds, scope=self.scope, advice=self.advice, evidence=evidence
            )
        if self.kind is ConfigurationFault:
            return _with_evidence(ConfigurationFault(code, self.text, advice=self.advice), evidence)
        return self.kind(code, self.text, advice=self.advice, evidence=evidence)


def _with_evidence(fault: Fault, evidence: Mapping[str, object]) -> Fault:
    fault.evidence.update(evidence)
    return fault


_MAPPING = "Check the mapping rule of the field, or change the value in the source record."
_RIGHTS = "Give the integration user access to the object, the field and the record."
_CHECK_FIELD = "Compare the mapping with the object's fields in Setup; `doctor` names those that are absent."

REST_ERRORS: Mapping[str, Entry] = {
    "INVALID_SESSION_ID": Entry(Unauthorized, "the session has expired"),
    "INVALID_AUTH_HEADER": Entry(Unauthorized, "the session was not recognised"),
    "REQUEST_LIMIT_EXCEEDED": Entry(
        Throttled,
        "the org's calls of the last 24 hours are used up",
        seconds=DAY_SECONDS,
        scope="day",
        advice="Wait, buy calls, or find who else uses them (Setup, Company Information).",
    ),
    "UNABLE_TO_LOCK_ROW": Entry(Retryable, "somebody else is saving this record or its parent"),
    "SERVER_UNAVAILABLE": Entry(Retryable, "the server is busy or under maintenance"),
    "UNKNOWN_EXCEPTION": Entry(Retryable, "an unexpected error inside Salesforce"),
    "QUERY_TIMEOUT": Entry(Retryable, "the query took too long"),
    "INVALID_QUERY_LOCATOR": Entry(Retryable, "the query's result has expired and must be asked anew"),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Entry(Retryable, "a sibling of this row failed"),
    "PROCESSING_HALTED": Entry(Retryable, "a sibling of this row failed"),
    "BATCH_PROCESSING_HALTED": Entry(Retryable, "a sibling of this row failed"),
    "TXN_SECURITY_METERING_ERROR": Entry(Retryable, "the org's transaction policies took too long"),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Entry(
        Rejected,
        "a trigger or flow of the org refused the record",
        "Look at the automation of this object in Setup; replay when it is repaired.",
    ),
    "DUPLICATES_DETECTED": Entry(
        DuplicateKey,
        "a duplicate rule of the org found the same record",
        "Decide whether the records are the same, or let the integration user pass the duplicate rule.",
    ),
    "DUPLICATE_VALUE": Entry(
        DuplicateKey,
        "another record holds a value that must be unique",
        "Find the other record; it may be the same one under another key.",
    ),
    "DUPLICATE_EXTERNAL_ID": Entry(
        DuplicateKey,
        "several records carry the same external id",
        "Clear the external id on all but one.",
    ),
    "REQUIRED_FIELD_MISSING": Entry(Rejected, "a mandatory field has no value", _MAPPING),
    "INVALID_FIELD": Entry(Rejected, "a field does not exist or is not visible to us", _CHECK_FIELD),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Entry(Rejected, "a field may not be written", _CHECK_FIELD),
    "INVALID_TYPE": Entry(Rejected, "the object does not exist or is not visible to us", _RIGHTS),
    "MALFORMED_QUERY": Entry(Rejected, "our query was not understood"),
    "MALFORMED_ID": Entry(Rejected, "an id is not one of this object", "Repair the binding of this record."),
    "FIELD_INTEGRITY_EXCEPTION": Entry(Rejected, "a value contradicts another field", _MAPPING),
    "INVALID_CROSS_REFERENCE_KEY": Entry(
        Rejected,
        "a look-up points to a record that does not exist",
        "Sync the record it points to first, then replay.",
    ),
    "ENTITY_IS_DELETED": Entry(Gone, "the record was deleted"),
    "NOT_FOUND": Entry(Gone, "the record does not exist or is not visible to us", _RIGHTS),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Entry(
        Rejected,
        "a validation rule of the org refused the record",
        "Look at the object's validation rules in Setup, correct the source record or the rule, then replay.",
    ),
    "STRING_TOO_LONG": Entry(Rejected, "a text is longer than its field", _MAPPING),
    "NUMBER_OUTSIDE_VALID_RANGE": Entry(Rejected, "a number does not fit its field", _MAPPING),
    "INVALID_EMAIL_ADDRESS": Entry(Rejected, "an e-mail address is not valid", _MAPPING),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Entry(
        Rejected,
        "a value is not in its restricted picklist",
        "Add the value to the picklist or to the value map.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Entry(Rejected, "we may not change this record", _RIGHTS),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Entry(
        Rejected, "we may not use the record it points to", _RIGHTS
    ),
    "STANDARD_PRICE_NOT_DEFINED": Entry(
        Rejected, "the product has no standard price", "Give it a standard price."
    ),
    "FAILED_ACTIVATION": Entry(
        Rejected, "the order cannot be activated", "An order needs at least one product."
    ),
    "JSON_PARSER_ERROR": Entry(Rejected, "our request was not understood"),
    "METHOD_NOT_ALLOWED": Entry(Rejected, "this object does not allow the call"),
    "API_DISABLED_FOR_ORG": Entry(
        ConfigurationFault,
        "the org has no API access",
        "Use an edition with API access, or enable it for the user.",
    ),
    "API_CURRENTLY_DISABLED": Entry(
        ConfigurationFault,
        "the API is switched off for this user",
        "Enable `API Enabled` in the user's profile.",
    ),
    "LIMIT_EXCEEDED": Entry(Rejected, "a limit of one request was exceeded"),
    "EXCEEDED_ID_LIMIT": Entry(Rejected, "one request named too many records"),
    "STORAGE_LIMIT_EXCEEDED": Entry(
        Rejected, "the org's storage is full", "Free or buy storage, then replay."
    ),
}
"""`errorCode` of request errors and `statusCode` of rows."""

HTTP_STATUSES: Mapping[int, Entry] = {
    300: Entry(
        DuplicateKey, "several records carry the same external id", "Clear the external id on all but one."
    ),
    400: Entry(Rejected, "the request was refused"),
    401: Entry(Unauthorized, "the session was refused"),
    403: Entry(Rejected, "the request was forbidden", _RIGHTS),
    404: Entry(
        ConfigurationFault,
        "the address does not exist for us",
        "Check the instance address, the API version, and that the key field is there and visible.",
    ),
    405: Entry(Rejected, "this address does not allow the call"),
    406: Entry(Retryable, "Salesforce's edge refused the request for now"),
    409: Entry(Retryable, "the request collided with another one"),
    410: Entry(ConfigurationFault, "this API version is retired", "Raise `api_version` in the settings."),
    412: Entry(Rejected, "a precondition of the request does not hold"),
    414: Entry(Rejected, "the address of the request is too long"),
    415: Entry(Rejected, "the form of the request is not known"),
    420: Entry(Retryable, "Salesforce's edge refused the request for now"),
    428: Entry(Rejected, "the request lacks a precondition"),
    429: Entry(Throttled, "Salesforce's edge asks us to slow down", seconds=10.0, scope="edge"),
    431: Entry(Rejected, "the headers of the request are too long"),
    500: Entry(Retryable, "an error inside Salesforce"),
    502: Entry(Retryable, "a gateway could not reach Salesforce"),
    503: Entry(Retryable, "Salesforce is unavailable"),
    504: Entry(Retryable, "a gateway waited too long for Salesforce"),
}
"""Answers without a code of Salesforce's own, and codes nobody documents."""

_CONNECT = "Connect the org again: the stored login is not accepted any more."
_APP = "Check the connected app: its id and secret, the flow it allows, and the users it is approved for."

OAUTH_ERRORS: Mapping[str, Entry] = {
    "invalid_grant": Entry(Unauthorized, "the login was refused", _CONNECT),
    "invalid_client_id": Entry(Unauthorized, "the login host does not know the connected app", _APP),
    "invalid_client": Entry(Unauthorized, "the connected app's secret is wrong", _APP),
    "invalid_app_access": Entry(Unauthorized, "the user is not approved for the connected app", _APP),
    "unsupported_grant_type": Entry(Unauthorized, "the login host does not offer this flow", _APP),
    "inactive_user": Entry(
        Unauthorized, "the integration user is inactive", "Activate the user or name another one."
    ),
    "inactive_org": Entry(Unauthorized, "the org is locked or closed", "Ask Salesforce support."),
    "unauthorized_client": Entry(Unauthorized, "the connected app may not use this flow", _APP),
    "invalid_scope": Entry(
        Unauthorized, "the connected app lacks a scope", "Add the scopes `api` and `refresh_token`."
    ),
    "invalid_request": Entry(Unauthorized, "the token request was refused", _APP),
}
"""`error` of the token endpoint."""

_EVENT_RIGHTS = "Give the integration user `View All` on the object, or `View All Data`."
_CDC = "Select the entity in Setup, Change Data Capture, and check the name of the channel."
_BUG = "Report this: the listener sent a request it should not."


def _busy(text: str) -> Entry:
    return Entry(Retryable, text)


def _wrong(text: str, advice: str) -> Entry:
    return Entry(ConfigurationFault, text, advice)


_MANAGED = _wrong("a managed subscription was addressed, which we never do", _BUG)
_PUBLISHING = _wrong("publishing failed, which we never do", _BUG)

STREAM_ERRORS: Mapping[str, Entry] = {
    "service.unavailable": _busy("the event bus is down"),
    "service.auth.error": Entry(Unauthorized, "the event bus refused the session"),
    "service.auth.headers.invalid": _wrong("a header of the call is blank or malformed", _BUG),
    "service.auth.refresh.invalid": _wrong("the token handed over in the stream is not valid", _BUG),
    "service.protection.triggered": Entry(Throttled, "too many connections", seconds=30.0, scope="event bus"),
    "service.protection.stream.limit.triggered": Entry(
        Throttled, "too many requests on one stream", seconds=30.0, scope="event bus"
    ),
    "service.tenant.license": _wrong(
        "the org is not licensed for the event bus", "Ask Salesforce for the licence."
    ),
    "concurrent.client.limit.exceeded": _wrong(
        "too many subscribers share this org", "Stop other subscribers: one listener per org is enough."
    ),
    "topic.not.found": _wrong("the channel does not exist", _CDC),
    "topic.meta.permission": _wrong("we may not see the channel", _EVENT_RIGHTS),
    "schema.meta.permission": _wrong("we may not see the schema", _EVENT_RIGHTS),
    "topic.api.unavailable": _busy("the channel's description is unavailable"),
    "schema.api.unavailable": _busy("the schema's description is unavailable"),
    "topic.validation.empty": _wrong("no channel was named", _BUG),
    "schema.validation.failed": _wrong("the schema id was not accepted", _BUG),
    "subscription.fetch.replayid.corrupted": Entry(PositionLost, "the stored position is invalid or too old"),
    "subscription.fetch.replayid.validation.failed": Entry(PositionLost, "the stored position is empty"),
    "subscription.fetch.replay.repeated": _busy("the event bus saw a position before the last one"),
    "subscription.limit.exceeded": Entry(
        Throttled,
        "the org's event deliveries of the last 24 hours are used up",
        seconds=DAY_SECONDS,
        scope="event deliveries",
        advice="Stop other subscribers of this org, or buy deliveries.",
    ),
    "subscription.fetch.overflow": _busy("more was asked for than was read"),
    "subscription.fetch.requested.events.invalid": _wrong("a number of events was not accepted", _BUG),
    "subscription.fetch.topic.mismatch": _wrong("the channel changed within a stream", _BUG),
    "subscription.fetch.request.invalid": _wrong("a request lacks what it needs", _BUG),
    "subscription.topic.cannot.subscribe": _wrong("we may not subscribe to the channel", _EVENT_RIGHTS),
    "subscription.internal.error": _busy("an error inside the event bus"),
    "publish.stream.sweeper.timeout": _PUBLISHING,
    "publish.auth.refresh.invalid": _PUBLISHING,
    "publish.event.count.invalid": _PUBLISHING,
    "publish.topic.mismatch": _PUBLISHING,
    "publish.topic.validation.empty": _PUBLISHING,
    "managed.subscription.already.active": _MANAGED,
    "managed.subscription.config.stopped": _MANAGED,
    "managed.subscription.config.deleted": _MANAGED,
    "managed.subscription.developer.name.not.found": _MANAGED,
    "managed.subscription.subscription.id.not.found": _MANAGED,
    "managed.subscription.subscription.id.invalid": _MANAGED,
    "managed.subscription.id.or.developer.name.empty": _MANAGED,
    "managed.subscription.fetch.request.events.invalid": _MANAGED,
    "managed.subscription.fetch.request.invalid": _MANAGED,
    "managed.subscription.fetch.request.commit.request.restricted": _MANAGED,
    "managed.subscription.fetch.request.auth.request.restricted": _MANAGED,
}
"""`error-code` trailer of the event bus, without its common prefix."""

STREAM_STATUSES: Mapping[str, Entry] = {
    "UNAUTHENTICATED": Entry(Unauthorized, "the event bus refused the session"),
    "PERMISSION_DENIED": _wrong("we may not subscribe to the channel", _EVENT_RIGHTS),
    "NOT_FOUND": _wrong("the channel or schema does not exist", _CDC),
    "INVALID_ARGUMENT": _wrong("the event bus did not accept the request", _BUG),
    "UNIMPLEMENTED": _wrong("the address is not an event bus", "Check `pubsub_endpoint` in the settings."),
    "RESOURCE_EXHAUSTED": Entry(
        Throttled, "the event bus asks us to slow down", seconds=30.0, scope="event bus"
    ),
    "UNKNOWN": _busy("the stream broke"),
}
"""gRPC statuses that come without such a trailer; all others are transient."""
