"""A workflow rule: which changes of which records set off which webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import invalid_element, invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_choice, clean_flag, clean_list, clean_text
from integration.sandbox.zoho.webhook_rules import ENTITIES

Json = dict[str, Any]
RULE_TYPES: Mapping[str, tuple[str, ...]] = {
    "add": ("add",), "edit": ("edit",), "add_edit": ("add", "edit"), "delete": ("delete",),
}  # fmt: skip
_TEXTS = {"workflow_name": 100, "description": 1000}
# Criteria and delays are not modelled: a rule that has them would fire when it must not.
_REFUSED = frozenset({"field_update", "rule", "time_based_actions", "sub_rules", "events", "date_field"})
_PASSED_OVER = frozenset({
    "workflow_id", "placeholder", "is_from_plugin", "created_time", "is_locked", "lock_type", "lock_reason",
    "sub_entities", "field_update_comparator", "is_hidden", "allowed_apps", "is_draft", "trigger_id",
    "trigger_ph", "entity_id", "execution_timezone", "is_custom_execution_time", "time", "day_difference",
    "day_difference_type", "day_difference_unit",
})  # fmt: skip


@dataclass(frozen=True)
class Workflow:
    """One rule with the webhooks it sets off; without `apply_rule_always` only once for each record."""

    workflow_id: str
    created: int
    workflow_name: str = ""
    description: str = ""
    entity: str = ""
    rule_type: str = ""
    apply_rule_always: bool = True
    is_active: bool = True
    hooks: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[str, ...]:
        """The kinds of change it waits for."""
        return RULE_TYPES[self.rule_type]

    def shown(self, created_time: str) -> Json:
        """As GET tells it."""
        actions = [
            {"action_id": hook, "action_type": "webhook", "entity": self.entity} for hook in self.hooks
        ]
        return {
            "workflow_id": self.workflow_id, "workflow_name": self.workflow_name, "placeholder": "",
            "entity": self.entity, "sub_entities": "", "rule_type": self.rule_type,
            "description": self.description, "is_active": self.is_active, "is_from_plugin": False,
            "created_time": created_time, "is_locked": False, "lock_reason": "",
            "apply_rule_always": self.apply_rule_always, "field_update": [],
            "field_update_comparator": "any", "instant_actions": actions, "time_based_actions": [],
        }  # fmt: skip


def changed_workflow(
    workflow: Workflow, body: Mapping[str, Any], switches: Switches, hook_of: Callable[[Json, str], str]
) -> Workflow:
    """The rule after a write; `hook_of` answers the id of the webhook that an action and entity name.

    :raises ApiError: an unknown key, a trigger or action nobody models, no name, entity or rule type
    """
    changes: Json = {key: clean(key, body[key]) for key, clean in _CLEANERS.items() if key in body}
    if "instant_actions" in body:
        entity, actions = changes.get("entity", workflow.entity), body["instant_actions"]
        changes["hooks"] = tuple(
            _hook(action, entity, hook_of) for action in clean_list("instant_actions", actions)
        )
    for key, value in body.items():
        if key in _REFUSED and value:
            raise invalid_value(key)
        if key not in _KNOWN and switches.zoho_unknown_keys == "reject":
            raise invalid_element(key, switches)
    found = replace(workflow, **changes)
    for key in ("workflow_name", "entity", "rule_type"):
        if not getattr(found, key):
            raise missing_value(key)
    return found


def _hook(action: object, entity: str, hook_of: Callable[[Json, str], str]) -> str:
    if not isinstance(action, dict):
        raise invalid_value("instant_actions")
    if action.get("action_type") != "webhook":
        raise invalid_value("action_type")
    return hook_of(action, entity)


_CLEANERS: Mapping[str, Callable[[str, object], Any]] = {
    **{key: partial(clean_text, limit=limit) for key, limit in _TEXTS.items()},
    "entity": partial(clean_choice, choices=sorted(ENTITIES)),
    "rule_type": partial(clean_choice, choices=tuple(RULE_TYPES)),
    "apply_rule_always": clean_flag,
    "is_active": clean_flag,
}
_KNOWN = frozenset({*_CLEANERS, *_REFUSED, *_PASSED_OVER, "instant_actions"})
