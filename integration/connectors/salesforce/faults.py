"""What Salesforce calls wrong, as faults of ours: REST, rows of a Collections call, OAuth, event bus.

Foreign messages are read but never passed on: they quote the record. Evidence holds codes, statuses,
methods, paths without ids, and API names of fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from integration.connectors.salesforce.fault_tables import (
    HTTP_STATUSES,
    OAUTH_ERRORS,
    REST_ERRORS,
    STREAM_ERRORS,
    STREAM_STATUSES,
    Entry,
)
from integration.connectors.salesforce.ids import long_id
from integration.errors import Ambiguous, DuplicateKey, Fault, Gone, Retryable, Throttled, Unauthorized

_CITED_ID = re.compile(r"\bid: ?([A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?)\b")
_TAKEN_FIELD = re.compile(r"found: ([A-Za-z]\w{0,79}) duplicates value")
_API_NAME = re.compile(r"^[A-Za-z]\w{0,79}(\.[A-Za-z]\w{0,79})?$")
_CODE = re.compile(r"^[A-Z][A-Z0-9_]{1,79}$")
_SERVER_ERROR = 500
_NOT_FOUND = 404

FINAL_SESSION_MESSAGES = ("not valid for use with the REST API", "not attached to Agent")
"""401 answers that a new token would get again."""


def rest_fault(status: int, content: object, *, method: str, path: str) -> Fault:
    """The fault of a whole HTTP answer. `content` is its parsed JSON, or its text; `path` carries no ids.

    An answer that is not Salesforce's own to a write says nothing about whether the write took effect:
    Ambiguous.
    """
    evidence: dict[str, object] = {"http_status": status, "method": method, "path": path}
    error = _first_error(content)
    if error is not None:
        return error_fault(error, status=status, evidence=evidence)
    if status >= _SERVER_ERROR and method != "GET":
        return Ambiguous(
            "salesforce.reply_unclear", "a gateway answered in place of Salesforce", evidence=evidence
        )
    entry = HTTP_STATUSES.get(status) or _entry_by_class(status)
    return entry.fault(f"salesforce.http_{status}", evidence)


def row_fault(errors: Sequence[object], *, method: str, path: str) -> Fault:
    """The fault of one row of a call that succeeded as a whole; its first error decides."""
    evidence: dict[str, object] = {"method": method, "path": path}
    error = _first_error(list(errors))
    if error is None:
        return Retryable("salesforce.row_unclear", "a row failed without saying why", evidence=evidence)
    return error_fault(error, status=0, evidence=evidence)


def error_fault(error: Mapping[str, object], *, status: int, evidence: Mapping[str, object]) -> Fault:
    """The fault of one `{errorCode|statusCode, message, fields}` object."""
    code = str(error.get("errorCode") or error.get("statusCode") or "")
    message = str(error.get("message") or "")
    facts = dict(evidence) | {"code": code if _CODE.match(code) else "?"}
    names = error.get("fields")
    if isinstance(names, list):
        facts["fields"] = [name for name in names if isinstance(name, str) and _API_NAME.match(name)]
    name = f"salesforce.{code.lower()}" if _CODE.match(code) else f"salesforce.http_{status}"
    special = _special(code, message, error, name, facts, status)
    if special is not None:
        return special
    entry = REST_ERRORS.get(code) or HTTP_STATUSES.get(status) or _entry_by_class(status)
    return entry.fault(name, facts)


def _special(
    code: str, message: str, error: Mapping[str, object], name: str, facts: dict[str, object], status: int
) -> Fault | None:
    """Codes whose meaning depends on their message or carries a record id."""
    if code in {"DUPLICATE_VALUE", "DUPLICATES_DETECTED"}:
        return _duplicate(code, message, error, name, facts)
    if code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and "UNABLE_TO_LOCK_ROW" in message:
        return Retryable(name, "an automation of the org could not lock a record", evidence=facts)
    if code == "NOT_FOUND" and "external ID" in message:
        return HTTP_STATUSES[_NOT_FOUND].fault("salesforce.key_field_missing", facts)
    if code == "INVALID_CROSS_REFERENCE_KEY" and status == _NOT_FOUND:
        return Gone(name, "the addressed record does not exist", evidence=facts)
    return _special_limit(code, message, name, facts)


def _special_limit(code: str, message: str, name: str, facts: Mapping[str, object]) -> Fault | None:
    if code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" in message:
        return Throttled(
            name, "too many long requests at once", seconds=5.0, scope="in flight", evidence=facts
        )
    if code == "INVALID_SESSION_ID" and any(text in message for text in FINAL_SESSION_MESSAGES):
        return Unauthorized(
            "salesforce.session_refused",
            "this kind of session may not use the REST API",
            evidence=facts,
            advice="Allow API access for the connected app and its user, then connect again.",
        )
    return None


def _duplicate(
    code: str, message: str, error: Mapping[str, object], name: str, facts: dict[str, object]
) -> Fault:
    ids = (
        _CITED_ID.findall(message)
        if code == "DUPLICATE_VALUE"
        else _matched_ids(error.get("duplicateResult"))
    )
    found = sorted({long_id(record_id) for record_id in ids})
    if len(found) == 1:
        facts["record_id"] = found[0]
    elif found:
        facts["record_ids"] = found
    facts["fields"] = _TAKEN_FIELD.findall(message) or facts.get("fields", [])
    entry = REST_ERRORS[code]
    return DuplicateKey(name, entry.text, advice=entry.advice, evidence=facts)


def _matched_ids(result: object) -> list[str]:
    """Ids of the records a duplicate rule found, wherever they stand in its answer."""
    if isinstance(result, Mapping):
        own = [result["Id"]] if isinstance(result.get("Id"), str) and "attributes" in result else []
        return own + [record_id for value in result.values() for record_id in _matched_ids(value)]
    if isinstance(result, list):
        return [record_id for value in result for record_id in _matched_ids(value)]
    return []


def _first_error(content: object) -> Mapping[str, object] | None:
    if isinstance(content, list):
        content = content[0] if content else None
    if isinstance(content, Mapping) and (content.get("errorCode") or content.get("statusCode")):
        return content
    return None


def _entry_by_class(status: int) -> Entry:
    if status >= _SERVER_ERROR:
        return HTTP_STATUSES[_SERVER_ERROR]
    return HTTP_STATUSES[400]


def needs_new_token(fault: Fault) -> bool:
    """Whether a fresh access token may help: the session ran out, as opposed to being forbidden."""
    return isinstance(fault, Unauthorized) and fault.code != "salesforce.session_refused"


def oauth_fault(status: int, content: object) -> Fault:
    """The fault of a token request: its `error` word decides, an answer without one is a trouble of the
    day.
    """
    evidence: dict[str, object] = {"http_status": status, "method": "POST", "path": "/services/oauth2/token"}
    word = content.get("error") if isinstance(content, Mapping) else None
    if not isinstance(word, str) or not re.fullmatch(r"[a-z_]{1,60}", word) or status >= _SERVER_ERROR:
        return Retryable(
            "salesforce.oauth.unavailable", "the token endpoint gave no usable answer", evidence=evidence
        )
    evidence["code"] = word
    description = str(content.get("error_description") or "") if isinstance(content, Mapping) else ""
    if "rate" in description and "exceeded" in description:
        return Throttled(
            "salesforce.oauth.rate", "too many logins", seconds=60.0, scope="login", evidence=evidence
        )
    entry = OAUTH_ERRORS.get(word) or OAUTH_ERRORS["invalid_request"]
    return entry.fault(f"salesforce.oauth.{word}", evidence)


_STREAM_PREFIX = "sfdc.platform.eventbus.grpc."


def stream_fault(status: str, error_code: str) -> Fault:
    """The fault of an event-bus call: gRPC status name and the `error-code` trailer ("" when there is
    none).
    """
    suffix = error_code.removeprefix(_STREAM_PREFIX)
    known = suffix if re.fullmatch(r"[a-z.]{1,80}", suffix) else ""
    evidence: dict[str, object] = {"status": status, "code": known}
    entry = STREAM_ERRORS.get(known) or STREAM_STATUSES.get(status) or STREAM_STATUSES["UNKNOWN"]
    return entry.fault(f"salesforce.stream.{known or status.lower()}", evidence)


__all__ = [
    "error_fault",
    "needs_new_token",
    "oauth_fault",
    "rest_fault",
    "row_fault",
    "stream_fault",
]
