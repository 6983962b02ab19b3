"""Every documented error of Salesforce has a translation, and the right one."""

from __future__ import annotations

from typing import Any

import pytest

from integration.connectors.salesforce.fault_tables import OAUTH_ERRORS, REST_ERRORS, STREAM_ERRORS
from integration.connectors.salesforce.faults import (
    needs_new_token,
    oauth_fault,
    rest_fault,
    row_fault,
    stream_fault,
)
from integration.errors import (
    Ambiguous,
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

CANARY = "canary@private.example"

REST = {
    Unauthorized: "INVALID_SESSION_ID/401",
    Throttled: "REQUEST_LIMIT_EXCEEDED/403",
    Retryable: """
        UNABLE_TO_LOCK_ROW/400 SERVER_UNAVAILABLE/503 UNKNOWN_EXCEPTION/500 QUERY_TIMEOUT/400
        INVALID_QUERY_LOCATOR/400 ALL_OR_NONE_OPERATION_ROLLED_BACK/400 PROCESSING_HALTED/400
        TXN_SECURITY_METERING_ERROR/403 BATCH_PROCESSING_HALTED/412
    """,
    DuplicateKey: "DUPLICATES_DETECTED/400 DUPLICATE_VALUE/400 DUPLICATE_EXTERNAL_ID/400",
    Gone: "ENTITY_IS_DELETED/404 ENTITY_IS_DELETED/400 NOT_FOUND/404 INVALID_CROSS_REFERENCE_KEY/404",
    Rejected: """
        CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY/400 REQUIRED_FIELD_MISSING/400 INVALID_FIELD/400
        INVALID_FIELD_FOR_INSERT_UPDATE/400 INVALID_TYPE/400 MALFORMED_QUERY/400 MALFORMED_ID/400
        FIELD_INTEGRITY_EXCEPTION/400 INVALID_CROSS_REFERENCE_KEY/400 FIELD_CUSTOM_VALIDATION_EXCEPTION/400
        STRING_TOO_LONG/400 NUMBER_OUTSIDE_VALID_RANGE/400 INVALID_EMAIL_ADDRESS/400
        INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST/400 INSUFFICIENT_ACCESS_OR_READONLY/403
        INSUFFICIENT_ACCESS_OR_READONLY/400 INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY/400
        STANDARD_PRICE_NOT_DEFINED/400 JSON_PARSER_ERROR/400 METHOD_NOT_ALLOWED/405 LIMIT_EXCEEDED/400
        EXCEEDED_ID_LIMIT/400 STORAGE_LIMIT_EXCEEDED/400 FAILED_ACTIVATION/400
    """,
    ConfigurationFault: "API_DISABLED_FOR_ORG/403 API_CURRENTLY_DISABLED/403",
}
REST_CASES = [
    (kind, *case.split("/")) for kind, cases in REST.items() for case in cases.split()
]  # fmt: skip


def error(code: str, message: str = CANARY, **more: Any) -> list[dict[str, Any]]:
    return [{"errorCode": code, "message": message, "fields": []} | more]


def told(fault: Fault) -> str:
    return f"{fault} {fault!r} {fault.code} {fault.text} {fault.advice} {fault.evidence}"


@pytest.mark.parametrize(("kind", "code", "status"), REST_CASES)
def test_rest_errors(kind: type[Fault], code: str, status: str) -> None:
    fault = rest_fault(int(status), error(code), method="PATCH", path="sobjects/Account/id")
    assert type(fault) is kind
    assert fault.code == f"salesforce.{code.lower()}"
    assert fault.text
    assert fault.evidence["code"] == code
    assert CANARY not in told(fault)
    assert not isinstance(fault, Throttled) or fault.seconds > 0


def test_nothing_in_the_table_is_untested() -> None:
    assert set(REST_ERRORS) - {code for _, code, _ in REST_CASES} == {"INVALID_AUTH_HEADER"}


@pytest.mark.parametrize("code", [code for kind, code, status in REST_CASES if status == "400"])
def test_rows_speak_of_status_codes(code: str) -> None:
    """Inside Collections the same codes come under another name, without an HTTP status of their own."""
    row = row_fault([{"statusCode": code, "message": CANARY, "fields": ["Name"]}], method="PATCH", path="p")
    whole = rest_fault(400, error(code), method="PATCH", path="p")
    assert (type(row), row.code) == (type(whole), whole.code)
    assert CANARY not in told(row)


def test_a_row_that_does_not_say_why() -> None:
    assert isinstance(row_fault([], method="PATCH", path="p"), Retryable)


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (300, DuplicateKey, DuplicateKey),
        (400, Rejected, Rejected),
        (401, Unauthorized, Unauthorized),
        (403, Rejected, Rejected),
        (404, ConfigurationFault, ConfigurationFault),
        (405, Rejected, Rejected),
        (406, Retryable, Retryable),
        (409, Retryable, Retryable),
        (410, ConfigurationFault, ConfigurationFault),
        (412, Rejected, Rejected),
        (414, Rejected, Rejected),
        (415, Rejected, Rejected),
        (420, Retryable, Retryable),
        (428, Rejected, Rejected),
        (429, Throttled, Throttled),
        (431, Rejected, Rejected),
        (500, Retryable, Ambiguous),
        (502, Retryable, Ambiguous),
        (503, Retryable, Ambiguous),
        (504, Retryable, Ambiguous),
        (599, Retryable, Ambiguous),
        (418, Rejected, Rejected),
    ],
)
@pytest.mark.parametrize("content", ["<html>canary@private.example</html>", "", [], {}, ["x"], None])
def test_answers_that_are_not_salesforces(
    status: int, reading: type[Fault], writing: type[Fault], content: object
) -> None:
    """A gateway's page to a write leaves open whether the write took effect."""
    read = rest_fault(status, content, method="GET", path="p")
    write = rest_fault(status, content, method="PATCH", path="p")
    assert (type(read), type(write)) == (reading, writing)
    assert CANARY not in told(read) + told(write)


def test_codes_nobody_documents_go_by_their_status() -> None:
    assert type(rest_fault(400, error("BRAND_NEW"), method="GET", path="p")) is Rejected
    assert type(rest_fault(500, error("BRAND_NEW"), method="PATCH", path="p")) is Retryable
    assert rest_fault(400, error("BRAND_NEW"), method="GET", path="p").code == "salesforce.brand_new"
    assert CANARY not in told(rest_fault(400, error(CANARY), method="GET", path="p"))


def test_messages_that_change_the_meaning() -> None:
    locked = error("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "flow: UNABLE_TO_LOCK_ROW, unable to obtain")
    assert type(rest_fault(400, locked, method="PATCH", path="p")) is Retryable
    busy = rest_fault(
        403,
        error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
        method="GET",
        path="p",
    )
    used_up = rest_fault(
        403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), method="GET", path="p"
    )
    assert isinstance(busy, Throttled)
    assert isinstance(used_up, Throttled)
    assert (busy.scope, used_up.scope) == ("in flight", "day")
    assert busy.seconds < 60 < used_up.seconds
    key = error("NOT_FOUND", "Provided external ID field does not exist or is not accessible: Zoho_Id__c")
    fault = rest_fault(404, key, method="PATCH", path="p")
    assert (type(fault), fault.code) == (ConfigurationFault, "salesforce.key_field_missing")


def test_which_refusals_a_new_token_may_help() -> None:
    expired = rest_fault(
        401, error("INVALID_SESSION_ID", "Session expired or invalid"), method="GET", path="p"
    )
    assert needs_new_token(expired)
    for message in (
        "This session is not valid for use with the REST API",
        "Connected app is not attached to Agent",
    ):
        fault = rest_fault(401, error("INVALID_SESSION_ID", message), method="GET", path="p")
        assert isinstance(fault, Unauthorized)
        assert not needs_new_token(fault)
        assert fault.advice
    assert not needs_new_token(Retryable("x"))


def test_the_owner_of_a_taken_value() -> None:
    message = "duplicate value found: Zoho_Id__c duplicates value on record with id: 0015f00002J9YYE"
    fault = rest_fault(400, error("DUPLICATE_VALUE", message), method="PATCH", path="p")
    assert fault.evidence["record_id"] == "0015f00002J9YYEAA3"
    assert fault.evidence["fields"] == ["Zoho_Id__c"]


def test_the_records_a_duplicate_rule_found() -> None:
    def match(record_id: str) -> dict[str, Any]:
        record = {"attributes": {"type": "Contact", "url": "u"}, "Id": record_id, "Email": CANARY}
        return {"additionalInformation": [], "matchConfidence": 100.0, "record": record}

    def result(*record_ids: str) -> dict[str, Any]:
        return {"matchResults": [{"matchRecords": [match(record_id) for record_id in record_ids]}]}

    one = error("DUPLICATES_DETECTED", duplicateResult=result("0035f00002EztxDAAR"))
    fault = rest_fault(400, one, method="POST", path="p")
    assert fault.evidence["record_id"] == "0035f00002EztxDAAR"
    assert CANARY not in told(fault)
    two = error("DUPLICATES_DETECTED", duplicateResult=result("0035f00002EztxDAAR", "0015f00002J9YYE"))
    evidence = rest_fault(400, two, method="POST", path="p").evidence
    assert evidence["record_ids"] == ["0015f00002J9YYEAA3", "0035f00002EztxDAAR"]
    assert "record_id" not in evidence


def test_only_field_names_pass_as_fields() -> None:
    fields = ["Name", CANARY, 7, "Account.Name", "a b"]
    fault = rest_fault(400, error("STRING_TOO_LONG", fields=fields), method="PATCH", path="p")
    assert fault.evidence["fields"] == ["Name", "Account.Name"]


OAUTH_DOCUMENTED = """
    invalid_grant invalid_client_id invalid_client invalid_app_access unsupported_grant_type
""".split()


@pytest.mark.parametrize("word", [*OAUTH_DOCUMENTED, "brand_new", *OAUTH_ERRORS])
def test_oauth_errors_need_a_person(word: str) -> None:
    fault = oauth_fault(400, {"error": word, "error_description": CANARY})
    assert type(fault) is Unauthorized
    assert fault.advice
    assert fault.code == f"salesforce.oauth.{word}"
    assert CANARY not in told(fault)


@pytest.mark.parametrize(
    ("status", "content"),
    [(503, {"error": "invalid_grant"}), (500, None), (400, "<html>"), (400, {}), (400, {"error": CANARY})],
)
def test_oauth_troubles_that_pass(status: int, content: object) -> None:
    fault = oauth_fault(status, content)
    assert type(fault) is Retryable
    assert CANARY not in told(fault)


def test_too_many_logins() -> None:
    fault = oauth_fault(400, {"error": "invalid_grant", "error_description": "login rate exceeded"})
    assert isinstance(fault, Throttled)


STREAM = {
    Unauthorized: "service.auth.error",
    PositionLost: "subscription.fetch.replayid.corrupted subscription.fetch.replayid.validation.failed",
    Throttled: """
        service.protection.triggered service.protection.stream.limit.triggered subscription.limit.exceeded
    """,
    Retryable: """
        service.unavailable topic.api.unavailable schema.api.unavailable subscription.fetch.replay.repeated
        subscription.fetch.overflow subscription.internal.error
    """,
    ConfigurationFault: """
        service.auth.headers.invalid service.auth.refresh.invalid service.tenant.license
        concurrent.client.limit.exceeded topic.not.found topic.meta.permission schema.meta.permission
        topic.validation.empty schema.validation.failed subscription.fetch.requested.events.invalid
        subscription.fetch.topic.mismatch subscription.fetch.request.invalid
        subscription.topic.cannot.subscribe publish.stream.sweeper.timeout publish.auth.refresh.invalid
        publish.event.count.invalid publish.topic.mismatch publish.topic.validation.empty
        managed.subscription.already.active managed.subscription.config.stopped
        managed.subscription.config.deleted managed.subscription.developer.name.not.found
        managed.subscription.subscription.id.not.found managed.subscription.subscription.id.invalid
        managed.subscription.id.or.developer.name.empty managed.subscription.fetch.request.events.invalid
        managed.subscription.fetch.request.invalid
        managed.subscription.fetch.request.commit.request.restricted
        managed.subscription.fetch.request.auth.request.restricted
    """,
}
STREAM_CASES = [(kind, suffix) for kind, suffixes in STREAM.items() for suffix in suffixes.split()]


@pytest.mark.parametrize(("kind", "suffix"), STREAM_CASES)
def test_event_bus_errors(kind: type[Fault], suffix: str) -> None:
    """The code decides whatever gRPC status it comes with: most pairings are not documented."""
    for status in ("INVALID_ARGUMENT", "UNAUTHENTICATED", "UNKNOWN"):
        fault = stream_fault(status, f"sfdc.platform.eventbus.grpc.{suffix}")
        assert type(fault) is kind
        assert fault.code == f"salesforce.stream.{suffix}"
        assert not isinstance(fault, ConfigurationFault) or fault.advice


def test_no_event_bus_error_is_untested() -> None:
    assert set(STREAM_ERRORS) == {suffix for _, suffix in STREAM_CASES}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("UNAUTHENTICATED", Unauthorized),
        ("PERMISSION_DENIED", ConfigurationFault),
        ("NOT_FOUND", ConfigurationFault),
        ("INVALID_ARGUMENT", ConfigurationFault),
        ("UNIMPLEMENTED", ConfigurationFault),
        ("RESOURCE_EXHAUSTED", Throttled),
        ("UNAVAILABLE", Retryable),
        ("INTERNAL", Retryable),
        ("CANCELLED", Retryable),
        ("DEADLINE_EXCEEDED", Retryable),
        ("UNKNOWN", Retryable),
    ],
)
def test_event_bus_statuses_without_a_code(status: str, kind: type[Fault]) -> None:
    assert type(stream_fault(status, "")) is kind
    assert CANARY not in told(stream_fault(status, CANARY))
