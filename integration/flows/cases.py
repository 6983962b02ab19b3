"""Cases: what a person does about dead letters and exceptions. A replay works the lane again; nothing
stored is ever sent.
"""

from __future__ import annotations

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Json, Side
from integration.errors import BadInput
from integration.flows.bench import Bench
from integration.flows.unreadable import lasting
from integration.flows.write import BRAKE, QUEUES
from integration.policy.state import IGNORED, Existence, Member
from integration.ports import AuditRow, Cursor, ExceptionCase, UnitOfWork
from integration.ports.services import Services


def replay(services: Services, letter_id: int, author: str) -> int:
    """Work the lane of a dead letter again from the newest state of its source; returns the lane.

    Raises BadInput when there is no such open dead letter.
    """
    with services.stores.begin(services.pair_id, "cases.replay") as uow:
        letter = uow.cases.dead_letter(letter_id)
        if letter is None or not uow.cases.close_dead_letter(letter_id, "replayed", author, "replayed"):
            raise BadInput(
                "dead_letter.closed",
                f"there is no open dead letter {letter_id}",
                status=404,
                advice="See `dead-letters list`.",
            )
        if letter.lane_id is None:
            return 0
        _work_again(uow, letter.lane_id, letter.binding_id)
        uow.audit.add(
            [
                AuditRow(
                    "replayed",
                    letter.lane_id,
                    letter.binding_id,
                    detail={"dead_letter": letter_id, "author": author},
                )
            ]
        )
    services.bell.ring("events", services.pair_id)
    return letter.lane_id


def discard(services: Services, letter_id: int, author: str, reason: str) -> None:
    """Close a dead letter for good, with a reason. Raises BadInput when it is not open."""
    with services.stores.begin(services.pair_id, "cases.discard") as uow:
        if not uow.cases.close_dead_letter(letter_id, "discarded", author, reason):
            raise BadInput(
                "dead_letter.closed",
                f"there is no open dead letter {letter_id}",
                status=404,
                advice="See `dead-letters list`.",
            )
        letter = uow.cases.dead_letter(letter_id)
        lane = letter.lane_id if letter else None
        uow.audit.add(
            [
                AuditRow(
                    "discarded", lane, detail={"dead_letter": letter_id, "author": author, "reason": reason}
                )
            ]
        )


def _work_again(uow: UnitOfWork, lane_id: int, binding_id: int | None) -> None:
    """Forget refusals and read both sides anew."""
    uow.lanes.lock([lane_id])
    lane = uow.lanes.load([lane_id])[lane_id]
    for member in lane.members:
        if binding_id in (None, member.binding_id):
            _forget_refusals(member)
    uow.lanes.save([lane])
    uow.lanes.wake([lane_id], WorkClass.EVENT)


def _forget_refusals(member: Member) -> None:
    for state in member.sides.values():
        state.waived = {}
        if state.existence is not Existence.ABSENT and state.record_id:
            state.dirty += 1


def resolve(
    services: Services,
    case_id: int,
    author: str,
    *,
    join: str = "",
    create: bool = False,
    ignore: bool = False,
) -> int:
    """Decide an exception: join with a record, create a new one, or leave it alone; returns the lane.

    Raises BadInput when the exception is not open, or the record to join with is not known.
    """
    if sum((bool(join), create, ignore)) != 1:
        raise BadInput("resolve.choice", "choose exactly one of join, create, ignore")
    with services.stores.begin(services.pair_id, "cases.resolve") as uow:
        case = uow.cases.exception(case_id)
        if case is None or case.state != "open":
            raise BadInput(
                "exception.closed",
                f"there is no open exception {case_id}",
                status=404,
                advice="See `exceptions list`.",
            )
        decision = join or ("create" if create else IGNORED)
        resolution: dict[str, Json] = {"decision": decision}
        uow.cases.close_exception(case_id, resolution, author)
        lane_id = case.lane_id or 0
        if lane_id:
            _apply(services, uow, case, join, decision)
        uow.audit.add(
            [
                AuditRow(
                    "resolved",
                    case.lane_id,
                    case.binding_id,
                    detail={"exception": case_id, "author": author, "decision": decision},
                )
            ]
        )
    services.bell.ring("events", services.pair_id)
    return lane_id


def release(services: Services, side: Side, author: str) -> None:
    """Let writing to a side go on after the brake or a refused token held it."""
    with services.stores.begin(services.pair_id, "cases.release") as uow:
        reason = uow.pairs.state().held[side]
        uow.pairs.hold(side, "")
        uow.cursors.put(Cursor(BRAKE, side, watermark=uow.now))
        uow.audit.add(
            [AuditRow("released", detail={"side": side.value, "author": author, "was held": reason})]
        )
    services.bell.ring(QUEUES[side], services.pair_id)


def _apply(services: Services, uow: UnitOfWork, case: ExceptionCase, join: str, decision: str) -> None:
    lane_id = case.lane_id or 0
    uow.lanes.lock([lane_id])
    lane = uow.lanes.load([lane_id])[lane_id]
    member = lane.member(case.binding_id or 0)
    if member is None:
        raise BadInput(
            "exception.moved",
            "the record of this exception has left its lane",
            advice="It was decided by another road; see `record show`.",
        )
    if join:
        _require_known(uow, member, join)
    member.waived_match = join or decision
    for state in member.sides.values():
        state.waived = lasting(state.waived)
    if decision == "create":
        for side in Side:
            if (
                member.on(side).existence is Existence.ABSENT
                and member.kind == "individual"
                and case.kind == "name taken"
            ):
                member.on(side).waived["name pattern"] = services.line.name_pattern
    if decision == IGNORED and member.state is BindingState.PROVISIONAL:
        member.state = BindingState.TOMBSTONE
    uow.lanes.save([lane])
    uow.lanes.wake([lane_id], WorkClass.EVENT)


def _require_known(uow: UnitOfWork, member: Member, record_id: str) -> None:
    missing = [side for side in Side if member.on(side).existence is Existence.ABSENT]
    for side in missing:
        known = uow.lanes.by_record(side, [record_id])
        if any(record == record_id for _, record in known):
            return
    raise BadInput(
        "resolve.unknown",
        f"record {record_id} is not known on the other side",
        advice="Name one of the suggestions, see `exceptions show`.",
    )


__all__ = ["Bench", "discard", "release", "replay", "resolve"]
