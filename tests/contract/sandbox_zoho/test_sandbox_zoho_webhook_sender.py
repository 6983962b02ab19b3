"""Webhooks as a receiver gets them: content, signature, retries, and what chance does to them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import queue
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.contract.sandbox_zoho.running import Received, Receiver, Running, sandbox
from tests.deadline import wait_until

SECRET = "sandboxsecret123"


def hook(zoho: Running, inbox: Receiver, more: dict[str, Any] | None = None, **settings: Any) -> None:
    rule = {"rule": "contact-saved", "url": f"{inbox.url}/saved", "secret": SECRET, **(more or {})}
    answer = zoho.admin("PUT", "/webhooks", {"rules": [rule], **settings})
    assert answer.status_code == 200, answer.text


def history(zoho: Running) -> dict[str, Any]:
    return zoho.admin("GET", "/webhooks/history").json()


def settled(zoho: Running, events: int) -> dict[str, int]:
    """The counts once nothing is on its way any more."""

    def counts() -> dict[str, int] | None:
        found: dict[str, int] = history(zoho)["counts"]
        return found if found["events"] == events and not found["pending"] else None

    found = wait_until(counts, 10, "the webhooks to settle")
    assert found is not None
    return found


def signature(message: bytes) -> str:
    return hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()


def signed(webhook: Received) -> str:
    return webhook.headers["X-Zoho-Webhook-Signature"]


def test_the_payload_is_the_record_as_get_shows_it(zoho: Running, inbox: Receiver) -> None:
    hook(zoho, inbox)
    contact = zoho.customer("Ödön & Co", contact_persons=[{"first_name": "Ana"}])
    webhook = inbox.next()
    assert webhook.headers["Content-Type"].startswith("application/json")
    assert webhook.json() == {"contact": zoho.get(f"/contacts/{contact['contact_id']}")["contact"]}
    assert signed(webhook) == signature(webhook.body)


def test_parameters_are_signed_sorted_and_decoded_before_the_body(zoho: Running, inbox: Receiver) -> None:
    more = {"url": f"{inbox.url}/saved?tenant=a%26b", "query_parameters": {"source": "in ventory"}}
    hook(zoho, inbox, more)
    zoho.customer("Acme")
    webhook = inbox.next()
    assert dict(parse_qsl(webhook.query)) == {"tenant": "a&b", "source": "in ventory"}
    assert signed(webhook) == signature(b"sourcein ventorytenanta&b" + webhook.body)


def test_the_old_form_carries_the_record_in_jsonstring(zoho: Running, inbox: Receiver) -> None:
    hook(zoho, inbox, {"format": "form", "query_parameters": {"tenant": "acme"}})
    zoho.customer("Acme & Sons")
    webhook = inbox.next()
    assert webhook.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    text = dict(parse_qsl(webhook.body.decode()))["JSONString"]
    assert json.loads(text)["contact"]["contact_name"] == "Acme & Sons"
    assert signed(webhook) == signature(b"JSONString" + text.encode() + b"tenantacme")


def test_without_a_secret_a_static_header_can_vouch(zoho: Running, inbox: Receiver) -> None:
    hook(zoho, inbox, {"secret": "", "headers": {"X-Webhook-Token": "static"}})
    zoho.customer("Acme")
    webhook = inbox.next()
    assert webhook.headers["X-Webhook-Token"] == "static"
    assert "X-Zoho-Webhook-Signature" not in webhook.headers
    assert "static" not in zoho.admin("GET", "/webhooks").text


def test_the_encoding_of_the_signature_is_a_switch(inbox: Receiver) -> None:
    with sandbox("--switch", "zoho_webhook_encoding=base64") as running:
        hook(running, inbox)
        running.customer("Acme")
        webhook = inbox.next()
        raw = hmac.new(SECRET.encode(), webhook.body, hashlib.sha256).digest()
        assert signed(webhook) == base64.b64encode(raw).decode()


def test_each_event_goes_to_the_rules_that_ask_for_it(zoho: Running, inbox: Receiver) -> None:
    rules = [
        {"rule": "added", "url": f"{inbox.url}/added", "events": ["add"]},
        {"rule": "edited", "url": f"{inbox.url}/edited", "events": ["edit"]},
        {"rule": "deleted", "url": f"{inbox.url}/deleted", "events": ["delete"]},
    ]
    zoho.admin("PUT", "/webhooks", {"rules": rules})
    contact_id = zoho.customer("Acme")["contact_id"]
    assert inbox.next().path == "/added"
    zoho.put(f"/contacts/{contact_id}", {"notes": "last words"})
    assert inbox.next().path == "/edited"
    zoho.post(f"/contacts/{contact_id}/inactive")
    assert inbox.next().json()["contact"]["status"] == "inactive"
    zoho.post("/contacts/contactpersons", {"contact_id": contact_id, "first_name": "Ana"})
    assert inbox.next().json()["contact"]["first_name"] == "Ana"
    zoho.delete(f"/contacts/{contact_id}")
    deleted = inbox.next()
    assert (deleted.path, deleted.json()["contact"]["notes"]) == ("/deleted", "last words")
    counts = settled(zoho, 5)
    assert counts == {**counts, "delivered": 5, "lost": 0, "failed": 0}


def test_a_persons_edit_fires_where_api_changes_do_not(zoho: Running, inbox: Receiver) -> None:
    hook(zoho, inbox, {"on_api_changes": False})
    contact = zoho.customer("Quiet")
    zoho.edit("contact", {"notes": "by hand"}, contact["contact_id"])
    assert inbox.next().json()["contact"]["notes"] == "by hand"
    assert settled(zoho, 1)["delivered"] == 1


def test_what_is_not_answered_2xx_is_tried_again(zoho: Running, inbox: Receiver) -> None:
    inbox.statuses += [500, 302]
    hook(zoho, inbox, retry={"count": 3, "base_seconds": 0.01, "kind": "exponential"})
    zoho.customer("Acme")
    bodies = {inbox.next().body for _ in range(3)}
    assert len(bodies) == 1
    counts = settled(zoho, 1)
    assert (counts["delivered"], counts["retried"]) == (1, 2)


def test_without_a_policy_there_is_one_attempt(zoho: Running, inbox: Receiver) -> None:
    inbox.statuses.append(503)
    hook(zoho, inbox)
    zoho.customer("Acme")
    assert settled(zoho, 1)["failed"] == 1
    (delivery,) = history(zoho)["deliveries"]
    assert (delivery["attempts"], delivery["status"]) == (1, 503)
    assert zoho.admin("POST", f"/webhooks/resend/{delivery['n']}").status_code == 202
    inbox.next()
    inbox.next()


def test_a_receiver_that_is_away_fails_the_delivery(zoho: Running) -> None:
    zoho.admin("PUT", "/webhooks", {"rules": [{"rule": "r", "url": "http://127.0.0.1:9/x"}]})
    zoho.customer("Acme")
    assert settled(zoho, 1)["failed"] == 1
    assert history(zoho)["deliveries"][0]["error"] == "ClientConnectorError"


def test_loss_and_doubles(zoho: Running, inbox: Receiver) -> None:
    hook(zoho, inbox, chaos={"lose": 1.0})
    zoho.customer("Lost")
    assert settled(zoho, 1)["lost"] == 1
    hook(zoho, inbox, chaos={"double": 1.0})
    zoho.customer("Twice")
    assert inbox.next().body == inbox.next().body
    with pytest.raises(queue.Empty):
        inbox.received.get_nowait()
    assert settled(zoho, 2)["doubled"] == 1


def test_what_arrives_late_is_old(zoho: Running, inbox: Receiver) -> None:
    hook(zoho, inbox, chaos={"late": 1.0, "late_seconds": [0.5, 0.5]})
    contact = zoho.customer("Before")
    wait_until(lambda: history(zoho)["deliveries"], 5)
    hook(zoho, inbox)
    wait_until(lambda: history(zoho)["deliveries"][0]["rendered"], 5)
    zoho.put(f"/contacts/{contact['contact_id']}", {"contact_name": "After"})
    names = [inbox.next().json()["contact"]["contact_name"] for _ in range(2)]
    assert names == ["After", "Before"]


def test_reordering_mixes_a_burst(zoho: Running, inbox: Receiver) -> None:
    hook(zoho, inbox, chaos={"reorder": True})
    sent = [zoho.customer(f"C{number:02d}")["contact_name"] for number in range(20)]
    arrived = [inbox.next().json()["contact"]["contact_name"] for _ in range(20)]
    assert sorted(arrived) == sent
    assert arrived != sent


def test_the_same_seed_loses_the_same_webhooks(inbox: Receiver) -> None:
    outcomes = []
    for _ in range(2):
        with sandbox("--seed", "5", "--zoho-per-minute", "1000", "--switch", "zoho_latency_ms=0") as running:
            hook(running, inbox, chaos={"lose": 0.5})
            for number in range(12):
                running.customer(f"C{number}")
            settled(running, 12)
            outcomes.append([delivery["lost"] for delivery in history(running)["deliveries"]])
    assert outcomes[0] == outcomes[1]
    assert set(Counter(outcomes[0])) == {True, False}


def test_rules_from_the_command_line(inbox: Receiver) -> None:
    urls = (
        "--webhook-url",
        f"{inbox.url}/main/contact-saved",
        "--webhook-url",
        f"{inbox.url}/main/contact-deleted",
    )
    with sandbox(*urls) as running:
        contact = running.customer("Acme")
        saved = inbox.next()
        running.delete(f"/contacts/{contact['contact_id']}")
        deleted = inbox.next()
        assert (saved.path, deleted.path) == ("/main/contact-saved", "/main/contact-deleted")
        expected = hmac.new(running.zoho["webhook_secret"].encode(), saved.body, hashlib.sha256).hexdigest()
        assert signed(saved) == expected


def test_nonsense_is_refused(zoho: Running) -> None:
    for wrong in (
        {"rules": [{"rule": "r", "url": "ftp://x"}]},
        {"rules": [{"rule": "r", "url": "http://x", "events": ["burn"]}]},
        {"retry": {"count": 99}},
        {"chaos": {"lose": 2}},
        {"colour": "red"},
        {"rules": [{"url": "http://x"}]},
    ):
        answer = zoho.admin("PUT", "/webhooks", wrong)
        assert answer.status_code == 400, wrong
