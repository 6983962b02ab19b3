"""Errors of the line, grouped by what happens next.

Fault
├── Retryable          try again later: network, 5xx, lock
├── Ambiguous          the request may have taken effect: settle, then read the target back
├── Throttled          a limit is used up: wait until the time it names
├── Unauthorized       refresh the token once; if that fails, stop this side of the pair and alert
├── Rejected           the target refuses for good: dead letter
│   ├── NameTaken      another record owns the name
│   ├── DuplicateKey   another record owns a unique value
│   └── Gone           the record does not exist any more
├── NeedsPerson        exception queue
├── DependencyMissing  wait until the other record is bound
├── BadInput           4xx to the sender
├── PositionLost       the event stream cannot be resumed where it stood
├── ClaimLost          another process has taken the work over: stop without a trace
└── ConfigurationFault a person must correct a setting or a mapping before this can run
"""

from __future__ import annotations

from collections.abc import Mapping


class Fault(Exception):
    """What went wrong, why, and what to do next; `code` is stable, `evidence` holds no personal data."""

    def __init__(
        self, code: str, text: str = "", *, advice: str = "", evidence: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code
        self.text = text
        self.advice = advice
        self.evidence: dict[str, object] = dict(evidence or {})


class Retryable(Fault):
    """Nothing happened at the target; the same request may be sent again."""


class Ambiguous(Fault):
    """The request was sent and its answer is missing."""


class Throttled(Fault):
    """A limit of the other system is used up; `seconds` says how long to wait, `scope` which limit."""

    def __init__(
        self,
        code: str,
        text: str = "",
        *,
        seconds: float,
        scope: str,
        advice: str = "",
        evidence: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code, text, advice=advice, evidence=evidence)
        self.seconds = seconds
        self.scope = scope


class Unauthorized(Fault):
    """The token is not accepted."""


class Rejected(Fault):
    """The target refuses this request and always will."""


class NameTaken(Rejected):
    """Another record of the target owns the name we sent."""


class DuplicateKey(Rejected):
    """Another record of the target owns a value that must be unique; `evidence["record_id"]` when told."""


class Gone(Rejected):
    """The addressed record does not exist any more."""


class NeedsPerson(Fault):
    """No rule may decide this; it goes to the exception queue."""


class DependencyMissing(Fault):
    """A record this one refers to is not bound yet; `entity` and `record_id` name it."""

    def __init__(self, code: str, text: str = "", *, side: str, entity: str, record_id: str) -> None:
        super().__init__(code, text, evidence={"side": side, "entity": entity, "record_id": record_id})
        self.side = side
        self.entity = entity
        self.record_id = record_id


class BadInput(Fault):
    """What a sender gave us cannot be accepted; `status` is the HTTP status to answer."""

    def __init__(self, code: str, text: str = "", *, status: int = 400, advice: str = "") -> None:
        super().__init__(code, text, advice=advice)
        self.status = status


class PositionLost(Fault):
    """The stored position is unknown to the stream: open a new generation and read the delta."""


class ClaimLost(Fault):
    """The epoch of a claim has moved on: somebody else owns the work now."""


class ConfigurationFault(Fault):
    """A setting or a mapping is wrong; `where` names file and line when known."""

    def __init__(self, code: str, text: str = "", *, where: str = "", advice: str = "") -> None:
        super().__init__(code, f"{where}: {text}" if where else text, advice=advice)
        self.where = where
