"""What may go wrong with a call, by name: which calls a kind fits, and what it does in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SYSTEMS = frozenset({"zoho", "salesforce"})
API, ACCOUNTS, BUS = "api", "accounts", "bus"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ACCOUNTS_PATHS = ("/oauth/", "/services/oauth2/")
_BUS_PATH = "/eventbus.v1.PubSub/"


@dataclass(frozen=True)
class Kind:
    """`faces` are the parts of a system it fits: its API, its accounts server, its event bus."""

    doc: str
    systems: frozenset[str] = SYSTEMS
    faces: frozenset[str] = frozenset({API, ACCOUNTS, BUS})
    methods: frozenset[str] = frozenset()


def face_of(path: str) -> str:
    """Which part of a system serves the path."""
    if path.startswith(_ACCOUNTS_PATHS):
        return ACCOUNTS
    return BUS if path.startswith(_BUS_PATH) else API


def _only(system: str, doc: str, *faces: str, methods: frozenset[str] = frozenset()) -> Kind:
    return Kind(doc, frozenset({system}), frozenset(faces or (API,)), methods)


_HTTP = frozenset({API, ACCOUNTS})

KINDS: Mapping[str, Kind] = {
    "status": Kind("answer `status` and `body`, change nothing"),
    "status_after": Kind("do the work, then answer `status` and `body` all the same"),
    "html": Kind("a page of a proxy instead of the answer: `status` (503) and HTML"),
    "slow": Kind("wait `seconds`, then work as usual"),
    "slow_after": Kind("do the work, then wait `seconds` before the answer"),
    "hang": Kind("take the request, change nothing, never answer"),
    "hang_after": Kind("do the work, never answer"),
    "reset_before": Kind("close the connection before anything is changed"),
    "reset_after": Kind("do the work, close the connection before the first byte of the answer"),
    "cut_answer": Kind("do the work, close the connection in the middle of the answer", faces=_HTTP),
    "wrong_json": Kind("do the work, send half of the answer as if it were whole", faces=_HTTP),
    "token_revoked": Kind("every access token dies before the call is looked at"),
    "internal_error": Kind("500 as the system words it"),
    "grant_refused": Kind("the token request is refused for good", faces=frozenset({ACCOUNTS})),
    "grant_throttled": Kind("the token request comes too often", faces=frozenset({ACCOUNTS})),
    "minute_exceeded": _only("zoho", "429 with code 44: too many calls this minute"),
    "day_exceeded": _only("zoho", "429 with code 45: the day's quota is used up"),
    "in_process": _only("zoho", "429 with code 1070: too many calls at the same time"),
    "request_limit": _only("salesforce", "403 REQUEST_LIMIT_EXCEEDED: the 24 h quota is used up"),
    "concurrent_limit": _only("salesforce", "403 REQUEST_LIMIT_EXCEEDED: too many long requests"),
    "row_lock": _only(
        "salesforce", "UNABLE_TO_LOCK_ROW for the saves at the positions `records` (the first)",
        methods=WRITES,
    ),
    "server_unavailable": _only(
        "salesforce", "503 SERVER_UNAVAILABLE; on the bus service.unavailable", API, BUS
    ),
    "edge_406": _only("salesforce", "406 without a body, from the edge", API, ACCOUNTS),
    "edge_420": _only("salesforce", "420 without a body, from the edge", API, ACCOUNTS),
    "edge_429": _only("salesforce", "429 without a body, from the edge", API, ACCOUNTS),
    "bus_error": _only("salesforce", "the gRPC call fails with the error code `code`", BUS),
}  # fmt: skip
BEFORE_AUTHORISATION = frozenset({"token_revoked"})


def kinds_of(system: str) -> list[str]:
    """The kinds a system knows."""
    return sorted(name for name, kind in KINDS.items() if system in kind.systems)
