"""The API calls on webhooks, workflow rules, retry policies and what was delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.automation.book import Automation, found
from integration.sandbox.zoho.automation.hooks import Hook
from integration.sandbox.zoho.automation.policies import Policy
from integration.sandbox.zoho.automation.workflows import Workflow
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import absent, invalid_value, missing_value, unknown_url
from integration.sandbox.zoho.listing import page_bounds, page_context
from integration.sandbox.zoho.org import ZohoOrg

Json = dict[str, Any]
MOST_RESENT = 10
Work = Callable[[ZohoOrg, Call], Answer]
Setting = Hook | Workflow | Policy


@dataclass(frozen=True)
class _Kind:
    """One kind of setting: where it is kept, how a write is done, what it is called in paths and answers."""

    path: str
    key: str
    id_key: str
    label: str
    plural: str
    name_key: str
    group: Callable[[Automation], dict[str, Any]]
    put: Callable[[Automation, str | None, Json], Setting]
    delete: Callable[[Automation, str], None]
    more: Callable[[Automation, str], Json] = lambda _, __: {}

    def endpoints(self) -> Iterable[tuple[str, str, str, Work]]:
        """The five calls that every kind has."""
        one = f"{self.path}/{{{self.id_key}}}"
        return (
            ("GET", self.path, "READ", self._list), ("POST", self.path, "CREATE", self._create),
            ("GET", one, "READ", self._get), ("PUT", one, "UPDATE", self._update),
            ("DELETE", one, "DELETE", self._delete),
        )  # fmt: skip

    def _list(self, org: ZohoOrg, call: Call) -> Answer:
        book = org.automation
        rows = [
            {**_shown(org, each), **self.more(book, record_id)}
            for record_id, each in self.group(book).items()
        ]
        return _listed(call, self.path.rpartition("/")[2], self.plural, self.name_key, rows)

    def _create(self, org: ZohoOrg, call: Call) -> Answer:
        made = self.put(org.automation, None, call.body())
        return success(f"The {self.label.lower()} has been created.", 201, **{self.key: _shown(org, made)})

    def _get(self, org: ZohoOrg, call: Call) -> Answer:
        kept = found(self.group(org.automation), call.path[self.id_key], self.label)
        return success("success", 200, **{self.key: _shown(org, kept)})

    def _update(self, org: ZohoOrg, call: Call) -> Answer:
        changed = self.put(org.automation, call.path[self.id_key], call.body())
        return success(f"The {self.label.lower()} has been updated.", 200, **{self.key: _shown(org, changed)})

    def _delete(self, org: ZohoOrg, call: Call) -> Answer:
        self.delete(org.automation, call.path[self.id_key])
        return success(f"The {self.label.lower()} has been deleted.")


def activate(org: ZohoOrg, call: Call) -> Answer:
    org.automation.set_active(call.path["workflow_id"], active=True)
    return success("The workflow has been marked as active.")


def deactivate(org: ZohoOrg, call: Call) -> Answer:
    org.automation.set_active(call.path["workflow_id"], active=False)
    return success("The workflow has been marked as inactive.")


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


def _shown(org: ZohoOrg, setting: Setting) -> Json:
    return setting.shown(org.rendering.time(setting.created))


def _rules_of(book: Automation, hook_id: str) -> Json:
    rules = [
        {"workflow_id": each.workflow_id, "workflow_name": each.workflow_name}
        for each in book.workflows.values()
        if hook_id in each.hooks
    ]
    return {"related_rules": rules}


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
_KINDS = (
    _Kind(_HOOKS, "webhook", "webhook_id", "Webhook", "Webhooks", "webhook_name",
          lambda book: book.hooks, Automation.put_hook, Automation.delete_hook, _rules_of),
    _Kind(_FLOWS, "workflow", "workflow_id", "Workflow", "Workflows", "workflow_name",
          lambda book: book.workflows, Automation.put_workflow, Automation.delete_workflow),
    _Kind(_POLICIES, "retry_policy", "policy_id", "Retry Policy", "Retry Policies", "policy_name",
          lambda book: book.policies, Automation.put_policy, Automation.delete_policy),
)  # fmt: skip
_CALLS: Sequence[tuple[str, str, str, Work]] = (
    ("GET", f"{_HOOKS}/histories", "READ", list_histories),
    ("GET", f"{_HOOKS}/histories/{{history_id}}", "READ", get_history),
    ("POST", f"{_HOOKS}/histories/bulkresend", "CREATE", resend_many),
    ("POST", f"{_HOOKS}/histories/{{history_id}}/resend", "CREATE", resend),
    ("POST", f"{_FLOWS}/{{workflow_id}}/active", "CREATE", activate),
    ("POST", f"{_FLOWS}/{{workflow_id}}/inactive", "CREATE", deactivate),
    *(row for kind in _KINDS for row in kind.endpoints()),
)
ENDPOINTS = tuple(
    Endpoint(method, path, f"settings.{verb}", _switched(work)) for method, path, verb, work in _CALLS
)
