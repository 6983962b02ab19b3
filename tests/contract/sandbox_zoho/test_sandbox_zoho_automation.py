"""Webhooks, workflow rules and retry policies as a client sets them up through the API."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from integration.sandbox.zoho.webhook_rules import Retry
from tests.contract.sandbox_zoho.running import Receiver, Running, sandbox
from tests.deadline import wait_until

SECRET = "automationsecret1"


def made_hook(zoho: Running, inbox: Receiver, **more: Any) -> dict[str, Any]:
    body = {
        "webhook_name": "Saved",
        "entity": "contact",
        "url": f"{inbox.url}/saved",
        "secret": SECRET,
        **more,
    }
    made: dict[str, Any] = zoho.post("/settings/webhooks", body)["webhook"]
    return made


def made_rule(zoho: Running, hook_id: str, rule_type: str = "add_edit", **more: Any) -> dict[str, Any]:
    body = {
        "workflow_name": "On save", "entity": "contact", "rule_type": rule_type,
        "instant_actions": [{"action_type": "webhook", "action_id": hook_id}], **more,
    }  # fmt: skip
    made: dict[str, Any] = zoho.post("/settings/workflows", body)["workflow"]
    return made


def refusal(zoho: Running, method: str, path: str, body: Any = None) -> tuple[int, int, str]:
    answer = zoho.call(method, path, body)
    return answer.status_code, answer.json()["code"], answer.json()["message"]


def test_a_rule_set_up_by_api_sends_the_signed_record(zoho: Running, inbox: Receiver) -> None:
    hook = made_hook(zoho, inbox, query_parameters=[{"param_name": "pair", "param_value": "main"}])
    assert (hook["method"], hook["is_active"], hook["headers"]) == ("POST", True, [])
    made_rule(zoho, hook["webhook_id"])
    contact = zoho.customer("Acme")
    webhook = inbox.next()
    assert webhook.json() == {"contact": zoho.get(f"/contacts/{contact['contact_id']}")["contact"]}
    expected = hmac.new(SECRET.encode(), b"pairmain" + webhook.body, hashlib.sha256).hexdigest()
    assert (webhook.query, webhook.headers["X-Zoho-Webhook-Signature"]) == ("pair=main", expected)


def test_form_pairs_and_raw_texts_carry_what_their_placeholders_name(zoho: Running, inbox: Receiver) -> None:
    pairs = made_hook(
        zoho, inbox, webhook_name="Pairs", url=f"{inbox.url}/pairs", is_new_response_format=True,
        form_data=[{"param_name": "customer", "param_value": "${contact.contact_name}"}],
        entity_parameters=[{"param_name": "id", "param_value": "${CONTACT.CONTACT_ID}"}],
    )  # fmt: skip
    raw = made_hook(
        zoho, inbox, webhook_name="Raw", url=f"{inbox.url}/raw", raw_data='{"who": "${contact_name}${nope}"}'
    )
    old = made_hook(zoho, inbox, webhook_name="Old", url=f"{inbox.url}/old", is_new_response_format=False)
    for hook in (pairs, raw, old):
        made_rule(zoho, hook["webhook_id"], "add")
    contact = zoho.customer("Bowman & Co")
    got = {each.path: each for each in (inbox.next() for _ in range(3))}
    assert dict(parse_qsl(got["/pairs"].body.decode())) == {
        "customer": "Bowman & Co",
        "id": contact["contact_id"],
    }
    signed = hmac.new(
        SECRET.encode(), f"customerBowman & Coid{contact['contact_id']}".encode(), hashlib.sha256
    )
    assert got["/pairs"].headers["X-Zoho-Webhook-Signature"] == signed.hexdigest()
    assert got["/raw"].json() == {"who": "Bowman & Co"}
    assert (
        json.loads(dict(parse_qsl(got["/old"].body.decode()))["JSONString"])["contact"]["contact_name"]
        == "Bowman & Co"
    )


def test_rules_fire_for_their_kind_of_change_while_they_are_active(zoho: Running, inbox: Receiver) -> None:
    hook = made_hook(zoho, inbox)["webhook_id"]
    deleted = made_rule(zoho, hook, "delete")
    once = made_rule(zoho, hook, "edit", apply_rule_always=False)
    contact_id = zoho.customer("Acme")["contact_id"]
    zoho.put(f"/contacts/{contact_id}", {"notes": "first"})
    assert inbox.next().json()["contact"]["notes"] == "first"
    zoho.put(f"/contacts/{contact_id}", {"notes": "second"})
    zoho.post(f"/settings/workflows/{deleted['workflow_id']}/inactive")
    other_id = zoho.customer("Other")["contact_id"]
    zoho.delete(f"/contacts/{other_id}")
    zoho.post(f"/settings/workflows/{deleted['workflow_id']}/active")
    zoho.delete(f"/contacts/{contact_id}")
    assert inbox.next().json()["contact"]["contact_id"] == contact_id
    rows = zoho.get("/settings/webhooks/histories")["histories"]
    assert sorted(row["workflow_id"] for row in rows) == sorted([deleted["workflow_id"], once["workflow_id"]])
    related = zoho.get("/settings/webhooks")["webhooks"][0]["related_rules"]
    assert {row["workflow_id"] for row in related} == {deleted["workflow_id"], once["workflow_id"]}


def test_a_webhook_described_inside_its_rule_is_created_along(zoho: Running, inbox: Receiver) -> None:
    action = {
        "action_type": "webhook",
        "webhook_name": "Inline",
        "url": f"{inbox.url}/inline",
        "method": "POST",
    }
    body = {"workflow_name": "W", "entity": "contact", "rule_type": "add", "instant_actions": [action]}
    rule = zoho.post("/settings/workflows", body)["workflow"]
    hook_id = rule["instant_actions"][0]["action_id"]
    assert zoho.get(f"/settings/webhooks/{hook_id}")["webhook"]["webhook_name"] == "Inline"
    refused = {**body, "instant_actions": [action, {"action_type": "alert"}]}
    assert refusal(zoho, "POST", "/settings/workflows", refused)[:2] == (400, 2)
    assert len(zoho.get("/settings/webhooks")["webhooks"]) == 1


def test_history_is_listed_filtered_and_sent_again(zoho: Running, inbox: Receiver) -> None:
    hook = made_hook(zoho, inbox)
    made_rule(zoho, hook["webhook_id"])
    first, second = (zoho.customer(name)["contact_id"] for name in ("One", "Two"))
    inbox.next(), inbox.next()

    def settled() -> list[dict[str, Any]] | None:
        rows: list[dict[str, Any]] = zoho.get("/settings/webhooks/histories")["histories"]
        return rows if len(rows) == 2 and all(row["status"] == "success" for row in rows) else None

    rows = wait_until(settled, 5, "both deliveries to end")
    assert rows is not None
    assert {row["response_code"] for row in rows} == {202}
    mine = zoho.get("/settings/webhooks/histories", entity_id=first)["histories"]
    assert [row["entity_id"] for row in mine] == [first]
    history_id = mine[0]["history_id"]
    zoho.post(f"/settings/webhooks/histories/{history_id}/resend")
    assert inbox.next().json()["contact"]["contact_id"] == first
    ids = ",".join(row["history_id"] for row in rows)
    assert zoho.call("POST", "/settings/webhooks/histories/bulkresend", history_ids=ids).json()["code"] == 0
    assert {inbox.next().json()["contact"]["contact_id"] for _ in range(2)} == {first, second}
    detail = zoho.get(f"/settings/webhooks/histories/{history_id}")["history"]
    assert (detail["url_value"], detail["webhook_url_id"]) == (hook["url"], hook["webhook_id"])
    many = ",".join(["1"] * 11)
    assert zoho.call("POST", "/settings/webhooks/histories/bulkresend", history_ids=many).status_code == 400
    assert refusal(zoho, "POST", "/settings/webhooks/histories/1/resend")[:2] == (404, 1002)


def test_a_retry_policy_of_the_api_holds_for_every_webhook(inbox: Receiver) -> None:
    # A limit's minute of 0.6 s makes a minute of the policy as short.
    with sandbox("--minute-seconds", "0.6", "--zoho-per-minute", "1000") as zoho:
        policy = zoho.post("/retrypolicies", {
            "policy_name": "Again", "action_type": "webhook", "retry_type": "honor_retry_after",
            "retry_count": 2, "base_interval": 1, "base_interval_unit": "minutes",
        })["retry_policy"]  # fmt: skip
        made_rule(zoho, made_hook(zoho, inbox)["webhook_id"])
        inbox.statuses += [500, 503]
        zoho.customer("Acme")
        assert len({inbox.next().body for _ in range(3)}) == 1
        zoho.delete(f"/retrypolicies/{policy['policy_id']}")
        assert zoho.get("/retrypolicies")["retrypolicies"] == []


@pytest.mark.parametrize(
    ("retry", "pauses"),
    [
        (Retry(3, 10, "fixed"), [10, 10, 10]),
        (Retry(3, 10, "linear", 2), [10, 30, 50]),
        (Retry(3, 10, "exponential", 1), [10, 20, 40]),
        (Retry(3, 10, "retry_after"), [10, 10, 10]),
    ],
)
def test_pauses_grow_as_the_policy_says(retry: Retry, pauses: list[float]) -> None:
    assert [retry.pause(attempt) for attempt in (1, 2, 3)] == pauses
    told = 7.0 if retry.kind == "retry_after" else retry.pause(1)
    assert retry.pause(1, 7.0) == told


GOOD = {"entity": "contact", "url": "http://127.0.0.1:9/x"}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/settings/webhooks", {"entity": "contact"}, 4),
        ("/settings/webhooks", {**GOOD, "entity": "spaceship"}, 2),
        ("/settings/webhooks", {**GOOD, "url": "ftp://x"}, 2),
        ("/settings/webhooks", {**GOOD, "webhook_name": "n" * 51}, 15),
        ("/settings/webhooks", {**GOOD, "secret": "short"}, 15),
        ("/settings/webhooks", {**GOOD, "secret": "with-a-dash-in-it"}, 15),
        ("/settings/webhooks", {**GOOD, "method": "GET"}, 2),
        ("/settings/webhooks", {**GOOD, "headers": [{"param_name": ""}]}, 2),
        ("/settings/webhooks", {**GOOD, "nonsense": 1}, 2),
        ("/settings/workflows", {"entity": "contact", "rule_type": "add"}, 4),
        ("/settings/workflows", {"workflow_name": "W", "entity": "contact", "rule_type": "date"}, 2),
        ("/settings/workflows", {"workflow_name": "W", "entity": "contact", "rule_type": "edit", "field_update": ["x"]}, 2),
        ("/retrypolicies", {"action_type": "webhook", "retry_type": "fixed", "retry_count": 21}, 2),
        ("/retrypolicies", {"action_type": "webhook", "retry_type": "fixed", "retry_count": 0}, 2),
        ("/retrypolicies", {"action_type": "webhook", "retry_count": 2}, 4),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(zoho: Running, path: str, body: dict[str, Any], code: int) -> None:
    assert refusal(zoho, "POST", path, body)[:2] == (400, code)


def test_what_a_rule_uses_cannot_be_deleted_and_what_is_gone_is_404(zoho: Running, inbox: Receiver) -> None:
    hook_id = made_hook(zoho, inbox)["webhook_id"]
    rule_id = made_rule(zoho, hook_id)["workflow_id"]
    assert refusal(zoho, "DELETE", f"/settings/webhooks/{hook_id}")[:2] == (400, 4)
    zoho.put(f"/settings/webhooks/{hook_id}", {"description": "changed"})
    zoho.delete(f"/settings/workflows/{rule_id}")
    zoho.delete(f"/settings/webhooks/{hook_id}")
    for path in (
        f"/settings/webhooks/{hook_id}",
        f"/settings/workflows/{rule_id}",
        f"/retrypolicies/{rule_id}",
    ):
        assert refusal(zoho, "GET", path)[:2] == (404, 1002)


def test_settings_survive_a_restart_and_end_with_the_reset(tmp_path: Any, inbox: Receiver) -> None:
    kept = ("--state-dir", str(tmp_path))
    with sandbox(*kept) as zoho:
        made_rule(zoho, made_hook(zoho, inbox)["webhook_id"])
    with sandbox(*kept) as zoho:
        zoho.customer("Acme")
        assert inbox.next().json()["contact"]["contact_name"] == "Acme"
        zoho.admin("POST", "/reset")
        assert zoho.get("/settings/workflows")["workflows"] == []


def test_an_organisation_may_have_none_of_it() -> None:
    with sandbox("--switch", "zoho_settings_automation=false") as zoho:
        assert refusal(zoho, "GET", "/settings/webhooks") == (404, 5, "Invalid URL Passed")
