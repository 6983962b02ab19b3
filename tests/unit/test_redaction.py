"""Nothing that may be a secret or somebody's data gets through; what operators need does."""

from __future__ import annotations

import pytest

from integration.errors import ConfigurationFault, Rejected, Retryable
from integration.redaction import MASK, describe, event_name, safe_fields, safe_value, scrub

SECRETS = [
    "Bearer abcdef0123456789",
    "Zoho-oauthtoken 1000.1a2b3c4d5e6f.9f8e7d6c5b4a",
    "1000.1a2b3c4d5e6f.9f8e7d6c5b4a",
    "00D5g000004ABCD!AQ8AQKx.tokenpart",
    "5Aep861KIwKdekr90I4iHdZtDZwkUgf",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln",
    "gAAAAABmZ0123456789abcdef==",
    "client_secret=s3cr3t&grant_type=x",
    "refresh_token: s3cr3t",
    "redis://:s3cr3t@127.0.0.1:6379/0",
    "https://example.com/path?code=s3cr3t",
    "-----BEGIN RSA PRIVATE KEY-----\ns3cr3t\n-----END RSA PRIVATE KEY-----",
]
PERSONAL = ["ada@example.com", "用户@例子.广告", "+49 (151) 2345-6789", "0044 20 7946 0018", "(555) 010-9999"]


@pytest.mark.parametrize("secret", SECRETS)
def test_scrub_masks_secrets(secret: str) -> None:
    cleaned = scrub(f"before {secret} after")
    assert MASK in cleaned
    for part in ("s3cr3t", "abcdef0123", "9f8e7d", "tokenpart", "KIwKdekr", "c2ln", "gAAAA"):
        assert part not in cleaned


@pytest.mark.parametrize("value", PERSONAL)
def test_scrub_masks_addresses_and_numbers(value: str) -> None:
    assert scrub(f"write to {value} now") == f"write to {MASK} now"


@pytest.mark.parametrize("text", ["file.py:120 claim", "waited 60 s", "HTTP 503", "line 12, rule 3"])
def test_scrub_leaves_our_sentences_alone(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("record_id", "0015g00000ABCDEAA4"),
        ("record_id", 4815000000044208),
        ("correlation_id", "0b8f6c1e-6d5d-4f4e-8a77-0c0a4a6f9d11"),
        ("outcome", "written"),
        ("queue", "dead-letter"),
        ("timestamp", "2026-11-23T23:20:16.072497Z"),
        ("seconds", 1.25),
        ("fields", ["Phone", "BillingCity"]),
        ("unknown_key", True),
        ("unknown_key", None),
    ],
)
def test_known_fields_show_their_values(key: str, value: object) -> None:
    assert safe_value(key, value) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "Ada"),
        ("contact_name", "Ada"),
        ("body", "{}"),
        ("unknown_key", 4915123456789),
        ("record_id", "Ada Lovelace"),
        ("record_id", "ada@example.com"),
        ("reason", "Ada Lovelace is taken"),
        ("outcome", {"name": "Ada"}),
        ("source", b"Ada"),
        ("seconds", "Ada"),
        ("rule", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln"),
    ],
)
def test_everything_else_is_masked(key: str, value: object) -> None:
    assert safe_value(key, value) == MASK


def test_keys_stay_so_that_a_reader_sees_what_was_there() -> None:
    assert safe_fields({"phone": "123", "pair": "main"}) == {"phone": MASK, "pair": "main"}


@pytest.mark.parametrize(
    "name", ["Ada wrote to ada@example.com", "kunde: Müller", "call +49 151 23456789", 7]
)
def test_event_with_data_in_its_name_is_masked(name: object) -> None:
    assert event_name(name) == MASK


def test_error_shows_type_and_code_but_not_its_text() -> None:
    try:
        try:
            raise ValueError("Ada Lovelace")
        except ValueError as cause:
            raise Rejected("zoho.3062", "Ada Lovelace exists", evidence={"name": "Ada"}) from cause
    except Rejected as error:
        told = describe(error)
    assert told["error"] == "Rejected"
    assert told["error_code"] == "zoho.3062"
    assert told["causes"] == ["ValueError"]
    assert "Ada" not in str(told)
    frames = told["frames"]
    assert isinstance(frames, list)
    assert "test_redaction.py" in frames[0]


def test_cause_of_ours_shows_its_code() -> None:
    error = Rejected("outer")
    error.__cause__ = Retryable("inner.code", "Ada")
    assert describe(error)["causes"] == ["Retryable inner.code"]


def test_configuration_fault_shows_what_to_do() -> None:
    fault = ConfigurationFault(
        "settings.invalid", "daily: required", where="integration.toml:3", advice="add it"
    )
    told = describe(fault)
    assert told["where"] == "settings.invalid: integration.toml:3: daily: required"
    assert told["advice"] == "add it"
