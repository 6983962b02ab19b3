"""Overrides: a person says what one field of a record is, until a date or until somebody ends it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Json, Side, Value, encode_value
from integration.errors import BadInput, DependencyMissing
from integration.flows.bench import Bench, same_in
from integration.flows.unreadable import lasting
from integration.policy.fold import equals
from integration.policy.plan import decide_fields
from integration.policy.state import Existence, LaneState, Member
from integration.ports import AuditRow, Override, UnitOfWork
from integration.ports.services import Services

AT_ONCE = 500


@dataclass(frozen=True)
class Correction:
    """What a person asks for: `text` in the words of the field's type, `until` in epoch milliseconds."""

    record_id: str
    field: str
    text: str
    reason: str
    author: str
    until: int | None = None


def set_override(services: Services, wanted: Correction) -> int:
    """Set an override and work its record again with it; returns the override's number.

    Raises BadInput when record or field are not known, or a side could not hold the value.
    """
    with services.stores.begin(services.pair_id, "overrides.set") as uow:
        bench = Bench.open(services, uow)
        lane, member = _find(uow, wanted.record_id)
        _require_future(uow, wanted)
        value = _value(bench, member, wanted)
        number = uow.overrides.set(
            member.binding_id, wanted.field, encode_value(value), wanted.reason, wanted.author, wanted.until
        )
        member.overrides[wanted.field] = value
        _refuse_contradiction(bench, member, wanted.field)
        _try_again(uow, lane, member, wanted)
        detail: dict[str, Json] = {
            "override": number,
            "field": wanted.field,
            "author": wanted.author,
            "until": wanted.until,
        }
        said: dict[str, Json] = {"value": encode_value(value), "reason": wanted.reason}
        uow.audit.add([AuditRow("override set", lane.id, member.binding_id, detail=detail, values=said)])
    services.bell.ring("events", services.pair_id)
    return number


def end_override(services: Services, number: int, author: str, reason: str) -> int:
    """End an override: what the systems say counts again. Returns the lane.

    Raises BadInput when it does not stand.
    """
    with services.stores.begin(services.pair_id, "overrides.end") as uow:
        found = uow.overrides.one(number)
        lane_id = _end(uow, found, author, {"reason": reason}) if found is not None else None
        if lane_id is None:
            text, advice = f"there is no standing override {number}", "`overrides list` shows the numbers."
            raise BadInput("override.ended", text, status=404, advice=advice)
    services.bell.ring("events", services.pair_id)
    return lane_id


def end_overdue_overrides(services: Services) -> int:
    """End overrides whose time is over, some hundred at once; returns how many."""
    with services.stores.begin(services.pair_id, "overrides.overdue") as uow:
        ended = [_end(uow, found, "", {"reason": "its time is over"}) for found in uow.overrides.due(AT_ONCE)]
    if ended:
        services.bell.ring("events", services.pair_id)
    return len(ended)


def _find(uow: UnitOfWork, record_id: str) -> tuple[LaneState, Member]:
    """The record's lane, locked."""
    found = uow.reports.lanes_of(record_id)
    if len(found) != 1:
        text = f"{len(found) or 'no'} records with the id {record_id} are known"
        raise BadInput("record.unknown", text, status=404, advice="Check the id with `record show`.")
    [bound] = found
    uow.lanes.lock([bound.lane_id])
    lane = uow.lanes.load([bound.lane_id]).get(bound.lane_id)
    member = lane.member(bound.binding_id) if lane is not None else None
    if lane is None or member is None:
        raise BadInput(
            "record.moved", "the record is being joined or moved just now", status=409, advice="Try again."
        )
    if member.state in (BindingState.ALIAS, BindingState.TOMBSTONE):
        text = f"nothing is written for this record any more ({member.state.value})"
        raise BadInput("override.put_away", text, advice="Correct the record that took its place.")
    return lane, member


def _require_future(uow: UnitOfWork, wanted: Correction) -> None:
    if wanted.until is not None and wanted.until <= uow.now:
        text = "the override would end before it begins"
        raise BadInput("override.until", text, advice="Name a time to come, in UTC.")


def _value(bench: Bench, member: Member, wanted: Correction) -> Value:
    """The value in the field's type, tried on every side that can receive the field."""
    name, mapping = wanted.field, bench.mapping
    sides = [side for side in Side if name in mapping.writable(side, member.entity, member.kind)]
    if not sides:
        text = f"{name} is no field that is written for a {member.kind} {member.entity}".replace("  ", " ")
        advice = "`record show` lists the fields of the record by their canonical names."
        raise BadInput("override.unknown_field", text, advice=advice)
    try:
        value = mapping.typed(member.entity, name, wanted.text)
        for side in sides:
            _try_on(bench, member, side, {name: value})
    except ValueError as error:
        text = f"{name} cannot be that: {error}"
        raise BadInput("override.value", text, advice="Write the value as its field has it.") from error
    return value


def _try_on(bench: Bench, member: Member, side: Side, changed: dict[str, Value]) -> None:
    there = member.on(side) if member.on(side).cells else member.on(side.other)
    known = {name: cell.value for name, cell in there.cells.items()}
    try:
        patch = bench.mapping.to_native(
            side, member.entity, member.kind, changed, {**known, **changed}, bench.lookups()
        )
    except DependencyMissing:
        return  # it waits for the other record like any change
    problem = next((p for p in patch.problems if p.field in changed), None)
    if problem is not None:
        text = f"{side.value} could not hold it in {problem.native_field}: {problem.code}"
        raise BadInput("override.refused", text, advice=problem.advice)


def _refuse_contradiction(bench: Bench, member: Member, name: str) -> None:
    """A name and its parts are one thing told twice: two corrections may not pull them apart."""
    same = same_in(member.entity)
    decided = {d.name: d.value for d in decide_fields(deepcopy(member), bench.shape)}
    against = [n for n, value in member.overrides.items() if not same(n, decided.get(n), value)]
    if against:
        other = next((n for n in against if n != name), name)
        text = f"{name} and {other} say one thing together, and another override says it otherwise"
        raise BadInput("override.contradiction", text, advice="End the other one first: `overrides list`.")


def _try_again(uow: UnitOfWork, lane: LaneState, member: Member, wanted: Correction) -> None:
    """What was given up for this record is worked again, from the newest state of both sides."""
    again = [letter for letter in uow.cases.open_letters(member.binding_id) if letter.stage != "transform"]
    for letter in again:
        uow.cases.close_dead_letter(
            letter.id, "replayed", wanted.author, f"override of {wanted.field}: tried again"
        )
    _forget_refusals(member, wanted.field)
    for state in member.sides.values():
        if again and state.record_id and state.existence is not Existence.ABSENT:
            state.dirty += 1
    uow.lanes.save([lane])
    uow.lanes.wake([lane.id], WorkClass.EVENT)


def _forget_refusals(member: Member, name: str) -> None:
    for state in member.sides.values():
        state.waived = lasting(state.waived)
        if name == "name":
            state.waived.pop("name pattern", None)


def _end(uow: UnitOfWork, found: Override, author: str, said: dict[str, Json]) -> int | None:
    """End one and wake its record; None when somebody else ended it first."""
    lane = _lane_of(uow, found.binding_id)
    if not uow.overrides.end(found.id):
        return None
    member = lane.member(found.binding_id) if lane is not None else None
    if lane is None or member is None:
        return 0  # its record is gone from our books
    _give_back(member, found)
    _forget_refusals(member, found.field)
    uow.lanes.save([lane])
    uow.lanes.wake([lane.id], WorkClass.EVENT)
    detail: dict[str, Json] = {"override": found.id, "field": found.field, "author": author}
    uow.audit.add([AuditRow("override ended", lane.id, found.binding_id, detail=detail, values=said)])
    return lane.id


def _give_back(member: Member, found: Override) -> None:
    """Where only one side took the correction over, the other's own value is the newer word."""
    value = member.overrides.pop(found.field, None)
    cells = [cell for side in Side if (cell := member.on(side).cells.get(found.field)) is not None]
    took = [cell for cell in cells if equals(same_in(member.entity), found.field, value, cell)]
    if len(took) == 1:
        member.base[found.field] = value


def _lane_of(uow: UnitOfWork, binding_id: int) -> LaneState | None:
    """The lane a binding is in, locked."""
    known = uow.reports.binding(binding_id)
    locked = uow.lanes.lock([known.lane_id]) if known is not None else []
    return uow.lanes.load(locked).get(locked[0]) if locked else None


__all__ = ["Correction", "end_overdue_overrides", "end_override", "set_override"]
