"""More that happens to events on demand: accidents, merged events, automation, changes of shape.

chaos {lose?, double?, late?, late_seconds?, reorder?, cut?, half_open?, seed?}: chances from now on, see
    `event_accidents`; nothing given ends them.
merged {object, ids, fields}: one person's transaction writes the same fields to several records.
automation {object, set, on?}: a flow sets fields in the transaction of every create and update.
add_field {object, field}: an administrator adds a custom field, so that the event has a new schema.
bus_error {code, method?, times?}: the next calls of the bus (of the method) end with the code, whose suffix
    `bus_codes` lists; with {"open": true} every open stream ends with it instead.
cometd_forget: the servers know none of the CometD clients any more.
cometd_error {error, reason?, channel?, times?}: the next messages (on the channel) are answered with the
    error, and with the reason in `ext.sfdc.failureReason`.
login_policy {approved?, app_access?, run_as?, logins?, consent?}: an administrator's decisions, see there.
view_all {object, allowed}: the integration user loses or regains View All on the object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.bus_codes import CODES, Refusal
from integration.sandbox.salesforce.cometd.clients import Rebuff
from integration.sandbox.salesforce.org import SalesforceOrg

Json = dict[str, Any]


class EventIncidents:
    """The incidents of this module by name."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self.kinds: dict[str, Callable[[Mapping[str, Any]], Json]] = {
            "chaos": self._chaos,
            "merged": self._merged,
            "automation": self._automation,
            "add_field": self._add_field,
            "bus_error": self._bus_error,
            "view_all": self._view_all,
            "login_policy": self._login_policy,
            "cometd_forget": self._cometd_forget,
            "cometd_error": self._cometd_error,
        }

    def _chaos(self, instruction: Mapping[str, Any]) -> Json:
        return self._org.accidents.configure(
            {name: value for name, value in instruction.items() if name != "kind"}
        )

    def _merged(self, instruction: Mapping[str, Any]) -> Json:
        ids, fields = instruction.get("ids"), _object(instruction, "fields")
        if not isinstance(ids, list) or not ids:
            raise BadInstructionError("a merged event needs a list `ids`")
        told = self._org.edit_together(str(instruction.get("object")), [str(i) for i in ids], fields)
        return {"events": [dict(header) for header in told]}

    def _automation(self, instruction: Mapping[str, Any]) -> Json:
        on = instruction.get("on", ["CREATE", "UPDATE"])
        if not isinstance(on, list):
            raise BadInstructionError("`on` is a list")
        rules = self._org.automations.declare(
            str(instruction.get("object")), _object(instruction, "set"), [str(kind) for kind in on]
        )
        return {"rules": rules}

    def _add_field(self, instruction: Mapping[str, Any]) -> Json:
        wider = self._org.add_field(str(instruction.get("object")), _object(instruction, "field"))
        streamed = wider.name in self._org.events.entities
        return {"schema_id": self._org.events.shape(wider).schema_id if streamed else None}

    def _bus_error(self, instruction: Mapping[str, Any]) -> Json:
        suffix, times = str(instruction.get("code")), instruction.get("times", 1)
        if not isinstance(times, int) or times < 1:
            raise BadInstructionError(f"times is a positive number, not {times!r}")
        if not instruction.get("open"):
            self._org.refusals.add(Refusal(suffix, str(instruction.get("method", "")), times))
            return {"waiting": times}
        if suffix not in CODES:
            raise BadInstructionError(f"the bus has no code {suffix!r}")
        return {"streams": self._org.streams.fail_all(suffix)}

    def _view_all(self, instruction: Mapping[str, Any]) -> Json:
        definition = self._org.schema.find(str(instruction.get("object")))
        allowed = instruction.get("allowed")
        if definition is None or not isinstance(allowed, bool):
            raise BadInstructionError("view_all needs an object of the org and `allowed`")
        (self._org.hidden_objects.discard if allowed else self._org.hidden_objects.add)(definition.name)
        return {"hidden": sorted(self._org.hidden_objects)}

    def _login_policy(self, instruction: Mapping[str, Any]) -> Json:
        spec = {name: value for name, value in instruction.items() if name != "kind"}
        self._org.sessions.policy = self._org.sessions.policy.changed(spec)
        return asdict(self._org.sessions.policy)

    def _cometd_forget(self, _instruction: Mapping[str, Any]) -> Json:
        return {"clients": self._org.cometd.forget_all()}

    def _cometd_error(self, instruction: Mapping[str, Any]) -> Json:
        error, reason, times = (instruction.get(key) for key in ("error", "reason", "times"))
        times = 1 if times is None else times
        if not isinstance(error, str) or not isinstance(reason, str | None) or not isinstance(times, int):
            raise BadInstructionError("cometd_error has an error and a reason that are texts, and times")
        self._org.cometd.rebuff(Rebuff(error, reason, str(instruction.get("channel", "")), times))
        return {"waiting": times}


def _object(instruction: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = instruction.get(key)
    if not isinstance(found, dict):
        raise BadInstructionError(f"{key!r} is an object")
    return found
