"""Match: find the partner of a customer that only one side has, among our own lanes and then in the other
system.

Our own lanes are asked first, because a search index lags and the inbox does not (rule A14). A record the
other system's search shows gets a lane of its own and is read, and is then matched like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from integration.canonical.outcome import BindingState, Mode, WorkClass
from integration.canonical.values import Fields, Json, Side
from integration.flows.bench import Bench
from integration.flows.moves import LEFT_BEHIND, MADE_ANEW
from integration.mapping.match_keys import match_keys, tells_who
from integration.policy.confirm import begin_with
from integration.policy.match import Likeness, choose, judge
from integration.policy.state import IGNORED, Existence, Intent, LaneState, Member
from integration.ports import BoundRecord, NewRecord

FRESH_MS = 60_000
"""A record read this recently counts as read for its adoption (rule A16)."""
WAIT_MS = 700
MOST_WAIT_MS = 60_000
CARRIES_KEY = "carries our key"
COPY = "copy of a deleted record"
MAY_RETURN = (LEFT_BEHIND, COPY)
"""Why a record stands alone whose source may come back to it: moved back, or undeleted."""

Hits = dict[int, list[tuple[str, BoundRecord]]]


@dataclass
class _Candidate:
    lane: LaneState
    member: Member
    likeness: Likeness


def evidence(lane: LaneState, side: Side, wanted: Callable[[str], bool] = bool) -> Fields:
    """What is known of a customer on a side, its persons' fields along with its own; those of wanted
    names.
    """
    fields = _fields(lane.root, side, wanted)
    persons = [m for m in lane.members if m is not lane.root and m.on(side).existence is Existence.ALIVE]
    for number, person in enumerate(persons):
        fields.update(
            {f"persons.{number}.{name}": value for name, value in _fields(person, side, wanted).items()}
        )
    return fields


def refresh_keys(bench: Bench, lanes: Sequence[LaneState]) -> None:
    """Match keys of a root change with its fields, with those of its persons, and with our keys on it."""
    for lane in lanes:
        root = lane.root
        for side in Side:
            state = root.on(side)
            if state.existence is not Existence.ALIVE or not state.in_scope:
                root.match_keys.pop(side, None)
                continue
            keys = set(match_keys(root.entity, root.kind, evidence(lane, side, tells_who)))
            keys.add(f"id:{side.value}:{state.record_id}")
            stamp = state.image.get(bench.services.line.key_fields[side])
            if isinstance(stamp, str) and stamp:
                keys.add(f"id:{side.other.value}:{stamp}")
            root.match_keys[side] = frozenset(keys)


def match_roots(bench: Bench, lanes: Sequence[LaneState]) -> list[LaneState]:
    """Match lonely roots; returns the lanes as they are now (a join reloads its winner)."""
    by_id = {lane.id: lane for lane in lanes}
    for lane in lanes:
        if lane.id in by_id and not lane.dirty and lane.sending is None:
            _bind_when_both(bench, lane)
    for side in Side:
        lonely = [lane for lane in by_id.values() if _lonely_on(lane, side)]
        if not lonely:
            continue
        asked = {lane.root.binding_id: lane.root.match_keys.get(side, frozenset()) for lane in lonely}
        others = bench.uow.lanes.matches(side.other, asked)
        twins = bench.uow.lanes.matches(side, asked)
        for lane in lonely:
            if lane.id in by_id:
                _match(bench, by_id, lane, side, others, twins)
    return list(by_id.values())


def _lonely_on(lane: LaneState, side: Side) -> bool:
    root = lane.root
    return (
        not lane.dirty
        and lane.sending is None
        and root.state is BindingState.PROVISIONAL
        and root.on(side).existence is Existence.ALIVE
        and root.on(side).in_scope
        and root.on(side.other).existence is Existence.ABSENT
    )


def _match(
    bench: Bench, by_id: dict[int, LaneState], lane: LaneState, side: Side, others: Hits, twins: Hits
) -> None:
    root = lane.root
    if not bench.census:
        bench.held.add(lane.id)
        return
    if _stamped_unknown(bench, lane, side) or _found_unread(bench, lane, side):
        bench.later(lane.id, WAIT_MS)
        return
    decided = root.waived_match
    hits = [*others.get(root.binding_id, []), *_named_by_person(bench, side.other, decided)]
    candidates = _candidates(bench, by_id, lane, side, hits)
    if candidates is None:
        _take_back(bench, by_id, side, hits)
        bench.later(lane.id, WAIT_MS)
        return
    verdict = choose([(str(c.member.binding_id), c.likeness) for c in candidates])
    named = next((c for c in candidates if c.member.on(side.other).record_id == decided), None)
    chosen = named or next((c for c in candidates if str(c.member.binding_id) == verdict.id), None)
    if decided == "create" or (verdict.kind == "none" and named is None):
        _intend(bench, lane, side, twins.get(root.binding_id, []))
    elif chosen is not None and (named is not None or verdict.kind == "one"):
        _take(bench, by_id, lane, side, chosen)
    else:
        _ask(
            bench,
            lane,
            side,
            candidates,
            "ambiguous customer",
            "More than one record, or none for certain, fits this one.",
        )


def _take_back(
    bench: Bench, by_id: dict[int, LaneState], side: Side, hits: Sequence[tuple[str, BoundRecord]]
) -> None:
    """While a record waits to be judged, none that may be the same is made on its side: what was not sent yet
    is decided again with both in view.
    """
    unbound = {b.lane_id for _, b in hits if b.state is BindingState.PROVISIONAL} - set(by_id)
    lanes = bench.uow.lanes.load(bench.uow.lanes.lock(sorted(unbound), wait=False))
    making = [
        one.id
        for one in lanes.values()
        if one.sending is None and one.root.intent is not None and one.root.intent.side is side
    ]
    bench.uow.changes.replace([], making)
    bench.uow.lanes.wake(making, WorkClass.EVENT, bench.uow.now + WAIT_MS)


def _named_by_person(bench: Bench, side: Side, decided: str) -> list[tuple[str, BoundRecord]]:
    """The record a person named as the partner, whether or not it looks like one."""
    if decided in ("", "create", IGNORED):
        return []
    known = bench.uow.lanes.by_record(side, [decided])
    return [("named by a person", bound) for (_, record), bound in known.items() if record == decided]


def _stamped_unknown(bench: Bench, lane: LaneState, side: Side) -> bool:
    """A record that carries one of our keys is never new: its source is looked at before anything is
    decided (A17).
    """
    root = lane.root
    stamp = root.on(side).image.get(bench.services.line.key_fields[side])
    if not isinstance(stamp, str) or not stamp or root.how == MADE_ANEW:
        return False
    known = [
        b for (_, record), b in bench.uow.lanes.by_record(side.other, [stamp]).items() if record == stamp
    ]
    if not known:
        entity = bench.mapping.native_entity(side.other, root.entity, root.kind)
        bench.uow.lanes.add_records([NewRecord(side.other, entity, stamp, root.entity, root.kind)])
        return True
    found = bench.uow.lanes.load([known[0].lane_id])[known[0].lane_id].member(known[0].binding_id)
    if found is None or found.on(side.other).existence is Existence.UNKNOWN:
        return True
    if found.how == LEFT_BEHIND:
        return False  # the key is that of the partner it had in another role
    if found.entity != root.entity and found.on(side).record_id != root.on(side).record_id:
        # We made it, and its source went to another role before that was known.
        root.on(side.other).existence = Existence.GONE
        root.how = LEFT_BEHIND
        return False
    if found.on(side.other).existence is Existence.GONE and found.on(side).existence is not Existence.ALIVE:
        root.on(side.other).existence = Existence.GONE
        root.how = COPY
    return False


def _found_unread(bench: Bench, lane: LaneState, side: Side) -> bool:
    """Whether a record our search found has not been read yet."""
    intent = lane.root.intent
    if intent is None or not intent.found:
        return False
    known = bench.uow.lanes.by_record(side.other, intent.found)
    lanes = bench.uow.lanes.load({b.lane_id for b in known.values()})
    members = [lanes[b.lane_id].member(b.binding_id) for b in known.values() if b.lane_id in lanes]
    return any(m is not None and _unsettled(m, side.other) for m in members)


def _unsettled(member: Member, side: Side) -> bool:
    """Not read, or read and not decided yet: its match keys are not there to be found."""
    state = member.on(side)
    keyless = side not in member.match_keys and member.entity == "customer"
    return state.existence is Existence.UNKNOWN or (
        state.existence is Existence.ALIVE and state.in_scope and keyless
    )


def _candidates(
    bench: Bench,
    by_id: dict[int, LaneState],
    lane: LaneState,
    side: Side,
    hits: Sequence[tuple[str, BoundRecord]],
) -> list[_Candidate] | None:
    """Who may be the same, judged; None when one of them is being worked or not read yet."""
    bound = {b.binding_id: b for _, b in hits if b.entity == "customer" and b.lane_id != lane.id}
    keys = {b.binding_id: {k for k, x in hits if x.binding_id == b.binding_id} for b in bound.values()}
    wanted = {b.lane_id for b in bound.values() if _may_fit(b, keys[b.binding_id])}
    free = wanted - set(by_id)
    if free and set(bench.uow.lanes.lock(sorted(free), wait=False)) != free:
        return None
    loaded = {**bench.uow.lanes.load(free), **{k: v for k, v in by_id.items() if k in wanted}}
    found = []
    for other_lane in loaded.values():
        for binding_id in (b.binding_id for b in bound.values() if b.lane_id == other_lane.id):
            member = other_lane.member(binding_id)
            if (
                member is None
                or member.on(side.other).existence is not Existence.ALIVE
                or not member.on(side.other).in_scope
                or (member.state is BindingState.TOMBSTONE and member.how not in MAY_RETURN)
            ):
                continue
            if other_lane.dirty or other_lane.sending is not None:
                return None
            found.append(_Candidate(other_lane, member, _judge(lane, other_lane, side, keys[binding_id])))
    return found


def _may_fit(bound: BoundRecord, keys: set[str]) -> bool:
    """What was put away is nobody's partner, unless it carries our key: then it may be one left behind."""
    if bound.state is BindingState.TOMBSTONE:
        return any(key.startswith("id:") for key in keys)
    return bound.state in (BindingState.PROVISIONAL, BindingState.ACTIVE)


def _judge(lane: LaneState, other: LaneState, side: Side, keys: set[str]) -> Likeness:
    if any(key.startswith("id:") for key in keys):
        return Likeness(score=1.0, reasons=(CARRIES_KEY,), strong=True, contradictions=())
    return judge(evidence(lane, side), evidence(other, side.other), lane.root.kind, other.root.kind)


def _fields(member: Member, side: Side, wanted: Callable[[str], bool]) -> Fields:
    return {name: cell.value for name, cell in member.on(side).cells.items() if wanted(name)}


def _take(bench: Bench, by_id: dict[int, LaneState], lane: LaneState, side: Side, chosen: _Candidate) -> None:
    """Join the two lanes; a candidate that has a living partner already makes this record a duplicate,
    which is told.
    """
    if chosen.member.on(side).existence is Existence.ALIVE:
        _ask(
            bench,
            lane,
            side,
            [chosen],
            "duplicate customer",
            "Another record of the same side is joined to the one that fits.",
        )
        return
    returns = chosen.member.how in MAY_RETURN
    if chosen.member.on(side).existence is not Existence.ABSENT and not returns:
        _intend(bench, lane, side, [])
        return
    root = lane.root
    rivals = _rivals(bench, lane, side, chosen)
    if rivals and not root.waived_match:
        _ask(bench, lane, side, [chosen], "ambiguous customer", "Another record of this side fits as well.")
        return
    intents = (root.intent, chosen.member.intent)
    made_on = next((intent.side for intent in intents if intent is not None and intent.sent), None)
    made_on = side.other if returns else made_on
    bench.uow.lanes.save([lane])
    bench.uow.lanes.join(lane.id, chosen.lane.id)
    bench.uow.lanes.merge_bindings(root.binding_id, chosen.member.binding_id)
    by_id.pop(chosen.lane.id, None)
    joined = bench.uow.lanes.load([lane.id])[lane.id]
    joined.root.how = "matched: " + ", ".join(chosen.likeness.reasons)
    joined.root.intent = None
    if made_on is not None and CARRIES_KEY in chosen.likeness.reasons:
        begin_with(joined.root, made_on, bench.shape.unsaid(made_on, root.entity, root.kind))
    by_id[lane.id] = joined
    _bind_when_both(bench, joined)


def _rivals(bench: Bench, lane: LaneState, side: Side, chosen: _Candidate) -> list[int]:
    """Unbound records of this side, other than ours, that fit the chosen one just as surely."""
    if any(reason == CARRIES_KEY for reason in chosen.likeness.reasons):
        return []
    asked = {chosen.member.binding_id: chosen.member.match_keys.get(side.other, frozenset())}
    hits = bench.uow.lanes.matches(side, asked).get(chosen.member.binding_id, [])
    others = {b.lane_id for _, b in hits if b.lane_id != lane.id and b.state is BindingState.PROVISIONAL}
    rivals = []
    for other in bench.uow.lanes.load(others).values():
        state = other.root.on(side)
        if state.existence is Existence.ALIVE and state.in_scope and not other.root.waived_match:
            likeness = judge(
                evidence(other, side),
                evidence(chosen.lane, side.other),
                other.root.kind,
                chosen.lane.root.kind,
            )
            if likeness.strong:
                rivals.append(other.root.binding_id)
    return rivals


def _bind_when_both(bench: Bench, lane: LaneState) -> None:
    """Bind a root that both sides have, once both were read lately; a side that turned out to be gone is
    let go.
    """
    root = lane.root
    if root.state is not BindingState.PROVISIONAL or not all(root.on(side).record_id for side in Side):
        return
    states = [root.on(side) for side in Side]
    if any(s.existence is Existence.GONE for s in states):
        return
    stale = [s for s in states if bench.uow.now - s.read_at > FRESH_MS]
    if stale:
        for state in stale:
            state.dirty += 1
        return
    root.state, root.joined, root.intent = BindingState.ACTIVE, True, None
    bench.audit("bound", lane.id, root.binding_id, {"how": root.how})
    for state in states:
        for lane_id in bench.uow.cases.release(state.side, [state.record_id]):
            bench.later(lane_id, 0)


def _intend(bench: Bench, lane: LaneState, side: Side, twins: Sequence[tuple[str, BoundRecord]]) -> None:
    """Nothing fits: we mean to create it, unless an equal record of the same side is being created right
    now (A15).
    """
    root = lane.root
    if root.intent is None or root.intent.side is not side.other:
        root.intent = Intent(side.other, root.on(side).record_id, bench.uow.now)
    if bench.mode(side.other) is Mode.OFF:
        return  # nothing is created there, so none waits for another; switched on, all are decided again
    open_twins = {b.binding_id for _, b in twins if b.binding_id != root.binding_id and b.lane_id != lane.id}
    if (
        open_twins
        and not root.intent.sent
        and bench.uow.lanes.open_intents(open_twins, before=root.binding_id)
    ):
        waited = bench.uow.now - root.intent.opened_at  # the other may wait for a person, or for a mode
        bench.later(lane.id, min(max(3 * WAIT_MS, waited), MOST_WAIT_MS))


def _ask(
    bench: Bench, lane: LaneState, side: Side, candidates: Sequence[_Candidate], kind: str, text: str
) -> None:
    root = lane.root
    ranked = sorted(candidates, key=lambda c: -c.likeness.score)[:5]
    suggestions: list[dict[str, Json]] = [
        {
            "binding": c.member.binding_id,
            "side": side.other.value,
            "record_id": c.member.on(side.other).record_id,
            "score": round(c.likeness.score, 3),
            "reasons": list(c.likeness.reasons),
            "against": list(c.likeness.contradictions),
        }
        for c in ranked
    ]
    digest = ",".join(sorted(str(s["record_id"]) for s in suggestions))
    bench.held.add(lane.id)
    if root.intent is not None and not root.intent.sent:
        root.intent = None  # nothing is created while a person is asked, and no equal record waits for it
    bench.ask(
        lane.id,
        root.binding_id,
        kind,
        text,
        "exceptions resolve <id> with --join <record id>, --create (a new record) or --ignore.",
        suggestions,
        digest,
    )
