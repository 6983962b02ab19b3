"""Decide: match, merge and plan lanes whose state has changed, and store the decision with what caused it.

Every transaction that changes a lane ends here (rule A1), so that no change waits for somebody to remember
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from integration.canonical.outcome import Mode, Outcome, WorkClass
from integration.canonical.values import Json, Side, encode_fields, encode_value
from integration.flows.bench import Bench
from integration.flows.deletes import settle_deletes
from integration.flows.dependencies import wake_waiters
from integration.flows.match import match_roots, refresh_keys
from integration.flows.merges import follow_merges
from integration.flows.persons import pair_persons
from integration.flows.unreadable import tell_unreadable
from integration.policy.merge import Decision
from integration.policy.plan import Plan, Step, plan_lane
from integration.policy.state import LaneState, Member
from integration.ports import EventEnd, PlannedChange

VALIDATE_QUEUE = "events"


def decide(bench: Bench, lanes: Sequence[LaneState]) -> None:
    """Decide these locked lanes and store everything about them."""
    _name_causes(bench, lanes)
    ends = _named_ends(bench, lanes)
    settled = match_roots(bench, [lane for lane in lanes if lane.members])
    follow_merges(bench, settled)
    changes, idle = [], []
    for lane in settled:
        pair_persons(bench, lane)
        settle_deletes(bench, lane)
        tell_unreadable(bench, lane)
        plan = plan_lane(lane, bench.shape, bench.services.line.deletes, partial(_may_create, bench, lane))
        steps = _allowed(bench, lane, plan)
        if steps:
            changes.append(_change(bench, lane, steps, plan))
        elif (
            not lane.dirty
            and lane.sending is None
            and lane.id not in bench.keep_ready
            and lane.id not in bench.held
        ):
            idle.append(lane.id)
        _wake_for_recheck(bench, lane)
    bench.uow.lanes.save([*settled, *(lane for lane in lanes if not lane.members)])
    bench.uow.inbox.finish(_with_hints(bench, ends, changes))
    bench.uow.changes.replace(changes, [lane.id for lane in settled if not lane.dirty])
    planned = {change.lane_id for change in changes}
    bench.uow.cases.drop_waits([lane.id for lane in settled if not lane.dirty and lane.id not in planned])
    wake_waiters(bench, settled)
    bench.end_events()
    bench.uow.inbox.conclude(idle)
    bench.uow.audit.add(bench.audits)
    bench.audits = []
    classes = bench.uow.lanes.work_classes(bench.keep_ready)
    for lane_id, due in bench.keep_ready.items():
        bench.uow.lanes.wake([lane_id], classes.get(lane_id, WorkClass.EVENT), due)
    if changes:
        bench.rings.add(VALIDATE_QUEUE)


def _name_causes(bench: Bench, lanes: Sequence[LaneState]) -> None:
    """What is decided belongs to the newest event that still waits for its lane, unless one was folded
    now.
    """
    unnamed = [lane.id for lane in lanes if not bench.correlation.get(lane.id)]
    bench.correlation.update(bench.uow.inbox.causes(unnamed) if unnamed else {})


def _named_ends(bench: Bench, lanes: Sequence[LaneState]) -> list[tuple[int, EventEnd]]:
    """Members made just now get their ids, and the ends that name them too: (lane id, end)."""
    newcomers = {lane.id: {m.binding_id: m for m in lane.members if m.binding_id <= 0} for lane in lanes}
    refresh_keys(bench, [lane for lane in lanes if lane.members])
    fresh = [lane for lane in lanes if newcomers[lane.id] or (lane.members and not lane.root.joined)]
    if fresh:
        bench.uow.lanes.save(fresh)
    ends = []
    for lane_id, folded in bench.folded.items():
        for end in folded:
            member = newcomers.get(lane_id, {}).get(end.binding_id or 1)
            ends.append((lane_id, replace(end, binding_id=member.binding_id) if member is not None else end))
    bench.folded = {}
    return ends


def _with_hints(
    bench: Bench, ends: Sequence[tuple[int, EventEnd]], changes: Sequence[PlannedChange]
) -> list[EventEnd]:
    """A person's value that lost against the other side's is told on its event: both values are kept."""
    lost = {change.lane_id: [d for d in change.decisions if d["conflict"]] for change in changes}
    for lane_id, decisions in lost.items():
        if decisions:
            values: dict[str, Json] = {
                str(d["field"]): {"kept": d["value"], "lost": d["lost"], "rule": d["rule"]} for d in decisions
            }
            bench.audit("conflict", lane_id, None, {"fields": list[Json](sorted(values))}, values)
    return [_with_hint(end, lost.get(lane_id, [])) for lane_id, end in ends]


def _with_hint(end: EventEnd, lost: Sequence[dict[str, Json]]) -> EventEnd:
    names = {
        d["field"] for d in lost if d["binding"] == end.binding_id and d["from"] != end.detail.get("side")
    }
    changed = end.detail.get("changed")
    if end.outcome is None and isinstance(changed, list) and changed and set(changed) <= names:
        return replace(end, detail={**end.detail, "hint": Outcome.CONFLICT_KEPT.value})
    return end


def _may_create(bench: Bench, lane: LaneState, member: Member, target: Side) -> bool:
    if not bench.census or bench.mode(target) is Mode.OFF:
        return False
    if member is lane.root:
        waits = lane.id in bench.keep_ready or lane.id in bench.held
        return member.intent is not None and member.intent.side is target and not waits
    return lane.root.joined


def _allowed(bench: Bench, lane: LaneState, plan: Plan) -> list[Step]:
    """Steps to show or to send; where nothing is sent the events end here."""
    allowed = []
    for step in plan.steps:
        mode = bench.mode(step.side)
        if mode is not Mode.LIVE:
            reason = f"nothing is written to {step.side}: mode {mode}"
            bench.endings.append((lane.id, [step.binding_id], Outcome.DISCARDED, reason))
        if mode is not Mode.OFF:
            allowed.append(step)
    return allowed


def _change(bench: Bench, lane: LaneState, steps: Sequence[Step], plan: Plan) -> PlannedChange:
    decisions: list[dict[str, Json]] = []
    for binding_id, decided in plan.decisions.items():
        decisions.extend(
            _told(binding_id, d)
            for d in decided
            if not d.agreed and (d.conflict or _is_written(steps, binding_id, d))
        )
    return PlannedChange(
        lane.id,
        [encode_step(step) for step in steps],
        decisions,
        bench.mapping.version,
        bench.correlation.get(lane.id, ""),
    )


def _is_written(steps: Sequence[Step], binding_id: int, decision: Decision) -> bool:
    return any(
        decision.name in (step.fields if step.binding_id == binding_id else step.children.get(binding_id, {}))
        for step in steps
    )


def _told(binding_id: int, decision: Decision) -> dict[str, Json]:
    return {
        "binding": binding_id,
        "field": decision.name,
        "from": decision.winner.value if decision.winner else "",
        "rule": decision.rule,
        "value": encode_value(decision.value),
        "lost": encode_value(decision.lost),
        "conflict": decision.conflict,
    }


def encode_step(step: Step) -> dict[str, Json]:
    """A step as it is stored with its change."""
    return {
        "binding": step.binding_id,
        "side": step.side.value,
        "operation": step.operation.value,
        "facet": step.facet,
        "fields": encode_fields(step.fields),
        "blanked": step.blanked,
        "composed": list[Json](step.composed),
        "digest": step.digest,
        "children": {str(k): encode_fields(v) for k, v in step.children.items()},
    }


def _wake_for_recheck(bench: Bench, lane: LaneState) -> None:
    due = [s.recheck_at for m in lane.members for s in m.sides.values() if s.recheck_at > bench.uow.now]
    if due:
        bench.later(lane.id, min(due) - bench.uow.now)
