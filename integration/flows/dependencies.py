"""Dependencies: a change that refers to another record waits for it, makes it as urgent as itself, and ends
with it when it ends badly. Whatever was told meanwhile, it goes on by itself once the other record is bound.
"""

from __future__ import annotations

from collections.abc import Iterable

from integration.canonical.values import Side
from integration.errors import DependencyMissing, Rejected
from integration.flows.bench import Bench
from integration.policy.state import Existence, LaneState, Member
from integration.ports import BoundRecord

ADVICE = "This one goes on by itself once the other record stands on both sides."


def wait_for(bench: Bench, lane: LaneState, member: Member, missing: DependencyMissing) -> None:
    """Wait for the record a change refers to; one that is bound by now is tried again at once."""
    side, record_id = Side(missing.side), str(missing.evidence["record_id"])
    if bench.uow.cases.wait(lane.id, member.binding_id, side, missing.entity, record_id):
        bench.keep_ready[lane.id] = bench.uow.now
        return
    bench.waits.add((member.binding_id, side, record_id))
    known = bench.uow.lanes.by_record(side, [record_id]).values()
    needed = next((bound for bound in known if bound.lane_id != lane.id), None)
    if needed is None:
        return
    bench.uow.lanes.urge(needed.lane_id, bench.uow.lanes.work_classes([lane.id])[lane.id])
    if _ends_with(bench, lane, member, side, needed):
        bench.uow.cases.told_of_wait(member.binding_id, side, record_id)


def _ends_with(bench: Bench, lane: LaneState, member: Member, side: Side, needed: BoundRecord) -> bool:
    """Whether the record has come to a bad end; then the events that wait for it have the same."""
    fault = _lost(bench, side, needed) or _refused(bench, side, needed)
    if fault is not None:
        digest = f"needs:{side.value}:{needed.binding_id}"
        bench.bury(lane.id, [member.binding_id], "validate", fault, side=side.other.value, digest=digest)
        return True
    case = next(iter(bench.uow.cases.open_cases(needed.binding_id)), None)
    if case is not None:
        bench.ask(
            lane.id,
            member.binding_id,
            "needs a decision",
            f"the record it refers to waits for a person: {case.kind} (exception {case.id})",
            f"Decide exception {case.id}. {ADVICE}",
            [{"exception": case.id}],
            digest=f"needs:{needed.binding_id}",
        )
    return case is not None


def _lost(bench: Bench, side: Side, needed: BoundRecord) -> Rejected | None:
    lane = bench.uow.lanes.load([needed.lane_id]).get(needed.lane_id)
    found = lane.member(needed.binding_id) if lane is not None else None
    state = found.on(side) if found is not None else None
    if state is None:
        return None
    evidence = {"needs": state.record_id}
    if state.existence is Existence.GONE:
        text = "the record it refers to was deleted, or never existed"
        return Rejected("dependency.gone", text, advice="Correct the reference.", evidence=evidence)
    if state.existence is Existence.ALIVE and not state.in_scope:
        text = f"the record it refers to is not synced: {state.scope_reason}"
        return Rejected("dependency.out_of_scope", text, advice="Correct the reference.", evidence=evidence)
    return None


def _refused(bench: Bench, side: Side, needed: BoundRecord) -> Rejected | None:
    """Its dead letters about the side where it has no partner yet."""
    letters = [one for one in bench.uow.cases.open_letters(needed.binding_id) if one.side == side.other.value]
    if not letters:
        return None
    return Rejected(
        "dependency.dead_letter",
        f"the record it refers to cannot be written: {letters[0].code} (dead letter {letters[0].id})",
        advice=f"See dead letter {letters[0].id}. {ADVICE}",
        evidence={"dead_letter": letters[0].id, "cause": letters[0].code},
    )


def wake_waiters(bench: Bench, lanes: Iterable[LaneState]) -> None:
    """Who waits for a record that came to a bad end just now is decided again, to be told."""
    lanes_told = {lane_id for lane_id, bindings, *_ in bench.endings if bindings is None}
    told = {binding for _, bindings, *_ in bench.endings for binding in bindings or ()}
    lost: dict[Side, set[str]] = {side: set() for side in Side}
    for lane in lanes:
        for member in lane.members:
            ended = member.binding_id in told or lane.id in lanes_told
            for side, state in member.sides.items():
                gone = state.existence is Existence.GONE or not state.in_scope
                if state.record_id and not member.joined and (gone or ended):
                    lost[side].add(state.record_id)
    for side, record_ids in lost.items():
        for lane_id in bench.uow.cases.waiters(side, record_ids):
            bench.later(lane_id, 0)


__all__ = ["wait_for", "wake_waiters"]
