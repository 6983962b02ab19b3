"""What clients have set up through the API, and the sender's rules that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from integration.sandbox.clock import Clock
from integration.sandbox.switches import Switches
from integration.sandbox.zoho.automation.hooks import Hook, changed_hook
from integration.sandbox.zoho.automation.policies import Policy, changed_policy
from integration.sandbox.zoho.automation.workflows import Workflow, changed_workflow
from integration.sandbox.zoho.faults import ApiError, absent
from integration.sandbox.zoho.webhook_rules import Retry, Rule

Json = dict[str, Any]
Kept = TypeVar("Kept", Hook, Workflow, Policy)


class Automation:
    """Webhooks, workflow rules and retry policies of one organisation."""

    def __init__(self, switches: Switches, clock: Clock, next_id: Callable[[], str]) -> None:
        self._switches, self._clock, self._next_id = switches, clock, next_id
        self.clear()

    def clear(self) -> None:
        """Nothing is set up."""
        self.hooks: dict[str, Hook] = {}
        self.workflows: dict[str, Workflow] = {}
        self.policies: dict[str, Policy] = {}

    # For the sender

    def rules(self) -> list[Rule]:
        """One rule for every webhook of every active workflow."""
        return [
            _rule(workflow, self.hooks[hook_id])
            for workflow in self.workflows.values()
            if workflow.is_active
            for hook_id in workflow.hooks
        ]

    def retry(self) -> Retry | None:
        """The newest policy for webhooks, if there is one."""
        found = [policy for policy in self.policies.values() if policy.action_type == "webhook"]
        return found[-1].retry(self._clock.scaled(1.0)) if found else None

    # For the calls

    def put_hook(self, hook_id: str | None, body: Mapping[str, Any]) -> Hook:
        """Create (no id) or change a webhook."""
        start = self._new(Hook) if hook_id is None else found(self.hooks, hook_id, "Webhook")
        hook = changed_hook(start, body, self._switches)
        self.hooks[hook.webhook_id] = hook
        return hook

    def delete_hook(self, hook_id: str) -> None:
        """The webhook goes. :raises ApiError: a workflow rule still sets it off."""
        found(self.hooks, hook_id, "Webhook")
        if any(hook_id in workflow.hooks for workflow in self.workflows.values()):
            code = self._switches.zoho_webhook_in_use_code
            raise ApiError(400, code, "The webhook is associated with a workflow rule.")
        del self.hooks[hook_id]

    def put_workflow(self, workflow_id: str | None, body: Mapping[str, Any]) -> Workflow:
        """Create (no id) or change a rule; webhooks described inside it are created along."""
        start = self._new(Workflow) if workflow_id is None else found(self.workflows, workflow_id, "Workflow")
        made: dict[str, Hook] = {}

        def hook_of(action: Json, entity: str) -> str:
            if action.get("action_id"):
                return found(self.hooks, str(action["action_id"]), "Webhook").webhook_id
            hook = changed_hook(self._new(Hook), {**action, "entity": entity}, self._switches)
            made[hook.webhook_id] = hook
            return hook.webhook_id

        workflow = changed_workflow(start, body, self._switches, hook_of)
        self.hooks.update(made)
        self.workflows[workflow.workflow_id] = workflow
        return workflow

    def delete_workflow(self, workflow_id: str) -> None:
        """The rule goes; its webhooks stay."""
        found(self.workflows, workflow_id, "Workflow")
        del self.workflows[workflow_id]

    def set_active(self, workflow_id: str, *, active: bool) -> None:
        """Switch a rule on or off."""
        workflow = found(self.workflows, workflow_id, "Workflow")
        self.workflows[workflow_id] = replace(workflow, is_active=active)

    def put_policy(self, policy_id: str | None, body: Mapping[str, Any]) -> Policy:
        """Create (no id) or change a retry policy."""
        start = self._new(Policy) if policy_id is None else found(self.policies, policy_id, "Retry Policy")
        policy = changed_policy(start, body, self._switches)
        self.policies[policy.policy_id] = policy
        return policy

    def delete_policy(self, policy_id: str) -> None:
        """The policy goes."""
        found(self.policies, policy_id, "Retry Policy")
        del self.policies[policy_id]

    # Keeping

    def dump(self) -> Json:
        """As JSON."""
        groups: dict[str, Iterable[Hook | Workflow | Policy]] = {
            "hooks": self.hooks.values(), "workflows": self.workflows.values(),
            "policies": self.policies.values(),
        }  # fmt: skip
        return {name: [asdict(each) for each in group] for name, group in groups.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump."""
        self.clear()
        self.hooks = {row["webhook_id"]: _loaded(Hook, row) for row in state.get("hooks", ())}
        self.workflows = {row["workflow_id"]: _loaded(Workflow, row) for row in state.get("workflows", ())}
        self.policies = {row["policy_id"]: _loaded(Policy, row) for row in state.get("policies", ())}

    def _new(self, kind: type[Kept]) -> Kept:
        return kind(self._next_id(), int(self._clock.now().timestamp()))


def found(group: Mapping[str, Kept], record_id: str, label: str) -> Kept:
    """The member of that id. :raises ApiError: 404, there is none."""
    member = group.get(record_id)
    if member is None:
        raise absent(label)
    return member


def _rule(workflow: Workflow, hook: Hook) -> Rule:
    # Where extra parameters travel is not documented: with a form they join it, else the query string.
    extra = {**dict(hook.entity_parameters), **dict(hook.additional_parameters)}
    pairs = hook.format == "pairs"
    return Rule(
        rule=hook.webhook_name or workflow.workflow_name, url=hook.url, entity=workflow.entity,
        events=workflow.changes, secret=hook.secret, format=hook.format, headers=dict(hook.headers),
        query_parameters={**dict(hook.query_parameters), **({} if pairs else extra)},
        form_data={**dict(hook.form_data), **(extra if pairs else {})}, raw=hook.raw_data,
        method=hook.method, webhook_id=hook.webhook_id, workflow_id=workflow.workflow_id,
        once=not workflow.apply_rule_always,
    )  # fmt: skip


def _loaded(kind: type[Kept], row: Mapping[str, Any]) -> Kept:
    known = {each.name for each in fields(kind)}
    values = {key: _tuples(value) for key, value in row.items() if key in known}
    return kind(**values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value
