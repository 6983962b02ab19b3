"""Validate: turn the first step of each side into a request the target will accept, or tell a person why
not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Fields, Json, Side, Value, decode_fields
from integration.errors import DependencyMissing, Rejected
from integration.flows.absorb import told
from integration.flows.bench import Bench
from integration.flows.dependencies import wait_for, wake_waiters
from integration.policy.plan import digest_of
from integration.policy.state import LaneState, Member, Write
from integration.ports import PlannedChange
from integration.ports.services import Services

QUEUES = {Side.SALESFORCE: "salesforce", Side.ZOHO: "zoho"}


def validate(services: Services) -> int:
    """Work planned changes into the outbox; returns how many were taken."""
    with services.stores.begin(services.pair_id, "validate") as uow:
        changes = uow.changes.lock_planned(services.line.batch)
        if not changes:
            return 0
        lanes = uow.lanes.load([c.lane_id for c in changes])
        bench = Bench.open(services, uow)
        rows: list[tuple[int, Write, WorkClass]] = []
        classes = uow.lanes.work_classes(lanes)
        for change in changes:
            lane = lanes[change.lane_id]
            if change.mapping_version != bench.mapping.version:
                bench.keep_ready[lane.id] = uow.now  # planned under another version: decided anew
                continue
            rows.extend((lane.id, write, classes[lane.id]) for write in _work(bench, lane, change))
        uow.cases.drop_waits(lanes, bench.waits)
        uow.outbox.put_all(rows)
        # Lanes of which a step was refused are decided again: another step may be possible. The others stand.
        again = sorted(bench.keep_ready.keys() & lanes.keys())
        uow.lanes.save([lanes[lane_id] for lane_id in again], ready=again)
        wake_waiters(bench, lanes.values())
        uow.lanes.wake(bench.keep_ready.keys() - lanes.keys(), WorkClass.EVENT)
        uow.changes.validated([c.id for c in changes])
        bench.end_events()
        uow.inbox.conclude([c.lane_id for c in changes])
        uow.audit.add(bench.audits)
    bench.ring({QUEUES[row[1].side] for row in rows})
    return len(changes)


@dataclass
class _Checked:
    """A step as a request, with what is wrong with it."""

    write: Write
    problems: list[dict[str, Json]] = field(default_factory=list)


def _work(bench: Bench, lane: LaneState, change: PlannedChange) -> list[Write]:
    writes: list[Write] = []
    bench.correlation[lane.id] = change.correlation_id
    for side in Side:
        for step in (s for s in change.steps if s["side"] == side.value):
            member = lane.member(_number(step["binding"]))
            if member is None:
                continue
            checked = _check(bench, lane, member, side, step)
            if checked is None:
                continue
            if checked.problems:  # also where the refused field was the only one
                _refuse(bench, lane, member, side, step, checked.problems)
                continue
            if checked.write.operation is Operation.UPDATE and not checked.write.fields:
                continue
            checked.write.change_id, checked.write.mapping_version = change.id, change.mapping_version
            checked.write.correlation_id = change.correlation_id
            writes.append(checked.write)
            break
    return writes


def _check(
    bench: Bench, lane: LaneState, member: Member, side: Side, step: Mapping[str, Json]
) -> _Checked | None:
    """The request of a step; None when it waits for another record."""
    operation = Operation(str(step["operation"]))
    builder = RequestBuilder(bench, lane, side)
    try:
        if operation is Operation.CREATE:
            return builder.create(member, step)
        if operation is Operation.UPDATE:
            return builder.update(member, step)
        return _Checked(builder.bare(member, step, operation))
    except DependencyMissing as missing:
        wait_for(bench, lane, member, missing)
        return None


def _refuse(
    bench: Bench,
    lane: LaneState,
    member: Member,
    side: Side,
    step: Mapping[str, Json],
    problems: Sequence[dict[str, Json]],
) -> None:
    """A mandatory field is missing, or a value the target would refuse: dead letter, and not tried again
    unchanged.
    """
    first = problems[0]
    member.on(side).waived[f"{step['operation']}:{step['facet']}"] = str(step["digest"])
    bench.keep_ready[lane.id] = bench.uow.now
    fault = Rejected(
        str(first["code"]),
        "; ".join(f"{p['native_field']}: {p['code']}" for p in problems),
        advice=str(first.get("advice") or ""),
        evidence={
            "field": str(first["native_field"]),
            "problems": "; ".join(
                f"{p['native_field']} from {p['field']} by {p['rule']} ({p['where']}): {p['code']}"
                for p in problems
            ),
        },
    )
    bench.bury(lane.id, [member.binding_id], "validate", fault, side=side.value, digest=str(step["digest"]))


@dataclass
class RequestBuilder:
    """Builds target requests from canonical fields."""

    bench: Bench
    lane: LaneState
    side: Side

    def create(self, member: Member, step: Mapping[str, Json]) -> _Checked:
        """A create, with the children made in the same call."""
        desired = _fields(step["fields"])
        patch = self.bench.mapping.create_patch(
            self.side, member.entity, member.kind, desired, self.bench.lookups()
        )
        write = self._write(member, Operation.CREATE, step, _only(desired, patch.carried))
        write.fields = {**patch.fields, **self._name(member)}
        write.key = member.on(self.side.other).record_id
        parent_field = self.bench.mapping.parent_field(self.side, member.entity, member.kind)
        if parent_field and self.side is Side.SALESFORCE:
            write.fields[parent_field] = write.parent_id
        problems = [told(p) for p in patch.problems]
        children = step.get("children")
        for binding, fields in children.items() if isinstance(children, dict) else ():
            child = self.lane.member(int(binding))
            if child is None:
                continue
            values = _fields(fields)
            made = self.bench.mapping.create_patch(
                self.side, child.entity, child.kind, values, self.bench.lookups()
            )
            if made.problems:
                continue
            write.children[child.binding_id] = _only(values, made.carried)
            write.child_fields.append(dict(made.fields))
        return _Checked(write, problems)

    def update(self, member: Member, step: Mapping[str, Json]) -> _Checked:
        """An update of one facet; our key is stamped with the first write after an adoption."""
        changed = _fields(step["fields"])
        desired = {name: cell.value for name, cell in member.on(self.side).cells.items()} | changed
        patch = self.bench.mapping.to_native(
            self.side, member.entity, member.kind, changed, desired, self.bench.lookups()
        )
        self._waive(member, {name: value for name, value in changed.items() if name not in patch.carried})
        write = self._write(member, Operation.UPDATE, step, _only(changed, patch.carried))
        write.fields = dict(patch.fields)
        if "contact_name" in write.fields:
            write.fields.update(self._name(member))
        if step["facet"] == "main":
            write.fields.update(self._stamp(member))
        else:
            self._address_primary(member, write, desired)
        return _Checked(write, [told(p) for p in patch.problems])

    def _waive(self, member: Member, fields: Fields) -> None:
        """What no rule carries to this side under the present conditions is not planned again unchanged."""
        for name, value in fields.items():
            member.on(self.side).waived[f"field:{name}"] = digest_of(Operation.UPDATE, name, {name: value})
        if fields:
            self.bench.keep_ready[self.lane.id] = self.bench.uow.now

    def bare(self, member: Member, step: Mapping[str, Json], operation: Operation) -> Write:
        """A look-up, a status call, a delete."""
        write = self._write(member, operation, step, _fields(step["fields"]))
        if operation is Operation.FIND:
            here = member.on(self.side.other).cells
            write.key = member.on(self.side.other).record_id
            write.fields = {
                name: str(here[name].value)
                for name in ("name", "email", "phone", "website")
                if name in here and here[name].value
            }
        return write

    def _write(self, member: Member, operation: Operation, step: Mapping[str, Json], values: Fields) -> Write:
        there = member.on(self.side)
        entity = there.entity or self.bench.mapping.native_entity(self.side, member.entity, member.kind)
        parent = self.lane.root.on(self.side).record_id if member is not self.lane.root else ""
        return Write(
            id=0,
            binding_id=member.binding_id,
            side=self.side,
            operation=operation,
            entity=entity,
            record_id=there.record_id,
            parent_id=parent,
            values=values,
            facet=str(step["facet"]),
            blanked=_number(step["blanked"]),
            composed=_names(step.get("composed")),
            digest=str(step.get("digest") or ""),
        )

    def _stamp(self, member: Member) -> dict[str, Json]:
        key_field = self.bench.services.line.key_fields[self.side]
        there, source = member.on(self.side), member.on(self.side.other).record_id
        carries = bool(key_field) and (self.side is Side.SALESFORCE or member is self.lane.root)
        return {key_field: source} if carries and source and there.image.get(key_field) != source else {}

    def _address_primary(self, member: Member, write: Write, desired: Fields) -> None:
        """The e-mail and names of an individual stand in Zoho on the contact's primary person."""
        if write.facet == "primary_person":
            person = member.on(self.side).image.get("primary_person.contact_person_id")
            write.entity, write.parent_id, write.record_id = (
                "contact_person",
                write.record_id,
                str(person or ""),
            )
            write.fields = {
                name.removeprefix("primary_person."): value for name, value in write.fields.items()
            }
            if not person:
                whole = self.bench.mapping.create_patch(
                    self.side, member.entity, member.kind, desired, self.bench.lookups()
                )
                write.operation, write.fields = Operation.CREATE, whole.inner("primary_person")

    def _name(self, member: Member) -> dict[str, Json]:
        """The name a taken one was replaced by, by pattern."""
        pattern = member.on(self.side).waived.get("name pattern")
        if self.side is not Side.ZOHO or not pattern:
            return {}
        here = member.on(self.side.other).cells
        texts = {
            name: str(cell.value or "") for name, cell in here.items() if name in ("name", "email", "phone")
        }
        return {"contact_name": apply_pattern(pattern, texts)}


def apply_pattern(pattern: str, texts: Mapping[str, str]) -> str:
    """Fill `{name}`, `{email}` and `{phone}`; nothing else is interpreted."""
    for name in ("name", "email", "phone"):
        pattern = pattern.replace("{" + name + "}", texts.get(name, ""))
    return pattern


def _fields(encoded: Json) -> Fields:
    return decode_fields(encoded) if isinstance(encoded, dict) else {}


def _only(fields: Fields, names: Collection[str]) -> Fields:
    return {name: value for name, value in fields.items() if name in names}


def _names(value: Json | None) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


__all__ = ["RequestBuilder", "Value", "apply_pattern", "validate"]
