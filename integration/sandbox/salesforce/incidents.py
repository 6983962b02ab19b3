"""What goes wrong with events in a real org, on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.change_events import OVERFLOW_ID
from integration.sandbox.salesforce.event_incidents import EventIncidents
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.record_faults import RecordFault
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.transactions import Actor, Transaction

Json = dict[str, Any]
# Gap events are made outside the transaction that they tell of, and their numbers show it.
_GAP_SEQUENCE = 1_500_000
_GAPS = frozenset({"CREATE", "UPDATE", "DELETE", "UNDELETE"})


class Incidents:
    """Scripted incidents of one org, by the names the admin endpoint knows."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._kinds: dict[str, Callable[[Mapping[str, Any]], Json]] = {
            "gap": self._gap,
            "overflow": self._overflow,
            "wildcard": self._wildcard,
            "undecodable": self._undecodable,
            "age_out": self._age_out,
            "cut_streams": self._cut_streams,
            "half_open": self._half_open,
            "revoke_tokens": self._revoke_tokens,
            "record_error": self._record_error,
            "empty_recycle_bin": self._empty_recycle_bin,
            "undelete": self._undelete,
            **EventIncidents(org).kinds,
        }

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self._kinds)

    def happen(self, instruction: Mapping[str, Any]) -> Json:
        """Does what `kind` names and answers what it did.

        gap {object, ids, change?, sequence?}: GAP_UPDATE (or the given change) without a body.
        overflow {object}: GAP_OVERFLOW with the dummy id.
        wildcard {object}: UPDATE of `<prefix>*` without fields.
        undecodable {object}: payload bytes that fit no schema.
        age_out {seconds?}: what is older than so many seconds (without: everything) outlives its retention.
        cut_streams, half_open, revoke_tokens: open streams end, fall silent, lose their token.
        record_error {object, id?, fields?, code?, message?, times?}: refuses the next saves of a record.
        empty_recycle_bin: hard-deletes without an event. undelete {object, id}.
        What else `event_incidents` lists.

        :raises BadInstructionError: an unknown kind or object
        """
        kind = instruction.get("kind")
        action = self._kinds.get(str(kind))
        if action is None:
            raise BadInstructionError(f"no incident {kind!r}; there are {sorted(self._kinds)}")
        return action(instruction)

    def _gap(self, instruction: Mapping[str, Any]) -> Json:
        change = str(instruction.get("change", "UPDATE"))
        record_ids = instruction.get("ids")
        if change not in _GAPS or not isinstance(record_ids, list) or not record_ids:
            raise BadInstructionError(f"a gap needs ids and a change of {sorted(_GAPS)}")
        sequence = instruction.get("sequence", _GAP_SEQUENCE)
        if not isinstance(sequence, int) or not 0 < sequence < 2**31:
            raise BadInstructionError(f"a sequence number has 31 bits, not {sequence!r}")
        ids = [str(record_id) for record_id in record_ids]
        return self._abnormal(self._streamed(instruction), f"GAP_{change}", ids, sequence)

    def _overflow(self, instruction: Mapping[str, Any]) -> Json:
        return self._abnormal(self._streamed(instruction), "GAP_OVERFLOW", [OVERFLOW_ID])

    def _wildcard(self, instruction: Mapping[str, Any]) -> Json:
        definition = self._streamed(instruction)
        return self._abnormal(definition, "UPDATE", [f"{definition.key_prefix}*"])

    def _abnormal(self, definition: ObjectDef, kind: str, record_ids: list[str], sequence: int = 1) -> Json:
        txn = Transaction(self._org.store, Actor(self._org.person_user, ""), self._org.stamp())
        event = self._org.events.abnormal(definition, kind, record_ids, txn, sequence)
        return {"position": event.position, "header": dict(event.header)}

    def _undecodable(self, instruction: Mapping[str, Any]) -> Json:
        return {"position": self._org.events.undecodable(self._streamed(instruction)).position}

    def _age_out(self, instruction: Mapping[str, Any]) -> Json:
        seconds = instruction.get("seconds")
        if seconds is not None:
            if not isinstance(seconds, int | float) or seconds < 0:
                raise BadInstructionError(f"seconds is a span, not {seconds!r}")
            return {"events": self._org.log.forget_older(float(seconds))}
        gone = len(self._org.log.events)
        self._org.log.forget_all()
        return {"events": gone}

    def _cut_streams(self, _instruction: Mapping[str, Any]) -> Json:
        return {"streams": self._org.streams.cut_all()}

    def _half_open(self, _instruction: Mapping[str, Any]) -> Json:
        return {"streams": self._org.streams.silence_all()}

    def _revoke_tokens(self, _instruction: Mapping[str, Any]) -> Json:
        self._org.revoke_access_tokens()
        return {"streams": len(self._org.streams)}

    def _record_error(self, instruction: Mapping[str, Any]) -> Json:
        fault = RecordFault(
            self._streamed(instruction).name,
            **{
                key: instruction[name]
                for name, key in _RECORD_ERROR_KEYS.items()
                if instruction.get(name) is not None
            },
        )
        self._org.record_faults.add(fault)
        return {"waiting": fault.times}

    def _empty_recycle_bin(self, _instruction: Mapping[str, Any]) -> Json:
        return {"records": self._org.empty_recycle_bin()}

    def _undelete(self, instruction: Mapping[str, Any]) -> Json:
        record_id = str(instruction.get("id"))
        definition = self._streamed(instruction)
        self._org.undelete(definition.name, record_id)
        return self._org.record(definition.name, record_id)

    def _streamed(self, instruction: Mapping[str, Any]) -> ObjectDef:
        definition = self._org.schema.find(str(instruction.get("object")))
        if definition is None:
            raise BadInstructionError(f"the org has no object {instruction.get('object')!r}")
        return definition


_RECORD_ERROR_KEYS = {
    "code": "code",
    "message": "message",
    "id": "record_id",
    "fields": "fields",
    "times": "times",
}
