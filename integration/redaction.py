"""What may be written down: named fields with harmless values pass, everything else is masked.

An allow list, because nobody can list in advance where a customer's name or a token will turn up. Logs and
error reports both go through here.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from types import TracebackType

from integration.errors import ConfigurationFault, Fault

MASK = "***"

IDS = frozenset(
    """
    account_id audit_id binding_id change_id correlation_id dead_letter_id event_id event_key
    exception_id intent_id lane_id organization_id outbox_id pair_id position record_id root_id run_id
    schema_id source_id target_id task_id transaction_key
    """.split()
)
"""Fields that hold an identifier made by a system, never by a person."""

WORDS = frozenset(
    """
    action alert class code data_center direction endpoint entity environment error error_code event
    field fields flow generation host job kind level limit logger method mode operation origin outcome
    pair pool process queue reason release role rule scope service side signal slot source stage state
    status system target task timestamp topic transaction version work
    """.split()
)
"""Fields that hold a word of ours or of a system's documents."""

NUMBERS = frozenset(
    """
    accepted age attempt attempts bytes calls claimed count done epoch failed lag limit line
    milliseconds number pages pid port records remaining restarts rows rung seconds size status total
    waiting workers written
    """.split()
)
"""Fields that hold a figure."""

TEXTS = frozenset({"advice", "where", "frames", "causes"})
"""Fields that hold sentences of our own; known patterns are masked inside them all the same."""

_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:=+/-]{0,127}$")
_WORD = re.compile(r"^[A-Za-z0-9_/][A-Za-z0-9_.:/%+-]{0,119}$")
_EVENT = re.compile(r"^[A-Za-z][A-Za-z0-9_.:/() -]{0,79}$")

_CREDENTIAL = r"\w*(?:secret|token|password|passwd|assertion|api_?key|signature|sid)"
_PATTERNS = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)", MASK),
        (r"(?i)\b(bearer|basic|zoho-oauthtoken)\s+[^\s,;\"']+", rf"\1 {MASK}"),
        (rf"(?i)\b({_CREDENTIAL})\b(\s*[=:]\s*|%3D)[^\s,;&]+", rf"\1\2{MASK}"),
        (r"\b1000\.[0-9a-f]{8,}\.[0-9a-f]{8,}", MASK),  # Zoho tokens
        (r"\b00D[A-Za-z0-9]{12,15}![^\s\"']+", MASK),  # Salesforce session ids
        (r"\b5Aep[A-Za-z0-9._]+", MASK),  # Salesforce refresh tokens
        (r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", MASK),  # JWT
        (r"\bgAAAA[\w=-]+", MASK),  # Fernet
        (r"://[^/\s@]+@", f"://{MASK}@"),
        (r"(https?://[^\s?#]+)\?[^\s]*", rf"\1?{MASK}"),
        (r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;]+", MASK),  # e-mail addresses, internationalised ones too
    )
)
_TELEPHONE = re.compile(r"(?<![\w.:-])\+?\(?\d[\d\s()/.-]{6,}\d(?![\w:-])")


def scrub(text: str) -> str:
    """The text with tokens, addresses and numbers of known shapes masked; names it cannot know."""
    return _TELEPHONE.sub(MASK, _scrub_shapes(text))


def _scrub_shapes(text: str) -> str:
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return text


def event_name(value: object) -> str:
    """The name of a log event: a constant of ours, or the mask when it does not look like one."""
    return value if isinstance(value, str) and _EVENT.match(value) and scrub(value) == value else MASK


def safe_value(key: str, value: object) -> object:
    """The value if the key is known to be harmless and the value has the shape that goes with it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if key in NUMBERS | IDS | WORDS else MASK
    if isinstance(value, list | tuple | set | frozenset):
        return [safe_value(key, inner) for inner in value]
    return _safe_text(key, value) if isinstance(value, str) else MASK


def _safe_text(key: str, value: str) -> str:
    if key in TEXTS:
        return scrub(value)
    # A time stamp or an id may look like a telephone number, so words are only held against the other shapes.
    shaped = (key in IDS and _ID.match(value)) or (key in WORDS and _WORD.match(value))
    return value if shaped and _scrub_shapes(value) == value else MASK


def safe_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """All fields, with unsafe values masked; the keys stay, so that a reader sees what was there."""
    return {key: safe_value(key, value) for key, value in fields.items()}


def describe(error: BaseException) -> dict[str, object]:
    """An exception as fields: type, code and origin; its text only where we wrote all of it."""
    if isinstance(error, BaseExceptionGroup):
        return describe(error.exceptions[0])  # the first tells more than that there are several
    told: dict[str, object] = {"error": type(error).__qualname__}
    if isinstance(error, Fault):
        told["error_code"] = error.code
    if isinstance(error, ConfigurationFault):
        told["where"], told["advice"] = scrub(str(error)), scrub(error.advice)
    told["frames"] = frames(error.__traceback__)
    causes = _causes(error)
    if causes:
        told["causes"] = causes
    return told


def frames(trace: TracebackType | None, limit: int = 12) -> list[str]:
    """The innermost frames as `file:line function`, with no source text and no values."""
    entries = traceback.extract_tb(trace)[-limit:]
    return [f"{_short(entry.filename)}:{entry.lineno} {entry.name}" for entry in entries]


def _short(filename: str) -> str:
    return "/".join(filename.split("/")[-3:])


def _causes(error: BaseException) -> list[str]:
    causes: list[str] = []
    current = error.__cause__ or error.__context__
    while current is not None and len(causes) < 5:
        code = f" {current.code}" if isinstance(current, Fault) else ""
        causes.append(type(current).__qualname__ + code)
        current = current.__cause__ or current.__context__
    return causes
