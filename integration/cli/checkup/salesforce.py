"""The doctor looks at Salesforce."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

from integration.canonical.values import Side
from integration.cli.checkup.clocks import clock_skew
from integration.cli.checkup.finding import Finding, Level, Ward
from integration.connectors.http import Http, HttpLimits
from integration.connectors.salesforce.change_events import topic_of
from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.stream_calls import EventBus
from integration.errors import Fault, Retryable
from integration.ports import StoredToken
from integration.wiring import WiredPair

WARD = Ward("Salesforce")
ROOTS = ("Account", "Contact")
SCARCE = 0.2
REACH = (
    "Check login_url ({}), and what lies between: network, proxy, firewall. Where the host has a certificate "
    "of a company's own authority, name that in ca_file."
)
REACH_STREAM = "Check pubsub_endpoint, and that HTTP/2 may go out to its port (7443 at Salesforce)."
SWITCH_ON = "Switch it on: Setup, Change Data Capture; and let our user see the object."


def look_at_salesforce(wired: WiredPair, key_field: str) -> Iterator[Finding]:
    """Everything about the org; what needs a token is left out where none can be had."""
    reach = REACH.format(wired.settings.salesforce.login_url)
    yield from WARD.look("reachable", lambda: _reachable(wired), advice=reach)
    tokens = list(WARD.look("token", lambda: _token(wired)))
    yield from tokens
    if any(finding.level is Level.FAIL for finding in tokens):
        return
    yield from WARD.look("organisation", lambda: _organisation(wired))
    yield from WARD.look("scopes", lambda: _scopes(wired))
    yield from WARD.look("limits", lambda: _limits(wired))
    for entity in ROOTS:
        yield from WARD.look(f"key field on {entity}", partial(_key_field, wired, entity, key_field))
    yield from _change_data_capture(wired)


def _reachable(wired: WiredPair) -> Iterator[Finding]:
    told = wired.settings.salesforce
    http = Http(HttpLimits(ca_file=str(told.ca_file) if told.ca_file else None))
    asking = {"Sforce-Call-Options": f"client={told.client_name}"}
    answer = http.send("GET", told.login_url.rstrip("/") + "/services/data/", headers=asking)
    if answer.status >= 500:
        yield WARD.fail(
            "reachable", f"it answers {answer.status}", "Try later; look at status.salesforce.com."
        )
        return
    yield WARD.ok("reachable", told.login_url)
    yield clock_skew(WARD, answer.headers)


def _token(wired: WiredPair) -> Iterator[Finding]:
    token = wired.connections.salesforce_tokens.token()
    yield WARD.ok("token", f"{wired.settings.salesforce.auth}, for {token.base_url}")


def _organisation(wired: WiredPair) -> Iterator[Finding]:
    wired.organizations.verify(Side.SALESFORCE)
    yield WARD.ok("organisation", wired.connections.salesforce.organization_id())


def _scopes(wired: WiredPair) -> Iterator[Finding]:
    """The REST scope shows in that describe answers; whether we may write shows in what it says."""
    for entity, field in (("Account", "Name"), ("Contact", "LastName")):
        found = wired.connections.salesforce.describe.fields(entity).get(field)
        if found is None or not found.writable:
            yield WARD.fail(
                "scopes",
                f"{entity} cannot be written by this user",
                f"Give the integration user create, read, edit and delete on {entity} and its fields.",
            )
            return
    yield WARD.ok("scopes", "Account and Contact can be read and written")


def _limits(wired: WiredPair) -> Iterator[Finding]:
    limits = wired.connections.salesforce.limits()
    advice = "Raise the limit, or lower `daily` for this pair so that others have their share."
    for name, what in (
        ("DailyApiRequests", "API calls"),
        ("DailyDeliveredPlatformEvents", "delivered events"),
    ):
        told = limits.get(name)
        if not isinstance(told, dict) or not told.get("Max"):
            continue
        text = f"{told['Remaining']} of {told['Max']} {what} left today"
        share = int(told["Remaining"]) / int(told["Max"])
        yield WARD.ok("limits", text) if share > SCARCE else WARD.warn("limits", text, advice)


def _key_field(wired: WiredPair, entity: str, key_field: str) -> Iterator[Finding]:
    what = f"key field on {entity}"
    found = wired.connections.salesforce.describe.fields(entity).get(key_field)
    advice = (
        f"Make the text field {key_field} (length 50) on {entity}: external id, unique, visible to our user."
    )
    if found is None:
        yield WARD.fail(what, f"{key_field} is not there, or our user may not see it", advice)
    elif not (found.external_id and found.unique):
        yield WARD.fail(what, f"{key_field} is not both external id and unique", advice)
    elif not found.writable:
        yield WARD.fail(what, f"{key_field} cannot be written by our user", advice)
    else:
        yield WARD.ok(what, f"{key_field} is an external id, unique, writable")


def _change_data_capture(wired: WiredPair) -> Iterator[Finding]:
    token = wired.connections.salesforce_tokens.token()
    for entity in wired.settings.salesforce.streamed:
        yield from WARD.look(f"change events of {entity}", partial(_topics, wired, token, entity))


def _topics(wired: WiredPair, token: StoredToken, entity: str) -> list[Finding]:
    return [asyncio.run(_topic(wired, token, entity, wired.connections.salesforce.organization_id()))]


async def _topic(wired: WiredPair, token: StoredToken, entity: str, organization_id: str) -> Finding:
    told = wired.settings.salesforce
    topic, what = topic_of(entity), f"change events of {entity}"
    config = StreamConfig(
        topics=(topic,),
        endpoint=told.pubsub_endpoint,
        tls=told.pubsub_tls,
        ca_file=str(told.ca_file) if told.ca_file else "",
        organization_id=organization_id,
    )
    bus = EventBus(config)
    try:
        found = await bus.topic(token, topic)
    except Fault as fault:
        advice = REACH_STREAM if isinstance(fault, Retryable) else SWITCH_ON
        where = f"{topic} at {told.pubsub_endpoint}"
        return WARD.fail(what, f"{where}: {fault.code} {fault.text}".strip(), fault.advice or advice)
    finally:
        await bus.close()
    if found.can_subscribe:
        return WARD.ok(what, f"{topic} can be subscribed to")
    return WARD.fail(what, f"our user may not subscribe to {topic}", "Give it 'View All' on the object.")
