"""Every documented failure of Zoho has a translation, and none of its text gets through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integration.connectors.zoho.config import Dialect
from integration.connectors.zoho.faults import Answered, Translator, token_fault, unreadable
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

BLOCKED = "For security reasons your {} has been blocked as {} have exceeded the maximum number of requests"
VENDOR = (
    'A vendor with the name, "Ada", already exists To proceed, either update your preferences to allow '
    "duplicate vendor names or enter a unique vendor name."
)
DOCUMENTED: list[tuple[int, int | None, str, type[Fault], str]] = [
    (400, 2, "Invalid value passed for Payment Terms", Rejected, "zoho.invalid_value"),
    (400, 4, "Invalid value passed for Amount", Rejected, "zoho.invalid_value"),
    (400, 15, 'Please ensure that the "city" has less than 100 characters.', Rejected, "zoho.too_long"),
    (
        400,
        3062,
        'The customer "Ada" already exists. Please specify a different name.',
        NameTaken,
        "zoho.name_taken",
    ),
    (400, None, VENDOR, NameTaken, "zoho.name_taken"),
    (
        400,
        None,
        "Make sure that you have selected a contact of the correct contact type (customer/vendor).",
        Rejected,
        "zoho.wrong_contact_type",
    ),
    (400, None, "Invalid Element initial_stock", Rejected, "zoho.unknown_field"),
    (400, 2, "Invalid Element initial_stock", Rejected, "zoho.unknown_field"),
    (400, 1038, "JSON is not well formed", Rejected, "zoho.malformed"),
    (400, 4, "JSON is not well formed", Rejected, "zoho.malformed"),
    (401, 57, "You are not authorized to perform this operation", Unauthorized, "zoho.token_refused"),
    (401, 14, "Invalid value passed for authtoken", Unauthorized, "zoho.token_refused"),
    (200, 14, "Invalid value passed for authtoken", Unauthorized, "zoho.token_refused"),
    (404, 1002, "Contact does not exist.", Gone, "zoho.gone"),
    (400, 1002, "The Customer is not accessible.", Gone, "zoho.gone"),
    (404, 2006, "Item does not exist", Gone, "zoho.gone"),
    (400, 1000, "The item name already exist", NameTaken, "zoho.name_taken"),
    (400, 1001, 'Item "Bolt" already exists', NameTaken, "zoho.name_taken"),
    (
        400,
        2049,
        "Items which are a part of other transactions cannot be deleted. Instead, mark them as inactive",
        Rejected,
        "zoho.has_transactions",
    ),
    (
        400,
        2076,
        "Product type cannot be changed for Items having transactions",
        Rejected,
        "zoho.has_transactions",
    ),
    (500, 1000, "Internal error", Retryable, "zoho.server_error"),
    (429, 44, BLOCKED.format("organization", "it"), Throttled, "zoho.minute_limit"),
    (429, 44, BLOCKED.format("account", "you"), Throttled, "zoho.minute_limit"),
    (
        429,
        45,
        "The API call for this organization has exceeded the maximum call rate limit of 1000.",
        Throttled,
        "zoho.daily_limit",
    ),
    (
        429,
        1070,
        "You have reached the maximum number of in process requests allowed. Kindly try again later.",
        Throttled,
        "zoho.in_flight_limit",
    ),
    (429, 43, "", Throttled, "zoho.minute_limit"),
    (400, None, "", Rejected, "zoho.refused"),
    (401, None, "", Unauthorized, "zoho.token_refused"),
    (403, None, "", Rejected, "zoho.forbidden"),
    (404, 5, "Invalid URL Passed", Rejected, "zoho.unknown_address"),
    (405, None, "", Rejected, "zoho.method_not_allowed"),
    (406, None, "", Rejected, "zoho.not_acceptable"),
    (429, None, "", Throttled, "zoho.throttled"),
    (502, None, "", Retryable, "zoho.server_error"),
    (503, None, "", Retryable, "zoho.server_error"),
    # seen by integrators, number not documented
    (400, 110_817, "The value of Salesforce Id is already in use.", DuplicateKey, "zoho.duplicate_key"),
    (
        400,
        6041,
        "This user is not associated with it",
        ConfigurationFault,
        "zoho.wrong_organization",
    ),
    (418, 9, "no document knows this", Rejected, "zoho.refused"),
]
READ = Answered(400, None, "", "GET", "/contacts/{id}", effect=False)


@pytest.fixture
def translator() -> Translator:
    return Translator(Dialect(), 60.0)


@pytest.mark.parametrize(("status", "code", "message", "kind", "name"), DOCUMENTED)
def test_every_documented_error_has_a_translation(
    translator: Translator, status: int, code: int | None, message: str, kind: type[Fault], name: str
) -> None:
    fault = translator.fault(replace(READ, status=status, code=code, message=message))
    assert (type(fault), fault.code) == (kind, name)
    assert fault.text


@pytest.mark.parametrize(("status", "code", "message", "kind", "name"), DOCUMENTED)
def test_no_text_of_zoho_gets_through(
    translator: Translator, status: int, code: int | None, message: str, kind: type[Fault], name: str
) -> None:
    canary = "Ada Canary ada@canary.example"
    fault = translator.fault(replace(READ, status=status, code=code, message=f"{message} {canary}"))
    told = repr((str(fault), fault.evidence, fault.advice, fault.text))
    assert "canary" not in told.lower()
    if not isinstance(fault, ConfigurationFault):
        assert fault.evidence == {
            "status": status,
            "code": code,
            "method": "GET",
            "endpoint": "/contacts/{id}",
        }


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_an_error_inside_zoho_leaves_a_write_open(translator: Translator, status: int) -> None:
    assert isinstance(translator.fault(replace(READ, status=status, method="PUT", effect=True)), Ambiguous)
    assert isinstance(translator.fault(replace(READ, status=status)), Retryable)


def test_throttled_says_which_limit_and_how_long(translator: Translator) -> None:
    def fault(code: int, **more: float) -> Throttled:
        found = translator.fault(replace(READ, status=429, code=code, **more))  # type: ignore[arg-type]
        assert isinstance(found, Throttled)
        return found

    assert (fault(44).scope, fault(44).seconds) == ("minute", 60.0)
    assert fault(44, retry_after=90.0).seconds == 90.0
    assert (fault(45).scope, fault(45).seconds) == ("day", 3600.0)
    assert fault(45, reset_seconds=7200.0).seconds == 7200.0
    assert fault(45, reset_seconds=0.0).seconds == 1.0, "the last second of the day is no unknown time"
    assert (fault(1070).scope, fault(1070).seconds) == ("in_flight", 1.0)


def test_an_answer_in_no_form_at_all() -> None:
    assert isinstance(unreadable(replace(READ, status=200)), Retryable)
    assert isinstance(unreadable(replace(READ, status=200, effect=True)), Ambiguous)


@pytest.mark.parametrize(
    ("status", "error", "description", "kind"),
    [
        (
            400,
            "Access Denied",
            "You have made too many requests continuously. Please try again after some time.",
            Throttled,
        ),
        (200, "invalid_code", "", Unauthorized),
        (400, "invalid_code", "", Unauthorized),
        (400, "invalid_client", "", Unauthorized),
        (200, "invalid_client_secret", "", Unauthorized),
        (401, "", "", Unauthorized),
        (429, "", "", Throttled),
        (503, "", "", Retryable),
        (200, "", "", Retryable),
        (404, "", "", Retryable),
    ],
)
def test_refusals_of_the_accounts_server(
    status: int, error: str, description: str, kind: type[Fault]
) -> None:
    fault = token_fault(status, error, description, window_seconds=600)
    assert type(fault) is kind
    if isinstance(fault, Throttled):
        assert (fault.seconds, fault.scope) == (600, "token")
