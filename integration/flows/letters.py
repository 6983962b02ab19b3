"""Write down what cannot go on by itself: dead letters, exceptions, and the ends of the events behind
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integration.canonical.outcome import Outcome
from integration.canonical.values import Json
from integration.errors import Fault
from integration.ports import AuditRow, DeadLetter, EventEnd, ExceptionCase, StoredEvent, UnitOfWork


def undecodable(uow: UnitOfWork, stored: StoredEvent) -> None:
    """A stream event nobody can read is kept raw and told; the stream went on."""
    [letter] = uow.cases.add_dead_letters(
        [
            DeadLetter(
                stage="accept",
                code="event.undecodable",
                text="the event could not be decoded; its raw bytes are kept",
                advice="The next delta read reads the record whole. If many come, compare the schema ids.",
                event_id=stored.id,
                side=stored.event.side.value,
                digest=stored.event.key,
            )
        ]
    )
    uow.inbox.finish(
        [EventEnd(stored.id, Outcome.DEAD_LETTER, "undecodable", detail={"dead_letter": letter})]
    )


def bury(
    uow: UnitOfWork,
    lane_id: int,
    binding_ids: Sequence[int],
    stage: str,
    fault: Fault,
    *,
    side: str,
    digest: str,
    event_ids: Sequence[int] = (),
) -> int:
    """A fault that no retry mends: a dead letter; the caller ends the events that led to it."""
    evidence: dict[str, Json] = {
        str(k): v if isinstance(v, str | int | bool) else str(v) for k, v in fault.evidence.items()
    }
    [letter] = uow.cases.add_dead_letters(
        [
            DeadLetter(
                stage=stage,
                code=fault.code,
                text=fault.text,
                advice=fault.advice or ADVICE.get(stage, ""),
                lane_id=lane_id,
                binding_id=binding_ids[0] if binding_ids else None,
                event_id=event_ids[0] if event_ids else None,
                side=side,
                evidence=evidence,
                digest=digest,
            )
        ]
    )
    uow.audit.add(
        [
            AuditRow(
                "dead letter",
                lane_id,
                binding_ids[0] if binding_ids else None,
                detail={
                    "dead_letter": letter,
                    "stage": stage,
                    "code": fault.code,
                    "side": side,
                },
            )
        ]
    )
    return letter


ADVICE = {
    "validate": "Correct the record at its source, or set an override; a change of it is tried by itself.",
    "write": "See the code, correct the record or the target's rule, then replay the dead letter.",
    "transform": "Correct the value at its source or the mapping rule named in the evidence, then replay.",
}


def ask_person(
    uow: UnitOfWork,
    lane_id: int,
    binding_id: int,
    kind: str,
    text: str,
    advice: str,
    suggestions: Sequence[Mapping[str, Json]] = (),
    digest: str = "",
) -> int:
    """Only a person can decide: an exception; the caller ends the events that led to it."""
    [case] = uow.cases.add_exceptions(
        [ExceptionCase(kind, text, advice, lane_id, binding_id, list(suggestions), digest)]
    )
    uow.audit.add([AuditRow("exception", lane_id, binding_id, detail={"exception": case, "kind": kind})])
    return case
