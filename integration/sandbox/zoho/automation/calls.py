"""The API calls on webhooks, workflow rules, retry policies and what was delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.automation.book import Automation, found
from integration.sandbox.zoho.automation.hooks import Hook
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import absent, invalid_value, missing_value, unknown_url
from integration.sandbox.zoho.listing import page_bounds, page_context
from integration.sandbox.zoho.org import ZohoOrg

Json = dict[str, Any]
MOST_RESENT = 10
Work = Callable[[ZohoOrg, Call], Answer]


def list_hooks(org: ZohoOrg, call: Call) -> Answer:
    book = org.automation
    rows = [
        {**_hook_shown(org, hook), "related_rules": _rules_of(book, hook.webhook_id)}
        for hook in book.hooks.values()
    ]
    return _listed(call, "webhooks", "Webhooks", "webhook_name", rows)


def create_hook(org: ZohoOrg, call: Call) -> Answer:
    hook = org.automation.put_hook(None, call.body())
    return success("The webhook has been created.", 201, webhook=_hook_shown(org, hook))


def get_hook(org: ZohoOrg, call: Call) -> Answer:
    hook = found(org.automation.hooks, call.path["webhook_id"], "Webhook")
    return success(webhook=_hook_shown(org, hook))


def update_hook(org: ZohoOrg, call: Call) -> Answer:
    hook = org.automation.put_hook(call.path["webhook_id"], call.body())
    return success("The webhook has been updated.", webhook=_hook_shown(org, hook))


def delete_hook(org: ZohoOrg, call: Call) -> Answer:
    org.automation.delete_hook(call.path["webhook_id"])
    return success("The webhook has been deleted.")


def list_workflows(org: ZohoOrg, call: Call) -> Answer:
    rows = [each.shown(org.rendering.time(each.created)) for each in org.automation.workflows.values()]
    return _listed(call, "workflows", "Workflows", "workflow_name", rows)


def create_workflow(org: ZohoOrg, call: Call) -> Answer:
    workflow = org.automation.put_workflow(None, call.body())
    shown = workflow.shown(org.rendering.time(workflow.created))
    return success("The workflow has been created.", 201, workflow=shown)


def get_workflow(org: ZohoOrg, call: Call) -> Answer:
    workflow = found(org.automation.workflows, call.path["workflow_id"], "Workflow")
    return success(workflow=workflow.shown(org.rendering.time(workflow.created)))


def update_workflow(org: ZohoOrg, call: Call) -> Answer:
    workflow = org.automation.put_workflow(call.path["workflow_id"], call.body())
    shown = workflow.shown(org.rendering.time(workflow.created))
    return success("The workflow has been updated.", workflow=shown)


def delete_workflow(org: ZohoOrg, call: Call) -> Answer:
    found(org.automation.workflows, call.path["workflow_id"], "Workflow")
    del org.automation.workflows[call.path["workflow_id"]]
    return success("The workflow has been deleted.")


def activate(org: ZohoOrg, call: Call) -> Answer:
    org.automation.set_active(call.path["workflow_id"], active=True)
    return success("The workflow has been marked as active.")


def deactivate(org: ZohoOrg, call: Call) -> Answer:
    org.automation.set_active(call.path["workflow_id"], active=False)
    return success("The workflow has been marked as inactive.")


def list_policies(org: ZohoOrg, call: Call) -> Answer:
    rows = [each.shown(org.rendering.time(each.created)) for each in org.automation.policies.values()]
    return _listed(call, "retrypolicies", "Retry Policies", "policy_name", rows)


def create_policy(org: ZohoOrg, call: Call) -> Answer:
    policy = org.automation.put_policy(None, call.body())
    shown = policy.shown(org.rendering.time(policy.created))
    return success("The retry policy has been created.", 201, retry_policy=shown)


def get_policy(org: ZohoOrg, call: Call) -> Answer:
    policy = found(org.automation.policies, call.path["policy_id"], "Retry Policy")
    return success(retry_policy=policy.shown(org.rendering.time(policy.created)))


def update_policy(org: ZohoOrg, call: Call) -> Answer:
    policy = org.automation.put_policy(call.path["policy_id"], call.body())
    shown = policy.shown(org.rendering.time(policy.created))
    return success("The retry policy has been updated.", retry_policy=shown)


def delete_policy(org: ZohoOrg, call: Call) -> Answer:
    found(org.automation.policies, call.path["policy_id"], "Retry Policy")
    del org.automation.policies[call.path["policy_id"]]
    return success("The retry policy has been deleted.")


def list_histories(org: ZohoOrg, call: Call) -> Answer:
    wanted = {"webhook_url_id": call.query.get("webhook_id"), "entity_id": call.query.get("entity_id")}
    rows = [
        row for row in org.deliveries.shown()
        if all(text is None or row[key] == text for key, text in wanted.items())
    ]  # fmt: skip
    return _listed(call, "histories", "Webhook Histories", "history_time", rows, newest_first=True)


def get_history(org: ZohoOrg, call: Call) -> Answer:
    for row in org.deliveries.shown():
        if row["history_id"] == call.path["history_id"]:
            return success(history={**row, "url_value": row["webhook_url"], "versions": []})
    raise absent("Webhook History")


def resend(org: ZohoOrg, call: Call) -> Answer:
    org.deliveries.send_again(call.path["history_id"])
    return success("The webhook has been sent again.")


def resend_many(org: ZohoOrg, call: Call) -> Answer:
    ids = [part.strip() for part in call.query.get("history_ids", "").split(",") if part.strip()]
    if not ids:
        raise missing_value("history_ids")
    if len(ids) > MOST_RESENT:
        raise invalid_value("history_ids")
    known = {row["history_id"] for row in org.deliveries.shown()}
    if not known.issuperset(ids):
        raise absent("Webhook History")
    for history_id in ids:
        org.deliveries.send_again(history_id)
    return success("The webhooks have been sent again.")


def _hook_shown(org: ZohoOrg, hook: Hook) -> Json:
    return hook.shown(org.rendering.time(hook.created))


def _rules_of(book: Automation, hook_id: str) -> list[Json]:
    return [
        {"workflow_id": each.workflow_id, "workflow_name": each.workflow_name}
        for each in book.workflows.values()
        if hook_id in each.hooks
    ]


def _listed(
    call: Call, key: str, report: str, sort: str, rows: Iterable[Json], *, newest_first: bool = False
) -> Answer:
    number, size = page_bounds(call.query)
    ordered = sorted(rows, key=lambda row: str(row[sort]), reverse=newest_first)
    start = (number - 1) * size
    more = len(ordered) > start + size
    context = page_context(number, size, has_more=more, sort=sort, descending=newest_first, report=report)
    parts: Json = {key: ordered[start : start + size], "page_context": context}
    return success("success", 200, **parts)


def _switched(work: Work) -> Work:
    """The call, in organisations whose API has it."""

    def guarded(org: ZohoOrg, call: Call) -> Answer:
        if not org.switches.zoho_settings_automation:
            raise unknown_url()
        return work(org, call)

    return guarded


_HOOKS, _FLOWS, _POLICIES = "/settings/webhooks", "/settings/workflows", "/retrypolicies"
_CALLS: Sequence[tuple[str, str, str, Work]] = (
    ("GET", f"{_HOOKS}/histories", "READ", list_histories),
    ("GET", f"{_HOOKS}/histories/{{history_id}}", "READ", get_history),
    ("POST", f"{_HOOKS}/histories/bulkresend", "CREATE", resend_many),
    ("POST", f"{_HOOKS}/histories/{{history_id}}/resend", "CREATE", resend),
    ("GET", _HOOKS, "READ", list_hooks),
    ("POST", _HOOKS, "CREATE", create_hook),
    ("GET", f"{_HOOKS}/{{webhook_id}}", "READ", get_hook),
    ("PUT", f"{_HOOKS}/{{webhook_id}}", "UPDATE", update_hook),
    ("DELETE", f"{_HOOKS}/{{webhook_id}}", "DELETE", delete_hook),
    ("GET", _FLOWS, "READ", list_workflows),
    ("POST", _FLOWS, "CREATE", create_workflow),
    ("GET", f"{_FLOWS}/{{workflow_id}}", "READ", get_workflow),
    ("PUT", f"{_FLOWS}/{{workflow_id}}", "UPDATE", update_workflow),
    ("DELETE", f"{_FLOWS}/{{workflow_id}}", "DELETE", delete_workflow),
    ("POST", f"{_FLOWS}/{{workflow_id}}/active", "CREATE", activate),
    ("POST", f"{_FLOWS}/{{workflow_id}}/inactive", "CREATE", deactivate),
    ("GET", _POLICIES, "READ", list_policies),
    ("POST", _POLICIES, "CREATE", create_policy),
    ("GET", f"{_POLICIES}/{{policy_id}}", "READ", get_policy),
    ("PUT", f"{_POLICIES}/{{policy_id}}", "UPDATE", update_policy),
    ("DELETE", f"{_POLICIES}/{{policy_id}}", "DELETE", delete_policy),
)
ENDPOINTS = tuple(
    Endpoint(method, path, f"settings.{verb}", _switched(work)) for method, path, verb, work in _CALLS
)
