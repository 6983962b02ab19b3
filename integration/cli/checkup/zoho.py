"""The doctor looks at Zoho Inventory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from integration.canonical.values import Side
from integration.cli.checkup.clocks import clock_skew
from integration.cli.checkup.finding import Finding, Level, Ward
from integration.connectors.http import Http
from integration.errors import Unauthorized
from integration.wiring import WiredPair
from integration.wiring.connections import zoho_config

WARD = Ward("Zoho Inventory")
DAY_MS = 86_400_000
SCARCE = 0.2
REACH = "Check data_center (or accounts_url, now {}), and what lies between: network, proxy, firewall."
CONNECT_AGAIN = (
    "Connect again with ZohoInventory.contacts.CREATE, .READ, .UPDATE and .DELETE, and "
    "ZohoInventory.settings.READ."
)
SHORTEST_SECRET = 12
TAKEN_BY_ZOHO = re.compile(r"[A-Za-z0-9]{12,50}")
"""What the settings of a webhook take as its secret."""


def look_at_zoho(wired: WiredPair, key_field: str) -> Iterator[Finding]:
    """Everything about the organisation; what needs a token is left out where none can be had."""
    accounts = zoho_config(wired.settings.zoho, key_field).accounts
    yield from WARD.look("reachable", lambda: _reachable(accounts), advice=REACH.format(accounts))
    yield from _webhooks(wired)
    tokens = list(WARD.look("token", lambda: _token(wired)))
    yield from tokens
    if any(finding.level is Level.FAIL for finding in tokens):
        return
    yield from WARD.look("organisation", lambda: _organisation(wired))
    yield from WARD.look("scopes", lambda: _scopes(wired))
    yield from WARD.look("limits", lambda: _limits(wired))
    yield from WARD.look("key field", lambda: _key_field(wired, key_field))
    yield from WARD.look("keyed writes", lambda: _keyed_writes(wired))


def _reachable(accounts: str) -> Iterator[Finding]:
    answer = Http().send("GET", accounts + "/")
    if answer.status >= 500:
        yield WARD.fail("reachable", f"it answers {answer.status}", "Try later; look at status.zoho.com.")
        return
    yield WARD.ok("reachable", accounts)
    yield clock_skew(WARD, answer.headers)


def _token(wired: WiredPair) -> Iterator[Finding]:
    token = wired.connections.zoho_tokens.token()
    yield WARD.ok("token", f"refresh token taken; API at {token.base_url or 'the data centre default'}")


def _organisation(wired: WiredPair) -> Iterator[Finding]:
    wired.organizations.verify(Side.ZOHO)
    yield WARD.ok("organisation", wired.settings.zoho.organization_id)


def _scopes(wired: WiredPair) -> Iterator[Finding]:
    """Each reading scope shows in a call that needs it; those for writing only show when something is
    written.
    """
    looks: dict[str, Callable[[], object]] = {
        "contacts": lambda: wired.connections.zoho.list_page("contact", ""),
        "settings": wired.connections.zoho.currency_codes,
    }
    for module, look in looks.items():
        try:
            look()
        except Unauthorized as fault:
            yield WARD.fail("scopes", f"{module} cannot be read: {fault.code}", CONNECT_AGAIN)
        else:
            yield WARD.ok("scopes", f"{module} can be read")


def _limits(wired: WiredPair) -> Iterator[Finding]:
    """Zoho's own count where its answers carry one, else what we used of the share that is ours."""
    told, left = wired.settings.zoho, wired.connections.zoho.day_left()
    window = round(told.day_seconds * 1_000) or DAY_MS
    used = wired.sql.usage(wired.services.pair_id, "zoho").since(wired.services.clock.now_ms() - window)
    text = (
        f"{used} of {told.daily} calls used by us within a day; "
        f"{told.per_minute} a minute, {told.in_flight} at a time"
    )
    scarce = used > (1 - SCARCE) * told.daily
    if left is not None:
        text = f"{left.remaining} of {left.limit} calls left today; {text}"
        scarce = scarce or left.remaining < SCARCE * left.limit
    advice = "Buy more calls, or poll less often (poll_seconds)."
    yield WARD.warn("limits", text, advice) if scarce else WARD.ok("limits", text)


def _key_field(wired: WiredPair, key_field: str) -> Iterator[Finding]:
    customs = wired.connections.zoho.custom_fields()
    advice = f"Make the custom field {key_field} (text) for customers and forbid duplicate values."
    if key_field not in customs.unique:
        if customs.whole:
            yield WARD.fail("key field", f"{key_field} is not there", advice)
        else:
            yield WARD.warn(
                "key field", f"{key_field} shows on no contact, and definitions cannot be had", advice
            )
    elif customs.unique[key_field] is False:
        yield WARD.fail("key field", f"{key_field} takes the same value twice", advice)
    elif customs.unique[key_field] is None:
        yield WARD.warn("key field", f"{key_field} is there; whether it is unique cannot be told", advice)
    else:
        yield WARD.ok("key field", f"{key_field} is there and unique")


def _keyed_writes(wired: WiredPair) -> Iterator[Finding]:
    if wired.connections.zoho.probe():
        yield WARD.ok("keyed writes", "contacts are created by our key, so a repeated call makes none twice")
    else:
        yield WARD.warn(
            "keyed writes",
            "contacts cannot be created by our key here",
            "Nothing to do: we look before and after each create instead, which takes more calls.",
        )


def _webhooks(wired: WiredPair) -> Iterator[Finding]:
    rules = wired.settings.zoho.webhooks
    if not rules:
        yield WARD.warn(
            "webhooks",
            f"no rule is set up: the poll notices changes, every {wired.settings.policies.poll_seconds:g} s",
            "Add [[pairs.zoho.webhooks]] and a workflow rule with that secret in Zoho.",
        )
    for rule in rules:
        what = f"webhook {rule.rule}"
        secret = rule.secret.get_secret_value()
        if rule.mode == "hmac" and not TAKEN_BY_ZOHO.fullmatch(secret):
            text = f"its secret is not what Zoho takes ({len(secret)} characters)"
            yield WARD.fail(what, text, "Use 12 to 50 letters and digits, here and in Zoho's webhook.")
        elif len(secret) < SHORTEST_SECRET:
            yield WARD.fail(what, f"its secret has {len(secret)} characters", "Use 12 or more.")
        else:
            yield WARD.ok(what, f"secret set, checked as {rule.mode}")
